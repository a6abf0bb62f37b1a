"""Accounts, memberships, groups and tokens: for administrators."""

import copy
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm, UsernameField
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponseRedirect

from workplan.actions import Actor, save_record
from workplan.admin.base import PartInline, RecordAdmin
from workplan.admin.forms import VERSION, RecordForm, SeveralOf
from workplan.exceptions import Refusal
from workplan.models import ApiToken, Membership, User


class AccountForm(RecordForm, UserChangeForm):
    """An account that exists. Its password has a page of its own."""

    class Meta:
        model = User
        fields = ("username", "password", "first_name", "last_name", "email", "is_active", "groups", "is_superuser")
        field_classes = {"username": UsernameField}


class NewAccountForm(RecordForm, AdminUserCreationForm):
    """A new account. Without a password its owner sets one by the link for a forgotten password."""

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "groups", "is_superuser")
        field_classes = {"username": UsernameField}


class PasswordForm(AdminPasswordChangeForm):
    """Sets a password through the action, so that the trail says that it was done, though not what it is."""

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        self.by = by
        super().__init__(*args, **kwargs)

    def save(self, commit: bool = True) -> User:
        user: User = super().save(commit=False)
        save_record(record=user, by=self.by)
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
    readonly_fields = ("last_login", "date_joined", "is_demo")
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
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
        return super().has_change_permission(request, obj) and (
            obj is None or not obj.is_superuser or bool(getattr(request.user, "is_superuser", False))
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for changes; nobody deletes the account with which they are signed in."""
        return self.has_change_permission(request, obj) and (obj is None or obj.pk != request.user.pk)

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
            kwargs["help_text"] = "The Secretariat keeps plan and statuses; Administrators keep accounts as well."
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """No search by password, nor by the hash of a token, letter by letter."""
        return not lookup.startswith(("password", "auth_token_set")) and super().lookup_allowed(lookup, value, request)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:
        # The view makes its form without saying who asks: a copy for this request tells it.
        admin_of_this_request = copy.copy(self)
        admin_of_this_request.change_password_form = partial(PasswordForm, by=Actor.of(request, "admin"))  # type: ignore[assignment]
        try:
            return super(UserAdmin, admin_of_this_request).user_change_password(request, id, form_url)
        except Refusal as refusal:
            words = [f"{name}: {text}" for name, texts in refusal.fields.items() for text in texts]
            self.message_user(request, " ".join([refusal.message, *words]), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["members"].initial = list(self.instance.user_set.all())

    def links(self) -> Any:
        return {"user_set": self.cleaned_data["members"]}


@admin.register(Group)
class GroupAdmin(RecordAdmin):
    """Groups are made by apta and known by their names; what changes is who is in them."""

    form = GroupForm
    list_display = ("name", "member_names")
    search_fields = ("name",)
    ordering = ("name",)
    fields = ("name", "members")
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
