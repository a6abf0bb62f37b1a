"""Who may do what: one table for every page, endpoint and verb.

A row names the request and, for each of the cast, the status that answers. 302 sends to the sign-in page.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests.conftest import Cast
from workplan.models import Activity, SectoralBody, StatusUpdate, User

CODE = "tip-2016-2020"
PEOPLE = ("visitor", "newcomer", "somtc", "acwc", "secretariat", "administrator")

OPEN = (200,) * 6
SIGNED_IN = (302, 200, 200, 200, 200, 200)
SECRETARIAT_PAGE = (302, 403, 403, 403, 200, 200)
SECRETARIAT_FORM = (302, 403, 403, 403, 302, 302)
ADMIN_PAGE = (302, 403, 403, 403, 200, 200)
PEOPLE_PAGE = (302, 403, 403, 403, 403, 200)
API_WRITE = (401, 403, 403, 403, 201, 201)
API_NO_SUCH_VERB = (401, 405, 405, 405, 405, 405)

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
    (f"/plans/{CODE}/activities/", OPEN),
    (f"/plans/{CODE}/activities.csv", OPEN),
    (LEADS, OPEN),
    (NO_PART, OPEN),
    (f"/plans/{CODE}/bodies/", OPEN),
    (f"/plans/{CODE}/bodies/ACWC/", OPEN),
    ("/search/?q=victims", OPEN),
    ("/my/", SIGNED_IN),
    (f"{LEADS}update/", SECRETARIAT_PAGE),
    (f"{NO_PART}update/", SECRETARIAT_PAGE),
    (f"/plans/{CODE}/activities/update/?ref=A.1.1.1", SECRETARIAT_PAGE),
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
    "summary/",
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


@pytest.mark.parametrize(("address", "expected"), PAGES, ids=[address for address, _ in PAGES])
def test_who_may_open_a_page(ask: Callable[..., list[int]], address: str, expected: tuple[int, ...]) -> None:
    assert ask(address) == list(expected)


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
    address = "/api/v1/" + path.format(activity=activity.pk, update=made.json()["id"])

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
        if "{update}" in path or path == "schema/":  # the schema tells nothing of the plan
            continue
        address = "/api/v1/" + path.format(activity=activity)
        assert api().get(address).status_code == 401, path
        assert api(cast.newcomer).get(address).status_code == 200, path


def test_an_account_that_was_closed_may_nothing(cast: Cast, page: Callable[..., Client]) -> None:
    client = page(cast.secretariat)
    User.objects.filter(pk=cast.secretariat.pk).update(is_active=False)

    assert client.get(f"{LEADS}update/").status_code == 302
    assert client.post(f"{LEADS}update/", UPDATE).status_code == 302
    assert not StatusUpdate.objects.exists()


def test_the_table_of_pages_names_every_address(cast: Cast) -> None:
    from workplan.urls import urlpatterns

    named = [address.split("?")[0] for address, _ in PAGES]
    for pattern in urlpatterns:
        assert any(pattern.resolve(address.lstrip("/")) for address in named), pattern.name


def test_the_bodies_of_the_table_have_the_parts_it_says(cast: Cast) -> None:
    assert SectoralBody.objects.get(acronym="SOMTC") in Activity.objects.get(ref="A.1.1.1").lead_bodies
    assert SectoralBody.objects.get(acronym="ACWC") in Activity.objects.get(ref="A.1.1.1").cooperating_bodies
    assert "ACWC" not in str(Activity.objects.get(ref="A.1.1.4").cooperating_bodies)
