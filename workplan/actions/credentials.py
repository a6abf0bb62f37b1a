"""With what people and their programs are let in: passwords, sessions and tokens. Each event leaves an audit entry."""

import datetime
import logging
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone
from knox.models import get_digest_token
from knox.settings import CONSTANTS, knox_settings

from workplan import permissions, rules
from workplan.actions import attempts, audit
from workplan.actions.actor import Actor
from workplan.exceptions import Invalid, NotAllowed, Stale, TooManyTokens, will_pass
from workplan.models import ApiToken, AuditEntry, SectoralBody, User
from workplan.rules.scopes import EVERY_SCOPE, MOST_TOKEN_NAME, SCOPES, with_included

NOT_FOR_OTHERS = "People make their tokens themselves. For a service account an administrator makes one."
# When a token was used is told to the hour, so that reading writes little.
USE_IS_TOLD_EVERY = datetime.timedelta(hours=1)
NOT_THE_OWNER = "Only the owner of an account can do this."
PASSWORD_CHANGED = "The password was changed."
log = logging.getLogger(__name__)

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
def make_token(
    *,
    user: User,
    by: Actor,
    name: str = "",
    scopes: Collection[str] = EVERY_SCOPE,
    body: SectoralBody | None = None,
    life: datetime.timedelta | None = None,
) -> tuple[ApiToken, str]:
    """Make a token with which a program acts for ``user``, and return it with its key, which is kept nowhere.

    It ends earlier with a change of the password, with the account and with signing out everywhere. One that is made
    by a token ends with that one at the latest.

    Args:
        user: its owner, as read when the password was checked.
        by: the owner; of a service account an administrator.
        name: what the owner calls it; empty for one that is obtained with a password.
        scopes: what it may be used for, of ``SCOPES``; those that they include come with them.
        body: the body for which alone it acts, one of the owner's; ``None`` for all that the owner acts for.
        life: how long it lasts, up to ``APTA_TOKEN_DAYS``, which is what ``None`` means.

    Raises:
        NotAllowed: it is somebody else's account.
        MissingScope: the maker has come in by a token that does not allow everything that its account may do.
        Invalid: there is no such scope, the body is none of the owner's, or it would last too long.
        Stale: the password has been changed, or the account closed, since ``user`` was read.
        TooManyTokens: the account has as many as it may have.
    """
    if by.user is None or by.user.pk != user.pk:
        if not user.is_service:
            raise NotAllowed(NOT_FOR_OTHERS)
        _require_permission(user, by)
    by.require_scope(permissions.WHOLE)
    expiry = timezone.now() + _checked_life(life)
    grant = permissions.grant_of(by.user)
    expiry = min(expiry, grant.expiry) if grant else expiry
    stored = _locked(user)
    if not stored.is_active or _lets_in(stored) != _lets_in(user):
        raise Stale
    _end(_expired(user=user), by=_nobody(), reason="Its time was over.")
    limit = knox_settings.TOKEN_LIMIT_PER_USER
    if limit is not None and ApiToken.objects.filter(user=user).count() >= limit:
        raise TooManyTokens
    values = _checked_values(stored, name=name, scopes=scopes, body=body)
    digest, key = get_digest_token()
    token = ApiToken(digest=digest, token_key=key[: CONSTANTS.TOKEN_KEY_LENGTH], user=user, expiry=expiry, **values)
    token.save(force_insert=True)
    changes = {
        "expiry": [None, audit.plain(token.expiry)],
        "name": [None, token.name],
        "scopes": [None, token.scopes],
        "body": [None, body.acronym if body else None],
    }
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
    grant = permissions.grant_of(by.user)
    if grant is None or grant.key != token.pk:
        by.require_scope(permissions.WHOLE)
    if ApiToken.objects.select_for_update(of=("self",), no_key=True).filter(pk=token.pk).first() is None:
        return
    audit.entry(action="apitoken.revoked", record=token, changes={}, by=by, reason=reason).save()
    ApiToken.objects.filter(pk=token.pk).delete()


def note_token_used(token: ApiToken) -> None:
    """Note that a program has come in by ``token``, unless that was noted less than an hour ago.

    That it cannot be noted, while somebody else writes for long, keeps nobody from reading.
    """
    now = timezone.now()
    if token.last_used_at is not None and now - token.last_used_at < USE_IS_TOLD_EVERY:
        return
    try:
        with transaction.atomic():
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    except DatabaseError as problem:
        if not will_pass(problem):
            raise
        log.info("That a token was used could not be noted: the database is busy.")


@transaction.atomic
def end_expired_tokens() -> int:
    """Clear away the tokens whose time is over, each with an entry; how many. They let nobody in any more as it is."""
    expired = _expired()
    _end(expired, by=_nobody(), reason="Its time was over.")
    return len(expired)


def _checked_life(life: datetime.timedelta | None) -> datetime.timedelta:
    longest = settings.TOKEN_LIFE
    if life is not None and not datetime.timedelta(0) < life <= longest:
        raise Invalid(fields={"days": [f"Give a number of days from 1 to {longest.days}."]})
    return longest if life is None else life


def _checked_values(user: User, *, name: str, scopes: Collection[str], body: SectoralBody | None) -> dict[str, Any]:
    name = rules.normalised(name)
    if len(name) > MOST_TOKEN_NAME:
        raise Invalid(fields={"name": [f"Use at most {MOST_TOKEN_NAME} characters."]})
    if not scopes or any(one not in SCOPES for one in scopes):
        raise Invalid(fields={"scopes": [f"Choose from {', '.join(SCOPES.values)}, at least one."]})
    if body is not None and not user.bodies.filter(pk=body.pk).exists():
        raise Invalid(fields={"body": [f"The account does not act for {body}."]})
    return {"name": name, "scopes": " ".join(with_included(scopes)), "body": body}


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
