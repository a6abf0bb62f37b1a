"""Settings with which apta would run, and which are not safe for other people."""

from django.conf import settings

from apta.environment import host_of

# Browsers treat these as trustworthy without TLS; https://www.w3.org/TR/secure-contexts/
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
FEWEST_CHARACTERS = 8  # different ones in a key; fewer are a pattern that can be guessed
NOT_SENT = ("django.core.mail.backends.console.EmailBackend", "django.core.mail.backends.dummy.EmailBackend")


def unsafe_settings() -> list[str]:
    """What must be set otherwise before others use this installation: a sentence for each, beginning with its name."""
    if settings.TRIAL:
        return [
            "APTA_DEBUG is on, as it is where APTA_SECRET_KEY is not set: the demo accounts, whose password everybody "
            "knows, could sign in. Set APTA_SECRET_KEY to at least 50 random characters, and leave APTA_DEBUG out."
        ]
    found = []
    if len(set(settings.SECRET_KEY)) < FEWEST_CHARACTERS:
        found.append(
            f"APTA_SECRET_KEY has fewer than {FEWEST_CHARACTERS} different characters, so it could be guessed. "
            "Give a random one."
        )
    if not settings.BASE_URL:
        found.append("APTA_BASE_URL is not set. Give the address that people use, such as https://plan.example.org.")
    elif is_for_this_machine_only():
        if settings.HTTPS:
            found.append(
                "APTA_HTTPS is on, and APTA_BASE_URL begins with http://: browsers would be sent to an address that "
                "does not answer. Give an address with https://, or set APTA_HTTPS=0 on your own machine."
            )
    else:
        found += _unsafe_for_others()
    return found


def is_for_this_machine_only() -> bool:
    """Whether the address of the installation is on this machine and without TLS, as for a rehearsal."""
    url = settings.BASE_URL
    return url.startswith("http://") and host_of(url) in LOOPBACK


def _unsafe_for_others() -> list[str]:
    found = []
    if not settings.HTTPS or settings.BASE_URL.startswith("http://"):
        name = "APTA_BASE_URL begins with http://" if settings.HTTPS else "APTA_HTTPS is off"
        found.append(
            f"{name}: passwords and reports would cross the network for everybody to read. "
            "Put a proxy with TLS in front, give its address with https://, and leave APTA_HTTPS out."
        )
    elif not settings.BEHIND_PROXY:
        found.append(
            "APTA_BEHIND_PROXY is off, and this server speaks no TLS itself: every request would be redirected for "
            "ever. Put a proxy with TLS in front, and set APTA_BEHIND_PROXY=1."
        )
    if settings.EMAIL_BACKEND in NOT_SENT:
        found.append(
            "APTA_EMAIL_URL names no mail server: nobody would get a mail, and links for new passwords would be in "
            "the log. Give one such as smtp+tls://user:password@host:587."
        )
    return found
