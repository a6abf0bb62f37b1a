"""Words that templates about reporting rounds need."""

from typing import Any
from urllib.parse import urlencode

from django import template

from workplan import rules
from workplan.filters import rounds
from workplan.models import SectoralBody, WorkPlan
from workplan.monitoring import charts, completion
from workplan.views.reporting.calendar import feed_address

register = template.Library()

NO_LEAD = "No lead body"


@register.inclusion_tag("workplan/partials/_round_state.html")
def round_state(state: str) -> dict[str, Any]:
    """The state of a round in words, with a sign that does without colour."""
    return {"term": rules.ROUND_STATES[state]}


@register.inclusion_tag("workplan/partials/_completion_bar.html")
def completion_bar(counts: completion.Counts, figures: tuple[completion.Figure, ...]) -> dict[str, Any]:
    """The states of some reports as one stacked bar; its words are its label.

    Args:
        counts: the numbers.
        figures: the states that the reader can distinguish.
    """
    counted = [(figure, number_of(counts, figure)) for figure in reversed(figures)]
    return {"parts": charts.bar(counted), "label": charts.in_words(counted, nothing="")}


@register.filter
def number_of(counts: completion.Counts, figure: completion.Figure) -> int:
    number: int = getattr(counts, figure.name)
    return number


@register.simple_tag(takes_context=True)
def rows_of(
    context: dict[str, Any], page: str, body: SectoralBody | None, figure: completion.Figure, number: int
) -> str:
    """The address of the very reports that ``number`` counts; empty where they cannot be listed.

    Args:
        page: the address of the round.
        body: whose reports are counted.
        figure: which of them.
        number: how many there are.
    """
    if not number:
        return ""
    if figure.name in ("owed", "draft") and not completion.can_list_drafts(context["request"].user, body):
        return ""
    chosen = {"body": body_value(body)}
    if figure in completion.STATES + completion.PUBLIC_STATES:
        chosen["state"] = figure.name
    elif figure != completion.TOTAL:
        chosen["timeliness"] = figure.name
    return f"{page}?{urlencode(chosen)}#reports"


@register.filter
def body_name(body: SectoralBody | None) -> str:
    """The text in the column of bodies: the acronym, or that no body leads."""
    return body.acronym if body else NO_LEAD


@register.filter
def body_value(body: SectoralBody | None) -> str:
    """What the address of a list of reports says for it."""
    return body.acronym if body else rounds.SECRETARIAT


@register.filter
def shown_state_label(state: str) -> str:
    return rules.SHOWN_STATES.label(state)


@register.filter
def shown_timeliness_label(timeliness: str) -> str:
    return rules.TIMELINESS.label(timeliness)


@register.simple_tag(takes_context=True)
def deadlines_address(context: dict[str, Any], plan: WorkPlan, body: SectoralBody) -> str:
    """The whole address of the body's calendar feed, with a key where programs need one."""
    return feed_address(context["request"], plan, body)
