"""The document in JSON: plans, their sections, provisions and areas, and bodies."""

from typing import Any, ClassVar

from django.db.models import F, OuterRef
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workplan import rules
from workplan.api.fields import Acronyms, Address, Moment, PageAddress
from workplan.api.in_database import Place, items, label_of
from workplan.models import BodyAlias, CollaborationArea, Provision, Section, SectoralBody, WorkPlan

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


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
class TextsByName(serializers.JSONField):
    """Texts by their names."""


@extend_schema_field(
    {"type": "array", "items": {"type": "array", "items": {"type": "integer"}, "minItems": 3, "maxItems": 3}}
)
class Cells(serializers.JSONField):
    """Table, row and cell in the source, each counted from 1."""


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
    notes = Texts(help_text="Drafting remarks at the record.")
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
        source="parent.ref", default=None, allow_null=True, help_text="Reference of its parent area."
    )
    proposed_by = Acronyms(source="proposed_by.all", help_text="Bodies named in square brackets.")

    class Meta:
        model = CollaborationArea
        fields = [
            *("id", "url", "plan", "ref", "position", "section", "provision", "parent"),
            *PRINTED,
            *("proposed_by", *BOOKKEEPING),
        ]


def aliases_of(place: Place) -> Any:
    aliases = BodyAlias.objects.filter(body=OuterRef("pk")).order_by("name")
    return items(aliases, F("name"), of_json=False)


class BodySerializer(RecordSerializer):
    url = Address("bodies", key="acronym")
    pillar_label = serializers.SerializerMethodField()
    aliases = serializers.SerializerMethodField(help_text="Other spellings that filters understand.")

    IN_DATABASE: ClassVar = {"pillar_label": label_of(rules.PILLARS, "pillar"), "aliases": aliases_of}

    class Meta:
        model = SectoralBody
        fields = ["id", "url", "acronym", "name", "pillar", "pillar_label", "source", "aliases", *BOOKKEEPING]

    def get_pillar_label(self, body: SectoralBody) -> str:
        return rules.PILLARS.label(body.pillar)

    def get_aliases(self, body: SectoralBody) -> list[str]:
        return [alias.name for alias in body.aliases.all()]
