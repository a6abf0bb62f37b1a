"""Saved views as Atom feeds: what was published on the activities of a view, for programs that look from time to time.

A feed holds what everybody may read and nothing else, whoever asks for it.
"""

import hashlib
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from apta.addresses import absolute_url, origin
from workplan import permissions, rules
from workplan.accounts.keys import with_key
from workplan.actions.subscriptions import reader_of
from workplan.filters.saved_queries import opened
from workplan.models import Activity, SavedView, StatusUpdate

MOST_ENTRIES = 50
TITLE_SHOWN = 120


def of_view(request: HttpRequest, slug: str) -> HttpResponse:
    """The status updates published on the activities of a shared view, newest first. A private view has no feed."""
    reader = request.user if request.user.is_authenticated else reader_of(request.GET.get("key", ""), rules.FEED)
    if not permissions.may_read(reader):
        return redirect_to_login(request.get_full_path())
    views = SavedView.objects.visible_to(reader).shared().select_related("plan")
    view = get_object_or_404(views, slug=slug)
    try:
        found = opened(view, reader)
    except ValidationError as problem:
        context = {"plan": view.plan, "problems": {"view": problem.messages}}
        return render(request, "workplan/bad_filter.html", context, status=400)
    activities = found.narrow(Activity.objects.visible_to(reader)).order_by()
    published: Any = StatusUpdate.objects.published()
    updates = (
        published.with_public_since()
        .filter(activity__in=activities.values("pk"))
        .select_related("activity__plan", "body", "round")
        .order_by("-public_since", "-pk")
    )
    shown = list(updates[:MOST_ENTRIES])
    file = _atom(request, view, shown).encode()
    response = HttpResponse(file, content_type="application/atom+xml; charset=utf-8")
    # Of HEAD, too, which the middleware that answers 304 gives none.
    response["ETag"] = f'"{hashlib.sha256(file).hexdigest()[:32]}"'
    response["Cache-Control"] = "private, max-age=0, must-revalidate"
    patch_vary_headers(response, ["Cookie"])
    return response


def feed_address(request: HttpRequest, view: SavedView) -> str:
    """The address of the feed of a view, to be copied into a program that reads feeds.

    Where the plan is not public it contains the person's key, if they have one, since such programs cannot sign in.
    """
    return with_key(reverse("view-feed", args=[view.slug]), request, rules.FEED)


def _atom(request: HttpRequest, view: SavedView, updates: list[Any]) -> str:
    here = partial(absolute_url, request=request)
    feed = _Feed(
        title=rules.readable(f"{view.name} · {view.plan.title}"),
        link=here(view.get_absolute_url()),
        feed_url=here(_own_address(request, view)),
        description="",
        subtitle="What is published on the activities of this view of the work plan.",
        language="en",
        feed_guid=_tag(request, view.created_at, f"view/{view.pk}"),
    )
    feed.changed_at = updates[0].public_since if updates else view.created_at
    for update in updates:
        activity = update.activity
        words = Truncator(activity.text).chars(TITLE_SHOWN)
        feed.add_item(
            title=rules.readable(f"{activity.ref} {rules.STATUSES.label(update.status)}: {words}"),
            link=here(f"{activity.get_absolute_url()}#update-{update.pk}"),
            description=_summary(update),
            author_name=update.reported_by,
            unique_id=_tag(request, update.created_at, f"update/{update.pk}"),
            pubdate=update.public_since,
            updateddate=update.public_since,
            categories=[update.status],
        )
    return str(feed.writeString("utf-8"))


def _own_address(request: HttpRequest, view: SavedView) -> str:
    """The address by which this feed was asked for, its key included."""
    address, key = reverse("view-feed", args=[view.slug]), request.GET.get("key", "")
    if settings.PUBLIC_READ or request.user.is_authenticated or not key:
        return feed_address(request, view)
    return f"{address}?{urlencode({'key': key})}"


class _Feed(Atom1Feed):
    """An Atom feed with an id that stays when the address changes, and a date that changes with its entries only."""

    changed_at: Any = None

    def latest_post_date(self) -> Any:
        return self.changed_at


def _tag(request: HttpRequest, day: Any, rest: str) -> str:
    """An id for ever (RFC 4151): the host, a day on which it was ours, and what is meant."""
    return f"tag:{urlsplit(origin(request)).hostname},{day:%Y-%m-%d}:{rest}"


def _summary(update: StatusUpdate) -> SafeString:
    """What a reader of the activity's page sees of the update, as a few paragraphs."""
    day = f"{update.as_of.day} {update.as_of:%B %Y}" if update.as_of else ""
    paragraphs = [
        ("Status", f"{rules.STATUSES.label(update.status)}{f' as at {day}' if day else ''}"),
        ("Progress", update.narrative),
        ("Outputs delivered", update.outputs_delivered),
        ("Challenges", update.challenges),
        ("Next steps", update.next_steps),
        ("Reported by", f"{update.reported_by}{f', {update.round}' if update.round else ''}"),
    ]
    stated = [(label, rules.readable(words)) for label, words in paragraphs if words]
    return format_html_join("", "<p><strong>{}:</strong> {}</p>", stated)
