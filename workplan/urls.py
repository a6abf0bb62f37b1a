"""The addresses of the pages."""

from django.urls import path, register_converter

from workplan.models.plan import REF_PATTERN
from workplan.views import activities, bodies, my, plan, reporting, search


class RefConverter:
    """A hierarchical reference such as A.1.1.4."""

    regex = REF_PATTERN

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(RefConverter, "ref")

urlpatterns = [
    path("", plan.home, name="home"),
    path("plans/", plan.plans, name="plans"),
    path("plans/<slug:code>/", plan.matrix, name="plan"),
    path("plans/<slug:code>/home/", plan.home, name="plan-home"),
    path("plans/<slug:code>/activities/", activities.browse, name="activities"),
    path("plans/<slug:code>/activities.csv", activities.as_csv, name="activities-csv"),
    path("plans/<slug:code>/activities/update/", reporting.update_many, name="update-many"),
    path("plans/<slug:code>/activities/<ref:ref>/", activities.one, name="activity"),
    path("plans/<slug:code>/activities/<ref:ref>/update/", reporting.update, name="update-status"),
    path("plans/<slug:code>/bodies/", bodies.browse, name="bodies"),
    path("plans/<slug:code>/bodies/<str:acronym>/", bodies.one, name="body"),
    path("my/", my.activities, name="my"),
    path("search/", search.search, name="search"),
]
