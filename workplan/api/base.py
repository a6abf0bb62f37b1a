"""What all addresses of the API have in common."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from rest_framework import mixins, viewsets
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, set_rollback

from workplan import permissions
from workplan.api.chosen_fields import CHOOSING, choose_fields
from workplan.api.errors import LengthRequired, PreconditionRequired, json_error
from workplan.api.etags import etag_of, name_of, other_record, version_named
from workplan.api.fields import Addresses
from workplan.api.files import RENDERERS, file_response, written
from workplan.api.filtering import FORMAT, Filters, refuse_unknown_parameters
from workplan.api.pagination import rows_of_file
from workplan.api.renderers import to_json
from workplan.api.schema import Schema
from workplan.exceptions import Stale
from workplan.filters.fields import shown as shown_text
from workplan.querysets.reporting_windows import ReportingWindows
from workplan.rules.scopes import READ_SCOPE


class Negotiation(DefaultContentNegotiation):
    """A form that the address names is given, else one that the client accepts."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        named = request.query_params.getlist(FORMAT)
        for renderer in renderers:
            if [renderer.format] == named:
                return renderer, renderer.media_type
        try:
            return super().select_renderer(request, renderers, format_suffix)
        except NotAcceptable:
            forms = ", ".join(renderer.media_type for renderer in renderers)
            message = f"Nothing that Accept names is given out here. Accept one of {forms}, or leave it out."
            raise NotAcceptable(message) from None

    def filter_renderers(self, renderers: Any, format: str) -> Any:
        return renderers  # what is no form here is refused with the other parameters


