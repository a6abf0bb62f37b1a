"""Status updates: written, submitted, reviewed, and what is said beside them."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from workplan import permissions, rules
from workplan.actions import (
    Actor,
    Proof,
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
from workplan.api.base import ApiView, Records
from workplan.api.etags import etag_of
from workplan.api.parsers import JSONParser
from workplan.api.renderers import to_json
from workplan.api.views.activities import shown_updates, update_alone, with_all_beside
from workplan.api.views.conditions import WRONG_STATE, conditional, if_match
from workplan.exceptions import Invalid, NotAllowed, TooLarge
from workplan.filters import CommentFilterSet, UpdateFilterSet
from workplan.models import Comment, StatusUpdate

ALONE = {200: serializers.UpdateDetailSerializer, 412: serializers.StaleUpdateError}
# What a file's form says beside the file.
BESIDE_A_FILE = 1024 * 1024


def as_said(update: StatusUpdate) -> Report:
    """What ``update`` says so far, with the evidence that it has."""
    kept = tuple(Proof(one.title, one.url, kept=one.pk) for one in update.evidence.all())
    said = {name: getattr(update, name) for name in serializers.Said._declared_fields}
    return Report(**said, evidence=kept)


class OneUpdate(Records):
    """One update, and what the caller may do to it."""

    queryset = StatusUpdate.objects.none()
    serializer_class: Any = serializers.UpdateSerializer
    filterset_class: Any = UpdateFilterSet

    def get_queryset(self) -> Any:
        if self.action == "list":
            return shown_updates(self.request.user)
        return with_all_beside(StatusUpdate.objects.visible_to(self.request.user).for_display())

    def get_object(self) -> Any:
        update = super().get_object()
        self.version = update.version
        return update

    def about_to(self, deed: str) -> StatusUpdate:
        """The update, of which the caller may do ``deed`` if its state allows it.

        Raises:
            NotAllowed: they may not.
        """
        update: StatusUpdate = self.get_object()
        if not permissions.may(self.request.user, deed, update):
            raise NotAllowed(permissions.WHY_NOT[deed])
        return update

    def by(self) -> Actor:
        return Actor.of(self.request, "api")

    def read(self, serializer: type[Any]) -> Any:
        sent = serializer(data=self.request.data)
        sent.is_valid(raise_exception=True)
        return sent

    def shown_again(self, update: StatusUpdate, *, status: int = 200) -> Response:
        return self.written(*update_alone(self.request.user, update.pk, self.serializer_context()), status=status)

    def as_it_stands(self, stale: list[Any]) -> tuple[Any, str]:
        shown, version = update_alone(self.request.user, stale[0].pk, self.serializer_context())
        return shown, etag_of(to_json(shown), version)


class Updates(OneUpdate):
    """Status updates, newest first: published ones for every reader, others for those who have a part in them."""

    errors = dict.fromkeys(("POST", "PATCH", "DELETE"), conditional("update"))

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
        update = self.about_to("edit")
        version = self.version_sent(update.version)
        sent = self.read(serializers.ReportChange)
        report = sent.report(as_said(update), {one.pk: one for one in update.evidence.all()})
        return self.shown_again(save_report(update=update, version=version, report=report, by=self.by()))

    @extend_schema(parameters=[if_match("update")], responses={204: None, 412: serializers.StaleUpdateError})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Discard a draft that was never submitted."""
        update = self.about_to("discard")
        discard_report(update=update, version=self.version_sent(update.version), by=self.by())
        return Response(status=204)

    @extend_schema(request=None, parameters=[if_match("update")], responses=ALONE)
    def submit(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Submit a draft, or a returned report again, for review. The secretariat’s own is approved at once."""
        update = self.about_to("submit")
        version = self.version_sent(update.version)
        return self.shown_again(submit_report(update=update, version=version, by=self.by()))

    @extend_schema(request=None, parameters=[if_match("update")], responses=ALONE)
    def approve(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Approve a submitted report. For the secretariat."""
        update = self.about_to("approve")
        version = self.version_sent(update.version)
        return self.shown_again(approve_report(update=update, version=version, by=self.by()))

    @extend_schema(
        request=serializers.Reason,
        parameters=[if_match("update")],
        examples=[OpenApiExample("Returned", request_only=True, value={"reason": "Name the module."})],
        responses=ALONE,
        operation_id="updates_return_create",
    )
    def send_back(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return a submitted report with a reason. For the secretariat."""
        update = self.about_to("return")
        version = self.version_sent(update.version)
        reason = self.read(serializers.Reason).validated_data["reason"]
        return self.shown_again(return_report(update=update, version=version, reason=reason, by=self.by()))

    @extend_schema(request=serializers.Concurring, parameters=[if_match("update")], responses=ALONE)
    def concur(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Say for a joint lead that it agrees with the report."""
        update = self.about_to("concur")
        version = self.version_sent(update.version)
        named = self.read(serializers.Concurring).validated_data.get("body")
        body = named or next(iter(permissions.bodies_to_concur(request.user, update)), None)
        concur(update=update, version=version, body=body, by=self.by())
        return self.shown_again(update)


class UpdateComments(OneUpdate):
    """What was said beside a report, for those who have a part in it."""

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
        if not permissions.has_part_in(self.request.user, update):
            self.permission_denied(self.request, permissions.WHY_NOT["comment"])
        return Comment.objects.filter(update=update).select_related("body")

    @extend_schema(request=serializers.CommentInput, responses={201: serializers.CommentSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Say something beside a report. Its words stay as they are, and the public does not see it."""
        updates = StatusUpdate.objects.visible_to(request.user).for_display()
        update = updates.filter(pk=self.kwargs["pk"]).first()
        if update is None:
            raise Http404
        if not permissions.may(request.user, "comment", update):
            raise NotAllowed(permissions.WHY_NOT["comment"])
        text = self.read(serializers.CommentInput).validated_data["text"]
        made = comment(update=update, text=text, by=self.by())
        return Response(self.get_serializer(made).data, status=201)


class UpdateEvidence(OneUpdate):
    """The links and files behind an update that is being written."""

    parser_classes = [JSONParser, MultiPartParser]
    errors = {
        "POST": conditional("update")
        | {
            "413": f"The file has more than {rules.MOST_FILE_BYTES // 1024 // 1024} MB.",
            "415": "Only `multipart/form-data` and `application/json` are read.",
        },
        "DELETE": conditional("update"),
    }

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        length = request.headers.get("Content-Length") or "0"
        if length.isdecimal() and int(length) > rules.MOST_FILE_BYTES + BESIDE_A_FILE:
            most = rules.MOST_FILE_BYTES // 1024 // 1024
            raise TooLarge(f"The file is too large: at most {most} MB are taken. Send a smaller one, or a link to it.")

    @extend_schema(
        request={
            "multipart/form-data": serializers.EvidenceUpload,
            "application/json": serializers.EvidenceInput,
        },
        parameters=[if_match("update")],
        responses={
            201: OpenApiResponse(serializers.UpdateDetailSerializer, "The update with its new evidence."),
            412: serializers.StaleUpdateError,
        },
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Add a file or a link behind a draft or a returned report. No personal data of victims or suspects."""
        update = self.about_to("edit")
        version = self.version_sent(update.version)
        if not isinstance(request.data, Mapping):
            raise Invalid("Send a form with a file, or a JSON object.")
        twice = [name for name in request.data if len(getattr(request.data, "getlist", lambda _: ())(name)) > 1]
        if twice:
            raise Invalid(fields={name: ["Give it once only."] for name in twice[:20]})
        proof = self.read(serializers.EvidenceUpload).proof()
        now = as_said(update)
        report = Report(**now.said, evidence=(*now.evidence, proof))
        saved = save_report(update=update, version=version, report=report, by=self.by())
        return self.shown_again(saved, status=201)

    @extend_schema(
        parameters=[if_match("update")],
        responses={
            204: OpenApiResponse(None, "Gone. The ETag is that of the update as it is now."),
            412: serializers.StaleUpdateError,
        },
    )
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take a link or a file away from a draft or a returned report."""
        update = self.about_to("edit")
        now = as_said(update)
        kept = tuple(proof for proof in now.evidence if proof.kept != self.kwargs["evidence"])
        if len(kept) == len(now.evidence):
            raise Http404
        version = self.version_sent(update.version)
        saved = save_report(update=update, version=version, report=Report(**now.said, evidence=kept), by=self.by())
        shown, version = update_alone(request.user, saved.pk, self.serializer_context())
        return Response(status=204, headers={"ETag": etag_of(to_json(shown), version)})


class Approvals(ApiView):
    """Several reports approved together."""

    errors = {
        "POST": WRONG_STATE | {"412": "Somebody else has changed one of them; `current` holds those, as they are now."}
    }

    @extend_schema(
        operation_id="updates_approve_many",
        request=serializers.Approval,
        examples=[
            OpenApiExample(
                "Two reports",
                request_only=True,
                value={"updates": [{"id": 17, "version": 2}, {"id": 18, "version": 4}]},
            )
        ],
        responses={200: serializers.UpdatesSerializer, 412: serializers.StaleUpdatesError},
    )
    def post(self, request: Request) -> HttpResponse:
        """Approve submitted reports: all of them, or none. For the secretariat."""
        if not permissions.can_review(request.user):
            raise NotAllowed(permissions.WHY_NOT["approve"])
        sent = serializers.Approval(data=request.data)
        sent.is_valid(raise_exception=True)
        versions = {one["id"]: one["version"] for one in sent.validated_data["updates"]}
        approve_reports(versions=versions, by=Actor.of(request, "api"))
        updates = shown_updates(request.user).filter(pk__in=versions)
        shown = serializers.UpdateSerializer(updates, many=True, context=self.serializer_context()).data
        return Response({"updates": shown})

    def as_it_stands(self, stale: list[Any]) -> tuple[Any, str]:
        updates = with_all_beside(StatusUpdate.objects.visible_to(self.request.user).for_display())
        updates = updates.filter(pk__in=[update.pk for update in stale])
        return serializers.UpdateDetailSerializer(updates, many=True, context=self.serializer_context()).data, ""
