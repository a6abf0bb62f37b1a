"""What a search finds, in JSON."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from workplan import rules
from workplan.api.fields import Addresses
from workplan.search.results import Result

RESOURCES = {
    "activity": "activities",
    "area": "areas",
    "provision": "provisions",
    "body": "bodies",
    "update": "updates",
}


@extend_schema_serializer(component_name="Found")
class SearchResultSerializer(serializers.Serializer[Result]):
    """One record that holds what was searched for."""

    kind = serializers.ChoiceField(choices=rules.SEARCH_RESULT_KINDS.choices)
    id = serializers.IntegerField(help_text="Id of the record.", source="record.pk")
    ref = serializers.CharField(
        help_text="Reference of the record; of an update, that of its activity; a body’s acronym."
    )
    plan = serializers.SerializerMethodField(help_text="Code of the work plan; null for a body.")
    title = serializers.CharField(help_text="Words of the record; of an update, the beginning of its progress.")
    snippet = serializers.CharField(help_text="Plain text around words that were searched for.")
    url = serializers.SerializerMethodField(help_text="Where the API shows it.")
    html_url = serializers.SerializerMethodField(help_text="Where people see it.")
    status = serializers.SerializerMethodField(help_text="Of an activity, or as an update reports it; else null.")
    status_as_of = serializers.DateField(source="as_of", allow_null=True)

    def get_plan(self, one: Result) -> str | None:
        return one.plan.code if one.plan else None

    def get_url(self, one: Result) -> str:
        addresses: Addresses = self.context["addresses"]
        key = one.record.acronym if one.kind == "body" else one.record.pk
        return addresses.of(RESOURCES[one.kind], key)

    def get_html_url(self, one: Result) -> str:
        addresses: Addresses = self.context["addresses"]
        return addresses.origin + one.address

    def get_status(self, one: Result) -> str | None:
        return one.status or None


class FacetChoice(serializers.Serializer[Any]):
    value = serializers.CharField(help_text="What to give as the parameter.")
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField(min_value=0)


class FacetsSerializer(serializers.Serializer[Any]):
    """For each parameter the values that would leave something, with how much under the other parameters."""

    kind = FacetChoice(many=True)
    section = FacetChoice(many=True)
    body = FacetChoice(many=True)
    status = FacetChoice(many=True)


class TargetSerializer(serializers.Serializer[Any]):
    """The record whose reference, or the body whose name, is all that was asked for."""

    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    title = serializers.CharField()
    html_url = serializers.URLField()


class SearchSerializer(serializers.Serializer[Any]):
    """What was found, best first within each kind."""

    count = serializers.IntegerField(min_value=0)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = SearchResultSerializer(many=True)
    facets = FacetsSerializer()
    query = serializers.CharField(help_text="What was searched for in the end.", allow_blank=True)
    instead_of = serializers.CharField(
        allow_null=True, help_text="The original query, where a word of it occurs nowhere and was corrected."
    )
    go_to = TargetSerializer(many=True)
