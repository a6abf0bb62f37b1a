"""Every page, in each of its states: the one table that the checks of all pages walk through."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from tests.imports import shapes as plan_shapes

PLAN = "/plans/tip-2016-2020"
LIST = f"{PLAN}/activities/"
FRESH, REPORTED, CONTESTED = "B.1.1.1", "A.1.1.1", "A.1.1.2"
QUESTIONS = f"{PLAN}/questions/"
BULK = f"{LIST}update/?ref={FRESH}&ref={CONTESTED}"

VISITOR, FOCAL_POINT, SECRETARIAT, ADMINISTRATOR = "visitor", "somtc", "secretariat", "administrator"


def activity(ref: str) -> str:
    return f"{LIST}{ref}/"


def update_of(ref: str) -> str:
    return f"{LIST}{ref}/update/"


@dataclass(frozen=True)
class Place:
    """A page in one of its states.

    Attributes:
        name: how a failure calls it.
        path: its address.
        status: what the server answers to that address.
        who: the part in the cast of whoever looks at it.
        then: what that person does to bring the page into this state.
        heading: a part of its main heading, to be sure that it is this page; empty where the page is not ours.
        allowed: rules of axe that markup of a library breaks, with the reason why it is left so.
        may_overflow: why it may be wider than a narrow window; empty for every page of ours.
        may_weigh: why it may be heavier than a first visit should be; empty for every page of ours.
    """

    name: str
    path: str
    status: int = 200
    who: str = VISITOR
    then: Callable[[Page], None] | None = None
    heading: str = ""
    allowed: Iterable[tuple[str, str]] = ()
    may_overflow: str = ""
    may_weigh: str = ""


def send_empty(page: Page) -> None:
    """Press the form's own button with nothing chosen."""
    page.locator("form.form .form-buttons button").click()
    page.locator("#error-summary").wait_for()


def send_empty_form(page: Page) -> None:
    page.locator("form.form .form-buttons button").first.click()
    page.locator(".errorlist, .error-summary").first.wait_for()


def send_a_plan(page: Page) -> None:
    """Send a file in which a name is no known body and cells are part of no record."""
    word = plan_shapes.t5()
    word.add(*plan_shapes.t7().body)
    file: Any = {"name": "plan.docx", "mimeType": "application/octet-stream", "buffer": word.content()}
    page.get_by_label("File (.docx or .xlsx)").set_input_files([file])
    for label, value in (("Code", "next"), ("Title", "Next"), ("First year", "2027"), ("Last year", "2031")):
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Show what is read").click()
    page.get_by_role("heading", name="Preview of this file").wait_for()
    show_everything_folded(page)


def open_the_menu(page: Page) -> None:
    page.locator(".account details.menu summary").click()


def open_more(page: Page) -> None:
    page.locator(".nav details.menu summary").click()


def open_the_downloads(page: Page) -> None:
    page.locator("details.download summary").first.click()
    page.locator("details.download .menu-list").first.wait_for()


def show_everything_folded(page: Page) -> None:
    folded = page.locator("main details:not([open]) > summary")
    while folded.count():
        folded.first.click()


def open_the_first(page: Page) -> None:
    page.locator("#result_list tbody th a").first.click()
    page.locator("#content fieldset").first.wait_for()


def wait_for_operations(page: Page) -> None:
    page.locator(".opblock").first.wait_for()


# The page of the API is Swagger UI inside the page frame that drf-spectacular brings; none of its markup is ours.
SWAGGERS_OWN = (
    ("html-has-lang", "drf-spectacular's page frame names no language"),
    ("region", "drf-spectacular's page frame has no landmark"),
    ("heading-order", "Swagger UI goes from its title to its groups without a level between them"),
    ("color-contrast", "Swagger UI's colours of methods and of the version"),
    ("nested-interactive", "Swagger UI puts the button that copies a path into the one that opens the operation"),
)

# The lists and forms of the administration are Django's.
DJANGOS_OWN = (
    ("link-in-text-block", "Django's breadcrumbs are told from the text by their colour"),
    ("empty-table-header", "Django's rows within a form begin with a heading that has no words"),
    ("scrollable-region-focusable", "Django's wide rows within a form scroll on a narrow screen"),
    ("label", "Django names the fields of rows within a form by the headings of their columns only"),
)

