"""More time given to a body has a version, can be taken back, and can be undone, by page and by API."""

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import icalendar
import pytest
import time_machine
from django.test import Client
from rest_framework.test import APIClient

from tests.answer_text import text
from tests.conftest import Cast
from tests.larger_plans import everybody, opened
from workplan import actions, rules
from workplan.actions import Actor, Report
from workplan.exceptions import Invalid, NotAllowed, Stale, WrongState
from workplan.models import (
    Activity,
    AuditEntry,
    LateException,
    Notice,
    Obligation,
    ReportingRound,
    SectoralBody,
    WorkPlan,
)

CODE = "tip-2016-2020"
ROUND = f"/plans/{CODE}/rounds/2018-1/"
DUE, LATER, LATEST = (datetime.date(2018, 7, 31), datetime.date(2018, 8, 14), datetime.date(2018, 9, 1))


@pytest.fixture
def reporting_round(plan: WorkPlan, cast: Cast) -> Iterator[ReportingRound]:
    """A round whose reports are due on 31 July 2018, seen some days before."""
    with time_machine.travel("2018-07-20T05:00:00Z", tick=False):
        yield opened(plan, Actor(cast.secretariat, "page", "opening"))


@pytest.fixture
def somtc(plan: WorkPlan) -> SectoralBody:
    return SectoralBody.objects.get(acronym="SOMTC")


def extend(reporting_round: ReportingRound, cast: Cast, request: str = "given", **values: Any) -> LateException:
    body = SectoralBody.objects.get(acronym="SOMTC")
    said = {"until": LATER, "reason": "The focal point has changed.", "body": body, **values}
    return actions.extend_deadline(reporting_round=reporting_round, by=Actor(cast.secretariat, "page", request), **said)


def due_dates(reporting_round: ReportingRound) -> set[datetime.date]:
    return set(Obligation.objects.filter(round=reporting_round, body__acronym="SOMTC").values_list("due_on", flat=True))


def at(reporting_round: ReportingRound, rest: str = "") -> str:
    return f"/api/v1/rounds/{reporting_round.pk}/exceptions/{rest}"


# The action


def test_nobody_gives_over_what_somebody_else_gave_meanwhile(reporting_round: ReportingRound, cast: Cast) -> None:
    given = extend(reporting_round, cast)
    assert given.version == 1

    for version in (None, 2):
        with pytest.raises(Stale) as refusal:
            extend(reporting_round, cast, until=LATEST, version=version)
        assert refusal.value.current == [given]
    assert extend(reporting_round, cast, until=LATEST, version=1).version == 2
    assert due_dates(reporting_round) == {LATEST}


def test_time_that_was_given_is_taken_back(reporting_round: ReportingRound, somtc: SectoralBody, cast: Cast) -> None:
    extend(reporting_round, cast)
    assert due_dates(reporting_round) == {LATER}
    by = Actor(cast.secretariat, "page", "taken")

    with pytest.raises(Invalid):
        actions.withdraw_extension(reporting_round=reporting_round, body=somtc, version=1, reason=" ", by=by)
    with pytest.raises(Stale):
        actions.withdraw_extension(reporting_round=reporting_round, body=somtc, version=2, reason="Not meant.", by=by)
    for person in (cast.somtc, cast.acwc, cast.newcomer):
        with pytest.raises(NotAllowed):
            stranger = Actor(person, "page", "r")
            actions.withdraw_extension(
                reporting_round=reporting_round, body=somtc, version=1, reason="So.", by=stranger
            )
    actions.withdraw_extension(reporting_round=reporting_round, body=somtc, version=1, reason="Not meant.", by=by)

    assert due_dates(reporting_round) == {DUE}
    assert not LateException.objects.exists()
    entry = AuditEntry.objects.get(action="exception.withdrawn")
    assert (entry.changes, entry.reason, entry.body, entry.round) == (
        {"until": [LATER.isoformat(), None]},
        "Not meant.",
        somtc,
        reporting_round,
    )
    stated = Notice.objects.filter(user=cast.somtc, event="exception").order_by("pk")
    assert [one.text for one in stated][-1] == (
        f"The deadline extension of SOMTC in “{reporting_round}” has been withdrawn: "
        "its reports are due on 31 July 2018. Not meant."
    )
    with pytest.raises(WrongState, match="no deadline extension in"):
        actions.withdraw_extension(reporting_round=reporting_round, body=somtc, version=1, reason="Again.", by=by)


