"""More time for one body in one round: given, changed, taken back."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from workplan.actions import extend_deadline, withdraw_extension
from workplan.api import serializers
from workplan.api.etags import etag_of, identity
from workplan.api.renderers import to_json
from workplan.api.views.conditions import MADE, conditional, if_match
from workplan.api.views.rounds import Rounds
from workplan.models import LateException, ReportingRound, SectoralBody
from workplan.querysets import fold_spelling

ALREADY = "The body already has a deadline extension; `current` is its present version. Change it at its own address."


class GivenDeadlineExtensions(Rounds):
    """More time that is given to the bodies of a round."""

    errors = {"POST": {"409": "The round is neither open nor closed.", "412": ALREADY}}

    @extend_schema(
        request=serializers.DeadlineExtensionInput,
        parameters=MADE,
        examples=[
            OpenApiExample(
                "Two more weeks",
                request_only=True,
                value={"body": "SOMTC", "until": "2018-08-14", "reason": "The focal point has changed."},
            )
        ],
        responses={201: serializers.RoundSerializer, 412: serializers.StaleDeadlineExtensionError},
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Give a body more time. What was given is changed at `exceptions/{acronym}/`. For the secretariat."""
        reporting_round = self.get_object()
        self.require_permission()
        extend_deadline(reporting_round=reporting_round, by=self.by(), **self.read(serializers.DeadlineExtensionInput))
        return self.updated_response(reporting_round, status=201)

    def current_representation(self, stale: list[Any]) -> tuple[Any, str]:
        if not stale:
            return None, ""
        shown, identified = self._extension_alone(stale[0])
        return shown, etag_of(to_json(shown), identified)

    def _extension_alone(self, extension: LateException) -> tuple[Any, str]:
        shown = serializers.DeadlineExtensionSerializer(extension, context=self.serializer_context()).data
        return shown, identity(extension)


class DeadlineExtensions(GivenDeadlineExtensions):
    """The time that one body was given beyond the date of a round."""

    serializer_class = serializers.DeadlineExtensionSerializer
    errors = dict.fromkeys(("PATCH", "POST"), conditional("extension"))

    def get_object(self) -> Any:
        rounds = ReportingRound.objects.visible_to(self.request.user).select_related("plan")
        reporting_round = get_object_or_404(rounds, pk=self.kwargs["pk"])
        body = SectoralBody.objects.by_spelling().get(fold_spelling(self.kwargs["acronym"]))
        extension = reporting_round.exceptions.select_related("body").filter(body=body).first()
        if extension is None:
            raise Http404
        extension.round = reporting_round
        self.identity = identity(extension)
        return extension

    def extension_managed(self) -> tuple[LateException, int]:
        """The extension, and the version of it that the caller, who manages rounds, has read."""
        extension: LateException = self.get_object()
        self.require_permission()
        return extension, self.version_sent(extension)

    @extend_schema(
        request=serializers.DeadlineExtensionChange,
        parameters=[if_match("extension")],
        examples=[OpenApiExample("One more week", request_only=True, value={"until": "2018-08-21"})],
        responses={
            200: serializers.DeadlineExtensionSerializer,
            412: serializers.StaleDeadlineExtensionError,
        },
    )
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Change until when a body has more time, or why. For the secretariat."""
        extension, version = self.extension_managed()
        values: dict[str, Any] = {"until": extension.until, "reason": extension.reason}
        values |= self.read(serializers.DeadlineExtensionChange)
        changed = extend_deadline(
            reporting_round=extension.round, body=extension.body, version=version, by=self.by(), **values
        )
        return self.written(*self._extension_alone(changed))

    @extend_schema(
        request=serializers.Reason,
        parameters=[if_match("extension")],
        examples=[OpenApiExample("Withdrawn", request_only=True, value={"reason": "It was meant for another body."})],
        responses={200: serializers.RoundSerializer, 412: serializers.StaleDeadlineExtensionError},
    )
    def withdraw(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take back the time that a body was given: its reports are due on the round’s date. For the secretariat."""
        extension, version = self.extension_managed()
        reason = self.read(serializers.Reason)["reason"]
        withdraw_extension(
            reporting_round=extension.round, body=extension.body, version=version, reason=reason, by=self.by()
        )
        return self.updated_response(extension.round)
