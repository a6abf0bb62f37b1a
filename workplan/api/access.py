"""Who may use the API: asks ``workplan.permissions``, decides nothing itself."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from workplan import permissions
from workplan.exceptions import MissingScope


def refuse_missing_scope(request: Request, view: Any) -> None:
    """Go on only where the token of the request, if it came with one, has the scope that the view declares.

    Where a view declares none for what it writes, only a token that takes nothing away will do.

    Raises:
        MissingScope: it has not; before anything that was sent is read.
    """
    scope = view.scope_needed(request.method)
    missing = permissions.missing_scope(request.user, scope)
    if missing:
        raise MissingScope(missing, scope=scope)


class MayRead(BasePermission):
    """Readers may read. Whoever writes must be authenticated; whether they may is checked by the action."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method not in view.allowed_methods:
            return True  # answered with 405, which helps more than a request to sign in
        if request.method in SAFE_METHODS:
            return permissions.may_read(request.user)
        if request.user.is_authenticated:
            refuse_missing_scope(request, view)
        return bool(request.user.is_authenticated)


class KeepsTokens(BasePermission):
    """Whoever has an account keeps its tokens, but not by a token that takes something away."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.user.is_authenticated and request.method in view.allowed_methods:
            refuse_missing_scope(request, view)
        return bool(request.user.is_authenticated)
