"""What plans leave open, and the decisions on it."""

from typing import Any

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request

from workplan import permissions
from workplan.actions import Actor, Amendment, settle_question
from workplan.api import serializers
from workplan.api.base import Records
from workplan.api.errors import PreconditionRequired
from workplan.api.etags import etag_of, identity, name_of, tag_named
from workplan.api.filtering import PAGING, filterset_of
from workplan.api.renderers import to_json
from workplan.api.views.conditions import conditional, if_match
from workplan.exceptions import Invalid, NotAllowed
from workplan.filters.questions import QuestionFilterSet
from workplan.models import Activity, CollaborationArea, Provision, WorkPlan
from workplan.monitoring import open_questions
from workplan.monitoring.open_questions import Question

KEY = OpenApiParameter(
    "key",
    OpenApiTypes.STR,
    OpenApiParameter.PATH,
    description="Plan, kind, type of record and reference, such as tip-2016-2020.missing_lead.activity.A.1.1.2.",
)

EXAMPLE = "3-2f6e1c0a9b7d4e58-1-question.tip-2016-2020.missing_lead.activity.A.1.1.2"


@extend_schema_view(retrieve=extend_schema(parameters=[KEY]))
class Questions(Records):
    """What plans leave open: what is open first, each in document order."""

    queryset = WorkPlan.objects.none()
    serializer_class = serializers.QuestionSerializer
    filterset_class: Any = QuestionFilterSet
    lookup_field = "key"
    errors = {"POST": conditional("question")}

    def filter_queryset(self, queryset: Any) -> Any:
        """The questions that the filters leave; those of plans that are not meant are not put together."""
        filterset = filterset_of(self.request, None, QuestionFilterSet, PAGING)
        plans, codes = WorkPlan.objects.order_by("code"), filterset.form.cleaned_data["plan"]
        asked = open_questions.of_plans(plans.filter(code__in=codes) if codes else plans, self.request.user)
        return filterset.among(asked)

    def get_object(self) -> Question:
        code, kind, record_type, ref = open_questions.split(self.kwargs["key"])
        plan = WorkPlan.objects.named(code).first()
        found = open_questions.find(plan, kind, record_type, ref, self.request.user) if plan else None
        if found is None:
            raise Http404
        self.identity = identity(found)
        return found

    def current_representation(self, stale: list[Any]) -> tuple[Any, str]:
        shown = self._shown(stale[0])
        return shown, etag_of(to_json(shown), identity(stale[0]))

    def _shown(self, question: Question) -> Any:
        return serializers.QuestionSerializer(question, context=self.serializer_context()).data

    @extend_schema(
        request=serializers.Settlement,
        parameters=[KEY, if_match("question", example=EXAMPLE)],
        examples=[
            OpenApiExample(
                "A lead is named",
                request_only=True,
                value={"decision": "amend", "reason": "Agreed at the meeting of June.", "lead": "ACWC"},
            ),
            OpenApiExample(
                "The transcription is correct",
                request_only=True,
                value={"decision": "keep", "reason": "The endorsed plan has the same words."},
            ),
        ],
        responses={200: serializers.QuestionSerializer, 412: serializers.StaleQuestionError},
    )
    def settle(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Decide on a question, with a reason, and change the plan where that is the decision. For the secretariat."""
        question = self.get_object()
        if not permissions.can_settle_questions(request.user):
            raise NotAllowed("Only the secretariat resolves open questions.")
        seen = tag_named(request.headers.get("If-Match", ""), question.tag, name_of(question))
        if seen is None:
            raise PreconditionRequired
        if seen != question.tag:
            self.refuse_other_record(question)
        sent = serializers.Settlement(data=request.data)
        sent.is_valid(raise_exception=True)
        values = dict(sent.validated_data)
        decision, reason = values.pop("decision"), values.pop("reason")
        if "to" in values:
            values["to"] = _place(question, values["to"])
        after = settle_question(
            question=question,
            seen=seen,
            decision=decision,
            reason=reason,
            amendment=Amendment(**values),
            by=Actor.of(request, "api"),
        )
        return self.written(self._shown(after), identity(after))


def _place(question: Question, ref: str) -> CollaborationArea | Provision:
    """The parent to which the record of ``question`` is to be moved.

    Raises:
        Invalid: there is no such place in its plan.
    """
    model: Any = CollaborationArea if isinstance(question.record, Activity) else Provision
    found: CollaborationArea | Provision | None = model.objects.named(ref).filter(plan=question.plan).first()
    if found is None:
        raise Invalid(fields={"to": [f"There is no {model._meta.verbose_name} with this reference in the plan."]})
    return found
