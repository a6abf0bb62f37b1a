"""Status updates in JSON, with evidence, reviews, concurrences, comments and contributions."""

from typing import Any, ClassVar

from django.db.models import F, Value
from django.db.models.functions import Coalesce, NullIf
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workplan import permissions, rules
from workplan.api.fields import Address, Addresses, Moment, PageAddress, TermField
from workplan.api.in_database import Place, acronym_or, label_of, name_of_person
from workplan.models import Activity, Comment, Concurrence, Contribution, Evidence, Review, StatusUpdate
from workplan.querysets import published_correction
from workplan.querysets.json_values import JsonConstant, JsonTime, text


@extend_schema_field({"type": ["string", "null"]})
class Name(serializers.CharField):
    """The name of a person: null for readers who have not signed in."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, help_text="Only for readers who have signed in.", **kwargs)

    def to_representation(self, value: str) -> str | None:  # type: ignore[override]
        return value if value and permissions.can_see_names(self.context["request"].user) else None

    def in_database(self, place: Place) -> Any:
        return name_of_person(place, str(self.source))


class Acronym(serializers.CharField):
    """A body, by acronym; null for the secretariat."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="body.acronym", default=None, allow_null=True, read_only=True, **kwargs)


class EvidenceSerializer(serializers.ModelSerializer[Evidence]):
    """A link or a file behind an update."""

    url = serializers.SerializerMethodField(help_text="The link; of a file, the address that gives it out.")

    IN_DATABASE: ClassVar = {
        "url": lambda place: Coalesce(
            NullIf(F(f"{place.path}url"), Value("")), place.reading.address("evidence", f"{place.path}pk")
        )
    }

    class Meta:
        model = Evidence
        fields = ["id", "title", "url", "dated_on", "file_name", "file_size"]
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, evidence: Evidence) -> str:
        addresses: Addresses = self.context["addresses"]
        return evidence.url or addresses.origin + evidence.href


class ActivityInBrief(serializers.ModelSerializer[Activity]):
    url = Address("activities")
    plan = serializers.CharField(source="plan.code", read_only=True, help_text="Code of the work plan.")

    class Meta:
        model = Activity
        fields = ["id", "ref", "plan", "url"]
        read_only_fields = fields


REPORTED = [
    *("kind", "status", "status_label", "as_of", "narrative", "outputs_delivered", "challenges", "next_steps"),
    *("reason", "deferred_until", "evidence", "corrects", "state", "reported_by", "body", "is_direct"),
    *("round", "round_code"),
    *("author", "created_at", "submitted_at", "submitted_by", "approved_at", "approved_by", "version"),
]


class UpdateInBrief(serializers.ModelSerializer[StatusUpdate]):
    """A status update as the activity shows it that it belongs to."""

    url = Address("updates")
    status = TermField(rules.STATUSES, allow_null=True, help_text="Null in a draft for which none was chosen yet.")
    status_label = serializers.SerializerMethodField()
    evidence = EvidenceSerializer(many=True, read_only=True)
    reported_by = serializers.CharField(read_only=True, help_text="Acronym of the body that reports, or “Secretariat”.")
    body = Acronym(help_text="Acronym of the body that reports; null for the secretariat.")
    round = serializers.IntegerField(
        source="round_id", allow_null=True, read_only=True, help_text="Id of its round; null between rounds."
    )
    round_code = serializers.CharField(
        source="round.code", default=None, allow_null=True, read_only=True, help_text="Code of its round."
    )
    corrects = serializers.IntegerField(
        source="corrects_id",
        allow_null=True,
        read_only=True,
        help_text="Id of the report that it corrects and that it replaces; null for all others.",
    )
    author = Name(source="author_name")
    submitted_by = Name(source="submitted_by_name")
    approved_by = Name(source="approved_by_name")
    created_at = Moment(read_only=True)
    submitted_at = Moment(read_only=True, allow_null=True)
    approved_at = Moment(read_only=True, allow_null=True)

    IN_DATABASE: ClassVar = {
        "status_label": label_of(rules.STATUSES, "status"),
        "reported_by": acronym_or("Secretariat"),
    }

    class Meta:
        model = StatusUpdate
        fields = ["id", "url", *REPORTED]
        read_only_fields = fields

    def get_status_label(self, update: StatusUpdate) -> str | None:
        return rules.STATUSES.label(update.status) if update.status else None


