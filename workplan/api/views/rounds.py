"""Reporting rounds: planned, opened, closed and published, and who has reported in them."""

from typing import Any

from django.http import Http404, HttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from workplan import permissions, rules
from workplan.actions import (
    Actor,
    close_round,
    delete_round,
    open_round,
    plan_rounds,
    publish_round,
    reopen_round,
    save_round,
    schedule_publication,
    submit_bulk_report,
    unschedule_publication,
    withdraw_publication,
)
from workplan.api import serializers
from workplan.api.base import Records
from workplan.api.etags import etag_of, identity
from workplan.api.renderers import to_json
from workplan.api.views.activities import one_of, shown_updates
from workplan.api.views.conditions import MADE, WRONG_STATE, conditional, if_match
from workplan.api.views.counts import counts
from workplan.exceptions import NotAllowed, Stale
from workplan.filters import ObligationFilterSet, RoundFilterSet
from workplan.models import Obligation, ReportingRound
from workplan.monitoring import completion

ONLY_THE_SECRETARIAT = "Only the secretariat plans, opens and closes reporting rounds."
ALONE = {200: serializers.RoundSerializer, 412: serializers.StaleRoundError}
ROUND_EXAMPLE = OpenApiExample(
    "A half-year",
    request_only=True,
    value={
        "plan": "tip-2016-2020",
        "code": "2018-1",
        "name": "First half of 2018",
        "kind": "half_year",
        "period_start": "2018-01-01",
        "period_end": "2018-06-30",
        "opens_on": "2018-07-01",
        "due_on": "2018-07-31",
        "closes_on": "2018-08-15",
        "due_soon_days": 14,
        "silence_days": None,
        "publication": "at_once",
    },
)


