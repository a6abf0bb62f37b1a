"""What happens in the background: mails.

``send_messages`` finds out what there is to tell and puts one task per mail on the queue; ``send_digest``
hands one mail to the mail server. Both can be run again at any time, and by several processes at once.
"""

import datetime
import logging
from smtplib import SMTPException
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django_tasks import TaskContext, TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from workplan.actions import following, messages
from workplan.models import Digest

log = logging.getLogger(__name__)

# Long enough to look at what went wrong. The mails themselves stay.
TASKS_ARE_KEPT = datetime.timedelta(days=14)


def send_messages() -> int:
    """Write reminders and what followers hear, collect it into mails, and queue those that may leave; how many."""
    messages.remind()
    following.tell_followers()
    messages.collect()
    DBTaskResult.objects.filter(enqueued_at__lt=timezone.now() - TASKS_ARE_KEPT).exclude(
        status=TaskResultStatus.READY
    ).delete()
    queued = _on_the_queue()
    leaving = [pk for pk in messages.ready_to_leave().values_list("pk", flat=True) if pk not in queued]
    for pk in leaving:
        send_digest.enqueue(pk)
    return len(leaving)


def _on_the_queue() -> set[int]:
    """The mails that a task waits for already. A second task would do no harm, and nothing."""
    tasks = DBTaskResult.objects.filter(task_path=send_digest.module_path, status=TaskResultStatus.READY)
    return {described["args"][0] for described in tasks.values_list("args_kwargs", flat=True)}


def take_back(worker: str) -> int:
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
    """Claim one mail, hand it to the mail server, note what became of it.

    Killed between handing over and noting, it is handed over again with the same Message-ID, by which mail
    servers and programs know it for the same mail.
    """
    digest = messages.claim(digest_id, worker=context.task_result.worker_ids[-1])
    if digest is None:
        return
    try:
        mail_of(digest).send()
    except Exception as problem:
        messages.note_failure(digest, problem)
        log.warning("Mail %s could not be sent and is kept: %s", digest.pk, problem)
        if not isinstance(problem, SMTPException | OSError):
            raise
    else:
        messages.note_sent(digest)


def mail_of(digest: Digest) -> EmailMessage:
    """The mail, the same whenever it is made."""
    base = base_url()
    words = {
        "person": digest.user,
        "things": [(notice.text, base + notice.path) for notice in digest.notices.all()],
        "preferences": base + reverse("message-preferences"),
    }
    return EmailMessage(
        subject=digest.subject,
        body=render_to_string("mail/digest.txt", words),
        to=[digest.address],
        headers={
            "Message-ID": message_id(digest),
            # So that nobody's “out of office” answers it.
            "Auto-Submitted": "auto-generated",
        },
    )


def message_id(digest: Digest) -> str:
    """The Message-ID. The moment is in it, because ids begin anew in another database."""
    host = urlsplit(base_url()).hostname
    return f"<digest-{digest.pk}-{int(digest.created_at.timestamp() * 1_000_000)}@{host}>"


def base_url() -> str:
    """The address that people use, without its last slash."""
    return (settings.BASE_URL or "http://127.0.0.1:8000").rstrip("/")
