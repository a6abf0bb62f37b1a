"""What mails say of the publication of rounds, and of views that cannot be read, when they leave."""

import datetime
from typing import Any

import pytest
import time_machine

from tests.conftest import Cast
from tests.larger_plans import opened, saved
from tests.notifications.mails import IN_TIME, by, notice
from workplan import actions
from workplan.actions import mail_contents, messages
from workplan.models import Digest, Notice, ReportingRound, SavedView, SectoralBody, WorkPlan
from workplan.monitoring.publication import losses


def closed(plan: WorkPlan, cast: Cast) -> ReportingRound:
    """A round that was closed before its date, with no mail about it."""
    found = opened(plan, by(cast.secretariat))
    found = actions.close_round(reporting_round=found, version=found.version, by=by(cast.secretariat))
    Notice.objects.all().delete()
    return found


@pytest.fixture
def published(plan: WorkPlan, cast: Cast) -> Any:
    """A round that was published while reports were still taken, and the mails about it that wait."""
    with time_machine.travel(IN_TIME, tick=False):
        found = closed(plan, cast)
        found = actions.publish_round(
            reporting_round=found,
            version=found.version,
            by=by(cast.secretariat),
            confirmed_bodies=[loss.name for loss in losses(found)],
        )
        messages.collect()
        yield found


def claimed(user: Any) -> list[str]:
    digest = messages.claim(Digest.objects.get(user=user, sent_at=None).pk, worker="w")
    return [] if digest is None else [one.text for one in digest.notices.all()]


def test_a_body_hears_what_publishing_took_by_its_name_of_today(published: ReportingRound, cast: Cast) -> None:
    assert "ACWC" in Notice.objects.get(user=cast.acwc).text
    body = SectoralBody.objects.get(acronym="ACWC")
    body.acronym = "ACWCX"
    actions.save_record(record=body, by=by(cast.secretariat))

    (text,) = claimed(cast.acwc)
    assert text.startswith(f"“{published}” is published. ACWCX has reports due until 31 July 2018")


def test_a_publication_that_was_withdrawn_is_not_told_as_done(published: ReportingRound, cast: Cast) -> None:
    actions.withdraw_publication(
        reporting_round=published, version=published.version, reason="Too early.", by=by(cast.secretariat)
    )
    Notice.objects.filter(digest=None).delete()

    assert claimed(cast.acwc) == [
        f"The publication of “{published}” has been withdrawn; the round is closed again. Too early."
    ]


def test_a_withdrawal_is_not_told_of_a_round_that_goes_on(published: ReportingRound, cast: Cast) -> None:
    found = actions.withdraw_publication(
        reporting_round=published, version=published.version, reason="Too early.", by=by(cast.secretariat)
    )
    actions.reopen_round(reporting_round=found, version=found.version, reason="It goes on.", by=by(cast.secretariat))

    assert claimed(cast.acwc) == []


def test_the_secretariat_hears_what_was_not_published_until_it_is(plan: WorkPlan, cast: Cast) -> None:
    with time_machine.travel(IN_TIME, tick=False):
        found = closed(plan, cast)
        found = actions.schedule_publication(
            reporting_round=found,
            version=found.version,
            publish_on=datetime.date(2018, 8, 20),
            by=by(cast.secretariat),
        )
    with time_machine.travel(datetime.datetime(2018, 8, 20, 4, tzinfo=datetime.UTC), tick=False):
        acwc = SectoralBody.objects.get(acronym="ACWC")
        actions.extend_deadline(
            reporting_round=found,
            body=acwc,
            until=datetime.date(2018, 8, 25),
            reason="A holiday.",
            by=by(cast.secretariat),
        )
        actions.publish_scheduled()
        messages.collect()
        (text,) = claimed(cast.secretariat)
        assert text.startswith(f"“{found}” was not published on 20 August 2018, the date scheduled by Sari Staff")

        found.refresh_from_db()
        confirmed = [loss.name for loss in losses(found)]
        actions.publish_round(
            reporting_round=found, version=found.version, by=by(cast.secretariat), confirmed_bodies=confirmed
        )
        assert claimed(cast.colleague) == []


def test_a_view_that_can_be_read_again_is_not_told_as_unreadable(plan: WorkPlan, cast: Cast) -> None:
    view = saved(plan, cast.newcomer, "Prevention", "section=A")
    SavedView.objects.filter(pk=view.pk).update(query="section=none")
    waiting = notice(cast.newcomer, "followed", "unreadable", "It cannot be read.")
    Notice.objects.filter(pk=waiting.pk).update(view=view)
    messages.collect()
    sent = Notice.objects.select_related("view__plan", "view__owner").get(pk=waiting.pk)
    assert "No notifications are sent for it" in str(mail_contents.current_wording(sent, cast.newcomer))

    SavedView.objects.filter(pk=view.pk).update(query="section=A")
    assert claimed(cast.newcomer) == []


def test_a_mistake_in_the_words_is_kept_as_a_failure_and_tried_later(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice(cast.somtc)
    messages.collect()

    def broken(digest: Digest) -> bool:
        raise ZeroDivisionError("a mistake")

    with monkeypatch.context() as patch:
        patch.setattr(messages, "keep_what_holds", broken)
        with pytest.raises(ZeroDivisionError):
            claimed(cast.somtc)
    digest = Digest.objects.get(user=cast.somtc)
    assert (digest.last_error, digest.claimed_at, digest.attempts) == ("ZeroDivisionError: a mistake", None, 1)
    assert digest.retry_at is not None
