"""Words that templates of saved views need."""

from typing import Any

from django import template

from workplan import permissions
from workplan.models import SavedView

register = template.Library()


@register.simple_tag(takes_context=True)
def allowed_deeds(context: dict[str, Any], view: SavedView) -> list[str]:
    """What the reader can do to ``view``."""
    return permissions.allowed_view_actions(context["user"], view)
