"""Publishing a round: what it would take away is confirmed by name, set for a day, or withdrawn."""

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from tests.conftest import Cast
from tests.larger_plans import opened
from workplan import actions, rules
from workplan.actions import Actor, EvidenceItem, Report
from workplan.exceptions import EndsRights, Invalid, NotAllowed, Stale, WrongState
from workplan.models import Activity, AuditEntry, Notice, ReportingRound, SectoralBody, StatusUpdate, WorkPlan
from workplan.monitoring.publication import obstacles_to_withdrawal
from workplan.notifications.tasks import send_messages

AFTER_DUE = "2018-08-20T05:00:00Z"
EXTENDED = datetime.date(2018, 12, 20)
ONGOING = Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="The module is drafted.")


def by(user: Any) -> Actor:
    return Actor(user, "page", "r")


@pytest.fixture
def keeper(cast: Cast) -> Actor:
    return by(cast.secretariat)


@pytest.fixture
def closed(plan: WorkPlan, cast: Cast, keeper: Actor) -> Iterator[ReportingRound]:
    """A closed round that publishes its reports together; its date has passed, and a report of SOMTC is approved."""
    with time_machine.travel("2018-07-10T05:00:00Z", tick=False):
        reporting_round = opened(plan, keeper, publication=rules.WITH_ROUND)
        update = submitted(reporting_round, cast, "A.1.1.1")
        actions.approve_report(update=update, version=update.version, by=by(cast.colleague))
    with time_machine.travel(AFTER_DUE, tick=False) as clock:
        reporting_round.refresh_from_db()
        closed = actions.close_round(reporting_round=reporting_round, version=reporting_round.version, by=keeper)
        clock.shift(60)
        yield closed


def submitted(reporting_round: ReportingRound, cast: Cast, ref: str) -> StatusUpdate:
    update = actions.begin_report(
        activity=Activity.objects.get(ref=ref),
        report=ONGOING,
        by=by(cast.somtc),
        reporting_round=reporting_round,
        body=SectoralBody.objects.get(acronym="SOMTC"),
    )
    return actions.submit_report(update=update, version=update.version, by=by(cast.somtc))


def extend(reporting_round: ReportingRound, keeper: Actor, until: datetime.date = EXTENDED) -> None:
    body = SectoralBody.objects.get(acronym="ACWC")
    actions.extend_deadline(reporting_round=reporting_round, body=body, until=until, reason="New staff.", by=keeper)


def publish(reporting_round: ReportingRound, keeper: Actor, **values: Any) -> ReportingRound:
    reporting_round.refresh_from_db()
    return actions.publish_round(reporting_round=reporting_round, version=reporting_round.version, by=keeper, **values)


def outstanding(acronym: str, reporting_round: ReportingRound) -> int:
    return reporting_round.obligations.filter(body__acronym=acronym).outstanding().count()


def test_a_running_extension_ends_only_when_its_body_is_named(
    closed: ReportingRound, cast: Cast, keeper: Actor, page: Callable[..., Client], api: Any
) -> None:
    extend(closed, keeper)
    lost = f"ACWC may report until 20 December 2018 ({outstanding('ACWC', closed)} reports outstanding)."
    for names in ((), ("SOMTC",)):
        with pytest.raises(EndsRights) as refusal:
            publish(closed, keeper, confirmed_bodies=names)
        assert (refusal.value.fields, refusal.value.bodies) == ({"confirmed_bodies": [lost]}, ["ACWC"])
    before = AuditEntry.objects.count()

    address, client = f"{closed.get_absolute_url()}publish/", page(cast.secretariat)
    shown = client.get(address).content.decode()
    assert lost in shown and 'name="confirmed_bodies" value="ACWC"' in shown and "Not received: " in shown
    form = {"version": closed.version, "confirmed_bodies": "ACWC"}
    assert client.post(address, form).status_code == 409, "the box is not ticked"
    tag = {"If-Match": f'"{closed.version}"'}
    for sent in ({}, {"confirmed_bodies": ["SLOM"]}):
        answer = api(cast.secretariat).post(f"/api/v1/rounds/{closed.pk}/publish/", sent, headers=tag)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "ends_rights")
        assert answer.json()["error"]["fields"] == {"confirmed_bodies": [lost]}
    assert AuditEntry.objects.count() == before
    # Whoever looked before another body was given time has not confirmed that one.
    actions.extend_deadline(
        reporting_round=closed,
        body=SectoralBody.objects.get(acronym="SOMTC"),
        until=EXTENDED,
        reason="Ill.",
        by=keeper,
    )
    again = client.post(address, {**form, "confirmed": "on"})
    assert again.status_code == 409 and "SOMTC may report until" in again.content.decode()

    done = client.post(address, {**form, "confirmed_bodies": ["ACWC", "SOMTC"], "confirmed": "on"}, follow=True)
    text = done.content.decode()
    assert "is published. Not received: " in text and "They ended with the publication of the round." in text
    assert lost in AuditEntry.objects.get(action="round.published").reason
    assert lost in Notice.objects.get(user=cast.acwc, event="publication").text


