"""Which outcome earns another attempt, and when: tenacity's strategies as the policy, nobody sleeping in them.

Owns the waits; the dispatcher owns the heap of who waits until when.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import tenacity
from tenacity.stop import stop_base
from tenacity.wait import wait_base

from zalo_alert.foundation.clock import in_vietnam
from zalo_alert.models import Deferred, Reason
from zalo_alert.pacing.braking import SOON_S, TOO_MANY
from zalo_alert.pacing.meter import MINUTE_S

MORNING_HOUR = 6  # Zalo's night is 22:00–06:00
BACKOFF: wait_base = tenacity.wait_exponential_jitter(initial=1, max=60, jitter=1)

# Refused for everyone alike, so another try costs the person none of their attempts: the run as a whole stops or waits instead.
FREE = frozenset({Reason.THROTTLED, Reason.NOT_SENT, Reason.PROXY, Reason.TOKEN, Reason.STOPPED, Reason.QUOTA, Reason.NIGHT})


@dataclass(frozen=True, slots=True)
class Policy:
    """When a deferred person is tried again.

    Args:
        stop: Gives up on this route; counts only refusals that speak of this person.
        wait: Seconds before the next attempt, from the number of attempts so far.
    """

    stop: stop_base
    wait: wait_base = BACKOFF

    @classmethod
    def of(cls, attempts: int) -> "Policy":
        """Give up after so many attempts on a route."""
        return cls(stop=tenacity.stop_after_attempt(attempts))

    def gives_up(self, outcome: Deferred, attempts: int) -> bool:
        """Whether this refusal was the last one that counts."""
        return outcome.reason not in FREE and bool(self.stop(_state(attempts)))

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
                return at_s + self.wait(_state(attempts))


def next_morning(now: datetime) -> datetime:
    """Return the next 06:00 in Vietnam."""
    local = in_vietnam(now)
    morning = local.replace(hour=MORNING_HOUR, minute=0, second=0, microsecond=0)
    return morning if morning > local else morning + timedelta(days=1)


def next_midnight(now: datetime) -> datetime:
    """Return the next 00:00 in Vietnam, when daily quotas are taken to reset (the hour is undocumented)."""
    return in_vietnam(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _state(attempts: int) -> tenacity.RetryCallState:
    # tenacity's strategies read the attempt number off a call state; ours makes no call.
    state = tenacity.RetryCallState(retry_object=tenacity.Retrying(), fn=None, args=(), kwargs={})
    state.attempt_number = max(1, attempts)
    return state
