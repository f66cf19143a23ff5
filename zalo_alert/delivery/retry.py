"""Which outcome earns another attempt, and when: arithmetic over instants handed in; nobody sleeps here.

Owns the waits. Who waits until when stands in the ledger, whose index by due time says who is next.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from zalo_alert.foundation.clock import in_vietnam
from zalo_alert.models import Deferred, Reason
from zalo_alert.pacing.braking import SOON_S, TOO_MANY
from zalo_alert.pacing.meter import MINUTE_S

MORNING_HOUR = 6  # Zalo's night is 22:00–06:00
MOST_BACKOFF_S = 60.0
_DOUBLINGS = 6  # after so many the wait is past `MOST_BACKOFF_S` in any case; no number of attempts can overflow

# Refused for everyone alike, so another try costs the person none of their attempts: the run as a whole stops or waits instead.
FREE = frozenset({Reason.THROTTLED, Reason.NOT_SENT, Reason.PROXY, Reason.TOKEN, Reason.STOPPED, Reason.QUOTA, Reason.NIGHT})


@dataclass(frozen=True, slots=True)
class Policy:
    """When a deferred person is tried again.

    Args:
        most_attempts: After so many a route is given up; only refusals that speak of this person count.
    """

    most_attempts: int

    def gives_up(self, outcome: Deferred, attempts: int) -> bool:
        """Whether this refusal was the last one that counts."""
        return outcome.reason not in FREE and attempts >= self.most_attempts

    def due_at_s(self, outcome: Deferred, attempts: int, now: datetime) -> float:
        """Return the instant of the next attempt, in seconds since 1970."""
        at_s = now.timestamp()
        if outcome.reason is Reason.THROTTLED and outcome.code == TOO_MANY:
            return at_s + max(SOON_S, outcome.retry_after_s or 0.0)
        if outcome.retry_after_s is not None:
            return at_s + outcome.retry_after_s
        match outcome.reason:
            case Reason.THROTTLED:
                return (at_s // MINUTE_S + 1) * MINUTE_S
            case Reason.NIGHT:
                return next_morning(now).timestamp()
            case Reason.TOKEN | Reason.STOPPED | Reason.PROXY:
                return at_s  # the run halts on these; at its resume they are first in line
            case _:
                return at_s + backoff_s(attempts)


def backoff_s(attempts: int) -> float:
    """Return how long to wait after so many attempts: one second, doubled each time, and up to a second more by chance.

    The chance keeps people who were refused together from coming back together.
    """
    return min(MOST_BACKOFF_S, 2.0 ** min(max(0, attempts - 1), _DOUBLINGS) + random.uniform(0, 1))


def next_morning(now: datetime) -> datetime:
    """Return the next 06:00 in Vietnam."""
    local = in_vietnam(now)
    morning = local.replace(hour=MORNING_HOUR, minute=0, second=0, microsecond=0)
    return morning if morning > local else morning + timedelta(days=1)


def next_midnight(now: datetime) -> datetime:
    """Return the next 00:00 in Vietnam, when daily quotas are taken to reset (the hour is undocumented)."""
    return in_vietnam(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
