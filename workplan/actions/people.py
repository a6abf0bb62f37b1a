"""What people do with their own accounts."""

from django.db import transaction

from workplan.actions import trail
from workplan.actions.actor import Actor
from workplan.models import User


@transaction.atomic
def set_password(*, user: User, password: str, by: Actor) -> None:
    """Give ``user`` another password; the trail says so, and not which.

    Args:
        user: whose password it is.
        password: the new one, which the form has checked.
        by: who sets it; whoever resets a forgotten password by mail acts as the owner of the account.
    """
    user.set_password(password)
    user.save(update_fields=["password"])
    trail.entry(action="user.password_set", record=user, changes={"password": ["…", "…"]}, by=by).save()
