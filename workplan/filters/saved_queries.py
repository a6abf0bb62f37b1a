"""What a saved view says: filters of the list of activities, read, put into one form, and put together."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from workplan import rules
from workplan.exceptions import Invalid
from workplan.filters.activities import ActivityFilterSet
from workplan.filters.base import BodyFilter, OrderingFilter, RoundFilter, VocabularyFilter
from workplan.filters.saved_views import Opened
from workplan.models import Activity, SavedView, WorkPlan
from workplan.models.base import SHORT_TEXT

MOST_PARAMETERS = 200
# What a view does not keep: its plan is its own, the day is for whoever opens it, a view becomes what it says.
NOT_SAVED = ("plan", "as_of", "view")
# Parameters that mean something else when both are given.
COMBINED_FILTERS = (frozenset({"body", "role"}), frozenset({"report_state", "round"}))


@dataclass(frozen=True, slots=True)
class _RequestOf:
    """Who asks, where there is no request."""

    user: Any


def opened(view: SavedView, user: Any) -> Opened:
    """``view`` as ``user`` sees it.

    Raises:
        ValidationError: its filters cannot be read any more.
    """
    return Opened.by(view, ActivityFilterSet, _RequestOf(user))


def canonical(query: str, plan: WorkPlan, user: Any) -> str:
    """The filters of ``query`` in the form in which equal ones are the same text.

    Parameters in the order of the documentation, values sorted, bodies by acronym, rounds by code. A view among
    them is replaced by what it says, so that no view depends on another one.

    Raises:
        Invalid: a parameter is unknown or cannot be meant; the message names it.
    """
    filterset = _read(query, user)
    values = filterset.form.cleaned_data
    if set(values["plan"]) - {plan.code}:
        raise _refusal("plan: A view belongs to one plan. Leave plan out.")
    if values["as_of"]:
        raise _refusal(
            "as_of: A view shows the plan as it is today. Leave as_of out; it can be given together with the view."
        )
    given = {
        name: _words(one, values[name], filterset.data.get(name, ""))
        for name, one in filterset.filters.items()
        if name not in NOT_SAVED and filterset.data.get(name)
    }
    if values["view"]:
        given = _together(given, values["view"], plan)
    found = QueryDict(mutable=True)
    for name in filterset.filters:
        if name in given:
            found.setlist(name, given[name])
    text = found.urlencode()
    if len(text) > SHORT_TEXT:
        raise _refusal(f"These are more filters than a view can hold ({SHORT_TEXT:,} characters).")
    return text


def _read(query: str, user: Any) -> ActivityFilterSet:
    query = query.strip().removeprefix("?")
    if query.count("&") >= MOST_PARAMETERS:
        raise _refusal(f"Give at most {MOST_PARAMETERS} parameters.")
    if rules.UNREADABLE.search(query):
        raise _refusal(rules.UNREADABLE_TEXT)
    filterset = ActivityFilterSet(QueryDict(query), queryset=Activity.objects.none(), request=_RequestOf(user))
    problems = filterset.problems()
    if problems:
        raise _refusal(*(f"{name}: {text}" for name, texts in problems.items() for text in texts))
    return filterset


def _words(one: Any, value: Any, given: str) -> list[str]:
    """The values of one parameter as they are kept."""
    if isinstance(one, BodyFilter):
        return sorted({body.acronym for body in value})
    if isinstance(one, RoundFilter):
        return sorted({reporting_round.code for reporting_round in value})
    if isinstance(one, OrderingFilter):
        return [",".join(value)]
    return sorted(set(value)) if isinstance(one, VocabularyFilter) else [given]


def _together(given: dict[str, list[str]], opened: Opened, plan: WorkPlan) -> dict[str, list[str]]:
    """What the view and the rest say in one; where both say the same parameter, no one query says both."""
    if opened.view.plan_id != plan.pk:
        raise _refusal("view: This view is of another plan.")
    saved = {name: opened.filterset.data.getlist(name) for name in opened.filterset.data}
    for name in sorted(_touched(given) & _touched(saved)):
        if name != "ordering" and given.get(name) != saved.get(name):
            raise _refusal(
                f"{name}: The view “{opened.view}” chooses by {name} already, and no one query says both. "
                "Leave one of the two out."
            )
    return saved | given


def _touched(names: Iterable[str]) -> set[str]:
    found = set(names)
    for group in COMBINED_FILTERS:
        if group & found:
            found |= group
    return found


def _refusal(*texts: str) -> Invalid:
    return Invalid(fields={"query": list(texts)})
