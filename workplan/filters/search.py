"""What is searched for, and what the hits are narrowed to."""

from typing import ClassVar

import django_filters

from workplan import rules
from workplan.filters.base import BodyFilter, PlanFilter, RefFilter, StrictFilterSet, VocabularyFilter
from workplan.models import Activity, Section

HELP = (
    "Words that all occur, in any form; the last may be unfinished. “Two words” in quotes are found together, a minus "
    "leaves out. A reference (A.1.1.4, a114), a marker as in the source or a body’s acronym, other spelling or name "
    "finds "
    "what it names. Without it nothing is found."
)


class SearchFilterSet(StrictFilterSet):
    """What is searched for. It is read here, and answered by ``workplan.search``."""

    q = django_filters.CharFilter(max_length=200, help_text=HELP)
    plan = PlanFilter(help_text="Code of a work plan.")
    kind = VocabularyFilter(choices=rules.SEARCH_RESULT_KINDS.choices, help_text="Kind of record.")
    section = RefFilter(model=Section, help_text="Reference of a section, such as A, that the record belongs to.")
    body = BodyFilter(
        help_text="Acronym or alias of a body: activities that it leads or cooperates in, its updates, and itself."
    )
    status = VocabularyFilter(
        choices=rules.STATUSES.choices, help_text="Status of an activity, or the one that an update reports."
    )
    exact = VocabularyFilter(
        choices=[("1", "Exactly")], help_text="1: a word that occurs nowhere is not taken for a slip of another."
    )

    class Meta:
        model = Activity
        fields: ClassVar[list[str]] = []
