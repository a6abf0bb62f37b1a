"""User names in any case, a second sign-in page, and the token of a program at the address of evidence."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from tests.conftest import PASSWORD, Cast, make_person
from tests.larger_plans import opened
from tests.views.reporting.reports import ONGOING, PDF, by, draft_of
from workplan import actions
from workplan.actions import Actor, EvidenceItem, Report
from workplan.exceptions import Invalid
from workplan.models import User, WorkPlan


@pytest.mark.parametrize("name", ["somchai", "Somchai", "SOMCHAI", "ｓｏｍｃｈａｉ"])  # noqa: RUF001
def test_case_makes_no_difference_to_user_names(name: str, cast: Cast, client: Client) -> None:
    assert client.post("/accounts/login/", {"login": name, "password": PASSWORD}).status_code == 302
    sent = {"username": name, "password": PASSWORD}
    assert APIClient().post("/api/v1/token/", sent).status_code == 201


def test_where_two_names_differ_in_case_alone_the_exact_spelling_counts(cast: Cast, client: Client) -> None:
    other = User(username="Somchai")
    other.set_password("another long one")
    with pytest.raises(Invalid) as refused:
        actions.save_record(record=other, by=Actor(cast.administrator, "admin"))
    assert refused.value.fields == {"username": ["There is an account “somchai” already; case makes no difference."]}

    other.save()  # as an older version let it be made
    for name, password, status in (
        ("somchai", PASSWORD, 302),
        ("Somchai", "another long one", 302),
        ("Somchai", PASSWORD, 200),
        ("SOMCHAI", PASSWORD, 200),
    ):
        assert Client().post("/accounts/login/", {"login": name, "password": password}).status_code == status, name
    other.first_name = "Som"
    assert actions.save_record(record=other, by=Actor(cast.administrator, "admin"))


def test_phones_are_told_to_leave_a_user_name_as_it_is_typed(db: None, client: Client) -> None:
    page = client.get("/accounts/login/").content.decode()

    for attribute in ('autocapitalize="none"', 'spellcheck="false"', 'autocomplete="username"'):
        assert attribute in page


def test_a_second_sign_in_page_leads_on(cast: Cast) -> None:
    browser = Client(enforce_csrf_checks=True)
    first = browser.get("/accounts/login/?next=/my/").context["csrf_token"]
    second = browser.get("/accounts/login/?next=/views/").context["csrf_token"]
    sent = {"login": "somchai", "password": PASSWORD}
    answered = browser.post("/accounts/login/", {**sent, "csrfmiddlewaretoken": str(first), "next": "/my/"})
    assert answered["Location"] == "/my/"

    again = browser.post("/accounts/login/", {**sent, "csrfmiddlewaretoken": str(second), "next": "/views/"})
    assert (again.status_code, again["Location"]) == (302, "/views/")
    foreign = browser.post("/accounts/login/", {**sent, "csrfmiddlewaretoken": "x", "next": "https://example.org/"})
    assert (foreign.status_code, foreign["Location"]) == (302, "/")
    # Nobody signed in, and any other form: still refused.
    assert Client(enforce_csrf_checks=True).post("/accounts/login/", sent).status_code == 403
    assert browser.post("/accounts/settings/", {"time_zone": ""}).status_code == 403


@pytest.mark.parametrize("is_public", [True, False])
def test_a_program_opens_evidence_with_its_token(is_public: bool, plan: WorkPlan, cast: Cast, settings: Any) -> None:
    settings.PUBLIC_READ = is_public
    round_ = opened(plan, by(cast.secretariat))
    file = EvidenceItem("Minutes", file=SimpleUploadedFile("รายงานการฝึกอบรม.pdf", PDF))
    draft = draft_of(cast.somtc, round_, Report(**ONGOING.field_values, evidence=(file,)))
    keys = {who: actions.make_token(user=who, by=Actor(who, "api"))[1] for who in (cast.somtc, cast.newcomer)}
    program = APIClient(headers={"Authorization": f"Token {keys[cast.somtc]}"})
    [evidence] = program.get(f"/api/v1/updates/{draft.pk}/").json()["evidence"]

    answer: Any = program.get(evidence["url"])

    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, PDF)
    assert "%E0%B8%9D%E0%B8%B6%E0%B8%81" in answer["Content-Disposition"]
    stranger = APIClient(headers={"Authorization": f"Bearer {keys[cast.newcomer]}"})
    assert stranger.get(evidence["url"]).status_code == 404
    wrong = APIClient(headers={"Authorization": f"Token {'0' * 64}"}).get(evidence["url"])
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, "not_authenticated")
    assert APIClient().get(evidence["url"]).status_code == (404 if is_public else 302)


def test_json_may_begin_with_a_byte_order_mark(cast: Cast, client: Client) -> None:
    body = b'\xef\xbb\xbf{"username": "somchai", "password": "' + PASSWORD.encode() + b'"}'

    assert client.post("/api/v1/token/", body, content_type="application/json").status_code == 201


def test_a_password_is_set_by_a_name_in_any_case(cast: Cast) -> None:
    make_person("Zoë", name="Zoë Z")

    assert [one.username for one in User.objects.named("ZOË")] == ["Zoë"]
