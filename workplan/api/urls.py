"""The addresses of the API, under ``/api/v1/``. What is not here is answered with 404 in JSON."""

from typing import Any

from django.urls import URLPattern, path, re_path

from workplan.api import views
from workplan.api.base import Records
from workplan.api.views import docs_view

__all__ = ["docs_view", "urlpatterns"]

LIST: dict[str, Any] = {"get": "list"}
DETAIL: dict[str, Any] = {"get": "retrieve"}


def records(name: str, resource: type[Records], key: str = "int:pk") -> list[URLPattern]:
    """The list of one kind of record, and each of them."""
    return [
        path(f"{name}/", resource.as_view(LIST), name=f"api-{name}"),
        path(f"{name}/<{key}>/", resource.as_view(DETAIL), name=f"api-{name}-detail"),
    ]


urlpatterns = [
    *records("plans", views.Plans),
    *records("sections", views.Sections),
    *records("provisions", views.Provisions),
    *records("areas", views.Areas),
    *records("bodies", views.Bodies, "str:acronym"),
    *records("activities", views.Activities),
    path(
        "activities/<int:pk>/updates/",
        views.ActivityUpdates.as_view({"get": "list", "post": "create"}),
        name="api-activity-updates",
    ),
    *records("updates", views.Updates),
    path("summary/", views.Summary.as_view(), name="api-summary"),
    path("token/", views.Tokens.as_view(), name="api-token"),
    path("schema/", views.Description.as_view(), name="api-schema"),
    re_path("", views.nothing_here),
]
