"""What an outcome makes of an answer: over, or tried again and when. Pure: times are handed in."""

from zalo_alert.inbound.event import text_digest
from zalo_alert.models import Accepted, Deferred, OnUnknown, Outcome, Reason, Rejected, State, Unknown
from zalo_alert.outbox.store import Again, Claimed, Settled

SOON_MS, LATE_MS = 1000, 60_000  # between two tries of one answer: twice as long each time
NIGHT_MS = 10 * 60_000
UNLISTED_TRIES = 3  # of a code that no table knows
AGAINST_STANDARDS = -248  # reads like an account's fault, and is this message's

# The account, the app or the token is refused: nobody of this OA is answered until that is mended.
OF_THE_OA = frozenset({Reason.TOKEN, Reason.STOPPED})


def judge(row: Claimed, outcome: Outcome, now_ms: int) -> Settled | Again:
    """Return what became of an answer that was posted."""
    match outcome:
        case Accepted(message_id):
            return Settled(row, State.ACCEPTED, "", 0, message_id, _digest(row))
        case Rejected(reason, code):
            return Settled(row, State.REJECTED, reason, code)
        case Unknown(reason, code) if row.on_unknown == OnUnknown.RESEND:
            return Again(row, now_ms + pause_ms(row.attempts), reason, code, is_unclear=True)
        case Unknown(reason, code):
            return Settled(row, State.UNKNOWN, reason, code, "", _digest(row))
        case Deferred(reason, code) if _is_for_good(row, outcome):
            return Settled(row, State.REJECTED, Reason.BAD_MESSAGE if code == AGAINST_STANDARDS else reason, code)
        case Deferred(reason, code):
            return Again(row, now_ms + _wait_ms(row, outcome), reason, code)
    raise AssertionError(outcome)


def is_of_the_oa(verdict: Settled | Again) -> bool:
    """Whether what became of an answer speaks of its OA: of its token, its app or its rights."""
    return type(verdict) is Again and verdict.reason in OF_THE_OA


def is_by_zalo(verdict: Settled | Again) -> bool:
    """Whether Zalo took the answer or refused its person: then nothing is wrong with the OA."""
    return type(verdict) is Settled and verdict.state in (State.ACCEPTED, State.REJECTED)


def pause_ms(attempts: int) -> int:
    """Return how long an answer waits that was tried so often before this time."""
    return int(min(LATE_MS, SOON_MS * 2 ** min(attempts, 10)))


def _is_for_good(row: Claimed, outcome: Deferred) -> bool:
    if outcome.reason is Reason.UNLISTED:
        return row.attempts + 1 >= UNLISTED_TRIES
    return outcome.reason is Reason.BAD_MESSAGE or outcome.code == AGAINST_STANDARDS


def _wait_ms(row: Claimed, outcome: Deferred) -> int:
    match outcome.reason:
        case Reason.THROTTLED | Reason.NOT_SENT:  # the pace holds everyone back: when it lets them go, they are due
            return SOON_MS
        case Reason.NIGHT:
            return NIGHT_MS
        case Reason.QUOTA:
            return LATE_MS
        case _:
            return max(pause_ms(row.attempts), round(1000 * (outcome.retry_after_s or 0)))


def _digest(row: Claimed) -> bytes:
    return b"" if row.is_private else text_digest(row.text)