PUBLIC = (
    Place("home", "/", heading="Trafficking"),
    Place("dashboard", f"{PLAN}/dashboard/", heading="Dashboard", then=show_everything_folded),
    Place("dashboard of one body", f"{PLAN}/dashboard/?body=SOMTC&role=lead&status=ongoing", heading="Dashboard"),
    Place("dashboard as of a day", f"{PLAN}/dashboard/?as_of=2018-01-01", heading="Dashboard"),
    Place("dashboard, bad filter", f"{PLAN}/dashboard/?silent=nonsense", 400, heading="Dashboard"),
    Place("changes in status before anything was reported", f"{PLAN}/compare/", heading="Changes in status"),
    Place("changes in status, bad moment", f"{PLAN}/compare/?from=zebra", 400, heading="Changes in status"),
    Place("home with the chart to embed", "/", heading="Trafficking", then=show_everything_folded),
    Place("home of a plan", f"{PLAN}/home/", heading="Trafficking"),
    Place("chart in a page of its own", f"{PLAN}/embed/status/?section=A&as_of=2020-12-31"),
    Place("home with more pages", "/", then=open_more),
    Place("plans", "/plans/", heading="Work plans"),
    Place("matrix", f"{PLAN}/", heading="Trafficking"),
    Place("matrix with the downloads open", f"{PLAN}/", then=open_the_downloads, heading="Trafficking"),
    Place(
        "changes in status, with the downloads open",
        f"{PLAN}/compare/",
        then=open_the_downloads,
        heading="Changes in status",
    ),
    Place("body with the downloads open", f"{PLAN}/bodies/SOMTC/", then=open_the_downloads, heading="SOMTC"),
    Place("matrix, filtered", f"{PLAN}/?body=AICHR&role=lead", heading="Trafficking"),
    Place("matrix, nothing found", f"{PLAN}/?q=zebra", heading="Trafficking"),
    Place("matrix, bad filter", f"{PLAN}/?status=nonsense", 400, heading="Trafficking"),
    Place("list", LIST, heading="Activities"),
    Place("list, all folds open", LIST, then=show_everything_folded, heading="Activities"),
    Place("list, filtered and sorted", f"{LIST}?status=not_reported&body=SOMTC&ordering=-status", heading="Activities"),
    Place("list, nothing found", f"{LIST}?q=zebra", heading="Activities"),
    Place("list, bad filter", f"{LIST}?status=nonsense&foo=1", 400, heading="Activities"),
    Place("export, bad filter", f"{PLAN}/activities.csv?foo=1", 400, heading="The filter could not be applied"),
    Place("activity without history", activity(FRESH), then=show_everything_folded),
    Place("activity with history", activity(REPORTED), then=show_everything_folded),
    Place("open questions", f"{QUESTIONS}?state=open", heading="Open questions"),
    Place("open questions, nothing found", f"{QUESTIONS}?q=zebra", heading="Open questions"),
    Place("open questions, bad filter", f"{QUESTIONS}?kind=nonsense", 400, heading="Open questions"),
    Place("one question", f"{QUESTIONS}reading/activity/A.1.1.2/", heading="Is the transcription"),
    Place("bodies", f"{PLAN}/bodies/", heading="Sectoral bodies"),
    Place("body", f"{PLAN}/bodies/ACWC/", heading="ACWC"),
    Place("coverage", f"{PLAN}/coverage/", heading="Coverage", then=show_everything_folded),
    Place("coverage by status", f"{PLAN}/coverage/?show=status", heading="Coverage"),
    Place("coverage of a day, filtered", f"{PLAN}/coverage/?section=C&role=lead&as_of=2017-01-01", heading="Coverage"),
    Place("coverage, bad filter", f"{PLAN}/coverage/?gap=hole&show=size", 400, heading="Coverage"),
    Place("search", "/search/", heading="Search"),
    Place("search with hits", "/search/?q=victims", heading="Search"),
    Place("search without hits", "/search/?q=zebra", heading="Search"),
    Place("search of one kind", "/search/?q=trafficking&kind=activity&page=2", heading="Search"),
    Place("search, narrowed", "/search/?q=victims&section=B&body=SOMTC", heading="Search"),
    Place("search, a slip put right", "/search/?q=SOMCT", heading="Search"),
    Place("search, no word", "/search/?q=%3F", heading="Search"),
    Place("search, bad filter", "/search/?q=victims&status=nonsense", 400, heading="Search"),
    Place("list as of a day", f"{LIST}?as_of=2019-01-01", heading="Activities"),
    Place("matrix as of a day", f"{PLAN}/?as_of=2019-01-01&section=A", heading="Trafficking"),
    Place("list as of a day to come", f"{LIST}?as_of=2190-01-01", 400, heading="Activities"),
    Place("bodies as of a day", f"{PLAN}/bodies/?as_of=2019-01-01", heading="Sectoral bodies"),
    Place("body as of a day", f"{PLAN}/bodies/ACWC/?as_of=2019-01-01", heading="ACWC"),
    Place("style", "/style/", heading="Style"),
    Place("sign-in", "/accounts/login/"),
    Place("password reset", "/accounts/password/reset/"),
    Place("not found", "/nothing/", 404, heading="Not found"),
    Place(
        "API description",
        "/api/docs/",
        then=wait_for_operations,
        allowed=SWAGGERS_OWN,
        may_weigh="Swagger UI is a program of its own",
    ),
)

