"""The first account of an installation: made on the server, before anybody can sign in who could make it."""

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction

from workplan.actions.actor import Actor
from workplan.actions.people import lock_people
from workplan.actions.plan import save_record
from workplan.exceptions import Invalid, NotAllowed, WrongState
from workplan.models import User
from workplan.permissions import ADMINISTRATORS_GROUP
from workplan.querysets.people import administrators

ADMINISTRATOR_EXISTS = (
    "There is an administrator already, who makes further accounts in the administration site. "
    "A forgotten password is replaced by email, or by manage.py changepassword."
)


@transaction.atomic
def invite_first_administrator(*, username: str, email: str, name: str, by: Actor) -> User:
    """Make the account of the first administrator, without a password: its owner chooses it by a link that works once.

    Whoever has been invited and has not chosen a password yet is invited again, with the address and name given now.

    Args:
        username: the name to sign in with.
        email: where the link is sent.
        name: first and last name.
        by: the command on the server.

    Raises:
        NotAllowed: it is no command on the server.
        WrongState: there is an administrator who has a password.
        Invalid: a value cannot be used, such as an address that is none.
    """
    if not by.is_server:
        raise NotAllowed
    group, _ = Group.objects.get_or_create(name=ADMINISTRATORS_GROUP)
    lock_people(group)
    if any(one.has_usable_password() for one in administrators()):
        raise WrongState(ADMINISTRATOR_EXISTS)
    if not email:
        raise Invalid(fields={"email": ["Give the email address for the invitation."]})
    user = administrators().filter(username=username).first() or User(
        username=username, password=make_password(None), is_superuser=True
    )
    user.email = email
    user.first_name, _, user.last_name = name.partition(" ")
    save_record(record=user, by=by, links={"groups": [group]}, reason="Invited as the first administrator.")
    return user
