"""With what people and their programs are let in: passwords, sessions and tokens. Each event leaves an audit entry."""

from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from knox.settings import knox_settings

from workplan import permissions
from workplan.actions import attempts, audit
from workplan.actions.actor import Actor
from workplan.exceptions import Invalid, NotAllowed, Stale, TooManyTokens
from workplan.models import ApiToken, AuditEntry, User

NOT_THE_OWNER = "Only the owner of an account can do this."
PASSWORD_CHANGED = "The password was changed."
# A password is never copied into the audit trail.
HIDDEN: dict[str, list[Any]] = {"password": ["…", "…"]}


@transaction.atomic
def change_password(*, user: User, password: str, by: Actor) -> None:
    """The owner of an account, who has given the old password, chooses another one.

    Every other session, every token and every link for a new password of the account ends.

    Args:
        user: whose password it is, as read when the old password was checked; it gets the new values.
        password: the new one, which the form has checked.
        by: the owner.

    Raises:
        NotAllowed: it is somebody else's account.
        Stale: the password has been changed since ``user`` was read.
    """
    _refuse_others(user, by)
    _replace_password(user, password, by=by, action="user.password_changed")


@transaction.atomic
def reset_password(*, user: User, password: str, by: Actor) -> None:
    """Whoever has followed a link for a new password chooses it. Everything that let somebody in before ends.

    Args:
        user: whose password it is, as read when the link was checked; it gets the new values.
        password: the new one, which the form has checked.
        by: the owner of the account, to whom the link was sent.

    Raises:
        NotAllowed: it is somebody else's account.
        Stale: the password has been changed since ``user`` was read, for instance by the same link.
    """
    _refuse_others(user, by)
    _replace_password(user, password, by=by, action="user.password_reset")


@transaction.atomic
def set_password(*, user: User, password: str | None, by: Actor) -> None:
    """An administrator, or a command on the server, gives an account another password. Everything else ends.

    Args:
        user: whose password it is; it gets the new values.
        password: the new one, which the form has checked; ``None`` for no password until its owner resets it by mail.
        by: who sets it.

    Raises:
        NotAllowed: the person may not keep this account.
        Invalid: the account breaks a rule, which has to be corrected first.
    """
    _require_permission(user, by)
    try:
        user.full_clean(exclude={"password"})
    except ValidationError as problem:
        raise Invalid(fields=problem.message_dict) from problem
    _replace_password(user, password, by=by, action="user.password_set", is_stale_refused=False)


@transaction.atomic
def sign_in(*, user: User, by: Actor) -> None:
    """Note in the audit trail that somebody has signed in, by the sign-in page."""
    _refuse_others(user, by)
    audit.entry(action="user.signed_in", record=user, changes={}, by=by).save()


@transaction.atomic
def sign_out_everywhere(*, user: User, by: Actor, reason: str = "") -> None:
    """End every session, every token and every link for a new password of an account; its password stays.

    Args:
        user: whose sessions and tokens end; it gets the new values.
        by: the owner, or an administrator.
        reason: why, in the person's words.

    Raises:
        NotAllowed: the person may not keep this account.
    """
    if by.user is None or by.user.pk != user.pk:
        _require_permission(user, by)
    _locked(user)
    audit.entry(action="user.signed_out_everywhere", record=user, changes={}, by=by, reason=reason).save()
    end_access(user=user, by=by, reason="Signed out everywhere.")


def end_access(*, user: User, by: Actor, reason: str) -> None:
    """End what lets somebody in as ``user``, within the transaction of the caller, who has locked the account.

    Args:
        user: the account; its access version rises.
        by: who brings it about.
        reason: why, as the entry of each token says it.
    """
    user.access_version = User.objects.values_list("access_version", flat=True).get(pk=user.pk) + 1
    user.save(update_fields=["access_version"])
    end_tokens(user=user, by=by, reason=reason)


def end_tokens(*, user: User, by: Actor, reason: str) -> None:
    """End the tokens of ``user``, each with an entry, within the transaction of the caller."""
    _end(list(ApiToken.objects.filter(user=user).select_related("user").order_by("created")), by=by, reason=reason)


