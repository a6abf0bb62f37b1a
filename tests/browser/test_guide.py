"""The code of the guide, as it stands on the page, does what it says: run by curl, by Python and by a browser."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenWindow
from tests.conftest import Cast
from workplan import actions
from workplan.actions import Actor
from workplan.api.guide import LANGUAGES, SECTIONS, WITHOUT_CODE
from workplan.models import Activity, SavedView

WITH_CODE = [key for key in SECTIONS if key not in WITHOUT_CODE]
# A refusal that an example is about, by its status.
REFUSED = {"errors": ("400",), "writing": ("412",), "unchanged": ("304",)}


def by_curl(code: str, key: str, page: Page) -> str:
    assert shutil.which("curl"), "the examples are run by curl"
    return run(["sh", "-eu", "-c", code], key)


def by_python(code: str, key: str, page: Page) -> str:
    return run([sys.executable, "-c", code], key)


def run(command: list[str], key: str) -> str:
    done = subprocess.run(command, env=os.environ | {"APTA_TOKEN": key}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def by_javascript(code: str, key: str, page: Page) -> str:
    """In the page itself, which the policy lets ask its own server."""
    noted = 'const said = [], console = { log: (...words) => said.push(words.map(String).join(" ")) };'
    said: list[str] = page.evaluate(f"async (APTA_TOKEN) => {{ {noted}\n{code}\nreturn said; }}", key)
    return "\n".join(said)


RUN: dict[str, Callable[[str, str, Page], str]] = {"curl": by_curl, "python": by_python, "javascript": by_javascript}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_code_of_the_guide_runs(window: OpenWindow, cast: Cast, complaints: list[str], language: str) -> None:
    _, key = actions.make_token(user=cast.somtc, by=Actor(cast.somtc, "command"), name="Guide", scopes=["report"])
    page = window()
    page.goto("/api/docs/")
    said: dict[str, Any] = {}
    for section in WITH_CODE:
        code = page.locator(f'code[data-section="{section}"][data-language="{language}"]').inner_text()
        said[section] = RUN[language](code, key, page)
        for status in REFUSED.get(section, ()):
            assert status in said[section] or "invalid" in said[section], said[section]

    assert Activity.objects.first().ref in said["first-call"] or language == "curl"
    assert str(Activity.objects.count()) in said["in-step"]
    assert not SavedView.objects.exists()
    expected = [one for one in complaints if one.endswith((": 400", ": 412"))]
    assert complaints == expected
    complaints.clear()
