"""What is at each address: which rows, in which shape, and which deed."""

from typing import Any

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.contrib.auth import authenticate
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_variables
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from knox.settings import knox_settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle, ScopedRateThrottle

from workplan import permissions, summary
from workplan.actions import Actor, record_status
from workplan.api import schema, serializers
from workplan.api.base import ApiView, Records
from workplan.api.errors import NOT_FOUND, PreconditionRequired, json_error
from workplan.api.etags import etag_of, version_named
from workplan.api.filtering import describe, filterset_of
from workplan.api.renderers import to_json
from workplan.authentication import TokenAuthentication, client_address
from workplan.exceptions import NotAllowed, Stale
from workplan.filters import (
    ActivityFilterSet,
    AreaFilterSet,
    BodyFilterSet,
    PlanFilterSet,
    ProvisionFilterSet,
    SectionFilterSet,
    UpdateFilterSet,
)
from workplan.models import (
    Activity,
    ApiToken,
    CollaborationArea,
    Provision,
    Section,
    SectoralBody,
    StatusUpdate,
    WorkPlan,
)
from workplan.querysets import fold_spelling

# The document


class Plans(Records):
    """Work plans, the current one first."""

    queryset = WorkPlan.objects.select_related("predecessor")
    serializer_class = serializers.PlanSerializer
    filterset_class = PlanFilterSet


class Sections(Records):
    """Sections of the plan, its thematic areas."""

    queryset = Section.objects.select_related("plan")
    serializer_class = serializers.SectionSerializer
    filterset_class = SectionFilterSet


class Provisions(Records):
    """Provisions of the ACTIP and paragraphs of the APA that rows of the plan serve."""

    queryset = Provision.objects.select_related("plan", "section")
    serializer_class = serializers.ProvisionSerializer
    filterset_class = ProvisionFilterSet


class Areas(Records):
    """Possible areas of collaboration amongst sectoral bodies."""

    queryset = CollaborationArea.objects.select_related("plan", "provision__section", "parent").prefetch_related(
        "proposed_by"
    )
    serializer_class = serializers.AreaSerializer
    filterset_class = AreaFilterSet


class Bodies(Records):
    """Sectoral bodies. One of them is found by its acronym, by another spelling of it, or by its id."""

    queryset = SectoralBody.objects.prefetch_related("aliases")
    serializer_class = serializers.BodySerializer
    filterset_class = BodyFilterSet
    lookup_field = "acronym"

    def get_object(self) -> SectoralBody:
        named = self.kwargs["acronym"]
        for spelling, body in SectoralBody.objects.by_spelling().items():
            if spelling == fold_spelling(named) or str(body.pk) == named:
                return body
        raise Http404


# Activities and what is reported on them


def shown_activities(user: Any) -> Any:
    """The activities that ``user`` may read, with all that their JSON shows."""
    return Activity.objects.visible_to(user).for_display().prefetch_related("latest_update__evidence")


class Activities(Records):
    """Activities, the rows that are tracked, in document order."""

    queryset = Activity.objects.none()
    serializer_class = serializers.ActivitySerializer
    filterset_class = ActivityFilterSet

    def get_queryset(self) -> Any:
        return shown_activities(self.request.user)

    def get_serializer_class(self) -> Any:
        return serializers.ActivityDetailSerializer if self.action == "retrieve" else self.serializer_class

    def get_object(self) -> Any:
        activity = super().get_object()
        self.version = activity.version
        return activity


class Updates(Records):
    """Status updates, newest first: approved ones for every reader."""

    queryset = StatusUpdate.objects.none()
    serializer_class = serializers.UpdateSerializer
    filterset_class = UpdateFilterSet

    def get_queryset(self) -> Any:
        return StatusUpdate.objects.visible_to(self.request.user).for_display()


IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag of the activity as it was read. Only the version at its beginning counts.",
    examples=[OpenApiExample("Version 3", value='"3-5c1d0f6a2b9e4d7788aa01ff"')],
)
REPORT_EXAMPLE = OpenApiExample(
    "A progress report",
    request_only=True,
    value={
        "status": "ongoing",
        "as_of": "2018-06-30",
        "narrative": "The training module was drafted and sent to all lead bodies for comment.",
        "outputs_delivered": "Draft module",
        "challenges": "",
        "next_steps": "Pilot training in the second half of the year.",
        "evidence": [{"title": "Draft module", "url": "https://example.org/module.pdf"}],
        "round": None,
        "kind": "progress",
        "submit": True,
    },
)


