"""The command that gives an account another password asks twice, and three times at most."""

import getpass
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.conftest import Cast

GOOD = "seven rivers and 2 hills"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Any:
    def answer(*words: str) -> None:
        answers = iter(words)
        monkeypatch.setattr(getpass, "getpass", lambda prompt: next(answers))

    return answer


def test_two_different_passwords_and_a_weak_one_are_asked_for_again(cast: Cast, typed: Any, capsys: Any) -> None:
    typed(GOOD, "another", "short", "short", GOOD, GOOD)

    call_command("changepassword", "SOMCHAI")

    said = capsys.readouterr()
    assert "These are two different passwords." in said.err and "too short" in said.err
    assert "The password of somchai is changed." in said.out
    cast.somtc.refresh_from_db()
    assert cast.somtc.check_password(GOOD)


@pytest.mark.parametrize(
    ("name", "words", "problem"),
    [
        ("nobody", (), "There is no account with the user name “nobody”"),
        ("somchai", ("",), "No password was typed"),
        ("somchai", ("a", "b") * 3, "No password after 3 tries"),
    ],
)
def test_without_a_password_nothing_is_changed(
    name: str, words: tuple[str, ...], problem: str, cast: Cast, typed: Any
) -> None:
    typed(*words)
    before = cast.somtc.password

    with pytest.raises(CommandError, match=problem):
        call_command("changepassword", name)

    cast.somtc.refresh_from_db()
    assert cast.somtc.password == before
