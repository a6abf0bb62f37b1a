"""Whole addresses begin with ``APTA_BASE_URL``, whatever host a client claims to have asked."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from tests.conftest import Cast, make_person
from tests.larger_plans import opened
from workplan.actions import Actor
from workplan.models import Activity, WorkPlan

Page = Callable[..., Client]
OURS = "https://plan.example.org"
CLAIMED = "localhost:8443"
ADDRESS = re.compile(r"https?://[^\s\"'<>\\]+")
# Names of formats and pages of others, which are no addresses of ours.
FOREIGN = re.compile(
    r"https?://(?:www\.w3\.org|www\.sitemaps\.org|schema\.org|example\.org|asean\.org|spdx\.org|[a-z.]*iatistandard\.org)"
)

PLAN = "/plans/tip-2016-2020"
PATHS = (
    "/",
    "/plans/",
    f"{PLAN}/",
    f"{PLAN}/activities/",
    f"{PLAN}/activities/?page=2",
    f"{PLAN}/activities/A.1.1.1/",
    f"{PLAN}/activities.csv",
    f"{PLAN}/bodies/SOMTC/",
    f"{PLAN}/bodies/SOMTC/deadlines.ics",
    f"{PLAN}/embed/status/",
    f"{PLAN}/status.svg",
    f"{PLAN}/dashboard/",
    "/search/?q=victims",
    "/sitemap.xml",
    "/robots.txt",
    "/api/docs/",
    "/api/docs/reference/",
    "/api/v1/",
    "/api/v1/schema/",
    "/api/v1/plans/",
    "/api/v1/activities/?limit=5&offset=5",
    "/api/v1/bodies/?limit=1",
    "/api/v1/rounds/",
    "/api/v1/updates/",
    "/api/v1/search/?q=victims&limit=2",
    "/api/v1/summary/",
    "/api/v1/questions/?limit=2",
    "/api/v1/views/",
    "/api/v1/compare/?from=2018-01-01&to=2018-12-31",
)


@pytest.fixture
def known_address(settings: Any) -> None:
    settings.BASE_URL = f"{OURS}/"
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost", "plan.example.org"]


def not_ours(text: str) -> list[str]:
    return [found for found in ADDRESS.findall(text) if not found.startswith(OURS) and not FOREIGN.match(found)]


@pytest.mark.parametrize("path", PATHS)
def test_no_answer_repeats_the_host_that_a_client_claims(
    path: str, known_address: None, cast: Cast, plan: WorkPlan
) -> None:
    opened(plan, Actor(cast.secretariat, "page", "r"))
    answer = Client(headers={"Host": CLAIMED}).get(path)
    content = b"".join(answer) if answer.streaming else answer.content
    assert answer.status_code in (200, 404), path
    assert CLAIMED not in content.decode(errors="replace")
    assert CLAIMED not in str(answer.headers)
    assert not_ours(content.decode(errors="replace")) == []


def test_the_link_for_a_new_password_leads_to_us(known_address: None, cast: Cast, mailoutbox: list[Any]) -> None:
    Client(headers={"Host": CLAIMED}).post("/accounts/password/reset/", {"email": "somchai@example.org"})
    [mail] = mailoutbox
    assert f"{OURS}/accounts/password/reset/key/" in mail.body
    assert not_ours(mail.body) == []
    assert CLAIMED not in mail.subject + mail.body + str(mail.extra_headers)


def test_what_a_program_writes_is_found_at_our_address(
    known_address: None, cast: Cast, api: Callable[..., Any]
) -> None:
    activity = Activity.objects.get(ref="A.1.1.1")
    program = api(cast.secretariat)
    tag = program.get(f"/api/v1/activities/{activity.pk}/", headers={"Host": CLAIMED})["ETag"]
    report = {
        "status": "ongoing",
        "as_of": "2018-06-30",
        "narrative": "Begun.",
        "evidence": [{"title": "Minutes", "url": "https://example.org/minutes"}],
    }
    headers = {"If-Match": tag, "Host": CLAIMED}
    made = program.post(f"/api/v1/activities/{activity.pk}/updates/", report, headers=headers)
    assert made.status_code == 201
    assert made["Location"].startswith(OURS)
    assert not_ours(made.content.decode()) == []


def test_without_a_known_address_a_trial_answers_with_the_host_that_was_asked(cast: Cast, settings: Any) -> None:
    settings.BASE_URL = ""
    settings.ALLOWED_HOSTS = ["localhost"]
    row = Client(headers={"Host": CLAIMED}).get("/api/v1/activities/?limit=1").json()
    assert row["next"].startswith(f"http://{CLAIMED}/api/v1/activities/")
    assert row["results"][0]["html_url"].startswith(f"http://{CLAIMED}/plans/")


def test_reminders_lead_to_us(known_address: None, cast: Cast, plan: WorkPlan, mailoutbox: list[Any]) -> None:
    make_person("ines", name="Ines New", body="SOMTC")
    opened(plan, Actor(cast.secretariat, "page", "r"))
    call_command("send_messages", verbosity=0)
    assert mailoutbox
    assert not_ours("\n".join(mail.body for mail in mailoutbox)) == []


@pytest.mark.engine_independent
def test_whole_addresses_are_made_in_one_place() -> None:
    root = Path(__file__).resolve().parents[2]
    makers = re.compile(r"build_absolute_uri|get_current_site|RequestSite|get_host\(|settings\.BASE_URL|\bBASE_URL\b")
    allowed = {
        "apta/addresses.py",
        "apta/settings.py",
        # Asks whether an address that was sent is one of ours, and makes none.
        "workplan/views/browsing.py",
        # Refuses to start where mails would lead nowhere.
        "workplan/management/mail.py",
        "apta/serving/safety.py",
    }
    found = {
        str(path.relative_to(root))
        for folder in ("apta", "workplan", "templates")
        for path in (root / folder).rglob("*.*")
        if path.suffix in {".py", ".html", ".txt", ".xml", ".svg"} and makers.search(path.read_text())
    }
    assert found <= allowed
