"""Queries for activities, now and as of a moment."""

import datetime
from collections.abc import Collection, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Prefetch, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Concat
from django.db.models.query import ModelIterable

from workplan import permissions
from workplan.querysets.days import secretariat_day
from workplan.querysets.names import NamedQuerySet
from workplan.rules import (
    COOPERATING,
    COOPERATING_ONLY,
    KINDS_WITHOUT_NARRATIVE,
    LEAD,
    NO_BODY,
    NO_LEAD,
    NOT_REPORTED,
    confirmed_on,
    status_change,
    status_pairs,
)

if TYPE_CHECKING:
    from workplan.models import Activity, ReportingRound, SectoralBody


# What an activity repeats of the reports on it, and its name as of a moment.
AS_OF_COLUMNS = {
    "status": "known_status",
    "status_as_of": "known_status_as_of",
    "latest_update_id": "known_update",
    "confirmed_on": "known_confirmed_on",
}


class _AsOfIterable(ModelIterable["Activity"]):
    """Activities with the status as of the moment of their queryset."""

    def __iter__(self) -> Iterator["Activity"]:
        found = super().__iter__()
        # All rows at once, but for those that are read in chunks because they are many.
        size = self.chunk_size if self.chunked_fetch else None
        while chunk := list(islice(found, size)):
            yield from self._as_of_then(chunk)

    def _as_of_then(self, chunk: list["Activity"]) -> list["Activity"]:
        rows: Any = self.queryset
        updates: dict[Any, Any] = {}
        if "latest_update" in (rows.query.select_related or ()):
            # What is joined is the latest of today; that of then comes by one query more for each chunk.
            known = apps.get_model("workplan", "StatusUpdate").objects.select_related("body", "round")
            wanted = [getattr(activity, AS_OF_COLUMNS["latest_update_id"]) for activity in chunk]
            # By a query for all rows, which are too many to be named one by one.
            then = rows.values("known_update") if not self.chunked_fetch else [pk for pk in wanted if pk]
            updates = {update.pk: update for update in known.filter(pk__in=then)}
        for activity in chunk:
            for name, known_name in AS_OF_COLUMNS.items():
                setattr(activity, name, getattr(activity, known_name))
            activity.confirmed_on = confirmed_on(activity.confirmed_on, activity.status_as_of)
            if activity.latest_update_id in updates:
                activity.latest_update = updates[activity.latest_update_id]
            activity.shown_as_of = rows.moment
        return chunk


class _ComparedIterable(_AsOfIterable):
    """Activities with the status as of the later moment, and the change of status since the earlier one."""

    def __iter__(self) -> Iterator["Activity"]:
        for activity in super().__iter__():
            row: Any = activity
            row.moved = status_change(row.earlier_status, row.status)
            yield activity


