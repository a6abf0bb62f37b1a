"""What every page knows."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from apta import __version__
from workplan import permissions, rules
from workplan.models import WorkPlan


def house(request: HttpRequest) -> dict[str, Any]:
    """The plan of the navigation, what this person may do, and the vocabularies."""
    user = getattr(request, "user", None)
    return {
        "nav_plan": SimpleLazyObject(lambda: WorkPlan.objects.current()),
        "my_bodies": SimpleLazyObject(lambda: permissions.bodies_of(user)),
        "can_record": SimpleLazyObject(lambda: permissions.can_record_status(user)),
        "can_review": SimpleLazyObject(lambda: permissions.can_review(user)),
        "can_use_admin": SimpleLazyObject(lambda: permissions.can_use_admin(user)),
        "can_see_names": permissions.can_see_names(user),
        "statuses": rules.STATUSES,
        "apta_version": __version__,
    }
