"""Words that templates need."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import template
from django.db.models import QuerySet
from django.http import QueryDict
from django.template.base import Parser, Token
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from workplan import charts, rules
from workplan.searching.marking import marked
from workplan.searching.words import Words
from workplan.summary import Tally

register = template.Library()


class KeepNode(template.Node):
    child_nodelists = ("nodelist",)  # so that a page finds the blocks in it

    def __init__(self, nodelist: template.NodeList, name: str) -> None:
        self.nodelist, self.name = nodelist, name

    def render(self, context: template.Context) -> str:
        context[self.name] = mark_safe(" ".join(self.nodelist.render(context).split()))
        return ""


@register.tag
def keep(parser: Parser, token: Token) -> KeepNode:
    """Keep what stands up to ``endkeep`` under a name, to say it more than once: ``{% keep page_title %}``."""
    try:
        _, name = token.split_contents()
    except ValueError:
        raise template.TemplateSyntaxError("keep takes one name.") from None
    nodelist = parser.parse(("endkeep",))
    parser.delete_first_token()
    return KeepNode(nodelist, name)


@register.inclusion_tag("workplan/partials/_badge.html")
def status_badge(status: str, as_of: Any = None) -> dict[str, Any]:
    """A status as a coloured badge with its words and a sign that does without colour."""
    return {"term": rules.STATUSES[status], "as_of": as_of}


@register.inclusion_tag("workplan/partials/_bar.html")
def status_bar(tally: Tally, label: str = "", hatched: bool = False) -> dict[str, Any]:
    """The statuses of some activities as one stacked bar; its words stand beside it or in ``label``.

    Args:
        hatched: told apart by hatches too, which the page has to define (``_hatches.html``).
    """
    counted = [(term, number) for term, number, _ in tally.shares]
    words = charts.in_words(counted, nothing="no activities")
    return {
        "parts": charts.bar(counted),
        "label": f"{label}: {words}" if label else words,
        "hatched": hatched,
    }


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
def status_meaning(status: str) -> str:
    return rules.STATUSES[status].meaning


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
def highlight(text: str, words: Words) -> SafeString:
    """``text`` with what was looked for marked, in whatever form it stands there."""
    return marked(text, words)


@register.filter
def status_then(updates: QuerySet[Any]) -> Iterator[tuple[Any, str]]:
    """Each update, newest first, with the status before it."""
    found = list(updates)
    for place, update in enumerate(found):
        older = found[place + 1].status if place + 1 < len(found) else rules.NOT_REPORTED
        yield update, older


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
