"""The addresses of the pages."""

from functools import partial

from django.conf import settings
from django.urls import path, register_converter

from apta.methods import View, reading, writing
from workplan.models.plan import REF_PATTERN
from workplan.views import style
from workplan.views.kept import kept_for_visitors
from workplan.views.monitoring import compare, coverage, dashboard, open_questions, timeline
from workplan.views.plan import (
    activities,
    bodies,
    discovery,
    downloads,
    embedding,
    feeds,
    meeting_documents,
    plan,
    saved_views,
    search,
)
from workplan.views.reporting import (
    calendar,
    contributions,
    correct_report,
    imports,
    my_work,
    report,
    stop_messages,
    workbook,
    write_report,
)
from workplan.views.secretariat import (
    audit,
    deadline_extensions,
    notifications,
    plan_import,
    record_status,
    review,
    rounds,
    status_import,
    system,
)


class RefConverter:
    """A hierarchical reference such as A.1.1.4."""

    regex = REF_PATTERN

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(RefConverter, "ref")


def public_page(view: View) -> View:
    """``view`` shows the plan: to visitors as it was made last, until something changes."""
    return reading(kept_for_visitors(view))


# Evidence is sent with these forms.
file_form = partial(writing, takes_files=True, largest_body=settings.UPLOAD_LIMIT)
# Files that are read are sent with these, and little else.
import_form = partial(writing, takes_files=True, largest_body=settings.IMPORT_FILE_BYTES + settings.BODY_LIMIT)

