"""Pages that show the plan as of a day: the selected day, its picker and its links."""

import datetime
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.http import urlencode

from workplan.filters import ActivityFilterSet
from workplan.filters.compare import EARLIER, LISTING_PARAMETERS, CompareFilterSet
from workplan.querysets.days import reader_day, secretariat_day

NAME = "as_of"
NOT_CARRIED = (NAME, "page")


@dataclass(frozen=True, slots=True)
class AsOfSelection:
    """The day that a page shows, for its picker, its label and its links.

    Attributes:
        moment: the moment as of which the plan is shown; ``None`` for now.
        query: what the page was asked for.
    """

    moment: datetime.datetime | None
    query: QueryDict

    @classmethod
    def of(cls, filterset: ActivityFilterSet) -> "AsOfSelection":
        return cls(filterset.moment, filterset.data)

    @property
    def asked(self) -> str:
        """What the parameter says, in the address of this page."""
        return str(self.query.get(NAME, ""))

    @property
    def day(self) -> str:
        """What the picker shows."""
        return f"{secretariat_day(self.moment):%Y-%m-%d}" if self.moment else ""

    @property
    def is_whole_day(self) -> bool:
        """Whether a day is meant, to its end, and no hour of it."""
        return self.asked == self.day

    @property
    def today(self) -> str:
        return f"{reader_day():%Y-%m-%d}"

    @property
    def carried(self) -> list[tuple[str, list[str]]]:
        """What else the page was asked for; the picker hands it on."""
        return [(name, values) for name, values in self.query.lists() if name not in NOT_CARRIED]

    @property
    def without(self) -> str:
        """The query string of the same page today."""
        left = self.query.copy()
        for name in NOT_CARRIED:
            left.pop(name, None)
        return "?" + left.urlencode()

    @property
    def comparison(self) -> str:
        """The query string of the comparison from that day to today, of the same activities."""
        taken = [(EARLIER, [self.asked]), *(pair for pair in self.carried if pair[0] in CompareFilterSet.base_filters)]
        return urlencode([pair for pair in taken if pair[0] not in (*LISTING_PARAMETERS, "ordering")], doseq=True)

    @property
    def tail(self) -> str:
        """What a link to rows of the same day has after its first parameter; empty for now."""
        return "&" + urlencode({NAME: self.asked}) if self.moment else ""

    @property
    def alone(self) -> str:
        """The query string of a link to all rows of the same day; empty for now."""
        return "?" + urlencode({NAME: self.asked}) if self.moment else ""
