"""Reporting rounds in JSON, the reports due in them, and what must be sent for a round."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workplan import permissions, rules
from workplan.api.fields import (
    Address,
    Addresses,
    BodyAcronymField,
    Moment,
    PageAddress,
    PlanCodeField,
    StrictBoolean,
    StrictChoice,
    StrictDay,
    StrictNumber,
    StrictSerializer,
    StrictText,
    TermField,
)
from workplan.api.serializers.document import BOOKKEEPING, RecordSerializer
from workplan.api.serializers.reports import Acronym, ActivityInBrief
from workplan.models import LateException, Obligation, ReportingRound
from workplan.models.base import SHORT_TEXT
from workplan.querysets import zone_of


class DeadlineExtensionInBriefSerializer(serializers.ModelSerializer[LateException]):
    """More time for one body."""

    body = serializers.CharField(source="body.acronym", read_only=True)
    reason = serializers.SerializerMethodField(help_text="Only for that body and the secretariat; null for others.")

    class Meta:
        model = LateException
        fields = ["body", "until", "reason"]
        read_only_fields = fields

    def get_reason(self, exception: LateException) -> str | None:
        user = self.context["request"].user
        return exception.reason if permissions.can_see_why_late(user, exception) else None


class RoundSerializer(RecordSerializer):
    """One of the times at which the lead bodies of a plan report."""

    url = Address("rounds")
    html_url = PageAddress()
    plan = serializers.CharField(source="plan.code", help_text="Code of the work plan.")
    opened_at = Moment(read_only=True, allow_null=True)
    closed_at = Moment(read_only=True, allow_null=True)
    published_at = Moment(read_only=True, allow_null=True)
    time_zone = serializers.SerializerMethodField(help_text="Where its dates are days, such as Asia/Jakarta.")
    exceptions = DeadlineExtensionInBriefSerializer(many=True, read_only=True)
    allowed_actions = serializers.SerializerMethodField(help_text="What the calling user can do to it now.")

    class Meta:
        model = ReportingRound
        fields = [
            *("id", "url", "html_url", "plan", "code", "name", "kind", "period_start", "period_end"),
            *("opens_on", "due_on", "closes_on", "due_soon_days", "silence_days", "publication", "asks_for_all"),
            *("publish_on", "time_zone", "state", "opened_at", "closed_at", "published_at", "exceptions"),
            *(*BOOKKEEPING, "allowed_actions"),
        ]

    def get_time_zone(self, reporting_round: ReportingRound) -> str:
        return zone_of(None)

    @extend_schema_field({"type": "array", "items": {"type": "string", "enum": list(rules.ROUND_ACTIONS)}})
    def get_allowed_actions(self, reporting_round: ReportingRound) -> list[str]:
        return permissions.allowed_round_actions(self.context["request"].user, reporting_round)


class RoundsSerializer(serializers.Serializer[Any]):
    """The rounds that were made together."""

    rounds = RoundSerializer(many=True)


class RoundChange(StrictSerializer):
    """New values of a round. What is left out stays as it is."""

    NEEDED = ("code", "name", "period_start", "period_end", "opens_on", "due_on", "closes_on")

    code = StrictText(required=False, max_length=20, help_text="Small letters, digits and hyphens, such as 2018-1.")
    name = StrictText(required=False, max_length=100, help_text="Such as “First half of 2018”.")
    kind = StrictChoice(choices=rules.ROUND_KINDS.choices, required=False)
    period_start = StrictDay(required=False)
    period_end = StrictDay(required=False)
    opens_on = StrictDay(required=False)
    due_on = StrictDay(required=False)
    closes_on = StrictDay(required=False)
    due_soon_days = StrictNumber(
        lowest=0, highest=180, required=False, help_text="Days before the date at which “due soon” begins."
    )
    silence_days = StrictNumber(
        lowest=1,
        highest=180,
        required=False,
        allow_null=True,
        help_text="Days after which a joint lead that says nothing is taken to concur; null: never.",
    )
    publication = StrictChoice(choices=rules.PUBLICATIONS.choices, required=False)
    asks_for_all = StrictBoolean(
        required=False,
        help_text="Whether completed and cancelled activities are reported on, too. "
        "Where a new round says nothing, a final evaluation does and others do not.",
    )
    reason = StrictText(required=False, allow_blank=True, max_length=SHORT_TEXT, help_text="Why, for the audit trail.")


class RoundInput(RoundChange):
    """A round that is to be planned."""

    plan = PlanCodeField(help_text="Code of the work plan.")

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for name in self.NEEDED:
            fields[name].required = True
        return fields


class PublicationInput(StrictSerializer):
    """Which bodies are meant to lose what they may still do."""

    confirmed_bodies = serializers.ListField(
        child=StrictText(max_length=40),
        required=False,
        max_length=1_000,
        help_text=(
            "Acronyms of the bodies that may still report, or whose reports are to be reviewed, whose loss is "
            "confirmed; “secretariat” for a report of its own that waits."
        ),
    )


class PublicationDay(StrictSerializer):
    """When a round is published by itself."""

    publish_on = StrictDay(help_text="A day after today, and after the last on which a body may report.")


class PlanOfRounds(StrictSerializer):
    """The plan for whose half-years rounds are proposed."""

    plan = PlanCodeField(help_text="Code of the work plan.")


class DeadlineExtensionInput(StrictSerializer):
    """More time for one body."""

    body = BodyAcronymField(help_text="Acronym or alias of the body.")
    until = StrictDay(help_text="The day on whose end its reports are due.")
    reason = StrictText(allow_blank=True, max_length=SHORT_TEXT, help_text="Why, in a sentence or more.")


class DeadlineExtensionSerializer(DeadlineExtensionInBriefSerializer):
    """More time for one body in one round, with the version that a change of it names."""

    updated_at = Moment(read_only=True)

    class Meta(DeadlineExtensionInBriefSerializer.Meta):
        fields = [*DeadlineExtensionInBriefSerializer.Meta.fields, *BOOKKEEPING]
        read_only_fields = fields


class DeadlineExtensionChange(StrictSerializer):
    """What is to hold instead. What is left out stays as it is."""

    until = StrictDay(required=False, help_text="The day on whose end its reports are due.")
    reason = StrictText(
        required=False, allow_blank=True, max_length=SHORT_TEXT, help_text="Why, in a sentence or more."
    )


class ObligationSerializer(serializers.ModelSerializer[Obligation]):
    """A report due from a body in a round. To focal points, a draft of another body shows as due (“owed”)."""

    ref = serializers.CharField(source="activity.ref", read_only=True, help_text="Reference of the activity.")
    activity = ActivityInBrief(read_only=True)
    body = Acronym(help_text="Acronym of the body from which the report is due; null where no body leads.")
    state = TermField(rules.SHOWN_STATES, source="shown_state")
    timeliness = TermField(rules.TIMELINESS)
    report = serializers.SerializerMethodField(help_text="Address of the report, where the calling user may see it.")

    class Meta:
        model = Obligation
        fields = ["ref", "activity", "body", "state", "timeliness", "due_on", "first_submitted_on", "report"]
        read_only_fields = fields

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_report(self, obligation: Any) -> str | None:
        addresses: Addresses = self.context["addresses"]
        return addresses.of("updates", obligation.report_id) if obligation.report_is_visible else None


class CountsSerializer(serializers.Serializer[Any]):
    """How many reports are due, by state and by timeliness. To the public, what is not published is due (“owed”)
    until the round is published."""

    total = serializers.IntegerField(min_value=0)
    owed = serializers.IntegerField(min_value=0, help_text="Due, and not begun yet.")
    draft = serializers.IntegerField(min_value=0)
    submitted = serializers.IntegerField(min_value=0)
    returned = serializers.IntegerField(min_value=0)
    not_received = serializers.IntegerField(
        min_value=0, help_text="The round is published, and the report never came; then it counts as nothing else."
    )
    approved = serializers.IntegerField(min_value=0)
    on_time = serializers.IntegerField(min_value=0)
    late = serializers.IntegerField(min_value=0)
    overdue = serializers.IntegerField(min_value=0)


class BodyCompletion(serializers.Serializer[Any]):
    body = serializers.CharField(help_text="Acronym.")
    counts = CountsSerializer()


class CompletionSerializer(serializers.Serializer[Any]):
    """Who has reported in a round."""

    round = serializers.IntegerField(help_text="Id of the round.")
    code = serializers.CharField()
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=rules.ROUND_STATES.choices)
    total = CountsSerializer(
        help_text="Over the activities that bodies lead, each once, however many joint leads it has."
    )
    bodies = BodyCompletion(many=True)
    without_lead = CountsSerializer(
        help_text="Activities without a lead body. No report on them is due from a body; no other figure counts them."
    )
