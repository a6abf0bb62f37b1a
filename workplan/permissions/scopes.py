"""What the token of a program leaves of the rights of its account.

An account that comes in by a token carries a ``TokenGrant``. It takes rights away and never adds one: whatever the
account may do, a token does only with the scope for it, and one that is bound to a body only for that body. An account
that is signed in by a password carries none, and nothing is taken away. Every function of ``permissions`` that lets
somebody write asks here.
"""

from typing import Any

from workplan.rules.scopes import EVERY_SCOPE, READ_SCOPE, SCOPES, TokenGrant

# What a declaration of the API names where only a token without any limit will do.
WHOLE = "whole"


def restrict(user: Any, grant: TokenGrant) -> None:
    """Let ``user`` do from now on only what ``grant`` allows. What was asked about them before is forgotten."""
    user.token_grant = grant
    for name in ("_group_names", "_bodies"):
        user.__dict__.pop(name, None)


def grant_of(user: Any) -> TokenGrant | None:
    """What the token allows by which ``user`` has come in; ``None`` where they came in without one."""
    grant: TokenGrant | None = getattr(user, "token_grant", None)
    return grant


def body_of_token(user: Any) -> int | None:
    """The body to which the token of ``user`` is bound."""
    grant = grant_of(user)
    return grant.body_id if grant else None


def has_scope(user: Any, scope: str) -> bool:
    """Whether ``user`` came in without a token, or by one that has ``scope`` (of ``SCOPES``, or ``WHOLE``)."""
    grant = grant_of(user)
    if grant is None:
        return True
    return grant.is_whole if scope == WHOLE else scope in grant.scopes


def missing_scope(user: Any, scope: str) -> str:
    """The sentence that says that the token of ``user`` does not have ``scope``; empty where it has."""
    grant = grant_of(user)
    if grant is None or has_scope(user, scope):
        return ""
    has = ", ".join(f"“{one}”" for one in SCOPES.values if one in grant.scopes)
    if scope not in SCOPES:
        every = ", ".join(f"“{one}”" for one in EVERY_SCOPE)
        return (
            f"This needs a token that has every scope ({every}) and is bound to no body, or a sign-in with a password."
        )
    return f"This token does not have the scope “{scope}”, which this needs. It has {has}."


def writes(user: Any) -> bool:
    """Whether ``user`` may write anything at all of the plan and its reports, as far as their token goes."""
    grant = grant_of(user)
    return grant is None or grant.scopes != {READ_SCOPE}


def can_keep_tokens(user: Any) -> bool:
    """Tokens are kept by whoever has signed in, and by a token that takes nothing away: none makes a wider one."""
    return bool(getattr(user, "is_authenticated", False) and user.is_active) and has_scope(user, WHOLE)
