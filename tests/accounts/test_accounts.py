"""Signing in and out, passwords, and accounts for a trial."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.conftest import PASSWORD, Cast
from workplan.models import AuditEntry, User

Page = Callable[..., Client]
NEW = "rain on the roof"


def sign_in(client: Client, username: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/accounts/login/", {"login": username, "password": password, **more})


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session and client.get("/accounts/password/change/").status_code == 200


def test_a_person_signs_in_and_out(cast: Cast, page: Page) -> None:
    client = page()
    assert client.get("/accounts/login/").status_code == 200
    response = sign_in(client, "sari")
    assert (response.status_code, response["Location"]) == (302, "/")
    assert is_signed_in(client)
    asked = client.get("/accounts/logout/")
    assert asked.status_code == 200
    assert 'method="post"' in asked.content.decode()
    assert is_signed_in(client), "looking at the page signs nobody out"
    assert client.post("/accounts/logout/")["Location"] == "/"
    assert not is_signed_in(client)


def test_a_person_comes_back_to_where_they_were(cast: Cast, page: Page) -> None:
    client = page()
    form = client.get("/accounts/login/?next=/plans/").content.decode()
    assert 'name="next" value="/plans/"' in form
    assert sign_in(client, "sari", next="/plans/")["Location"] == "/plans/"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "http:///evil.example"],
)
def test_signing_in_leads_to_no_other_site(elsewhere: str, cast: Cast, page: Page) -> None:
    assert "evil" not in sign_in(page(), "sari", next=elsewhere)["Location"]
    client = page()
    client.post(f"/accounts/login/?next={elsewhere}", {"login": "sari", "password": PASSWORD})
    response = client.get("/accounts/login/", {"next": elsewhere})
    assert "evil" not in response["Location"]
    assert "alert" not in response["Location"]


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("sari", "wrong"),
        ("nobody", PASSWORD),
        ("", ""),
        ("sari\x00", PASSWORD),
        ("sari", "\x00"),
        ("x" * 50_000, "x"),
        ("sari", "x" * 50_000),
        ("\uff53\uff41\uff52\uff49\u202e", "x"),
    ],
    ids=["wrong", "unknown", "empty", "nul", "nul-password", "long", "long-password", "odd"],
)
def test_what_does_not_fit_is_a_form_error_that_does_not_say_who_exists(
    username: str, password: str, cast: Cast, page: Page
) -> None:
    client = page()
    response = sign_in(client, username, password)
    assert response.status_code == 200
    assert response.context["form"].errors
    assert "error-summary" in response.content.decode()
    assert not is_signed_in(client)


def test_a_wrong_name_and_a_wrong_password_read_alike(cast: Cast, page: Page) -> None:
    known = sign_in(page(), "sari", "wrong").context["form"].errors.as_text()
    assert known == sign_in(page(), "nobody", "wrong").context["form"].errors.as_text()


def test_guessing_is_slowed_down_and_too_many_requests_get_a_page(cast: Cast, page: Page) -> None:
    client = page()
    for _ in range(5):
        sign_in(client, "sari", "wrong")
    response = sign_in(client, "sari")
    assert response.status_code in (200, 429)
    assert not is_signed_in(client)


def test_a_closed_account_does_not_sign_in(cast: Cast, page: Page) -> None:
    User.objects.filter(pk=cast.somtc.pk).update(is_active=False)
    client = page()
    assert sign_in(client, "somchai").status_code == 200
    assert not is_signed_in(client)


def test_a_demo_account_signs_in_on_a_trial_only(cast: Cast, page: Page, settings: Any) -> None:
    User.objects.filter(pk=cast.somtc.pk).update(is_demo=True)
    settings.TRIAL = True
    client = page()
    assert sign_in(client, "somchai").status_code == 302
    assert is_signed_in(client)

    settings.TRIAL = False
    assert client.get("/accounts/password/change/").status_code == 302, "its session is over, too"
    client = page()
    assert sign_in(client, "somchai").status_code == 200
    assert not is_signed_in(client)


def test_a_person_changes_their_password_and_stays_signed_in(cast: Cast, page: Page) -> None:
    client = page()
    sign_in(client, "sari")
    words = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    response = client.post("/accounts/password/change/", {**words, "oldpassword": "wrong"})
    assert response.status_code == 200
    assert client.post("/accounts/password/change/", words).status_code == 302
    assert is_signed_in(client)
    assert User.objects.get(username="sari").check_password(NEW)
    assert page().get("/accounts/password/change/").status_code == 302
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.actor, entry.channel) == ("user.password_changed", cast.secretariat, "page")
    assert NEW not in str(entry.changes)


def test_a_weak_password_is_refused(cast: Cast, page: Page) -> None:
    client = page(cast.secretariat)
    words = {"oldpassword": PASSWORD, "password1": "12345", "password2": "12345"}
    response = client.post("/accounts/password/change/", words)
    assert "too short" in response.content.decode()


def test_a_forgotten_password_is_replaced_by_a_link_that_works_once(
    cast: Cast, page: Page, mailoutbox: list[Any]
) -> None:
    client = page()
    assert client.get("/accounts/password/reset/").status_code == 200
    response = client.post("/accounts/password/reset/", {"email": "SOMCHAI@example.org"}, follow=True)
    assert "Check your email" in response.content.decode()
    [mail] = mailoutbox
    assert "somchai" in mail.body
    assert "new password" in mail.subject
    link = re.search(r"http://127.0.0.1:8000(/accounts/password/reset/key/\S+)", mail.body)
    assert link

    response = client.get(link[1], follow=True)
    assert "Choose a new password" in response.content.decode()
    form = response.request["PATH_INFO"]
    assert "set-password" in form, "the key does not stay in the address"
    response = client.post(form, {"password1": NEW, "password2": "other"})
    assert response.status_code == 200
    response = client.post(form, {"password1": NEW, "password2": NEW}, follow=True)
    assert "Your password is changed" in response.content.decode()
    assert sign_in(page(), "somchai", NEW).status_code == 302
    assert "no longer works" in page().get(link[1], follow=True).content.decode()
    entry = AuditEntry.objects.earliest("id")
    assert (entry.action, entry.actor) == ("user.password_reset", cast.somtc)


@pytest.mark.parametrize("key", ["1-nonsense", "zzzzzzzzzzzzz-x-y", "1-set-password", "1-%00", "0-0"])
def test_a_link_that_was_made_up_says_so(key: str, cast: Cast, page: Page) -> None:
    response = page().get(f"/accounts/password/reset/key/{key}/", follow=True)
    assert response.status_code == 200
    assert "no longer works" in response.content.decode()


@pytest.mark.parametrize("address", ["nobody@example.org", "stranger@elsewhere.example"])
def test_a_stranger_gets_no_mail_and_learns_nothing(
    address: str, cast: Cast, page: Page, mailoutbox: list[Any]
) -> None:
    response = page().post("/accounts/password/reset/", {"email": address}, follow=True)
    assert "Check your email" in response.content.decode()
    assert not mailoutbox


@pytest.mark.parametrize("address", ["", "nonsense", "a\x00@example.org", "x" * 50_000])
def test_an_address_that_is_none_is_a_form_error(address: str, cast: Cast, page: Page) -> None:
    response = page().post("/accounts/password/reset/", {"email": address})
    assert response.status_code == 200
    assert response.context["form"].errors


def test_a_person_without_a_password_is_led_to_getting_one(cast: Cast, page: Page) -> None:
    cast.newcomer.set_unusable_password()
    cast.newcomer.save()
    response = page(cast.newcomer).get("/accounts/password/change/", follow=True)
    assert response.request["PATH_INFO"] == reverse("account_reset_password")
    assert response.status_code == 200


@pytest.mark.parametrize("path", ["", "signup/", "email/", "confirm-email/", "reauthenticate/", "3rdparty/", "2fa/"])
def test_pages_that_apta_does_not_offer_do_not_exist(path: str, cast: Cast, page: Page) -> None:
    assert page().get(f"/accounts/{path}").status_code == 404
    assert page(cast.secretariat).post(f"/accounts/{path}", {"username": "eve"}).status_code == 404
    assert not User.objects.filter(username="eve").exists()


def test_the_other_pages_read_well(cast: Cast, page: Page) -> None:
    for path in ("inactive/", "password/reset/done/", "password/reset/key/done/"):
        response = page().get(f"/accounts/{path}")
        assert response.status_code == 200
        assert "<h1>" in response.content.decode()
