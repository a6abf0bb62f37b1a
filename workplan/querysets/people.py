"""Questions about people."""

from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from workplan import permissions
from workplan.models import ApiToken, User
from workplan.permissions import ADMINISTRATORS_GROUP


def administrators() -> QuerySet[User]:
    """The administrators who can sign in: superusers and members of their group, demo accounts on a trial only."""
    # Asked for as a subquery: a join would name a superuser in two groups twice.
    membership = User.groups.through.objects.filter(user=OuterRef("pk"), group__name=ADMINISTRATORS_GROUP)
    found = User.objects.filter(Q(is_superuser=True) | Exists(membership), is_active=True, is_service=False)
    return found if settings.TRIAL else found.filter(is_demo=False)


def tokens_kept_by(user: Any) -> QuerySet[ApiToken]:
    """The tokens that ``user`` may see: their own, and of administrators those of service accounts. Newest first."""
    theirs = Q(user=user.pk)
    if permissions.can_manage_people(user):
        others = Q(user__is_service=True)
        theirs |= others if user.is_superuser else others & Q(user__is_superuser=False)
    return ApiToken.objects.filter(theirs).select_related("user", "body").order_by("-created", "pk")
