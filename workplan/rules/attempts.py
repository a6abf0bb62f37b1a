"""How often a password may be tried: some times freely, then after a wait that doubles with each wrong try."""

import datetime
from dataclasses import dataclass

FIRST_WAIT = datetime.timedelta(seconds=30)
LONGEST_WAIT = datetime.timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class AttemptLimit:
    """How often something may be tried in vain.

    Attributes:
        free: the number of tries in vain after which there is a wait.
        forgotten_after: how long after the end of the last wait all of them are forgotten.
        first_wait, longest_wait: the wait after the last free try, and the longest that it grows to.
    """

    free: int
    forgotten_after: datetime.timedelta
    first_wait: datetime.timedelta = FIRST_WAIT
    longest_wait: datetime.timedelta = LONGEST_WAIT

    def wait_after(self, failures: int) -> datetime.timedelta:
        """How long the next try has to wait after ``failures`` tries in vain."""
        if failures < self.free:
            return datetime.timedelta(0)
        # Far beyond every longest wait, and a number that still fits.
        doublings = min(failures - self.free, 30)
        return min(self.first_wait * 2**doublings, self.longest_wait)


# One account from one address or device: whoever has forgotten which of their passwords it is.
OF_PLACE = AttemptLimit(free=5, forgotten_after=datetime.timedelta(hours=1))
# One account from everywhere that it has never been signed in from: a hundred tries a day at most.
OF_ACCOUNT = AttemptLimit(free=10, forgotten_after=datetime.timedelta(days=1))
# Links for a new password to one mailbox, whoever asks for them. Those that were sent remain good.
OF_MAILBOX = AttemptLimit(
    free=5,
    forgotten_after=datetime.timedelta(days=1),
    first_wait=datetime.timedelta(minutes=5),
    longest_wait=datetime.timedelta(hours=4),
)

# How long an address at which an account was signed in stays known for it.
ADDRESS_KNOWN_FOR = datetime.timedelta(days=90)
# How long a device does, which carries a mark.
DEVICE_KNOWN_FOR = datetime.timedelta(days=365)
