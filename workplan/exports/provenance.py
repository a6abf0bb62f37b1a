"""What a file says of itself: of which plan, of which rows, as of when, made when, and from where."""

import datetime
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format

from workplan.models import WorkPlan
from workplan.querysets.days import secretariat_day


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a file comes from.

    Attributes:
        plan: the plan that it is of.
        filters: what the rows are filtered by, in words; empty where they are all.
        source: the address that shows the same rows.
        moment: the moment as of which they are shown; ``None`` for that of the making.
        made_at: when the file was made.
    """

    plan: WorkPlan
    filters: list[str]
    source: str
    moment: datetime.datetime | None
    made_at: datetime.datetime

    @property
    def shown(self) -> datetime.datetime:
        """The moment that the file shows."""
        return self.moment or self.made_at

    @property
    def scope(self) -> str:
        """Which rows, in words."""
        return "; ".join(self.filters) or "The whole plan"

    @property
    def shown_in_words(self) -> str:
        """The moment that the file shows: a day, where it is the end of one."""
        local = timezone.localtime(self.shown)
        whole_day = local.time() >= datetime.time(23, 59, 59)
        return date_format(local, "j F Y" if whole_day else "j F Y, H:i")

    @property
    def made_in_words(self) -> str:
        """When the file was made, with the time zone."""
        return date_format(timezone.localtime(self.made_at), "j F Y, H:i e")

    @property
    def day(self) -> str:
        """The day that the file shows, for its name."""
        return f"{secretariat_day(self.shown):%Y-%m-%d}"

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What stands on a cover, and on the sheet "About"."""
        edition = [("Edition", self.plan.edition)] if self.plan.edition else []
        return [
            ("Plan", self.plan.title),
            *edition,
            ("Scope", self.scope),
            ("Status as at", self.shown_in_words),
            ("Source", self.source),
            ("Produced", self.made_in_words),
        ]