SIGNED_IN = (
    Place("my activities", "/my/", who=FOCAL_POINT, heading="My work"),
    Place("my activities, filtered", "/my/?role=lead&section=A", who=FOCAL_POINT, heading="My work"),
    Place("my activities, nothing found", "/my/?q=zebra", who=FOCAL_POINT, heading="My work"),
    Place("not allowed", update_of(FRESH), 403, who=FOCAL_POINT, heading="Not allowed"),
    Place("my activities without a body", "/my/", who=SECRETARIAT, heading="My work"),
    Place("home with the menu open", "/", who=SECRETARIAT, then=open_the_menu),
    Place("list with boxes", f"{LIST}?section=A", who=SECRETARIAT, heading="Activities"),
    Place("matrix with buttons", f"{PLAN}/", who=SECRETARIAT, heading="Trafficking"),
    Place("activity without history, to be updated", activity(FRESH), who=SECRETARIAT),
    Place("activity with history, to be updated", activity(REPORTED), who=SECRETARIAT),
    Place("update form", update_of(FRESH), who=SECRETARIAT, heading="Update the status"),
    Place("update form with errors", update_of(FRESH), who=SECRETARIAT, then=send_empty, heading="Update the status"),
    Place("bulk form", BULK, who=SECRETARIAT, heading="Update several"),
    Place("bulk form with errors", BULK, who=SECRETARIAT, then=send_empty, heading="Update several"),
    Place("bulk form, nothing chosen", f"{LIST}update/", who=SECRETARIAT, heading="Update several"),
    Place("questions to settle", f"{QUESTIONS}?kind=missing_lead", who=SECRETARIAT, heading="Open questions"),
    Place("settle a reading", f"{QUESTIONS}reading/activity/A.1.1.2/", who=SECRETARIAT, heading="Is the transcription"),
    Place("settle a transfer", f"{QUESTIONS}transfer_note/area/B.4.2/", who=SECRETARIAT, heading="be transferred"),
    Place(
        "settle contradictory reports",
        f"{QUESTIONS}contradictory_reports/activity/{REPORTED}/",
        who=SECRETARIAT,
        heading="Which of the reports",
    ),
    Place(
        "settle a missing lead, with errors",
        f"{QUESTIONS}missing_lead/activity/A.1.1.2/",
        who=SECRETARIAT,
        then=send_empty_form,
        heading="Which body leads",
    ),
    Place("password change", "/accounts/password/change/", who=SECRETARIAT),
    Place("my account", "/accounts/settings/", who=FOCAL_POINT, heading="My account"),
    Place("admin", "/admin/", who=ADMINISTRATOR),
    Place("system", "/system/", who=ADMINISTRATOR, heading="System"),
    Place("admin, list", "/admin/workplan/activity/?q=training", who=ADMINISTRATOR, allowed=DJANGOS_OWN),
    Place(
        "admin, status update",
        "/admin/workplan/statusupdate/",
        who=ADMINISTRATOR,
        then=open_the_first,
        allowed=DJANGOS_OWN,
    ),
    Place("admin, form", "/admin/workplan/sectoralbody/", who=ADMINISTRATOR, then=open_the_first, allowed=DJANGOS_OWN),
)

