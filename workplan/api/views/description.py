"""How the API describes itself, and what is at no address."""

from typing import Any

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, inline_serializer
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import URLField

from workplan.api import schema
from workplan.api.base import ApiView
from workplan.api.errors import NOT_FOUND, json_error
from workplan.api.fields import Addresses

# What is listed at the beginning; each is read without naming a record.
INDEX = (
    *("plans", "sections", "provisions", "areas", "bodies", "activities", "updates", "contributions", "rounds"),
    *("questions", "views", "search", "summary", "coverage", "compare", "schema", "docs"),
)


class Index(ApiView):
    """Where everything begins: the lists, the figures, and this description."""

    @extend_schema(responses=inline_serializer("Index", {name: URLField() for name in INDEX}))
    def get(self, request: Request) -> Response:
        """The addresses of the lists and of what is counted, by name."""
        return Response({name: Addresses(request).origin + reverse(f"api-{name}") for name in INDEX})


class Description(ApiView):
    """This description, as OpenAPI 3.1. It describes the program, not the plan, and is open to all."""

    permission_classes = [AllowAny]
    renderer_classes = [OpenApiJsonRenderer2, OpenApiJsonRenderer]

    @extend_schema(responses={(200, "application/json"): OpenApiTypes.OBJECT}, auth=[])
    def get(self, request: Request) -> Response:
        """This description of the API."""
        return Response(schema.document())


class DocsPage(SpectacularSwaggerSplitView):
    """The page on which every operation is listed, and tried."""

    url_name = "api-schema"
    permission_classes = [AllowAny]
    http_method_names = ["get", "head"]


# Swagger sets styles from its script, and its sheet draws its arrows from data: addresses.
docs_view = csp_update({"style-src": [UNSAFE_INLINE], "img-src": ["data:"]})(DocsPage.as_view())


def nothing_here(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """Every address that is no other."""
    hint = "" if request.path.endswith("/") else " Addresses of the API end with a slash."
    return json_error(404, "not_found", NOT_FOUND + hint)


nothing_here.csrf_exempt = True  # type: ignore[attr-defined]
