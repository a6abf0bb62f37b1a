"""Following a view: who hears of what is published on its activities, and that they hear it once."""

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.conftest import Cast
from tests.larger_plans import grow, make_scenario, opened, saved
from workplan import actions, rules
from workplan.actions import Actor, EvidenceItem, Report, following, messages
from workplan.models import (
    Activity,
    AuditEntry,
    Follow,
    Membership,
    Notice,
    ReportingRound,
    SavedView,
    SectoralBody,
    User,
    WorkPlan,
)

START = datetime.datetime(2018, 7, 3, 4, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)


def by(user: Any) -> Actor:
    return Actor(user, "page", "r")


def send() -> None:
    call_command("send_messages", verbosity=0)


def notified(user: User) -> list[str]:
    """Of what ``user`` was notified through views, by the references of the activities."""
    notices = Notice.objects.filter(user=user, event="followed").order_by("id")
    return [notice.text.split()[0] for notice in notices]


def mailed(user: User) -> str:
    return "\n".join(str(one.body) for one in mail.outbox if one.to == [user.email])


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def record(cast: Cast) -> Callable[..., Any]:
    def record(ref: str, status: str = "ongoing", *, by: User = cast.secretariat, **values: Any) -> Any:
        activity = Activity.objects.get(ref=ref)
        said: dict[str, Any] = {
            "as_of": datetime.date(2018, 6, 30),
            "narrative": "Begun.",
            "outputs_delivered": "A manual.",
            "evidence": (EvidenceItem("Minutes", "https://example.org/minutes"),),
            **values,
        }
        return actions.record_status(
            activity=activity,
            version=activity.version,
            report=Report(status=status, **said),
            by=Actor(by, "page", "r"),
        )

    return record


@pytest.fixture
def view(plan: WorkPlan, cast: Cast, clock: Any) -> SavedView:
    """Section A, followed by Nora, who has an account and no body."""
    view = saved(plan, cast.somtc, "Prevention", "section=A")
    actions.follow_view(view=view, by=by(cast.newcomer))
    return view


def test_whoever_follows_hears_what_is_published_and_nothing_else(
    view: SavedView, cast: Cast, record: Any, clock: Any
) -> None:
    record("A.1.1.1", "completed")
    record("B.1.1.1")

    send()

    assert notified(cast.newcomer) == ["A.1.1.1"]
    [letter] = mail.outbox
    assert letter.to == ["nora@example.org"] and letter.subject == "1 notification in apta: followed view"
    text = Notice.objects.get(event="followed").text
    assert text.startswith("A.1.1.1 is “Completed” as at 30 June 2018 (before: Not reported), reported by Secretariat.")
    assert text.endswith("(In your view “Prevention”.)")
    update = Activity.objects.get(ref="A.1.1.1").latest_update
    assert update and f"/plans/tip-2016-2020/activities/A.1.1.1/#update-{update.pk}" in letter.body


def test_run_again_and_again_it_notifies_nothing_twice(view: SavedView, cast: Cast, record: Any, clock: Any) -> None:
    record("A.1.1.1")
    for _ in range(3):
        send()
        clock.shift(MINUTE)
    record("A.1.1.1", "completed")
    for _ in range(3):
        clock.shift(MINUTE)
        send()

    assert notified(cast.newcomer) == ["A.1.1.1", "A.1.1.1"]
    assert len(mail.outbox) == 2


def test_of_several_views_that_hold_an_activity_one_notifies_it(
    plan: WorkPlan, view: SavedView, cast: Cast, record: Any
) -> None:
    for name, query in (("All", ""), ("Of SOMTC", "body=SOMTC"), ("Elsewhere", "section=B")):
        actions.follow_view(view=saved(plan, cast.acwc, name, query), by=by(cast.newcomer))
    record("A.1.1.1")

    send()

    assert notified(cast.newcomer) == ["A.1.1.1"]
    assert mailed(cast.newcomer).count("A.1.1.1 is") == 1


@pytest.mark.parametrize(
    "dies_in", ["workplan.actions.following.Follow.objects.filter", "workplan.actions.messages.collect"]
)
def test_a_run_that_dies_half_way_is_made_up_for_by_the_next(
    view: SavedView, cast: Cast, record: Any, clock: Any, monkeypatch: Any, dies_in: str
) -> None:
    record("A.1.1.1")

    def die(*_: Any, **__: Any) -> Any:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr(dies_in, die)
        send()
    assert mail.outbox == []
    for _ in range(2):
        clock.shift(MINUTE)
        send()

    assert notified(cast.newcomer) == ["A.1.1.1"]
    assert len(mail.outbox) == 1


