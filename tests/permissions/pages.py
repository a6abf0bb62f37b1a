"""Who may open which page, and what the API gives to read."""

import datetime

from django.utils import timezone

from tests.imports.scene import keep_workbook
from tests.larger_plans import Scenario
from workplan.actions import Actor, begin_plan_import, keep_document
from workplan.imports.plan.template import template
from workplan.models import User

CODE = "tip-2016-2020"
PEOPLE = ("visitor", "newcomer", "somtc", "acwc", "secretariat", "administrator")

OPEN = (200,) * 6
SIGNED_IN = (302, 200, 200, 200, 200, 200)
SECRETARIAT_PAGE = (302, 403, 403, 403, 200, 200)
# A visitor who typed something gets it back, with the way to sign in.
SECRETARIAT_FORM = (403, 403, 403, 403, 302, 302)
ADMIN_PAGE = (302, 403, 403, 403, 200, 200)
PEOPLE_PAGE = (302, 403, 403, 403, 403, 200)
API_WRITE = (401, 403, 409, 403, 201, 201)  # a lead body reports in an open round only
API_NO_SUCH_VERB = (401, 405, 405, 405, 405, 405)

# Views that SOMTC's focal point has saved, one shared and one private.
SHARED, PRIVATE = "ongoing-work", "quiet-work"
OWN_OR_MODERATED = (302, 403, 200, 403, 200, 200)
OWN = (302, 404, 200, 404, 404, 404)
OWN_ROWS = (400, 400, 200, 400, 400, 400)  # as if there were no such view

# SOMTC leads A.1.1.1 and A.1.1.4; ACWC cooperates in A.1.1.1 and has no part in A.1.1.4.
LEADS, NO_PART = f"/plans/{CODE}/activities/A.1.1.1/", f"/plans/{CODE}/activities/A.1.1.4/"
UPDATE = {
    "version": "1",
    "status": "ongoing",
    "as_of": "2020-06-30",
    "narrative": "Begun.",
    "kind": "progress",
    "evidence-TOTAL_FORMS": "0",
    "evidence-INITIAL_FORMS": "0",
}

