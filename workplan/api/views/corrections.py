"""Corrections of approved reports."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request

from workplan.actions import Report, correct_report
from workplan.api import serializers
from workplan.api.views.conditions import conditional, if_match
from workplan.api.views.reports import OneUpdate, as_report


class Corrections(OneUpdate):
    """The correction of one approved report."""

    errors = {"POST": conditional("update")}

    @extend_schema(
        operation_id="correct_update",
        request=serializers.ReportCorrection,
        parameters=[if_match("update")],
        examples=[
            OpenApiExample("A word", request_only=True, value={"narrative": "The module was drafted, not printed."})
        ],
        responses={
            201: OpenApiResponse(serializers.UpdateDetailSerializer, "The correction; `corrects` names the report."),
            412: serializers.StaleUpdateError,
        },
        description="""Correct an approved report: its body for a review, the secretariat at once.

The correction is an update of its own, of kind `correction`. It keeps the body, the round and the date of the report
that it corrects and takes its place, so it brings no new date and no achievement. What is not sent stays as it was.
Of a report that was corrected, correct the correction (`correction` in its JSON).""",
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Correct an approved report: its body for a review, the secretariat at once."""
        update = self.require_action("correct")
        version = self.version_sent(update)
        sent = self.read(serializers.ReportCorrection)
        said = sent.report(as_report(update), {one.pk: one for one in update.evidence.all()})
        report = Report(**said.field_values | {"as_of": update.as_of}, evidence=said.evidence)
        submit = sent.validated_data["submit"]
        made = correct_report(update=update, version=version, report=report, by=self.by(), submit=submit)
        return self.updated_response(made, status=201)