urlpatterns = [
    path("", public_page(plan.home), name="home"),
    path("plans/", public_page(plan.plans), name="plans"),
    path("plans/import/", import_form(plan_import.upload), name="import-plan"),
    path("plans/import/template.xlsx", reading(plan_import.empty_template), name="plan-template"),
    path("plans/import/<int:pk>/", writing(plan_import.preview), name="plan-import"),
    path("plans/import/<int:pk>/file/", reading(plan_import.source), name="plan-import-file"),
    path("plans/<slug:code>/", public_page(plan.matrix), name="plan"),
    path("plans/<slug:code>/dashboard/", public_page(dashboard.show), name="dashboard"),
    path("plans/<slug:code>/home/", public_page(plan.home), name="plan-home"),
    path("plans/<slug:code>/embed/status/", reading(embedding.page), name="embed-status"),
    path("plans/<slug:code>/status.svg", reading(embedding.chart), name="status-chart"),
    path("plans/<slug:code>/documents/", reading(meeting_documents.browse), name="meeting-documents"),
    path("plans/<slug:code>/documents/keep/", writing(meeting_documents.keep), name="keep-document"),
    path("plans/<slug:code>/documents/<int:pk>/<str:name>", reading(meeting_documents.file), name="meeting-document"),
    path("plans/<slug:code>/matrix.<str:ending>", reading(downloads.matrix), name="matrix-file"),
    path("plans/<slug:code>/changes.<str:ending>", reading(downloads.changes), name="changes-file"),
    path(
        "plans/<slug:code>/bodies/<str:acronym>/report.<str:ending>", reading(downloads.body_report), name="body-report"
    ),
    path("plans/<slug:code>/data.<str:ending>", reading(downloads.data), name="data-file"),
    path("plans/<slug:code>/activities/", public_page(activities.browse), name="activities"),
    path("plans/<slug:code>/activities.csv", reading(activities.as_csv), name="activities-csv"),
    path("plans/<slug:code>/activities/update/", file_form(record_status.update_many), name="update-many"),
    path("plans/<slug:code>/activities/<ref:ref>/", public_page(activities.detail), name="activity"),
    path("plans/<slug:code>/activities/<ref:ref>/update/", file_form(record_status.update), name="update-status"),
    path("plans/<slug:code>/activities/<ref:ref>/report/", file_form(write_report.begin), name="begin-report"),
    path(
        "plans/<slug:code>/activities/<ref:ref>/contribution/", writing(contributions.contribution), name="contribution"
    ),
    path("plans/<slug:code>/rounds/", reading(rounds.browse), name="rounds"),
    path("plans/<slug:code>/rounds/new/", writing(rounds.new), name="new-round"),
    path("plans/<slug:code>/rounds/plan/", writing(rounds.plan_all), name="plan-rounds"),
    path(
        "plans/<slug:code>/rounds/completion.<str:ending>",
        reading(rounds.completion_file),
        name="rounds-completion-file",
    ),
    path("plans/<slug:code>/rounds/<slug:round_code>/", reading(rounds.detail), name="round"),
    path("plans/<slug:code>/rounds/<slug:round_code>/edit/", writing(rounds.edit), name="edit-round"),
    path(
        "plans/<slug:code>/rounds/<slug:round_code>/exception/",
        writing(deadline_extensions.extend),
        name="round-exception",
    ),
    path(
        "plans/<slug:code>/rounds/<slug:round_code>/exception/<str:acronym>/withdraw/",
        writing(deadline_extensions.withdraw),
        name="withdraw-extension",
    ),
    path(
        "plans/<slug:code>/rounds/<slug:round_code>/completion.<str:ending>",
        reading(rounds.completion_file),
        name="completion-file",
    ),
    path(
        "plans/<slug:code>/rounds/<slug:round_code>/workbook/<str:acronym>.xlsx",
        import_form(workbook.workbook),
        name="round-workbook",
    ),
    path(
        "plans/<slug:code>/rounds/<slug:round_code>/<slug:action>/",
        writing(rounds.change_state),
        name="change-round-state",
    ),
    path("plans/<slug:code>/bodies/<str:acronym>/deadlines.ics", reading(calendar.deadlines), name="deadlines"),
    path("plans/<slug:code>/bodies/", public_page(bodies.browse), name="bodies"),
    path("plans/<slug:code>/bodies/<str:acronym>/", public_page(bodies.detail), name="body"),
    path("plans/<slug:code>/import/", import_form(status_import.upload), name="import-statuses"),
    path("plans/<slug:code>/questions/", writing(open_questions.browse), name="questions"),
    path("plans/<slug:code>/questions.csv", reading(open_questions.as_csv), name="questions-csv"),
    path(
        "plans/<slug:code>/questions/<slug:kind>/<slug:record_type>/<ref:ref>/",
        writing(open_questions.detail),
        name="question",
    ),
    path("plans/<slug:code>/views/new/", writing(saved_views.new), name="new-view"),
    path("views/", reading(saved_views.browse), name="views"),
    path("views/<str:slug>/", reading(saved_views.detail), name="view"),
    path("views/<str:slug>/edit/", writing(saved_views.edit), name="edit-view"),
    path("views/<str:slug>/delete/", writing(saved_views.delete), name="delete-view"),
    path("views/<str:slug>/follow/", writing(saved_views.follow), {"action": "follow"}, name="follow-view"),
    path("views/<str:slug>/unfollow/", writing(saved_views.follow), {"action": "unfollow"}, name="unfollow-view"),
    path("views/<str:slug>/feed/", reading(feeds.of_view), name="view-feed"),
    path("plans/<slug:code>/coverage/", public_page(coverage.browse), name="coverage"),
    path("plans/<slug:code>/coverage.<str:ending>", reading(coverage.as_file), name="coverage-file"),
    path("plans/<slug:code>/compare/", public_page(compare.browse), name="compare"),
    path("plans/<slug:code>/compare.<str:ending>", reading(compare.as_file), name="compare-file"),
    path("plans/<slug:code>/timeline/", public_page(timeline.browse), name="timeline"),
    path("my/", reading(my_work.activities), name="my"),
    path("my/alike/", writing(my_work.submit_bulk_report), name="submit-bulk-report"),
    path("my/messages/", writing(notifications.preferences), name="message-preferences"),
    path("my/messages/address/", writing(notifications.confirm_own_address), name="confirm-address"),
    path(
        "my/messages/stop/<str:key>/",
        writing(stop_messages.stop_messages, largest_body=settings.SIGN_IN_BODY_LIMIT),
        name="stop-messages",
    ),
    path("reports/<int:pk>/", reading(report.detail), name="report"),
    path("reports/<int:pk>/edit/", file_form(write_report.edit), name="edit-report"),
    path("reports/<int:pk>/correct/", file_form(correct_report.correct), name="correct-report"),
    path("reports/<int:pk>/<slug:action>/", writing(report.act), name="report-action"),
    path("evidence/<int:pk>/", reading(contributions.evidence), name="evidence"),
    path("imports/<int:pk>/", writing(imports.show), name="import"),
    path("imports/<int:pk>/comments.xlsx", reading(imports.with_comments), name="import-comments"),
    path("review/", writing(review.queue), name="review"),
    path("audit/", reading(audit.search), name="audit"),
    path("audit/requests/<str:request_id>/", writing(audit.of_request), name="audit-request"),
    path("messages/", writing(notifications.outbox), name="outbox"),
    path(".well-known/security.txt", reading(discovery.security), name="security"),
    path("system/", reading(system.show), name="system"),
    path("search/", public_page(search.search), name="search"),
    path("style/", reading(style.style), name="style"),
    path("robots.txt", reading(discovery.robots), name="robots"),
    path("sitemap.xml", reading(discovery.site_map), name="sitemap"),
    path("jump/", reading(search.jump), name="jump"),
]
