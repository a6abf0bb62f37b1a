"""Who is signed out by the time they send a form gets back what they typed, wherever that was."""

from collections.abc import Callable

import pytest
from django.forms import BaseForm, Textarea, TextInput
from django.test import Client

from tests.answer_text import text
from tests.conftest import Cast
from tests.larger_plans import opened
from tests.views.plan.test_pages import CODE
from workplan.actions import Actor, Report, begin_report
from workplan.forms import questions, rounds, updates
from workplan.forms.typed_texts import TEXT_FIELDS as RETURNED_FIELDS
from workplan.models import Activity, AuditEntry, SectoralBody, StatusUpdate, WorkPlan
from workplan.views.plan import saved_views
from workplan.views.reporting import report

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
        reporting_round=opened(plan, by),
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
        (f"{PLAN}rounds/2018-1/exception/", {"body": "SOMTC", "until": "2099-01-01", "reason": WORDS}),
        (f"{PLAN}rounds/2018-1/reopen/", {"reason": WORDS, "version": "1"}),
        (f"{PLAN}rounds/new/", {"name": WORDS, "code": "2021-1"}),
        (f"{PLAN}rounds/2018-1/edit/", {"name": WORDS, "version": "1"}),
        (f"{PLAN}views/new/?query=section", {"name": WORDS, "page": "list"}),
        ("/admin/workplan/activity/1/change/", {"text": WORDS, "seen_version": "1"}),
        ("/admin/workplan/workplan/1/change/", {"title": WORDS, "seen_version": "1"}),
        ("/admin/workplan/sectoralbody/add/", {"name": WORDS, "aliases-0-name": "SOM-X"}),
        ("/admin/workplan/user/add/", {"username": WORDS}),
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
    modules = (updates, questions, rounds, report, saved_views)
    found = {
        name
        for module in modules
        for form in vars(module).values()
        if isinstance(form, type) and issubclass(form, BaseForm)
        if form is not updates.EvidenceForm  # by a pattern, for as many rows as there are
        for name, field in form.base_fields.items()  # type: ignore[attr-defined]
        if isinstance(field.widget, Textarea) or type(field.widget) is TextInput
    }

    days = {name for name in rounds.RoundForm.base_fields if name.endswith(("_on", "_start", "_end"))}
    assert found == set(RETURNED_FIELDS) - days


def test_a_form_of_the_administration_gives_back_its_texts_and_never_a_password(page: Page, plan: WorkPlan) -> None:
    secret = {"password1": "hunter and gatherer", "password2": "the same", "password": "a third one"}
    typed = {"username": "linh", "email": "linh@example.org", **secret}
    shown = text(page(None).post("/admin/workplan/user/add/", typed))

    assert "linh@example.org" in shown and "<h3>Username</h3>" in shown
    assert not any(value in shown for value in secret.values())

    inline = {"responsibilities-0-lead_country": "Thailand", "responsibilities-0-body": "3", "position": "17"}
    shown = text(page(None).post("/admin/workplan/activity/1/change/", {**inline, "notes": "Typed with care"}))
    assert "<h3>Lead country, 1</h3>" in shown and "Thailand" in shown and "<h3>Notes</h3>" in shown
    assert "<h3>Position" not in shown and "<h3>Body" not in shown
    # Without words it is the way to the sign-in page, as for whoever reads.
    for way, sent in (("activity/1/change/", {"position": "17"}), ("activity/", {"action": "delete_selected"})):
        answer = page(None).post(f"/admin/workplan/{way}", sent)
        assert answer.status_code == 302 and "login" in answer.headers["Location"]


def test_where_nothing_was_typed_the_way_leads_to_signing_in(page: Page, draft: StatusUpdate) -> None:
    for way in (f"{PLAN}activities/A.1.1.1/update/", f"{PLAN}questions/", f"/reports/{draft.pk}/edit/"):
        assert page(None).post(way, {"version": "1", "reason": " "}).headers["Location"].startswith("/accounts/login/")


def test_a_saving_that_the_page_does_by_itself_only_hears_of_it(page: Page, draft: StatusUpdate) -> None:
    answer = page(None).post(f"/reports/{draft.pk}/edit/", {"narrative": WORDS}, headers={"X-Autosave": "1"})

    assert answer.status_code == 302
    draft.refresh_from_db()
    assert draft.narrative == ""
