"""How to ask for activities, as they stand and as they were known on a day."""

import datetime
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Prefetch, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Concat, NullIf
from django.db.models.query import ModelIterable
from django.utils import timezone

from workplan import searching
from workplan.rules import (
    COOPERATING,
    COOPERATING_ONLY,
    LEAD,
    NO_BODY,
    NO_LEAD,
    NOT_REPORTED,
    move,
    passages,
)

if TYPE_CHECKING:
    from workplan.models import Activity, ReportingRound, SectoralBody
    from workplan.searching import Words


# What an activity repeats of its latest update, and what that is called as it was known at a moment.
AS_KNOWN = {"status": "known_status", "status_as_of": "known_status_as_of", "latest_update_id": "known_update"}


class _AsKnown(ModelIterable["Activity"]):
    """Activities with the status that was known at the moment their queryset looks back to."""

    def __iter__(self) -> Iterator["Activity"]:
        rows: Any = self.queryset
        updates = {}
        if "latest_update" in (rows.query.select_related or ()):
            # What is joined is the latest of today; that of then comes by one query more, for however many rows.
            known = apps.get_model("workplan", "StatusUpdate").objects.select_related("body", "round")
            updates = {update.pk: update for update in known.filter(pk__in=rows.values("known_update"))}
        for activity in super().__iter__():
            for name, then in AS_KNOWN.items():
                setattr(activity, name, getattr(activity, then))
            if activity.latest_update_id in updates:
                activity.latest_update = updates[activity.latest_update_id]
            activity.seen_at = rows.moment
            yield activity


class _Compared(_AsKnown):
    """Activities with the status that was known at the later moment, and how they moved to it since the earlier."""

    def __iter__(self) -> Iterator["Activity"]:
        for activity in super().__iter__():
            row: Any = activity
            row.moved = move(row.earlier_status, row.status)
            yield activity


