"""Activities, what is reported on them, and what cooperating bodies add."""

from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request

from workplan import permissions, rules
from workplan.actions import Actor, Report, begin_report, contribute, record_status, submit_report
from workplan.api import serializers
from workplan.api.advice import TOLD, advised, is_strict
from workplan.api.base import Records
from workplan.api.etags import etag_of, identity
from workplan.api.reading import WrittenByDatabase
from workplan.api.renderers import to_json
from workplan.api.views.conditions import MADE, conditional, if_match
from workplan.exceptions import Invalid, NotAllowed
from workplan.filters import ActivityFilterSet, ContributionFilterSet, UpdateFilterSet
from workplan.models import Activity, Contribution, ReportingRound, SectoralBody, StatusUpdate
from workplan.querysets.reporting_windows import ReportingWindows

# A program that goes on with the same activity need not read it again.
ACTIVITY_ETAG = "Apta-Activity-ETag"
REPORT_EXAMPLE = OpenApiExample(
    "A progress report",
    request_only=True,
    value={
        "status": "ongoing",
        "as_of": "2018-06-30",
        "narrative": "The training module was drafted and sent to all lead bodies for comment.",
        "outputs_delivered": "Draft module",
        "challenges": "",
        "next_steps": "Pilot training in the second half of the year.",
        "evidence": [{"title": "Draft module", "url": "https://example.org/module.pdf"}],
        "round": None,
        "kind": "progress",
        "submit": True,
    },
)
DRAFT_EXAMPLE = OpenApiExample(
    "A draft", request_only=True, value={"narrative": "The training module …", "submit": False}
)
CONTRIBUTION_EXAMPLE = OpenApiExample(
    "A contribution", request_only=True, value={"text": "Two trainers of our network reviewed the module."}
)


def shown_activities(user: Any, reporting_windows: ReportingWindows) -> Any:
    """The activities that ``user`` may read, with all that their JSON shows."""
    rows = Activity.objects.visible_to(user).for_display()
    return reporting_windows.with_reports(rows.prefetch_related("latest_update__evidence"))


def shown_updates(user: Any) -> Any:
    """The updates that ``user`` may read, with all that a row of JSON shows."""
    updates = StatusUpdate.objects.visible_to(user).for_display().with_part_of(user)
    # Whether a joint lead can concur is only for those who represent a body.
    return updates.prefetch_related("concurrences") if permissions.bodies_of(user) else updates


def update_alone(user: Any, pk: int, context: dict[str, Any]) -> tuple[Any, str]:
    """An update as its own address shows it to ``user`` now, and its version."""
    update = get_object_or_404(with_related_records(StatusUpdate.objects.visible_to(user).for_display()), pk=pk)
    return serializers.UpdateDetailSerializer(update, context=context).data, identity(update)


def with_related_records(updates: Any) -> Any:
    return updates.prefetch_related("reviews", "concurrences__body", "comments__body")


def one_of(named: SectoralBody | None, own: list[SectoralBody], what: str) -> SectoralBody | None:
    """The body that a person represents: the one named, or the only one it can be.

    Raises:
        Invalid: it could be several.
    """
    if named is None and len(own) > 1:
        known = ", ".join(body.acronym for body in own)
        raise Invalid(fields={"body": [f"You represent several bodies that {what}. Name one of {known}."]})
    return named or next(iter(own), None)


class Activities(WrittenByDatabase):
    """Activities, the rows that are tracked, in document order."""

    queryset = Activity.objects.none()
    serializer_class = serializers.ActivitySerializer
    filterset_class = ActivityFilterSet

    def get_queryset(self) -> Any:
        return shown_activities(self.request.user, self.reporting_windows)

    def rows_to_read(self) -> Any:
        return Activity.objects.visible_to(self.request.user).in_order()

    def get_serializer_class(self) -> Any:
        return serializers.ActivityDetailSerializer if self.action == "retrieve" else self.serializer_class

    def get_object(self) -> Any:
        activity = super().get_object()
        self.identity = identity(activity)
        return activity


