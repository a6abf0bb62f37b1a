"""Changes of status between two dates, in JSON."""

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from workplan import rules
from workplan.api.fields import Acronyms, Address, Addresses, Moment, PageAddress, TermField
from workplan.models import Activity


class EndSerializer(serializers.Serializer[Any]):
    """One end of a comparison."""

    moment = Moment(help_text="The activities are compared as of this moment.")
    day = serializers.DateField()
    round = serializers.CharField(
        source="round.code", default=None, allow_null=True, help_text="Code of the round that is meant, if one is."
    )
    name = serializers.CharField(help_text="In words.")
    count = serializers.IntegerField(min_value=0, source="tally.total", help_text="Activities in the plan then.")
    by_status = serializers.DictField(child=serializers.IntegerField(min_value=0))


@extend_schema_serializer(component_name="Flow")
class StatusTransitionSerializer(serializers.Serializer[Any]):
    """How many activities went from one status to another."""

    before = TermField(rules.STATUSES, allow_null=True, help_text="Null: not in the plan yet.")
    after = TermField(rules.STATUSES)
    moved = TermField(rules.STATUS_CHANGES)
    count = serializers.IntegerField(min_value=1)


@extend_schema_serializer(component_name="Known")
class StatusAsOfSerializer(serializers.Serializer[Any]):
    """The status of an activity as of a moment."""

    status = TermField(rules.STATUSES, allow_null=True, help_text="Null: not in the plan yet.")
    as_of = serializers.DateField(allow_null=True)
    latest_update = serializers.URLField(allow_null=True, help_text="The update behind it.")


class ComparedSerializer(serializers.ModelSerializer[Activity]):
    """An activity at both moments."""

    url = Address("activities")
    html_url = PageAddress()
    plan = serializers.CharField(source="plan.code", read_only=True, help_text="Code of the work plan.")
    lead_bodies = Acronyms(help_text="Lead bodies, in the order printed.")
    before = serializers.SerializerMethodField(help_text="As of `from`.")
    after = serializers.SerializerMethodField(help_text="As of `to`.")
    moved = TermField(rules.STATUS_CHANGES)

    class Meta:
        model = Activity
        fields = ["id", "ref", "plan", "url", "html_url", "text", "lead_bodies", "before", "after", "moved"]
        read_only_fields = fields

    @extend_schema_field(StatusAsOfSerializer)
    def get_before(self, activity: Any) -> dict[str, Any]:
        return self._known(activity.earlier_status, activity.earlier_status_as_of, activity.earlier_update)

    @extend_schema_field(StatusAsOfSerializer)
    def get_after(self, activity: Activity) -> dict[str, Any]:
        return self._known(activity.status, activity.status_as_of, activity.latest_update_id)

    def _known(self, status: str | None, as_of: Any, update: int | None) -> dict[str, Any]:
        addresses: Addresses = self.context["addresses"]
        return {"status": status, "as_of": as_of, "latest_update": update and addresses.of("updates", update)}


class ComparisonSerializer(serializers.Serializer[Any]):
    """Changes of status between two dates: the counts of all that is compared, and a page of activities."""

    count = serializers.IntegerField(
        min_value=0, allow_null=True, help_text="Activities that are listed, on all pages; null with `cursor`."
    )
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    to = EndSerializer()
    moved = serializers.DictField(
        child=serializers.IntegerField(min_value=0), help_text="Activities by change of status."
    )
    flow = StatusTransitionSerializer(
        many=True, help_text="Status transitions, whatever `moved`, `before` and `status` choose to list."
    )
    results = ComparedSerializer(many=True)

    def get_fields(self) -> dict[str, Any]:
        """Also the earlier end, which has a name that Python keeps for itself."""
        fields = super().get_fields()
        ends = {"from": EndSerializer()}
        return {**{name: fields.pop(name) for name in ("count", "next", "previous")}, **ends, **fields}