class ActivityUpdates(Records):
    """The history of one activity."""

    queryset = StatusUpdate.objects.none()
    serializer_class = serializers.UpdateSerializer
    filterset_class = UpdateFilterSet
    errors = {
        "POST": {
            "412": "Somebody else has changed the activity; `current` is how it stands now.",
            "428": "If-Match is missing.",
        }
    }

    def get_queryset(self) -> Any:
        user = self.request.user
        activities = Activity.objects.visible_to(user)
        activity = get_object_or_404(activities.only("version"), pk=self.kwargs["pk"])
        self.version = activity.version
        return StatusUpdate.objects.visible_to(user).for_display().filter(activity=activity)

    @extend_schema(
        request=serializers.ReportInput,
        parameters=[IF_MATCH],
        examples=[REPORT_EXAMPLE],
        responses={
            201: OpenApiResponse(serializers.UpdateSerializer, "Recorded, and approved at once."),
            412: serializers.StaleError,
        },
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Record a status update, which becomes the activity's status. For the secretariat."""
        activity = get_object_or_404(Activity.objects.visible_to(request.user), pk=kwargs["pk"])
        if not permissions.can_record_status(request.user, activity):
            raise NotAllowed("Only the secretariat can record a status.")
        version = version_named(request.headers.get("If-Match", ""), activity.version)
        if version is None:
            raise PreconditionRequired
        sent = serializers.ReportInput(data=request.data)
        sent.is_valid(raise_exception=True)
        try:
            update = record_status(
                activity=activity, version=version, report=sent.report(), by=Actor.of(request, "api")
            )
        except Stale as refusal:
            current, tag = self._current(activity.pk)
            return json_error(412, refusal.code, refusal.message, headers={"ETag": tag}, current=current)
        _, tag = self._current(activity.pk)
        answer = self.get_serializer(StatusUpdate.objects.for_display().get(pk=update.pk)).data
        return Response(answer, status=201, headers={"Location": answer["url"], "ETag": tag})

    def _current(self, pk: int) -> tuple[Any, str]:
        """The activity as it stands now, and the entity tag that a GET of it would carry."""
        activity = shown_activities(self.request.user).get(pk=pk)
        shown = serializers.ActivityDetailSerializer(activity, context=self.serializer_context()).data
        return shown, etag_of(to_json(shown), activity.version)


# Counts


def _with_zeros(counts: summary.Tally) -> dict[str, int]:
    return {term.value: number for term, number, _ in counts.shares}


class Summary(ApiView):
    """Counts of activities by status, section and body."""

    filterset_class = ActivityFilterSet

    @extend_schema(
        operation_id="summary",
        responses=serializers.SummarySerializer,
        parameters=[
            OpenApiParameter(
                one["name"],
                one["schema"],
                description=one["description"],
                style=one.get("style"),
                explode=one.get("explode"),
            )
            for one in (describe(name, each) for name, each in ActivityFilterSet.base_filters.items())
        ],
    )
    def get(self, request: Request) -> Response:
        """Count the activities that the filters leave."""
        visible = Activity.objects.visible_to(request.user)
        filterset = filterset_of(request, visible, ActivityFilterSet, ())
        rows = filterset.qs
        sections = Section.objects.select_related("plan")
        plans = filterset.form.cleaned_data["plan"]
        if plans:
            sections = sections.filter(plan__code__in=plans)
        whole = summary.tally(rows)
        return Response(
            {
                "count": whole.total,
                "by_status": _with_zeros(whole),
                "by_section": [
                    {
                        "ref": section.ref,
                        "title": section.text,
                        "plan": section.plan.code,
                        "count": tally.total,
                        "by_status": _with_zeros(tally),
                    }
                    for section, tally in summary.tally_by_section(rows, sections)
                ],
                "by_body": [
                    {
                        "acronym": entry.body.acronym,
                        "name": entry.body.name,
                        "lead": entry.lead.total,
                        "cooperating": entry.cooperating.total,
                        "count": entry.total,
                        "by_status": _with_zeros(entry.both),
                    }
                    for entry in summary.tally_by_body(rows, SectoralBody.objects.all())
                ],
            }
        )


# Tokens


class TooManyTokens(APIException):
    status_code = 409
    default_code = "too_many_tokens"
    default_detail = "This account has as many tokens as it may have. Revoke one that is no longer used."


class TokenThrottle(ScopedRateThrottle):
    """Guessing passwords is slow: wrong ones are counted, by address, which a client cannot choose."""

    def throttle_success(self) -> bool:
        return True

    def count(self) -> None:
        """Count the present attempt."""
        self.history.insert(0, self.now)
        self.cache.set(self.key, self.history, self.duration)  # type: ignore[attr-defined]

    def get_ident(self, request: Request) -> str:
        return client_address(request)


class Tokens(ApiView):
    """The key with which a program acts for a person."""

    permission_classes = [AllowAny]
    throttle_scope = "token"
    errors = {
        "POST": {
            "401": "User name or password is wrong.",
            "409": "The account has as many tokens as it may have.",
            "429": "Too many attempts; wait for `Retry-After` seconds.",
        }
    }

    def get_authenticators(self) -> list[BaseAuthentication]:
        # Whoever asks for a token has none yet; whoever gives one back shows it.
        return [TokenAuthentication()] if self.request and self.request.method == "DELETE" else []

    def get_authenticate_header(self, request: Request) -> str:
        return str(knox_settings.AUTH_HEADER_PREFIX)

    def get_throttles(self) -> list[BaseThrottle]:
        self.throttle = TokenThrottle()
        return [self.throttle] if self.request.method == "POST" else []

    @extend_schema(
        request=serializers.Credentials, responses={201: serializers.Token}, operation_id="token_create", auth=[]
    )
    @method_decorator(sensitive_variables())
    def post(self, request: Request) -> Response:
        """Get a token for a user name and a password."""
        sent = serializers.Credentials(data=request.data)
        sent.is_valid(raise_exception=True)
        user = authenticate(request._request, **sent.validated_data)
        if user is None:
            self.throttle.count()
            raise AuthenticationFailed("User name or password is wrong.")
        limit = knox_settings.TOKEN_LIMIT_PER_USER
        if limit is not None and ApiToken.objects.filter(user=user).count() >= limit:
            raise TooManyTokens
        kept, token = ApiToken.objects.create(user=user)
        answer = serializers.Token({"token": token, "expiry": kept.expiry}).data
        return Response(answer, status=201, headers={"Cache-Control": "no-store"})

    @extend_schema(
        request=None,
        responses={204: None},
        operation_id="token_destroy",
        auth=[{"token": []}],  # type: ignore[list-item]
    )
    def delete(self, request: Request) -> Response:
        """Revoke the token that this request is made with."""
        if not isinstance(request.auth, ApiToken):
            raise AuthenticationFailed("Send the token to revoke: Authorization: Token …")
        request.auth.delete()
        return Response(status=204)


# The description


class Description(ApiView):
    """This description, as OpenAPI 3.1. It tells of the program, not of the plan, and is open to all."""

    permission_classes = [AllowAny]
    renderer_classes = [OpenApiJsonRenderer2, OpenApiJsonRenderer]

    @extend_schema(operation_id="schema", responses={(200, "application/json"): OpenApiTypes.OBJECT}, auth=[])
    def get(self, request: Request) -> Response:
        """This description of the API."""
        return Response(schema.document())


class DocsPage(SpectacularSwaggerSplitView):
    """The page to read and try the API on."""

    url_name = "api-schema"
    permission_classes = [AllowAny]


# Swagger sets styles from its script, and its sheet draws its arrows from data: addresses.
docs_view = csp_update({"style-src": [UNSAFE_INLINE], "img-src": ["data:"]})(DocsPage.as_view())


def nothing_here(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """Every address that is no other."""
    hint = "" if request.path.endswith("/") else " Addresses of the API end with a slash."
    return json_error(404, "not_found", NOT_FOUND + hint)


nothing_here.csrf_exempt = True  # type: ignore[attr-defined]
