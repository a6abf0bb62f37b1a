"""The mail that invites somebody to choose the first password of their account."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from apta.addresses import origin
from workplan.models import User
from workplan.notifications.password_reset import link_for

SECONDS_PER_DAY = 24 * 60 * 60


def mail_of(user: User) -> EmailMessage:
    """The invitation, with a link that works once and for some days."""
    host = urlsplit(origin()).hostname
    words = {
        "person": user,
        "host": host,
        "link": link_for(user),
        "days": settings.PASSWORD_RESET_TIMEOUT // SECONDS_PER_DAY,
    }
    return EmailMessage(
        subject=f"[{host}] Your account in apta",
        body=render_to_string("mail/invitation.txt", words),
        to=[user.email],
        # So that nobody's “out of office” answers it.
        headers={"Auto-Submitted": "auto-generated"},
    )