class ActivityQuerySet(NamedQuerySet):
    """Activities.

    Attributes:
        moment: the moment as of which they are seen; ``None`` for now.
        reader: the user who sees them; ``None`` where the program asks for itself and nothing is hidden.
    """

    moment: datetime.datetime | None = None
    reader: Any = None

    def _clone(self) -> Self:
        copy: Self = super()._clone()  # type: ignore[misc]
        copy.moment, copy.reader = self.moment, self.reader
        return copy

    def as_of(self, moment: datetime.datetime) -> Self:
        """The activities with the status, its as-of date, its report and when it was confirmed, as of ``moment``.

        This is what had been approved and published by then, which a report that waits for its round is not
        before the round. An activity that entered the plan later is left out; all else that the document says is as
        it stands today.
        """
        rows = self.filter(~_entered_after(moment)).annotate(**as_of_annotations(moment))
        rows.moment = moment
        rows._iterable_class = _AsOfIterable
        return rows

    def compared(self, earlier: datetime.datetime, later: datetime.datetime) -> Self:
        """The activities as of ``later``, with their status as of ``earlier``.

        What ``as_of`` overlays is of the later moment. ``earlier_status``, ``earlier_status_as_of`` and
        ``earlier_update`` are of the earlier one; an activity that entered the plan between the two has none of
        them. ``moved`` is the change of status, of ``rules.STATUS_CHANGES``.
        """
        before = as_of_annotations(earlier, prefix="earlier_")
        before["earlier_status"] = Case(When(_entered_after(earlier), then=None), default=before["earlier_status"])
        rows = self.as_of(later).annotate(**before)
        rows._iterable_class = _ComparedIterable
        return rows

    def with_status_change(self, asked: Collection[str]) -> Self:
        """Of ``compared`` activities, those whose change is one of ``asked`` (of ``rules.STATUS_CHANGE_CHOICES``)."""
        # Both statuses in one value, so that each is looked up once for the whole list of changes.
        both = Concat(
            Coalesce("earlier_status", Value("")), Value(">"), F(self.column("status")), output_field=CharField()
        )
        return self.alias(_transition=both).filter(
            _transition__in=[f"{before or ''}>{after}" for before, after in status_pairs(asked)]
        )

    def from_status(self, values: Collection[str]) -> Self:
        """Of activities that are ``compared``, those whose earlier status is one of ``values``."""
        return self.filter(earlier_status__in=values)

    def column(self, name: str) -> str:
        """What to filter, count or sort by for ``name``: the status as of the moment that the rows are seen at."""
        return name if self.moment is None else AS_OF_COLUMNS.get(name, name)

    def in_status(self, values: Collection[str]) -> Self:
        """The activities whose status is one of ``values``."""
        return self.filter(**{f"{self.column('status')}__in": values})

    def for_display(self) -> Self:
        """The activities with all that a row shows, in document order, in a fixed number of queries."""
        parts = apps.get_model("workplan", "Responsibility").objects.select_related("body").order_by("position", "id")
        # Areas are joined, not fetched once each: Django 5.2 asks SQLite for what precedes a row by one OR per
        # record, and SQLite takes no more than 1,000 (Django's tickets 36116 and 27833). Plans are few.
        return (
            self.select_related(
                "area__parent", "area__provision__section", "latest_update__body", "latest_update__round"
            )
            .prefetch_related(
                "plan",
                Prefetch("responsibilities", parts),
                Prefetch("obligations", self.current_obligations(), to_attr="current_obligations"),
            )
            .in_order()
        )

    def in_order(self) -> Self:
        """The activities in document order, the plan that was entered last first: as an index has them."""
        return self.order_by("-plan_id", "position")

    def visible_to(self, user: Any) -> Self:
        """The activities that ``user`` may read: all of them, where they may read at all."""
        rows = self.all() if permissions.may_read(user) else self.none()
        rows.reader = user
        return rows

    def current_obligations(self, rounds: Collection[int] | None = None) -> Any:
        """The reports due in the current round of each plan, with ``shown_timeliness`` as the reader may know it.

        Of joint leads, the one with the latest date is first and decides: until then any of them may still report.

        Args:
            rounds: the keys of these rounds, where they are known; ``None`` to look them up in the same statement.
        """
        obligations = apps.get_model("workplan", "Obligation").objects
        due = obligations.in_current_rounds() if rounds is None else obligations.filter(round__in=rounds)
        due = due.order_by("-due_on", "pk")
        if self.reader is None:
            return due.with_timeliness().annotate(shown_timeliness=F("timeliness"))
        return due.shown_to(self.reader)

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

    def with_report_in(
        self, states: Collection[str], user: Any, rounds: "Collection[ReportingRound] | None" = None
    ) -> Self:
        """The activities that have an update in one of ``states`` which ``user`` may see, of ``rounds`` or of any."""
        update = apps.get_model("workplan", "StatusUpdate")
        reports = update.objects.visible_to(user).filter(activity=OuterRef("pk"), state__in=states)
        if rounds:
            reports = reports.filter(round__in=rounds)
        return self.filter(Exists(reports))

    def due_in(self, rounds: "Collection[ReportingRound]") -> Self:
        """The activities on which a report is or was due from a body in one of ``rounds``."""
        due = apps.get_model("workplan", "Obligation").objects.from_bodies()
        return self.filter(Exists(due.filter(activity=OuterRef("pk"), round__in=rounds)))

    def with_has_lead(self) -> Self:
        """With ``has_lead``: whether a body leads it. "All other SB" makes bodies cooperate, and none lead."""
        parts = apps.get_model("workplan", "Responsibility").objects.filter(activity=OuterRef("pk"), role=LEAD)
        return self.annotate(has_lead=Exists(parts))

    def with_open_questions(self) -> Self:
        """The activities of which the document leaves something open: a reading note, a remark, or no lead."""
        return self.with_has_lead().filter(~Q(reading_note="") | ~Q(notes=[]) | Q(has_lead=False))

    def timely(self, values: Collection[str]) -> Self:
        """The activities whose report in the current round is ``values`` (of ``rules.TIMELINESS``)."""
        decides = self.current_obligations().filter(activity=OuterRef("pk")).values("shown_timeliness")[:1]
        known = self.alias(_timeliness=Coalesce(Subquery(decides), Value("not_due")))
        return known.filter(_timeliness__in=values)

    def timely_in(self, rounds: "Collection[ReportingRound]", values: Collection[str], user: Any) -> Self:
        """The activities whose report in one of ``rounds`` is ``values``, as far as ``user`` may know.

        They are the ones that the figures of these rounds count.
        """
        due = apps.get_model("workplan", "Obligation").objects.from_bodies().filter(round__in=rounds)
        shown = due.each_activity_once().shown_to(user)
        return self.filter(Exists(shown.filter(activity=OuterRef("pk"), shown_timeliness__in=values)))

    def non_reporting_for(self, number: int) -> Self:
        """The activities on which each of the last ``number`` rounds asked a body for a report and none was published.

        A round counts once it has been opened and its date has passed. A lead body whose deadline was extended is not
        non-reporting before that date. As of a moment, rounds, dates and publications are those of that moment.
        """
        rounds = apps.get_model("workplan", "ReportingRound").objects.past_due(self.moment)
        latest: dict[int, list[int]] = {}
        for plan, pk in rounds.order_by("plan", "-due_on", "-pk").values_list("plan", "pk"):
            latest.setdefault(plan, []).append(pk)
        matching = [pk for pks in latest.values() if len(pks) >= number for pk in pks[:number]]
        if not matching:
            return self.none()
        # Asked once for all rows, not for each of them: databases answer that well for a plan of any size.
        updates = apps.get_model("workplan", "StatusUpdate").objects
        reports = updates.published() if self.moment is None else updates.as_of(self.moment)
        asked = apps.get_model("workplan", "Obligation").objects.from_bodies().filter(round__in=matching)
        due = asked.order_by().values("activity")
        asked_in_each = due.annotate(number=Count("round", distinct=True)).filter(number=number)
        has_time = due.filter(due_on__gte=secretariat_day(self.moment))
        return self.filter(pk__in=asked_in_each.values("activity")).exclude(
            Q(pk__in=reports.filter(round__in=matching).values("activity")) | Q(pk__in=has_time)
        )


