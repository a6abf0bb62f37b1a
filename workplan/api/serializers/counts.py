"""Counts in JSON."""

from typing import Any

from rest_framework import serializers

from workplan import rules
from workplan.api.serializers.rounds import CountsSerializer


class SectionCount(serializers.Serializer[Any]):
    ref = serializers.CharField()
    title = serializers.CharField()
    plan = serializers.CharField(help_text="Code of the work plan.")
    count = serializers.IntegerField(min_value=0)
    by_status = serializers.DictField(child=serializers.IntegerField(min_value=0))


class BodyCount(serializers.Serializer[Any]):
    acronym = serializers.CharField()
    name = serializers.CharField()
    lead = serializers.IntegerField(min_value=0, help_text="Activities that it leads.")
    cooperating = serializers.IntegerField(min_value=0, help_text="Activities in which it cooperates.")
    count = serializers.IntegerField(min_value=0)
    by_status = serializers.DictField(child=serializers.IntegerField(min_value=0))


class RoundCount(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    plan = serializers.CharField(help_text="Code of the work plan.")
    state = serializers.ChoiceField(choices=rules.ROUND_STATES.choices)
    counts = CountsSerializer(help_text="Each activity once, however many joint leads it has.")


class SummarySerializer(serializers.Serializer[Any]):
    """How many activities there are. An activity counts once for each body in it."""

    count = serializers.IntegerField(min_value=0)
    by_status = serializers.DictField(child=serializers.IntegerField(min_value=0))
    by_section = SectionCount(many=True)
    by_body = BodyCount(many=True)
    by_round = RoundCount(many=True, help_text="Rounds that have been opened, with the reports on these activities.")
