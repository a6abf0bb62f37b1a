"""What a citizen or a journalist finds: the plan in plain words, its figures, and addresses that can be passed on."""

import datetime
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from tests.conftest import Cast
from tests.larger_plans import Scenario, make_scenario, opened
from workplan import actions
from workplan.actions import Actor, EvidenceItem, Report
from workplan.models import Activity, ReportingRound, SectoralBody, WorkPlan

Page = Callable[..., Client]
CODE = "tip-2016-2020"
PLAN = f"/plans/{CODE}"
REPORTED = {
    "status": "ongoing",
    "as_of": datetime.date(2018, 6, 30),
    "narrative": "The work is under way.",
    "evidence": (EvidenceItem("Minutes", "https://example.org/minutes"),),
}


def record(cast: Cast, ref: str, **values: Any) -> None:
    activity = Activity.objects.get(ref=ref)
    report = Report(**{**REPORTED, **values})
    actions.record_status(
        activity=activity, version=activity.version, report=report, by=Actor(cast.secretariat, "page", "r")
    )


def words(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def published(cast: Cast, plan: WorkPlan) -> ReportingRound:
    by = Actor(cast.secretariat, "page", "r")
    reporting_round = opened(plan, by)
    reporting_round = actions.close_round(reporting_round=reporting_round, version=reporting_round.version, by=by)
    return actions.publish_round(reporting_round=reporting_round, version=reporting_round.version, by=by)


@pytest.fixture
def scenario(cast: Cast) -> Scenario:
    return make_scenario(secretariat=cast.secretariat, lead=cast.somtc)


def test_every_figure_of_the_home_leads_to_as_many_rows(cast: Cast, page: Page) -> None:
    record(cast, "A.1.1.1")
    record(cast, "B.1.1.1", status="completed", outputs_delivered="A compilation.")
    content = page().get("/").content.decode()

    figures = re.findall(
        r'href="(/plans/[^"]+/activities/\?[^"]+)"[^>]*>(?:<span class="stat-number">)?([0-9]+)<', content
    )
    assert len(figures) == 6 + 2 * 4 + 2 * SectoralBody.objects.count()
    for address, number in figures:
        rows = page().get(address.replace("&amp;", "&")).context["listing"].number
        assert rows == int(number), address


def test_what_became_completed_stands_there_once_as_long_as_it_is_so(cast: Cast, page: Page) -> None:
    record(cast, "A.1.1.1", narrative="Only begun.")
    record(cast, "A.1.1.2", outputs_delivered="Not done.")
    record(
        cast, "A.1.1.3", status="completed", as_of=datetime.date(2018, 3, 31), outputs_delivered="A tool for teachers."
    )
    record(
        cast, "A.1.1.3", status="completed", as_of=datetime.date(2018, 6, 30), outputs_delivered="A tool for teachers."
    )
    record(cast, "A.1.1.3", kind="no_change", status="completed", narrative="", as_of=datetime.date(2018, 6, 30))
    record(cast, "B.1.1.1", status="completed", outputs_delivered="Too soon.")
    record(cast, "B.1.1.1", kind="correction", narrative="It is not done yet.", reason="Counted too early.")

    shown = words(page().get("/"))

    assert shown.count("A tool for teachers.") == 1 and "as at 31 Mar 2018" in shown
    assert "Not done." not in shown
    assert "Only begun." not in shown and "Too soon." not in shown and "It is not done yet." not in shown


def test_a_plan_without_reports_says_so(plan: WorkPlan, page: Page) -> None:
    shown = words(page().get("/"))

    assert "No activity has been reported as completed yet. Reporting has not begun." in shown
    assert "Latest published round None has been published yet." in shown
    assert "Reporting completion" not in shown


def test_the_last_published_round_stands_with_its_day_and_its_files(cast: Cast, plan: WorkPlan, page: Page) -> None:
    reporting_round = published(cast, plan)
    response = page().get("/")

    assert reporting_round.published_at is not None
    day = f"{reporting_round.published_at.astimezone(datetime.timezone(datetime.timedelta(hours=7))):%Y-%m-%d}"
    assert f'<time datetime="{day}">' in response.content.decode()
    assert "Latest published round First half of 2018 on" in words(response)
    for ending in ("csv", "xlsx"):
        address = f"{PLAN}/rounds/2018-1/completion.{ending}"
        assert f'href="{address}"' in response.content.decode()
        assert page().get(address).status_code == 200


def test_who_is_signed_in_finds_first_what_waits_for_them(scenario: Scenario, cast: Cast, page: Page) -> None:
    mine = page(cast.somtc).get("/my/").context["work"]
    outstanding = sum(number for label, number in mine.counts if label not in ("Submitted", "Approved"))

    assert f"{outstanding} reports due" in words(page(cast.somtc).get("/"))
    assert "1 report to review" in words(page(cast.secretariat).get("/"))
    for reader in (None, cast.newcomer):
        shown = words(page(reader).get("/"))
        assert f"{outstanding} reports due" not in shown and "to review" not in shown


PLACES = [
    ("/", "ASEAN Multi-Sectoral Work Plan", "73 activities"),
    (f"{PLAN}/", "Matrix", "in the order of the document"),
    (f"{PLAN}/activities/", "Activities", "by status, body"),
    (f"{PLAN}/activities/A.1.1.4/", "A.1.1.4 Develop a Regional Program", "Lead: SLOM, SOMTC."),
    (f"{PLAN}/dashboard/", "Dashboard", "by section, provision, body and reporting period"),
    (f"{PLAN}/bodies/", "Sectoral bodies", "leads and cooperates in"),
    (f"{PLAN}/bodies/SOMTC/", "SOMTC, Senior Officials Meeting", "Senior Officials Meeting on Transnational Crime"),
    (f"{PLAN}/rounds/", "Reporting rounds", "reporting completion"),
    (f"{PLAN}/rounds/2018-1/", "First half of 2018", "First half of 2018"),
    ("/plans/", "Work plans", "editions"),
]


@pytest.mark.parametrize(("address", "title", "description"), PLACES, ids=[place[0] for place in PLACES])
def test_a_link_to_a_page_shows_what_it_is_about(
    cast: Cast, plan: WorkPlan, page: Page, settings: Any, address: str, title: str, description: str
) -> None:
    published(cast, plan)
    settings.BASE_URL = "https://plan.example.org/"
    content = page().get(f"{address}?").content.decode()
    found = dict(re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)"', content))

    assert title in found["og:title"]
    assert f"<title>{found['og:title']} · apta</title>" in content
    assert description in found["description"] == found["og:description"]
    assert len(found["description"]) <= 300
    assert found["og:url"] == f"https://plan.example.org{address}"
    assert f'<link rel="canonical" href="https://plan.example.org{address}">' in content
    assert found["og:image"].startswith("https://plan.example.org/static/workplan/card")
    assert found["twitter:card"] == "summary_large_image"
    assert "robots" not in found


def test_the_home_of_the_current_plan_has_one_address_to_pass_on(plan: WorkPlan, page: Page) -> None:
    assert '<link rel="canonical" href="http://testserver/">' in page().get(f"{PLAN}/home/").content.decode()


def test_filters_and_days_are_the_same_page_to_whoever_passes_it_on(plan: WorkPlan, page: Page) -> None:
    content = page().get(f"{PLAN}/activities/?section=A&as_of=2020-01-01").content.decode()

    assert f'<link rel="canonical" href="http://testserver{PLAN}/activities/">' in content


@pytest.mark.parametrize("address", ["/accounts/login/", "/search/?q=victims", "/nothing/", f"{PLAN}/activities/Z/"])
def test_what_is_nobodys_to_find_asks_not_to_be_shown(plan: WorkPlan, page: Page, address: str) -> None:
    content = page().get(address).content.decode()

    assert '<meta name="robots" content="noindex">' in content
    assert "og:" not in content and "canonical" not in content


def test_a_host_that_is_not_served_is_told_so_in_a_page(plan: WorkPlan, page: Page) -> None:
    response = page().get("/", headers={"host": "elsewhere.example"})

    assert response.status_code == 400
    assert "could not be understood" in response.content.decode()


def test_the_card_for_links_is_small_and_of_the_size_that_is_told() -> None:
    card = (django_settings.BASE_DIR / "workplan/static/workplan/card.png").read_bytes()

    assert card.startswith(b"\x89PNG") and len(card) < 60_000
    assert (int.from_bytes(card[16:20]), int.from_bytes(card[20:24])) == (1200, 630)


def locations(client: Client) -> list[str]:
    response = client.get("/sitemap.xml")
    assert response["Content-Type"] == "application/xml"
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    return [one.text or "" for one in ElementTree.fromstring(response.content).iter(f"{space}loc")]


def test_the_site_map_names_every_public_page_and_each_answers(
    cast: Cast, plan: WorkPlan, page: Page, settings: Any
) -> None:
    published(cast, plan)
    settings.BASE_URL = "https://plan.example.org"

    found = locations(page())

    assert len(found) == len(set(found)) == 2 + 6 + Activity.objects.count() + SectoralBody.objects.count() + 1
    paths = [one.removeprefix("https://plan.example.org") for one in found]
    assert f"{PLAN}/rounds/2018-1/" in paths and f"{PLAN}/rounds/2018-2/" not in paths
    for path in [*paths[:8], *paths[-12:]]:
        content = page().get(path).content.decode()
        assert f'<link rel="canonical" href="https://plan.example.org{path}">' in content, path


def test_search_programs_are_told_what_to_leave_alone(plan: WorkPlan, page: Page) -> None:
    lines = page().get("/robots.txt").content.decode().splitlines()

    for path in ("/admin/", "/accounts/", "/my/", "/review/", "/audit/", "/api/v1/"):
        assert f"Disallow: {path}" in lines
    assert "Disallow: /" not in lines and f"Disallow: {PLAN}/" not in lines
    assert "Sitemap: http://testserver/sitemap.xml" in lines


def test_what_search_programs_leave_alone_is_not_on_the_site_map(cast: Cast, plan: WorkPlan, page: Page) -> None:
    published(cast, plan)
    rules = [line.removeprefix("Disallow: ") for line in page().get("/robots.txt").content.decode().splitlines()[1:]]
    left_alone = [re.compile(re.escape(rule).replace(r"\*", ".*")) for rule in rules if rule.startswith("/")]

    for one in locations(page()):
        path = one.removeprefix("http://testserver")
        assert not any(rule.match(path) for rule in left_alone), path
    for name in ("my", "review", "audit", "outbox", "message-preferences", "search", "account_login", "admin:index"):
        assert any(rule.match(reverse(name)) for rule in left_alone), name
    for path in (f"{PLAN}/activities/A.1.1.1/update/", f"{PLAN}/rounds/2018-1/edit/", "/reports/1/edit/"):
        assert any(rule.match(path) for rule in left_alone), path


def test_a_closed_installation_asks_search_programs_to_leave_all_alone(
    cast: Cast, plan: WorkPlan, page: Page, settings: Any
) -> None:
    settings.PUBLIC_READ = False

    assert page().get("/robots.txt").content == b"User-agent: *\nDisallow: /\n"
    assert page().get("/sitemap.xml").status_code == page(cast.secretariat).get("/sitemap.xml").status_code == 404
    assert '<meta name="robots" content="noindex">' in page(cast.newcomer).get("/").content.decode()


def test_a_closed_installation_invites_a_visitor_to_sign_in(plan: WorkPlan, page: Page, settings: Any) -> None:
    settings.PUBLIC_READ = False

    response = page().get("/", follow=True)

    assert response.redirect_chain == [("/accounts/login/?next=/", 302)]
    assert "You need an account to read this site" in words(response)
    assert plan.title not in words(response) and "Matrix" not in words(response)


def test_the_home_tells_a_visitor_nothing_of_what_is_in_the_making(scenario: Scenario, page: Page) -> None:
    content = page().get("/").content.decode()

    assert "Somchai" not in content and "to review" not in content
    assert page().get("/").context["rounds"].open[0].total.draft == 0
