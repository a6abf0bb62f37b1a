"""The addresses of the pages."""

from django.urls import path, register_converter

from workplan.models.plan import REF_PATTERN
from workplan.views import (
    activities,
    audit,
    beside,
    bodies,
    calendar,
    compare,
    coverage,
    dashboard,
    discovery,
    embedding,
    feeds,
    messages,
    my,
    plan,
    questions,
    report_page,
    reporting,
    reports,
    review,
    rounds,
    saved_views,
    search,
    style,
    timeline,
)


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
    path("plans/<slug:code>/dashboard/", dashboard.show, name="dashboard"),
    path("plans/<slug:code>/home/", plan.home, name="plan-home"),
    path("plans/<slug:code>/embed/status/", embedding.page, name="embed-status"),
    path("plans/<slug:code>/status.svg", embedding.chart, name="status-chart"),
    path("plans/<slug:code>/activities/", activities.browse, name="activities"),
    path("plans/<slug:code>/activities.csv", activities.as_csv, name="activities-csv"),
    path("plans/<slug:code>/activities/update/", reporting.update_many, name="update-many"),
    path("plans/<slug:code>/activities/<ref:ref>/", activities.one, name="activity"),
    path("plans/<slug:code>/activities/<ref:ref>/update/", reporting.update, name="update-status"),
    path("plans/<slug:code>/activities/<ref:ref>/report/", reports.begin, name="begin-report"),
    path("plans/<slug:code>/activities/<ref:ref>/contribution/", beside.contribution, name="contribution"),
    path("plans/<slug:code>/rounds/", rounds.browse, name="rounds"),
    path("plans/<slug:code>/rounds/new/", rounds.new, name="new-round"),
    path("plans/<slug:code>/rounds/plan/", rounds.plan_all, name="plan-rounds"),
    path("plans/<slug:code>/rounds/completion.<str:ending>", rounds.completion_file, name="rounds-completion-file"),
    path("plans/<slug:code>/rounds/<slug:round_code>/", rounds.one, name="round"),
    path("plans/<slug:code>/rounds/<slug:round_code>/edit/", rounds.edit, name="edit-round"),
    path("plans/<slug:code>/rounds/<slug:round_code>/exception/", rounds.exception, name="round-exception"),
    path(
        "plans/<slug:code>/rounds/<slug:round_code>/completion.<str:ending>",
        rounds.completion_file,
        name="completion-file",
    ),
    path("plans/<slug:code>/rounds/<slug:round_code>/<slug:deed>/", rounds.move, name="move-round"),
    path("plans/<slug:code>/bodies/<str:acronym>/deadlines.ics", calendar.deadlines, name="deadlines"),
    path("plans/<slug:code>/bodies/", bodies.browse, name="bodies"),
    path("plans/<slug:code>/bodies/<str:acronym>/", bodies.one, name="body"),
    path("plans/<slug:code>/questions/", questions.browse, name="questions"),
    path("plans/<slug:code>/questions.csv", questions.as_csv, name="questions-csv"),
    path("plans/<slug:code>/questions/<slug:kind>/<slug:record_type>/<ref:ref>/", questions.one, name="question"),
    path("plans/<slug:code>/views/new/", saved_views.new, name="new-view"),
    path("views/", saved_views.browse, name="views"),
    path("views/<slug:slug>/", saved_views.one, name="view"),
    path("views/<slug:slug>/edit/", saved_views.edit, name="edit-view"),
    path("views/<slug:slug>/delete/", saved_views.delete, name="delete-view"),
    path("views/<slug:slug>/follow/", saved_views.follow, {"deed": "follow"}, name="follow-view"),
    path("views/<slug:slug>/unfollow/", saved_views.follow, {"deed": "unfollow"}, name="unfollow-view"),
    path("views/<slug:slug>/feed/", feeds.of_view, name="view-feed"),
    path("plans/<slug:code>/coverage/", coverage.browse, name="coverage"),
    path("plans/<slug:code>/coverage.<str:ending>", coverage.as_file, name="coverage-file"),
    path("plans/<slug:code>/compare/", compare.browse, name="compare"),
    path("plans/<slug:code>/compare.<str:ending>", compare.as_file, name="compare-file"),
    path("plans/<slug:code>/timeline/", timeline.browse, name="timeline"),
    path("my/", my.activities, name="my"),
    path("my/alike/", my.report_alike, name="report-alike"),
    path("my/messages/", messages.preferences, name="message-preferences"),
    path("reports/<int:pk>/", report_page.one, name="report"),
    path("reports/<int:pk>/edit/", reports.edit, name="edit-report"),
    path("reports/<int:pk>/<slug:deed>/", report_page.do, name="do-report"),
    path("evidence/<int:pk>/", beside.evidence, name="evidence"),
    path("review/", review.queue, name="review"),
    path("audit/", audit.search, name="audit"),
    path("audit/requests/<str:request_id>/", audit.of_request, name="audit-request"),
    path("messages/", messages.outbox, name="outbox"),
    path("search/", search.search, name="search"),
    path("style/", style.style, name="style"),
    path("robots.txt", discovery.robots, name="robots"),
    path("sitemap.xml", discovery.site_map, name="sitemap"),
    path("jump/", search.jump, name="jump"),
]
