"""When a person leaves: their account is closed, what they wrote stays, and what goes on is handed over."""

from django.db import transaction
from django.utils import timezone

from workplan import permissions
from workplan.actions import audit
from workplan.actions.actor import Actor
from workplan.actions.plan import delete_record, save_record
from workplan.exceptions import Invalid, NotAllowed
from workplan.models import Membership, SavedView, User


@transaction.atomic
def close_account(*, user: User, by: Actor, successor: User | None = None, reason: str = "") -> None:
    """Deactivate an account, and hand over what goes on without its owner.

    The successor becomes focal point of the bodies that the person represented, and owner of their shared views, but
    for those whose name the successor has given to a view already. Private views stay, and nobody sees them.

    Args:
        user: whose account it is; it gets the new values.
        by: an administrator.
        successor: who goes on; ``None`` for nobody, and then everything stays with the closed account.
        reason: why, in the administrator's words.

    Raises:
        NotAllowed: the person may not keep this account, or it is their own.
        Invalid: the successor is the person, or cannot sign in.
        LastAdministrator: no administrator would be left.
    """
    if by.user is not None and by.user.pk == user.pk:
        raise NotAllowed("Nobody deactivates the account that they are signed in with.")
    user.is_active = False
    save_record(record=user, by=by, reason=reason)
    if successor is None:
        return
    if successor.pk == user.pk or not permissions.may_use_password(successor):
        raise Invalid(fields={"successor": ["Choose somebody else, who can sign in."]})
    theirs = set(Membership.objects.filter(user=successor).values_list("body", flat=True))
    for membership in Membership.objects.filter(user=user).select_related("user", "body"):
        delete_record(record=membership, by=by, reason=reason)
        if membership.body_id not in theirs:
            save_record(record=Membership(user=successor, body=membership.body), by=by, reason=reason)
    names = set(SavedView.objects.filter(owner=successor).values_list("name", flat=True))
    views = SavedView.objects.select_for_update(of=("self",), no_key=True).filter(owner=user, is_shared=True)
    for view in views.exclude(name__in=names).select_related("plan").order_by("pk"):
        view.owner, view.version, view.updated_at = successor, view.version + 1, timezone.now()
        view.save(update_fields=["owner", "version", "updated_at"])
        changes = {"owner": [str(user), str(successor)]}
        audit.entry(action="view.changed", record=view, changes=changes, by=by, reason=reason).save()
