"""Saved views as Atom feeds: what was published on the activities of a view, for programs that look from time to time.

A feed holds what everybody may read and nothing else, whoever asks for it.
"""

from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.views.decorators.http import require_safe

from workplan import rules
from workplan.filters.saved_queries import opened
from workplan.models import Activity, SavedView, StatusUpdate
from workplan.views.addresses import whole

MOST_ENTRIES = 50
TITLE_SHOWN = 120


@require_safe
def of_view(request: HttpRequest, slug: str) -> HttpResponse:
    """The status updates published on the activities of a shared view, newest first. A private view has no feed."""
    views = SavedView.objects.visible_to(request.user).shared().select_related("plan")
    view = get_object_or_404(views, slug=slug)
    try:
        found = opened(view, request.user)
    except ValidationError as problem:
        context = {"plan": view.plan, "problems": {"view": problem.messages}}
        return render(request, "workplan/bad_filter.html", context, status=400)
    activities = found.narrow(Activity.objects.visible_to(request.user)).order_by()
    published: Any = StatusUpdate.objects.published()
    updates = (
        published.with_public_since()
        .filter(activity__in=activities.values("pk"))
        .select_related("activity__plan", "body", "round")
        .order_by("-public_since", "-pk")
    )
    shown = list(updates[:MOST_ENTRIES])
    response = HttpResponse(_atom(request, view, shown), content_type="application/atom+xml; charset=utf-8")
    # The middleware adds an entity tag and answers 304 to a program that has it already.
    response["Cache-Control"] = "private, max-age=0, must-revalidate"
    patch_vary_headers(response, ["Cookie"])
    return response


def _atom(request: HttpRequest, view: SavedView, updates: list[Any]) -> str:
    here = partial(whole, request)
    feed = _Feed(
        title=f"{view.name} · {view.plan.title}",
        link=here(view.get_absolute_url()),
        feed_url=here(reverse("view-feed", args=[view.slug])),
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
            title=f"{activity.ref} {rules.STATUSES.label(update.status)}: {words}",
            link=here(f"{activity.get_absolute_url()}#update-{update.pk}"),
            description=_summary(update),
            author_name=update.reported_by,
            unique_id=_tag(request, update.created_at, f"update/{update.pk}"),
            pubdate=update.public_since,
            updateddate=update.public_since,
            categories=[update.status],
        )
    return str(feed.writeString("utf-8"))


class _Feed(Atom1Feed):
    """An Atom feed with an id that stays when the address changes, and a stamp that moves with its entries only."""

    changed_at: Any = None

    def latest_post_date(self) -> Any:
        return self.changed_at


def _tag(request: HttpRequest, day: Any, rest: str) -> str:
    """An id for ever (RFC 4151): the host, a day on which it was ours, and what is meant."""
    host = urlsplit(settings.BASE_URL).hostname or request.get_host().partition(":")[0]
    return f"tag:{host},{day:%Y-%m-%d}:{rest}"


def _summary(update: StatusUpdate) -> SafeString:
    """What a reader of the activity's page sees of the update, as a few paragraphs."""
    day = f"{update.as_of.day} {update.as_of:%B %Y}" if update.as_of else ""
    paragraphs = [
        ("Status", f"{rules.STATUSES.label(update.status)}{f' as of {day}' if day else ''}"),
        ("Progress", update.narrative),
        ("Outputs delivered", update.outputs_delivered),
        ("Challenges", update.challenges),
        ("Next steps", update.next_steps),
        ("Reported by", f"{update.reported_by}{f', {update.round}' if update.round else ''}"),
    ]
    told = [(label, words) for label, words in paragraphs if words]
    return format_html_join("", "<p><strong>{}:</strong> {}</p>", told)
