"""Guessing passwords is slow at every door, and nobody can lock anybody else out."""

import datetime
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.conftest import PASSWORD, Cast

Page = Callable[..., Client]
NEW = "rain on the roof"
AWAY = "203.0.113.9"


@pytest.fixture(autouse=True)
def still() -> Iterator[time_machine.Traveller]:
    """A clock that only the test moves."""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


def address(number: int) -> str:
    return f"198.51.{100 + number // 250}.{number % 250 + 1}"


def sign_in(client: Client, name: str, password: str) -> int:
    """The status of the answer of the sign-in page: 302 in, 200 wrong, 429 too many."""
    return client.post("/accounts/login/", {"login": name, "password": password}).status_code


def get_token(client: Client, name: str, password: str) -> int:
    """The status of the answer of ``token/``: 201 in, 401 wrong, 429 too many."""
    body = {"username": name, "password": password}
    return client.post("/api/v1/token/", body, content_type="application/json").status_code


DOORS = {"sign-in page": sign_in, "token": get_token}
IN = {302, 201}
WRONG = {200, 401}
every_door = pytest.mark.parametrize("door", DOORS.values(), ids=list(DOORS))


def attack(name: str = "somchai", *, tries: int = 60, door: Callable[..., int] = get_token, away: int = 0) -> list[int]:
    """The answers to wrong passwords, each from another address and another process."""
    answers = []
    for number in range(tries):
        cache.clear()
        answers.append(door(Client(REMOTE_ADDR=address(away + number)), name, f"wrong {number}"))
    return answers


@every_door
def test_an_account_is_guarded_wherever_the_tries_come_from_and_whichever_process_counts_them(
    door: Callable[..., int], cast: Cast
) -> None:
    answers = attack(door=door)
    checked = [one for one in answers if one in WRONG]
    assert 5 <= len(checked) <= 20
    assert set(answers[len(checked) :]) == {429}
    assert door(Client(REMOTE_ADDR=AWAY), "somchai", PASSWORD) == 429, "not even the right one is looked at"
    assert door(Client(REMOTE_ADDR=AWAY), "aisyah", PASSWORD) in IN, "nobody else is concerned"


def test_what_one_door_has_counted_the_other_knows(cast: Cast) -> None:
    attack(door=get_token)
    assert sign_in(Client(REMOTE_ADDR=AWAY), "somchai", PASSWORD) == 429


@every_door
def test_one_address_is_guarded_whatever_names_it_tries(door: Callable[..., int], cast: Cast) -> None:
    answers = []
    for number in range(60):
        cache.clear()
        answers.append(door(Client(REMOTE_ADDR=AWAY), f"name{number}", "123456"))
    checked = [one for one in answers if one in WRONG]
    assert 10 <= len(checked) <= 30
    assert set(answers[len(checked) :]) == {429}
    assert door(Client(REMOTE_ADDR=address(1)), "somchai", PASSWORD) in IN


@every_door
def test_a_name_that_nobody_has_is_answered_like_one_that_somebody_has(door: Callable[..., int], cast: Cast) -> None:
    assert attack("somchai", door=door) == attack("nobody", door=door, away=500)


def test_addresses_of_one_network_of_the_new_kind_are_one(cast: Cast) -> None:
    answers = [
        get_token(Client(REMOTE_ADDR=f"2001:db8:1:2::{number:x}"), f"name{number}", "123456") for number in range(60)
    ]
    assert answers[-1] == 429


def test_the_wait_grows_with_each_wrong_try_and_ends(cast: Cast, still: time_machine.Traveller) -> None:
    waits: list[int] = []
    for _ in range(30):
        answer = Client(REMOTE_ADDR=AWAY).post(
            "/api/v1/token/", {"username": "somchai", "password": "wrong"}, content_type="application/json"
        )
        if answer.status_code == 429:
            error = answer.json()["error"]
            assert error["code"] == "throttled"
            assert "wait" in error["message"].lower()
            waits.append(int(answer["Retry-After"]))
            still.shift(datetime.timedelta(seconds=waits[-1]))
        else:
            assert answer.status_code == 401
    assert waits == sorted(waits)
    assert waits[-1] >= 8 * waits[0]
    assert waits[-1] <= 15 * 60, "nobody waits longer than a quarter of an hour"