class UpdateSerializer(UpdateInBrief):
    """What was reported on one activity at one time."""

    html_url = PageAddress("report", "pk")
    activity = ActivityInBrief(read_only=True)
    correction = serializers.IntegerField(
        source="correction_id",
        allow_null=True,
        read_only=True,
        help_text="Id of the published correction that replaces it; null where there is none.",
    )
    corrected_at = Moment(read_only=True, allow_null=True, help_text="When that correction was approved.")
    allowed_actions = serializers.SerializerMethodField(help_text="What the calling user can do to it now.")

    refused_actions = serializers.SerializerMethodField(
        help_text="What the calling user could do to it now, had they had no part in it: the action, with the reason."
    )

    # Only for readers who can do nothing.
    IN_DATABASE: ClassVar = UpdateInBrief.IN_DATABASE | {
        "allowed_actions": lambda place: JsonConstant(text("[]")),
        "refused_actions": lambda place: JsonConstant(text("{}")),
        "correction": lambda place: published_correction("pk"),
        "corrected_at": lambda place: JsonTime(published_correction("approved_at")),
    }

    class Meta(UpdateInBrief.Meta):
        fields = [
            *("id", "url", "html_url", "activity", *REPORTED, "correction", "corrected_at"),
            *("allowed_actions", "refused_actions"),
        ]
        read_only_fields = fields

    @extend_schema_field({"type": "array", "items": {"type": "string", "enum": list(rules.REPORT_ACTIONS)}})
    def get_allowed_actions(self, update: StatusUpdate) -> list[str]:
        return permissions.allowed_actions(self.context["request"].user, update)

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
    def get_refused_actions(self, update: StatusUpdate) -> dict[str, str]:
        return permissions.refused_actions(self.context["request"].user, update)


class ReviewSerializer(serializers.ModelSerializer[Review]):
    """What the secretariat decided on one submission."""

    decision = TermField(rules.DECISIONS)
    reviewer = Name(source="reviewer_name")
    at = Moment(read_only=True)

    class Meta:
        model = Review
        fields = ["id", "decision", "reason", "submission", "silence_days", "reviewer", "at"]
        read_only_fields = fields


class ConcurrenceSerializer(serializers.ModelSerializer[Concurrence]):
    """The concurrence of a joint lead."""

    body = serializers.CharField(source="body.acronym", read_only=True)
    way = TermField(rules.CONCURRENCES)
    user = Name(source="user_name")
    at = Moment(read_only=True)

    class Meta:
        model = Concurrence
        fields = ["body", "way", "user", "at"]
        read_only_fields = fields


class CommentSerializer(serializers.ModelSerializer[Comment]):
    """A comment on a report."""

    body = Acronym(help_text="For which body it is said; null for the secretariat.")
    author = Name(source="author_name")
    at = Moment(read_only=True)

    class Meta:
        model = Comment
        fields = ["id", "body", "text", "author", "at"]
        read_only_fields = fields


class UpdateDetailSerializer(UpdateSerializer):
    """One update, with its reviews, concurrences and comments for those who take part in it."""

    reviews = ReviewSerializer(many=True, read_only=True, allow_null=True, help_text="Null for other readers.")
    concurrences = ConcurrenceSerializer(
        many=True, read_only=True, allow_null=True, help_text="Null for other readers."
    )
    comments = CommentSerializer(many=True, read_only=True, allow_null=True, help_text="Null for other readers.")

    class Meta(UpdateSerializer.Meta):
        fields = [*UpdateSerializer.Meta.fields, "reviews", "concurrences", "comments"]
        read_only_fields = fields

    def to_representation(self, update: StatusUpdate) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(update)
        if not permissions.takes_part_in(self.context["request"].user, update):
            shown |= {"reviews": None, "concurrences": None, "comments": None}
        return shown


class UpdatesSerializer(serializers.Serializer[Any]):
    """The updates that were changed or made together."""

    updates = UpdateSerializer(many=True)


class ContributionSerializer(serializers.ModelSerializer[Contribution]):
    """The contribution of a cooperating body to an activity in a round."""

    url = Address("contributions")
    activity = ActivityInBrief(read_only=True)
    round = serializers.IntegerField(source="round_id", read_only=True, help_text="Id of the round.")
    round_code = serializers.CharField(source="round.code", read_only=True)
    body = serializers.CharField(source="body.acronym", read_only=True, help_text="Acronym of the cooperating body.")
    author = Name(source="author_name")
    created_at = Moment(read_only=True)
    updated_at = Moment(read_only=True)
    allowed_actions = serializers.SerializerMethodField(help_text="What the calling user can do to it now.")

    class Meta:
        model = Contribution
        fields = [
            *("id", "url", "activity", "round", "round_code", "body", "text", "author", "created_at"),
            *("version", "updated_at", "allowed_actions"),
        ]
        read_only_fields = fields

    @extend_schema_field({"type": "array", "items": {"type": "string", "enum": list(permissions.CONTRIBUTION_ACTIONS)}})
    def get_allowed_actions(self, contribution: Contribution) -> list[str]:
        return permissions.allowed_contribution_actions(self.context["request"].user, contribution)
