"""Reporting rounds: planned, opened, closed and published, and who has reported in them."""

from typing import Any

from django.http import Http404, HttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from workplan import completion, permissions
from workplan.actions import (
    Actor,
    close_round,
    delete_round,
    give_exception,
    open_round,
    plan_rounds,
    publish_round,
    reopen_round,
    report_alike,
    save_round,
)
from workplan.api import serializers
from workplan.api.base import Records
from workplan.api.etags import etag_of
from workplan.api.renderers import to_json
from workplan.api.views.activities import one_of, shown_updates
from workplan.api.views.conditions import WRONG_STATE, conditional, if_match
from workplan.api.views.counts import counts
from workplan.exceptions import NotAllowed, Stale
from workplan.filters import ObligationFilterSet, RoundFilterSet
from workplan.models import Obligation, ReportingRound

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
        rounds = ReportingRound.objects.visible_to(self.request.user).for_display().with_hindrances()
        return rounds.prefetch_related("exceptions__body")

    def get_object(self) -> Any:
        the_round = super().get_object()
        self.version = the_round.version
        return the_round

    def refuse_strangers(self) -> None:
        if not permissions.can_manage_rounds(self.request.user):
            raise NotAllowed(ONLY_THE_SECRETARIAT)

    def managed(self) -> tuple[ReportingRound, int]:
        """The round, and the version of it that the caller, who keeps rounds, has read."""
        the_round = self.get_object()
        self.refuse_strangers()
        return the_round, self.version_sent(the_round.version)

    def by(self) -> Actor:
        return Actor.of(self.request, "api")

    def read(self, serializer: type[Any]) -> Any:
        sent = serializer(data=self.request.data)
        sent.is_valid(raise_exception=True)
        return sent.validated_data

    def shown_again(self, the_round: ReportingRound, *, status: int = 200) -> Response:
        return self.written(*self._alone(the_round.pk), status=status)

    def as_it_stands(self, stale: list[Any]) -> tuple[Any, str]:
        shown, version = self._alone(stale[0].pk)
        return shown, etag_of(to_json(shown), version)

    def _alone(self, pk: int) -> tuple[Any, int]:
        found = self.get_queryset().get(pk=pk)
        return serializers.RoundSerializer(found, context=self.serializer_context()).data, found.version

    @extend_schema(
        request=serializers.RoundInput, examples=[ROUND_EXAMPLE], responses={201: serializers.RoundSerializer}
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Plan a round. For the secretariat."""
        self.refuse_strangers()
        values = self.read(serializers.RoundInput)
        reason = values.pop("reason", "")
        the_round = ReportingRound(**values)
        save_round(the_round=the_round, by=self.by(), reason=reason)
        return self.shown_again(the_round, status=201)

    @extend_schema(request=serializers.RoundChange, parameters=[if_match("round")], responses=ALONE)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Change a round that is planned or open. For the secretariat."""
        the_round, version = self.managed()
        values = self.read(serializers.RoundChange)
        reason = values.pop("reason", "")
        for name, value in values.items():
            setattr(the_round, name, value)
        save_round(the_round=the_round, version=version, by=self.by(), reason=reason)
        return self.shown_again(the_round)

    @extend_schema(parameters=[if_match("round")], responses={204: None, 412: serializers.StaleRoundError})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Delete a round that was never opened. For the secretariat."""
        the_round, version = self.managed()
        if version != the_round.version:
            raise Stale(current=[the_round])
        delete_round(the_round=the_round, by=self.by())
        return Response(status=204)

    @extend_schema(request=serializers.PlanOfRounds, responses={201: serializers.RoundsSerializer})
    def plan(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Plan a round for each half-year of a plan that has none yet. For the secretariat."""
        self.refuse_strangers()
        made = plan_rounds(plan=self.read(serializers.PlanOfRounds)["plan"], by=self.by())
        rounds = self.get_queryset().filter(pk__in=[one.pk for one in made])
        return Response({"rounds": self.get_serializer(rounds, many=True).data}, status=201)

    @extend_schema(
        request=serializers.ExceptionInput,
        examples=[
            OpenApiExample(
                "Two more weeks",
                request_only=True,
                value={"body": "SOMTC", "until": "2018-08-14", "reason": "The focal point has changed."},
            )
        ],
        responses={201: serializers.RoundSerializer},
    )
    def give_exception(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Give a body more time, or change what was given. For the secretariat."""
        the_round = self.get_object()
        self.refuse_strangers()
        values = self.read(serializers.ExceptionInput)
        give_exception(the_round=the_round, by=self.by(), **values)
        return self.shown_again(the_round, status=201)

    @extend_schema(responses=serializers.CompletionSerializer)
    def completion(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Who has reported in the round, by body and in all."""
        found = completion.of_round(self.get_object(), request.user)
        self.version = None
        return Response(
            {
                "round": found.round.pk,
                "code": found.round.code,
                "name": found.round.name,
                "state": found.round.state,
                "total": counts(found.total),
                "bodies": [
                    {"body": body.acronym if body else None, "counts": counts(number)} for body, number in found.bodies
                ],
            }
        )

    @extend_schema(
        request=serializers.Alike,
        examples=[
            OpenApiExample(
                "Nil return", request_only=True, value={"body": "SOMTC", "kind": "nil_return", "activities": [17, 18]}
            )
        ],
        responses={201: serializers.UpdatesSerializer},
    )
    def alike(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Submit “no change” or a nil return on several activities of one body: on all, or on none."""
        the_round = self.get_object()
        bodies = permissions.bodies_of(request.user)
        if not bodies:
            raise NotAllowed("You do not speak for a body that reports.")
        sent = self.read(serializers.Alike)
        body = one_of(sent.get("body"), bodies, "report")
        assert body is not None, "there is one where there are bodies"
        made = report_alike(
            the_round=the_round, body=body, activities=sent["activities"], kind=sent["kind"], by=self.by()
        )
        updates = shown_updates(request.user).filter(pk__in=[update.pk for update in made])
        shown = serializers.UpdateSerializer(updates, many=True, context=self.serializer_context()).data
        return Response({"updates": shown}, status=201)


class RoundMoves(Rounds):
    """A round on its way: planned, open, closed, published."""

    errors = {"POST": conditional("round")}

    @extend_schema(request=None, parameters=[if_match("round")], responses=ALONE)
    def open(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Open a planned round: from now on each activity owes one report. For the secretariat."""
        the_round, version = self.managed()
        return self.shown_again(open_round(the_round=the_round, version=version, by=self.by()))

    @extend_schema(request=None, parameters=[if_match("round")], responses=ALONE)
    def close(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Close an open round; reviews go on. For the secretariat."""
        the_round, version = self.managed()
        return self.shown_again(close_round(the_round=the_round, version=version, by=self.by()))

    @extend_schema(
        request=serializers.Reason,
        parameters=[if_match("round")],
        examples=[OpenApiExample("Reopened", request_only=True, value={"reason": "Two bodies were left out."})],
        responses=ALONE,
    )
    def reopen(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Open a closed round again, with a reason. For the secretariat."""
        the_round, version = self.managed()
        reason = self.read(serializers.Reason)["reason"]
        return self.shown_again(reopen_round(the_round=the_round, version=version, reason=reason, by=self.by()))

    @extend_schema(request=None, parameters=[if_match("round")], responses=ALONE)
    def publish(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Finish a closed round, which then never changes. For the secretariat."""
        the_round, version = self.managed()
        return self.shown_again(publish_round(the_round=the_round, version=version, by=self.by()))


class RoundObligations(Rounds):
    """What is owed in a round, for all who take part in reporting."""

    serializer_class = serializers.ObligationSerializer
    filterset_class = ObligationFilterSet
    errors = {"GET": {"403": "This person takes no part in reporting."}}

    def get_queryset(self) -> Any:
        rounds = ReportingRound.objects.visible_to(self.request.user)
        the_round = rounds.filter(pk=self.kwargs["pk"]).first()
        if the_round is None:
            raise Http404
        if not permissions.can_see_progress(self.request.user):
            self.permission_denied(self.request, "What is owed is for the bodies and the secretariat to see.")
        owed = Obligation.objects.filter(round=the_round).with_timeliness().as_seen_by(self.request.user)
        return owed.select_related("activity__plan", "body").order_by("activity__position", "body__position", "pk")