# Views of SOMTC's focal point: shared, private, one that can no longer be read (``tests.browser.test_every_page``).
LONG_VIEW = "Training that has not begun, with a name that goes on for as long as names of views may go on in the list"
VIEWS = (
    Place("views", "/views/", heading="Saved views"),
    Place("views, bad filter", "/views/?page=x", 400, heading="Saved views"),
    Place("list of a view", f"{LIST}?view={{shared}}", heading="Activities", then=show_everything_folded),
    Place("list of a view that can no longer be read", f"{LIST}?view={{broken}}", 400, heading="Activities"),
    Place("matrix of a view", f"{PLAN}/?view={{shared}}", heading="Trafficking"),
    Place("feed that can no longer be read", "/views/{broken}/feed/", 400, heading="The filter could not be applied"),
    Place("no views of mine", "/views/", who=SECRETARIAT, heading="Saved views"),
    Place("my views", "/views/", who=FOCAL_POINT, heading="Saved views"),
    Place("private view", f"{LIST}?view={{private}}", who=FOCAL_POINT, heading="Activities"),
    Place("matrix to be saved", f"{PLAN}/?section=A", who=FOCAL_POINT, heading="Trafficking"),
    Place("save a view", f"{PLAN}/views/new/?query=section%3DA", who=FOCAL_POINT, heading="Save this view"),
    Place(
        "save a view with errors",
        f"{PLAN}/views/new/?query=section%3DA",
        who=FOCAL_POINT,
        heading="Save this view",
        then=send_empty,
    ),
    Place("save what cannot be read", f"{PLAN}/views/new/?query=a%3Db", 400, who=FOCAL_POINT, heading="Save this view"),
    Place("edit a view", "/views/{private}/edit/", who=FOCAL_POINT, heading="Edit"),
    Place("edit a view that can no longer be read", "/views/{broken}/edit/", who=FOCAL_POINT, heading="Edit"),
    Place("edit a view of another person", "/views/{shared}/edit/", who=SECRETARIAT, heading="Edit"),
    Place("delete a view", "/views/{shared}/delete/", who=FOCAL_POINT, heading="Delete"),
)

ROUNDS, ROUND = f"{PLAN}/rounds/", f"{PLAN}/rounds/2018-1/"
LEFT = f"{PLAN}/rounds/2020-2/"

