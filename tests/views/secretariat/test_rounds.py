"""The pages of rounds: who may open them, and a round from planning to publication."""

import datetime

import pytest
import time_machine

from tests.answer_text import text
from tests.conftest import Cast
from tests.larger_plans import opened
from tests.views.secretariat.rounds import CODE, ROUND, ROUNDS, Page, by, drafted
from workplan import actions, rules
from workplan.models import AuditEntry, LateException, Obligation, ReportingRound, WorkPlan

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


def planned(plan: WorkPlan, cast: Cast) -> ReportingRound:
    actions.plan_rounds(plan=plan, by=by(cast.secretariat))
    return ReportingRound.objects.get(plan=plan, code="2018-1")


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
def test_nobody_else_changes_the_state_of_a_round(plan: WorkPlan, cast: Cast, page: Page, person: str) -> None:
    reporting_round = planned(plan, cast)
    client = page(getattr(cast, person))
    refused = 302 if person == "visitor" else 403
    for state, action, form in (
        (rules.PLANNED, "open", {}),
        (rules.PLANNED, "delete", {}),
        (rules.PLANNED, "edit", NEW),
        (rules.OPEN, "close", {}),
        (rules.OPEN, "exception", {"body": "SOMTC", "until": "2099-01-01", "reason": "x"}),
        (rules.CLOSED, "reopen", {"reason": "x"}),
        (rules.CLOSED, "publish", {}),
    ):
        reporting_round.state = state
        reporting_round.save()
        answer = client.post(f"{ROUND}{action}/", {"version": reporting_round.version, **form})
        if person == "visitor" and {"reason", "name"} & form.keys():
            assert answer.status_code == 403 and "Nothing was saved" in text(answer)
        elif person == "visitor":
            assert answer.headers["Location"].startswith("/accounts/login/")
        else:
            assert answer.status_code == 403, action
        reporting_round.refresh_from_db()
        assert reporting_round.state == state
    # A name is given back to whoever is signed out by the time it is sent.
    assert client.post(f"{ROUNDS}new/", NEW | {"code": "x"}).status_code == 403
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
    assert "Every half-year of the plan already has a round." in again
    assert "Already exists" in again


def test_a_round_goes_its_whole_way_on_the_pages(plan: WorkPlan, cast: Cast, page: Page) -> None:
    planned(plan, cast)
    client = page(cast.secretariat)

    def change_state(action: str, **form: str) -> str:
        shown = client.get(f"{ROUND}{action}/")
        assert shown.status_code == 200
        version = ReportingRound.objects.get(code="2018-1").version
        assert f'name="version" value="{version}"' in text(shown)
        after = client.post(f"{ROUND}{action}/", {"version": version, **form}, follow=True)
        assert after.redirect_chain == [(ROUND, 302)]
        return text(shown)

    shown = change_state("open")
    assert "Reports on 67 activities are due from 10 bodies by 31 July 2018" in shown
    assert "No focal point: nobody can report for it." in shown
    assert Obligation.objects.filter(round__code="2018-1").count() > 73

    update = drafted(ReportingRound.objects.get(code="2018-1"), cast)
    shown = change_state("close")
    assert "66 reports are not started, 1 draft and 0 returned reports can no longer be submitted" in shown

    refused = client.post(f"{ROUND}reopen/", {"version": "3", "reason": " "})
    assert refused.status_code == 400
    assert "Enter the reason for reopening the round." in text(refused)
    change_state("reopen", reason="Two bodies were ill.")
    assert AuditEntry.objects.get(action="round.reopened").reason == "Two bodies were ill."

    actions.submit_report(update=update, version=1, by=by(cast.somtc))
    change_state("close")
    waiting = text(client.get(f"{ROUND}publish/"))
    assert "SOMTC has 1 report to be reviewed." in waiting and 'name="confirmed_bodies" value="SOMTC"' in waiting
    version = ReportingRound.objects.get(code="2018-1").version
    refused = client.post(f"{ROUND}publish/", {"version": version})
    assert refused.status_code == 409
    assert text(refused).count("SOMTC has 1 report to be reviewed.") == 2, "what was refused, and what to confirm"
    actions.approve_report(update=update, version=2, by=by(cast.secretariat))
    shown = change_state("publish")
    assert "Not received: 66 of 67; by body " in shown and "SOMTC (" in shown
    reporting_round = ReportingRound.objects.get(code="2018-1")
    assert reporting_round.state == rules.PUBLISHED
    head = text(client.get(ROUND)).split("<main")[1].split("Reporting completion")[0]
    assert head.count('class="button') == head.count("Withdraw the publication…") == 1


