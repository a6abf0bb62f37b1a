"""The style page: shows what there is, and only on a trial."""

import re
from collections.abc import Callable
from pathlib import Path

from django.conf import LazySettings
from django.test import Client

from workplan.models import WorkPlan
from workplan.views.style import COLOURS

SHEETS = Path(__file__).resolve().parents[3] / "workplan/static/workplan"


def tokens() -> set[str]:
    """The colours that apta.css defines, but for those of statuses, which stand with their words."""
    found = re.findall(r"^  --([a-z0-9-]+): (?:light-dark|#)", (SHEETS / "apta.css").read_text(), re.MULTILINE)
    return {name for name in found if not name.startswith(("s-", "f-"))}


def test_every_colour_is_shown_and_every_swatch_is_a_colour() -> None:
    shown = {name for names in COLOURS.values() for name in names.split()}
    assert shown == tokens()
    assert set(re.findall(r"^\.w-([a-z0-9-]+) ", (SHEETS / "plan/style.css").read_text(), re.MULTILINE)) == tokens()


def test_colours_stand_in_tokens_only() -> None:
    """A colour outside the tokens would be the same in the dark, where it cannot be read."""
    for sheet in SHEETS.glob("*.css"):
        lines = sheet.read_text().splitlines()
        strange = [line for line in lines if re.search(r"#[0-9a-fA-F]{3,8}\b", line) and not line.startswith("  --")]
        print_only = [line for line in strange if "color-scheme: light" in line or "#e8e8e4" in line]
        on_the_dark_head = [line for line in strange if re.match(r"\.(brand-mark|top |matrix thead)", line)]
        assert set(strange) == {*print_only, *on_the_dark_head}, sheet


def test_the_style_page_is_there_on_a_trial_only(
    plan: WorkPlan, page: Callable[..., Client], settings: LazySettings
) -> None:
    assert page().get("/style/").status_code == 200
    settings.TRIAL = False
    assert page().get("/style/").status_code == 404


def test_the_style_page_needs_no_plan(plan: WorkPlan, page: Callable[..., Client]) -> None:
    with_plan = page().get("/style/")
    WorkPlan.objects.update(is_current=False)
    without = page().get("/style/")
    assert without.status_code == 200
    assert without.content.count(b"<section") == with_plan.content.count(b"<section") > 5
