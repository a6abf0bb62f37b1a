"""Which entries of the audit trail."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import F

from workplan import rules
from workplan.filters.base import (
    BodyFilter,
    EndFilter,
    MomentFilter,
    OrderingFilter,
    PlanFilter,
    RefFilter,
    RoundFilter,
    StrictFilterSet,
    VocabularyFilter,
)
from workplan.history import wording
from workplan.models import Activity, AuditEntry
from workplan.querysets import contains_words


class RecordIdField(forms.CharField):
    """The id of a record, as the audit trail keeps it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)


class RecordIdFilter(django_filters.Filter):
    field_class = RecordIdField


class AuditFilterSet(StrictFilterSet):
    """Which entries of the audit trail, for whoever may see it."""

    person = django_filters.CharFilter(
        method="by_person", max_length=200, label="Person", help_text="Words of the name, or the name of the account."
    )
    record_type = VocabularyFilter(choices=wording.kinds, label="Record", help_text="Kind of record.")
    record_id = RecordIdFilter(label="Id of the record", help_text="Id of a record of that kind.")
    q = django_filters.CharFilter(
        method="mentioning",
        max_length=200,
        label="Keyword",
        help_text="Words that all occur in the label of the record, or in the reason.",
    )
    activity = RefFilter(
        field_name="activity__ref",
        model=Activity,
        must_exist=False,
        label="Activity",
        help_text="Reference, such as A.1.1.4.",
    )
    body = BodyFilter(field_name="body", label="Body", help_text="Acronym or alias.")
    round = RoundFilter(field_name="round", label="Round", help_text="Code, such as 2018-1.")
    plan = PlanFilter(field_name="plan__code", label="Plan", help_text="Code of a work plan.")
    action = VocabularyFilter(choices=wording.actions, label="Action", help_text="What was done.")
    channel = VocabularyFilter(choices=rules.CHANNELS.choices, label="Source", help_text="From which source.")
    request = django_filters.CharFilter(
        field_name="request_id",
        lookup_expr="exact",
        max_length=64,
        label="Change set",
        help_text="Id of a change set: all that one request changed.",
    )
    client_request = django_filters.CharFilter(
        field_name="client_request_id",
        lookup_expr="exact",
        max_length=64,
        label="Client request ID",
        help_text="The X-Request-ID that the client sent.",
    )
    since = MomentFilter(field_name="at", lookup_expr="gte", label="From", help_text="On or after this day or time.")
    until = EndFilter(field_name="at", lookup_expr="lte", label="To", help_text="To the end of this day, or a time.")
    ordering = OrderingFilter({"at": F("id")}, tie_breakers=("-id",), help_text="at, or -at for the newest first.")

    class Meta:
        model = AuditEntry
        fields: ClassVar[list[str]] = []

    def by_person(self, rows: Any, name: str, words: str) -> Any:
        return rows.filter(contains_words(words, "actor_name"))

    def mentioning(self, rows: Any, name: str, words: str) -> Any:
        return rows.filter(contains_words(words, "record_label", "reason"))
