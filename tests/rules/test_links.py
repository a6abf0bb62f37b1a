"""Links to evidence lead where their readers think, whichever way they come in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from tests.conftest import Cast
from workplan import rules
from workplan.models import Activity, Evidence, StatusUpdate, WorkPlan

FULL, UNSEEN, USER = "Give a full web address", "a character that cannot be seen", "before an “@”"

REFUSED = [
    ("https://asean.org@evil.org/", USER),
    ("https://asean.org:443@evil.org/", USER),
    ("https://asean.org%2Freport@evil.org/", USER),
    ("https://@evil.org/", USER),
    ("https://asean.org\\@evil.org/", UNSEEN),
    ("https:\\\\evil.org/", UNSEEN),
    ("https://asean.org/re\\port", UNSEEN),
    ("https://asean.org/a b", UNSEEN),
    ("https://asean.org/\u202egpj.exe", UNSEEN),
    ("https://asean.org/a\u200bb", UNSEEN),
    ("https://ase\u00adan.org/", UNSEEN),
    ("https://asean.org/\x01", UNSEEN),
    ("https://asean.org/\x7f", UNSEEN),
    ("https://asean.org/a\u00a0b", UNSEEN),
    ("javascript:alert(1)", FULL),
    ("data:text/html,a", FULL),
    ("ftp://asean.org/", FULL),
    ("//evil.org/", FULL),
    ("https:evil.org", FULL),
    ("https:/evil.org", FULL),
    ("https:///evil.org", FULL),
    ("https://", FULL),
    ("https://:443/", FULL),
    ("https://evil/", FULL),
    ("https://0x7f.1/", FULL),
    ("https://2130706433/", FULL),
    ("https://[::1/", FULL),
    ("https://asean\uff0forg/", FULL),
    ("https://asean.org:0/", FULL),
    ("https://asean.org:65536/", FULL),
    ("https://asean.org:port/", FULL),
    (f"https://{'a' * 64}.org/", FULL),
    (f"https://{'a.' * 200}org/", FULL),
    ("https://ase_an.org/", FULL),
]
HOSTS = [
    ("https://asean.org/report?of=2018#page", "asean.org"),
    ("HTTP://ASEAN.org:8080/", "asean.org"),
    ("https://asean.org/@secretariat", "asean.org"),
    ("https://10.0.0.1/", "10.0.0.1"),
    ("https://[2001:db8::1]/", "2001:db8::1"),
    ("https://localhost/", "localhost"),
    # A Cyrillic and a Latin a look alike, and a full-width stop is a stop.
    ("https://\u0430sean.org/", "xn--sean-43d.org"),
    ("https://asean.org\uff0eevil.org/", "asean.org.evil.org"),
    ("https://ไทย.th/รายงาน", "xn--o3cw4h.th"),
]


@pytest.mark.parametrize(("url", "problem"), REFUSED)
def test_a_link_that_leads_elsewhere_than_it_seems_is_refused(url: str, problem: str) -> None:
    assert problem in rules.problem_with_link(url)


@pytest.mark.parametrize(("url", "host"), HOSTS)
def test_the_host_of_a_link_is_told_as_it_is_known(url: str, host: str) -> None:
    assert rules.problem_with_link(url) == ""
    assert rules.host_of(url) == host


def test_of_links_kept_from_before_the_host_that_they_lead_to_is_told() -> None:
    assert rules.host_of("https://asean.org@evil.org/") == "evil.org"
    assert rules.host_of("https://evil.org\\@asean.org/") == "evil.org"


@given(st.text(max_size=60), st.sampled_from(["", "https://", "https://asean.org", "https://asean.org/", "https://["]))
def test_no_text_is_too_odd_to_be_judged(text: str, before: str) -> None:
    for function in (rules.problem_with_link, rules.host_of):
        assert isinstance(function(before + text), str)
    if not rules.problem_with_link(before + text):
        assert rules.host_of(before + text)


@pytest.fixture
def activity(plan: WorkPlan) -> Activity:
    return Activity.objects.get(ref="A.1.1.1")


WITH_USER = "https://asean.org@evil.org/report"


def test_every_way_in_asks_the_same_rule(
    cast: Cast, activity: Activity, page: Callable[..., Client], api: Callable[..., APIClient]
) -> None:
    said = {"status": "ongoing", "as_of": "2026-11-20", "narrative": "Begun."}
    evidence = {"title": "Minutes", "url": WITH_USER}
    rows = {"evidence-TOTAL_FORMS": "1", "evidence-INITIAL_FORMS": "0"}
    rows |= {f"evidence-0-{name}": value for name, value in evidence.items()}
    typed = {**said, "version": "1", "kind": "progress", **rows}
    address = f"/api/v1/activities/{activity.pk}/updates/"

    answers: list[Any] = [
        page(cast.secretariat).post(f"{activity.get_absolute_url()}update/", typed),
        page(cast.secretariat).post("/plans/tip-2016-2020/activities/update/", {**typed, "activity": "1:1"}),
        api(cast.secretariat).post(address, {**said, "evidence": [evidence]}, headers={"If-Match": '"1"'}),
    ]

    assert [answer.status_code for answer in answers] == [400] * 3
    assert all(USER in answer.content.decode() for answer in answers)
    assert not StatusUpdate.objects.exists()


def test_a_page_names_the_host_beside_each_link(
    cast: Cast, activity: Activity, page: Callable[..., Client], api: Callable[..., APIClient]
) -> None:
    said = {"status": "ongoing", "as_of": "2026-11-20", "narrative": "Begun."}
    evidence = [{"title": "ASEAN", "url": "https://\u0430sean.org/report"}]
    address = f"/api/v1/activities/{activity.pk}/updates/"
    made = api(cast.secretariat).post(address, {**said, "evidence": evidence}, headers={"If-Match": '"1"'})

    assert made.json()["evidence"][0]["url"] == evidence[0]["url"] == Evidence.objects.get().url
    shown = page().get(activity.get_absolute_url()).content.decode()
    assert '>ASEAN</a> <span class="meta">xn--sean-43d.org</span>' in shown
