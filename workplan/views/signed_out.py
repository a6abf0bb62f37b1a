"""Forms of people who are signed out by the time they send them: nothing typed is lost."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from workplan.forms import ContributionForm, DraftForm

# The fields with words that somebody has thought about, as their forms call them.
WORDS = {
    name: str(field.label)
    for form in (DraftForm, ContributionForm)
    for name, field in form.base_fields.items()
    if isinstance(field.widget, forms.Textarea)
}


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Ask who somebody is before ``view``; what was typed is given back to be copied.

    A saving that the page does by itself only hears that nobody is signed in: the browser keeps the words.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        typed = [(label, words) for name, label in WORDS.items() if (words := request.POST.get(name, "").strip())]
        if not typed or "X-Autosave" in request.headers:
            return redirect_to_login(request.get_full_path())
        context = {"typed": typed, "back": request.get_full_path()}
        return render(request, "workplan/kept.html", context, status=HTTPStatus.FORBIDDEN)

    return guarded