PAGES = [
    ("/", OPEN),
    ("/plans/", OPEN),
    (f"/plans/{CODE}/", OPEN),
    (f"/plans/{CODE}/home/", OPEN),
    (f"/plans/{CODE}/dashboard/", OPEN),
    (f"/plans/{CODE}/embed/status/", OPEN),
    (f"/plans/{CODE}/status.svg", OPEN),
    ("/robots.txt", OPEN),
    ("/sitemap.xml", OPEN),
    ("/.well-known/security.txt", (404,) * 6),  # until a contact is set
    (f"/plans/{CODE}/activities/", OPEN),
    (f"/plans/{CODE}/activities.csv", OPEN),
    (f"/plans/{CODE}/documents/", OPEN),
    (f"/plans/{CODE}/documents/{{document}}/matrix.xlsx", OPEN),
    *((f"/plans/{CODE}/documents/keep/?document={kind}", SECRETARIAT_PAGE) for kind in ("matrix", "body&of=SOMTC")),
    *((f"/plans/{CODE}/matrix.{ending}", OPEN) for ending in ("docx", "pdf", "xlsx")),
    *((f"/plans/{CODE}/changes.{ending}", OPEN) for ending in ("docx", "pdf", "xlsx")),
    *((f"/plans/{CODE}/bodies/SOMTC/report.{ending}", OPEN) for ending in ("docx", "pdf")),
    *((f"/plans/{CODE}/data.{ending}", OPEN) for ending in ("csv", "xlsx", "ndjson", "json")),
    *((f"/plans/{CODE}/data.csv?type={kind}", OPEN) for kind in ("updates", "bodies", "responsibilities")),
    (f"/plans/{CODE}/data.csv?type=audit", SECRETARIAT_PAGE),
    (LEADS, OPEN),
    (NO_PART, OPEN),
    (f"/plans/{CODE}/bodies/", OPEN),
    (f"/plans/{CODE}/bodies/ACWC/", OPEN),
    (f"/plans/{CODE}/coverage/", OPEN),
    *((f"/plans/{CODE}/coverage.{ending}", OPEN) for ending in ("csv", "xlsx")),
    ("/search/?q=victims", OPEN),
    ("/style/", OPEN),
    ("/jump/?q=a114", OPEN),
    ("/my/", SIGNED_IN),
    (f"{LEADS}update/", SECRETARIAT_PAGE),
    (f"{NO_PART}update/", SECRETARIAT_PAGE),
    (f"/plans/{CODE}/activities/update/?ref=A.1.1.1", SECRETARIAT_PAGE),
    (f"/plans/{CODE}/compare/", OPEN),
    *((f"/plans/{CODE}/compare.{ending}", OPEN) for ending in ("csv", "xlsx")),
    (f"/plans/{CODE}/timeline/", OPEN),
    (f"/plans/{CODE}/rounds/", OPEN),
    (f"/plans/{CODE}/rounds/completion.csv", OPEN),
    (f"/plans/{CODE}/rounds/2018-1/", OPEN),
    (f"/plans/{CODE}/rounds/2018-1/completion.csv", OPEN),
    (f"/plans/{CODE}/rounds/2018-1/completion.xlsx", OPEN),
    (f"/plans/{CODE}/rounds/new/", SECRETARIAT_PAGE),
    ("/plans/import/", SECRETARIAT_PAGE),
    ("/plans/import/template.xlsx", SECRETARIAT_PAGE),
    ("/plans/import/{plan_import}/", SECRETARIAT_PAGE),
    ("/plans/import/{plan_import}/file/", SECRETARIAT_PAGE),
    (f"/plans/{CODE}/rounds/plan/", SECRETARIAT_PAGE),
    (f"/plans/{CODE}/rounds/2018-1/edit/", SECRETARIAT_PAGE),
    (f"/plans/{CODE}/rounds/2018-1/exception/", SECRETARIAT_PAGE),
    (f"/plans/{CODE}/rounds/2018-1/exception/ACWC/withdraw/", SECRETARIAT_PAGE),
    (f"/plans/{CODE}/rounds/2018-1/close/", SECRETARIAT_PAGE),
    (f"/plans/{CODE}/rounds/2018-1/workbook/SOMTC.xlsx", (302, 403, 200, 403, 200, 200)),
    (f"/plans/{CODE}/rounds/2018-1/workbook/ACWC.xlsx", (302, 403, 403, 200, 200, 200)),
    (f"/plans/{CODE}/import/", SECRETARIAT_PAGE),
    ("/imports/{import}/", (302, 404, 200, 404, 404, 404)),  # whoever has sent a file confirms it
    ("/imports/{import}/comments.xlsx", (302, 404, 200, 404, 404, 404)),
    (f"/plans/{CODE}/rounds/2018-1/schedule/", SECRETARIAT_PAGE),
    (f"/plans/{CODE}/rounds/2018-1/withdraw/", SECRETARIAT_PAGE),
    (f"/plans/{CODE}/bodies/SOMTC/deadlines.ics", OPEN),
    (f"/plans/{CODE}/questions/", OPEN),
    (f"/plans/{CODE}/questions.csv", OPEN),
    (f"/plans/{CODE}/questions/reading/activity/A.1.1.1/", OPEN),
    (f"{LEADS}report/", (302, 403, 200, 403, 302, 302)),  # the secretariat has a form of its own
    (f"{LEADS}contribution/", (302, 403, 403, 200, 403, 403)),
    ("/my/alike/", (302,) * 6),  # takes POST only, and leads back to the list
    ("/my/messages/", SIGNED_IN),
    ("/my/messages/address/", (302,) * 6),  # takes POST only, and leads back to the choices
    ("/my/messages/stop/x/", (404,) * 6),  # nobody signed it; tests of one that is are in tests/notifications
    ("/reports/{draft}/", (404, 404, 200, 404, 200, 200)),
    ("/reports/{submitted}/", (404, 404, 200, 404, 200, 200)),
    ("/reports/{returned}/", (404, 404, 200, 404, 200, 200)),
    ("/reports/{approved}/", OPEN),
    ("/reports/{draft}/edit/", (302, 404, 200, 404, 403, 403)),
    ("/reports/{submitted}/edit/", (302, 404, 302, 404, 403, 403)),
    ("/reports/{returned}/edit/", (302, 404, 200, 404, 403, 403)),
    ("/reports/{approved}/edit/", (302, 403, 302, 403, 403, 403)),
    ("/reports/{approved}/correct/", (302, 403, 200, 403, 200, 200)),
    ("/evidence/{draft_evidence}/", (404, 404, 302, 404, 302, 302)),
    (f"/plans/{CODE}/views/new/?query=section%3DA", SIGNED_IN),
    ("/views/", OPEN),
    (f"/views/{SHARED}/", (302,) * 6),  # leads to the list or the matrix
    (f"/views/{SHARED}/feed/", OPEN),
    (f"/views/{SHARED}/edit/", OWN_OR_MODERATED),
    (f"/views/{SHARED}/delete/", OWN_OR_MODERATED),
    (f"/views/{SHARED}/follow/", (302,) * 6),  # takes POST only, and leads back to the list of views
    (f"/views/{SHARED}/unfollow/", (302,) * 6),
    (f"/views/{PRIVATE}/", (404, 404, 302, 404, 404, 404)),
    (f"/views/{PRIVATE}/feed/", (404,) * 6),
    (f"/views/{PRIVATE}/edit/", OWN),
    (f"/views/{PRIVATE}/delete/", OWN),
    (f"/views/{PRIVATE}/follow/", (302, 404, 302, 404, 404, 404)),
    (f"/views/{PRIVATE}/unfollow/", (302, 404, 302, 404, 404, 404)),
    (f"/plans/{CODE}/activities/?view={SHARED}", OPEN),
    (f"/plans/{CODE}/activities/?view={PRIVATE}", OWN_ROWS),
    (f"/plans/{CODE}/activities.csv?view={PRIVATE}", OWN_ROWS),
    (f"/plans/{CODE}/?view={PRIVATE}", OWN_ROWS),
    ("/review/", SECRETARIAT_PAGE),
    ("/audit/", SECRETARIAT_PAGE),
    ("/audit/requests/r/", SECRETARIAT_PAGE),
    ("/messages/", SECRETARIAT_PAGE),
    ("/system/", PEOPLE_PAGE),
    ("/accounts/password/change/", SIGNED_IN),
    ("/accounts/settings/", SIGNED_IN),
    ("/accounts/settings/tokens/", (302,) * 6),
    ("/accounts/settings/keys/", (302,) * 6),  # takes POST only, and leads back to the account
    ("/admin/", ADMIN_PAGE),
    ("/admin/workplan/activity/", ADMIN_PAGE),
    ("/admin/workplan/sectoralbody/", ADMIN_PAGE),
    ("/admin/workplan/statusupdate/", ADMIN_PAGE),
    ("/admin/workplan/auditentry/", ADMIN_PAGE),
    ("/admin/workplan/user/", PEOPLE_PAGE),
    ("/admin/workplan/membership/", PEOPLE_PAGE),
    *((f"/admin/workplan/apitoken/{one}", PEOPLE_PAGE) for one in ("", "add/")),
    ("/api/docs/", OPEN),
    ("/api/docs/reference/", OPEN),
]

