"""When a mail server refuses an address for good, and when it only does not take a mail now."""

import re
from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPHeloError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

# Answers to us, whoever the mail is for.
_ABOUT_US = (SMTPAuthenticationError, SMTPConnectError, SMTPHeloError, SMTPSenderRefused)
# The enhanced status code that may begin an answer, and what it is about (RFC 3463, 3): the mail system, the protocol,
# the content, or a policy, such as that the server relays nothing for us. With another setting it may take the mail.
_NOT_THE_ADDRESS = re.compile(r"5\.[3567]\.\d")


def words_of_refusal(problem: BaseException) -> str:
    """What the server said where it has refused the address for good (RFC 5321, 4.2.1: 5yz); else empty.

    Refusals that are not about the address, of our sender or sign-in or of the content, stay failures: a wrong setting
    must not mark everybody's address.
    """
    code: int
    answer: bytes | str
    if isinstance(problem, SMTPRecipientsRefused):
        # A mail goes to one person.
        code, answer = next(iter(problem.recipients.values()), (0, b""))
    elif isinstance(problem, SMTPResponseException) and not isinstance(problem, _ABOUT_US):
        code, answer = problem.smtp_code, problem.smtp_error
    else:
        return ""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    if not 500 <= code < 600 or _NOT_THE_ADDRESS.match(text.lstrip()):
        return ""
    return " ".join(f"{code} {text}".split())