def test_a_worker_that_stood_still_for_weeks_notifies_all_of_it(
    view: SavedView, cast: Cast, record: Any, clock: Any
) -> None:
    send()
    clock.shift(datetime.timedelta(days=1))
    record("A.1.1.1")
    clock.shift(datetime.timedelta(days=20))
    record("A.1.1.4")
    clock.shift(datetime.timedelta(days=20))

    send()

    assert notified(cast.newcomer) == ["A.1.1.1", "A.1.1.4"]
    assert len(mail.outbox) == 1


def test_what_a_slow_transaction_wrote_before_the_last_run_and_shows_after_it_is_notified(
    view: SavedView, cast: Cast, record: Any, clock: Any
) -> None:
    """Its entry is dated two minutes before the run that could not see it yet."""
    record("A.1.1.1")
    Follow.objects.update(told_until=START + 2 * MINUTE)
    clock.shift(3 * MINUTE)

    send()

    assert notified(cast.newcomer) == ["A.1.1.1"]


def test_what_was_published_before_one_follows_is_not_told(
    plan: WorkPlan, view: SavedView, cast: Cast, record: Any, clock: Any
) -> None:
    record("A.1.1.1")
    clock.shift(MINUTE)
    actions.follow_view(view=view, by=by(cast.acwc))
    clock.shift(MINUTE)
    send()
    assert notified(cast.acwc) == []

    record("A.1.1.4")
    actions.unfollow_view(view=view, by=by(cast.newcomer))
    send()
    assert (notified(cast.acwc), notified(cast.newcomer)) == (["A.1.1.4"], ["A.1.1.1"])


def test_whoever_did_it_is_not_told(view: SavedView, cast: Cast, record: Any) -> None:
    for person in (cast.secretariat, cast.colleague):
        actions.follow_view(view=view, by=by(person))
    record("A.1.1.1", by=cast.secretariat)

    send()

    assert (notified(cast.secretariat), notified(cast.colleague)) == ([], ["A.1.1.1"])


def test_a_status_that_leaves_the_view_is_notified_too(plan: WorkPlan, cast: Cast, record: Any, clock: Any) -> None:
    record("A.1.1.1", "ongoing")
    record("A.1.1.4", "completed")
    clock.shift(10 * MINUTE)
    view = saved(plan, cast.somtc, "Ongoing", "status=ongoing")
    actions.follow_view(view=view, by=by(cast.newcomer))

    record("A.1.1.1", "completed")
    record("A.1.1.2", "ongoing")
    record("A.1.1.3", "completed")
    record("A.1.1.4", "completed", kind=rules.CORRECTION)
    send()

    assert notified(cast.newcomer) == ["A.1.1.1", "A.1.1.2"]
    assert "A.1.1.1 is “Completed” as at 30 June 2018 (before: Ongoing)" in mailed(cast.newcomer)


def test_drafts_what_waits_and_no_change_are_not_notified(plan: WorkPlan, cast: Cast, clock: Any) -> None:
    view = saved(plan, cast.acwc, "Everything")
    actions.follow_view(view=view, by=by(cast.acwc))
    scenario = make_scenario(secretariat=cast.secretariat, lead=cast.somtc)
    send()
    approved = scenario.reports[rules.APPROVED].activity.ref
    assert notified(cast.acwc) == [approved], "One of four reports is published."

    alone = Activity.objects.get(ref="C.1.1.1.1")
    [nothing] = actions.submit_bulk_report(
        reporting_round=scenario.round,
        body=SectoralBody.objects.get(acronym="SOMTC"),
        activities=[alone.pk],
        kind=rules.NIL_RETURN,
        by=by(cast.somtc),
    )
    actions.approve_report(update=nothing, version=nothing.version, by=by(cast.secretariat))
    assert AuditEntry.objects.filter(action="report.approved", activity=alone).exists()
    send()
    assert notified(cast.acwc) == [approved]


def test_reports_that_wait_for_their_round_are_notified_when_it_is_published(
    plan: WorkPlan, view: SavedView, cast: Cast, record: Any, clock: Any
) -> None:
    reporting_round = opened(plan, by(cast.secretariat), publication="with_round")
    for ref in ("A.1.1.1", "A.1.1.4"):
        activity = Activity.objects.get(ref=ref)
        actions.record_status(
            activity=activity,
            version=activity.version,
            report=Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="Begun."),
            reporting_round=reporting_round,
            by=by(cast.secretariat),
        )
    clock.shift(10 * MINUTE)
    send()
    assert notified(cast.newcomer) == []

    clock.shift(datetime.timedelta(days=30))
    reporting_round = ReportingRound.objects.get(pk=reporting_round.pk)
    reporting_round = actions.close_round(
        reporting_round=reporting_round, version=reporting_round.version, by=by(cast.secretariat)
    )
    actions.publish_round(reporting_round=reporting_round, version=reporting_round.version, by=by(cast.secretariat))
    send()
    send()
    assert sorted(notified(cast.newcomer)) == ["A.1.1.1", "A.1.1.4"]