def test_no_version_is_given_out_twice(reporting_round: ReportingRound, somtc: SectoralBody, cast: Cast) -> None:
    extend(reporting_round, cast)
    by = Actor(cast.secretariat, "page", "r")
    actions.withdraw_extension(reporting_round=reporting_round, body=somtc, version=1, reason="Not meant.", by=by)

    with pytest.raises(Stale):
        extend(reporting_round, cast, version=1)
    assert extend(reporting_round, cast).version == 3


def test_what_came_in_the_time_that_was_given_is_kept_and_late(
    reporting_round: ReportingRound, somtc: SectoralBody, cast: Cast
) -> None:
    extend(reporting_round, cast)
    report = Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="Begun.")
    by = Actor(cast.secretariat, "page", "r")
    with time_machine.travel("2018-08-10T05:00:00Z", tick=False):
        draft = actions.begin_report(
            activity=Activity.objects.get(ref="A.1.1.1"),
            report=report,
            by=Actor(cast.somtc, "page", "r"),
            reporting_round=reporting_round,
            body=somtc,
        )
        actions.submit_report(update=draft, version=1, by=Actor(cast.somtc, "page", "r"))
        due: Any = Obligation.objects.with_timeliness().filter(report=draft)
        assert [one.timeliness for one in due] == ["on_time"]
        actions.withdraw_extension(reporting_round=reporting_round, body=somtc, version=1, reason="Not meant.", by=by)
        assert [(one.state, one.timeliness) for one in due.all()] == [(rules.SUBMITTED, "late")]


def test_of_a_published_round_nothing_is_taken_back(
    reporting_round: ReportingRound, somtc: SectoralBody, cast: Cast
) -> None:
    extend(reporting_round, cast)
    by = Actor(cast.secretariat, "page", "r")
    closed = actions.close_round(reporting_round=reporting_round, version=reporting_round.version, by=by)
    actions.publish_round(reporting_round=closed, version=closed.version, confirmed_bodies=everybody(), by=by)

    with pytest.raises(WrongState, match="is published"):
        actions.withdraw_extension(reporting_round=reporting_round, body=somtc, version=1, reason="So.", by=by)
    assert actions.obstacles_to_undoing("given") == [
        f"“{reporting_round}” is published, so no deadline in it can be changed."
    ]


# Undo


def test_giving_changing_and_taking_back_can_be_undone(
    reporting_round: ReportingRound, somtc: SectoralBody, cast: Cast
) -> None:
    def undo(request: str) -> None:
        by = Actor(cast.secretariat, "page", f"undo-{request}-{AuditEntry.objects.count()}")
        assert actions.undo_request(request_id=request, reason="A mistake.", by=by) == 1

    extend(reporting_round, cast, request="given")
    assert actions.describe_undo("given") == "1 deadline"
    undo("given")
    assert due_dates(reporting_round) == {DUE}

    given = extend(reporting_round, cast, request="first", reason="The first reason.")
    extend(reporting_round, cast, request="second", until=LATEST, reason="The second reason.", version=given.version)
    assert actions.obstacles_to_undoing("first") == [
        f"The deadline extension of SOMTC in “{reporting_round}” has been changed since."
    ]
    undo("second")
    assert due_dates(reporting_round) == {LATER}
    again = LateException.objects.get()
    assert again.reason == "The first reason."

    by = Actor(cast.secretariat, "page", "taken")
    actions.withdraw_extension(
        reporting_round=reporting_round, body=somtc, version=again.version, reason="Wrong.", by=by
    )
    undo("taken")
    assert due_dates(reporting_round) == {LATER}
    assert LateException.objects.get().reason == "The first reason."
    with time_machine.travel("2018-08-20T05:00:00Z", tick=False):
        taken = Actor(cast.secretariat, "page", "late")
        actions.withdraw_extension(
            reporting_round=reporting_round,
            body=somtc,
            version=LateException.objects.get().version,
            reason="Over.",
            by=taken,
        )
        with pytest.raises(WrongState, match="This date has passed"):
            undo("late")


