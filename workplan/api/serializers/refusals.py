"""Errors in JSON, and what asks for a token and gives it."""

from typing import Any

from rest_framework import serializers

from workplan.api.fields import Moment, StrictSerializer, StrictText
from workplan.api.serializers.activities import ActivityDetailSerializer
from workplan.api.serializers.reports import ContributionSerializer, UpdateDetailSerializer
from workplan.api.serializers.rounds import DeadlineExtensionSerializer, RoundSerializer
from workplan.api.serializers.saved_views import SavedViewSerializer


class ErrorDetail(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="A word that programs can rely on.")
    message = serializers.CharField(help_text="A sentence for people.")
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        help_text="What is wrong with which field or parameter.",
    )


class Error(serializers.Serializer[Any]):
    error = ErrorDetail()


class StaleError(Error):
    """Somebody else has changed it since; ``current`` is the activity as it is now."""

    current = ActivityDetailSerializer()


class StaleUpdateError(Error):
    """Somebody else has changed it since; ``current`` is the update as it is now."""

    current = UpdateDetailSerializer()


class StaleUpdatesError(Error):
    """Somebody else has changed some since they were read; ``current`` holds these updates as they are now."""

    current = UpdateDetailSerializer(many=True)


class StaleRoundError(Error):
    """Somebody else has changed it since; ``current`` is the round as it is now."""

    current = RoundSerializer()


class StaleDeadlineExtensionError(Error):
    """Somebody else has changed it since; ``current`` is the extension as it is now; null where it was taken back."""

    current = DeadlineExtensionSerializer(allow_null=True)


class StaleContributionError(Error):
    """Somebody else has changed it since; ``current`` is the contribution as it is now."""

    current = ContributionSerializer(allow_null=True)


class StaleViewError(Error):
    """Somebody else has changed it since; ``current`` is the view as it is now."""

    current = SavedViewSerializer()


class Credentials(StrictSerializer):
    username = StrictText(max_length=150)
    password = StrictText(max_length=1_000, trim_whitespace=False)


class Token(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="Shown once. Send it as “Authorization: Bearer …”.")
    expiry = Moment(allow_null=True, help_text="When it ends; null for a token that does not.")
