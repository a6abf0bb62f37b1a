"""Saved views in JSON, and what must be sent to save or change one."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workplan import permissions, rules
from workplan.accounts.keys import with_key
from workplan.api.fields import (
    Address,
    Addresses,
    Moment,
    PageAddress,
    PlanCodeField,
    StrictBoolean,
    StrictChoice,
    StrictSerializer,
    StrictText,
    TermField,
)
from workplan.api.serializers.document import BOOKKEEPING, RecordSerializer
from workplan.api.serializers.reports import Name
from workplan.models import SavedView
from workplan.models.base import SHORT_TEXT


class SavedViewSerializer(RecordSerializer):
    """A choice of activities under a name."""

    url = Address("views", key="slug")
    html_url = PageAddress()
    slug = serializers.CharField(help_text="What addresses and `?view=` call it. It stays when the name changes.")
    plan = serializers.CharField(source="plan.code", help_text="Code of the work plan.")
    query = serializers.CharField(help_text="Parameters of `activities/`, in a form of their own order.")
    page = TermField(rules.VIEW_PAGES, help_text="Where its page opens.")
    owner = Name(source="owner.__str__", allow_null=True)
    activities_url = serializers.SerializerMethodField(help_text="The activities that it chooses.")
    feed_url = serializers.SerializerMethodField(
        help_text="Its Atom feed; null where the view is private. Where the plan is not public, with the caller’s key."
    )
    is_followed = serializers.BooleanField(help_text="Whether the calling user follows it.")
    created_at = Moment()
    allowed_actions = serializers.SerializerMethodField(help_text="What the calling user can do to it now.")

    class Meta:
        model = SavedView
        fields = [
            *("id", "url", "html_url", "slug", "plan", "name", "query", "page", "is_shared", "owner"),
            *("activities_url", "feed_url", "is_followed", "created_at", *BOOKKEEPING, "allowed_actions"),
        ]

    @extend_schema_field(OpenApiTypes.URI)
    def get_activities_url(self, view: SavedView) -> str:
        addresses: Addresses = self.context["addresses"]
        return f"{addresses.origin}{reverse('api-activities')}?{urlencode({'view': view.slug})}"

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_feed_url(self, view: SavedView) -> str | None:
        addresses: Addresses = self.context["addresses"]
        address = with_key(reverse("view-feed", args=[view.slug]), self.context["request"], rules.FEED)
        return addresses.origin + address if view.is_shared else None

    @extend_schema_field({"type": "array", "items": {"type": "string", "enum": list(permissions.VIEW_ACTIONS)}})
    def get_allowed_actions(self, view: SavedView) -> list[str]:
        return permissions.allowed_view_actions(self.context["request"].user, view)


class SavedViewChange(StrictSerializer):
    """New values of a view. What is left out stays as it is."""

    name = StrictText(required=False, max_length=100, help_text="Such as “Training, not started”.")
    query = StrictText(
        required=False,
        allow_blank=True,
        max_length=SHORT_TEXT,
        help_text="Parameters of `activities/`, such as `status=ongoing&body=SOMTC`, without paging, plan and as_of.",
    )
    page = StrictChoice(choices=rules.VIEW_PAGES.choices, required=False)
    is_shared = StrictBoolean(required=False, help_text="Whether everybody who may read the plan sees it.")


class SavedViewInput(SavedViewChange):
    """A view that is to be saved."""

    plan = PlanCodeField(help_text="Code of the work plan.")

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for name in ("name", "query"):
            fields[name].required = True
        return fields
