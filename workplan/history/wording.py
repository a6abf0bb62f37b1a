"""The wording of the audit trail: labels of actions and records, and values as people read them."""

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.text import capfirst

from workplan import rules
from workplan.models import AuditEntry

# What people edit by forms: each kind of record is created, changed and deleted.
EDITED = (
    "workplan",
    "section",
    "provision",
    "collaborationarea",
    "activity",
    "responsibility",
    "sectoralbody",
    "bodyalias",
    "reportinground",
    "user",
    "membership",
    "group",
    "apitoken",
)
# Kinds of record that only actions write.
ACTION_LABELS = {
    "status.recorded": "Status recorded",
    "status.confirmed": "Status confirmed without change",
    "status.restated": "Status restated",
    "report.corrected": "Report corrected",
    "report.recorded": "Report entered directly",
    "report.begun": "Report started",
    "report.taken_on": "Report continued by another person",
    "report.submitted": "Report submitted",
    "report.discarded": "Draft discarded",
    "report.approved": "Report approved",
    "report.returned": "Report returned",
    "report.concurred": "Report concurred with",
    "report.commented": "Report commented on",
    "contribution.written": "Contribution added",
    "round.opened": "Round opened",
    "round.closed": "Round closed",
    "round.reopened": "Round reopened",
    "round.published": "Round published",
    "round.publication_scheduled": "Publication scheduled",
    "round.publication_unscheduled": "Scheduled publication cancelled",
    "round.not_published": "Round not published on the scheduled date",
    "round.publication_withdrawn": "Publication withdrawn",
    "exception.given": "Deadline extension given",
    "exception.withdrawn": "Deadline extension withdrawn",
    "import.applied": "File imported",
    "question.settled": "Open question resolved",
    "question.reopened": "Open question reopened",
    "name.kept": "Former name kept",
    "planimport.begun": "Plan file uploaded",
    "planimport.changed": "Plan file: answers changed",
    "planimport.discarded": "Plan file discarded",
    "planimport.imported": "Plan imported",
    "user.signed_in": "Signed in",
    "user.signed_out_everywhere": "Signed out everywhere",
    "user.password_changed": "Password changed",
    "user.password_reset": "Password reset by email",
    "user.password_set": "Password set",
    "apitoken.revoked": "API token revoked",
    "apitoken.ended": "API token ended",
    "preferences.changed": "Email notifications changed",
    "digest.tried_again": "Email retried",
    "user.address_refused": "Email address refused",
    "user.address_confirmed": "Email address confirmed",
    "subscriptionkey.renewed": "Key of calendars or feeds renewed",
    "subscriptionkey.revoked": "Key of calendars or feeds revoked",
    "view.saved": "View saved",
    "view.changed": "View changed",
    "view.deleted": "View deleted",
    "view.followed": "View followed",
    "view.unfollowed": "View no longer followed",
}
KINDS = (
    *EDITED,
    "statusupdate",
    "contribution",
    "lateexception",
    "decision",
    "import",
    "planimport",
    "messagepreferences",
    "digest",
    "savedview",
    "subscriptionkey",
)


def model_named(name: str) -> type[models.Model] | None:
    """The model that the audit trail calls ``name``."""
    for app in ("workplan", "auth"):
        try:
            return apps.get_model(app, name)
        except LookupError:
            continue
    return None


def kind_label(name: str) -> str:
    """A kind of record in words."""
    model = model_named(name)
    return capfirst(str(model._meta.verbose_name)) if model else name


def kinds() -> list[tuple[str, str]]:
    """Every kind of record in the audit trail, as choices."""
    return [(name, kind_label(name)) for name in KINDS]


def actions() -> list[tuple[str, str]]:
    """Every action in the audit trail, as choices."""
    edits = [(f"{name}.{verb}", action_label(f"{name}.{verb}")) for name in EDITED for verb in VERBS]
    return [*ACTION_LABELS.items(), *edits]


VERBS = ("created", "changed", "deleted")


def action_label(action: str) -> str:
    """The label of an action."""
    if action in ACTION_LABELS:
        return ACTION_LABELS[action]
    noun, _, verb = action.partition(".")
    return f"{kind_label(noun)} {verb}"


