"""The guide of the API names what there is, and needs neither a script nor an exception of the policy."""

from typing import Any

from django.test import Client

from workplan import exceptions
from workplan.api import errors
from workplan.api.guide import LANGUAGES, SECTIONS, WITHOUT_CODE, sections
from workplan.rules.scopes import SCOPES


def refusals(of: type[exceptions.Refusal] = exceptions.Refusal) -> set[type[exceptions.Refusal]]:
    return {one for child in of.__subclasses__() for one in (child, *refusals(child))}


def test_the_guide_is_read_without_a_script_and_under_the_policy_of_every_page(plan: Any) -> None:
    answer = Client().get("/api/docs/")
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert answer["Content-Security-Policy"] == Client().get("/plans/")["Content-Security-Policy"]
    assert all(f'id="{key}"' in shown and f'href="#{key}"' in shown for key in SECTIONS)
    assert all(f"<code>{term.value}</code>" in shown for term in SCOPES)
    assert "/api/docs/reference/" in shown


def test_the_guide_names_every_code_of_an_error(plan: Any) -> None:
    named = {one.code for one in refusals() if one.code not in ("refused", exceptions.BadFile.code)}
    assert named <= set(errors.CODES)
    assert {errors.LengthRequired.default_code, errors.PreconditionRequired.default_code} <= set(errors.CODES)
    for refusal, status in errors.REFUSED_WITH.items():
        assert errors.CODES[refusal.code][0] == str(int(status))
    shown = Client().get("/api/docs/").content.decode()
    assert all(f"<code>{code}</code>" in shown for code in errors.CODES)


def test_every_section_that_shows_code_shows_it_in_every_language() -> None:
    for section in sections("https://plan.example.org/api/v1/"):
        languages = [example.language for example in section.examples]
        assert languages == ([] if section.key in WITHOUT_CODE else list(LANGUAGES))
        assert all("https://plan.example.org/api/v1/" in example.text for example in section.examples)
