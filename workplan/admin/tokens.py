"""Tokens in the administration: those of service accounts are made here, and all of them seen and revoked."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_variables

from workplan import permissions
from workplan.actions import Actor, make_token, revoke_token
from workplan.admin.base import RecordAdmin, reason_typed
from workplan.admin.forms import RecordForm
from workplan.forms.tokens import TokenFields
from workplan.models import ApiToken, SectoralBody, User
from workplan.rules.scopes import SCOPES


class ServiceTokenForm(TokenFields, RecordForm):
    """A token of a service account."""

    user = forms.ModelChoiceField(
        User.objects.filter(is_service=True, is_active=True).order_by("username"),
        label="Service account",
        help_text="People make their tokens themselves, on “My account”.",
    )
    body = forms.ModelChoiceField(
        SectoralBody.objects.all(),
        required=False,
        empty_label="All that the account acts for",
        help_text="One of the bodies of which the account is a focal point.",
    )

    class Meta:
        model = ApiToken
        fields = ("user", "name", "body")


@admin.register(ApiToken)
class ApiTokenAdmin(RecordAdmin):
    """Keys of programs."""

    form = ServiceTokenForm
    list_display = ("token_key", "name", "user", "scope_labels", "body", "created", "expiry", "last_used_at")
    list_filter = ("user__is_service", "body", "created", "expiry")
    list_select_related = ("user", "body")
    search_fields = ("token_key", "name", "user__username", "user__first_name", "user__last_name")
    ordering = ("-created",)
    add_fields = ("user", "name", "scopes", "body", "days")
    fields = ("token_key", "name", "user", "scope_labels", "body", "created", "expiry", "last_used_at")
    readonly_fields = ("scope_labels",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else self.add_fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_readonly_fields(request, obj) if obj else ()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """On adding, the whole form: two of its fields are none of the model."""
        if obj is None:
            kwargs["fields"] = ("user", "name", "body")
        return super().get_form(request, obj, change=change, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or permissions.can_manage_account(request.user, obj.user))

    @sensitive_variables()
    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        made, key = make_token(user=form.cleaned_data["user"], by=Actor.of(request, "admin"), **form.values)
        obj.__dict__.update(made.__dict__)
        request.key_made = key  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: Any = None) -> HttpResponse:
        """The key, shown once: it goes into no message, because those are kept in a cookie or session."""
        context = {**self.admin_site.each_context(request), "title": "The token is made", "token": obj}
        context["key"] = request.key_made  # type: ignore[attr-defined]
        response = render(request, "admin/workplan/apitoken/made.html", context, status=201)
        response["Cache-Control"] = "no-store"
        return response

    def delete_model(self, request: HttpRequest, obj: ApiToken) -> None:
        revoke_token(token=obj, by=Actor.of(request, "admin"), reason=reason_typed(request))

    @admin.display(description="may", ordering="scopes")
    def scope_labels(self, token: ApiToken) -> str:
        return ", ".join(SCOPES.label(one) for one in token.scope_list)