class OfActivity(Records):
    """What belongs to one activity."""

    def activity(self) -> Activity:
        """The activity with its bodies, which permissions ask for."""
        rows = Activity.objects.visible_to(self.request.user).select_related("plan")
        return get_object_or_404(rows.prefetch_related("responsibilities__body"), pk=self.kwargs["pk"])

    def resolve_round(self, activity: Activity, named: int | None, body: SectoralBody | None) -> ReportingRound | None:
        """The round ``named``; else the one that takes reports of ``body``, or would if it still did.

        Raises:
            Invalid: there is none with this id.
        """
        rounds = ReportingRound.objects.visible_to(self.request.user)
        if named is not None:
            reporting_round = rounds.filter(pk=named).first()
            if reporting_round is None:
                raise Invalid(fields={"round": [f"There is no round {named}. Give the id of one, or null."]})
            return reporting_round
        own_round = self.reporting_windows.round_for(activity, body) if body else None
        return own_round or rounds.current().filter(plan=activity.plan_id).first()


class ActivityUpdates(OfActivity):
    """The history of one activity."""

    queryset = StatusUpdate.objects.none()
    serializer_class = serializers.UpdateSerializer
    filterset_class = UpdateFilterSet
    errors = {"POST": conditional("activity")}

    def get_queryset(self) -> Any:
        user = self.request.user
        activities = Activity.objects.visible_to(user)
        activity = get_object_or_404(activities.only("version"), pk=self.kwargs["pk"])
        self.identity = identity(activity)
        return shown_updates(user).filter(activity=activity)

    @extend_schema(
        request=serializers.ReportInput,
        parameters=[
            if_match("activity"),
            *MADE,
            OpenApiParameter(
                ACTIVITY_ETAG, str, "header", response=[201], description="The ETag of the activity as it is now."
            ),
        ],
        examples=[REPORT_EXAMPLE, DRAFT_EXAMPLE],
        responses={
            201: OpenApiResponse(serializers.UpdateDetailSerializer, "Recorded; `state` says what has become of it."),
            412: serializers.StaleError,
        },
        description=f"""Report on an activity, or begin a draft.

What the secretariat enters is approved at once, and is the report of a round only where it names one. What a
focal point sends is submitted as the report of their body. With `"submit": false` either is kept as a draft.
The ETag of the answer is that of the update; `Apta-Activity-ETag` is that of the activity as it is now.

{TOLD}""",
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Report on an activity, or begin a draft."""
        activity = self.activity()
        user = request.user
        if not permissions.can_report(user, activity):
            raise NotAllowed(f"You do not report on {activity.ref}: its lead bodies do, and the secretariat.")
        version = self.version_sent(activity)
        sent = serializers.ReportInput(data=request.data)
        sent.is_valid(raise_exception=True)
        named, body = sent.validated_data.get("round"), sent.validated_data.get("body")
        by, report, submit = Actor.of(request, "api"), sent.report(), sent.validated_data["submit"]
        becoming_status = []
        if permissions.enters_directly(user, body):
            reporting_round = self.resolve_round(activity, named, None) if named else None
            if submit:
                becoming_status = [(activity, report.as_of)] if report.kind not in rules.KINDS_WITHOUT_NARRATIVE else []
                update = record_status(
                    activity=activity,
                    version=version,
                    report=report,
                    by=by,
                    reporting_round=reporting_round,
                    body=body,
                    confirmed=not is_strict(request),
                )
            else:
                update = begin_report(
                    activity=activity, version=version, report=report, by=by, reporting_round=reporting_round, body=body
                )
        else:
            update = self._report_of_body(activity, version, report, submit, named=named, body=body, by=by)
        response = self.written(*update_alone(user, update.pk, self.serializer_context()), status=201)
        _, response[ACTIVITY_ETAG] = self.current_representation([activity])
        return advised(response, becoming_status, request)

    @transaction.atomic
    def _report_of_body(
        self,
        activity: Activity,
        version: int,
        report: Report,
        submit: bool,
        *,
        named: int | None,
        body: SectoralBody | None,
        by: Actor,
    ) -> StatusUpdate:
        body = one_of(body, permissions.bodies_reporting(by.user, activity), f"lead {activity.ref}")
        reporting_round = self.resolve_round(activity, named, body)
        draft = begin_report(
            activity=activity, version=version, report=report, by=by, reporting_round=reporting_round, body=body
        )
        return submit_report(update=draft, version=draft.version, by=by) if submit else draft

    def current_representation(self, stale: list[Any]) -> tuple[Any, str]:
        activity = shown_activities(self.request.user, self.reporting_windows).get(pk=stale[0].pk)
        shown = serializers.ActivityDetailSerializer(activity, context=self.serializer_context()).data
        return shown, etag_of(to_json(shown), identity(activity))


def shown_contributions(user: Any) -> Any:
    return Contribution.objects.visible_to(user).for_display()


class Contributions(Records):
    """What cooperating bodies have added, for themselves, the lead bodies and the secretariat."""

    queryset = Contribution.objects.none()
    serializer_class = serializers.ContributionSerializer
    filterset_class = ContributionFilterSet
    errors = {"PATCH": conditional("contribution")}

    def get_queryset(self) -> Any:
        return shown_contributions(self.request.user)

    def get_object(self) -> Any:
        contribution = super().get_object()
        self.identity = identity(contribution)
        return contribution

    @extend_schema(
        request=serializers.ContributionChange,
        parameters=[if_match("contribution")],
        responses={200: serializers.ContributionSerializer, 412: serializers.StaleContributionError},
    )
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Write a contribution of one's own body anew."""
        there = self.get_object()
        if there.body not in permissions.bodies_contributing(request.user, there.activity):
            raise NotAllowed(f"You do not represent {there.body} as a body that cooperates in {there.activity.ref}.")
        version = self.version_sent(there)
        sent = serializers.ContributionChange(data=request.data)
        sent.is_valid(raise_exception=True)
        found = contribute(
            activity=there.activity,
            reporting_round=there.round,
            body=there.body,
            text=sent.validated_data["text"],
            version=version,
            by=Actor.of(request, "api"),
        )
        return self.written(*self._alone(found.pk))

    def current_representation(self, stale: list[Any]) -> tuple[Any, str]:
        if not stale:
            return None, ""
        shown, identified = self._alone(stale[0].pk)
        return shown, etag_of(to_json(shown), identified)

    def _alone(self, pk: int) -> tuple[Any, str]:
        found = shown_contributions(self.request.user).get(pk=pk)
        return serializers.ContributionSerializer(found, context=self.serializer_context()).data, identity(found)


class ActivityContributions(OfActivity, Contributions):
    """The contributions of cooperating bodies to one activity."""

    errors = {
        "POST": {
            "409": "The round takes no contributions.",
            "412": "The body has a contribution in this round already; `current` is it. Change that one.",
        }
    }

    def get_queryset(self) -> Any:
        user = self.request.user
        activity = get_object_or_404(Activity.objects.visible_to(user).only("pk"), pk=self.kwargs["pk"])
        return shown_contributions(user).filter(activity=activity)

    @extend_schema(
        request=serializers.ContributionInput,
        parameters=MADE,
        examples=[CONTRIBUTION_EXAMPLE],
        responses={201: serializers.ContributionSerializer, 412: serializers.StaleContributionError},
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Add a contribution to the report of the lead body, for a body that cooperates."""
        activity = self.activity()
        own = permissions.bodies_contributing(request.user, activity)
        if not own:
            raise NotAllowed(f"You do not represent a body that cooperates in {activity.ref}.")
        sent = serializers.ContributionInput(data=request.data)
        sent.is_valid(raise_exception=True)
        body = one_of(sent.validated_data.get("body"), own, f"cooperate in {activity.ref}")
        reporting_round = self.resolve_round(activity, sent.validated_data.get("round"), body)
        if reporting_round is None:
            raise Invalid(fields={"round": ["No reporting round has been opened, so there is nothing to add to."]})
        assert body is not None, "there is one where any cooperates"
        text, by = sent.validated_data["text"], Actor.of(request, "api")
        found = contribute(activity=activity, reporting_round=reporting_round, body=body, text=text, by=by)
        return self.written(*self._alone(found.pk), status=201)
