"""The mail of a return: the whole reason, the reviewer's comments, and an answer that reaches the reviewer."""

import datetime

import time_machine
from django.core import mail

from tests.conftest import Cast
from tests.notifications.mails import IN_TIME, SHARED, by, notice, send, submitted
from workplan import actions
from workplan.models import Notice, ReportingRound, StatusUpdate, User


def to(person: User) -> mail.EmailMessage:
    (found,) = [one for one in mail.outbox if one.to == [person.email]]
    return found


def give_back(update: StatusUpdate, reviewer: User, reason: str, *comments: str) -> None:
    update.refresh_from_db()
    for text in comments:
        actions.comment(update=update, text=text, by=by(reviewer))
        update.refresh_from_db()
    actions.return_report(update=update, version=update.version, reason=reason, by=by(reviewer))
    update.refresh_from_db()


def test_the_mail_has_the_reason_the_comments_and_the_way_to_answer(
    reporting_round: ReportingRound, cast: Cast, slom: User
) -> None:
    sent = submitted(reporting_round, cast)
    actions.comment(update=sent, text="A word of the joint lead.", by=by(slom))
    actions.comment(update=sent, text="A word of a colleague.", by=by(cast.colleague))
    reason = f"Name the places. {'Which districts, and how many people in each? ' * 40}".strip()
    give_back(sent, cast.secretariat, reason, "The table on page 3\nis of another year.", "And the total is missing.")
    Notice.objects.exclude(user=cast.somtc).delete()

    send()

    mailed = to(cast.somtc)
    assert mailed.reply_to == [cast.secretariat.email]
    body = str(mailed.body)
    assert f"The report on {SHARED} is returned: {reason}" in body
    assert "Reviewed by Sari Staff. Replies to this email goes to them." in body
    assert "The table on page 3\nis of another year." in body and "And the total is missing." in body
    assert "A word of" not in body, "The comments are the reviewer's."


def test_comments_on_an_earlier_submission_are_not_told_again(reporting_round: ReportingRound, cast: Cast) -> None:
    sent = submitted(reporting_round, cast)
    give_back(sent, cast.secretariat, "First.", "Of the first submission.")
    with time_machine.travel(IN_TIME + datetime.timedelta(hours=1), tick=False):
        actions.submit_report(update=sent, version=sent.version, by=by(cast.somtc))
        give_back(sent, cast.colleague, "Second.")
        send()

    mailed = to(cast.somtc)
    assert mailed.reply_to == [cast.colleague.email]
    assert "Second." in mailed.body and "First." not in mailed.body and "Of the first" not in mailed.body


def test_several_reviewers_are_answered_together_and_other_mails_have_nobody_to_answer(
    reporting_round: ReportingRound, cast: Cast
) -> None:
    give_back(submitted(reporting_round, cast, SHARED), cast.secretariat, "One.")
    give_back(submitted(reporting_round, cast, "A.1.1.1"), cast.colleague, "Two.")
    notice(cast.acwc)
    send()

    assert sorted(to(cast.somtc).reply_to) == [cast.colleague.email, cast.secretariat.email]
    assert to(cast.acwc).reply_to == []


def test_nobody_is_asked_to_answer_a_reviewer_who_has_left(reporting_round: ReportingRound, cast: Cast) -> None:
    give_back(submitted(reporting_round, cast), cast.secretariat, "Name them.")
    User.objects.filter(pk=cast.secretariat.pk).update(is_active=False)
    send()

    assert to(cast.somtc).reply_to == []
    assert "Replies to this email" not in to(cast.somtc).body
