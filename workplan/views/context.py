"""What every page knows."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from apta import __version__
from apta.addresses import absolute_url, origin
from workplan import permissions, rules
from workplan.models import WorkPlan
from workplan.querysets import deadline_zone
from workplan.views.addresses import is_to_be_found


def site_context(request: HttpRequest) -> dict[str, Any]:
    """The plan of the navigation, what this person may do, and the vocabularies."""
    user = getattr(request, "user", None)
    return {
        "nav_plan": SimpleLazyObject(lambda: WorkPlan.objects.current() if permissions.may_read(user) else None),
        "is_to_be_found": is_to_be_found(request.path_info),
        "address": SimpleLazyObject(lambda: absolute_url(request.path, request)),
        "origin": SimpleLazyObject(lambda: origin(request)),
        "my_bodies": SimpleLazyObject(lambda: permissions.bodies_of(user)),
        "can_record": SimpleLazyObject(lambda: permissions.can_record_status(user)),
        "can_review": SimpleLazyObject(lambda: permissions.can_review(user)),
        "can_use_admin": SimpleLazyObject(lambda: permissions.can_use_admin(user)),
        "can_see_system": SimpleLazyObject(lambda: permissions.can_see_system(user)),
        "may_read": permissions.may_read(user),
        "can_see_names": permissions.can_see_names(user),
        "statuses": rules.STATUSES,
        "deadline_zone": deadline_zone(),
        "apta_version": __version__,
    }
