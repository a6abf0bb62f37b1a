"""Saved views: the list of them, and saving, opening, changing, deleting and following one."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Case, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from workplan import actions, permissions, rules
from workplan.actions import Actor
from workplan.actions.messages import notification_obstacle
from workplan.actions.saved_views import NOT_YOURS
from workplan.exceptions import Invalid, Refusal, Stale
from workplan.filters.saved_queries import canonical, opened
from workplan.filters.saved_views import SavedViewFilterSet
from workplan.filters.words import words_of
from workplan.forms.rounds import show
from workplan.forms.updates import WITHOUT_VERSION, number_in
from workplan.models import Activity, SavedView, WorkPlan
from workplan.models.base import SHORT_TEXT
from workplan.views.browsing import page_number, return_address
from workplan.views.signed_out import sign_in_required

# Each row counts its activities, so a page holds few.
PAGE_SIZE = 20
ADDRESSES = {rules.IN_LIST: "activities", rules.IN_MATRIX: "plan"}


class ViewForm(forms.Form):
    """A view that is saved or changed."""

    name = forms.CharField(
        max_length=SavedView._meta.get_field("name").max_length,
        error_messages={"required": "Give the view a name."},
        help_text="What you and others call it, such as “Training, not begun”.",
    )
    page = forms.ChoiceField(label="Opens on", choices=rules.VIEW_PAGES.choices)
    is_shared = forms.BooleanField(
        label="Share it",
        required=False,
        help_text="Everybody who may read the plan sees a shared view, and it has a feed. A view that is not shared is "
        "yours alone; nobody else finds it by any address, and it has no feed.",
    )
    query = forms.CharField(required=False, max_length=SHORT_TEXT, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""

    def differences(self, now: SavedView) -> list[tuple[str, Any, Any]]:
        """Where what was typed differs from the view as it is: label, its value, the typed one."""
        labels = {"query": "Filters"}
        return [
            (labels.get(name, str(one.label or name.capitalize())), getattr(now, name), self.cleaned_data.get(name))
            for name, one in self.fields.items()
            if getattr(now, name) != self.cleaned_data.get(name)
        ]


@dataclass(frozen=True, slots=True)
class QuerySummary:
    """What some filters choose now: in words, as a number of activities, or why they cannot be read."""

    words: list[str] = field(default_factory=list)
    number: int | None = None
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Row:
    """A view in the list of them."""

    view: SavedView
    summary: QuerySummary
    allowed_actions: list[str]


def browse(request: HttpRequest) -> HttpResponse:
    """The reader's own views and those that are shared, each with what it chooses now."""
    user: Any = request.user
    views = SavedView.objects.visible_to(user).for_display(user)
    filterset = SavedViewFilterSet(request.GET, queryset=views, request=request, also_allowed=("page",))
    problems = filterset.problems()
    number = page_number(request.GET, problems)
    found = views.none() if problems else filterset.qs
    own_first = Case(When(owner=user.pk, then=Value(0)), default=Value(1)) if user.is_authenticated else Value(1)
    page = Paginator(found.order_by(own_first, "name", "pk"), PAGE_SIZE).get_page(number)
    rows = [Row(view, summarise_query(view, user), permissions.allowed_view_actions(user, view)) for view in page]
    context = {
        "page": page,
        "own": [row for row in rows if row.view.owner_id == user.pk],
        "shared": [row for row in rows if row.view.owner_id != user.pk],
        "problems": problems,
        "query": filterset.data.get("q", ""),
    }
    return render(
        request, "workplan/plan/saved_views.html", context, status=HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK
    )


def summarise_query(view: SavedView, user: Any) -> QuerySummary:
    """What ``view`` chooses now, as ``user`` sees it."""
    try:
        found = opened(view, user)
    except ValidationError as problem:
        return QuerySummary(problems=problem.messages)
    rows = found.narrow(Activity.objects.visible_to(user))
    return QuerySummary(words=words_of(found.filterset), number=rows.count())