@transaction.atomic
def make_token(*, user: User, by: Actor) -> tuple[ApiToken, str]:
    """Make a token with which a program acts for ``user``, and return it with its key, which is kept nowhere.

    It ends after ``APTA_TOKEN_DAYS``, and earlier with a change of the password.

    Args:
        user: its owner, as read when the password was checked.
        by: the owner.

    Raises:
        NotAllowed: it is somebody else's account.
        Stale: the password has been changed, or the account closed, since ``user`` was read.
        TooManyTokens: the account has as many as it may have.
    """
    _refuse_others(user, by)
    stored = _locked(user)
    if not stored.is_active or _lets_in(stored) != _lets_in(user):
        raise Stale
    _end(_expired(user=user), by=_nobody(), reason="Its time was over.")
    limit = knox_settings.TOKEN_LIMIT_PER_USER
    if limit is not None and ApiToken.objects.filter(user=user).count() >= limit:
        raise TooManyTokens
    token, key = ApiToken.objects.create(user=user)
    changes = {"expiry": [None, audit.plain(token.expiry)]}
    audit.entry(action="apitoken.created", record=token, changes=changes, by=by).save()
    return token, key


@transaction.atomic
def revoke_token(*, token: ApiToken, by: Actor, reason: str = "") -> None:
    """Take a token away before its time. One that is gone already stays gone.

    Args:
        token: the token.
        by: its owner, or an administrator.
        reason: why, in the person's words.

    Raises:
        NotAllowed: the person may not keep the account.
    """
    if by.user is None or by.user.pk != token.user_id:
        _require_permission(token.user, by)
    if ApiToken.objects.select_for_update(of=("self",), no_key=True).filter(pk=token.pk).first() is None:
        return
    audit.entry(action="apitoken.revoked", record=token, changes={}, by=by, reason=reason).save()
    ApiToken.objects.filter(pk=token.pk).delete()


@transaction.atomic
def end_expired_tokens() -> int:
    """Clear away the tokens whose time is over, each with an entry; how many. They let nobody in any more as it is."""
    expired = _expired()
    _end(expired, by=_nobody(), reason="Its time was over.")
    return len(expired)


def _expired(**of: Any) -> list[ApiToken]:
    rows = ApiToken.objects.select_for_update(of=("self",), no_key=True).filter(expiry__lte=timezone.now(), **of)
    return list(rows.select_related("user").order_by("pk"))


def _end(tokens: list[ApiToken], *, by: Actor, reason: str) -> None:
    entries = [audit.entry(action="apitoken.ended", record=token, changes={}, by=by, reason=reason) for token in tokens]
    AuditEntry.objects.bulk_create(entries)
    ApiToken.objects.filter(pk__in=[token.pk for token in tokens]).delete()


def _nobody() -> Actor:
    """What happens because its time has come is done by the server."""
    return Actor(user=None, channel="command")


def _replace_password(
    user: User, password: str | None, *, by: Actor, action: str, is_stale_refused: bool = True
) -> None:
    stored = _locked(user)
    if action != "user.password_changed":
        attempts.free_account(user=user)
    if is_stale_refused and stored.password != user.password:
        raise Stale
    user.password = make_password(password)
    user.save(update_fields=["password"])
    audit.entry(action=action, record=user, changes=HIDDEN, by=by).save()
    end_access(user=user, by=by, reason=PASSWORD_CHANGED)


def _lets_in(user: User) -> tuple[str, int]:
    return user.password, user.access_version


def _locked(user: User) -> User:
    return User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)


def _refuse_others(user: User, by: Actor) -> None:
    if by.user is None or by.user.pk != user.pk:
        raise NotAllowed(NOT_THE_OWNER)


def _require_permission(user: User, by: Actor) -> None:
    if not by.is_server and not permissions.can_manage_account(by.user, user):
        raise NotAllowed("You are not allowed to change this account.")
