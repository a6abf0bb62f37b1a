"""Activities in JSON, with what was last reported on them."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workplan import permissions, rules
from workplan.api.fields import Acronyms, Address, PageAddress
from workplan.api.serializers.document import (
    BOOKKEEPING,
    AreaInBrief,
    DocumentSerializer,
    Lines,
    ProvisionInBrief,
    SectionInBrief,
)
from workplan.api.serializers.reports import UpdateInBrief
from workplan.models import Activity, Responsibility


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
    timeliness = serializers.ChoiceField(
        choices=rules.TIMELINESS.choices, allow_null=True, help_text="Null with as_of: it is known for today only."
    )
    latest_update = UpdateInBrief(allow_null=True, help_text="The latest approved update.")
    allowed_actions = serializers.SerializerMethodField(
        help_text="What the calling user can do now: enter a status directly (`record_status`), begin a report of the "
        "current round (`report`) or a correction of it (`correct`), add to it (`contribute`)."
    )

    class Meta:
        model = Activity
        fields = [
            *("id", "ref", "plan", "url", "html_url", "kind", "marker", "section", "provision", "area"),
            *("text", "notes", "expected_output"),
            *("lead_bodies", "cooperating_bodies", "all_other_bodies_cooperate"),
            *("status", "status_label", "status_as_of", "timeliness", "latest_update"),
            *("reading_note", "source_lines", *BOOKKEEPING, "allowed_actions"),
        ]

    def get_status_label(self, activity: Activity) -> str:
        return rules.STATUSES.label(activity.status)

    @extend_schema_field({"type": "array", "items": {"type": "string", "enum": list(permissions.ACTIVITY_DEEDS)}})
    def get_allowed_actions(self, activity: Activity) -> list[str]:
        return permissions.allowed_activity_actions(self.context["request"].user, activity, self.context["turns"])


class ActivityDetailSerializer(ActivitySerializer):
    """An activity alone: what a row shows, and what the source has in its place."""

    bodies_source_lines = Lines(help_text="Where column 5 stands in the source.")
    responsibilities = ResponsibilitySerializer(many=True, help_text="All named bodies, in the order printed.")

    class Meta(ActivitySerializer.Meta):
        fields = [
            *ActivitySerializer.Meta.fields,
            *("position", "text_as_printed", "bodies_as_printed", "bodies_source_lines", "responsibilities"),
        ]
