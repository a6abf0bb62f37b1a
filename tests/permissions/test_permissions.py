"""Who may do what: one table for every page, endpoint and verb.

A row names the request and, for each of the cast, the status that answers. 302 sends to the sign-in page.
"""

import copy
import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests.conftest import Cast
from tests.larger_plans import Scenario, make_scenario, saved
from tests.permissions.pages import (
    API_WRITE,
    CODE,
    LEADS,
    PAGES,
    PEOPLE,
    PRIVATE,
    READ,
    SECRETARIAT_FORM,
    UPDATE,
    send_files,
)
from workplan import actions, rules
from workplan.actions import Actor, EvidenceItem, Report
from workplan.models import Activity, SavedView, SectoralBody, StatusUpdate, User, WorkPlan


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


def save_privately(plan: WorkPlan, owner: User) -> None:
    """A private view of ``owner``, at an address that the tables can name."""
    view = saved(plan, owner, "Quiet work", "section=A", is_shared=False)
    SavedView.objects.filter(pk=view.pk).update(slug=PRIVATE)


@pytest.fixture(scope="module")
def module_scenario(module_database: Cast) -> Scenario:
    cast, plan = module_database, WorkPlan.objects.get()
    saved(plan, cast.somtc)
    save_privately(plan, cast.somtc)
    scenario = make_scenario(secretariat=cast.secretariat, lead=cast.somtc, more_time="ACWC")
    send_files(scenario, secretariat=cast.secretariat, lead=cast.somtc)
    return scenario


@pytest.fixture
def scenario(module_scenario: Scenario, db: None) -> Scenario:
    return copy.deepcopy(module_scenario)


@pytest.mark.parametrize(("address", "expected"), PAGES, ids=[address for address, _ in PAGES])
def test_who_may_open_a_page(
    scenario: Scenario, ask: Callable[..., list[int]], address: str, expected: tuple[int, ...]
) -> None:
    assert ask(address.format(**scenario.names)) == list(expected)


def test_a_focal_point_reaches_no_draft_of_another_body_by_any_way(
    scenario: Scenario, cast: Cast, page: Callable[..., Client], api: Callable[..., APIClient]
) -> None:
    """By id, filter, search, export, feed or attachment: ACWC never meets what SOMTC has in the making."""
    secret = "Nobody else may read this yet"
    draft = scenario.reports["draft"]
    report = Report(
        status="ongoing",
        as_of=datetime.date(2018, 6, 30),
        narrative=secret,
        evidence=(EvidenceItem(secret, "https://example.org/secret"),),
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
        f"/api/v1/rounds/{scenario.round.pk}/obligations/",
        f"/api/v1/rounds/{scenario.round.pk}/completion/",
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
def test_everybody_may_read_the_api(scenario: Scenario, cast: Cast, api: Callable[..., APIClient], path: str) -> None:
    approved = scenario.reports["approved"]
    address = "/api/v1/" + path.format(activity=approved.activity_id, update=approved.pk, round=scenario.round.pk)

    assert [api(getattr(cast, person)).get(address).status_code for person in PEOPLE] == [200] * 6


def test_who_may_record_a_status_by_api(cast: Cast, api: Callable[..., APIClient]) -> None:
    answers = []
    for person in PEOPLE:
        activity = Activity.objects.get(ref="A.1.1.1")
        response = api(getattr(cast, person)).post(
            f"/api/v1/activities/{activity.pk}/updates/",
            {"status": "ongoing", "as_of": "2020-06-30", "narrative": "Begun."},
            headers={"If-Match": f'"{activity.version}"'},
        )
        answers.append(response.status_code)

    assert answers == list(API_WRITE)


@pytest.mark.parametrize("verb", ["put", "patch", "delete", "post"])
@pytest.mark.parametrize("path", ["plans/", "bodies/", "activities/", "activities/{activity}/", "updates/", "summary/"])
def test_the_plan_cannot_be_edited_by_api(cast: Cast, api: Callable[..., APIClient], path: str, verb: str) -> None:
    address = "/api/v1/" + path.format(activity=Activity.objects.get(ref="A.1.1.1").pk)

    answers = [getattr(api(getattr(cast, person)), verb)(address, {}).status_code for person in PEOPLE]

    assert answers == [405] * len(PEOPLE)


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
STILL_OPEN = {
    **{"/robots.txt": 200, "/sitemap.xml": 404, "/.well-known/security.txt": 404},
    **{"/api/docs/": 200, "/api/docs/reference/": 200},
    "/my/messages/stop/x/": 404,  # the link of a mail needs no signing in
}


def test_a_closed_installation_shows_a_visitor_nothing_but_the_way_to_sign_in(
    scenario: Scenario, page: Callable[..., Client], settings: Any
) -> None:
    settings.PUBLIC_READ = False
    plan = WorkPlan.objects.get()
    for address, _ in PAGES:
        where = address.format(**scenario.names)
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

    numbers = dict.fromkeys((*rules.REPORT_STATES.values, "draft_evidence", "import", "plan_import", "document"), 1)
    named = [address.split("?")[0].format(**numbers) for address, _ in PAGES]
    for pattern in urlpatterns:
        if pattern.name == "report-action":  # takes POST only; by state and verb in ACTIONS
            continue
        assert any(pattern.resolve(address.lstrip("/")) for address in named), pattern.name


def test_the_bodies_of_the_table_have_the_parts_it_says(cast: Cast) -> None:
    assert SectoralBody.objects.get(acronym="SOMTC") in Activity.objects.get(ref="A.1.1.1").lead_bodies
    assert SectoralBody.objects.get(acronym="ACWC") in Activity.objects.get(ref="A.1.1.1").cooperating_bodies
    assert "ACWC" not in str(Activity.objects.get(ref="A.1.1.4").cooperating_bodies)