def test_the_calendar_tells_each_change_by_a_higher_number(
    reporting_round: ReportingRound, somtc: SectoralBody, cast: Cast, page: Callable[..., Client]
) -> None:
    def event() -> tuple[Any, Any, Any]:
        answer = page().get(f"/plans/{CODE}/bodies/SOMTC/deadlines.ics")
        found = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
        uid = f"apta-round-{reporting_round.pk}-body-{somtc.pk}-due@testserver"
        [due] = [one for one in found if str(one["UID"]) == uid]
        return due["SEQUENCE"], due.decoded("LAST-MODIFIED"), due.decoded("DTSTART")

    seen = [event()]
    with time_machine.travel("2018-07-21T05:00:00Z", tick=False):
        given = extend(reporting_round, cast)
        seen.append(event())
    with time_machine.travel("2018-07-22T05:00:00Z", tick=False):
        by = Actor(cast.secretariat, "page", "r")
        actions.withdraw_extension(
            reporting_round=reporting_round, body=somtc, version=given.version, reason="So.", by=by
        )
        seen.append(event())
    with time_machine.travel("2018-07-23T05:00:00Z", tick=False):
        extend(reporting_round, cast, until=LATEST)
        seen.append(event())

    assert [number - seen[0][0] for number, _, _ in seen] == [0, 1, 2, 3]
    assert sorted(stamp for _, stamp, _ in seen) == [stamp for _, stamp, _ in seen]
    assert [day for _, _, day in seen] == [DUE, LATER, DUE, LATEST]


# The API


def test_a_program_changes_and_takes_back_what_it_has_read(
    reporting_round: ReportingRound, cast: Cast, api: Callable[..., APIClient]
) -> None:
    client, address = api(cast.secretariat), at(reporting_round, "SOMTC/")
    assert client.get(address).status_code == 404
    sent = {"body": "SOMTC", "until": LATER.isoformat(), "reason": "Ill."}
    assert client.post(at(reporting_round), sent).status_code == 201

    read = client.get(at(reporting_round, "som tc/"))
    assert read.json() == {
        **sent,
        "version": 1,
        "updated_at": LateException.objects.get().updated_at.isoformat().replace("+00:00", "Z"),
    }
    assert read["ETag"].startswith('"1-')
    again = client.post(at(reporting_round), {**sent, "reason": "Blindly."})
    assert (again.status_code, again.json()["current"], again["ETag"]) == (412, read.json(), read["ETag"])
    assert client.patch(address, {"reason": "Very ill."}, headers={"If-Match": again["ETag"]}).status_code == 200

    for method, path, body in (("patch", "", {"until": "2018-08-21"}), ("post", "withdraw/", {"reason": "So."})):
        ask = getattr(client, method)
        assert ask(address + path, body).status_code == 428
        stale = ask(address + path, body, headers={"If-Match": read["ETag"]})
        assert (stale.status_code, stale.json()["error"]["code"]) == (412, "stale_version")
        assert stale.json()["current"]["version"] == 2
    assert client.patch(address, {"until": "2018-07-01"}, headers={"If-Match": '"2"'}).status_code == 400
    changed = client.patch(address, {"until": "2018-08-21"}, headers={"If-Match": '"2"'})
    assert (changed.status_code, changed.json()["until"], changed.json()["reason"]) == (200, "2018-08-21", "Very ill.")
    assert changed["ETag"] == client.get(address)["ETag"]
    taken = client.post(f"{address}withdraw/", {"reason": "So."}, headers={"If-Match": changed["ETag"]})
    assert (taken.status_code, taken.json()["exceptions"]) == (200, [])
    assert client.get(address).status_code == 404


