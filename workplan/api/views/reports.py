"""Status updates: written, submitted, reviewed, commented on."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import Http404, HttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from workplan import permissions, rules
from workplan.actions import (
    Actor,
    EvidenceItem,
    Report,
    approve_report,
    approve_reports,
    comment,
    concur,
    discard_report,
    return_report,
    save_report,
    submit_report,
)
from workplan.api import serializers
from workplan.api.advice import TOLD, advised, is_strict
from workplan.api.base import ApiView, Records
from workplan.api.etags import etag_of, identity
from workplan.api.parsers import JSONParser, MultiPartParser
from workplan.api.reading import WrittenByDatabase
from workplan.api.renderers import to_json
from workplan.api.views.activities import shown_updates, update_alone, with_related_records
from workplan.api.views.conditions import MADE, WRONG_STATE, conditional, if_match
from workplan.exceptions import Invalid, NotAllowed
from workplan.filters import CommentFilterSet, UpdateFilterSet
from workplan.models import Comment, StatusUpdate
from workplan.rules.scopes import REPORT_SCOPE

ALONE = {200: serializers.UpdateDetailSerializer, 412: serializers.StaleUpdateError}
# The other fields of a form that carries a file.
FORM_OVERHEAD = 1024 * 1024


def as_report(update: StatusUpdate) -> Report:
    """What ``update`` says so far, with the evidence that it has."""
    kept = tuple(EvidenceItem(one.title, one.url, kept=one.pk) for one in update.evidence.all())
    message = {name: getattr(update, name) for name in serializers.ReportFields._declared_fields}
    return Report(**message, evidence=kept)


class OneUpdate(Records):
    """One update, and what the caller may do to it."""

    queryset = StatusUpdate.objects.none()
    serializer_class: Any = serializers.UpdateSerializer
    filterset_class: Any = UpdateFilterSet
    scopes: ClassVar[Mapping[str, str]] = {"": REPORT_SCOPE}

    def get_queryset(self) -> Any:
        if self.action == "list":
            return shown_updates(self.request.user)
        return with_related_records(StatusUpdate.objects.visible_to(self.request.user).for_display())

    def get_object(self) -> Any:
        update = super().get_object()
        self.identity = identity(update)
        return update

    def require_action(self, action: str) -> StatusUpdate:
        """The update, of which the caller may do ``action`` if its state allows it.

        Raises:
            NotAllowed: they may not.
        """
        update: StatusUpdate = self.get_object()
        if not permissions.may(self.request.user, action, update):
            raise NotAllowed(permissions.refusal(self.request.user, action, update))
        return update

    def by(self) -> Actor:
        return Actor.of(self.request, "api")

    def read(self, serializer: type[Any]) -> Any:
        sent = serializer(data=self.request.data)
        sent.is_valid(raise_exception=True)
        return sent

    def updated_response(self, update: StatusUpdate, *, status: int = 200) -> Response:
        return self.written(*update_alone(self.request.user, update.pk, self.serializer_context()), status=status)

    def current_representation(self, stale: list[Any]) -> tuple[Any, str]:
        shown, identified = update_alone(self.request.user, stale[0].pk, self.serializer_context())
        return shown, etag_of(to_json(shown), identified)


class Updates(WrittenByDatabase, OneUpdate):
    """Status updates, newest first: published ones for every reader, others for those who have a part in them."""

    scopes = {
        "approve": permissions.scope_of("approve"),
        "return_update": permissions.scope_of("return"),
        "": REPORT_SCOPE,
    }
    errors = dict.fromkeys(("POST", "PATCH", "DELETE"), conditional("update"))

    def rows_to_read(self) -> Any:
        return StatusUpdate.objects.visible_to(self.request.user).newest_first()

    def is_written_by_database(self) -> bool:
        # Whoever takes part can do something to some of them, which Python decides.
        return not permissions.can_see_progress(self.request.user)

    def get_serializer_class(self) -> Any:
        return serializers.UpdateDetailSerializer if self.action == "retrieve" else self.serializer_class

    @extend_schema(
        request=serializers.ReportChange,
        parameters=[if_match("update")],
        examples=[
            OpenApiExample(
                "A few words more",
                request_only=True,
                value={"narrative": "The module was drafted and reviewed.", "evidence": [{"id": 12}]},
            )
        ],
        responses=ALONE,
    )
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save what is said so far in a draft or in a returned report. What is not sent stays as it is."""
        update = self.require_action("edit")
        version = self.version_sent(update)
        sent = self.read(serializers.ReportChange)
        report = sent.report(as_report(update), {one.pk: one for one in update.evidence.all()})
        return self.updated_response(save_report(update=update, version=version, report=report, by=self.by()))

    @extend_schema(parameters=[if_match("update")], responses={204: None, 412: serializers.StaleUpdateError})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Discard a draft that was never submitted."""
        update = self.require_action("discard")
        discard_report(update=update, version=self.version_sent(update), by=self.by())
        return Response(status=204)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        update = self.get_object()
        response = Response(self.get_serializer(update).data)
        # Whoever reviews reads it before they approve.
        reviews = update.state == rules.SUBMITTED and permissions.can_review(request.user)
        return advised(
            response, [(update.activity, update.as_of)] if reviews and update.brings_new_date else [], request
        )

    @extend_schema(
        request=None,
        parameters=[if_match("update")],
        responses=ALONE,
        description="Submit a draft, or a returned report again, for review. The secretariat’s own is approved at once."
        f"\n\n{TOLD}",
    )
    def submit(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Submit a draft, or a returned report again, for review. The secretariat’s own is approved at once."""
        update = self.require_action("submit")
        version = self.version_sent(update)
        submit_report(update=update, version=version, by=self.by(), confirmed=not is_strict(request))
        becoming_status = [(update.activity, update.as_of)] if update.is_direct and update.brings_new_date else []
        return advised(self.updated_response(update), becoming_status, request)

    @extend_schema(
        request=None,
        parameters=[if_match("update")],
        responses=ALONE,
        description=f"Approve a submitted report. For the secretariat.\n\n{TOLD}",
    )
    def approve(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Approve a submitted report. For the secretariat."""
        update = self.require_action("approve")
        version = self.version_sent(update)
        approve_report(update=update, version=version, by=self.by(), confirmed=not is_strict(request))
        becoming_status = [(update.activity, update.as_of)] if update.brings_new_date else []
        return advised(self.updated_response(update), becoming_status, request)

    @extend_schema(
        request=serializers.Reason,
        parameters=[if_match("update")],
        examples=[OpenApiExample("Returned", request_only=True, value={"reason": "Name the module."})],
        responses=ALONE,
    )
    def return_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return a submitted report with a reason. For the secretariat."""
        update = self.require_action("return")
        version = self.version_sent(update)
        reason = self.read(serializers.Reason).validated_data["reason"]
        return self.updated_response(return_report(update=update, version=version, reason=reason, by=self.by()))

    @extend_schema(request=serializers.Concurring, parameters=[if_match("update")], responses=ALONE)
    def concur(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Say for a joint lead that it agrees with the report."""
        update = self.require_action("concur")
        version = self.version_sent(update)
        named = self.read(serializers.Concurring).validated_data.get("body")
        body = named or next(iter(permissions.bodies_to_concur(request.user, update)), None)
        concur(update=update, version=version, body=body, by=self.by())
        return self.updated_response(update)


class UpdateComments(OneUpdate):
    """The comments on a report, for those who take part in it."""

    serializer_class = serializers.CommentSerializer
    filterset_class = CommentFilterSet
    errors = {"GET": {"403": "This person has no part in the report."}}

    def filter_queryset(self, queryset: Any) -> Any:
        # Of one report, which it is asked for before its comments are filtered.
        return super().filter_queryset(queryset) if queryset.model is Comment else queryset

    def get_queryset(self) -> Any:
        updates = StatusUpdate.objects.visible_to(self.request.user).for_display()
        update = updates.filter(pk=self.kwargs["pk"]).first()
        if update is None:
            raise Http404
        if not permissions.takes_part_in(self.request.user, update):
            self.permission_denied(self.request, permissions.REFUSALS["comment"])
        return Comment.objects.filter(update=update).select_related("body")

    @extend_schema(request=serializers.CommentInput, responses={201: serializers.CommentSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Comment on a report. Comments cannot be changed, and the public does not see them."""
        updates = StatusUpdate.objects.visible_to(request.user).for_display()
        update = updates.filter(pk=self.kwargs["pk"]).first()
        if update is None:
            raise Http404
        if not permissions.may(request.user, "comment", update):
            raise NotAllowed(permissions.REFUSALS["comment"])
        text = self.read(serializers.CommentInput).validated_data["text"]
        made = comment(update=update, text=text, by=self.by())
        return Response(self.get_serializer(made).data, status=201)


class UpdateEvidence(OneUpdate):
    """The links and files behind an update that is being written."""

    parser_classes = [JSONParser, MultiPartParser]
    largest_body = rules.MOST_FILE_BYTES + FORM_OVERHEAD
    too_large = (
        f"The file is too large: at most {rules.MOST_FILE_BYTES // 1024 // 1024} MB are taken. "
        "Send a smaller one, or a link to it."
    )
    errors = {
        "POST": conditional("update")
        | {
            "413": f"The file has more than {rules.MOST_FILE_BYTES // 1024 // 1024} MB.",
            "415": "Only `multipart/form-data` and `application/json` are read.",
        },
        "DELETE": conditional("update"),
    }

    @extend_schema(
        request={
            "multipart/form-data": serializers.EvidenceUpload,
            "application/json": serializers.EvidenceInput,
        },
        parameters=[if_match("update"), *MADE],
        responses={
            201: OpenApiResponse(serializers.UpdateDetailSerializer, "The update with its new evidence."),
            412: serializers.StaleUpdateError,
        },
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Add a file or a link behind a draft or a returned report. No personal data of victims or suspects."""
        update = self.require_action("edit")
        version = self.version_sent(update)
        if not isinstance(request.data, Mapping):
            raise Invalid("Send a form with a file, or a JSON object.")
        twice = [name for name in request.data if len(getattr(request.data, "getlist", lambda _: ())(name)) > 1]
        if twice:
            raise Invalid(fields={name: ["Give it once only."] for name in twice[:20]})
        evidence_item = self.read(serializers.EvidenceUpload).evidence_item()
        now = as_report(update)
        report = Report(**now.field_values, evidence=(*now.evidence, evidence_item))
        saved = save_report(update=update, version=version, report=report, by=self.by())
        return self.updated_response(saved, status=201)

    @extend_schema(
        parameters=[if_match("update")],
        responses={
            204: OpenApiResponse(None, "Gone. The ETag is that of the update as it is now."),
            412: serializers.StaleUpdateError,
        },
    )
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take a link or a file away from a draft or a returned report."""
        update = self.require_action("edit")
        now = as_report(update)
        kept = tuple(evidence_item for evidence_item in now.evidence if evidence_item.kept != self.kwargs["evidence"])
        if len(kept) == len(now.evidence):
            raise Http404
        version = self.version_sent(update)
        saved = save_report(
            update=update, version=version, report=Report(**now.field_values, evidence=kept), by=self.by()
        )
        shown, identified = update_alone(request.user, saved.pk, self.serializer_context())
        return Response(status=204, headers={"ETag": etag_of(to_json(shown), identified)})


class Approvals(ApiView):
    """Several reports approved together."""

    scopes = {"post": permissions.scope_of("approve")}
    errors = {
        "POST": WRONG_STATE | {"412": "Somebody else has changed one of them; `current` holds those, as they are now."}
    }

    @extend_schema(
        request=serializers.Approval,
        examples=[
            OpenApiExample(
                "Two reports",
                request_only=True,
                value={"updates": [{"id": 17, "version": 2}, {"id": 18, "version": 4}]},
            )
        ],
        responses={200: serializers.UpdatesSerializer, 412: serializers.StaleUpdatesError},
        description=f"Approve submitted reports: all of them, or none. For the secretariat.\n\n{TOLD}",
    )
    def post(self, request: Request) -> HttpResponse:
        """Approve submitted reports: all of them, or none. For the secretariat."""
        if not permissions.can_review(request.user):
            raise NotAllowed(permissions.REFUSALS["approve"])
        sent = serializers.Approval(data=request.data)
        sent.is_valid(raise_exception=True)
        versions = {one["id"]: one["version"] for one in sent.validated_data["updates"]}
        before = (
            StatusUpdate.objects.visible_to(request.user)
            .filter(pk__in=versions)
            .select_related("activity")
            .order_by("pk")
        )
        becoming_status = [(one.activity, one.as_of) for one in before.order_by("pk") if one.brings_new_date]
        approve_reports(versions=versions, by=Actor.of(request, "api"), confirmed=not is_strict(request))
        updates = shown_updates(request.user).filter(pk__in=versions)
        shown = serializers.UpdateSerializer(updates, many=True, context=self.serializer_context()).data
        return advised(Response({"updates": shown}), becoming_status, request)

    def current_representation(self, stale: list[Any]) -> tuple[Any, str]:
        updates = with_related_records(StatusUpdate.objects.visible_to(self.request.user).for_display())
        updates = updates.filter(pk__in=[update.pk for update in stale])
        return serializers.UpdateDetailSerializer(updates, many=True, context=self.serializer_context()).data, ""
