"""Who may use the API: asks ``workplan.permissions``, decides nothing itself."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from workplan import permissions


class MayRead(BasePermission):
    """Readers may read. Whoever writes must be authenticated; whether they may is checked by the action."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method not in view.allowed_methods:
            return True  # answered with 405, which helps more than a request to sign in
        if request.method in SAFE_METHODS:
            return permissions.may_read(request.user)
        return bool(request.user.is_authenticated)
