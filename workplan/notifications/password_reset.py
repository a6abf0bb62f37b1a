"""Links for a new password, by mail and in the background, as every mail.

A request only puts the address that was typed on the queue, whether or not it is anybody's, so that neither its
answer nor the time it takes tells who has an account. Accounts are looked up, and links made, by the worker: no
secret lies in the queue.
"""

import datetime
import logging
import unicodedata
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import int_to_base36
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from apta.addresses import absolute_url, origin
from workplan.actions import refusals
from workplan.actions.messages import REACHABLE
from workplan.models import User
from workplan.notifications.refusals import words_of_refusal
from workplan.querysets.messages import CLAIM_ENDS_AFTER

log = logging.getLogger(__name__)

# Somebody waits in front of the screen for these: before the digests.
PRIORITY = 10
# The rests between tries double, from two minutes on: the last try is made four hours after the first.
TRIES = 8


class ResetTokens(PasswordResetTokenGenerator):
    """The secret part of links for a new password. They end with the password, the access version and the account."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.access_version}"


reset_tokens = ResetTokens()


@task(priority=PRIORITY)
def send_reset_links(address: str) -> None:
    """Queue a link for each account that can be mailed at ``address``."""
    for user in User.objects.filter(REACHABLE, email__iexact=address).order_by("pk"):
        # What databases take for the same letters may be another mailbox.
        if _folded(user.email) == _folded(address):
            send_reset_link.enqueue(user.pk)


@task(priority=PRIORITY)
def send_reset_link(user_id: int, attempt: int = 1) -> None:
    """Mail a link for a new password; where the mail server fails, once more after a rest, up to ``TRIES`` times."""
    user = User.objects.filter(REACHABLE, pk=user_id).first()
    if user is None:
        return
    try:
        mail_of(user).send()
    except (SMTPException, OSError) as problem:
        if words := words_of_refusal(problem):
            log.warning("The address of %s is permanently refused: %s", user.username, words)
            refusals.mark_refused(address=user.email, words=words)
            return
        log.warning("The link for a new password of %s could not be sent: %s", user.username, problem)
        if attempt < TRIES:
            later = timezone.now() + datetime.timedelta(minutes=2**attempt)
            send_reset_link.using(run_after=later).enqueue(user_id, attempt + 1)


def mail_of(user: User) -> EmailMessage:
    """The mail, with a link that works once."""
    host = urlsplit(origin()).hostname
    words = {"username": user.username, "host": host, "link": link_for(user)}
    return EmailMessage(
        subject=f"[{host}] A new password for apta",
        body=render_to_string("mail/password_reset.txt", words),
        to=[user.email],
        # So that nobody's “out of office” answers it.
        headers={"Auto-Submitted": "auto-generated"},
    )


def link_for(user: User) -> str:
    """The address at which ``user`` chooses a password, once and within ``PASSWORD_RESET_TIMEOUT``."""
    key = {"uidb36": int_to_base36(user.pk), "key": reset_tokens.make_token(user)}
    return absolute_url(reverse("account_reset_password_from_key", kwargs=key))


def links_wait() -> bool:
    """Whether a link that could leave has waited for so long that no worker can be running."""
    paths = [send_reset_links.module_path, send_reset_link.module_path]
    waiting = DBTaskResult.objects.ready().filter(task_path__in=paths, status=TaskResultStatus.READY)
    return waiting.filter(enqueued_at__lt=timezone.now() - CLAIM_ENDS_AFTER).exists()


def _folded(address: str) -> str:
    return unicodedata.normalize("NFKC", address).casefold()