def test_what_waits_for_review_and_what_is_not_due_yet_is_confirmed_too(
    plan: WorkPlan, cast: Cast, keeper: Actor
) -> None:
    with time_machine.travel("2018-07-20T05:00:00Z", tick=False):
        reporting_round = opened(plan, keeper)
        submitted(reporting_round, cast, "A.1.1.1")
        reporting_round.refresh_from_db()
        actions.close_round(reporting_round=reporting_round, version=reporting_round.version, by=keeper)
        with pytest.raises(EndsRights) as refusal:
            publish(reporting_round, keeper)
        words = refusal.value.fields["confirmed_bodies"]
        assert len(words) == len(refusal.value.bodies) == 10
        left = outstanding("SOMTC", reporting_round)
        due = f"SOMTC has reports due until 31 July 2018 ({left} reports outstanding)"
        assert f"{due} and has 1 report to be reviewed." in words
    with time_machine.travel("2018-08-01T05:00:00Z", tick=False), pytest.raises(EndsRights) as refusal:
        publish(reporting_round, keeper)
    assert refusal.value.fields["confirmed_bodies"] == ["SOMTC has 1 report to be reviewed."]
    with time_machine.travel("2018-08-01T05:00:00Z", tick=False):
        publish(reporting_round, keeper, confirmed_bodies=["SOMTC"])
        waiting = StatusUpdate.objects.get(state=rules.SUBMITTED)
        actions.approve_report(update=waiting, version=waiting.version, by=keeper)
    assert Activity.objects.get(ref="A.1.1.1").status == "ongoing", "what waited is reviewed, and published then"


def test_a_day_of_publication_is_set_changed_and_taken_back(closed: ReportingRound, cast: Cast, keeper: Actor) -> None:
    def schedule(day: datetime.date, who: Actor = keeper) -> ReportingRound:
        closed.refresh_from_db()
        return actions.schedule_publication(reporting_round=closed, version=closed.version, publish_on=day, by=who)

    with pytest.raises(NotAllowed):
        schedule(datetime.date(2018, 9, 1), by(cast.somtc))
    with pytest.raises(Invalid, match="cannot be accepted"):
        schedule(datetime.date(2018, 8, 20))
    extend(closed, keeper)
    with pytest.raises(Invalid) as refusal:
        schedule(EXTENDED)
    assert "Enter a date after 20 December 2018." in refusal.value.fields["publish_on"][0]
    assert schedule(EXTENDED + datetime.timedelta(days=1)).publish_on == datetime.date(2018, 12, 21)
    assert schedule(EXTENDED + datetime.timedelta(days=2)).publish_on == datetime.date(2018, 12, 22)
    with pytest.raises(Stale):
        actions.unschedule_publication(reporting_round=closed, version=1, by=keeper)
    closed.refresh_from_db()
    actions.unschedule_publication(reporting_round=closed, version=closed.version, by=keeper)
    closed.refresh_from_db()
    assert closed.publish_on is None
    with pytest.raises(WrongState):
        actions.unschedule_publication(reporting_round=closed, version=closed.version, by=keeper)
    days = AuditEntry.objects.filter(action__startswith="round.publication").order_by("pk")
    assert [entry.changes["publish_on"] for entry in days] == [
        [None, "2018-12-21"],
        ["2018-12-21", "2018-12-22"],
        ["2018-12-22", None],
    ]


def test_the_worker_publishes_on_the_day_and_in_the_name_of_who_set_it(
    closed: ReportingRound, cast: Cast, keeper: Actor
) -> None:
    day = datetime.date(2018, 9, 1)
    actions.schedule_publication(reporting_round=closed, version=closed.version, publish_on=day, by=keeper)
    send_messages()
    closed.refresh_from_db()
    assert closed.state == rules.CLOSED, "its day has not come"
    with time_machine.travel("2018-08-31T17:30:00Z", tick=False):  # already the 1st in Jakarta
        assert actions.publish_scheduled() == 1
        assert actions.publish_scheduled() == 0
    closed.refresh_from_db()
    assert (closed.state, closed.publish_on) == (rules.PUBLISHED, None)
    entry = AuditEntry.objects.get(action="round.published")
    assert entry.channel == "command"
    assert entry.reason == f"Scheduled for 1 September 2018 by {cast.secretariat} ({cast.secretariat.username})."
    assert Activity.objects.get(ref="A.1.1.1").status == "ongoing"


