"""Activities in JSON, with what was last reported on them."""

import json
from types import SimpleNamespace
from typing import Any, ClassVar

from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workplan import permissions, rules
from workplan.api.fields import Acronyms, Address, PageAddress
from workplan.api.in_database import Place, items, label_of
from workplan.api.serializers.document import (
    BOOKKEEPING,
    AreaInBrief,
    Cells,
    DocumentSerializer,
    Lines,
    ProvisionInBrief,
    SectionInBrief,
    TextsByName,
)
from workplan.api.serializers.reports import UpdateInBrief
from workplan.models import Activity, ReportingRound, Responsibility
from workplan.querysets.json_values import JsonConstant, JsonObject, JsonTruth, text


class ResponsibilitySerializer(serializers.ModelSerializer[Responsibility]):
    body = serializers.CharField(source="body.acronym", read_only=True)

    class Meta:
        model = Responsibility
        fields = ["body", "role", "lead_country"]
        read_only_fields = fields


def timeliness_of(place: Place) -> Any:
    """As ``Activity.timeliness``: of joint leads, the one with the latest date is first and decides."""
    rows = place.reading.rows
    if rows.moment is not None:
        return text(None)
    rounds = list(ReportingRound.objects.current().values_list("pk", flat=True))
    if not rounds:
        return text("not_due")
    due = rows.current_obligations(rounds).filter(activity=OuterRef("pk")).values("shown_timeliness")
    return Coalesce(Subquery(due[:1]), Value("not_due"))


def allowed_actions_of(place: Place) -> Any:
    """What ``permissions.allowed_activity_actions`` says; what it needs to know of each row is read with the row.

    Whoever represents no body can do the same on every activity, so that nothing needs to be read.
    """
    reading = place.reading
    user, windows = reading.user, reading.context["reporting_windows"]

    def allowed(known: dict[str, Any]) -> list[str]:
        bodies = {role: [SimpleNamespace(pk=pk) for pk in known[role]] for role in rules.ROLES.values}
        activity: Any = SimpleNamespace(
            plan_id=known["plan"],
            lead_bodies=bodies[rules.LEAD],
            cooperating_bodies=bodies[rules.COOPERATING],
            all_other_bodies_cooperate=known["all_other"],
            reports_now=[SimpleNamespace(**report) for report in known["reports"]],
        )
        return permissions.allowed_activity_actions(user, activity, windows)

    nothing_known: dict[str, Any] = {
        "plan": 0,
        "all_other": False,
        "reports": [],
        rules.LEAD: [],
        rules.COOPERATING: [],
    }
    if not permissions.bodies_of(user):
        return JsonConstant(text(json.dumps(allowed(nothing_known))))
    reading.late["allowed_actions"] = allowed
    parts = Responsibility.objects.filter(activity=OuterRef("pk")).order_by("position", "id")
    reports = windows.reports.filter(activity=OuterRef("pk"))
    report = {name: F(name) for name in ("round_id", "body_id", "state")} | {"is_direct": JsonTruth(F("is_direct"))}
    return JsonObject(
        plan=F("plan_id"),
        all_other=JsonTruth(F("all_other_bodies_cooperate")),
        reports=items(reports, JsonObject(**report), of_json=True),
        **{role: items(parts.filter(role=role), F("body_id"), of_json=False) for role in rules.ROLES.values},
    )


def confirmed_on_of(place: Place) -> Any:
    """The day on which the status was confirmed without change, as ``rules.confirmed_on`` has it."""
    day, as_of = place.column("confirmed_on"), place.column("status_as_of")
    return Case(When(Q(**{f"{day}__gte": F(as_of)}), then=F(day)))


class ActivitySerializer(DocumentSerializer):
    """A row of the plan with what was last reported on it."""

    url = Address("activities")
    html_url = PageAddress("activity", "plan__code", "ref")
    section = SectionInBrief(source="area.provision.section")
    provision = ProvisionInBrief(source="area.provision")
    area = AreaInBrief()
    lead_bodies = Acronyms(role=rules.LEAD, help_text="Lead bodies, in the order printed.")
    cooperating_bodies = Acronyms(role=rules.COOPERATING, help_text="Cooperating bodies, in the order printed.")
    attributes = TextsByName(help_text="What other columns of the plan say, by the heading of the column.")
    status_label = serializers.SerializerMethodField()
    timeliness = serializers.ChoiceField(
        choices=rules.TIMELINESS.choices, allow_null=True, help_text="Null with as_of: it is known for today only."
    )
    latest_update = UpdateInBrief(
        allow_null=True, help_text="The latest published report that states a status, as corrected."
    )
    confirmed_on = serializers.DateField(
        read_only=True,
        allow_null=True,
        help_text="The day of which a later report (`no_change`, `nil_return`) says that nothing has changed; "
        "`status_as_of` and `latest_update` stay those of the report before it.",
    )
    allowed_actions = serializers.SerializerMethodField(
        help_text="What the calling user can do now: enter a status directly (`record_status`), begin a report of the "
        "current round (`report`) or a correction of it (`correct`), add to it (`contribute`)."
    )

    IN_DATABASE: ClassVar = {
        "status_label": label_of(rules.STATUSES, "status"),
        "timeliness": timeliness_of,
        "allowed_actions": allowed_actions_of,
        "confirmed_on": confirmed_on_of,
    }

    class Meta:
        model = Activity
        fields = [
            *("id", "ref", "plan", "url", "html_url", "kind", "marker", "section", "provision", "area"),
            *("text", "notes", "expected_output"),
            "attributes",
            *("lead_bodies", "cooperating_bodies", "all_other_bodies_cooperate"),
            *("status", "status_label", "status_as_of", "confirmed_on", "timeliness", "latest_update"),
            *("reading_note", "source_lines", *BOOKKEEPING, "allowed_actions"),
        ]

    def get_status_label(self, activity: Activity) -> str:
        return rules.STATUSES.label(activity.status)

    @extend_schema_field({"type": "array", "items": {"type": "string", "enum": list(permissions.ACTIVITY_ACTIONS)}})
    def get_allowed_actions(self, activity: Activity) -> list[str]:
        return permissions.allowed_activity_actions(
            self.context["request"].user, activity, self.context["reporting_windows"]
        )


class ActivityDetailSerializer(ActivitySerializer):
    """An activity alone: what a row shows, and what the source has in its place."""

    bodies_source_lines = Lines(help_text="Lines of column 5 in the source.")
    source_cells = Cells(help_text="Table, row and cell in the source, of a plan that was imported from a file.")
    bodies_source_cells = Cells(help_text="Table, row and cell that name the bodies.")
    responsibilities = ResponsibilitySerializer(many=True, help_text="All named bodies, in the order printed.")

    class Meta(ActivitySerializer.Meta):
        fields = [
            *ActivitySerializer.Meta.fields,
            *("position", "text_as_printed", "bodies_as_printed", "bodies_source_lines", "responsibilities"),
            *("source_cells", "bodies_source_cells"),
        ]
