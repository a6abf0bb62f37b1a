"""The pages of reporting rounds: what they say, who may do what, and what becomes of bad input."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client

from tests.building import grow, opened
from tests.conftest import Cast
from tests.reading import text
from tests.test_queries import count
from workplan import actions, rules
from workplan.actions import Actor, Report
from workplan.models import Activity, AuditEntry, LateException, Obligation, ReportingRound, SectoralBody, WorkPlan

Page = Callable[..., Client]
CODE = "tip-2016-2020"
ROUNDS = f"/plans/{CODE}/rounds/"
ROUND = f"{ROUNDS}2018-1/"
PEOPLE = ("visitor", "newcomer", "somtc", "acwc", "secretariat", "administrator")
SECRETARIAT_PAGE = [302, 403, 403, 403, 200, 200]
OPEN = [200] * 6
NEW = {
    "name": "First half of 2018",
    "code": "2018-1",
    "kind": "half_year",
    "period_start": "2018-01-01",
    "period_end": "2018-06-30",
    "opens_on": "2018-07-01",
    "due_on": "2018-07-31",
    "closes_on": "2018-08-15",
    "due_soon_days": "14",
    "silence_days": "",
    "publication": "at_once",
}


def by(user: Any) -> Actor:
    return Actor(user, "page", "r")


def planned(plan: WorkPlan, cast: Cast) -> ReportingRound:
    actions.plan_rounds(plan=plan, by=by(cast.secretariat))
    return ReportingRound.objects.get(plan=plan, code="2018-1")


def drafted(the_round: ReportingRound, cast: Cast) -> Any:
    return actions.begin_report(
        activity=Activity.objects.get(ref="A.1.1.1"),
        report=Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="Begun."),
        by=by(cast.somtc),
        the_round=the_round,
        body=SectoralBody.objects.get(acronym="SOMTC"),
    )


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (ROUNDS, OPEN),
        (ROUND, OPEN),
        (f"{ROUNDS}completion.csv", OPEN),
        (f"{ROUNDS}completion.xlsx", OPEN),
        (f"{ROUND}completion.csv", OPEN),
        (f"{ROUND}completion.xlsx", OPEN),
        (f"/plans/{CODE}/bodies/SOMTC/deadlines.ics", OPEN),
        (f"{ROUNDS}new/", SECRETARIAT_PAGE),
        (f"{ROUNDS}plan/", SECRETARIAT_PAGE),
        (f"{ROUND}edit/", SECRETARIAT_PAGE),
        (f"{ROUND}exception/", SECRETARIAT_PAGE),
        (f"{ROUND}close/", SECRETARIAT_PAGE),
        (f"{ROUND}reopen/", SECRETARIAT_PAGE),
        (f"{ROUND}publish/", SECRETARIAT_PAGE),
        (f"{ROUND}open/", SECRETARIAT_PAGE),
        (f"{ROUND}delete/", SECRETARIAT_PAGE),
    ],
)
def test_who_may_open_a_page(plan: WorkPlan, cast: Cast, page: Page, address: str, expected: list[int]) -> None:
    opened(plan, by(cast.secretariat))

    assert [page(getattr(cast, person)).get(address).status_code for person in PEOPLE] == expected


@pytest.mark.parametrize("person", ["visitor", "newcomer", "somtc", "acwc"])
def test_nobody_else_moves_a_round(plan: WorkPlan, cast: Cast, page: Page, person: str) -> None:
    the_round = planned(plan, cast)
    client = page(getattr(cast, person))
    refused = 302 if person == "visitor" else 403
    for state, deed, form in (
        (rules.PLANNED, "open", {}),
        (rules.PLANNED, "delete", {}),
        (rules.PLANNED, "edit", NEW),
        (rules.OPEN, "close", {}),
        (rules.OPEN, "exception", {"body": "SOMTC", "until": "2030-01-01", "reason": "x"}),
        (rules.CLOSED, "reopen", {"reason": "x"}),
        (rules.CLOSED, "publish", {}),
    ):
        the_round.state = state
        the_round.save()
        answer = client.post(f"{ROUND}{deed}/", {"version": the_round.version, **form})
        if person == "visitor" and "reason" in form:
            assert answer.status_code == 403 and "Nothing was saved" in text(answer)
        elif person == "visitor":
            assert answer.headers["Location"].startswith("/accounts/login/")
        else:
            assert answer.status_code == 403, deed
        the_round.refresh_from_db()
        assert the_round.state == state
    assert client.post(f"{ROUNDS}new/", NEW | {"code": "x"}).status_code == refused
    assert client.post(f"{ROUNDS}plan/").status_code == refused
    assert not LateException.objects.exists()


def test_the_half_years_are_shown_before_they_are_planned(plan: WorkPlan, cast: Cast, page: Page) -> None:
    client = page(cast.secretariat)

    shown = text(client.get(f"{ROUNDS}plan/"))
    assert "Plan 10 rounds" in shown
    assert shown.count("Mid-term review") == shown.count("Final evaluation") == 1
    assert not ReportingRound.objects.exists()
    done = client.post(f"{ROUNDS}plan/", follow=True)

    assert "10 rounds are planned." in text(done)
    assert ReportingRound.objects.filter(plan=plan).count() == 10
    again = text(client.get(f"{ROUNDS}plan/"))
    assert "Every half-year of the plan has its round already." in again
    assert "Is there already" in again


def test_a_round_goes_its_whole_way_on_the_pages(plan: WorkPlan, cast: Cast, page: Page) -> None:
    planned(plan, cast)
    client = page(cast.secretariat)

    def move(deed: str, **form: str) -> str:
        shown = client.get(f"{ROUND}{deed}/")
        assert shown.status_code == 200
        version = ReportingRound.objects.get(code="2018-1").version
        assert f'name="version" value="{version}"' in text(shown)
        after = client.post(f"{ROUND}{deed}/", {"version": version, **form}, follow=True)
        assert after.redirect_chain == [(ROUND, 302)]
        return text(shown)

    shown = move("open")
    assert "10 bodies owe reports on 73 activities by 31 July 2018" in shown
    assert "No focal point: nobody can report for it." in shown
    assert Obligation.objects.filter(round__code="2018-1").count() > 73

    update = drafted(ReportingRound.objects.get(code="2018-1"), cast)
    shown = move("close")
    assert "72 reports are not begun, 1 draft and 0 returned reports are cut off" in shown

    refused = client.post(f"{ROUND}reopen/", {"version": "3", "reason": " "})
    assert refused.status_code == 400
    assert "Say why the round is opened again." in text(refused)
    move("reopen", reason="Two bodies were ill.")
    assert AuditEntry.objects.get(action="round.reopened").reason == "Two bodies were ill."

    actions.submit_report(update=update, version=1, by=by(cast.somtc))
    move("close")
    waiting = client.get(f"{ROUND}publish/")
    assert "1 report waits for review. Approve or return them first." in text(waiting)
    assert '<button class="button" type="submit">Publish' not in text(waiting)
    version = ReportingRound.objects.get(code="2018-1").version
    refused = client.post(f"{ROUND}publish/", {"version": version})
    assert refused.status_code == 409
    assert "1 report waits for review" in text(refused)
    actions.approve_report(update=update, version=2, by=by(cast.secretariat))
    shown = move("publish")
    assert "72 reports are missing, and will stay so." in shown
    the_round = ReportingRound.objects.get(code="2018-1")
    assert the_round.state == rules.PUBLISHED
    assert 'class="button' not in text(client.get(ROUND)).split("<main")[1].split("Who has reported")[0]


def test_what_has_happened_meanwhile_is_told_and_nothing_done(plan: WorkPlan, cast: Cast, page: Page) -> None:
    the_round = planned(plan, cast)
    client = page(cast.secretariat)
    seen = the_round.version
    the_round.name = "Spring 2018"
    actions.save_round(the_round=the_round, version=seen, by=by(cast.colleague))

    stale = client.post(f"{ROUND}open/", {"version": seen})
    assert stale.status_code == 409
    assert "Somebody else has changed this since you read it" in text(stale)
    assert "Spring 2018" in text(stale)
    assert ReportingRound.objects.get(pk=the_round.pk).state == rules.PLANNED
    actions.open_round(the_round=the_round, version=the_round.version, by=by(cast.colleague))
    late = client.post(f"{ROUND}open/", {"version": the_round.version})

    assert late.status_code == 409
    assert "is open, so this cannot be done" in text(late)
    other = ReportingRound.objects.get(code="2018-2")
    second = client.post(f"{ROUNDS}2018-2/open/", {"version": other.version})
    assert second.status_code == 409
    assert "Another round of this plan is open. Close it first." in text(second)
    for version in ("", "x", "0", "9" * 30, None):
        form = {} if version is None else {"version": version}
        assert client.post(f"{ROUND}close/", form).status_code == 400
    assert client.post(f"{ROUND}delete/", {"version": the_round.version}).status_code == 409
    assert client.get(f"{ROUND}explode/").status_code == 404
    assert client.post(f"{ROUND}explode/", {"version": "1"}).status_code == 404


def test_a_planned_round_can_be_deleted(plan: WorkPlan, cast: Cast, page: Page) -> None:
    the_round = planned(plan, cast)
    client = page(cast.secretariat)

    assert client.post(f"{ROUND}delete/", {"version": the_round.version + 1}).status_code == 409
    assert client.post(f"{ROUND}delete/", {"version": the_round.version}).headers["Location"] == ROUNDS
    assert not ReportingRound.objects.filter(code="2018-1").exists()
    assert client.get(ROUND).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"due_on": "2018-02-30"}, "This is no day of the calendar. Write it as 2018-07-31."),
        ({"due_on": "31/07/2018"}, "This is no day of the calendar. Write it as 2018-07-31."),
        ({"due_on": ""}, "Give the day by which reports are asked for."),
        ({"due_on": "2018-06-30"}, "Reports cannot be due before the round opens, on 1 July 2018."),
        ({"closes_on": "2018-07-30"}, "The round cannot close before reports are due, on 31 July 2018."),
        ({"period_end": "2017-12-31"}, "The period must end on or after 1 January 2018, the day it starts."),
        ({"code": "2018 1"}, "Use small letters, digits and hyphens: 2018-1."),
        ({"code": "new"}, "This word is the address of another page. Use a code such as 2018-1."),
        ({"code": "2019-1"}, "Another round of this plan has this code."),
        ({"kind": "x"}, "Select a valid choice."),
        ({"due_soon_days": "-1"}, "greater than or equal to 0"),
        ({"silence_days": "0"}, "greater than or equal to 1"),
        ({"silence_days": "9" * 20}, "less than or equal to 180"),
        ({"name": "\x00"}, "Null characters are not allowed."),
        ({"name": "x" * 101}, "at most 100 characters"),
    ],
)
def test_what_cannot_be_kept_is_told_and_nothing_typed_is_lost(
    plan: WorkPlan, cast: Cast, page: Page, wrong: dict[str, str], sentence: str
) -> None:
    planned(plan, cast)
    before = list(ReportingRound.objects.values())
    client = page(cast.secretariat)

    for address in (f"{ROUNDS}new/", f"{ROUND}edit/"):
        answer = client.post(address, NEW | {"name": "Typed by hand", "version": "1"} | wrong)
        assert answer.status_code == 400
        assert sentence in text(answer)
        if "name" not in wrong:
            assert 'value="Typed by hand"' in text(answer)
    assert list(ReportingRound.objects.values()) == before


def test_a_round_is_planned_and_changed_by_hand(plan: WorkPlan, cast: Cast, page: Page) -> None:
    client = page(cast.secretariat)

    assert client.post(f"{ROUNDS}new/", NEW).headers["Location"] == ROUND
    the_round = ReportingRound.objects.get()
    assert (the_round.state, the_round.due_on) == (rules.PLANNED, datetime.date(2018, 7, 31))
    changed = client.post(f"{ROUND}edit/", NEW | {"version": "1", "silence_days": "21"}, follow=True)
    assert "nothing for 21 days after a report is submitted" in text(changed)
    stale = client.post(f"{ROUND}edit/", NEW | {"version": "1", "name": "Mine"})
    assert stale.status_code == 409
    assert "Somebody else has changed this round meanwhile" in text(stale)
    assert 'name="version" value="2"' in text(stale)
    assert 'value="Mine"' in text(stale)
    assert client.post(f"{ROUND}edit/", NEW).status_code == 400


def test_of_an_open_round_only_what_lies_ahead_changes(plan: WorkPlan, cast: Cast, page: Page) -> None:
    the_round = opened(plan, by(cast.secretariat))
    client = page(cast.secretariat)

    form = client.get(f"{ROUND}edit/").context["form"]
    assert {"code", "kind", "period_start", "period_end", "opens_on"}.isdisjoint(form.fields)
    sent = NEW | {"version": the_round.version, "code": "other", "due_on": "2018-08-10", "opens_on": "2018-01-01"}
    assert client.post(f"{ROUND}edit/", sent).status_code == 302
    the_round.refresh_from_db()
    assert (the_round.code, the_round.opens_on) == ("2018-1", datetime.date(2018, 7, 1))
    assert set(Obligation.objects.values_list("due_on", flat=True)) == {datetime.date(2018, 8, 10)}
    before_opening = client.post(f"{ROUND}edit/", NEW | {"version": the_round.version, "due_on": "2018-06-01"})
    assert "Reports cannot be due before the round opens, on 1 July 2018." in text(before_opening)
    actions.close_round(the_round=the_round, version=the_round.version, by=by(cast.secretariat))
    closed = client.post(f"{ROUND}edit/", NEW | {"version": the_round.version + 1})
    assert closed.status_code == 409
    assert "is closed, so it can no longer be changed" in text(closed)


def test_more_time_is_given_and_its_reason_kept_between_two(plan: WorkPlan, cast: Cast, page: Page) -> None:
    with time_machine.travel("2018-07-20T05:00:00Z", tick=False):
        opened(plan, by(cast.secretariat))
        client = page(cast.secretariat)
        good = {"body": "ACWC", "until": "2018-09-01", "reason": "Nobody was there."}
        for wrong, sentence in (
            ({"until": "2018-07-31"}, "Reports are due on 31 July 2018 anyway. Give a later day."),
            ({"until": "2018-07-01"}, "This day has passed. Give today or a later one."),
            ({"until": "2018-13-01"}, "This is no day of the calendar."),
            ({"body": "SOMRI"}, "This body owes nothing in this round."),
            ({"body": ""}, "Choose the body that is given more time."),
            ({"reason": " "}, "Say why the body is given more time."),
        ):
            answer = client.post(f"{ROUND}exception/", good | wrong)
            assert answer.status_code == 400
            assert sentence in text(answer)
        assert not LateException.objects.exists()
        assert client.post(f"{ROUND}exception/", good).headers["Location"] == ROUND

        seen = {name: text(page(getattr(cast, name)).get(ROUND)) for name in PEOPLE}
    for name, shown in seen.items():
        takes_part = name not in ("visitor", "newcomer")
        assert ("<strong>ACWC</strong> until 1 September 2018" in shown) is takes_part, name
        assert ("Nobody was there." in shown) is (name in ("acwc", "secretariat", "administrator")), name


def test_the_list_of_reports_is_filtered_by_body_and_state(plan: WorkPlan, cast: Cast, page: Page) -> None:
    drafted(opened(plan, by(cast.secretariat)), cast)
    client = page(cast.secretariat)

    def rows(query: str) -> list[tuple[str, str]]:
        found = client.get(f"{ROUND}{query}").context["page"].object_list
        return [(row.owed_by, row.shown_state) for row in found]

    assert rows("?body=SOMTC&state=draft") == [("SOMTC", "draft")]
    assert set(rows("?body=som-ed&body=secretariat")) == {("SOM-ED", "owed"), ("Secretariat", "owed")}
    assert rows("?state=approved") == []
    assert len(rows("?timeliness=overdue")) == Obligation.objects.count()
    for stranger in (cast.visitor, cast.acwc):
        assert page(stranger).get(f"{ROUND}?body=SOMTC&state=draft").context["page"].paginator.count == 0
    for query, sentence in (
        ("?state=done", "“done” is not known here."),
        ("?body=XYZ", "“XYZ” is not a body"),
        ("?colour=red", "There is no parameter “colour”."),
        ("?page=0", "Give the number of a page, from 1."),
        ("?page=x", "Give the number of a page, from 1."),
        ("?page=²", "Give the number of a page, from 1."),
        ("?state=%00", "is not known here"),
    ):
        answer = client.get(f"{ROUND}{query}")
        assert answer.status_code == 400, query
        assert sentence in text(answer), query


def test_a_long_list_of_reports_comes_in_pages_and_keeps_its_filters(plan: WorkPlan, cast: Cast, page: Page) -> None:
    grow(plan, 150)
    opened(plan, by(cast.secretariat))

    response = page().get(f"{ROUND}?state=owed&page=2")

    owed = Obligation.objects.count()
    assert len(response.context["page"].object_list) == min(100, owed - 100)
    assert 'href="?state=owed&amp;page=1#reports"' in text(response)
    last = page().get(f"{ROUND}?page=999999")
    assert (last.status_code, last.context["page"].number) == (200, -(-owed // 100))


def test_a_visitor_reads_no_word_of_what_is_in_the_making(plan: WorkPlan, cast: Cast, page: Page) -> None:
    the_round = opened(plan, by(cast.secretariat))
    update = drafted(the_round, cast)
    sent = actions.submit_report(update=update, version=1, by=by(cast.somtc))
    actions.return_report(update=sent, version=2, reason="Mend it.", by=by(cast.secretariat))

    for address in (ROUNDS, ROUND, f"/plans/{CODE}/bodies/", f"/plans/{CODE}/bodies/SOMTC/", f"{ROUND}completion.csv"):
        response = page().get(address)
        content = b"".join(response).decode() if response.streaming else response.content.decode()  # type: ignore[arg-type]
        for word in ("returned", "Returned", "draft", "Submitted<", "Begun.", "Somchai"):
            assert word not in content.replace("Draft, November 2016", ""), (address, word)


def test_the_body_page_shows_its_rounds(plan: WorkPlan, cast: Cast, page: Page) -> None:
    drafted(opened(plan, by(cast.secretariat)), cast)

    response = page(cast.secretariat).get(f"/plans/{CODE}/bodies/SOMTC/")

    ((the_round, counts),) = response.context["completions"]
    assert (the_round.code, counts.draft, counts.total) == ("2018-1", 1, 30)
    assert f"{ROUND}?body=SOMTC&amp;state=draft#reports" in text(response)


@pytest.mark.parametrize(
    ("address", "most"),
    [
        (ROUNDS, 16),
        (ROUND, 18),
        (f"{ROUND}close/", 16),
        (f"{ROUND}exception/", 14),
        (f"{ROUNDS}completion.csv", 12),
        (f"{ROUND}completion.xlsx", 13),
        (f"/plans/{CODE}/bodies/", 16),
        (f"/plans/{CODE}/bodies/SOMTC/", 27),
        (f"/plans/{CODE}/bodies/SOMTC/deadlines.ics", 10),
    ],
)
def test_a_page_takes_the_same_queries_for_a_plan_of_any_size(
    plan: WorkPlan, cast: Cast, page: Page, address: str, most: int
) -> None:
    the_round = opened(plan, by(cast.secretariat))
    client = page(cast.secretariat)
    small = count(client, address)
    actions.close_round(the_round=the_round, version=the_round.version, by=by(cast.secretariat))
    grow(plan, 1_000)
    Obligation.objects.all().delete()
    ReportingRound.objects.filter(pk=the_round.pk).update(state=rules.PLANNED)
    the_round.refresh_from_db()
    actions.open_round(the_round=the_round, version=the_round.version, by=by(cast.secretariat))

    assert count(client, address) == small <= most, small
