"""Who may do what: one table for every page, endpoint and verb.

A row names the request and, for each of the cast, the status that answers. 302 sends to the sign-in page.
"""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests.building import Stage, opened, saved, staged
from tests.conftest import Cast
from workplan import actions
from workplan.actions import Actor, Proof, Report
from workplan.models import Activity, SectoralBody, StatusUpdate, User, WorkPlan

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
    "as_of": "2026-11-20",
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
    (f"/plans/{CODE}/activities/", OPEN),
    (f"/plans/{CODE}/activities.csv", OPEN),
    (LEADS, OPEN),
    (NO_PART, OPEN),
    (f"/plans/{CODE}/bodies/", OPEN),
    (f"/plans/{CODE}/bodies/ACWC/", OPEN),
    (f"/plans/{CODE}/coverage/", OPEN),
    (f"/plans/{CODE}/coverage.csv", OPEN),
    (f"/plans/{CODE}/coverage.xlsx", OPEN),
    ("/search/?q=victims", OPEN),
    ("/style/", OPEN),
    ("/jump/?q=a114", OPEN),
    ("/my/", SIGNED_IN),
    (f"{LEADS}update/", SECRETARIAT_PAGE),
    (f"{NO_PART}update/", SECRETARIAT_PAGE),
    (f"/plans/{CODE}/activities/update/?ref=A.1.1.1", SECRETARIAT_PAGE),
    (f"/plans/{CODE}/compare/", OPEN),
    (f"/plans/{CODE}/compare.csv", OPEN),
    (f"/plans/{CODE}/compare.xlsx", OPEN),
    (f"/plans/{CODE}/timeline/", OPEN),
    (f"/plans/{CODE}/rounds/", OPEN),
    (f"/plans/{CODE}/rounds/completion.csv", OPEN),
    (f"/plans/{CODE}/rounds/2018-1/", OPEN),
    (f"/plans/{CODE}/rounds/2018-1/completion.csv", OPEN),
    (f"/plans/{CODE}/rounds/2018-1/completion.xlsx", OPEN),
    (f"/plans/{CODE}/rounds/new/", SECRETARIAT_PAGE),
    (f"/plans/{CODE}/rounds/plan/", SECRETARIAT_PAGE),
    (f"/plans/{CODE}/rounds/2018-1/edit/", SECRETARIAT_PAGE),
    (f"/plans/{CODE}/rounds/2018-1/exception/", SECRETARIAT_PAGE),
    (f"/plans/{CODE}/rounds/2018-1/close/", SECRETARIAT_PAGE),
    (f"/plans/{CODE}/bodies/SOMTC/deadlines.ics", OPEN),
    (f"/plans/{CODE}/questions/", OPEN),
    (f"/plans/{CODE}/questions.csv", OPEN),
    (f"/plans/{CODE}/questions/reading/activity/A.1.1.1/", OPEN),
    (f"{LEADS}report/", (302, 403, 200, 403, 302, 302)),  # the secretariat has a form of its own
    (f"{LEADS}contribution/", (302, 403, 403, 200, 403, 403)),
    ("/my/alike/", (302,) * 6),  # takes POST only, and leads back to the list
    ("/my/messages/", SIGNED_IN),
    ("/reports/{draft}/", (404, 404, 200, 404, 200, 200)),
    ("/reports/{submitted}/", (404, 404, 200, 404, 200, 200)),
    ("/reports/{returned}/", (404, 404, 200, 404, 200, 200)),
    ("/reports/{approved}/", OPEN),
    ("/reports/{draft}/edit/", (302, 404, 200, 404, 403, 403)),
    ("/reports/{submitted}/edit/", (302, 404, 302, 404, 403, 403)),
    ("/reports/{returned}/edit/", (302, 404, 200, 404, 403, 403)),
    ("/reports/{approved}/edit/", (302, 403, 302, 403, 403, 403)),
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
    ("/accounts/password/change/", SIGNED_IN),
    ("/admin/", ADMIN_PAGE),
    ("/admin/workplan/activity/", ADMIN_PAGE),
    ("/admin/workplan/sectoralbody/", ADMIN_PAGE),
    ("/admin/workplan/statusupdate/", ADMIN_PAGE),
    ("/admin/workplan/auditentry/", ADMIN_PAGE),
    ("/admin/workplan/user/", PEOPLE_PAGE),
    ("/admin/workplan/membership/", PEOPLE_PAGE),
    ("/api/docs/", OPEN),
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


@pytest.fixture
def ask(cast: Cast, page: Callable[..., Client]) -> Callable[..., list[int]]:
    def answers(address: str, form: dict[str, Any] | None = None) -> list[int]:
        found = []
        for person in PEOPLE:
            client = page(getattr(cast, person))
            sent = form and {**form, "version": str(Activity.objects.get(ref="A.1.1.1").version)}
            found.append((client.post(address, sent) if sent else client.get(address)).status_code)
        return found

    return answers


