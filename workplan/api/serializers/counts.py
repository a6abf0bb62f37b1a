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


class ProvisionCount(SectionCount):
    section = serializers.CharField(help_text="Reference of its section.")


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


class TrendPoint(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="Of the round.")
    code = serializers.CharField()
    name = serializers.CharField()
    plan = serializers.CharField(help_text="Code of the work plan, whose activities are counted.")
    at = serializers.DateTimeField(
        allow_null=True,
        help_text="When the round ended: published, or closed and not published yet. The activities are counted as "
        "known then, as `as_of` with this time counts them. Null where it has not ended: as known now, or at `as_of`.",
    )
    count = serializers.IntegerField(min_value=0)
    by_status = serializers.DictField(child=serializers.IntegerField(min_value=0))


class SummarySerializer(serializers.Serializer[Any]):
    """How many activities there are. An activity counts once for each body in it."""

    count = serializers.IntegerField(min_value=0)
    by_status = serializers.DictField(child=serializers.IntegerField(min_value=0))
    by_section = SectionCount(many=True)
    by_provision = ProvisionCount(many=True)
    by_body = BodyCount(many=True)
    by_round = RoundCount(many=True, help_text="Rounds that have been opened, with the reports on these activities.")
    trend = TrendPoint(
        many=True,
        help_text="The same activities at the end of each round that has been opened, earliest first. Empty with "
        "`report_state` or `timeliness`, which are known for today only.",
    )
