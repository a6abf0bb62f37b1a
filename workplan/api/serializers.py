"""What records look like in JSON, and what a report must look like to be read. Each field stands here once."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workplan import permissions, rules
from workplan.actions import Proof, Report
from workplan.api.fields import (
    Acronyms,
    Address,
    Moment,
    PageAddress,
    StrictBoolean,
    StrictChoice,
    StrictDay,
    StrictSerializer,
    StrictText,
)
from workplan.models import (
    Activity,
    CollaborationArea,
    Evidence,
    Provision,
    Responsibility,
    Section,
    SectoralBody,
    StatusUpdate,
    WorkPlan,
)
from workplan.models.base import LONG_TEXT

MOST_LINKS = 50
BOOKKEEPING = ["version", "updated_at"]
PRINTED = ["marker", "text", "text_as_printed", "notes", "reading_note", "source_lines"]


@extend_schema_field(
    {"type": "array", "items": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}}
)
class Lines(serializers.JSONField):
    """Pairs of first and last line in the source, counted from 1."""


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class Texts(serializers.JSONField):
    """A list of texts."""


class RecordSerializer(serializers.ModelSerializer[Any]):
    """A record of the plan. All fields are for reading; the API changes none of them."""

    updated_at = Moment(read_only=True)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for field in fields.values():
            field.read_only = True
        return fields


class PlanSerializer(RecordSerializer):
    url = Address("plans")
    html_url = PageAddress()
    predecessor = serializers.CharField(
        source="predecessor.code", default=None, allow_null=True, help_text="Code of the plan it follows."
    )

    class Meta:
        model = WorkPlan
        fields = [
            *("id", "url", "html_url", "code", "title", "edition", "period_start", "period_end"),
            *("source_name", "source_note", "is_current", "predecessor", *BOOKKEEPING),
        ]


class SectionInBrief(serializers.ModelSerializer[Section]):
    title = serializers.CharField(source="text", read_only=True)

    class Meta:
        model = Section
        fields = ["ref", "title"]
        read_only_fields = fields


class ProvisionInBrief(serializers.ModelSerializer[Provision]):
    class Meta:
        model = Provision
        fields = ["ref", "marker", "text"]
        read_only_fields = fields


class AreaInBrief(serializers.ModelSerializer[CollaborationArea]):
    class Meta:
        model = CollaborationArea
        fields = ["ref", "marker", "text"]
        read_only_fields = fields


class DocumentSerializer(RecordSerializer):
    plan = serializers.CharField(source="plan.code", help_text="Code of the work plan.")
    notes = Texts(help_text="Drafting remarks that stand by the record.")
    source_lines = Lines(help_text="First and last line in the source, from 1.")


class SectionSerializer(DocumentSerializer):
    url = Address("sections")
    title = serializers.CharField(source="text")

    class Meta:
        model = Section
        fields = ["id", "url", "plan", "ref", "position", "title"]
        fields += [name for name in PRINTED if name != "text"] + BOOKKEEPING


class ProvisionSerializer(DocumentSerializer):
    url = Address("provisions")
    section = SectionInBrief()
    cited_articles = Texts(help_text="Articles of the ACTIP it cites.")

    class Meta:
        model = Provision
        fields = ["id", "url", "plan", "ref", "position", "section", *PRINTED, "cited_articles", *BOOKKEEPING]


class AreaSerializer(DocumentSerializer):
    url = Address("areas")
    section = SectionInBrief(source="provision.section")
    provision = ProvisionInBrief()
    parent = serializers.CharField(  # type: ignore[assignment]
        source="parent.ref", default=None, allow_null=True, help_text="Reference of the area it stands under."
    )
    proposed_by = Acronyms(source="proposed_by.all", help_text="Bodies named in square brackets.")

    class Meta:
        model = CollaborationArea
        fields = [
            *("id", "url", "plan", "ref", "position", "section", "provision", "parent"),
            *PRINTED,
            *("proposed_by", *BOOKKEEPING),
        ]


class BodySerializer(RecordSerializer):
    url = Address("bodies", key="acronym")
    pillar_label = serializers.SerializerMethodField()
    aliases = serializers.SerializerMethodField(help_text="Other spellings that filters understand.")

    class Meta:
        model = SectoralBody
        fields = ["id", "url", "acronym", "name", "pillar", "pillar_label", "source", "aliases", *BOOKKEEPING]

    def get_pillar_label(self, body: SectoralBody) -> str:
        return rules.PILLARS.label(body.pillar)

    def get_aliases(self, body: SectoralBody) -> list[str]:
        return [alias.name for alias in body.aliases.all()]


# Reports


class EvidenceSerializer(serializers.ModelSerializer[Evidence]):
    class Meta:
        model = Evidence
        fields = ["title", "url"]
        read_only_fields = fields


class ActivityInBrief(serializers.ModelSerializer[Activity]):
    url = Address("activities")
    plan = serializers.CharField(source="plan.code", read_only=True, help_text="Code of the work plan.")

    class Meta:
        model = Activity
        fields = ["id", "ref", "plan", "url"]
        read_only_fields = fields


REPORTED = [
    *("kind", "status", "status_label", "as_of", "narrative", "outputs_delivered", "challenges", "next_steps"),
    *("evidence", "state", "reported_by", "author", "created_at", "approved_at", "approved_by"),
]


class UpdateInBrief(serializers.ModelSerializer[StatusUpdate]):
    """A status update as the activity shows it that it belongs to."""

    url = Address("updates")
    status_label = serializers.SerializerMethodField()
    evidence = EvidenceSerializer(many=True, read_only=True)
    reported_by = serializers.CharField(read_only=True, help_text="Acronym of the body that reports, or “Secretariat”.")
    author = serializers.SerializerMethodField(help_text="Only for readers who have signed in.")
    approved_by = serializers.SerializerMethodField(help_text="Only for readers who have signed in.")
    created_at = Moment(read_only=True)
    approved_at = Moment(read_only=True, allow_null=True)

    class Meta:
        model = StatusUpdate
        fields = ["id", "url", *REPORTED]
        read_only_fields = fields

    def get_status_label(self, update: StatusUpdate) -> str:
        return rules.STATUSES.label(update.status)

    def get_author(self, update: StatusUpdate) -> str | None:
        return self._name(update.author_name)

    def get_approved_by(self, update: StatusUpdate) -> str | None:
        return self._name(update.approved_by_name)

    def _name(self, name: str) -> str | None:
        return name if name and permissions.can_see_names(self.context["request"].user) else None


class UpdateSerializer(UpdateInBrief):
    """What was reported on one activity at one time."""

    activity = ActivityInBrief(read_only=True)

    class Meta(UpdateInBrief.Meta):
        fields = ["id", "url", "activity", *REPORTED]
        read_only_fields = fields


class EvidenceInput(StrictSerializer):
    """A link to evidence."""

    title = StrictText(max_length=Evidence._meta.get_field("title").max_length)
    url = StrictText(
        max_length=Evidence._meta.get_field("url").max_length, help_text="A full web address (http, https)."
    )


@extend_schema_field({"type": "string", "not": {"type": "string"}})  # leaves null, for which there is no shorter word
class NoRound(serializers.Field[None, Any, None, Any]):
    """There are no reporting rounds yet."""

    default_error_messages = {"invalid": "There are no reporting rounds yet. Leave this field out, or send null."}

    def to_internal_value(self, data: Any) -> None:
        self.fail("invalid")


class ReportInput(StrictSerializer):
    """A status update that is sent in."""

    status = StrictChoice(choices=rules.STATUSES.choices, help_text="The implementation status.")
    as_of = StrictDay(help_text="The day on which this status was true; not before the plan began.")
    narrative = StrictText(required=False, allow_blank=True, max_length=LONG_TEXT, help_text="What was done, in words.")
    outputs_delivered = StrictText(required=False, allow_blank=True, max_length=LONG_TEXT)
    challenges = StrictText(required=False, allow_blank=True, max_length=LONG_TEXT)
    next_steps = StrictText(required=False, allow_blank=True, max_length=LONG_TEXT)
    evidence = EvidenceInput(  # type: ignore[call-arg]
        many=True,
        required=False,
        max_length=MOST_LINKS,
        error_messages={
            "not_a_list": "Give a list of links.",
            "max_length": f"Give at most {MOST_LINKS} links.",
            "null": "Give a list of links, not null.",
        },
    )
    round = NoRound(required=False, allow_null=True, help_text="Comes with a later release; null until then.")
    kind = StrictChoice(
        choices=rules.UPDATE_KINDS.choices,
        required=False,
        default=rules.PROGRESS,
        help_text="The kind of update.",
    )
    submit = StrictBoolean(required=False, default=True, help_text="Only true: drafts come with a later release.")

    def validate_submit(self, submit: bool) -> bool:
        if not submit:
            raise serializers.ValidationError(
                "Drafts are not kept in this release. Send the update when it is ready, with “submit”: true."
            )
        return submit

    def report(self) -> Report:
        """What was said, for the action to judge."""
        said = dict(self.validated_data)
        links = tuple(Proof(**link) for link in said.pop("evidence", ()))
        for name in ("round", "submit"):
            said.pop(name, None)
        return Report(evidence=links, **said)


# Activities


class ResponsibilitySerializer(serializers.ModelSerializer[Responsibility]):
    body = serializers.CharField(source="body.acronym", read_only=True)

    class Meta:
        model = Responsibility
        fields = ["body", "role", "lead_country"]
        read_only_fields = fields


class ActivitySerializer(DocumentSerializer):
    """A row of the plan with what was last reported on it."""

    url = Address("activities")
    html_url = PageAddress()
    section = SectionInBrief(source="area.provision.section")
    provision = ProvisionInBrief(source="area.provision")
    area = AreaInBrief()
    lead_bodies = Acronyms(help_text="Lead bodies, in the order printed.")
    cooperating_bodies = Acronyms(help_text="Cooperating bodies, in the order printed.")
    status_label = serializers.SerializerMethodField()
    timeliness = serializers.ChoiceField(choices=rules.TIMELINESS.choices)
    latest_update = UpdateInBrief(allow_null=True, help_text="The latest approved update.")

    class Meta:
        model = Activity
        fields = [
            *("id", "ref", "plan", "url", "html_url", "kind", "marker", "section", "provision", "area"),
            *("text", "notes", "expected_output"),
            *("lead_bodies", "cooperating_bodies", "all_other_bodies_cooperate"),
            *("status", "status_label", "status_as_of", "timeliness", "latest_update"),
            *("reading_note", "source_lines", *BOOKKEEPING),
        ]

    def get_status_label(self, activity: Activity) -> str:
        return rules.STATUSES.label(activity.status)


class ActivityDetailSerializer(ActivitySerializer):
    """An activity alone: what a row shows, and what the source has in its place."""

    bodies_source_lines = Lines(help_text="Where column 5 stands in the source.")
    responsibilities = ResponsibilitySerializer(many=True, help_text="All named bodies, in the order printed.")

    class Meta(ActivitySerializer.Meta):
        fields = [
            *ActivitySerializer.Meta.fields,
            *("position", "text_as_printed", "bodies_as_printed", "bodies_source_lines", "responsibilities"),
        ]


# Counts


class SectionCount(serializers.Serializer[Any]):
    ref = serializers.CharField()
    title = serializers.CharField()
    plan = serializers.CharField(help_text="Code of the work plan.")
    count = serializers.IntegerField(min_value=0)
    by_status = serializers.DictField(child=serializers.IntegerField(min_value=0))


class BodyCount(serializers.Serializer[Any]):
    acronym = serializers.CharField()
    name = serializers.CharField()
    lead = serializers.IntegerField(min_value=0, help_text="Activities that it leads.")
    cooperating = serializers.IntegerField(min_value=0, help_text="Activities in which it cooperates.")
    count = serializers.IntegerField(min_value=0)
    by_status = serializers.DictField(child=serializers.IntegerField(min_value=0))


class SummarySerializer(serializers.Serializer[Any]):
    """How many activities there are. An activity counts once for each body in it."""

    count = serializers.IntegerField(min_value=0)
    by_status = serializers.DictField(child=serializers.IntegerField(min_value=0))
    by_section = SectionCount(many=True)
    by_body = BodyCount(many=True)


# Errors and tokens


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


class Credentials(StrictSerializer):
    username = StrictText(max_length=150)
    password = StrictText(max_length=1_000, trim_whitespace=False)


class Token(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="Shown once. Send it as “Authorization: Token …”.")
    expiry = Moment(allow_null=True, help_text="When it ends; null for a token that does not.")
