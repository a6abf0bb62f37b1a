"""Template tags of the comparison between two dates."""

from typing import Any

from django import template

from workplan import rules

register = template.Library()

CHANGE_SIGNS = {
    rules.FIRST_REPORT: "•",
    rules.FORWARD: "→",
    rules.BACKWARD: "←",
    rules.ENTERED: "+",
    rules.UNCHANGED: "=",
}


@register.inclusion_tag("workplan/partials/_status_change.html")
def change_sign(moved: str, after: str) -> dict[str, Any]:
    """The kind of change in words, with a sign that does not depend on colour.

    Args:
        moved: the kind of change, of ``rules.STATUS_CHANGES``.
        after: the later status.
    """
    return {"value": moved, "label": rules.change_label(moved, after), "sign": CHANGE_SIGNS[moved]}


@register.filter
def signed(number: int) -> str:
    """A difference with its sign, and a real minus, as wide as the plus."""
    return f"+{number}" if number > 0 else f"\N{MINUS SIGN}{-number}" if number < 0 else "0"
