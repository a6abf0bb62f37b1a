"""The administration site itself: who comes in, and how."""

from functools import update_wrapper
from http import HTTPStatus
from typing import Any

from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from workplan import permissions
from workplan.forms.typed_texts import typed_texts
from workplan.models import AuditEntry
from workplan.rules import UNREADABLE

NOT_FOR_YOU = "The administration site is for the secretariat and for administrators."


class PlanAdminSite(admin.AdminSite):
    """Where the secretariat keeps the plan and administrators keep the accounts."""

    site_header = site_title = "apta"
    index_title = "Administration"
    enable_nav_sidebar = True

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take in apta's own admins only.

        What other apps bring along (groups with permissions, e-mail addresses of allauth) would write past
        the actions and ask for permissions that nobody has here.
        """
        if getattr(admin_class, "belongs_to_apta", False):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return permissions.can_use_admin(request.user)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        guarded = super().admin_view(view, cacheable)

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            # Whoever is signed in and may not come in would be sent to and fro between here and the sign-in page.
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied(NOT_FOR_YOU)
            typed = typed_texts(request) if request.method == "POST" and not request.user.is_authenticated else []
            if typed:
                context = {"typed": typed, "back": request.get_full_path()}
                return render(request, "workplan/typed_text.html", context, status=HTTPStatus.FORBIDDEN)
            if any(UNREADABLE.search(text) for name, values in request.GET.lists() for text in (name, *values)):
                raise BadRequest("The address holds a character that no text can have.")
            return guarded(request, *args, **kwargs)  # type: ignore[no-any-return]

        return update_wrapper(inner, guarded)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The ordinary sign-in, which has the limits against guessing."""
        index = reverse("admin:index", current_app=self.name)
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME) or index)
        if not self.has_permission(request):
            raise PermissionDenied(NOT_FOR_YOU)
        return redirect(index)

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_change_password")

    password_change_done = password_change

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The start page, with the latest actions of the person, from the audit trail."""
        mine = AuditEntry.objects.filter(actor_id=request.user.pk)[:10]
        return super().index(request, {"my_last_actions": mine, **(extra_context or {})})
