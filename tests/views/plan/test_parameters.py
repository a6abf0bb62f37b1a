"""What stands in the address of a page: parameters of others, empty ones, and a day that was chosen."""

import re
from typing import Any

import pytest

from tests.conftest import Cast
from workplan import actions, rules
from workplan.actions import Actor
from workplan.models import WorkPlan

CODE = "tip-2016-2020"
PLAN = f"/plans/{CODE}"
ADDED = "utm_source=mail&utm_campaign=x&fbclid=1&gclid=2&_gl=3&data=05%7C02&mc_eid=4"
PAGES = (
    "/",
    f"{PLAN}/",
    f"{PLAN}/dashboard/",
    f"{PLAN}/activities/",
    f"{PLAN}/activities/A.1.1.4/",
    f"{PLAN}/bodies/",
    f"{PLAN}/bodies/SOMTC/",
    f"{PLAN}/coverage/",
    f"{PLAN}/timeline/",
    f"{PLAN}/compare/",
    f"{PLAN}/questions/",
    f"{PLAN}/rounds/",
    f"{PLAN}/rounds/2016-1/",
    f"{PLAN}/embed/status/",
    "/views/",
    "/search/",
    "/my/",
    "/review/",
    "/audit/",
    "/messages/",
)


@pytest.fixture
def secretariat(cast: Cast, plan: WorkPlan, page: Any) -> Any:
    actions.plan_rounds(plan=plan, by=Actor(cast.secretariat, "page", "r"))
    return page(cast.secretariat)


@pytest.mark.parametrize("address", PAGES)
def test_pages_leave_out_what_links_gather_on_their_way(secretariat: Any, address: str) -> None:
    plain = secretariat.get(address)
    answer = secretariat.get(f"{address}?{ADDED}")

    assert answer.status_code == plain.status_code in (200, 302)
    assert "Not a filter of this page" not in answer.content.decode()


def test_a_page_names_what_it_left_out_and_shows_the_rest(secretariat: Any) -> None:
    answer = secretariat.get(f"{PLAN}/activities/?stauts=ongoing&section=A")
    content = answer.content.decode()
    assert answer.status_code == 200 and "ignored: <code>stauts</code>" in content
    assert (
        answer.context["listing"].number == secretariat.get(f"{PLAN}/activities/?section=A").context["listing"].number
    )
    assert "stauts" not in answer.context["listing"].filter_query
    assert secretariat.get(f"{PLAN}/activities/?status=nonsense").status_code == 400


@pytest.mark.parametrize(
    "address",
    [
        f"{PLAN}/activities.csv",
        f"{PLAN}/status.svg",
        f"{PLAN}/coverage.csv",
        f"{PLAN}/compare.xlsx",
        f"{PLAN}/questions.csv",
        "/api/v1/activities/",
        "/api/v1/search/",
    ],
)
def test_programs_and_files_refuse_what_is_not_theirs(secretariat: Any, address: str) -> None:
    assert secretariat.get(f"{address}?utm_source=mail").status_code == 400


@pytest.mark.parametrize(
    ("asked", "clean"),
    [
        (f"{PLAN}/activities/?q=&status=ongoing&role=&updated_since=", f"{PLAN}/activities/?status=ongoing"),
        (f"{PLAN}/activities/?q=&role=", f"{PLAN}/activities/"),
        (f"{PLAN}/activities/?status=ongoing&status=&as_of=", f"{PLAN}/activities/?status=ongoing"),
        (f"{PLAN}/compare/?from=&to=&section=A", f"{PLAN}/compare/?section=A"),
        ("/search/?q=", "/search/"),
        ("/audit/?person=&q=%20", "/audit/"),
    ],
)
def test_addresses_carry_no_empty_parameters(secretariat: Any, asked: str, clean: str) -> None:
    moved = secretariat.get(asked)
    assert (moved.status_code, moved["Location"]) == (302, clean)
    assert secretariat.get(clean).status_code == 200
    # A script sends the same form; the address beside its answer is the same one.
    assert secretariat.get(asked, headers={"HX-Request": "true"}).headers.get("HX-Push-Url") == clean


def test_a_chosen_day_travels_through_the_menu_until_back_to_today(secretariat: Any) -> None:
    day = "as_of=2018-12-31"
    start = secretariat.get(f"{PLAN}/activities/?{day}&section=A").content.decode()
    menu = re.search(r'<nav class="nav".*?</nav>', start, re.DOTALL)
    assert menu is not None
    links = [one.replace("&amp;", "&") for one in re.findall(r'href="(/[^"]*)"', menu[0]) if "/admin/" not in one]
    assert len(links) >= 10 and all(day in link for link in links)
    detail = f"{PLAN}/activities/A.1.1.1/?{day}"
    assert f'href="{detail}"' in start
    for link in (*links, detail):
        answer = secretariat.get(link)
        content = answer.content.decode()
        assert answer.status_code == 200, link
        assert ("<strong>Status as at" in content) != ("This page has no earlier versions" in content), link
        assert "Back to today</a>" in content
        assert f'href="{PLAN}/dashboard/?{day}"' in content
    today = secretariat.get(f"{PLAN}/rounds/?{day}").content.decode()
    assert '<a href="?">Back to today</a>' in today
    assert "as_of" not in secretariat.get(f"{PLAN}/rounds/").content.decode()
    # What is no day is named where days are read, and travels nowhere.
    assert secretariat.get(f"{PLAN}/rounds/?as_of=nonsense").status_code == 200
    assert secretariat.get(f"{PLAN}/activities/?as_of=nonsense").status_code == 400


def test_a_view_can_be_opened_with_what_its_link_gathered(plan: WorkPlan, cast: Cast, page: Any) -> None:
    view = actions.save_view(
        plan=plan,
        name="Labour",
        query="body=SLOM",
        page=rules.IN_LIST,
        is_shared=True,
        by=Actor(cast.somtc, "page", "r"),
    )
    opened = page().get(f"/views/{view.slug}/?fbclid=1", follow=True)
    assert opened.status_code == 200 and opened.redirect_chain