@pytest.fixture
def stage(cast: Cast, plan: WorkPlan) -> Stage:
    saved(plan, cast.somtc)
    saved(plan, cast.somtc, "Quiet work", "section=A", is_shared=False)
    return staged(secretariat=cast.secretariat, lead=cast.somtc)


@pytest.mark.parametrize(("address", "expected"), PAGES, ids=[address for address, _ in PAGES])
def test_who_may_open_a_page(
    stage: Stage, ask: Callable[..., list[int]], address: str, expected: tuple[int, ...]
) -> None:
    assert ask(address.format(**stage.names)) == list(expected)


def test_a_focal_point_reaches_no_draft_of_another_body_by_any_way(
    stage: Stage, cast: Cast, page: Callable[..., Client], api: Callable[..., APIClient]
) -> None:
    """By id, filter, search, export, feed or attachment: ACWC never meets what SOMTC has in the making."""
    secret = "Nobody else may read this yet"
    draft = stage.reports["draft"]
    report = Report(
        status="ongoing",
        as_of=datetime.date(2018, 6, 30),
        narrative=secret,
        evidence=(Proof(secret, "https://example.org/secret"),),
    )
    actions.save_report(update=draft, version=draft.version, report=report, by=Actor(cast.somtc, "page", "r"))
    evidence = draft.evidence.get().pk
    activity = draft.activity
    ways = [
        f"/reports/{draft.pk}/",
        f"/reports/{draft.pk}/edit/",
        f"/evidence/{evidence}/",
        "/search/?q=nobody",
        "/search/?q=nobdy",
        "/search/?q=nobody&body=SOMTC&kind=update&status=ongoing",
        "/jump/?q=nobody",
        "/my/",
        "/review/",
        activity.get_absolute_url(),
        f"{activity.get_absolute_url()}report/",
        f"/plans/{CODE}/",
        f"/plans/{CODE}/activities/?report_state=draft",
        f"/plans/{CODE}/activities.csv",
        f"/plans/{CODE}/rounds/2018-1/",
        f"/plans/{CODE}/rounds/2018-1/completion.csv",
        f"/plans/{CODE}/bodies/SOMTC/",
        f"/plans/{CODE}/bodies/SOMTC/deadlines.ics",
        "/audit/",
        "/messages/",
        "/api/v1/updates/",
        f"/api/v1/updates/{draft.pk}/",
        f"/api/v1/updates/{draft.pk}/comments/",
        "/api/v1/updates/?q=nobody",
        "/api/v1/search/?q=nobody",
        "/api/v1/search/?q=nobody&exact=1&status=ongoing",
        "/api/v1/updates/?state=draft",
        "/api/v1/updates/?body=SOMTC&round=2018-1",
        f"/api/v1/activities/{activity.pk}/",
        f"/api/v1/activities/{activity.pk}/updates/",
        "/api/v1/activities/?report_state=draft&round=2018-1",
        f"/api/v1/rounds/{stage.round.pk}/obligations/",
        f"/api/v1/rounds/{stage.round.pk}/completion/",
        "/api/v1/contributions/",
    ]
    for person in (cast.acwc, cast.newcomer, None):
        browser, program = page(person), api(person)
        for way in ways:
            response = (program if way.startswith("/api/") else browser).get(way)
            content = b"".join(response) if response.streaming else response.content  # type: ignore[arg-type]
            assert secret.encode() not in content, (person, way)
            if not way.startswith("/reports/"):  # a page for signing in knows where one came from
                assert f"/reports/{draft.pk}/".encode() not in content, (person, way)
            if f"/{draft.pk}/" in way or "evidence" in way:
                assert response.status_code in (302, 401, 404), (person, way)
        assert program.get("/api/v1/updates/?state=draft").json()["count"] == 0
        found = program.get("/api/v1/search/?q=nobody").json()
        assert (found["count"], found["facets"]["kind"], found["instead_of"]) == (0, [], None)
        assert program.get("/api/v1/activities/?report_state=draft").json()["count"] == 0


def test_who_may_record_a_status_on_a_page(ask: Callable[..., list[int]]) -> None:
    assert ask(f"{LEADS}update/", UPDATE) == list(SECRETARIAT_FORM)
    assert set(StatusUpdate.objects.values_list("author__username", flat=True)) == {"sari", "ada"}


def test_who_may_record_a_status_in_bulk(cast: Cast, page: Callable[..., Client]) -> None:
    answers = []
    for person in PEOPLE:
        activity = Activity.objects.get(ref="A.1.1.1")
        form = {**UPDATE, "activity": [f"{activity.pk}:{activity.version}"]}
        answers.append(page(getattr(cast, person)).post(f"/plans/{CODE}/activities/update/", form).status_code)

    assert answers == list(SECRETARIAT_FORM)


