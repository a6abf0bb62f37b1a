"""The audit of packages: a licence that nobody has allowed is named, and what is asked about is what is locked."""

import json
import re
import tomllib
from typing import Any

import pytest

from tests import audit


def component(name: str, *licences: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "version": "1.0", "licenses": list(licences)}


@pytest.mark.parametrize(
    ("licences", "allowed"),
    [
        ([{"license": {"id": "MIT"}}], True),
        ([{"expression": "Apache-2.0 OR BSD-2-Clause"}], True),
        ([{"license": {"name": "License :: OSI Approved :: BSD License"}}], True),
        ([{"license": {"id": "GPL-3.0-only"}}], False),
        ([{"license": {"id": "AGPL-3.0-or-later"}}], False),
        ([{"license": {"name": "A whole text\nof a licence"}}], False),
        ([], False),
    ],
)
def test_a_licence_that_is_not_allowed_or_not_named_is_told(licences: list[dict[str, Any]], allowed: bool) -> None:
    packages = audit.licences_of([component("some", *licences), component("pip")])
    assert list(packages) == ["some 1.0"]
    assert audit.not_allowed(packages) == ([] if allowed else ["some 1.0"])


def test_licences_that_were_read_by_hand_are_of_packages_that_are_used() -> None:
    locked = (audit.ROOT / "requirements/base.txt").read_text()
    asked = (audit.ROOT / "pyproject.toml").read_text()
    for name in audit.READ:
        assert f"{name}==" in locked or f'"{name}>=' in asked, name


def test_the_tools_are_locked_apart_from_what_they_look_at() -> None:
    groups = tomllib.loads((audit.ROOT / "pyproject.toml").read_text())["dependency-groups"]
    locked = (audit.ROOT / "requirements/audit.txt").read_text()
    for entry in groups["audit"]:
        name = re.match(r"[\w-]+", entry)[0]  # type: ignore[index]
        assert (
            f"\n{name}==" in f"\n{locked}" and f"\n{name}==" not in (audit.ROOT / "requirements/base.txt").read_text()
        )
    assert "requirements/base.txt" in audit.weaknesses_command() and "--require-hashes" in audit.weaknesses_command()


def test_what_ends_the_audit(monkeypatch: pytest.MonkeyPatch, tmp_path: Any, capsys: Any) -> None:
    bill, licences = tmp_path / "bill.json", tmp_path / "licences.txt"
    monkeypatch.setattr(audit, "ROOT", tmp_path)
    monkeypatch.setattr(audit, "BILL", bill)
    monkeypatch.setattr(audit, "LICENCES", licences)

    def audited(identifier: str, weak: str) -> int:
        text = json.dumps(
            {"components": [{"name": "x", "version": "1", "licenses": [{"license": {"id": identifier}}]}]}
        )
        monkeypatch.setattr(audit, "write_bill", lambda: bill.write_text(text))
        monkeypatch.setattr(audit, "weaknesses_command", lambda: (weak,))
        return audit.main()

    assert audited("MIT", "true") == 0 and licences.read_text() == "x 1: MIT\n"
    assert audited("MIT", "false") == 1 and "was not reached" in capsys.readouterr().out
    assert audited("GPL-2.0-only", "true") == 1 and "The licence of x 1 is not one of" in capsys.readouterr().out
