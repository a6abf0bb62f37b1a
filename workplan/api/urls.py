"""The addresses of the API, under ``/api/v1/``. What is not here is answered with 404 in JSON."""

from typing import Any

from django.urls import URLPattern, path, re_path

from workplan.api import views
from workplan.api.base import Records
from workplan.api.views import docs_view

__all__ = ["docs_view", "urlpatterns"]

LIST: dict[str, Any] = {"get": "list"}
DETAIL: dict[str, Any] = {"get": "retrieve"}


def records(name: str, resource: type[Records], key: str = "int:pk", **verbs: dict[str, str]) -> list[URLPattern]:
    """The list of one kind of record, and each of them.

    Args:
        verbs: what else than reading is done to the list (``many``) and to each (``one``), by method.
    """
    return [
        path(f"{name}/", resource.as_view(LIST | verbs.get("many", {})), name=f"api-{name}"),
        path(f"{name}/<{key}>/", resource.as_view(DETAIL | verbs.get("one", {})), name=f"api-{name}-detail"),
    ]


def action_path(address: str, resource: type[Records], function: str, method: str = "post") -> URLPattern:
    """One thing that can be done to, or asked about, a record."""
    return path(address, resource.as_view({method: function}), name=f"api-{resource.__name__.lower()}-{function}")


CHANGES = {"patch": "partial_update", "delete": "destroy"}

urlpatterns = [
    path("", views.Index.as_view(), name="api-index"),
    *records("plans", views.Plans, "str:pk"),
    *records("sections", views.Sections),
    *records("provisions", views.Provisions),
    *records("areas", views.Areas),
    *records("bodies", views.Bodies, "str:acronym"),
    *records("activities", views.Activities),
    path(
        "activities/<int:pk>/updates/",
        views.ActivityUpdates.as_view(LIST | {"post": "create"}),
        name="api-activity-updates",
    ),
    path(
        "activities/<int:pk>/contributions/",
        views.ActivityContributions.as_view(LIST | {"post": "create"}),
        name="api-activity-contributions",
    ),
    *records("contributions", views.Contributions, one={"patch": "partial_update"}),
    path("updates/approve/", views.Approvals.as_view(), name="api-updates-approve"),
    *records("updates", views.Updates, one=CHANGES),
    action_path("updates/<int:pk>/submit/", views.Updates, "submit"),
    action_path("updates/<int:pk>/approve/", views.Updates, "approve"),
    action_path("updates/<int:pk>/return/", views.Updates, "return_update"),
    action_path("updates/<int:pk>/concur/", views.Updates, "concur"),
    action_path("updates/<int:pk>/correct/", views.Corrections, "create"),
    path(
        "updates/<int:pk>/comments/",
        views.UpdateComments.as_view(LIST | {"post": "create"}),
        name="api-update-comments",
    ),
    action_path("updates/<int:pk>/evidence/", views.UpdateEvidence, "create"),
    action_path("updates/<int:pk>/evidence/<int:evidence>/", views.UpdateEvidence, "destroy", "delete"),
    *records("questions", views.Questions, "str:key"),
    action_path("questions/<str:key>/settle/", views.Questions, "settle"),
    action_path("rounds/plan/", views.Rounds, "plan"),
    *records("rounds", views.Rounds, "str:pk", many={"post": "create"}, one=CHANGES),
    action_path("rounds/<str:pk>/open/", views.RoundTransitions, "open"),
    action_path("rounds/<str:pk>/close/", views.RoundTransitions, "close"),
    action_path("rounds/<str:pk>/reopen/", views.RoundTransitions, "reopen"),
    action_path("rounds/<str:pk>/publish/", views.RoundTransitions, "publish"),
    action_path("rounds/<str:pk>/schedule/", views.RoundTransitions, "schedule"),
    action_path("rounds/<str:pk>/unschedule/", views.RoundTransitions, "unschedule"),
    action_path("rounds/<str:pk>/withdraw/", views.RoundTransitions, "withdraw"),
    action_path("rounds/<str:pk>/exceptions/", views.GivenDeadlineExtensions, "create"),
    path(
        "rounds/<str:pk>/exceptions/<str:acronym>/",
        views.DeadlineExtensions.as_view(DETAIL | {"patch": "partial_update"}),
        name="api-deadline-extension",
    ),
    action_path("rounds/<str:pk>/exceptions/<str:acronym>/withdraw/", views.DeadlineExtensions, "withdraw"),
    action_path("rounds/<str:pk>/completion/", views.Rounds, "completion", "get"),
    action_path("rounds/<str:pk>/obligations/", views.RoundObligations, "list", "get"),
    action_path("rounds/<str:pk>/alike/", views.Rounds, "bulk_report"),
    *records("views", views.SavedViews, "str:slug", many={"post": "create"}, one=CHANGES),
    action_path("views/<str:slug>/follow/", views.SavedViews, "follow"),
    action_path("views/<str:slug>/unfollow/", views.SavedViews, "unfollow"),
    path("search/", views.Search.as_view(), name="api-search"),
    path("summary/", views.Summary.as_view(), name="api-summary"),
    path("coverage/", views.Coverage.as_view(), name="api-coverage"),
    path("compare/", views.Compare.as_view(LIST), name="api-compare"),
    *records("tokens", views.KeptTokens, "str:token_key", many={"post": "create"}, one={"delete": "destroy"}),
    path("token/", views.Tokens.as_view(), name="api-token"),
    path("schema/", views.Description.as_view(), name="api-schema"),
    re_path("", views.nothing_here),
]
