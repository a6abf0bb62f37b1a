"""Forms of people who are signed out by the time they send them: nothing typed is lost."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from workplan.forms.typed_texts import typed_texts


def return_typed_texts(request: HttpRequest) -> HttpResponse:
    """Nothing was done, because nobody is signed in; what was typed is there to be copied."""
    context = {"typed": typed_texts(request), "back": request.get_full_path()}
    return render(request, "workplan/typed_text.html", context, status=HTTPStatus.FORBIDDEN)


def redirect_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Ask who somebody is, and give back what they typed, if they did.

    A saving that the page does by itself only hears that nobody is signed in: the browser keeps the words.
    """
    if "X-Autosave" in request.headers or not typed_texts(request):
        return redirect_to_login(request.get_full_path())
    return return_typed_texts(request)


def sign_in_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Ask who somebody is before ``view``."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs) if request.user.is_authenticated else redirect_to_sign_in(request)

    return guarded
