"""What every page knows."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from apta import __version__
from workplan import permissions, rules
from workplan.models import WorkPlan
from workplan.views.addresses import is_to_be_found, origin, whole


def house(request: HttpRequest) -> dict[str, Any]:
    """The plan of the navigation, what this person may do, and the vocabularies."""
    user = getattr(request, "user", None)
    return {
        "nav_plan": SimpleLazyObject(lambda: WorkPlan.objects.current() if permissions.may_read(user) else None),
        "is_to_be_found": is_to_be_found(request.path),
        "address": SimpleLazyObject(lambda: whole(request, request.path)),
        "origin": SimpleLazyObject(lambda: origin(request)),
        "my_bodies": SimpleLazyObject(lambda: permissions.bodies_of(user)),
        "can_record": SimpleLazyObject(lambda: permissions.can_record_status(user)),
        "can_review": SimpleLazyObject(lambda: permissions.can_review(user)),
        "can_use_admin": SimpleLazyObject(lambda: permissions.can_use_admin(user)),
        "may_read": permissions.may_read(user),
        "can_see_names": permissions.can_see_names(user),
        "statuses": rules.STATUSES,
        "apta_version": __version__,
    }
