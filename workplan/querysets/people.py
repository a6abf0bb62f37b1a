"""Questions about people."""

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from workplan.models import User
from workplan.permissions import ADMINISTRATORS_GROUP


def administrators() -> QuerySet[User]:
    """The administrators who can sign in: superusers and members of their group, demo accounts on a trial only."""
    # Asked for as a subquery: a join would name a superuser in two groups twice.
    membership = User.groups.through.objects.filter(user=OuterRef("pk"), group__name=ADMINISTRATORS_GROUP)
    found = User.objects.filter(Q(is_superuser=True) | Exists(membership), is_active=True)
    return found if settings.TRIAL else found.filter(is_demo=False)
