"""Status updates in JSON, the evidence behind them, and what is said beside them."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workplan import permissions, rules
from workplan.api.fields import Address, Addresses, Moment, PageAddress, Word
from workplan.models import Activity, Comment, Concurrence, Contribution, Evidence, Review, StatusUpdate


@extend_schema_field({"type": ["string", "null"]})
class Name(serializers.CharField):
    """The name of a person: null for readers who have not signed in."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, help_text="Only for readers who have signed in.", **kwargs)

    def to_representation(self, value: str) -> str | None:  # type: ignore[override]
        return value if value and permissions.can_see_names(self.context["request"].user) else None


class Acronym(serializers.CharField):
    """A body, by acronym; null for the secretariat."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="body.acronym", default=None, allow_null=True, read_only=True, **kwargs)


class EvidenceSerializer(serializers.ModelSerializer[Evidence]):
    """A link or a file behind an update."""

    url = serializers.SerializerMethodField(help_text="The link; of a file, the address that gives it out.")

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
    *("reason", "evidence", "state", "reported_by", "body", "is_direct", "round", "round_code"),
    *("author", "created_at", "submitted_at", "submitted_by", "approved_at", "approved_by", "version"),
]


class UpdateInBrief(serializers.ModelSerializer[StatusUpdate]):
    """A status update as the activity shows it that it belongs to."""

    url = Address("updates")
    status = Word(rules.STATUSES, allow_null=True, help_text="Null in a draft for which none was chosen yet.")
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
    author = Name(source="author_name")
    submitted_by = Name(source="submitted_by_name")
    approved_by = Name(source="approved_by_name")
    created_at = Moment(read_only=True)
    submitted_at = Moment(read_only=True, allow_null=True)
    approved_at = Moment(read_only=True, allow_null=True)

    class Meta:
        model = StatusUpdate
        fields = ["id", "url", *REPORTED]
        read_only_fields = fields

    def get_status_label(self, update: StatusUpdate) -> str | None:
        return rules.STATUSES.label(update.status) if update.status else None


class UpdateSerializer(UpdateInBrief):
    """What was reported on one activity at one time."""

    html_url = PageAddress()
    activity = ActivityInBrief(read_only=True)
    allowed_actions = serializers.SerializerMethodField(help_text="What the calling user can do to it now.")

    class Meta(UpdateInBrief.Meta):
        fields = ["id", "url", "html_url", "activity", *REPORTED, "allowed_actions"]
        read_only_fields = fields

    @extend_schema_field({"type": "array", "items": {"type": "string", "enum": list(rules.REPORT_MOVES)}})
    def get_allowed_actions(self, update: StatusUpdate) -> list[str]:
        return permissions.allowed_actions(self.context["request"].user, update)


class ReviewSerializer(serializers.ModelSerializer[Review]):
    """What the secretariat decided on one submission."""

    decision = Word(rules.DECISIONS)
    reviewer = Name(source="reviewer_name")
    at = Moment(read_only=True)

    class Meta:
        model = Review
        fields = ["id", "decision", "reason", "submission", "silence_days", "reviewer", "at"]
        read_only_fields = fields


class ConcurrenceSerializer(serializers.ModelSerializer[Concurrence]):
    """Where a joint lead stands."""

    body = serializers.CharField(source="body.acronym", read_only=True)
    way = Word(rules.CONCURRENCES)
    user = Name(source="user_name")
    at = Moment(read_only=True)

    class Meta:
        model = Concurrence
        fields = ["body", "way", "user", "at"]
        read_only_fields = fields


class CommentSerializer(serializers.ModelSerializer[Comment]):
    """What somebody says beside a report."""

    body = Acronym(help_text="For which body it is said; null for the secretariat.")
    author = Name(source="author_name")
    at = Moment(read_only=True)

    class Meta:
        model = Comment
        fields = ["id", "body", "text", "author", "at"]
        read_only_fields = fields


class UpdateDetailSerializer(UpdateSerializer):
    """An update alone: with what was decided and said beside it, for those who have a part in it."""

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
        if not permissions.has_part_in(self.context["request"].user, update):
            shown |= {"reviews": None, "concurrences": None, "comments": None}
        return shown


class UpdatesSerializer(serializers.Serializer[Any]):
    """The updates that were changed or made together."""

    updates = UpdateSerializer(many=True)


class ContributionSerializer(serializers.ModelSerializer[Contribution]):
    """What a cooperating body adds beside the report on an activity in a round."""

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

    @extend_schema_field({"type": "array", "items": {"type": "string", "enum": list(permissions.CONTRIBUTION_DEEDS)}})
    def get_allowed_actions(self, contribution: Contribution) -> list[str]:
        return permissions.allowed_contribution_actions(self.context["request"].user, contribution)
