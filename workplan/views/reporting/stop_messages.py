"""Where the link in a mail leads by which somebody stops mails of its kind, without signing in (RFC 8058)."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from workplan.actions import Actor
from workplan.actions.messages import stop_events
from workplan.notifications import unsubscribing


# Whoever has the key may do this and nothing else, and mail programs have no token against forged forms.
@csrf_exempt
def stop_messages(request: HttpRequest, key: str) -> HttpResponse:
    """Ask once more whoever looks, and stop the mails for whoever sends: a person by the form, or a mail program.

    Programs that only look at every address in a mail change nothing.
    """
    found = unsubscribing.read(key)
    if found is None:
        return render(request, "workplan/reporting/stop_messages.html", status=HTTPStatus.NOT_FOUND)
    person, terms = found
    is_done = request.method == "POST"
    if is_done:
        events = [term.value for term in terms]
        stop_events(user=person, events=events, by=Actor.of(request, "page", user=person))
    return render(request, "workplan/reporting/stop_messages.html", {"terms": terms, "is_done": is_done})