@pytest.mark.parametrize("path", READ)
def test_everybody_may_read_the_api(cast: Cast, api: Callable[..., APIClient], path: str) -> None:
    activity = Activity.objects.get(ref="A.1.1.1")
    made = api(cast.secretariat).post(
        f"/api/v1/activities/{activity.pk}/updates/",
        {"status": "ongoing", "as_of": "2026-11-20", "narrative": "Begun."},
        headers={"If-Match": '"1"'},
    )
    the_round = opened(WorkPlan.objects.get(), Actor(cast.secretariat, "page", "r"))
    address = "/api/v1/" + path.format(activity=activity.pk, update=made.json()["id"], round=the_round.pk)

    assert [api(getattr(cast, person)).get(address).status_code for person in PEOPLE] == [200] * 6


def test_who_may_record_a_status_by_api(cast: Cast, api: Callable[..., APIClient]) -> None:
    answers = []
    for person in PEOPLE:
        activity = Activity.objects.get(ref="A.1.1.1")
        response = api(getattr(cast, person)).post(
            f"/api/v1/activities/{activity.pk}/updates/",
            {"status": "ongoing", "as_of": "2026-11-20", "narrative": "Begun."},
            headers={"If-Match": f'"{activity.version}"'},
        )
        answers.append(response.status_code)

    assert answers == list(API_WRITE)


@pytest.mark.parametrize("verb", ["put", "patch", "delete", "post"])
@pytest.mark.parametrize("path", ["plans/", "bodies/", "activities/", "activities/{activity}/", "updates/", "summary/"])
def test_the_plan_cannot_be_edited_by_api(cast: Cast, api: Callable[..., APIClient], path: str, verb: str) -> None:
    address = "/api/v1/" + path.format(activity=Activity.objects.get(ref="A.1.1.1").pk)

    answers = [getattr(api(getattr(cast, person)), verb)(address, {}).status_code for person in PEOPLE]

    assert set(answers) <= {401, 403, 405}


def test_a_closed_installation_asks_every_reader_who_they_are(
    cast: Cast, api: Callable[..., APIClient], settings: Any
) -> None:
    settings.PUBLIC_READ = False
    activity = Activity.objects.get(ref="A.1.1.1").pk

    for path in READ:
        if "{update}" in path or "{round}" in path or path == "schema/":  # the schema tells nothing of the plan
            continue
        address = "/api/v1/" + path.format(activity=activity)
        assert api().get(address).status_code == 401, path
        assert api(cast.newcomer).get(address).status_code == 200, path


# What a closed installation tells those who have not signed in, besides where to do that.
STILL_OPEN = {"/robots.txt": 200, "/sitemap.xml": 404, "/api/docs/": 200}


def test_a_closed_installation_shows_a_visitor_nothing_but_the_way_to_sign_in(
    stage: Stage, page: Callable[..., Client], settings: Any
) -> None:
    settings.PUBLIC_READ = False
    plan = WorkPlan.objects.get()
    for address, _ in PAGES:
        where = address.format(**stage.names)
        response = page().get(where)
        assert response.status_code == STILL_OPEN.get(where, 302), where
        shown = page().get(where, follow=True).content.decode()
        assert plan.title not in shown and CODE not in shown.replace(f"/plans/{CODE}", ""), where
        assert 'rel="canonical"' not in shown and "og:" not in shown, where


def test_an_account_that_was_closed_may_nothing(cast: Cast, page: Callable[..., Client]) -> None:
    client = page(cast.secretariat)
    User.objects.filter(pk=cast.secretariat.pk).update(is_active=False)

    assert client.get(f"{LEADS}update/").status_code == 302
    assert client.post(f"{LEADS}update/", UPDATE).status_code == 403
    assert not StatusUpdate.objects.exists()


def test_the_table_of_pages_names_every_address(cast: Cast) -> None:
    from workplan.urls import urlpatterns

    numbers = dict.fromkeys(("draft", "submitted", "returned", "approved", "draft_evidence"), 1)
    named = [address.split("?")[0].format(**numbers) for address, _ in PAGES]
    for pattern in urlpatterns:
        if pattern.name == "do-report":  # takes POST only; by state and verb in DEEDS
            continue
        assert any(pattern.resolve(address.lstrip("/")) for address in named), pattern.name


def test_the_bodies_of_the_table_have_the_parts_it_says(cast: Cast) -> None:
    assert SectoralBody.objects.get(acronym="SOMTC") in Activity.objects.get(ref="A.1.1.1").lead_bodies
    assert SectoralBody.objects.get(acronym="ACWC") in Activity.objects.get(ref="A.1.1.1").cooperating_bodies
    assert "ACWC" not in str(Activity.objects.get(ref="A.1.1.4").cooperating_bodies)
