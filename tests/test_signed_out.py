"""Who is signed out by the time they send a form gets back what they typed, wherever that was."""

from collections.abc import Callable

import pytest
from django.forms import BaseForm, Textarea
from django.test import Client

from tests.building import opened
from tests.conftest import Cast
from tests.reading import text
from tests.test_pages import CODE
from workplan import forms, question_forms, round_forms
from workplan.actions import Actor, Report, begin_report
from workplan.models import Activity, AuditEntry, SectoralBody, StatusUpdate, WorkPlan
from workplan.views import report_page
from workplan.views.signed_out import WORDS as GIVEN_BACK

Page = Callable[..., Client]

WORDS = "Typed with care"
PLAN = f"/plans/{CODE}/"
LINK = {"evidence-0-title": "The register", "evidence-0-url": "https://asean.org/register"}


@pytest.fixture
def draft(cast: Cast, plan: WorkPlan) -> StatusUpdate:
    """A draft of SOMTC on A.1.1.1, in an open round."""
    by = Actor(cast.secretariat, "page", "opening")
    return begin_report(
        activity=Activity.objects.get(ref="A.1.1.1"),
        report=Report(status="ongoing", as_of=None),
        by=Actor(cast.somtc, "page", "beginning"),
        the_round=opened(plan, by),
        body=SectoralBody.objects.get(acronym="SOMTC"),
    )


@pytest.mark.parametrize(
    ("way", "typed"),
    [
        (f"{PLAN}activities/A.1.1.1/update/", {"narrative": WORDS, "version": "1", **LINK}),
        (f"{PLAN}activities/update/?section=A", {"challenges": WORDS, "activity": "1:1", **LINK}),
        (f"{PLAN}activities/A.1.1.4/report/", {"next_steps": WORDS, "submit": "1", **LINK}),
        ("/reports/{draft}/edit/", {"outputs_delivered": WORDS, "version": "1", **LINK}),
        (f"{PLAN}activities/A.1.1.4/contribution/", {"text": WORDS, "version": ""}),
        ("/reports/{draft}/return/", {"reason": WORDS, "version": "1"}),
        ("/reports/{draft}/comment/", {"text": WORDS}),
        (f"{PLAN}rounds/2018-1/exception/", {"body": "SOMTC", "until": "2030-01-01", "reason": WORDS}),
        (f"{PLAN}rounds/2018-1/reopen/", {"reason": WORDS, "version": "1"}),
        (f"{PLAN}questions/?state=open", {"question": "1-0-0", "reason": WORDS}),
        (f"{PLAN}questions/missing_lead/activity/A.1.1.2/", {"decision": "keep", "reason": WORDS}),
        ("/audit/requests/opening/", {"reason": WORDS}),
    ],
)
def test_what_was_typed_is_given_back_with_the_way_on(
    page: Page, draft: StatusUpdate, way: str, typed: dict[str, str]
) -> None:
    way = way.format(draft=draft.pk)
    noted = AuditEntry.objects.count()

    answer = page(None).post(way, typed)

    assert answer.status_code == 403
    shown = text(answer)
    assert "Nothing was saved" in shown and WORDS in shown
    assert f"/accounts/login/?next={way.replace('?', '%3F').replace('=', '%3D')}" in shown
    assert all(value in shown for name, value in typed.items() if name in LINK)
    assert AuditEntry.objects.count() == noted


def test_no_form_of_a_page_has_words_that_are_not_given_back() -> None:
    modules = (forms, question_forms, round_forms, report_page)
    found = {
        name
        for module in modules
        for form in vars(module).values()
        if isinstance(form, type) and issubclass(form, BaseForm)
        for name, field in form.base_fields.items()  # type: ignore[attr-defined]
        if isinstance(field.widget, Textarea)
    }

    assert found == set(GIVEN_BACK)


def test_where_nothing_was_typed_the_way_leads_to_signing_in(page: Page, draft: StatusUpdate) -> None:
    for way in (f"{PLAN}activities/A.1.1.1/update/", f"{PLAN}questions/", f"/reports/{draft.pk}/edit/"):
        assert page(None).post(way, {"version": "1", "reason": " "}).headers["Location"].startswith("/accounts/login/")


def test_a_saving_that_the_page_does_by_itself_only_hears_of_it(page: Page, draft: StatusUpdate) -> None:
    answer = page(None).post(f"/reports/{draft.pk}/edit/", {"narrative": WORDS}, headers={"X-Autosave": "1"})

    assert answer.status_code == 302
    draft.refresh_from_db()
    assert draft.narrative == ""