class ActivityQuerySet(models.QuerySet["Activity"]):
    """Activities.

    Attributes:
        moment: the moment as of which they are seen; ``None`` for now.
        reader: who sees them; ``None`` where nobody does, and all is known.
    """

    moment: datetime.datetime | None = None
    reader: Any = None

    def _clone(self) -> Self:
        copy: Self = super()._clone()  # type: ignore[misc]
        copy.moment, copy.reader = self.moment, self.reader
        return copy

    def as_of(self, moment: datetime.datetime) -> Self:
        """The activities with the status, its day and its update as they were known at ``moment``.

        Known is what had been approved by then and was published, which a report that waits for its round is not
        before the round. An activity that entered the plan later is left out; all else that the document says is as
        it stands today.
        """
        rows = self.filter(~_entered_after(moment)).annotate(**as_known(moment))
        rows.moment = moment
        rows._iterable_class = _AsKnown
        return rows

    def compared(self, earlier: datetime.datetime, later: datetime.datetime) -> Self:
        """The activities as of ``later``, beside what was known of them at ``earlier``.

        What ``as_of`` overlays is of the later moment. ``earlier_status``, ``earlier_status_as_of`` and
        ``earlier_update`` are of the earlier one; an activity that entered the plan between the two has none of
        them. ``moved`` is the kind of move, of ``rules.MOVES``.
        """
        before = as_known(earlier, prefix="earlier_")
        before["earlier_status"] = Case(When(_entered_after(earlier), then=None), default=before["earlier_status"])
        rows = self.as_of(later).annotate(**before)
        rows._iterable_class = _Compared
        return rows

    def in_move(self, asked: Collection[str]) -> Self:
        """Of activities that are ``compared``, those whose move is one of ``asked`` (of ``rules.MOVES_ASKED``)."""
        # One word for both statuses, so that each is looked up once for the whole list of moves.
        both = Concat(
            Coalesce("earlier_status", Value("")), Value(">"), F(self.column("status")), output_field=CharField()
        )
        return self.alias(_passage=both).filter(
            _passage__in=[f"{before or ''}>{after}" for before, after in passages(asked)]
        )

    def from_status(self, values: Collection[str]) -> Self:
        """Of activities that are ``compared``, those whose earlier status is one of ``values``."""
        return self.filter(earlier_status__in=values)

    def column(self, name: str) -> str:
        """What to filter, count or sort by for ``name``: the status as of the moment that the rows are seen at."""
        return name if self.moment is None else AS_KNOWN.get(name, name)

    def in_status(self, values: Collection[str]) -> Self:
        """The activities whose status is one of ``values``."""
        return self.filter(**{f"{self.column('status')}__in": values})

    def for_display(self) -> Self:
        """The activities with all that a row shows, in document order, in a fixed number of queries."""
        parts = apps.get_model("workplan", "Responsibility").objects.select_related("body").order_by("position", "id")
        # Areas are joined, not fetched once each: Django 5.2 asks SQLite for what stands before a row by one OR per
        # record, and SQLite takes no more than 1,000 (Django's tickets 36116 and 27833). Plans are few.
        return (
            self.select_related(
                "area__parent", "area__provision__section", "latest_update__body", "latest_update__round"
            )
            .prefetch_related(
                "plan",
                Prefetch("responsibilities", parts),
                Prefetch("obligations", self.owed_now(), to_attr="current_obligations"),
            )
            .order_by("plan", "position")
        )

    def visible_to(self, user: Any) -> Self:
        """The activities that ``user`` may read: all of them, where they may read at all."""
        from workplan import permissions

        rows = self.all() if permissions.may_read(user) else self.none()
        rows.reader = user
        return rows

    def owed_now(self) -> Any:
        """What is owed in the round that each plan is in, with ``shown_timeliness`` as the reader may know it.

        Of joint leads, the one with most time stands first and decides: until then any of them may still report.
        """
        from workplan import completion

        owed = apps.get_model("workplan", "Obligation").objects.in_current_rounds().order_by("-due_on", "pk")
        if self.reader is None:
            return owed.with_timeliness().annotate(shown_timeliness=F("timeliness"))
        return completion.shown_to(owed, self.reader)

    def involving(self, bodies: Collection["SectoralBody"] | None, role: str = "") -> Self:
        """The activities in which one of ``bodies`` has ``role``, or any role.

        "All other SB" makes every body cooperate that has no role of its own in the activity.

        Args:
            bodies: the bodies meant; ``None`` for any body at all.
            role: ``lead``, ``cooperating`` or empty for both.
        """
        responsibility = apps.get_model("workplan", "Responsibility")
        here = responsibility.objects.filter(activity=OuterRef("pk"))
        wanted = here if bodies is None else here.filter(body__in=bodies)
        if role == LEAD:
            return self.filter(Exists(wanted.filter(role=LEAD)))
        if bodies is None:
            named_here = here.filter(role=COOPERATING) if role else here
            return self.filter(Exists(named_here) | Q(all_other_bodies_cooperate=True))
        body = apps.get_model("workplan", "SectoralBody")
        unnamed = body.objects.filter(pk__in=[body.pk for body in bodies]).exclude(
            pk__in=responsibility.objects.filter(activity=OuterRef(OuterRef("pk"))).values("body")
        )
        named = wanted.filter(role=COOPERATING) if role else wanted
        return self.filter(Exists(named) | (Q(all_other_bodies_cooperate=True) & Exists(unnamed)))

    def led_by(self, bodies: Collection["SectoralBody"]) -> Self:
        """The activities of which one of ``bodies`` is a lead body."""
        return self.involving(bodies, LEAD)

    def in_gap(self, values: Collection[str]) -> Self:
        """The activities that lack what one of ``values`` (of ``rules.GAPS``) says."""
        named = apps.get_model("workplan", "Responsibility").objects.filter(activity=OuterRef("pk"))
        is_led = Q(Exists(named.filter(role=LEAD)))
        is_carried = Q(Exists(named)) | Q(all_other_bodies_cooperate=True)
        lacking = {NO_LEAD: ~is_led, COOPERATING_ONLY: ~is_led & is_carried, NO_BODY: ~is_carried}
        wanted = Q(pk=None)
        for value in values:
            wanted |= lacking[value]
        return self.filter(wanted)

    def mentioning(self, words: "str | Words") -> Self:
        """The activities that hold all of ``words``, as ``searching.HELP`` says."""
        return self.filter(searching.holding(self.model, words))

    def with_report_in(
        self, states: Collection[str], user: Any, rounds: "Collection[ReportingRound] | None" = None
    ) -> Self:
        """The activities that have an update in one of ``states`` which ``user`` may see, of ``rounds`` or of any."""
        update = apps.get_model("workplan", "StatusUpdate")
        reports = update.objects.visible_to(user).filter(activity=OuterRef("pk"), state__in=states)
        if rounds:
            reports = reports.filter(round__in=rounds)
        return self.filter(Exists(reports))

    def owed_in(self, rounds: "Collection[ReportingRound]") -> Self:
        """The activities on which a report is or was owed in one of ``rounds``."""
        owed = apps.get_model("workplan", "Obligation").objects.filter(activity=OuterRef("pk"), round__in=rounds)
        return self.filter(Exists(owed))

    def with_leads_known(self) -> Self:
        """With ``has_lead``: whether a body leads it. "All other SB" makes bodies cooperate, and none lead."""
        parts = apps.get_model("workplan", "Responsibility").objects.filter(activity=OuterRef("pk"), role=LEAD)
        return self.annotate(has_lead=Exists(parts))

    def with_something_to_ask(self) -> Self:
        """The activities of which the document leaves something open: a reading note, a remark, or no lead."""
        return self.with_leads_known().filter(~Q(reading_note="") | ~Q(notes=[]) | Q(has_lead=False))

    def timely(self, values: Collection[str]) -> Self:
        """The activities whose report in the current round is ``values`` (of ``rules.TIMELINESS``)."""
        decides = self.owed_now().filter(activity=OuterRef("pk")).values("shown_timeliness")[:1]
        known = self.alias(_timeliness=Coalesce(NullIf(Subquery(decides), Value("")), Value("not_due")))
        return known.filter(_timeliness__in=values)

    def timely_in(self, rounds: "Collection[ReportingRound]", values: Collection[str], user: Any) -> Self:
        """The activities whose report in one of ``rounds`` is ``values``, as far as ``user`` may know.

        They are the ones that the figures of these rounds count.
        """
        from workplan import completion

        owed = apps.get_model("workplan", "Obligation").objects.filter(round__in=rounds)
        shown = completion.shown_to(completion.each_activity_once(owed), user)
        return self.filter(Exists(shown.filter(activity=OuterRef("pk"), shown_timeliness__in=values)))

    def silent_for(self, number: int) -> Self:
        """The activities on which each of the last ``number`` rounds asked for a report and none was published.

        A round counts once it has been opened and its date has passed. A lead body that has more time is not silent
        before its time is up. As of a moment, it is what had been opened, was past and was known then.
        """
        rounds = apps.get_model("workplan", "ReportingRound").objects.past_due(self.moment)
        latest: dict[int, list[int]] = {}
        for plan, pk in rounds.order_by("plan", "-due_on", "-pk").values_list("plan", "pk"):
            latest.setdefault(plan, []).append(pk)
        meant = [pk for pks in latest.values() if len(pks) >= number for pk in pks[:number]]
        if not meant:
            return self.none()
        # Asked once for all rows, not for each of them: databases answer that well for a plan of any size.
        reports = apps.get_model("workplan", "StatusUpdate").objects.known_at(self.moment or timezone.now())
        owed = apps.get_model("workplan", "Obligation").objects.order_by().filter(round__in=meant).values("activity")
        asked_in_each = owed.annotate(number=Count("round", distinct=True)).filter(number=number)
        has_time = owed.filter(due_on__gte=timezone.localdate(self.moment))
        return self.filter(pk__in=asked_in_each.values("activity")).exclude(
            Q(pk__in=reports.filter(round__in=meant).values("activity")) | Q(pk__in=has_time)
        )


def _entered_after(moment: datetime.datetime) -> Exists:
    """Whether an activity entered the plan after ``moment``."""
    entries = apps.get_model("workplan", "AuditEntry").objects.filter(activity=OuterRef("pk"), at__gt=moment)
    return Exists(entries.filter(action="activity.created"))


def as_known(moment: datetime.datetime, prefix: str = "known_") -> dict[str, Any]:
    """What an activity repeats of its latest update, as it was known at ``moment``, as annotations.

    Args:
        prefix: what their names begin with.
    """
    known = apps.get_model("workplan", "StatusUpdate").objects.known_at(moment)
    latest = known.filter(activity=OuterRef("pk")).order_by("-approved_at", "-pk")
    return {
        f"{prefix}status": Coalesce(Subquery(latest.values("status")[:1]), Value(NOT_REPORTED)),
        f"{prefix}status_as_of": Subquery(latest.values("as_of")[:1]),
        f"{prefix}update": Subquery(latest.values("pk")[:1]),
    }
