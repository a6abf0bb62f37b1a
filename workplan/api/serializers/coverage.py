"""The coverage in JSON."""

from typing import Any

from rest_framework import serializers

from workplan import rules


class Counted(serializers.Serializer[Any]):
    count = serializers.IntegerField(min_value=0)
    by_status = serializers.DictField(child=serializers.IntegerField(min_value=0))


class CountedByRole(serializers.Serializer[Any]):
    """By role; a role that is not asked for is left out."""

    lead = Counted(required=False)
    cooperating = Counted(required=False, help_text="“All other SB” counts for every body without a role of its own.")


class CountedByGap(serializers.Serializer[Any]):
    no_lead = serializers.IntegerField(min_value=0, help_text=rules.GAPS[rules.NO_LEAD].meaning)
    cooperating_only = serializers.IntegerField(min_value=0, help_text=rules.GAPS[rules.COOPERATING_ONLY].meaning)
    no_body = serializers.IntegerField(min_value=0, help_text=rules.GAPS[rules.NO_BODY].meaning)


class CoverageTotals(Counted):
    """Each activity once, however many bodies it has."""

    roles = CountedByRole(help_text="Activities that have some body in the role.")
    gaps = CountedByGap()


class CoverageCell(serializers.Serializer[Any]):
    body = serializers.CharField(help_text="Acronym.")
    roles = CountedByRole()


class CoverageColumn(CoverageCell):
    name = serializers.CharField()


class CoveragePlace(serializers.Serializer[Any]):
    plan = serializers.CharField(help_text="Code of the work plan.")
    ref = serializers.CharField()
    text = serializers.CharField()


class CoverageLine(CoveragePlace):
    totals = CoverageTotals()
    cells = CoverageCell(many=True, help_text="Bodies without a part in it are left out.")


class CoverageRow(CoverageLine):
    section = serializers.CharField(help_text="Reference of its section.")


class CoverageGap(serializers.Serializer[Any]):
    gap = serializers.ChoiceField(choices=rules.COVERAGE_GAPS.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    meaning = serializers.CharField()
    count = serializers.IntegerField(min_value=0)
    places = CoveragePlace(many=True, help_text="The provisions or areas; empty for other gaps.")
    bodies = serializers.ListField(child=serializers.CharField(), help_text="The bodies; empty for other gaps.")
    url = serializers.CharField(allow_null=True, help_text="Lists the activities, provisions or areas.")


class CoverageSerializer(serializers.Serializer[Any]):
    """Provisions by bodies, and what nobody has taken up."""

    columns = CoverageColumn(many=True, help_text="The bodies, with all rows together.")
    sections = CoverageLine(many=True, help_text="The rows of each section together.")
    rows = CoverageRow(many=True, help_text="The provisions.")
    totals = CoverageTotals(help_text="All rows together.")
    gaps = CoverageGap(many=True)
