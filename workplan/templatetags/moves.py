"""Words that templates about what moved need."""

from typing import Any

from django import template

from workplan import rules

register = template.Library()

SIGNS = {rules.FIRST_REPORT: "•", rules.FORWARD: "→", rules.BACK: "←", rules.ENTERED: "+", rules.UNMOVED: "="}


@register.inclusion_tag("workplan/partials/_move.html")
def move_sign(moved: str) -> dict[str, Any]:
    """The kind of move in words, with a sign that does without colour."""
    return {"term": rules.MOVES[moved], "sign": SIGNS[moved]}


@register.filter
def signed(number: int) -> str:
    """A difference with its sign, and a real minus, as wide as the plus."""
    return f"+{number}" if number > 0 else f"\N{MINUS SIGN}{-number}" if number < 0 else "0"