def test_who_may_read_change_and_take_back_by_api(
    reporting_round: ReportingRound, cast: Cast, api: Callable[..., APIClient]
) -> None:
    extend(reporting_round, cast)
    people = (cast.visitor, cast.newcomer, cast.somtc, cast.acwc)
    address, tag = at(reporting_round, "SOMTC/"), {"If-Match": '"1"'}

    seen = [api(person).get(address).json()["reason"] for person in people]
    assert seen == [None, None, "The focal point has changed.", None]
    for ask in (
        lambda client: client.patch(address, {"until": "2018-09-01"}, headers=tag),
        lambda client: client.post(f"{address}withdraw/", {"reason": "So."}, headers=tag),
    ):
        assert [ask(api(person)).status_code for person in people] == [401, 403, 403, 403]
    assert LateException.objects.get().until == LATER


# The pages


def test_a_page_takes_back_after_a_look_at_what_will_happen(
    reporting_round: ReportingRound, cast: Cast, page: Callable[..., Client]
) -> None:
    extend(reporting_round, cast)
    client, address = page(cast.secretariat), f"{ROUND}exception/SOMTC/withdraw/"
    assert f'href="{address}"' in text(client.get(ROUND))
    assert f'href="{address}"' not in text(page(cast.somtc).get(ROUND))

    shown = text(client.get(address))
    assert "The deadline of SOMTC is extended to 14 August 2018." in shown
    assert "Reports of SOMTC are due on 31 July 2018 again" in shown
    refused = client.post(address, {"version": "1", "reason": " "})
    assert refused.status_code == 400
    assert "Enter the reason for the withdrawal." in text(refused)
    assert client.post(address, {"reason": "So."}).status_code == 400
    extend(reporting_round, cast, until=LATEST, version=1)
    stale = client.post(address, {"version": "1", "reason": "Typed with care"})
    assert stale.status_code == 409
    assert "Typed with care" in text(stale) and "The deadline of SOMTC is extended to 1 September 2018." in text(stale)
    assert client.post(address, {"version": "2", "reason": "Not meant."}).headers["Location"] == ROUND
    assert client.get(address).status_code == 404
    gone = client.post(address, {"version": "2", "reason": "Typed with care"})
    assert gone.status_code == 409
    assert "Typed with care" in text(gone)
    assert "Deadline extension of SOMTC" not in text(page(cast.visitor).get(ROUND))
    assert "The deadline extension of SOMTC was withdrawn." in text(page(cast.somtc).get(ROUND))


def test_a_page_gives_over_nothing_that_somebody_else_gave_meanwhile(
    reporting_round: ReportingRound, cast: Cast, page: Callable[..., Client]
) -> None:
    client, address = page(cast.secretariat), f"{ROUND}exception/"
    typed = {"body": "SOMTC", "until": "2018-09-01", "reason": "Typed with care"}
    extend(reporting_round, cast)

    stale = client.post(address, typed)
    assert stale.status_code == 409
    shown = text(stale)
    assert "Somebody else has changed this since you read it." in shown
    assert "until 14 August 2018" in shown and "Typed with care" in shown
    assert '<input type="hidden" name="seen" value="SOMTC:1">' in shown
    assert client.post(address, {**typed, "seen": "SOMTC:1"}).status_code == 302
    assert LateException.objects.get().until == LATEST


def test_who_may_open_the_page_that_takes_back(
    reporting_round: ReportingRound, cast: Cast, page: Callable[..., Client]
) -> None:
    extend(reporting_round, cast)
    address = f"{ROUND}exception/SOMTC/withdraw/"
    people = (cast.visitor, cast.newcomer, cast.somtc, cast.acwc, cast.secretariat, cast.administrator)

    assert [page(person).get(address).status_code for person in people] == [302, 403, 403, 403, 200, 200]
    # What a visitor typed is given back.
    kept = page().post(address, {"version": "1", "reason": "Typed with care"})
    assert kept.status_code == 403
    assert "Typed with care" in text(kept)
