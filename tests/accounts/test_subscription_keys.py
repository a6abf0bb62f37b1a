"""Keys in the addresses of calendars and feeds: renewed, revoked, and ended with the account."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from django.test import Client, override_settings
from rest_framework.test import APIClient

from tests.conftest import Cast
from tests.larger_plans import saved
from workplan import actions, rules
from workplan.actions import Actor
from workplan.actions.subscriptions import key_of, reader_of
from workplan.exceptions import Invalid, NotAllowed
from workplan.models import AuditEntry, SavedView, User, WorkPlan

CALENDAR = "/plans/tip-2016-2020/bodies/ACWC/deadlines.ics"
Page = Callable[..., Client]


def by(user: User) -> Actor:
    return Actor(user, "page", "r")


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    with override_settings(PUBLIC_READ=False):
        yield


@pytest.fixture
def view(plan: WorkPlan, cast: Cast) -> SavedView:
    return saved(plan, cast.secretariat, "Prevention", "section=A")


def addresses(person: User, view: SavedView) -> dict[str, str]:
    return {
        rules.CALENDAR: f"{CALENDAR}?key={key_of(person, rules.CALENDAR)}",
        rules.FEED: f"/views/{view.slug}/feed/?key={key_of(person, rules.FEED)}",
    }


def answers(client: Client, of: dict[str, str]) -> dict[str, int]:
    return {purpose: client.get(address).status_code for purpose, address in of.items()}


def test_a_feed_of_a_closed_plan_opens_with_a_key(view: SavedView, cast: Cast, page: Page) -> None:
    html = page(cast.somtc).get("/views/").content.decode()
    (address,) = {part.split('"')[0] for part in html.split('href="') if "/feed/" in part.split('"')[0]}

    answer = page().get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    assert address in answer.content.decode(), "It names the address that it was asked by."
    assert "private" in answer["Cache-Control"]
    key = address.partition("=")[2]
    for wrong in (
        f"/views/{view.slug}/feed/",
        f"{address}x",
        f"{CALENDAR}?key={key}",
    ):
        refused = page().get(wrong)
        assert refused.status_code == 302 and refused["Location"].startswith("/accounts/login/"), wrong
    for other in ("/views/", f"/views/{view.slug}/", "/plans/tip-2016-2020/", "/api/v1/activities/"):
        assert page().get(f"{other}?key={key}").status_code in (302, 401), other
    assert page().get(f"/views/none/feed/?key={key}").status_code == 404
    assert page().get("/views/none/feed/").status_code == 302


def test_a_private_view_has_no_feed_whoever_has_a_key(view: SavedView, cast: Cast, page: Page) -> None:
    own = saved(WorkPlan.objects.get(), cast.somtc, "Mine", "section=B", is_shared=False)

    assert page().get(f"/views/{own.slug}/feed/?key={key_of(cast.somtc, rules.FEED)}").status_code == 404


def test_programs_are_given_the_address_of_the_feed_with_their_key(view: SavedView, cast: Cast) -> None:
    program = APIClient()
    _, key = actions.make_token(user=cast.newcomer, by=by(cast.newcomer))
    program.credentials(HTTP_AUTHORIZATION=f"Token {key}")

    (row,) = program.get("/api/v1/views/").json()["results"]

    asked = urlsplit(row["feed_url"])
    assert Client().get(f"{asked.path}?{asked.query}").status_code == 200


@pytest.mark.parametrize("purpose", rules.SUBSCRIPTIONS.values)
def test_a_key_is_renewed_and_revoked_on_the_page_of_the_account(
    view: SavedView, cast: Cast, page: Page, purpose: str
) -> None:
    client, first = page(cast.somtc), addresses(cast.somtc, view)
    other = next(one for one in first if one != purpose)
    assert answers(page(), first) == {purpose: 200, other: 200}

    text = client.post("/accounts/settings/keys/", {"purpose": purpose, "do": "renew"}, follow=True).content.decode()
    assert "has been renewed" in text
    second = addresses(cast.somtc, view)
    assert answers(page(), first) == {purpose: 302, other: 200}
    assert answers(page(), second) == {purpose: 200, other: 200}

    text = client.post("/accounts/settings/keys/", {"purpose": purpose, "do": "revoke"}, follow=True).content.decode()
    assert "has been revoked" in text and "Make a new key" in text
    assert answers(page(), second) == {purpose: 302, other: 200}
    assert key_of(cast.somtc, purpose) == ""
    place = "/views/" if purpose == rules.FEED else "/plans/tip-2016-2020/bodies/ACWC/"
    assert "?key=" not in client.get(place).content.decode()

    actions.renew_key(user=cast.somtc, purpose=purpose, by=by(cast.somtc))
    third = addresses(cast.somtc, view)
    assert answers(page(), third) == {purpose: 200, other: 200}
    assert answers(page(), {**first, **second}) == {purpose: 302, other: 200}
    entries = AuditEntry.objects.filter(record_type="subscriptionkey", actor=cast.somtc).order_by("pk")
    assert [one.action.rpartition(".")[2] for one in entries] == ["renewed", "revoked", "renewed"]


def test_what_the_form_cannot_mean_is_refused(cast: Cast, page: Page) -> None:
    client = page(cast.somtc)
    for wrong in ({}, {"purpose": "calendar"}, {"purpose": "mail", "do": "renew"}, {"do": "revoke"}):
        assert client.post("/accounts/settings/keys/", wrong).status_code == 400
    assert client.get("/accounts/settings/keys/").status_code == 302
    assert page().post("/accounts/settings/keys/", {"purpose": "calendar", "do": "renew"}).status_code == 302
    with pytest.raises(Invalid):
        actions.renew_key(user=cast.somtc, purpose="mail", by=by(cast.somtc))


def test_nobody_else_renews_or_revokes_a_key_but_administrators(cast: Cast) -> None:
    for person in (cast.acwc, cast.secretariat):
        for change in (actions.renew_key, actions.revoke_key):
            with pytest.raises(NotAllowed):
                change(user=cast.somtc, purpose=rules.FEED, by=by(person))
    actions.revoke_key(user=cast.somtc, purpose=rules.FEED, by=by(cast.administrator))
    actions.revoke_key(user=cast.somtc, purpose=rules.FEED, by=by(cast.administrator))
    assert AuditEntry.objects.filter(action="subscriptionkey.revoked").count() == 1


@pytest.mark.parametrize("how", ["deactivated", "deactivated and activated", "signed out everywhere", "deleted"])
def test_keys_end_with_the_account_and_its_access(view: SavedView, cast: Cast, page: Page, how: str) -> None:
    person = cast.newcomer
    if how != "deleted":  # whoever has done something is not deleted
        actions.renew_key(user=person, purpose=rules.FEED, by=by(person))
    before = addresses(person, view)
    assert answers(page(), before) == {rules.CALENDAR: 200, rules.FEED: 200}
    if how.startswith("deactivated"):
        actions.close_account(user=person, by=by(cast.administrator))
        if how.endswith(" activated"):
            person.is_active = True
            actions.save_record(record=person, by=by(cast.administrator))
    elif how == "deleted":
        User.objects.filter(pk=person.pk).delete()
    else:
        actions.sign_out_everywhere(user=person, by=by(person))

    assert answers(page(), before) == {rules.CALENDAR: 302, rules.FEED: 302}


def test_a_key_that_nobody_made_reads_for_nobody(cast: Cast) -> None:
    for key in ("", "x", "1:x", str(cast.somtc.pk), f"{key_of(cast.somtc, rules.FEED)}0"):
        assert not reader_of(key, rules.FEED).is_authenticated
    assert key_of(cast.visitor, rules.FEED) == ""
    assert reader_of(key_of(cast.somtc, rules.FEED), rules.FEED) == cast.somtc


def test_an_open_plan_hands_out_no_keys(view: SavedView, cast: Cast, page: Page) -> None:
    with override_settings(PUBLIC_READ=True):
        for person in (cast.visitor, cast.somtc):
            assert "?key=" not in page(person).get("/views/").content.decode()
        assert (
            "addresses of calendars and feeds contain no key"
            in page(cast.somtc).get("/accounts/settings/").content.decode()
        )
