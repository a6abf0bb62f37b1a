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


def deed(address: str, resource: type[Records], function: str, method: str = "post") -> URLPattern:
    """One thing that can be done to, or asked about, a record."""
    return path(address, resource.as_view({method: function}), name=f"api-{resource.__name__.lower()}-{function}")


CHANGES = {"patch": "partial_update", "delete": "destroy"}

urlpatterns = [
    *records("plans", views.Plans),
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
    deed("updates/<int:pk>/submit/", views.Updates, "submit"),
    deed("updates/<int:pk>/approve/", views.Updates, "approve"),
    deed("updates/<int:pk>/return/", views.Updates, "send_back"),
    deed("updates/<int:pk>/concur/", views.Updates, "concur"),
    path(
        "updates/<int:pk>/comments/",
        views.UpdateComments.as_view(LIST | {"post": "create"}),
        name="api-update-comments",
    ),
    deed("updates/<int:pk>/evidence/", views.UpdateEvidence, "create"),
    deed("updates/<int:pk>/evidence/<int:evidence>/", views.UpdateEvidence, "destroy", "delete"),
    *records("questions", views.Questions, "str:key"),
    deed("questions/<str:key>/settle/", views.Questions, "settle"),
    *records("rounds", views.Rounds, many={"post": "create"}, one=CHANGES),
    deed("rounds/plan/", views.Rounds, "plan"),
    deed("rounds/<int:pk>/open/", views.RoundMoves, "open"),
    deed("rounds/<int:pk>/close/", views.RoundMoves, "close"),
    deed("rounds/<int:pk>/reopen/", views.RoundMoves, "reopen"),
    deed("rounds/<int:pk>/publish/", views.RoundMoves, "publish"),
    deed("rounds/<int:pk>/exceptions/", views.Rounds, "give_exception"),
    deed("rounds/<int:pk>/completion/", views.Rounds, "completion", "get"),
    deed("rounds/<int:pk>/obligations/", views.RoundObligations, "list", "get"),
    deed("rounds/<int:pk>/alike/", views.Rounds, "alike"),
    *records("views", views.SavedViews, "slug:slug", many={"post": "create"}, one=CHANGES),
    deed("views/<slug:slug>/follow/", views.SavedViews, "follow"),
    deed("views/<slug:slug>/unfollow/", views.SavedViews, "unfollow"),
    path("search/", views.Search.as_view(), name="api-search"),
    path("summary/", views.Summary.as_view(), name="api-summary"),
    path("coverage/", views.Coverage.as_view(), name="api-coverage"),
    path("compare/", views.Compare.as_view(LIST), name="api-compare"),
    path("token/", views.Tokens.as_view(), name="api-token"),
    path("schema/", views.Description.as_view(), name="api-schema"),
    re_path("", views.nothing_here),
]
