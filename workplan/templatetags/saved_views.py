"""Words that templates of saved views need."""

from typing import Any

from django import template

from workplan import permissions
from workplan.models import SavedView
from workplan.views.plan import feeds

register = template.Library()


@register.simple_tag(takes_context=True)
def allowed_actions(context: dict[str, Any], view: SavedView) -> list[str]:
    """What the reader can do to ``view``."""
    return permissions.allowed_view_actions(context["user"], view)


@register.simple_tag(takes_context=True)
def feed_address(context: dict[str, Any], view: SavedView) -> str:
    """The whole address of the view's feed, with a key where programs need one."""
    return feeds.feed_address(context["request"], view)