def test_on_the_day_nothing_is_taken_from_anybody(
    closed: ReportingRound, cast: Cast, keeper: Actor, page: Callable[..., Client]
) -> None:
    day = datetime.date(2018, 9, 1)
    actions.schedule_publication(reporting_round=closed, version=closed.version, publish_on=day, by=keeper)
    extend(closed, keeper, until=datetime.date(2018, 9, 10))
    with time_machine.travel("2018-09-02T05:00:00Z", tick=False):
        send_messages()
        send_messages()
        closed.refresh_from_db()
        assert (closed.state, closed.publish_on) == (rules.CLOSED, None)
        [entry] = AuditEntry.objects.filter(action="round.not_published")
        assert "ACWC may report until 10 September 2018" in entry.reason
        notified = Notice.objects.filter(event="publication").order_by("pk")
        assert {one.user_id for one in notified} == {cast.secretariat.pk, cast.colleague.pk} and len(notified) == 2
        assert "was not published on 1 September 2018, the day set by" in notified[0].text
        address = closed.get_absolute_url()
        assert "Not published on the scheduled date." in page(cast.secretariat).get(address).content.decode()
        assert "Not published on" not in page().get(address).content.decode()


def test_a_publication_in_error_is_withdrawn_and_leaves_things_as_before(
    closed: ReportingRound, cast: Cast, keeper: Actor, page: Callable[..., Client], api: Any
) -> None:
    extend(closed, keeper)
    before = list(Activity.objects.order_by("pk").values_list("pk", "status", "status_as_of", "latest_update"))
    mine = "/my/"
    worklist = page(cast.acwc).get(mine).context["work"].counts
    published = publish(closed, keeper, confirmed_bodies=["ACWC"])
    assert Activity.objects.get(ref="A.1.1.1").status == "ongoing"
    assert page(cast.acwc).get(mine).context["work"].rounds == []

    def withdraw(reason: str, who: Actor = keeper, version: int = published.version) -> ReportingRound:
        return actions.withdraw_publication(reporting_round=closed, version=version, reason=reason, by=who)

    with pytest.raises(NotAllowed):
        withdraw("In error.", by(cast.acwc))
    with pytest.raises(Invalid):
        withdraw("  ")
    with pytest.raises(Stale):
        withdraw("In error.", version=1)
    shown = page(cast.secretariat).get(f"{closed.get_absolute_url()}withdraw/").content.decode()
    assert "1 activity returns to the earlier status" in shown
    assert "ACWC may report again until 20 December 2018." in shown
    found = withdraw("The wrong round.")

    assert (found.state, found.published_at) == (rules.CLOSED, None)
    assert list(Activity.objects.order_by("pk").values_list("pk", "status", "status_as_of", "latest_update")) == before
    assert page(cast.acwc).get(mine).context["work"].counts == worklist
    entry = AuditEntry.objects.get(action="round.publication_withdrawn")
    assert (entry.reason, entry.changes["state"]) == ("The wrong round.", ["published", "closed"])
    assert "The wrong round." in Notice.objects.get(user=cast.somtc, event="publication").text
    public = page().get(closed.get_absolute_url()).content.decode()
    assert "The publication of the round “First half of 2018” was withdrawn." in public and "wrong round" not in public
    again = publish(closed, keeper, confirmed_bodies=["ACWC"])
    assert again.state == rules.PUBLISHED and Activity.objects.get(ref="A.1.1.1").status == "ongoing"


