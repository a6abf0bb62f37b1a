"""A password of words that everybody here knows is no password."""

from collections.abc import Callable

import pytest
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from tests.conftest import PASSWORD, Cast
from workplan import rules
from workplan.models import User

KNOWN_WORDS = [
    "apta-2026!",
    "Apta2016apta2020",
    "AptaAptaApta",
    "tip-2016-2020",
    "Secretariat2026",
    "s3cr3t4r1at!!",
    "ASEAN-SOMTC-ACWC",
    "Somtc.2018.somtc",
    "SOM-ED 2018 SLOM",
    "Trafficking2016",
    "trafficking in persons",
    "multi-sectoral work plan",
    "workplan2020!",
    "Somchai1975!",
    "focal.somchai",
    "somchai@example",
    "apta-password",
    "secretariat12345678",
]
OWN_WORDS = [
    PASSWORD,
    "rain on the roof",
    "apta and the rain on the roof",
    "blue planet marmalade",
    "kX9#vTq2!mZw",
    "Somchai likes mango sticky rice",
]


@pytest.mark.parametrize("password", KNOWN_WORDS)
def test_words_of_the_product_the_plan_the_bodies_or_the_person_are_refused(password: str, cast: Cast) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(password, cast.somtc)
    assert any("known here" in message for message in refused.value.messages), refused.value.messages


@pytest.mark.parametrize("password", OWN_WORDS)
def test_words_of_ones_own_are_taken_even_with_such_a_word_among_them(password: str, cast: Cast) -> None:
    validate_password(password, cast.somtc)


def test_another_persons_name_is_nothing_special(cast: Cast) -> None:
    validate_password("somchaisomchai", cast.acwc)


def test_the_rule_is_told_beforehand() -> None:
    assert any("this site" in text for text in password_validators_help_texts())


def test_every_door_refuses_it(cast: Cast, page: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> None:
    weak = "Secretariat2026"
    words = {"oldpassword": PASSWORD, "password1": weak, "password2": weak}
    assert "known here" in page(cast.somtc).post("/accounts/password/change/", words).content.decode()
    words = {"password1": weak, "password2": weak, "usable_password": "true", "set-password": "1"}
    path = f"/admin/workplan/user/{cast.somtc.pk}/password/"
    assert "known here" in page(cast.administrator).post(path, words).content.decode()
    new = {"username": "eve", "usable_password": "true", "password1": weak, "password2": weak}
    assert "known here" in page(cast.administrator).post("/admin/workplan/user/add/", new).content.decode()
    monkeypatch.setattr("getpass.getpass", lambda *_, **__: weak)
    with pytest.raises(CommandError):
        call_command("changepassword", "somchai", verbosity=0)
    assert User.objects.get(username="somchai").check_password(PASSWORD)


@pytest.mark.engine_independent
@pytest.mark.parametrize(
    ("password", "words", "left"),
    [
        ("apta-2026", {"apta"}, "2026"),
        ("4pt4!horse", {"apta"}, "horse"),
        ("SoMtC battery", {"somtc"}, "battery"),
        ("horse battery", {"apta"}, "horsebattery"),
        ("workplanwork", {"work", "workplan"}, ""),
    ],
)
def test_what_is_left_of_a_password_without_the_known_words(password: str, words: set[str], left: str) -> None:
    assert rules.without_words(password, words) == left
