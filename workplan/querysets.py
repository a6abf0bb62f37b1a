"""How to ask: the questions people put to the plan, as words on the querysets.

Page, export and API start from the same ones, so that they show the same rows in the same order.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q

from workplan.rules import APPROVED, COOPERATING, LEAD

if TYPE_CHECKING:
    from workplan.models import Activity, SectoralBody, StatusUpdate, User  # noqa: F401


def contains_words(words: str, *fields: str) -> Q:
    """Every word of ``words`` stands in at least one of ``fields``, whatever its case."""
    found = Q()
    for word in words.split():
        anywhere = Q()
        for field in fields:
            anywhere |= Q(**{f"{field}__icontains": word})
        found &= anywhere
    return found


class SectoralBodyQuerySet(models.QuerySet["SectoralBody"]):
    def get_by_natural_key(self, acronym: str) -> "SectoralBody":
        return self.get(acronym=acronym)

    def by_spelling(self) -> dict[str, "SectoralBody"]:
        """Every body by its acronym and its aliases, folded by ``fold_spelling``."""
        found: dict[str, SectoralBody] = {}
        for body in self.prefetch_related("aliases"):
            for spelling in (body.acronym, *(alias.name for alias in body.aliases.all())):
                found[fold_spelling(spelling)] = body
        return found


def fold_spelling(spelling: str) -> str:
    """The form in which two spellings of a body are compared: "SOM- ED" and "som-ed" are one."""
    return "".join(spelling.split()).casefold()


class ActivityQuerySet(models.QuerySet["Activity"]):
    def for_display(self) -> Self:
        """The activities with all that a row shows, in document order, in a fixed number of queries."""
        # The same plan and few areas stand behind many rows: fetched once each, not joined to every row.
        areas = apps.get_model("workplan", "CollaborationArea").objects.select_related("parent", "provision__section")
        parts = apps.get_model("workplan", "Responsibility").objects.select_related("body").order_by("position", "id")
        return (
            self.select_related("latest_update__body")
            .prefetch_related("plan", Prefetch("area", areas), Prefetch("responsibilities", parts))
            .order_by("plan", "position")
        )

    def visible_to(self, user: Any) -> Self:
        """The activities that ``user`` may read: all of them, where they may read at all."""
        from workplan import permissions

        return self.all() if permissions.may_read(user) else self.none()

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

    def mentioning(self, words: str) -> Self:
        """The activities whose text, output, area or reference hold every word of ``words``."""
        return self.filter(contains_words(words, "text", "expected_output", "area__text", "ref"))

    def with_report_in(self, states: Collection[str], user: Any) -> Self:
        """The activities that have an update in one of ``states`` which ``user`` may see."""
        update = apps.get_model("workplan", "StatusUpdate")
        reports = update.objects.visible_to(user).filter(activity=OuterRef("pk"), state__in=states)
        return self.filter(Exists(reports))


class StatusUpdateQuerySet(models.QuerySet["StatusUpdate"]):
    def for_display(self) -> Self:
        """The updates with all that a history shows, newest first."""
        return (
            self.select_related("activity__plan", "body", "author", "approved_by")
            .prefetch_related("evidence")
            .order_by("-created_at", "-id")
        )

    def approved(self) -> Self:
        """The updates that count."""
        return self.filter(state=APPROVED)

    def visible_to(self, user: "User | Any") -> Self:
        """Approved updates for every reader; what is still in the making for the secretariat only."""
        from workplan import permissions

        if permissions.is_secretariat(user):
            return self.all()
        return self.approved() if permissions.may_read(user) else self.none()

    def mentioning(self, words: str) -> Self:
        """The updates whose words hold every word of ``words``."""
        return self.filter(contains_words(words, "narrative", "outputs_delivered", "challenges", "next_steps"))
