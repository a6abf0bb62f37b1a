"""Accounts, memberships, groups and tokens: for administrators."""

import copy
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm, UsernameField
from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from workplan import actions, permissions
from workplan.actions import Actor, revoke_token, set_password
from workplan.admin.base import PartInline, RecordAdmin, reason_typed
from workplan.admin.forms import VERSION, RecordForm, SeveralOf
from workplan.exceptions import Invalid, Refusal
from workplan.forms.updates import number_in
from workplan.models import ApiToken, Membership, User
from workplan.monitoring.consequences import of_closing_account


class AccountForm(RecordForm, UserChangeForm):
    """An account that exists. Its password has a page of its own."""

    class Meta:
        model = User
        fields = (
            *("username", "password", "first_name", "last_name", "email", "time_zone"),
            *("is_active", "groups", "is_superuser"),
        )
        field_classes = {"username": UsernameField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "is_active" in self.fields and self.instance.pk and self.instance.is_active:
            self.fields["is_active"].help_text = of_closing_account(self.instance)


class NewAccountForm(RecordForm, AdminUserCreationForm):
    """A new account. Without a password its owner sets one by the link for a forgotten password."""

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "groups", "is_superuser")
        field_classes = {"username": UsernameField}


class PasswordForm(AdminPasswordChangeForm):
    """Sets a password through the action, so that there is an audit entry, without the password."""

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        self.by = by
        super().__init__(*args, **kwargs)

    def save(self, commit: bool = True) -> User:
        user: User = self.user
        password = self.cleaned_data["password1"] if self.cleaned_data["set_usable_password"] else None
        set_password(user=user, password=password, by=self.by)
        return user


