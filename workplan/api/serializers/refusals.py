"""Errors in JSON, and what asks for a token and gives it."""

from typing import Any

from rest_framework import serializers

from workplan.api.fields import Moment, StrictSerializer, StrictText
from workplan.api.serializers.activities import ActivityDetailSerializer
from workplan.api.serializers.reports import ContributionSerializer, UpdateDetailSerializer
from workplan.api.serializers.rounds import RoundSerializer
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
    """Somebody else was faster; ``current`` is the activity as it stands now."""

    current = ActivityDetailSerializer()


class StaleUpdateError(Error):
    """Somebody else was faster; ``current`` is the update as it stands now."""

    current = UpdateDetailSerializer()


class StaleUpdatesError(Error):
    """Somebody else was faster; ``current`` holds the updates that have changed, as they stand now."""

    current = UpdateDetailSerializer(many=True)


class StaleRoundError(Error):
    """Somebody else was faster; ``current`` is the round as it stands now."""

    current = RoundSerializer()


class StaleContributionError(Error):
    """Somebody else was faster; ``current`` is the contribution as it stands now."""

    current = ContributionSerializer(allow_null=True)


class StaleViewError(Error):
    """Somebody else was faster; ``current`` is the view as it stands now."""

    current = SavedViewSerializer()


class Credentials(StrictSerializer):
    username = StrictText(max_length=150)
    password = StrictText(max_length=1_000, trim_whitespace=False)


class Token(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="Shown once. Send it as “Authorization: Token …”.")
    expiry = Moment(allow_null=True, help_text="When it ends; null for a token that does not.")