def test_what_has_happened_meanwhile_is_told_and_nothing_done(plan: WorkPlan, cast: Cast, page: Page) -> None:
    reporting_round = planned(plan, cast)
    client = page(cast.secretariat)
    seen = reporting_round.version
    reporting_round.name = "Spring 2018"
    actions.save_round(reporting_round=reporting_round, version=seen, by=by(cast.colleague))

    stale = client.post(f"{ROUND}open/", {"version": seen})
    assert stale.status_code == 409
    assert "Somebody else has changed this since you read it" in text(stale)
    assert "Spring 2018" in text(stale)
    assert ReportingRound.objects.get(pk=reporting_round.pk).state == rules.PLANNED
    actions.open_round(reporting_round=reporting_round, version=reporting_round.version, by=by(cast.colleague))
    late = client.post(f"{ROUND}open/", {"version": reporting_round.version})

    assert late.status_code == 409
    assert "is open, so this cannot be done" in text(late)
    other = ReportingRound.objects.get(code="2018-2")
    second = client.post(f"{ROUNDS}2018-2/open/", {"version": other.version})
    assert second.status_code == 409
    assert "Another round of this plan is open. Close it first." in text(second)
    for version in ("", "x", "0", "9" * 30, None):
        form = {} if version is None else {"version": version}
        assert client.post(f"{ROUND}close/", form).status_code == 400
    assert client.post(f"{ROUND}delete/", {"version": reporting_round.version}).status_code == 409
    assert client.get(f"{ROUND}explode/").status_code == 404
    assert client.post(f"{ROUND}explode/", {"version": "1"}).status_code == 404


def test_a_planned_round_can_be_deleted(plan: WorkPlan, cast: Cast, page: Page) -> None:
    reporting_round = planned(plan, cast)
    client = page(cast.secretariat)

    assert client.post(f"{ROUND}delete/", {"version": reporting_round.version + 1}).status_code == 409
    assert client.post(f"{ROUND}delete/", {"version": reporting_round.version}).headers["Location"] == ROUNDS
    assert not ReportingRound.objects.filter(code="2018-1").exists()
    assert client.get(ROUND).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"due_on": "2018-02-30"}, "This is not a valid date. Enter it as 2018-07-31."),
        ({"due_on": "31/07/2018"}, "This is not a valid date. Enter it as 2018-07-31."),
        ({"due_on": ""}, "Enter the date by which reports are due."),
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
        ({"name": "\x00"}, "no readable text"),
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
    reporting_round = ReportingRound.objects.get()
    assert (reporting_round.state, reporting_round.due_on) == (rules.PLANNED, datetime.date(2018, 7, 31))
    changed = client.post(f"{ROUND}edit/", NEW | {"version": "1", "silence_days": "21"}, follow=True)
    assert "does not respond within 21 days of the submission of a report" in text(changed)
    stale = client.post(f"{ROUND}edit/", NEW | {"version": "1", "name": "Mine"})
    assert stale.status_code == 409
    assert "Somebody else has changed this round since you opened it" in text(stale)
    assert 'name="version" value="2"' in text(stale)
    assert 'value="Mine"' in text(stale)
    assert client.post(f"{ROUND}edit/", NEW).status_code == 400


def test_of_an_open_round_only_what_lies_ahead_changes(plan: WorkPlan, cast: Cast, page: Page) -> None:
    reporting_round = opened(plan, by(cast.secretariat))
    client = page(cast.secretariat)

    form = client.get(f"{ROUND}edit/").context["form"]
    assert {"code", "kind", "period_start", "period_end", "opens_on"}.isdisjoint(form.fields)
    sent = NEW | {"version": reporting_round.version, "code": "other", "due_on": "2018-08-10", "opens_on": "2018-01-01"}
    assert client.post(f"{ROUND}edit/", sent).status_code == 302
    reporting_round.refresh_from_db()
    assert (reporting_round.code, reporting_round.opens_on) == ("2018-1", datetime.date(2018, 7, 1))
    assert set(Obligation.objects.values_list("due_on", flat=True)) == {datetime.date(2018, 8, 10)}
    before_opening = client.post(f"{ROUND}edit/", NEW | {"version": reporting_round.version, "due_on": "2018-06-01"})
    assert "Reports cannot be due before the round opens, on 1 July 2018." in text(before_opening)
    actions.close_round(reporting_round=reporting_round, version=reporting_round.version, by=by(cast.secretariat))
    closed = client.post(f"{ROUND}edit/", NEW | {"version": reporting_round.version + 1})
    assert closed.status_code == 409
    assert "is closed, so it can no longer be changed" in text(closed)


def test_more_time_is_given_and_its_reason_kept_between_two(plan: WorkPlan, cast: Cast, page: Page) -> None:
    with time_machine.travel("2018-07-20T05:00:00Z", tick=False):
        opened(plan, by(cast.secretariat))
        client = page(cast.secretariat)
        good = {"body": "ACWC", "until": "2018-09-01", "reason": "Nobody was there."}
        for wrong, sentence in (
            ({"until": "2018-07-31"}, "Reports are due on 31 July 2018 in any case. Enter a later date."),
            ({"until": "2018-07-01"}, "This date has passed. Enter today or a later date."),
            ({"until": "2018-13-01"}, "This is no day of the calendar."),
            ({"body": "SOMRI"}, "No reports are due from this body in this round."),
            ({"body": ""}, "Select the body."),
            ({"reason": " "}, "Enter the reason for the extension."),
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