def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Open a view where it opens. What else the address says narrows it there."""
    view = find(request, slug)
    query = request.GET.copy()
    query["view"] = view.slug
    return redirect(f"{reverse(ADDRESSES[view.page], args=[view.plan.code])}?{query.urlencode()}")


def find(request: HttpRequest, slug: str) -> SavedView:
    """The view of this slug, if the reader may see it."""
    return get_object_or_404(SavedView.objects.visible_to(request.user).for_display(request.user), slug=slug)


@sign_in_required
def new(request: HttpRequest, code: str) -> HttpResponse:
    """Save the filters that the address brings, under a name."""
    plan = get_object_or_404(WorkPlan, code=code)
    query = (request.POST if request.method == "POST" else request.GET).get("query", "")
    page = request.GET.get("opens", "")
    first = {"query": query, "page": page if page in rules.VIEW_PAGES else rules.IN_LIST}
    form = ViewForm(request.POST if request.method == "POST" else None, initial=first)
    summary, status = check_query(query, plan, request.user), HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.BAD_REQUEST
        if form.is_valid():
            try:
                view = actions.save_view(plan=plan, by=Actor.of(request, "page"), **form.cleaned_data)
            except Refusal as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, f"“{view}” is saved.")
                return redirect(view)
    elif summary.problems:
        status = HTTPStatus.BAD_REQUEST
    changeable = [
        one
        for one in SavedView.objects.visible_to(request.user).for_display(request.user).filter(plan=plan)[:200]
        if permissions.owns_view(request.user, one)
    ]
    context = {"plan": plan, "form": form, "summary": summary, "query": query, "changeable": changeable}
    return render(request, "workplan/plan/saved_view_form.html", context, status=status)


def check_query(query: str, plan: WorkPlan, user: Any) -> QuerySummary:
    """What the filters of an address would choose if they were saved."""
    try:
        text = canonical(query, plan, user)
    except Invalid as refusal:
        return QuerySummary(problems=refusal.fields["query"])
    return summarise_query(SavedView(plan=plan, query=text), user)


@sign_in_required
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Rename a view, share it, or give it the filters that the address brings."""
    view = find(request, slug)
    require_permission(request, view)
    first = {name: getattr(view, name) for name in ("name", "page", "is_shared", "query")}
    if "query" in request.GET:
        first["query"] = request.GET["query"]
    form = ViewForm(request.POST if request.method == "POST" else None, initial=first)
    version, status, differences = view.version, HTTPStatus.OK, None
    if request.method == "POST":
        status = HTTPStatus.BAD_REQUEST
        seen = number_in(request.POST.get("version", ""))
        version = seen or version
        if seen is None:
            form.add_error(None, WITHOUT_VERSION)
        elif form.is_valid():
            try:
                changed = actions.change_view(
                    view=view, version=seen, by=Actor.of(request, "page"), **form.cleaned_data
                )
            except Stale as refusal:
                # The newer version is shown next to the form, so sending it again is a decision.
                [now] = refusal.current
                differences, version, status = form.differences(now), now.version, HTTPStatus.CONFLICT
                form.add_error(None, refusal.message)
            except Refusal as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(
                    request, f"“{changed}” is changed." if changed.version != seen else "Nothing was changed."
                )
                return redirect("views")
    query = request.POST.get("query", "") if request.method == "POST" else first["query"]
    summary = check_query(query, view.plan, request.user)
    if summary.problems and request.method != "POST" and "query" in request.GET:
        status = HTTPStatus.BAD_REQUEST
    context = {
        "plan": view.plan,
        "view": view,
        "form": form,
        "summary": summary,
        "version": version,
        "differences": differences,
        "is_own": permissions.owns_view(request.user, view),
    }
    return render(request, "workplan/plan/saved_view_form.html", context, status=status)


@login_required
def delete(request: HttpRequest, slug: str) -> HttpResponse:
    """Delete a view; says first who would miss it."""
    view = find(request, slug)
    require_permission(request, view)
    problem, status = "", HTTPStatus.OK
    if request.method == "POST":
        seen = number_in(request.POST.get("version", ""))
        try:
            actions.delete_view(view=view, version=seen or 0, by=Actor.of(request, "page"))
        except Refusal as refusal:
            problem, status = refusal.message, HTTPStatus.CONFLICT
            view = find(request, slug)
        else:
            messages.success(request, f"“{view}” is deleted.")
            return redirect("views")
    return render(request, "workplan/plan/saved_view_delete.html", {"view": view, "problem": problem}, status=status)


@login_required
def follow(request: HttpRequest, slug: str, action: str) -> HttpResponse:
    """Follow a view, or follow it no longer."""
    view = find(request, slug)
    if request.method == "POST":
        by = Actor.of(request, "page")
        try:
            if action == "follow":
                actions.follow_view(view=view, by=by)
                message = f"You follow “{view}”: a mail tells you what is published on its activities from now on."
                obstacle = notification_obstacle(by.user, "followed") if by.user else ""
                if obstacle:
                    message = f"You follow “{view}”, but no mail tells you of it. {obstacle}"
            else:
                actions.unfollow_view(view=view, by=by)
                message = f"You no longer follow “{view}”."
        except Refusal as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, message)
    return redirect(return_address(request, reverse("views")))


def require_permission(request: HttpRequest, view: SavedView) -> None:
    if not permissions.can_change_view(request.user, view):
        raise PermissionDenied(NOT_YOURS)


def show_refusal(form: forms.Form, refusal: Refusal) -> None:
    """Show what an action refused at its field; what concerns the filters, which have no field, above the form."""
    filters: Iterable[str] = refusal.fields.pop("query", ())
    for text in filters:
        form.add_error(None, f"The filters cannot be saved. {text}")
    if refusal.fields or not filters:
        show(form, refusal)
