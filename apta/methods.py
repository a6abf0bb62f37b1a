"""By which methods of HTTP an address is asked, and how much may be sent there.

Addresses say it where they are listed (``urls``), and ``apta.incoming.Limits`` holds them to it.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase

View = Callable[..., HttpResponseBase]

READING = ("GET", "HEAD")
WRITING = (*READING, "POST")


def reading(view: View) -> View:
    """``view`` shows something, and answers GET and HEAD."""
    return _declared(view, methods=READING)


def writing(view: View, *, takes_files: bool = False, largest_body: int | None = None) -> View:
    """``view`` shows a form or takes one, and answers GET, HEAD and POST.

    Args:
        takes_files: whether files are sent with the form.
        largest_body: how many bytes may be sent, where that differs from other forms.
    """
    limit = {} if largest_body is None else {"largest_body": largest_body}
    return _declared(view, methods=WRITING, takes_files=takes_files, **limit)


def _declared(view: View, **declared: Any) -> View:
    @wraps(view)
    def one_address(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    for name, value in declared.items():
        setattr(one_address, name, value)
    return one_address