class ApiView(APIView):
    """Answers with an entity tag, refuses parameters that nobody reads, and sets the headers for caches.

    Attributes:
        errors: what it may refuse besides what every address refuses: ``{method: {status: description}}``.
        identity: the record that the answer is about and its version, where it is about one.
        scopes: the scope that a token needs, of ``SCOPES`` or ``permissions.WHOLE``, by the name of the
            function that answers; under ``""`` for all others that write. What reads needs ``read`` if nothing is said.
    """

    schema = Schema()
    content_negotiation_class = Negotiation
    errors: dict[str, dict[str, str]] = {}
    scopes: ClassVar[Mapping[str, str]] = {}
    identity: str | None = None
    filterset_class: Any = None

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        # An address is UTF-8, whatever charset a Content-Type claims; some name no text encoding at all.
        request.encoding = "utf-8"
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        handled = request.method in self.allowed_methods
        if handled and not (request.method in ("GET", "HEAD") and self.filters_now()):
            refuse_unknown_parameters(request, CHOOSING if self.chooses_fields() else ())
        if "chunked" in request.headers.get("Transfer-Encoding", "") and not request.headers.get("Content-Length"):
            raise LengthRequired

    def filters_now(self) -> bool:
        """Whether a filter set reads the parameters of this request."""
        return self.filterset_class is not None

    def declared_scope(self, method: str | None) -> str | None:
        """The scope that a token needs for a request of ``method``; ``None`` where nobody has declared it."""
        function = getattr(self, "action", None) or (method or "").lower()
        if method in SAFE_METHODS:
            return self.scopes.get(function, READ_SCOPE)
        return self.scopes.get(function, self.scopes.get(""))

    def scope_needed(self, method: str | None) -> str:
        """The same; where nobody has declared it, only a token that takes nothing away will do."""
        return self.declared_scope(method) or permissions.WHOLE

    def is_list(self) -> bool:
        """Whether this request asks for a list of records."""
        return getattr(self, "action", "") == "list"

    def chooses_fields(self) -> bool:
        """Whether the answer has the fields that the request names."""
        return self.is_list()

    def get_renderers(self) -> list[Any]:
        return [one() for one in RENDERERS] if self.is_list() else super().get_renderers()

    @property
    def form(self) -> str:
        """The form in which the answer is given: ``json``, or that of a file."""
        return str(self.request.accepted_renderer.format)

    def file(self, rows: Any, serializer: Any, load: Any = list) -> HttpResponseBase:
        """The list as a file: all ``rows``, or a page of them where the request asks for one.

        Args:
            serializer: makes a serializer of a row, or of several.
            load: makes of some rows what the serializer takes.
        """
        rows, headers = rows_of_file(self, rows)
        shown = written(rows, lambda part: serializer(load(part), many=True).data)
        response = file_response(self.request, self.form, serializer(), shown)
        for name, value in headers.items():
            response[name] = value
        return response

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return Response(status=204)  # Allow says it all

    def finalize_response(self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[arg-type]
        patch_vary_headers(response, ("Authorization", "Cookie", *(("Accept",) if self.is_list() else ())))
        if request.method in ("GET", "HEAD") and response.status_code == 200:
            if request.user.is_authenticated:
                patch_cache_control(response, private=True, no_store=True)
            else:
                # Asked for anew each time: a version that is out of date would be refused when it is written to.
                patch_cache_control(response, public=True, no_cache=True)
            if not isinstance(response, Response):
                return self._conditional(response)
            response.add_post_render_callback(self._conditional)
        return response

    def _conditional(self, response: Any) -> Any:
        """The answer with its entity tag; or 304, or 412, where the request makes conditions."""
        request = self.request._request
        if "ETag" not in response and response.streaming:
            return response  # a file whose revision nobody knows
        if "ETag" not in response:
            response["ETag"] = etag_of(response.content, self.identity)
        answer = get_conditional_response(request, etag=response["ETag"], response=response)
        if answer is not None and answer.status_code == 412:
            message = "This is not the version that If-Match names."
            return json_error(412, "precondition_failed", message, headers={"ETag": response["ETag"]})
        return answer

    @cached_property
    def reporting_windows(self) -> ReportingWindows:
        return ReportingWindows(self.request.user)

    def serializer_context(self) -> dict[str, Any]:
        """What serializers need to know of the request."""
        return {
            "request": self.request,
            "view": self,
            "addresses": Addresses(self.request),
            "reporting_windows": self.reporting_windows,
        }

    def version_sent(self, record: Any) -> int:
        """The version of ``record`` that ``If-Match`` names, which the caller has read.

        Raises:
            PreconditionRequired: it names none.
            Stale: it names another record.
        """
        version = version_named(self.request.headers.get("If-Match", ""), record.version, name_of(record))
        if version is None:
            raise PreconditionRequired
        if version != record.version:
            self.refuse_other_record(record)
        return version

    def refuse_other_record(self, record: Any) -> None:
        """Say that ``If-Match`` names another record, where it does; no record is older or newer than another one."""
        name = name_of(record)
        other = other_record(self.request.headers.get("If-Match", ""), name)
        if other:
            message = (
                f"If-Match names {shown_text(other)}, and this is {name}. Nothing was saved; send the ETag of this one."
            )
            raise Stale(message, current=[record])

    def current_representation(self, stale: list[Any]) -> tuple[Any, str]:
        """What has changed meanwhile, as its own address would show it now, with its entity tag."""
        raise NotImplementedError

    def handle_exception(self, exc: Exception) -> Any:
        """A stale write is answered with the record as it is now."""
        if not isinstance(exc, Stale):
            return super().handle_exception(exc)
        set_rollback()
        current, tag = self.current_representation(exc.current)
        return json_error(412, exc.code, exc.message, headers={"ETag": tag} if tag else None, current=current)

    def written(self, shown: Any, identity: str, *, status: int = 200) -> Response:
        """The answer to a write: ``shown``, with the entity tag that reading it would give."""
        headers = {"ETag": etag_of(to_json(shown), identity)}
        if status == 201:
            headers["Location"] = shown["url"]
        return Response(shown, status=status, headers=headers)


class Records(ApiView, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]):
    """Records of one kind: the list, filtered and in pages, and each of them."""

    filter_backends = [Filters]

    def filters_now(self) -> bool:
        return self.action == "list"

    def chooses_fields(self) -> bool:
        return self.request.method in ("GET", "HEAD") and self.action in ("list", "retrieve")

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        serializer = super().get_serializer(*args, **kwargs)
        if not getattr(self, "swagger_fake_view", False) and self.chooses_fields():
            choose_fields(serializer, self.request)
        return serializer

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        if self.form == "json":
            return super().list(request, *args, **kwargs)
        return self.file(self.filter_queryset(self.get_queryset()), self.get_serializer)

    def filter_queryset(self, queryset: Any) -> Any:
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    def get_serializer_context(self) -> dict[str, Any]:
        if getattr(self, "swagger_fake_view", False):
            return {"view": self}
        return self.serializer_context()


class NamedByCode(Records):
    """Records that an address calls by their code, as well as by their id. A number is an id."""

    # What may stand in addresses, in words.
    CODES = "Its id, or its code."

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        named = str(self.kwargs.get("pk", ""))
        if named and not re.fullmatch(r"[0-9]{1,9}", named):
            self.kwargs["pk"] = self.id_of(named)

    def id_of(self, code: str) -> int:
        """The id of the record that has this code, or had it.

        Raises:
            Http404: there is none that the reader may see.
            Invalid: there are several.
        """
        raise NotImplementedError