def _entered_after(moment: datetime.datetime) -> Exists:
    """Whether an activity entered the plan after ``moment``."""
    entries = apps.get_model("workplan", "AuditEntry").objects.filter(activity=OuterRef("pk"), at__gt=moment)
    return Exists(entries.filter(action="activity.created"))


def as_of_annotations(moment: datetime.datetime | None, prefix: str = "known_") -> dict[str, Any]:
    """What an activity repeats of the reports on it, as of ``moment``, as annotations. This is the rule of decision 16.

    The status and its date are those of the last published report that states a status; a correction that names a
    report stands in that one's place. Where the last report of all says that nothing has changed, its day is the one
    on which the status was confirmed; ``rules.confirmed_on`` then judges whether it says anything.

    Args:
        moment: the moment; ``None`` for now.
        prefix: what their names begin with.
    """
    reports = apps.get_model("workplan", "StatusUpdate").objects.filter(activity=OuterRef("pk"))
    last = (reports.published() if moment is None else reports.as_of(moment)).latest_first()
    stated = last.stating()
    without_change = Case(When(kind__in=KINDS_WITHOUT_NARRATIVE, then=F("as_of")))
    return {
        f"{prefix}status": Coalesce(Subquery(stated.values("status")[:1]), Value(NOT_REPORTED)),
        f"{prefix}status_as_of": Subquery(stated.values("as_of")[:1]),
        f"{prefix}update": Subquery(stated.values("pk")[:1]),
        f"{prefix}confirmed_on": Subquery(last.annotate(without_change=without_change).values("without_change")[:1]),
    }
