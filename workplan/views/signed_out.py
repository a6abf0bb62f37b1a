"""Forms of people who are signed out by the time they send them: nothing typed is lost."""

import re
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from workplan.forms import EVIDENCE, UpdateForm

# The fields with words that somebody has thought about. The last ones stand in several forms, each with a label of its
# own there; a test holds that no form has words that are missing here.
WORDS = {
    **{
        name: str(field.label)
        for name, field in UpdateForm.base_fields.items()
        if isinstance(field.widget, forms.Textarea)
    },
    "reason": "Reason",
    "text": "Text",
    "expected_output": "Expected output",
}
LINK = re.compile(rf"{EVIDENCE}-\d{{1,4}}-(title|url)")


def words_typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What somebody wrote in the form that was sent, each with the name of its field."""
    found = [(label, request.POST.get(name, "").strip()) for name, label in WORDS.items()]
    links = [name for name in request.POST if LINK.fullmatch(name)]
    found += [("Evidence", request.POST[name].strip()) for name in links]
    return [(label, words) for label, words in found if words]


def given_back(request: HttpRequest) -> HttpResponse:
    """Nothing was done, because nobody is signed in; what was typed is there to be copied."""
    context = {"typed": words_typed(request), "back": request.get_full_path()}
    return render(request, "workplan/kept.html", context, status=HTTPStatus.FORBIDDEN)


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """Ask who somebody is, and give back what they typed, if they did.

    A saving that the page does by itself only hears that nobody is signed in: the browser keeps the words.
    """
    if "X-Autosave" in request.headers or not words_typed(request):
        return redirect_to_login(request.get_full_path())
    return given_back(request)


def signed_in(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Ask who somebody is before ``view``."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs) if request.user.is_authenticated else sign_in_first(request)

    return guarded