def test_a_try_during_the_wait_does_not_make_it_longer(cast: Cast, still: time_machine.Traveller) -> None:
    def wait() -> int:
        body = {"username": "somchai", "password": PASSWORD}
        answer = Client(REMOTE_ADDR=AWAY).post("/api/v1/token/", body, content_type="application/json")
        return int(answer.get("Retry-After", "0"))

    attack(tries=30)
    first = wait()
    for _ in range(10):
        wait()
    assert wait() == first > 0
    still.shift(datetime.timedelta(seconds=first))
    assert wait() == 0


def test_what_was_wrong_long_ago_is_forgotten(cast: Cast, still: time_machine.Traveller) -> None:
    first = attack(tries=30)
    still.shift(datetime.timedelta(days=2))
    assert attack(tries=30) == first


def test_the_page_says_how_long_and_the_way_out(cast: Cast) -> None:
    attack()
    answer = Client(REMOTE_ADDR=AWAY).post("/accounts/login/", {"login": "somchai", "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    shown = answer.content.decode()
    assert "Too many attempts" in shown
    assert "/accounts/password/reset/" in shown


# A way in for the owner


def test_whoever_has_signed_in_on_a_device_is_not_locked_out_by_others(cast: Cast) -> None:
    mine = Client(REMOTE_ADDR=address(900))
    assert sign_in(mine, "somchai", PASSWORD) == 302
    mine.post("/accounts/logout/")
    attack(door=sign_in)
    # On a journey, with the same device.
    mine.defaults["REMOTE_ADDR"] = AWAY
    assert sign_in(mine, "somchai", PASSWORD) == 302


def test_a_program_that_has_had_a_token_at_its_address_is_not_locked_out_by_others(cast: Cast) -> None:
    program = Client(REMOTE_ADDR=AWAY)
    assert get_token(program, "somchai", PASSWORD) == 201
    attack()
    assert get_token(program, "somchai", PASSWORD) == 201


def test_a_neighbour_at_the_same_address_does_not_lock_out_a_known_device(cast: Cast) -> None:
    mine = Client(REMOTE_ADDR=AWAY)
    assert sign_in(mine, "somchai", PASSWORD) == 302
    mine.post("/accounts/logout/")
    answers = [sign_in(Client(REMOTE_ADDR=AWAY), "somchai", "wrong") for _ in range(30)]
    assert answers[-1] == 429
    answers = [get_token(Client(REMOTE_ADDR=AWAY), f"name{number}", "wrong") for number in range(60)]
    assert answers[-1] == 429
    assert sign_in(mine, "somchai", PASSWORD) == 302


@every_door
def test_a_known_place_is_guarded_too(door: Callable[..., int], cast: Cast) -> None:
    mine = Client(REMOTE_ADDR=AWAY)
    assert sign_in(mine, "somchai", PASSWORD) == 302
    mine.post("/accounts/logout/")
    answers = [door(mine, "somchai", "wrong") for _ in range(30)]
    assert len([one for one in answers if one in WRONG]) <= 10
    assert answers[-1] == 429


def test_the_mark_of_a_device_is_worth_nothing_for_another_account_or_made_up(cast: Cast) -> None:
    mine = Client(REMOTE_ADDR=AWAY)
    assert sign_in(mine, "somchai", PASSWORD) == 302
    attack("aisyah")
    mine.post("/accounts/logout/")
    assert sign_in(mine, "aisyah", PASSWORD) == 429
    attack("somchai")
    for cookie in list(mine.cookies):
        mine.cookies[cookie] = mine.cookies[cookie].value[:-3] + "abc"
    mine.defaults["REMOTE_ADDR"] = address(901)
    assert sign_in(mine, "somchai", PASSWORD) == 429


def test_the_mark_of_a_device_names_nobody_and_is_kept_from_scripts(cast: Cast) -> None:
    mine = Client()
    sign_in(mine, "somchai", PASSWORD)
    mark = mine.cookies["apta_device"]
    assert "somchai" not in mark.value.lower() and "Somchai" not in mark.value
    assert mark["httponly"]
    assert mark["samesite"] == "Lax"
    assert 0 < int(mark["max-age"]) <= 400 * 24 * 3600


def test_a_link_for_a_new_password_lets_the_owner_in_at_once(cast: Cast, mailoutbox: list[Any]) -> None:
    attack()
    mine = Client(REMOTE_ADDR=AWAY)
    assert sign_in(mine, "somchai", PASSWORD) == 429
    assert mine.post("/accounts/password/reset/", {"email": "somchai@example.org"}).status_code == 302
    link = re.search(r"/accounts/password/reset/key/\S+", mailoutbox[-1].body)
    assert link
    form = mine.get(link[0], follow=True).request["PATH_INFO"]
    assert mine.post(form, {"password1": NEW, "password2": NEW}).status_code == 302
    attack(away=100)
    assert sign_in(mine, "somchai", NEW) == 302
    assert get_token(Client(REMOTE_ADDR=AWAY), "somchai", NEW) == 201, "and a program at the same address"


def test_a_password_from_an_administrator_is_taken_at_once(cast: Cast, page: Page) -> None:
    attack()
    words = {"password1": NEW, "password2": NEW, "usable_password": "true", "set-password": "1"}
    assert page(cast.administrator).post(f"/admin/workplan/user/{cast.somtc.pk}/password/", words).status_code == 302
    assert sign_in(Client(REMOTE_ADDR=AWAY), "somchai", NEW) == 302


@every_door
def test_the_right_password_is_never_too_often(door: Callable[..., int], cast: Cast) -> None:
    assert {door(Client(REMOTE_ADDR=AWAY), "somchai", PASSWORD) for _ in range(25)} <= IN
    assert {door(Client(REMOTE_ADDR=address(n)), "somchai", PASSWORD) for n in range(25)} <= IN


def test_signing_in_oneself_does_not_wipe_out_what_an_address_has_tried(cast: Cast) -> None:
    answers = []
    for number in range(60):
        get_token(Client(REMOTE_ADDR=AWAY), "aisyah", PASSWORD)
        answers.append(get_token(Client(REMOTE_ADDR=AWAY), f"name{number}", "wrong"))
    assert answers[-1] == 429


# The other doors


def test_the_old_password_is_not_guessed_in_an_open_session(cast: Cast, page: Page) -> None:
    client = page(cast.somtc)
    answers = []
    for number in range(30):
        cache.clear()
        words = {"oldpassword": f"wrong {number}", "password1": NEW, "password2": NEW}
        answers.append(client.post("/accounts/password/change/", words).status_code)
    assert len([one for one in answers if one == 200]) <= 10
    assert answers[-1] == 429
    words = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert client.post("/accounts/password/change/", words).status_code == 429


def test_links_for_a_new_password_are_not_mailed_without_end(cast: Cast, mailoutbox: list[Any]) -> None:
    def ask(number: int, mail: str) -> int:
        cache.clear()
        return Client(REMOTE_ADDR=address(number)).post("/accounts/password/reset/", {"email": mail}).status_code

    answers = [ask(number, "somchai@example.org") for number in range(30)]
    assert 3 <= len(mailoutbox) <= 10
    assert answers[-1] == 429
    assert [ask(number, "nobody@example.org") for number in range(30)] == answers, "strangers are answered alike"
    answers = [
        Client(REMOTE_ADDR=AWAY).post("/accounts/password/reset/", {"email": f"n{number}@example.org"}).status_code
        for number in range(60)
    ]
    assert answers[-1] == 429


def test_the_administration_site_has_no_door_of_its_own(cast: Cast) -> None:
    attack(door=sign_in, name="ada")
    answer = Client(REMOTE_ADDR=AWAY).post("/admin/login/", {"username": "ada", "password": PASSWORD}, follow=True)
    assert answer.request["PATH_INFO"] == "/accounts/login/"


# Counting


@pytest.mark.django_db(transaction=True)
@every_door
def test_tries_at_the_same_moment_are_all_counted(door: Callable[..., int], cast: Cast) -> None:
    answers: list[Any] = []

    def guess(number: int) -> None:
        try:
            answers.append(door(Client(REMOTE_ADDR=AWAY), "somchai", f"wrong {number}"))
        except BaseException as problem:
            answers.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert len(answers) == 16
    assert set(answers) <= {*WRONG, 429}
    assert len([one for one in answers if one in WRONG]) == 5


def test_what_is_counted_names_nobody_and_is_cleared_away(cast: Cast, still: time_machine.Traveller) -> None:
    attack(tries=15)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM workplan_attemptcounter")
        rows = cursor.fetchall()
    assert rows
    assert "somchai" not in str(rows) and "198.51" not in str(rows)
    still.shift(datetime.timedelta(days=2))
    call_command("send_messages", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM workplan_attemptcounter")
        assert cursor.fetchone()[0] == 0