def address_of(entry: AuditEntry) -> str:
    """The page of the record that ``entry`` names; empty where it has none. Reads the records that it refers to."""
    if entry.action.endswith((".deleted", ".discarded")):
        return ""
    try:
        match entry.record_type:
            case "statusupdate":
                return reverse("report", args=[entry.record_id])
            case "activity" | "responsibility" | "contribution":
                return entry.activity.get_absolute_url() if entry.activity else ""
            case "reportinground" | "lateexception":
                return entry.round.get_absolute_url() if entry.round else ""
            case "decision":
                return reverse("question", args=entry.changes["key"][1].split(".", 3))
            case "sectoralbody" | "bodyalias":
                return reverse("body", args=[entry.plan.code, entry.body.acronym]) if entry.plan and entry.body else ""
        model = model_named(entry.record_type)
        return (
            reverse(f"admin:{model._meta.app_label}_{entry.record_type}_change", args=[entry.record_id])
            if model
            else ""
        )
    except NoReverseMatch:
        return ""


@dataclass(frozen=True, slots=True)
class Change:
    """One field that changed, with its values in words."""

    field: str
    before: str
    after: str


class ChangeFormatter:
    """Reads the changes of some entries, and asks for what they refer to once for all of them."""

    def __init__(self, entries: Iterable[AuditEntry]) -> None:
        wanted: dict[type[models.Model], set[Any]] = {}
        for entry in entries:
            for name, values in entry.changes.items():
                target = _target(entry, name)
                if target:
                    wanted.setdefault(target, set()).update(value for value in values if isinstance(value, int))
        self._records: dict[type[models.Model], Mapping[Any, models.Model]] = {
            target: target._default_manager.in_bulk(sorted(keys)) for target, keys in wanted.items() if keys
        }

    def changes(self, entry: AuditEntry) -> list[Change]:
        """What ``entry`` changed, field by field; of a record that came or went, what it held."""
        found = []
        for name, values in entry.changes.items():
            if name == "version":  # a number for programs, which says nothing of what changed
                continue
            before, after = [*values, None, None][:2] if isinstance(values, list) else (None, values)
            change = Change(_label(entry, name), self._words(entry, name, before), self._words(entry, name, after))
            if change.before or change.after:
                found.append(change)
        return found

    def _words(self, entry: AuditEntry, name: str, value: Any) -> str:
        target = _target(entry, name)
        if target is not None and isinstance(value, int):
            record = self._records.get(target, {}).get(value)
            # An update is named after its activity, which the entry names already.
            if record is None or target._meta.model_name == "statusupdate":
                return f"No. {value}"
            return str(getattr(record, "ref", None) or record)
        field = _field(entry, name)
        choices = dict(getattr(field, "flatchoices", None) or ())
        if isinstance(value, str) and value in choices:
            return str(choices[value])
        if name == "state" and isinstance(value, str) and value in rules.REPORT_STATES:
            return rules.REPORT_STATES.label(value)
        return plain_words(value)


def plain_words(value: Any) -> str:
    """A value of the audit trail for people; empty where there is none."""
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        if all(isinstance(pair, list) and len(pair) == 2 and all(isinstance(n, int) for n in pair) for pair in value):
            return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in value)
        return ", ".join(plain_words(one) for one in value)
    if isinstance(value, str) and value[:4].isdigit() and value[4:5] == "-":
        return _moment(value) or value
    return str(value)


def _moment(text: str) -> str:
    try:
        day = parse_date(text)
        if day:
            return f"{day.day} {day:%B %Y}"
        moment = parse_datetime(text)
    except ValueError:
        return ""
    return f"{moment.day} {moment:%B %Y, %H:%M}" if isinstance(moment, datetime.datetime) else ""


def _field(entry: AuditEntry, name: str) -> Any:
    model = model_named(entry.record_type)
    names = {field.name: field for field in model._meta.get_fields()} if model else {}
    return names.get(name)


def _label(entry: AuditEntry, name: str) -> str:
    field = _field(entry, name)
    return capfirst(str(getattr(field, "verbose_name", "") or name.replace("_", " ")))


def _target(entry: AuditEntry, name: str) -> type[models.Model] | None:
    field = _field(entry, name)
    is_key = field is not None and (field.many_to_one or field.one_to_one) and field.concrete
    return field.related_model if is_key else None


def count(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many}"


def listed(texts: Collection[str], most: int = 5) -> str:
    """Some sentences, and how many more there are."""
    shown = list(texts)[:most]
    rest = len(texts) - len(shown)
    return " ".join([*shown, f"And {rest:,} more."] if rest else shown)
