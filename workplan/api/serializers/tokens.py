"""Tokens in JSON, and what must be sent to make one."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workplan import permissions
from workplan.api.fields import (
    Address,
    BodyAcronymField,
    Moment,
    StrictChoice,
    StrictNumber,
    StrictSerializer,
    StrictText,
    TermField,
)
from workplan.models import ApiToken, User
from workplan.rules.scopes import EVERY_SCOPE, MOST_TOKEN_NAME, SCOPES


class KeptTokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A token, without its key, which is kept nowhere."""

    url = Address("tokens", key="token_key")
    prefix = serializers.CharField(source="token_key", help_text="The first characters of its key.")
    account = serializers.CharField(source="user.username", help_text="User name of the account that it acts for.")
    scopes = serializers.ListField(
        source="scope_list",
        child=TermField(SCOPES),
        help_text="What it may be used for, with the scopes that are included.",
    )
    body = serializers.CharField(
        source="body.acronym", allow_null=True, default=None, help_text="The body for which alone it acts, if any."
    )
    created_at = Moment(source="created")
    expiry = Moment(help_text="When it ends.")
    last_used_at = Moment(allow_null=True, help_text="When it was used last, to the hour; null if never.")

    class Meta:
        model = ApiToken
        fields: Any = ["url", "prefix", "account", "name", "scopes", "body", "created_at", "expiry", "last_used_at"]
        read_only_fields = fields


class MadeTokenSerializer(KeptTokenSerializer):
    """A token that was just made, with its key."""

    token = serializers.SerializerMethodField(help_text="Shown once. Send it as “Authorization: Bearer …”.")

    class Meta(KeptTokenSerializer.Meta):
        fields: Any = [*KeptTokenSerializer.Meta.fields, "token"]

    @extend_schema_field({"type": "string"})
    def get_token(self, token: ApiToken) -> str:
        return str(self.context["key"])


class TokenInput(StrictSerializer):
    """A token that is to be made."""

    name = StrictText(max_length=MOST_TOKEN_NAME, help_text="What it is for, such as “Nightly copy”.")
    scopes = serializers.ListField(
        child=StrictChoice(choices=SCOPES.choices),
        min_length=1,
        max_length=len(EVERY_SCOPE),
        help_text="What it may be used for; those that are included come with them.",
    )
    body = BodyAcronymField(required=False, help_text="The body for which alone it acts, one of the account’s.")
    days = StrictNumber(
        required=False,
        lowest=1,
        highest=settings.TOKEN_LIFE.days,
        help_text="After how many days it ends; as late as it may if left out.",
    )
    account = StrictText(
        required=False, max_length=150, help_text="User name of a service account. For administrators."
    )

    def validate_account(self, name: str) -> User:
        user: User | None = User.objects.filter(username=name, is_service=True).first()
        asks = self.context["user"]
        if user is None or not permissions.can_manage_account(asks, user):
            raise serializers.ValidationError("There is no such service account that you keep.")
        return user
