"""What a report, a decision or a word beside it must look like to be read."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from workplan import rules
from workplan.actions import Proof, Report
from workplan.api.fields import (
    BodyNamed,
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

    def proof(self) -> Proof:
        return Proof(**self.validated_data)


class Said(StrictSerializer):
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
    kind = StrictChoice(choices=rules.UPDATE_KINDS.choices, required=False, help_text="The kind of update.")


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    """The words and values that were sent, as a report has them."""
    said = {name: values[name] for name in Said._declared_fields if name in values}
    if "status" in said:
        said["status"] = said["status"] or ""
    return said


class ReportInput(Said):
    """A status update that is sent in."""

    evidence = EvidenceInput(many=True, required=False, max_length=rules.MOST_EVIDENCE, error_messages=NOT_A_LIST)  # type: ignore[call-arg]
    round = StrictNumber(
        required=False,
        allow_null=True,
        help_text="Id of the round it is the report of. From a body: the round that takes its reports, where this is "
        "left out or null. From the secretariat: null for an entry between rounds.",
    )
    body = BodyNamed(
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
        links = tuple(Proof(**link) for link in self.validated_data.get("evidence", ()))
        return Report(**{"status": "", "as_of": None} | _said(self.validated_data), evidence=links)


class ReportChange(Said):
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
        proofs = now.evidence
        if "evidence" in self.validated_data:
            proofs = tuple(self._proof(link, there) for link in self.validated_data["evidence"])
        return Report(**now.said | _said(self.validated_data), evidence=proofs)

    def _proof(self, link: Mapping[str, Any], there: Mapping[int, Evidence]) -> Proof:
        if "id" not in link:
            return Proof(**link)
        kept = there.get(link["id"])
        if kept is None:
            raise serializers.ValidationError({"evidence": [f"There is no evidence {link['id']} behind this update."]})
        url = link.get("url", kept.url) if kept.url else ""
        return Proof(link.get("title", kept.title), url, dated_on=link.get("dated_on"), kept=kept.pk)


class Reason(StrictSerializer):
    """Why."""

    reason = StrictText(allow_blank=True, max_length=SHORT_TEXT, help_text="Why, in a sentence or more.")


class Concurring(StrictSerializer):
    """For which body."""

    body = BodyNamed(required=False, allow_null=True, help_text="Needed only by who speaks for several.")


class CommentInput(StrictSerializer):
    """A comment."""

    text = StrictText(max_length=LONG_TEXT)


class ContributionInput(StrictSerializer):
    """What a cooperating body adds."""

    text = StrictText(max_length=LONG_TEXT)
    round = StrictNumber(
        required=False, allow_null=True, help_text="Id of the round; the one that takes reports where it is left out."
    )
    body = BodyNamed(required=False, allow_null=True, help_text="Needed only by who speaks for several.")


class ContributionChange(StrictSerializer):
    """What is to stand there instead."""

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


class Alike(StrictSerializer):
    """The same short report on several activities."""

    body = BodyNamed(required=False, allow_null=True, help_text="Needed only by who speaks for several.")
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
