"""What must be sent for a report, a decision or a comment."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from workplan import rules
from workplan.actions import EvidenceItem, Report
from workplan.api.fields import (
    BodyAcronymField,
    StrictBoolean,
    StrictChoice,
    StrictDay,
    StrictNumber,
    StrictSerializer,
    StrictText,
)
from workplan.models import Evidence
from workplan.models.base import LONG_TEXT, SHORT_TEXT

MOST_AT_ONCE = 1_000
NOT_A_LIST: dict[str, Any] = {
    "not_a_list": "Give a list of links.",
    "max_length": f"Give at most {rules.MOST_EVIDENCE} links.",
    "null": "Give a list of links, not null.",
}
TITLE: dict[str, Any] = {"max_length": Evidence._meta.get_field("title").max_length}
URL: dict[str, Any] = {
    "max_length": Evidence._meta.get_field("url").max_length,
    "help_text": "A full web address (http, https).",
}
DATED_ON = "The day of the document; today where it is left out."


class EvidenceInput(StrictSerializer):
    """A link to evidence."""

    title = StrictText(**TITLE)
    url = StrictText(**URL)
    dated_on = StrictDay(required=False, help_text=DATED_ON)


class EvidenceChange(StrictSerializer):
    """A new link; or, with its id, evidence that stays."""

    id = StrictNumber(required=False, help_text="Evidence that is there already and stays.")
    title = StrictText(required=False, help_text="Needed for a new link.", **TITLE)
    url = StrictText(required=False, **URL)
    dated_on = StrictDay(required=False, help_text=DATED_ON)

    def validate(self, link: dict[str, Any]) -> dict[str, Any]:
        missing = [] if "id" in link else [name for name in ("title", "url") if name not in link]
        if missing:
            raise serializers.ValidationError({name: ["Give a value."] for name in missing})
        return link


class EvidenceUpload(StrictSerializer):
    """A file, or a link, that comes behind an update."""

    title = StrictText(**TITLE)
    url = StrictText(required=False, allow_blank=True, **URL)
    file = serializers.FileField(
        required=False,
        allow_empty_file=True,
        help_text=f"At most {rules.MOST_FILE_BYTES // 1024 // 1024} MB; one of: {', '.join(rules.FILE_TYPES)}.",
    )
    dated_on = StrictDay(required=False, help_text=DATED_ON)

    def evidence_item(self) -> EvidenceItem:
        return EvidenceItem(**self.validated_data)


class ReportFields(StrictSerializer):
    """What a status update says."""

    status = StrictChoice(
        choices=rules.STATUSES.choices,
        required=False,
        allow_null=True,
        help_text="The implementation status. Only a draft may leave it open.",
    )
    as_of = StrictDay(
        required=False,
        allow_null=True,
        help_text="The day on which this status was true; not before the plan began. Only a draft may leave it open.",
    )
    narrative = StrictText(required=False, allow_blank=True, max_length=LONG_TEXT, help_text="What was done, in words.")
    outputs_delivered = StrictText(required=False, allow_blank=True, max_length=LONG_TEXT)
    challenges = StrictText(required=False, allow_blank=True, max_length=LONG_TEXT)
    next_steps = StrictText(required=False, allow_blank=True, max_length=LONG_TEXT)
    reason = StrictText(
        required=False,
        allow_blank=True,
        max_length=SHORT_TEXT,
        help_text="Why the activity goes back, is deferred or cancelled.",
    )
    deferred_until = StrictDay(
        required=False,
        allow_null=True,
        help_text="Of a deferred activity, the day from which a report on it is due again; null: in each round.",
    )
    kind = StrictChoice(choices=rules.UPDATE_KINDS.choices, required=False, help_text="The kind of update.")


def _field_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """The words and values that were sent, as a report has them."""
    field_values = {name: values[name] for name in ReportFields._declared_fields if name in values}
    if "status" in field_values:
        field_values["status"] = field_values["status"] or ""
    return field_values


class ReportInput(ReportFields):
    """A status update that is sent in."""

    evidence = EvidenceInput(many=True, required=False, max_length=rules.MOST_EVIDENCE, error_messages=NOT_A_LIST)  # type: ignore[call-arg]
    round = StrictNumber(
        required=False,
        allow_null=True,
        help_text="Id of the round it is the report of. From a body: the round that takes its reports, where this is "
        "left out or null. From the secretariat: null for an entry between rounds.",
    )
    body = BodyAcronymField(
        required=False,
        allow_null=True,
        help_text="The lead body that reports. A focal point of one lead body need not name it; the secretariat names "
        "the body on whose behalf it enters, if any.",
    )
    submit = StrictBoolean(required=False, default=True, help_text="False keeps it as a draft.")

    def validate(self, sent: dict[str, Any]) -> dict[str, Any]:
        needed = {"status": "Give a value.", "as_of": "Give a day such as 2026-11-23."}
        missing = {name: [text] for name, text in needed.items() if sent["submit"] and sent.get(name) is None}
        if missing:
            raise serializers.ValidationError(missing)
        return sent

    def report(self) -> Report:
        """What was said, for the action to judge."""
        links = tuple(EvidenceItem(**link) for link in self.validated_data.get("evidence", ()))
        return Report(**{"status": "", "as_of": None} | _field_values(self.validated_data), evidence=links)


class ReportChange(ReportFields):
    """What is to be said instead. What is left out stays as it is."""

    evidence = EvidenceChange(  # type: ignore[call-arg]
        many=True,
        required=False,
        max_length=rules.MOST_EVIDENCE,
        error_messages=NOT_A_LIST,
        help_text="Replaces the whole list; an entry with an `id` keeps that evidence.",
    )

    def report(self, now: Report, there: Mapping[int, Evidence]) -> Report:
        """``now`` with what was sent in its place.

        Args:
            now: what the update says so far.
            there: the evidence that it has, by id.
        """
        evidence_items = now.evidence
        if "evidence" in self.validated_data:
            evidence_items = tuple(self._evidence_item(link, there) for link in self.validated_data["evidence"])
        return Report(**now.field_values | _field_values(self.validated_data), evidence=evidence_items)

    def _evidence_item(self, link: Mapping[str, Any], there: Mapping[int, Evidence]) -> EvidenceItem:
        if "id" not in link:
            return EvidenceItem(**link)
        kept = there.get(link["id"])
        if kept is None:
            raise serializers.ValidationError({"evidence": [f"There is no evidence {link['id']} behind this update."]})
        url = link.get("url", kept.url) if kept.url else ""
        return EvidenceItem(link.get("title", kept.title), url, dated_on=link.get("dated_on"), kept=kept.pk)


class ReportCorrection(ReportChange):
    """What is to be said instead of an approved report. What is left out stays as it is; its date does."""

    as_of = None  # type: ignore[assignment]  # a serializer is without a field of its base by this
    kind = None  # type: ignore[assignment]
    submit = StrictBoolean(required=False, default=True, help_text="False keeps it as a draft.")


class Reason(StrictSerializer):
    """Why."""

    reason = StrictText(allow_blank=True, max_length=SHORT_TEXT, help_text="Why, in a sentence or more.")


class Concurring(StrictSerializer):
    """For which body."""

    body = BodyAcronymField(required=False, allow_null=True, help_text="Needed only by who represents several.")


class CommentInput(StrictSerializer):
    """A comment."""

    text = StrictText(max_length=LONG_TEXT)


class ContributionInput(StrictSerializer):
    """What a cooperating body adds."""

    text = StrictText(max_length=LONG_TEXT)
    round = StrictNumber(
        required=False, allow_null=True, help_text="Id of the round; the one that takes reports where it is left out."
    )
    body = BodyAcronymField(required=False, allow_null=True, help_text="Needed only by who represents several.")


class ContributionChange(StrictSerializer):
    """The text that replaces it."""

    text = StrictText(max_length=LONG_TEXT)


class UpdateVersion(StrictSerializer):
    """A report, and the version of it that was read."""

    id = StrictNumber()
    version = StrictNumber()


class Approval(StrictSerializer):
    """The reports to approve together."""

    updates = UpdateVersion(  # type: ignore[call-arg]
        many=True,
        allow_empty=False,
        max_length=MOST_AT_ONCE,
        error_messages={
            "not_a_list": "Give a list of reports, each with id and version.",
            "max_length": f"Give at most {MOST_AT_ONCE:,} reports.",
            "empty": "Give at least one report.",
            "required": "Give a list of reports, each with id and version.",
            "null": "Give a list of reports, not null.",
        },
    )

    def validate_updates(self, updates: list[dict[str, int]]) -> list[dict[str, int]]:
        if len({one["id"] for one in updates}) < len(updates):
            raise serializers.ValidationError("Name each report once only.")
        return updates


@extend_schema_serializer(component_name="Alike")
class BulkReportInput(StrictSerializer):
    """A bulk report: “no change” or a nil return on several activities."""

    body = BodyAcronymField(required=False, allow_null=True, help_text="Needed only by who represents several.")
    kind = StrictChoice(choices=[(one, rules.UPDATE_KINDS.label(one)) for one in rules.KINDS_WITHOUT_NARRATIVE])
    activities = serializers.ListField(
        child=StrictNumber(),
        allow_empty=False,
        max_length=MOST_AT_ONCE,
        help_text="Ids of the activities.",
        error_messages={
            "not_a_list": "Give a list of ids of activities.",
            "max_length": f"Give at most {MOST_AT_ONCE:,} activities.",
            "empty": "Give at least one activity.",
            "required": "Give a list of ids of activities.",
            "null": "Give a list of ids of activities, not null.",
        },
    )

    def validate_activities(self, activities: list[int]) -> list[int]:
        if len(set(activities)) < len(activities):
            raise serializers.ValidationError("Name each activity once only.")
        return activities