@pytest.mark.parametrize("what", ["another round", "a status", "a reopened round"])
def test_what_was_built_on_is_not_withdrawn(closed: ReportingRound, cast: Cast, keeper: Actor, what: str) -> None:
    publish(closed, keeper)
    assert obstacles_to_withdrawal(closed) == []
    with time_machine.travel("2018-08-21T05:00:00Z", tick=False):
        if what == "a status":
            activity = Activity.objects.get(ref="A.1.1.1")
            report = Report(
                status="completed",
                as_of=datetime.date(2018, 8, 20),
                narrative="Done.",
                outputs_delivered="A module.",
                evidence=(EvidenceItem("Module", "https://example.org/module"),),
            )
            actions.record_status(activity=activity, version=activity.version, report=report, by=keeper)
            word = "A later status is recorded on A.1.1.1."
        else:
            other = ReportingRound.objects.get(code="2018-2")
            other = actions.open_round(reporting_round=other, version=other.version, by=keeper)
            word = "“Second half of 2018” has been opened, closed or published since, or is open."
            if what == "a reopened round":
                actions.close_round(reporting_round=other, version=other.version, by=keeper)
        closed.refresh_from_db()
        with pytest.raises(WrongState, match=word):
            actions.withdraw_publication(reporting_round=closed, version=closed.version, reason="In error.", by=keeper)
        assert getattr(ReportingRound.objects.with_blockers().get(pk=closed.pk), "is_built_on") is True  # noqa: B009
    assert closed.state == rules.PUBLISHED


def test_what_is_deferred_until_a_day_is_reported_on_in_the_round_of_that_day(
    plan: WorkPlan, cast: Cast, keeper: Actor
) -> None:
    def record(ref: str, **values: Any) -> None:
        activity = Activity.objects.get(ref=ref)
        said: dict[str, Any] = {"status": "deferred", "as_of": datetime.date(2018, 6, 30)} | values
        report = Report(narrative="Put off.", reason="No budget.", **said)
        actions.record_status(activity=activity, version=activity.version, report=report, by=keeper)

    def asked(code: str) -> set[str]:
        reporting_round = opened(plan, keeper, code=code)
        refs = set(reporting_round.obligations.values_list("activity__ref", flat=True))
        actions.close_round(reporting_round=reporting_round, version=reporting_round.version, by=keeper)
        return refs & {"A.1.1.1", "A.1.1.4", "A.3.1.1"}

    for values in (
        {"deferred_until": datetime.date(2018, 6, 30)},
        {"deferred_until": datetime.date(2019, 1, 1), "status": "ongoing"},
    ):
        with pytest.raises(Invalid) as refusal:
            record("A.1.1.1", **values)
        assert list(refusal.value.fields) == ["deferred_until"]
    record("A.1.1.1", deferred_until=datetime.date(2019, 2, 1))
    record("A.1.1.4", deferred_until=datetime.date(2018, 12, 31))
    record("A.3.1.1")
    assert asked("2018-1") == {"A.3.1.1"}, "without a day it is asked for in each round"
    assert asked("2018-2") == {"A.1.1.4", "A.3.1.1"}
    assert asked("2019-1") == {"A.1.1.1", "A.1.1.4", "A.3.1.1"}


def test_on_completed_activities_nothing_is_due_unless_reopened_or_the_round_asks_for_all(
    plan: WorkPlan, cast: Cast, keeper: Actor
) -> None:
    def record(ref: str, status: str) -> None:
        activity = Activity.objects.get(ref=ref)
        report = Report(
            status=status,
            as_of=datetime.date(2018, 6, 30),
            narrative="So it is.",
            outputs_delivered="A module.",
            reason="The meeting decided so.",
            evidence=(EvidenceItem("Module", "https://example.org/module"),),
        )
        actions.record_status(activity=activity, version=activity.version, report=report, by=keeper)

    def asked() -> set[str]:
        return set(ReportingRound.objects.open().get().obligations.values_list("activity__ref", flat=True))

    record("A.1.1.1", "completed")
    record("A.1.1.4", "cancelled")
    everything = set(Activity.objects.values_list("ref", flat=True))
    reporting_round = opened(plan, keeper)
    assert asked() == everything - {"A.1.1.1", "A.1.1.4"}
    record("A.1.1.1", "ongoing")
    record("A.3.1.1", "cancelled")
    assert asked() == everything - {"A.1.1.4", "A.3.1.1"}, "reopened: asked for; cancelled meanwhile: no longer"
    update = submitted(reporting_round, cast, "A.1.1.1")
    update = actions.approve_report(update=update, version=update.version, by=keeper)
    record("A.1.1.1", "completed")
    assert "A.1.1.1" in asked(), "the round has its report, which stays counted"
    reporting_round.refresh_from_db()
    actions.close_round(reporting_round=reporting_round, version=reporting_round.version, by=keeper)

    final = ReportingRound.objects.get(kind=rules.FINAL)
    assert final.asks_for_all and not reporting_round.asks_for_all
    actions.open_round(reporting_round=final, version=final.version, by=keeper)
    assert asked() == everything