def test_preferences_are_kept_to(view: SavedView, cast: Cast, record: Any, page: Callable[..., Client]) -> None:
    text = page(cast.newcomer).get("/my/messages/").content.decode()
    assert 'value="followed" id="event-followed" checked' in text and 'value="opened"' not in text
    messages.save_preferences(user=cast.newcomer, frequency=rules.SOON, events=[], by=by(cast.newcomer))
    actions.follow_view(view=view, by=by(cast.acwc))
    messages.save_preferences(user=cast.acwc, frequency=rules.NEVER, events=["followed"], by=by(cast.acwc))
    for person in (cast.newcomer, cast.acwc):
        answer = page(person).post(f"/views/{view.slug}/follow/", follow=True)
        assert "You have switched off email notifications about this." in answer.content.decode()
    record("A.1.1.1")

    send()

    assert notified(cast.newcomer) == notified(cast.acwc) == [] and mail.outbox == []


def test_a_view_is_followed_as_the_follower_may_see_it(plan: WorkPlan, cast: Cast, record: Any, clock: Any) -> None:
    """What is submitted is seen by the lead bodies and the secretariat, so the view is another one for ACWC."""
    scenario = make_scenario(secretariat=cast.secretariat, lead=cast.somtc)
    submitted = scenario.reports[rules.SUBMITTED].activity.ref
    view = saved(plan, cast.somtc, "In the making", "report_state=submitted")
    for person in (cast.somtc, cast.acwc, cast.colleague):
        actions.follow_view(view=view, by=by(person))
    record(submitted)

    send()

    assert (notified(cast.somtc), notified(cast.acwc), notified(cast.colleague)) == ([submitted], [], [submitted])


def test_a_view_that_was_made_private_notifies_nobody_but_its_owner(
    view: SavedView, cast: Cast, record: Any, clock: Any
) -> None:
    actions.follow_view(view=view, by=by(cast.somtc))
    actions.change_view(view=view, version=1, is_shared=False, by=by(cast.somtc))
    record("A.1.1.1")
    send()
    assert (notified(cast.newcomer), notified(cast.somtc)) == ([], ["A.1.1.1"])
    assert "Prevention" not in Notice.objects.get().text, "The secretariat looks after mails, and not after this view."

    clock.shift(10 * MINUTE)
    send()
    actions.change_view(view=view, version=2, is_shared=True, by=by(cast.somtc))
    send()
    assert notified(cast.newcomer) == [], "What happened while it was private is not told afterwards."


def test_closed_accounts_and_deleted_views_tell_nothing_and_unreadable_ones_that_they_are(
    plan: WorkPlan, view: SavedView, cast: Cast, record: Any
) -> None:
    gone, broken = saved(plan, cast.acwc, "Gone", ""), saved(plan, cast.acwc, "Broken", "section=A")
    for one in (gone, broken):
        actions.follow_view(view=one, by=by(cast.acwc))
    actions.delete_view(view=gone, version=1, by=by(cast.acwc))
    SavedView.objects.filter(pk=broken.pk).update(query="section=Z")
    User.objects.filter(pk=cast.newcomer.pk).update(is_active=False)
    record("A.1.1.1")

    send()

    [notice] = Notice.objects.all()
    assert (notice.user, notice.path) == (cast.acwc, "/views/") and "There is no section Z." in notice.text
    record("A.1.1.3")
    send()
    assert Notice.objects.count() == 1, "It is told once."


def test_recording_a_status_asks_nothing_for_those_who_follow(
    plan: WorkPlan, view: SavedView, cast: Cast, record: Any
) -> None:
    with CaptureQueriesContext(connection) as asked:
        record("A.1.1.1")

    assert not [query for query in asked if "follow" in query["sql"] or "savedview" in query["sql"]]
    assert not Notice.objects.exists()


def test_telling_asks_by_the_view_and_not_by_the_person_or_the_activity(
    plan: WorkPlan, view: SavedView, cast: Cast, clock: Any
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            following.notify_followers()
        return len([query for query in queries if not query["sql"].startswith("INSERT")])  # these go by hundreds

    def record_all() -> None:
        actions.record_status_of_many(
            versions=dict(Activity.objects.filter(plan=plan).values_list("pk", "version")),
            report=Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative="Going on."),
            by=by(cast.secretariat),
        )
        clock.shift(10 * MINUTE)

    record_all()
    few = asked()
    grow(plan, 300)
    for number in range(30):
        person = User.objects.create(username=f"follower{number}", email=f"f{number}@example.org")
        Follow.objects.create(view=view, user=person)
    record_all()

    assert asked() == few <= 12
    assert Notice.objects.filter(event="followed").count() > 30 * 20
    clock.shift(datetime.timedelta(hours=1))
    assert asked() <= 5, "Where nothing was published there is little to ask."
    assert Membership.objects.filter(user=cast.newcomer).count() == 0
