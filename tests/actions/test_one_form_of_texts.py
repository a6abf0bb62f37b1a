"""A text has one form by whichever door it comes, and saving without a change changes nothing anywhere."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests.admin.forms import page_of, typed
from tests.conftest import PASSWORD, Cast
from tests.larger_plans import opened
from tests.views.reporting.reports import address
from workplan import actions
from workplan.actions import Actor, EvidenceItem, Report
from workplan.exceptions import Invalid
from workplan.models import (
    Activity,
    AuditEntry,
    LateException,
    ReportingRound,
    SavedView,
    SectoralBody,
    StatusUpdate,
    User,
    WorkPlan,
)

LINES = "One\ntwo"
DAY = datetime.date(2018, 6, 30)


def by(user: User) -> Actor:
    return Actor(user, "page", "r")


@pytest.fixture
def reporting_round(plan: WorkPlan, cast: Cast) -> ReportingRound:
    return opened(plan, by(cast.secretariat), due_on=datetime.date(2026, 12, 1), closes_on=datetime.date(2026, 12, 15))


@pytest.fixture
def draft(reporting_round: ReportingRound, cast: Cast) -> StatusUpdate:
    evidence = (EvidenceItem("Minutes", "https://example.org/", dated_on=DAY),)
    return actions.begin_report(
        activity=Activity.objects.get(ref="A.1.1.1"),
        report=Report("ongoing", DAY, LINES, evidence=evidence),
        reporting_round=reporting_round,
        body=SectoralBody.objects.get(acronym="SOMTC"),
        by=by(cast.somtc),
    )


def state_of_everything(draft: StatusUpdate) -> tuple[Any, ...]:
    draft.refresh_from_db()
    return draft.version, draft.updated_at, draft.narrative, draft.edited_by_id, AuditEntry.objects.count()


def test_a_draft_that_is_saved_as_it_is_stays_as_it_is(
    draft: StatusUpdate, cast: Cast, page: Callable[..., Client], api: Callable[..., APIClient]
) -> None:
    before = state_of_everything(draft)
    kept = draft.evidence.get()
    form = {"status": "ongoing", "as_of": "2018-06-30", "kind": "progress", "version": "1"} | {
        "narrative": "One\r\ntwo\r\n",
        "evidence-TOTAL_FORMS": "1",
        "evidence-INITIAL_FORMS": "1",
        "evidence-0-kept": str(kept.pk),
        "evidence-0-title": "Minutes",
        "evidence-0-url": "https://example.org/",
        "evidence-0-dated_on": "2018-06-30",
    }

    answer = page(cast.somtc).post(address(draft), {**form, "save": "1"})
    program = api(cast.somtc)
    tag = program.get(f"/api/v1/updates/{draft.pk}/")["ETag"]
    patched = program.patch(
        f"/api/v1/updates/{draft.pk}/", {"narrative": " One\r\ntwo\u200b"}, headers={"If-Match": tag}
    )

    assert answer.status_code == 302
    assert (patched.status_code, patched["ETag"]) == (200, tag)
    assert state_of_everything(draft) == before


def test_line_ends_count_once(draft: StatusUpdate, cast: Cast, page: Callable[..., Client], api: Any) -> None:
    longest = "x\n" * 9_999 + "xx"  # 20,000 characters as a browser counts them
    form = {"status": "ongoing", "kind": "progress", "evidence-TOTAL_FORMS": "0", "evidence-INITIAL_FORMS": "0"}

    page(cast.somtc).post(
        address(draft), {**form, "save": "1", "version": "1", "narrative": longest.replace("\n", "\r\n")}
    )

    draft.refresh_from_db()
    assert (draft.narrative, draft.version) == (longest, 2)
    program = api(cast.somtc)
    tag = program.get(f"/api/v1/updates/{draft.pk}/")["ETag"]
    sent = {"narrative": longest.replace("\n", "\r\n")}
    assert program.patch(f"/api/v1/updates/{draft.pk}/", sent, headers={"If-Match": tag})["ETag"] == tag


def test_what_cannot_be_seen_is_no_text(draft: StatusUpdate, plan: WorkPlan, cast: Cast) -> None:
    saved = actions.save_report(
        update=draft, version=1, report=Report("ongoing", DAY, narrative="\u200b"), by=by(cast.somtc)
    )
    for attempt in (
        lambda: actions.submit_report(update=saved, version=2, by=by(cast.somtc)),
        lambda: actions.comment(update=saved, text="\u200b\u2060", by=by(cast.somtc)),
        lambda: actions.save_view(plan=plan, name="\u200b", query="", page="list", is_shared=False, by=by(cast.somtc)),
        lambda: _more_time_without_a_reason(draft, cast),
    ):
        with pytest.raises(Invalid):
            attempt()


def _more_time_without_a_reason(draft: StatusUpdate, cast: Cast) -> None:
    reporting_round = draft.round
    assert reporting_round is not None and draft.body is not None
    actions.extend_deadline(
        reporting_round=reporting_round,
        body=draft.body,
        until=reporting_round.due_on + datetime.timedelta(days=5),
        reason="\u3164",
        by=by(cast.secretariat),
    )


def test_more_time_that_is_given_as_it_stands_tells_nobody_again(reporting_round: ReportingRound, cast: Cast) -> None:
    until = reporting_round.due_on + datetime.timedelta(days=5)
    body = SectoralBody.objects.get(acronym="SOMTC")
    given: dict[str, Any] = {"reporting_round": reporting_round, "body": body, "until": until}
    first = actions.extend_deadline(**given, reason="Floods.\nAnd more.", by=by(cast.secretariat))
    entries = AuditEntry.objects.count()

    again = actions.extend_deadline(
        **given, reason="Floods.\r\nAnd more. ", version=first.version, by=by(cast.secretariat)
    )

    assert (again.version, LateException.objects.get().version) == (first.version, first.version)
    assert AuditEntry.objects.count() == entries


def test_a_record_of_the_plan_saved_as_it_is_stays_as_it_is(cast: Cast, page: Callable[..., Client]) -> None:
    activity = Activity.objects.get(ref="A.1.1.1")
    # As an older version kept it: with the line ends of a browser, and decomposed.
    Activity.objects.filter(pk=activity.pk).update(text="Cafe\u0301\r\nopens ")
    client, entries = page(cast.secretariat), AuditEntry.objects.count()
    form = typed(client.get(page_of(activity)))

    answer = client.post(page_of(activity), form)

    assert answer.status_code == 302, answer.context["errors"]
    stored = Activity.objects.get(pk=activity.pk)
    assert (stored.version, stored.text) == (activity.version, "Cafe\u0301\r\nopens ")
    assert AuditEntry.objects.count() == entries


def test_names_are_compared_in_the_composed_form(
    plan: WorkPlan, cast: Cast, page: Callable[..., Client], api: Callable[..., APIClient]
) -> None:
    save: dict[str, Any] = {"plan": plan, "query": "", "page": "list", "is_shared": True, "by": by(cast.somtc)}
    view = actions.save_view(name="Re\u0301gion", **save)

    assert (view.name, view.slug) == ("Région", "region")
    with pytest.raises(Invalid, match="cannot be accepted"):
        actions.save_view(name="Région", **save)
    found = api(cast.somtc).get("/api/v1/views/", {"q": "re\u0301g"}).json()
    assert [one["name"] for one in found["results"]] == ["Région"]


def test_the_address_of_a_view_is_in_the_script_of_its_name(
    plan: WorkPlan, cast: Cast, page: Callable[..., Client], api: Callable[..., APIClient]
) -> None:
    client = page(cast.somtc)
    for name in ("งานที่ค้างอยู่", "งานที่เสร็จแล้ว"):
        client.post(
            f"/plans/{plan.code}/views/new/", {"name": name, "query": "section=A", "page": "list", "is_shared": "on"}
        )

    view = SavedView.objects.get(name="งานที่เสร็จแล้ว")
    assert view.slug == "งานที่เสร็จแล้ว"
    opened_view = client.get(view.get_absolute_url(), follow=True)
    assert opened_view.status_code == 200
    assert client.get(f"/views/{view.slug}/feed/").status_code == 200
    one = api(cast.somtc).get("/api/v1/views/", {"q": "เสร็จ"}).json()["results"][0]
    assert one["url"].isascii()
    for shown in (one["url"], one["html_url"], one["activities_url"], one["feed_url"]):
        assert client.get(shown, follow=True).status_code == 200, shown


def test_a_password_is_what_was_typed(cast: Cast, client: Client) -> None:
    decomposed = "Pe\u0301ninsule\u200b nine "
    cast.somtc.set_password(decomposed)
    cast.somtc.save()

    assert client.post("/accounts/login/", {"login": "somchai", "password": PASSWORD}).status_code == 200
    assert client.post("/accounts/login/", {"login": "somchai", "password": decomposed}).status_code == 302
    sent = {"username": "somchai", "password": decomposed}
    assert client.post("/api/v1/token/", sent, content_type="application/json").status_code == 201
