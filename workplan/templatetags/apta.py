"""Words that templates need."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import template
from django.db.models import QuerySet
from django.http import QueryDict
from django.template.base import Parser, Token
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from workplan import rules
from workplan.exports.provenance import moment_in_words
from workplan.monitoring import charts
from workplan.monitoring.summary import Tally
from workplan.search.highlight import highlighted
from workplan.search.query import Query

register = template.Library()


class CaptureNode(template.Node):
    child_nodelists = ("nodelist",)  # so that a page finds the blocks in it

    def __init__(self, nodelist: template.NodeList, name: str) -> None:
        self.nodelist, self.name = nodelist, name

    def render(self, context: template.Context) -> str:
        context[self.name] = mark_safe(" ".join(self.nodelist.render(context).split()))
        return ""


@register.tag
def capture(parser: Parser, token: Token) -> CaptureNode:
    """Store the output up to ``endcapture`` under a name, to use it more than once: ``{% capture page_title %}``."""
    try:
        _, name = token.split_contents()
    except ValueError:
        raise template.TemplateSyntaxError("keep takes one name.") from None
    nodelist = parser.parse(("endcapture",))
    parser.delete_first_token()
    return CaptureNode(nodelist, name)


@register.inclusion_tag("workplan/partials/_badge.html")
def status_badge(status: str, as_of: Any = None, confirmed_on: Any = None) -> dict[str, Any]:
    """A status as a coloured badge with its words and a sign that does without colour.

    Args:
        as_of: the day of the status.
        confirmed_on: the day of which a later report says that nothing has changed.
    """
    return {"term": rules.STATUSES[status], "as_of": as_of, "confirmed_on": confirmed_on}


@register.inclusion_tag("workplan/partials/_badge.html")
def report_badge(report: Any) -> dict[str, Any]:
    """The status that a report states with its day; that of "no change" with the day on which it was confirmed."""
    day = "confirmed_on" if report.is_without_change else "as_of"
    return {"term": rules.STATUSES[report.status], day: report.as_of}


@register.inclusion_tag("workplan/partials/_bar.html")
def status_bar(tally: Tally, label: str = "", hatched: bool = False) -> dict[str, Any]:
    """The statuses of some activities as one stacked bar; its text alternative is next to it or in ``label``.

    Args:
        hatched: distinguished by hatches too, which the page has to define (``_hatches.html``).
    """
    counted = [(term, number) for term, number, _ in tally.shares]
    words = charts.in_words(counted, nothing="no activities")
    return {
        "parts": charts.bar(counted),
        "label": f"{label}: {words}" if label else words,
        "hatched": hatched,
    }


register.filter(moment_in_words)


@register.filter
def words(text: str) -> list[str]:
    """The words of a text, to go through: ``{% for ending in "csv xlsx"|words %}``."""
    return text.split()


@register.filter
def status_label(status: str) -> str:
    return rules.STATUSES.label(status)


@register.filter
def channel_label(channel: str) -> str:
    return rules.CHANNELS.label(channel)


@register.filter
def update_kind_label(kind: str) -> str:
    return rules.UPDATE_KINDS.label(kind)


@register.filter
def host_of(url: str) -> str:
    """The host that a link leads to, distinguished from one that looks like it."""
    return rules.host_of(url)


@register.filter
def status_meaning(status: str) -> str:
    return rules.STATUSES[status].meaning


@register.filter
def cells(source_cells: Iterable[tuple[int, int, int]]) -> str:
    """Where a record stands in the file that it was imported from."""
    return "; ".join(f"table {table}, row {row}, cell {cell}" for table, row, cell in source_cells)


@register.filter
def lines(source_lines: Iterable[tuple[int, int]]) -> str:
    """Source lines in words: "line 27", "lines 27–30 and 42"."""
    parts = [str(first) if first == last else f"{first}–{last}" for first, last in source_lines]
    if not parts:
        return ""
    word = "line" if len(parts) == 1 and "–" not in parts[0] else "lines"
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"{word} {listed}"


@register.filter
def highlight(text: str, words: Query) -> SafeString:
    """``text`` with the words that were searched for marked, in whatever form they occur."""
    return highlighted(text, words)


@register.filter
def status_then(updates: QuerySet[Any]) -> Iterator[tuple[Any, str]]:
    """Each update, newest first, with the status before it."""
    found = list(updates)
    for place, update in enumerate(found):
        older = next((one.status for one in found[place + 1 :] if not one.is_without_change), rules.NOT_REPORTED)
        yield update, update.status if update.is_without_change else older


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """The present query string with ``changes``; an empty value drops the parameter, paging starts anew."""
    given = context["listing"].query if "listing" in context else QueryDict()
    changed = given.copy()
    changed.pop("page", None)
    for name, value in changes.items():
        if value in ("", None):
            changed.pop(name, None)
        else:
            changed[name] = str(value)
    return mark_safe("?" + conditional_escape(changed.urlencode()))


@register.inclusion_tag("workplan/partials/_sort.html", takes_context=True)
def sort_heading(context: dict[str, Any], column: Any) -> dict[str, Any]:
    """A column heading that sorts by itself, or backwards when it already does."""
    now = context["listing"].query.get("ordering", "ref") if "listing" in context else ""
    ascending, descending = now == column.sorts, now == f"-{column.sorts}"
    return {
        "column": column,
        "href": query(context, ordering=f"-{column.sorts}" if ascending else column.sorts) if now else "",
        "direction": "ascending" if ascending else "descending" if descending else "",
    }
