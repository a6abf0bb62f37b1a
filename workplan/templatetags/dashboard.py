"""Words that the dashboard needs."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from workplan.models import WorkPlan
from workplan.monitoring import charts
from workplan.monitoring.completion import Figure
from workplan.monitoring.dashboard import Counted, Line, RoundLine
from workplan.rules import STATUSES, Term

register = template.Library()

# How the reports of a round are distinguished, as the classes of its bar are called.
REMAINDER = Figure(
    "rest", "Not due, or not published", "Expected, and neither published nor overdue as far as is known."
)


@register.filter
def rows_at(counted: Counted, plan: WorkPlan) -> str:
    """The address of the list of exactly the rows that are counted."""
    address = reverse("activities", args=[plan.code])
    return f"{address}?{counted.query}" if counted.query else address


@register.filter
def linked(counted: Counted, plan: WorkPlan) -> SafeString:
    """The number, as a link to the rows that it counts where there are any."""
    if not counted.number:
        return SafeString('<span class="zero">0</span>')
    return format_html('<a href="{}">{}</a>', rows_at(counted, plan), counted.number)


@register.inclusion_tag("workplan/partials/_status_cells.html")
def status_cells(line: Line, label: str, plan: WorkPlan) -> dict[str, Any]:
    """The cells of a row of figures: all, each status, and the bar that ``label`` names."""
    return {"line": line, "label": label, "plan": plan}


@register.inclusion_tag("workplan/partials/_time_bar.html")
def time_bar(one: RoundLine, times: Iterable[Figure]) -> dict[str, Any]:
    """The timeliness of a round's reports as one stacked bar."""
    parts = [(figure, getattr(one, figure.name).number) for figure in times]
    parts.append((REMAINDER, one.remainder))
    return {"parts": charts.bar(parts), "label": f"{one.round.name}: {charts.in_words(parts, nothing='no reports')}"}


@register.inclusion_tag("workplan/partials/_status_key.html")
def status_key(term: Term) -> dict[str, Any]:
    """What a status looks like in charts."""
    return {"term": term}


@register.inclusion_tag("workplan/partials/_hatches.html")
def hatches() -> dict[str, Any]:
    """Hatches that distinguish the parts of charts where colours do not; once on a page."""
    return {"statuses": STATUSES}
