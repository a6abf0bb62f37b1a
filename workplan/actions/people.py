"""What holds for accounts and groups besides what holds for every record: an administrator stays."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import Group
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from workplan import permissions, rules
from workplan.actions import audit
from workplan.actions.actor import Actor
from workplan.exceptions import Invalid, LastAdministrator, NotAllowed
from workplan.models import User
from workplan.querysets import zones
from workplan.querysets.people import administrators

# Changes of an account that can take its rights away.
RIGHTS = frozenset({"is_active", "is_superuser", "groups"})


@transaction.atomic
def choose_time_zone(*, user: User, time_zone: str, by: Actor) -> bool:
    """Say where a person is; whether that is another place than before.

    Args:
        user: the person; it gets the new values.
        time_zone: a name such as ``Asia/Manila``; empty for where the secretariat is.
        by: the person.

    Raises:
        NotAllowed: it is somebody else's account.
        Invalid: there is no such time zone.
    """
    if by.user is None or by.user.pk != user.pk:
        raise NotAllowed("Everybody says where they are themselves.")
    time_zone = rules.normalised(time_zone)
    if time_zone and time_zone not in zones():
        raise Invalid(fields={"time_zone": ["There is no such time zone. Use a name such as Asia/Manila."]})
    stored = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    if stored.time_zone == time_zone:
        return False
    before = stored.time_zone
    user.time_zone, user.version, user.updated_at = time_zone, stored.version + 1, timezone.now()
    user.save(update_fields=["time_zone", "version", "updated_at"])
    audit.entry(action="user.changed", record=user, changes={"time_zone": [before, time_zone]}, by=by).save()
    return True


def lock_people(record: models.Model) -> None:
    """Let changes of accounts and groups wait for each other, within the transaction of the caller.

    Two administrators who remove each other at the same moment would both find the other one in place. Everybody
    takes this lock before that of the record.
    """
    if isinstance(record, User | Group):
        rows = Group.objects.select_for_update(of=("self",), no_key=True)
        list(rows.filter(name=permissions.ADMINISTRATORS_GROUP).values_list("pk"))


@contextmanager
def an_administrator_stays(record: models.Model, changes: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Carry out a change of accounts or groups, which has the lock on people, unless it removes the last administrator.

    Args:
        record: what is changed or deleted.
        changes: what changes of it; ``None`` where it is deleted.

    Raises:
        LastAdministrator: no administrator who can sign in would be left. The caller's transaction is undone.
    """
    at_stake = isinstance(record, Group) or (isinstance(record, User) and (changes is None or RIGHTS & set(changes)))
    guarded = at_stake and administrators().exists()
    yield
    if guarded and not administrators().exists():
        raise LastAdministrator


def mark_members_changed(before: Collection[int], after: Collection[int]) -> None:
    """Raise the version of the accounts that a group has gained or lost: their rights are others now."""
    moved = sorted(set(before) ^ set(after))
    rows = User.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=moved).order_by("pk")
    User.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(
        version=F("version") + 1, updated_at=timezone.now()
    )