class Rounds(Records):
    """Reporting rounds, in the order of their periods."""

    queryset = ReportingRound.objects.none()
    serializer_class: Any = serializers.RoundSerializer
    filterset_class: Any = RoundFilterSet
    errors = {"POST": WRONG_STATE} | dict.fromkeys(("PATCH", "DELETE"), conditional("round"))

    def get_queryset(self) -> Any:
        rounds = ReportingRound.objects.visible_to(self.request.user).for_display().with_blockers()
        return rounds.prefetch_related("exceptions__body")

    def get_object(self) -> Any:
        reporting_round = super().get_object()
        self.identity = identity(reporting_round)
        return reporting_round

    def require_permission(self) -> None:
        if not permissions.can_manage_rounds(self.request.user):
            raise NotAllowed(ONLY_THE_SECRETARIAT)

    def managed(self) -> tuple[ReportingRound, int]:
        """The round, and the version of it that the caller, who keeps rounds, has read."""
        reporting_round = self.get_object()
        self.require_permission()
        return reporting_round, self.version_sent(reporting_round)

    def by(self) -> Actor:
        return Actor.of(self.request, "api")

    def read(self, serializer: type[Any]) -> Any:
        sent = serializer(data=self.request.data)
        sent.is_valid(raise_exception=True)
        return sent.validated_data

    def updated_response(self, reporting_round: ReportingRound, *, status: int = 200) -> Response:
        return self.written(*self._alone(reporting_round.pk), status=status)

    def current_representation(self, stale: list[Any]) -> tuple[Any, str]:
        shown, identified = self._alone(stale[0].pk)
        return shown, etag_of(to_json(shown), identified)

    def _alone(self, pk: int) -> tuple[Any, str]:
        found = self.get_queryset().get(pk=pk)
        return serializers.RoundSerializer(found, context=self.serializer_context()).data, identity(found)

    @extend_schema(
        request=serializers.RoundInput,
        parameters=MADE,
        examples=[ROUND_EXAMPLE],
        responses={201: serializers.RoundSerializer},
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Plan a round. For the secretariat."""
        self.require_permission()
        values = self.read(serializers.RoundInput)
        reason = values.pop("reason", "")
        values.setdefault("asks_for_all", rules.asks_for_all_by_default(values.get("kind", rules.HALF_YEAR)))
        reporting_round = ReportingRound(**values)
        save_round(reporting_round=reporting_round, by=self.by(), reason=reason)
        return self.updated_response(reporting_round, status=201)

    @extend_schema(request=serializers.RoundChange, parameters=[if_match("round")], responses=ALONE)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Change a round that is planned or open. For the secretariat."""
        reporting_round, version = self.managed()
        values = self.read(serializers.RoundChange)
        reason = values.pop("reason", "")
        for name, value in values.items():
            setattr(reporting_round, name, value)
        save_round(reporting_round=reporting_round, version=version, by=self.by(), reason=reason)
        return self.updated_response(reporting_round)

    @extend_schema(parameters=[if_match("round")], responses={204: None, 412: serializers.StaleRoundError})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Delete a round that was never opened. For the secretariat."""
        reporting_round, version = self.managed()
        if version != reporting_round.version:
            raise Stale(current=[reporting_round])
        delete_round(reporting_round=reporting_round, by=self.by())
        return Response(status=204)

    @extend_schema(request=serializers.PlanOfRounds, responses={201: serializers.RoundsSerializer})
    def plan(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Plan a round for each half-year of a plan that has none yet. For the secretariat."""
        self.require_permission()
        made = plan_rounds(plan=self.read(serializers.PlanOfRounds)["plan"], by=self.by())
        rounds = self.get_queryset().filter(pk__in=[one.pk for one in made])
        return Response({"rounds": self.get_serializer(rounds, many=True).data}, status=201)

    @extend_schema(responses=serializers.CompletionSerializer)
    def completion(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Who has reported in the round, by body and in all."""
        found = completion.of_round(self.get_object(), request.user)
        self.identity = None
        return Response(
            {
                "round": found.round.pk,
                "code": found.round.code,
                "name": found.round.name,
                "state": found.round.state,
                "total": counts(found.total),
                "bodies": [{"body": body.acronym, "counts": counts(number)} for body, number in found.bodies],
                "without_lead": counts(found.without_lead),
            }
        )

    @extend_schema(
        request=serializers.BulkReportInput,
        examples=[
            OpenApiExample(
                "Nil return", request_only=True, value={"body": "SOMTC", "kind": "nil_return", "activities": [17, 18]}
            )
        ],
        responses={201: serializers.UpdatesSerializer},
    )
    def bulk_report(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Bulk report: submit “no change” or a nil return on several activities of one body, on all or on none."""
        reporting_round = self.get_object()
        bodies = permissions.bodies_of(request.user)
        if not bodies:
            raise NotAllowed("You do not represent a body that reports.")
        sent = self.read(serializers.BulkReportInput)
        body = one_of(sent.get("body"), bodies, "report")
        assert body is not None, "there is one where there are bodies"
        made = submit_bulk_report(
            reporting_round=reporting_round, body=body, activities=sent["activities"], kind=sent["kind"], by=self.by()
        )
        updates = shown_updates(request.user).filter(pk__in=[update.pk for update in made])
        shown = serializers.UpdateSerializer(updates, many=True, context=self.serializer_context()).data
        return Response({"updates": shown}, status=201)


class RoundTransitions(Rounds):
    """A round on its way: planned, open, closed, published."""

    errors = {"POST": conditional("round")}

    @extend_schema(request=None, parameters=[if_match("round")], responses=ALONE)
    def open(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Open a planned round: from now on one report is due on each activity. For the secretariat."""
        reporting_round, version = self.managed()
        return self.updated_response(open_round(reporting_round=reporting_round, version=version, by=self.by()))

    @extend_schema(request=None, parameters=[if_match("round")], responses=ALONE)
    def close(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Close an open round; reviews go on. For the secretariat."""
        reporting_round, version = self.managed()
        return self.updated_response(close_round(reporting_round=reporting_round, version=version, by=self.by()))

    @extend_schema(
        request=serializers.Reason,
        parameters=[if_match("round")],
        examples=[OpenApiExample("Reopened", request_only=True, value={"reason": "Two bodies were left out."})],
        responses=ALONE,
    )
    def reopen(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Open a closed round again, with a reason. For the secretariat."""
        reporting_round, version = self.managed()
        reason = self.read(serializers.Reason)["reason"]
        return self.updated_response(
            reopen_round(reporting_round=reporting_round, version=version, reason=reason, by=self.by())
        )

    @extend_schema(
        request=serializers.PublicationInput,
        parameters=[if_match("round")],
        examples=[
            OpenApiExample("Nobody loses anything", request_only=True, value={}),
            OpenApiExample("Confirmed", request_only=True, value={"confirmed_bodies": ["ACWC"]}),
        ],
        responses=ALONE,
    )
    def publish(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Finish a closed round: nobody reports in it any more. For the secretariat.

        While a body may still report (its deadline extension or its due date runs), or a report of it waits for
        review, the answer is 409 with the code `ends_rights`, and `confirmed_bodies` says what each body would lose.
        To publish nevertheless, send the names of these bodies in `confirmed_bodies`.
        """
        reporting_round, version = self.managed()
        confirmed = self.read(serializers.PublicationInput).get("confirmed_bodies", [])
        return self.updated_response(
            publish_round(reporting_round=reporting_round, version=version, confirmed_bodies=confirmed, by=self.by())
        )

    @extend_schema(
        request=serializers.PublicationDay,
        parameters=[if_match("round")],
        examples=[OpenApiExample("A day", request_only=True, value={"publish_on": "2018-09-01"})],
        responses=ALONE,
    )
    def schedule(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Have a round published by itself on a day. For the secretariat.

        On that day it has to be closed, and publishing it must take nothing from a body; else it stays as it is, and
        the secretariat is notified.
        """
        reporting_round, version = self.managed()
        day = self.read(serializers.PublicationDay)["publish_on"]
        return self.updated_response(
            schedule_publication(reporting_round=reporting_round, version=version, publish_on=day, by=self.by())
        )

    @extend_schema(request=None, parameters=[if_match("round")], responses=ALONE)
    def unschedule(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take back the day on which a round is published by itself. For the secretariat."""
        reporting_round, version = self.managed()
        return self.updated_response(
            unschedule_publication(reporting_round=reporting_round, version=version, by=self.by())
        )

    @extend_schema(
        request=serializers.Reason,
        parameters=[if_match("round")],
        examples=[OpenApiExample("Withdrawn", request_only=True, value={"reason": "The wrong round was published."})],
        responses=ALONE,
    )
    def withdraw(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Withdraw a publication that was made in error, with a reason; the round is closed again.

        For the secretariat, as long as nobody has built on it: since then no other round of the plan was opened,
        closed or published, none is open, no status was recorded on one of its activities, and no contradiction
        between reports was decided on.
        """
        reporting_round, version = self.managed()
        reason = self.read(serializers.Reason)["reason"]
        return self.updated_response(
            withdraw_publication(reporting_round=reporting_round, version=version, reason=reason, by=self.by())
        )


class RoundObligations(Rounds):
    """The reports due in a round, for all who take part in reporting."""

    serializer_class = serializers.ObligationSerializer
    filterset_class = ObligationFilterSet
    errors = {"GET": {"403": "This person takes no part in reporting."}}

    def get_queryset(self) -> Any:
        rounds = ReportingRound.objects.visible_to(self.request.user)
        reporting_round = rounds.filter(pk=self.kwargs["pk"]).first()
        if reporting_round is None:
            raise Http404
        if not permissions.can_see_progress(self.request.user):
            self.permission_denied(self.request, "Reports due are visible only to the bodies and the secretariat.")
        due = Obligation.objects.filter(round=reporting_round).with_timeliness().as_seen_by(self.request.user)
        return due.select_related("activity__plan", "body").order_by("activity__position", "body__position", "pk")
