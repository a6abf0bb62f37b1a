"""What has to be judged before Django makes a request of what a server hands over."""

import re
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from django.conf import settings

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]
Asgi = Callable[[dict[str, Any], Any, Any], Coroutine[Any, Any, None]]

_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^";\s]*)"?', re.IGNORECASE)
_LENGTH = b"content-length"


def _in_text_charset(content_type: str) -> str:
    """``content_type`` without a charset by which no address can be read.

    Django reads the address by it as well, which is ASCII. It fails where Python knows the name for another kind of
    codec, such as "hex", and finds no parameter where ASCII means something else in it, such as "utf-16".
    """
    found = _CHARSET.search(content_type)
    try:
        is_ascii = "a=1".encode(found[1] if found else "utf-8") == b"a=1"
    except (LookupError, UnicodeError):
        is_ascii = False
    return content_type if is_ascii else _CHARSET.sub("", content_type)


def with_text_charset(application: Wsgi) -> Wsgi:
    """``application``, which is handed no charset by which no text can be read."""

    def judged(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if "CONTENT_TYPE" in environ:
            environ["CONTENT_TYPE"] = _in_text_charset(environ["CONTENT_TYPE"])
        return application(environ, start_response)

    return judged


def with_counted_body(application: Asgi) -> Asgi:
    """``application``, which is handed no more of a body than ``UPLOAD_LIMIT``.

    Django stores the whole body before it asks anybody under ASGI, whether or not its length was said. So it is counted
    here while it is read: what is too long ends early, and the length that was counted stands in the headers, by which
    ``apta.incoming.Limits`` refuses it.
    """

    async def counted(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return await application(scope, receive, send)
        headers = [(name, _header(name, value)) for name, value in scope["headers"]]
        scope = {**scope, "headers": headers}
        stated = next((value for name, value in headers if name == _LENGTH), b"").decode("latin-1")
        length, has_ended = 0, False

        async def receive_counted() -> Any:
            nonlocal length, has_ended
            while has_ended:  # what is left of a body that was too long is nobody's
                message = await receive()
                if message["type"] != "http.request":
                    return message
            if stated.isdigit() and int(stated) > settings.UPLOAD_LIMIT:
                has_ended = True
                return {"type": "http.request", "body": b"", "more_body": False}
            message = await receive()
            if message["type"] == "http.request":
                length += len(message.get("body", b""))
                if length > settings.UPLOAD_LIMIT:
                    message = {"type": "http.request", "body": b"", "more_body": False}
                has_ended = not message.get("more_body", False)
                if has_ended and length and not stated:
                    headers.append((_LENGTH, str(length).encode()))
            return message

        await application(scope, receive_counted, send)

    return counted


def _header(name: bytes, value: bytes) -> bytes:
    return value if name != b"content-type" else _in_text_charset(value.decode("latin-1")).encode("latin-1")
