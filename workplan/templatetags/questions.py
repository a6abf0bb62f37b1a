"""Words that templates about open questions need."""

from typing import Any

from django import template

from workplan import rules

register = template.Library()


@register.inclusion_tag("workplan/partials/_open_question_state.html")
def question_state(state: str) -> dict[str, Any]:
    """Open or settled, in words, with a sign that does without colour."""
    return {"term": rules.QUESTION_STATES[state]}


@register.filter
def question_kind(kind: str) -> str:
    return rules.QUESTION_KINDS.label(kind)


@register.filter
def decision_meaning(decision: str) -> str:
    return rules.QUESTION_DECISIONS[decision].meaning