READ = [
    "plans/",
    "sections/",
    "provisions/",
    "areas/",
    "bodies/",
    "activities/",
    "activities/{activity}/",
    "activities/{activity}/updates/",
    "updates/",
    "updates/{update}/",
    "search/?q=victims",
    "summary/",
    "questions/",
    "questions/tip-2016-2020.reading.activity.A.1.1.1/",
    "coverage/",
    "compare/",
    "rounds/",
    "rounds/{round}/",
    "rounds/{round}/completion/",
    "views/",
    "schema/",
]


def send_files(scenario: Scenario, *, secretariat: User, lead: User) -> None:
    """Send a workbook of the round and the file of a plan, so that ``scenario.names`` has their ids."""
    workbook = keep_workbook(scenario.round, lead)
    plan = begin_plan_import(
        file_name="plan.xlsx",
        kind="xlsx",
        content=template(),
        values={
            "code": "tip-2021",
            "title": "The next plan",
            "period_start": datetime.date(2021, 1, 1),
            "period_end": datetime.date(2025, 12, 31),
        },
        by=Actor(secretariat, "command"),
    )
    document = keep_document(
        plan=scenario.round.plan,
        kind="matrix",
        title="A meeting",
        file_name="matrix.xlsx",
        content=template(),
        scope="The whole plan",
        source="https://example.org/",
        shown_at=timezone.now(),
        by=Actor(secretariat, "command"),
    )
    scenario.files.update({"import": workbook.pk, "plan_import": plan.pk, "document": document.pk})
