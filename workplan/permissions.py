"""Who may. Every channel asks here, and nowhere else.

| who                      | reads plan and approved | sees names | records status | edits plan | people |
| anonymous                | unless closed           | no         | no             | no         | no     |
| signed in without a body | yes                     | yes        | no             | no         | no     |
| focal point              | yes                     | yes        | no             | no         | no     |
| secretariat              | yes                     | yes        | yes            | yes        | no     |
| administrator            | yes                     | yes        | yes            | yes        | yes    |

Closed means ``APTA_PUBLIC_READ=0``.
"""

from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from workplan.models import Activity, SectoralBody

SECRETARIAT_GROUP = "Secretariat"
ADMINISTRATORS_GROUP = "Administrators"


def _groups(user: Any) -> frozenset[str]:
    """The names of the user's groups, asked for once per request."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return frozenset()
    if not hasattr(user, "_group_names"):
        user._group_names = frozenset(user.groups.values_list("name", flat=True))
    names: frozenset[str] = user._group_names
    return names


def is_administrator(user: Any) -> bool:
    """Administrators keep accounts and may do all that the secretariat may."""
    return bool(getattr(user, "is_superuser", False) and user.is_active) or ADMINISTRATORS_GROUP in _groups(user)


def is_secretariat(user: Any) -> bool:
    """The secretariat keeps the plan and what is reported on it."""
    return is_administrator(user) or SECRETARIAT_GROUP in _groups(user)


def bodies_of(user: Any) -> "list[SectoralBody]":
    """The bodies that the user is a focal point of, in the order of lists; asked for once per request."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return []
    if not hasattr(user, "_bodies"):
        user._bodies = list(user.bodies.all())
    bodies: list[SectoralBody] = user._bodies
    return bodies


def may_read(user: Any) -> bool:
    """Anyone reads the plan and its approved updates, unless the installation is closed to the public."""
    return settings.PUBLIC_READ or bool(getattr(user, "is_authenticated", False))


def can_see_names(user: Any) -> bool:
    """Names of people are for those who have an account."""
    return bool(getattr(user, "is_authenticated", False))


def can_record_status(user: Any, activity: "Activity | None" = None) -> bool:
    """The secretariat records a status on every activity, or, with no activity named, on any."""
    return is_secretariat(user)


def can_edit_plan(user: Any) -> bool:
    """The secretariat edits plan, bodies, aliases and responsibilities."""
    return is_secretariat(user)


def can_manage_people(user: Any) -> bool:
    """Administrators keep accounts, groups, memberships and tokens."""
    return is_administrator(user)


def can_use_admin(user: Any) -> bool:
    """The administration site is for whoever keeps something there."""
    return can_edit_plan(user) or can_manage_people(user)


def can_see_audit(user: Any) -> bool:
    """The audit trail names people, so it is the secretariat's."""
    return is_secretariat(user)
