"""What every address of the API does alike."""

from functools import cached_property
from typing import Any

from django.http import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from rest_framework import mixins, viewsets
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, set_rollback

from workplan.api.errors import PreconditionRequired, json_error
from workplan.api.etags import etag_of, version_named
from workplan.api.fields import Addresses
from workplan.api.filtering import Filters, refuse_unknown_parameters
from workplan.api.renderers import to_json
from workplan.api.schema import Schema
from workplan.exceptions import Stale
from workplan.turns import Turns


class Negotiation(DefaultContentNegotiation):
    """What the client accepts decides, not a parameter of the address, which ``filtering`` reads."""

    def filter_renderers(self, renderers: Any, format: str) -> Any:
        return renderers


class ApiView(APIView):
    """Answers with an entity tag, refuses parameters that nobody reads, and tells caches who may see it.

    Attributes:
        errors: what it may refuse besides what every address refuses: ``{method: {status: description}}``.
        version: the version of the record, or the tag of the question, that the answer is about.
    """

    schema = Schema()
    content_negotiation_class = Negotiation
    errors: dict[str, dict[str, str]] = {}
    version: int | str | None = None
    filterset_class: Any = None

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        # An address is UTF-8, whatever charset a Content-Type claims; some name no text encoding at all.
        request.encoding = "utf-8"
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        handled = request.method in self.allowed_methods
        if handled and not (request.method in ("GET", "HEAD") and self.filters_now()):
            refuse_unknown_parameters(request, ())
        if "chunked" in request.headers.get("Transfer-Encoding", "") and not request.headers.get("Content-Length"):
            raise ParseError("Send the length of the body (Content-Length); a body in chunks is not read.")

    def filters_now(self) -> bool:
        """Whether a filter set reads the parameters of this request."""
        return self.filterset_class is not None

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return Response(status=204)  # Allow says it all

    def finalize_response(self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[arg-type]
        patch_vary_headers(response, ("Authorization", "Cookie"))
        if isinstance(response, Response) and request.method in ("GET", "HEAD") and response.status_code == 200:
            patch_cache_control(response, private=True, no_cache=True)
            response.add_post_render_callback(self._conditional)
        return response

    def _conditional(self, response: Any) -> Any:
        """The answer with its entity tag; or 304, or 412, where the request makes conditions."""
        request = self.request._request
        response["ETag"] = etag_of(response.content, self.version)
        answer = get_conditional_response(request, etag=response["ETag"], response=response)
        if answer is not None and answer.status_code == 412:
            message = "This is not the version that If-Match names."
            return json_error(412, "precondition_failed", message, headers={"ETag": response["ETag"]})
        return answer

    @cached_property
    def turns(self) -> Turns:
        return Turns(self.request.user)

    def serializer_context(self) -> dict[str, Any]:
        """What serializers need to know of the request."""
        return {"request": self.request, "view": self, "addresses": Addresses(self.request), "turns": self.turns}

    def version_sent(self, current: int) -> int:
        """The version that ``If-Match`` names, which the caller has read.

        Raises:
            PreconditionRequired: it names none.
        """
        version = version_named(self.request.headers.get("If-Match", ""), current)
        if version is None:
            raise PreconditionRequired
        return version

    def as_it_stands(self, stale: list[Any]) -> tuple[Any, str]:
        """What has changed meanwhile, as its own address would show it now, and the entity tag it would carry."""
        raise NotImplementedError

    def handle_exception(self, exc: Exception) -> Any:
        """Whoever was not fast enough is shown what stands there now."""
        if not isinstance(exc, Stale):
            return super().handle_exception(exc)
        set_rollback()
        current, tag = self.as_it_stands(exc.current)
        return json_error(412, exc.code, exc.message, headers={"ETag": tag} if tag else None, current=current)

    def written(self, shown: Any, version: int | str, *, status: int = 200) -> Response:
        """The answer to a write: ``shown``, with the entity tag that reading it would give."""
        headers = {"ETag": etag_of(to_json(shown), version)}
        if status == 201:
            headers["Location"] = shown["url"]
        return Response(shown, status=status, headers=headers)


class Records(ApiView, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]):
    """Records of one kind: the list, filtered and in pages, and each of them."""

    filter_backends = [Filters]

    def filters_now(self) -> bool:
        return self.action == "list"

    def filter_queryset(self, queryset: Any) -> Any:
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    def get_serializer_context(self) -> dict[str, Any]:
        if getattr(self, "swagger_fake_view", False):
            return {"view": self}
        return self.serializer_context()
