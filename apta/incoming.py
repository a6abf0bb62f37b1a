"""What comes from outside, before anybody reads it: its characters, its entity tags, and how much of it there is."""

import re
from collections.abc import Callable
from contextlib import suppress
from http import HTTPMethod
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

from apta.methods import WRITING
from workplan.forms.characters import readable_values
from workplan.rules import UNREADABLE, readable
from workplan.views import errors

WITHOUT_LENGTH = "Send the length of the body (Content-Length); a body in chunks is not read."

GetResponse = Callable[[HttpRequest], HttpResponse]

# Beyond every page of ours, which hands on what it was asked for in each of its links.
MOST_PARAMETERS = 1_000

# The bytes of ``UNREADABLE`` in a query string, percent-encoded or not. None of them is a part of another character.
_IN_QUERY = re.compile(
    r"%(?:0[0-8bcef]|1[0-9a-f]|7f)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|(?:%ef|\xef)(?:%bf|\xbf)(?:%b[ef]|[\xbe\xbf])",
    re.IGNORECASE,
)
_REPLACEMENT_IN_QUERY = "%EF%BF%BD"

# What web servers append to an entity tag when they compress the answer (Apache's mod_deflate and mod_brotli: one
# hyphen; Jetty: two). No tag of ours ends so.
_ENCODED_TAG = re.compile(r'--?(?:gzip|br|zstd|deflate)(?=")')


def readable_request(get_response: GetResponse) -> GetResponse:
    """Put the replacement character in place of characters that no text can have: address, parameters, cookies.

    Whoever reads them is spared what PostgreSQL and XML cannot take, as a decoder spares them bytes that are no UTF-8.
    In headers a space takes their place (RFC 9110, 5.5). Forms follow when their size is known (``Limits``), and JSON
    is read in the same way by its parser.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        meta = request.META
        for name, value in meta.items():
            if name.startswith(("HTTP_", "CONTENT_", "REMOTE_")) and UNREADABLE.search(str(value)):
                meta[name] = UNREADABLE.sub(" ", value)
        if _IN_QUERY.search(meta.get("QUERY_STRING", "")):
            meta["QUERY_STRING"] = _IN_QUERY.sub(_REPLACEMENT_IN_QUERY, meta["QUERY_STRING"])
        for name in ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"):
            if name in meta:
                meta[name] = _ENCODED_TAG.sub("", meta[name])
        request.path, request.path_info = readable(request.path), readable(request.path_info)
        # A quoted cookie may write any character by its number.
        if "\\" in meta.get("HTTP_COOKIE", ""):
            request.COOKIES = {readable(name): readable(value) for name, value in request.COOKIES.items()}
        return get_response(request)

    return middleware


class Limits:
    """Refuses what is not asked by a method of its address, or larger than its address and its sender may send.

    Nothing of it has been read by then. A view says by its attributes ``methods``, ``largest_body`` (in bytes),
    ``takes_files`` and ``too_large`` (in what words more is refused) where its address differs from others.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """The refusal of what is sent to ``view``: by another method, with too many parameters, too large a body."""
        is_api = request.path_info.startswith("/api/")
        methods = getattr(view, "methods", WRITING)
        if not is_api and request.method not in methods:
            return errors.method_not_allowed(request, methods)
        if request.META.get("QUERY_STRING", "").count("&") >= MOST_PARAMETERS:
            return errors.bad_request(request, message=f"Give at most {MOST_PARAMETERS:,} parameters.")
        length = errors.content_length(request)
        if not length:
            if not is_api and "chunked" in request.headers.get("Transfer-Encoding", ""):
                return errors.bad_request(request, message=WITHOUT_LENGTH)
            return None
        view = getattr(view, "cls", view)
        most = getattr(view, "largest_body", settings.BODY_LIMIT)
        has_files = getattr(view, "takes_files", False) and request.content_type == "multipart/form-data"
        # Programs say who they are to the API itself, which reads nothing of those who do not.
        is_known = is_api or length <= min(most, settings.ANONYMOUS_BODY_LIMIT) or request.user.is_authenticated
        if not is_known and not has_files:
            most = min(most, settings.ANONYMOUS_BODY_LIMIT)
        if has_files and (length > most or not is_known):
            # Too many files, or somebody was signed out meanwhile: the words are given back, files are chosen again.
            request.upload_handlers = [WithoutFiles(request)]
        if length > most:
            if has_files:
                with suppress(SuspiciousOperation, MultiPartParserError):  # there are no words to be given back
                    _read_form(request)
            return errors.too_large(request, getattr(view, "too_large", "") or too_large(most))
        if request.method == HTTPMethod.POST and not is_api:
            return _read_form(request)
        return None


def too_large(most: int) -> str:
    """Why a body of more than ``most`` bytes is refused."""
    size = f"{most // 1024**2} MB" if most >= 1024**2 else f"{most // 1024} kB"
    return f"This is more than is taken here: at most {size} at once. Nothing was saved; send less."


def _read_form(request: HttpRequest) -> HttpResponse | None:
    """Read the form, and put the replacement character in place of what no text can have."""
    try:
        request.POST = readable_values(request.POST)  # type: ignore[assignment, misc]
        request.form_was_read = True  # type: ignore[attr-defined]
    except UnreadablePostError:
        return errors.bad_request(request, message="The form broke off before its end. Send it again.")
    return None


class WithoutFiles(FileUploadHandler):
    """Keeps none of the files of a form, and reads no further once they are longer than an anonymous body may be."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.left = settings.ANONYMOUS_BODY_LIMIT

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.left -= len(raw_data)
        if self.left < 0:
            raise StopUpload(connection_reset=True)

    def file_complete(self, file_size: int) -> None:
        return None
