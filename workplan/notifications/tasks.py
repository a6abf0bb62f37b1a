"""Background tasks: mails.

``send_messages`` collects the notices that wait and puts one task per mail on the queue; ``send_digest``
hands one mail to the mail server. Both can be run again at any time, and by several processes at once.
"""

import datetime
import logging
from smtplib import SMTPException
from urllib.parse import urlsplit

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django_tasks import TaskContext, TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from apta.addresses import origin
from workplan import rules
from workplan.actions import (
    attempts,
    end_expired_imports,
    end_expired_tokens,
    following,
    integrity,
    messages,
    publish_scheduled,
    reminders,
)
from workplan.models import Digest
from workplan.notifications import unsubscribing
from workplan.notifications.refusals import words_of_refusal
from workplan.querysets import deadline_zone

log = logging.getLogger(__name__)

# Long enough to look at what went wrong. The mails themselves stay.
TASKS_ARE_KEPT = datetime.timedelta(days=14)


def send_messages() -> int:
    """Write reminders and what followers hear, collect it into mails, and queue those that may leave; how many.

    Before that, rounds whose day has come are published. What has had its time is cleared away on the way: tokens of
    programs, files that nobody has confirmed, counted attempts, and tasks that are done.
    """
    end_expired_tokens()
    end_expired_imports()
    attempts.clear_forgotten_attempts()
    publish_scheduled()
    reminders.remind()
    following.notify_followers()
    messages.collect()
    DBTaskResult.objects.filter(enqueued_at__lt=timezone.now() - TASKS_ARE_KEPT).exclude(
        status=TaskResultStatus.READY
    ).delete()
    queued = _queued_digests()
    leaving = [pk for pk in messages.ready_to_send().values_list("pk", flat=True) if pk not in queued]
    for pk in leaving:
        send_digest.enqueue(pk)
    return len(leaving)


def keep_records() -> None:
    """Seal what the audit trail has gained, and note the checksums of new files."""
    integrity.seal_entries()
    integrity.note_checksums()


def _queued_digests() -> set[int]:
    """The mails that a task waits for already. A second task would do no harm, and nothing."""
    tasks = DBTaskResult.objects.filter(task_path=send_digest.module_path, status=TaskResultStatus.READY)
    return {described["args"][0] for described in tasks.values_list("args_kwargs", flat=True)}


def reclaim_tasks(worker: str) -> int:
    """Put what a worker of this name left undone when it was killed back on the queue; how many tasks."""
    messages.release_claims(worker=worker)
    left = [
        one.pk
        for one in DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING)
        if one.worker_ids and one.worker_ids[-1] == worker
    ]
    return DBTaskResult.objects.filter(pk__in=left).update(status=TaskResultStatus.READY, started_at=None)


@task(takes_context=True)
def send_digest(context: TaskContext, digest_id: int) -> None:
    """Claim one mail, hand it to the mail server, record the outcome.

    Killed between handing over and noting, it is handed over again with the same Message-ID, by which mail
    servers and programs know it for the same mail.
    """
    digest = messages.claim(digest_id, worker=context.task_result.worker_ids[-1])
    if digest is None:
        return
    try:
        mail_of(digest).send()
    except Exception as problem:
        if words := words_of_refusal(problem):
            messages.record_refusal(digest, words)
            log.warning("Mail %s is permanently refused: %s", digest.pk, words)
            return
        messages.record_failure(digest, problem)
        log.warning("Mail %s could not be sent and is kept: %s", digest.pk, problem)
        if not isinstance(problem, SMTPException | OSError):
            raise
    else:
        messages.record_sent(digest)


def mail_of(digest: Digest) -> EmailMessage:
    """The mail, the same whenever it is made."""
    base = origin()
    stated = list(digest.notices.all())
    terms = [term for term in rules.EVENTS if any(notice.event == term.value for notice in stated)]
    stop = unsubscribing.address_for(digest.user, [term.value for term in terms])
    words = {
        "person": digest.user,
        "things": [(notice.text, notice.details, base + notice.path) for notice in stated],
        "zone": deadline_zone(),
        "preferences": base + reverse("message-preferences"),
        "kinds": ", ".join(term.label.lower() for term in terms),
        "stop": stop,
    }
    return EmailMessage(
        subject=digest.subject,
        body=render_to_string("mail/digest.txt", words),
        to=[digest.address],
        reply_to=[reviewer.email for reviewer in messages.reviewers_to_answer(stated)],
        headers={
            "Message-ID": message_id(digest),
            # So that nobody's “out of office” answers it.
            "Auto-Submitted": "auto-generated",
            # One click, by the mail program itself (RFC 8058).
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": unsubscribing.ONE_CLICK,
        },
    )


def message_id(digest: Digest) -> str:
    """The Message-ID. The moment is in it, because ids begin anew in another database."""
    host = urlsplit(origin()).hostname
    return f"<digest-{digest.pk}-{int(digest.created_at.timestamp() * 1_000_000)}@{host}>"
