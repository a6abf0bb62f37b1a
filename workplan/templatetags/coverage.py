"""Words that the template of the coverage needs: each number with the address of the rows it counts."""

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from workplan import rules
from workplan.monitoring.coverage import Coverage, Line
from workplan.monitoring.summary import BodyTally, Tally

register = template.Library()

NONE = SafeString("–")


@register.simple_tag(takes_context=True)
def part(context: dict[str, Any], line: Line, cell: BodyTally, role: str) -> SafeString:
    """How many activities of the line the body has in ``role``."""
    return _number(context, cell.of(role), **_place(line), body=cell.body.acronym, role=role)


@register.simple_tag(takes_context=True)
def whole(context: dict[str, Any], line: Line, role: str = "") -> SafeString:
    """How many activities the line has in all, or with some body in ``role``."""
    if role:
        return _number(context, line.by_role.get(role, Tally()), **_place(line), role=role)
    return _number(context, line.whole, **_place(line))


@register.simple_tag(takes_context=True)
def lacking(context: dict[str, Any], line: Line, gap: str) -> SafeString:
    """How many activities of the line have the gap."""
    return _number(context, line.gaps.get(gap, Tally()), **_place(line), gap=gap)


@register.simple_tag(takes_context=True)
def part_by_status(context: dict[str, Any], line: Line, cell: BodyTally) -> SafeString:
    """How many activities of the line the body has in each status."""
    return _by_status(context, both(context, cell), **_place(line), body=cell.body.acronym)


@register.simple_tag(takes_context=True)
def whole_by_status(context: dict[str, Any], line: Line) -> SafeString:
    """How many activities of the line are in each status."""
    return _by_status(context, line.whole, **_place(line))


def both(context: dict[str, Any], cell: BodyTally) -> Tally:
    """What the body has in all the roles that are shown."""
    found = Tally()
    for role in context["coverage"].roles:
        found.by_status += cell.of(role).by_status
    return found


def _place(line: Line) -> dict[str, str]:
    """What a list of activities is asked for, to hold those of the line."""
    if line.place is None:
        return {}
    return {line.place._meta.model_name or "": line.place.ref}


def _address(context: dict[str, Any], chosen: dict[str, str]) -> str:
    found: Coverage = context["coverage"]
    return str(context["list"]) + found.query(chosen)


def _number(context: dict[str, Any], tally: Tally, **chosen: str) -> SafeString:
    if not tally.total:
        return NONE
    words = ", ".join(f"{number} {term.label.lower()}" for term, number, _ in tally.shares if number)
    return format_html('<a class="figure" href="{}" title="{}">{}</a>', _address(context, chosen), words, tally.total)


def _by_status(context: dict[str, Any], tally: Tally, **chosen: str) -> SafeString:
    numbers = [(term, number) for term, number, _ in tally.shares if number]
    if not numbers:
        return NONE
    return format_html_join(
        " ",
        '<a class="figure s-{}" href="{}" title="{}"><span class="dot" aria-hidden="true"></span>{}'
        '<span class="hidden"> {}</span></a>',
        (
            (term.value, _address(context, {**chosen, "status": term.value}), term.label, number, term.label.lower())
            for term, number in numbers
        ),
    )


@register.filter
def provisions_with(found: Coverage, gap: rules.Term) -> list[Line]:
    """The provisions that have activities with the gap."""
    lines = (line for block in found.blocks for line in block.provisions)
    return [line for line in lines if line.gaps.get(gap.value, Tally()).total]