class MembershipInline(PartInline):
    model = Membership
    fields = ("body", VERSION)
    autocomplete_fields = ("body",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("body", "user")


@admin.register(User)
class UserAdmin(RecordAdmin, DjangoUserAdmin):
    """Accounts. Only a superuser touches a superuser's account or makes one."""

    form = AccountForm
    add_form = NewAccountForm
    list_display = ("username", "full_name", "email", "group_names", "body_names", "is_active", "last_login")
    list_filter = ("is_active", "groups", "bodies", "is_demo", "is_superuser")
    filter_horizontal = ()
    inlines = (MembershipInline,)
    actions = ("sign_out_everywhere",)
    readonly_fields = ("last_login", "date_joined", "is_demo")
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email", "time_zone")}),
        ("Rights", {"fields": ("is_active", "groups", "is_superuser")}),
        ("Dates", {"fields": ("last_login", "date_joined", "is_demo")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "usable_password", "password1", "password2")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Rights", {"fields": ("groups", "is_superuser")}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups", "bodies")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A superuser's account is a superuser's business: an e-mail or a password is all it takes to take it over."""
        if obj is None:
            return super().has_change_permission(request, obj)
        return permissions.can_manage_account(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for changes; nobody deletes the account with which they are signed in."""
        return self.has_change_permission(request, obj) and (obj is None or obj.pk != request.user.pk)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Of a person with a history the account is closed instead, and what goes on is handed over."""
        user = self.get_object(request, object_id)
        if user is not None and self.has_delete_permission(request, user) and "deactivate" in request.POST:
            return self._close(request, user)
        people = User.objects.filter(is_active=True).order_by("first_name", "last_name", "username")
        successors = [one for one in people if str(one.pk) != object_id and permissions.may_sign_in(one)]
        return super().delete_view(request, object_id, {"successors": successors, **(extra_context or {})})

    def _close(self, request: HttpRequest, user: User) -> HttpResponse:
        chosen = request.POST.get("successor", "")
        successor = User.objects.filter(pk=number_in(chosen) or 0).first() if chosen else None
        try:
            if chosen and successor is None:
                raise Invalid(fields={"successor": ["There is no such person. Select one from the list."]})
            by = Actor.of(request, "admin")
            actions.close_account(user=user, successor=successor, by=by, reason=reason_typed(request))
        except Refusal as refusal:
            words = [text for texts in refusal.fields.values() for text in texts] or [refusal.message]
            self.message_user(request, " ".join(words), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        to = f" Bodies and shared views are transferred to {successor}." if successor else ""
        self.message_user(request, f"The account of {user} is deactivated.{to}", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:workplan_user_changelist"))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if not obj and not getattr(request.user, "is_superuser", False):
            for _, options in fieldsets:
                options["fields"] = [name for name in options["fields"] if name != "is_superuser"]
        return fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = list(super().get_readonly_fields(request, obj))
        if not getattr(request.user, "is_superuser", False):
            fixed.append("is_superuser")
        # Who shuts their own account cannot open it again.
        if obj is not None and obj.pk == request.user.pk:
            fixed.append("is_active")
        return fixed

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs["widget"] = forms.CheckboxSelectMultiple
            kwargs["help_text"] = "The Secretariat manages the plan and statuses; Administrators also manage accounts."
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        closes = change and "is_active" in form.changed_data and not obj.is_active
        ends = of_closing_account(obj) if closes else ""
        super().save_model(request, obj, form, change)
        if ends:
            self.message_user(request, f"The account of {obj} is deactivated. {ends}")

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """No search by password, nor by the hash of a token, letter by letter."""
        return not lookup.startswith(("password", "auth_token_set")) and super().lookup_allowed(lookup, value, request)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:
        # The view makes its form without the user: a copy for this request passes them on.
        admin_of_this_request = copy.copy(self)
        admin_of_this_request.change_password_form = partial(PasswordForm, by=Actor.of(request, "admin"))  # type: ignore[assignment]
        try:
            return super(UserAdmin, admin_of_this_request).user_change_password(request, id, form_url)
        except Refusal as refusal:
            words = [f"{name}: {text}" for name, texts in refusal.fields.items() for text in texts]
            self.message_user(request, " ".join([refusal.message, *words]), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    @admin.action(description="End all sessions and tokens of the selected accounts", permissions=["change"])
    def sign_out_everywhere(self, request: HttpRequest, queryset: Any) -> None:
        """All of them, or none."""
        by = Actor.of(request, "admin")
        with transaction.atomic():
            for user in queryset.order_by("pk"):
                actions.sign_out_everywhere(user=user, by=by)
        self.message_user(request, "Their sessions and tokens have ended.", messages.SUCCESS)

    @admin.display(description="name", ordering="last_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    @admin.display(description="groups")
    def group_names(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all())

    @admin.display(description="focal point of")
    def body_names(self, user: User) -> str:
        return ", ".join(body.acronym for body in user.bodies.all())


@admin.register(Membership)
class MembershipAdmin(RecordAdmin):
    list_display = ("user", "body")
    list_filter = ("body",)
    list_select_related = ("user", "body")
    search_fields = ("user__username", "user__first_name", "user__last_name", "body__acronym", "body__name")
    autocomplete_fields = ("user", "body")
    fields = ("user", "body")


class GroupForm(RecordForm):
    """Who is in the group."""

    members = forms.ModelMultipleChoiceField(queryset=User.objects.all(), required=False)
    # The keys of the members that were shown: a group has no version.
    seen_members = forms.CharField(widget=forms.HiddenInput, required=False, max_length=100_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored = list(self.instance.user_set.order_by("first_name", "last_name", "username"))
        self.fields["members"].initial = self.stored
        self.fields["seen_members"].initial = self._keys_stored()

    def clean(self) -> Any:
        values = super().clean()
        if "members" in self.cleaned_data and self.cleaned_data.get("seen_members") != self._keys_stored():
            self._say_stale()
            names = ", ".join(str(one) for one in self.stored)
            self.add_error("members", f"Stored value: {names or 'nobody'}.")
            data: Any = self.data.copy()  # type: ignore[attr-defined]
            data[self.add_prefix("seen_members")] = self._keys_stored()
            self.data = data
        return values

    def _keys_stored(self) -> str:
        return ",".join(str(pk) for pk in sorted(one.pk for one in self.stored))

    def links_seen(self) -> dict[str, set[int]]:
        return {"user_set": {int(pk) for pk in self.cleaned_data["seen_members"].split(",") if pk}}

    def links(self) -> Any:
        return {"user_set": self.cleaned_data["members"]}


@admin.register(Group)
class GroupAdmin(RecordAdmin):
    """Groups are made by apta and identified by their names; only their members change."""

    form = GroupForm
    list_display = ("name", "member_names")
    search_fields = ("name",)
    ordering = ("name",)
    fields = ("name", "members", "seen_members")
    readonly_fields = ("name",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("user_set")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        # Any field that leads to an account says to the autocomplete what to look for.
        form.base_fields["members"].widget = SeveralOf(Membership._meta.get_field("user"), self.admin_site)
        form.base_fields["members"].widget.choices = form.base_fields["members"].choices
        return form

    @admin.display(description="members")
    def member_names(self, group: Group) -> str:
        return ", ".join(str(user) for user in group.user_set.all())  # type: ignore[attr-defined]


@admin.register(ApiToken)
class ApiTokenAdmin(RecordAdmin):
    """Keys of programs. They are obtained by the API; here they are seen and taken away."""

    list_display = ("token_key", "user", "created", "expiry")
    list_filter = ("created", "expiry")
    list_select_related = ("user",)
    search_fields = ("token_key", "user__username", "user__first_name", "user__last_name")
    fields = ("token_key", "user", "created", "expiry")
    ordering = ("-created",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: ApiToken) -> None:
        revoke_token(token=obj, by=Actor.of(request, "admin"), reason=reason_typed(request))