# Pages of a round that is open, with a report of SOMTC in each state (``tests.larger_plans.make_scenario``).
REPORTING = (
    Place("home while a round is open", "/", heading="Trafficking"),
    Place("dashboard while a round is open", f"{PLAN}/dashboard/", heading="Dashboard", then=show_everything_folded),
    Place("dashboard for who takes part", f"{PLAN}/dashboard/?section=A", who=FOCAL_POINT, heading="Dashboard"),
    Place("changes in status", f"{PLAN}/compare/", heading="Changes in status", then=show_everything_folded),
    Place("changes in status, all of one section", f"{PLAN}/compare/?moved=all&section=A", heading="Changes in status"),
    Place("timeline", f"{PLAN}/timeline/", heading="Timeline", then=show_everything_folded),
    Place("timeline of a day", f"{PLAN}/timeline/?as_of=2020-01-01", heading="Timeline"),
    Place("timeline, bad half-year", f"{PLAN}/timeline/?half=2018-3", 400, heading="Timeline"),
    Place("rounds", ROUNDS, heading="Reporting rounds", then=show_everything_folded),
    Place("round", ROUND, heading="First half of 2018", then=show_everything_folded),
    Place("round that is planned", LEFT, heading="Second half of 2020"),
    Place("round, bad filter", f"{ROUND}?state=nonsense", 400, heading="First half of 2018"),
    Place("published report", "/reports/{approved}/", heading="Report on"),
    Place("somebody else's draft", "/reports/{draft}/", 404, heading="Not found"),
    Place("body with reports", f"{PLAN}/bodies/SOMTC/", heading="SOMTC"),
    Place("my work", "/my/", who=FOCAL_POINT, heading="My work", then=show_everything_folded),
    Place("round for who takes part", ROUND, who=FOCAL_POINT, heading="First half of 2018"),
    Place("begin a report", f"{LIST}C.1.1.1.1/report/", who=FOCAL_POINT, heading="Report of SOMTC"),
    Place("draft", "/reports/{draft}/edit/", who=FOCAL_POINT, heading="Report of SOMTC", then=show_everything_folded),
    Place("returned report, to be mended", "/reports/{returned}/edit/", who=FOCAL_POINT, heading="Report of SOMTC"),
    Place("submitted report of mine", "/reports/{submitted}/", who=FOCAL_POINT, heading="Report on"),
    Place("activity with my draft", activity("A.1.1.1"), who=FOCAL_POINT),
    Place("stop mails by a link that nobody signed", "/my/messages/stop/x/", 404, heading="This link does not work"),
    Place("email notifications", "/my/messages/", who=FOCAL_POINT, heading="Email notifications"),
    Place("what a workbook changes", "/imports/{import}/", who=FOCAL_POINT, heading="Changes in this file"),
    Place("import statuses", f"{PLAN}/import/", who=SECRETARIAT, heading="Import statuses"),
    Place("queue", "/review/", who=SECRETARIAT, heading="Review"),
    Place("queue, nothing found", "/review/?q=zebra", who=SECRETARIAT, heading="Review"),
    Place("queue, returned ones", "/review/?state=returned", who=SECRETARIAT, heading="Review"),
    Place("queue, bad filter", "/review/?state=nonsense", 400, who=SECRETARIAT, heading="Review"),
    Place(
        "report to review", "/reports/{submitted}/", who=SECRETARIAT, heading="Report on", then=show_everything_folded
    ),
    Place("returned report", "/reports/{returned}/", who=SECRETARIAT, heading="Report on"),
    Place("plan the rounds", f"{ROUNDS}plan/", who=SECRETARIAT, heading="Plan the half-years"),
    Place("new round", f"{ROUNDS}new/", who=SECRETARIAT, heading="New round"),
    Place("new round with errors", f"{ROUNDS}new/", who=SECRETARIAT, heading="New round", then=send_empty_form),
    Place("change a round", f"{ROUND}edit/", who=SECRETARIAT, heading="Change"),
    Place("close a round", f"{ROUND}close/", who=SECRETARIAT, heading="Close"),
    Place("extend a deadline", f"{ROUND}exception/", who=SECRETARIAT, heading="Give a deadline extension"),
    Place("withdraw an extension", f"{ROUND}exception/ACWC/withdraw/", who=SECRETARIAT, heading="Withdraw"),
    Place("publish what is not closed", f"{ROUND}publish/", who=SECRETARIAT, heading="Publish"),
    Place("schedule publication", f"{ROUND}schedule/", who=SECRETARIAT, heading="Schedule publication"),
    Place("audit trail", "/audit/", who=SECRETARIAT, heading="Audit trail", then=show_everything_folded),
    Place("audit trail, nothing found", "/audit/?q=zebra", who=SECRETARIAT, heading="Audit trail"),
    Place("change set", "/audit/requests/r/", who=SECRETARIAT, heading="Change set"),
    Place("import a plan", "/plans/import/", who=SECRETARIAT, heading="Import a plan"),
    Place(
        "import a plan with errors", "/plans/import/", who=SECRETARIAT, heading="Import a plan", then=send_empty_form
    ),
    Place("what is read of a plan", "/plans/import/", who=SECRETARIAT, then=send_a_plan),
    Place("outgoing email", "/messages/", who=SECRETARIAT, heading="Outgoing email"),
    Place("update form in a round", update_of("A.1.1.2"), who=SECRETARIAT, heading="Update the status"),
)
