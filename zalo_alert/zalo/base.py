"""What the parts of the wire share: the two message hosts, and the seam between a message and the network."""

import re
import time
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeAlias

from zalo_alert.foundation.secret import Secret

CONNECT_TIMEOUT_S = 10.0
ANSWER_TIMEOUT_S = 60.0  # far above any queueing delay: a time-out shorter than the server's queue only makes unknowns
IDLE_S = 4.0  # shorter than any common server's keep-alive, so that an idle connection is ours to close, not theirs
REMAIN_HEADER = "x-ratelimit-remain"  # Zalo's spelling
RETRY_HEADER = "retry-after"
MOST_BYTES = 65_536  # of an answer: Zalo's are a hundred bytes, and nothing that stands in the way may fill the memory

ASKED_MOST_S = 300.0  # of a `Retry-After`: a server that says hours is asked again by a few calls every five minutes
ABSURD_S = 86_400.0  # a server that says days does not mean it
HEEDED = frozenset({429, 503})  # the answers whose `Retry-After` is read

_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_COUNT = re.compile("[0-9]{1,18}")


class Host(StrEnum):
    """Which API answers; the two reuse numbers with other meanings, so every code is keyed by its host."""

    OPENAPI = "openapi"
    BUSINESS = "business"


class Line(Protocol):
    """What brought an answer: one connection, or all that a client keeps open where nobody can tell them apart.

    One surplus answer, repeated by whatever stands between, shifts every later one of its connection by a person. So an answer
    that names its person proves those before it, or convicts them; one that names nobody (a refusal, a message by phone) is
    believed once a later one has proved it, or once the line has been silent for long enough that no answer can be owed.
    """

    @property
    def held(self) -> Sequence[object]:
        """Those who wait for the verdict."""

    def tell(self, listener: Callable[[bool], None]) -> None:
        """Tell whether the answer that came last can be believed, once that is known; at once if it is known already."""

    def prove(self) -> None:
        """An answer named its person: all before it can be believed."""

    def doubt(self) -> None:
        """An answer named somebody else: nothing since the last proof can be believed, and nothing more is asked here."""


class Reply(NamedTuple):
    """One HTTP answer, cut off where it grew absurdly long: what is cut has `MOST_BYTES`.

    `remain` is `X-RateLimit-Remain`, when the answer carried it as a number; `line` is what brought it;
    `retry_after_s` is what a 429 or 503 asks to wait.
    """

    status: int
    body: bytes
    remain: int | None = None
    line: Line | None = None
    retry_after_s: float | None = None


class TokenPair(NamedTuple):
    """What a consent or a refresh gives: both tokens are new, and the old ones dead. Lifetimes are in seconds from now."""

    access: Secret
    refresh: Secret
    lifetime_s: float
    refresh_lifetime_s: float = 90 * 86_400.0  # three months, when the answer does not say


class Access(Protocol):
    """One account's access token, and how to get a newer one."""

    token: str
    refusal: str  # why no newer one is to be had, and what to do, as a sentence; "" while nothing was refused
    is_passing: bool  # the refusal is not Zalo's verdict: it could not be asked, or gave no answer

    async def renew(self, stale: str) -> bool:
        """Replace a token that Zalo refused; at once when someone else already has. False: no newer one is to be had."""


class NotSent(Exception):
    """It is certain that no byte of the request left this machine, so it may be tried again."""


class NoAnswer(Exception):
    """The request may have been executed, and no whole answer came back."""


class Unproven:
    """The verdicts that a line has not proved yet; see `Line`."""

    def __init__(self) -> None:
        self.is_doubted = False
        self.held: list[Callable[[bool], None]] = []

    def tell(self, listener: Callable[[bool], None]) -> None:
        """See `Line`."""
        if self.is_doubted:
            listener(False)
        else:
            self.held.append(listener)

    def prove(self) -> None:
        """See `Line`."""
        if self.held:
            self._tell_all(believed=True)

    def doubt(self) -> None:
        """See `Line`."""
        self.is_doubted = True
        self._tell_all(believed=False)

    def _tell_all(self, *, believed: bool) -> None:
        waiting, self.held = self.held, []
        for tell in waiting:
            tell(believed)


Headers: TypeAlias = tuple[tuple[str, str], ...]


class Post(Protocol):
    """Sends one message. The delivery promise hangs on which of the two errors it raises.

    Every implementation passes `tests/contract/test_post.py`, against real sockets.
    """

    async def __call__(self, url: str, headers: Headers, body: bytes) -> Reply:
        """Post `body` as JSON and return the whole answer, whatever its status.

        Raises:
            NotSent: Positive proof that nothing left: no connection was ever made.
            NoAnswer: Anything else, a cancelled or timed-out wait included.
        """

    async def close(self) -> None:
        """Close every connection."""


def reply_of(status: int, body: bytes, line: Line, *, remain: str | None, retry_after: str | None) -> Reply:
    """Put an answer together from its parts; `remain` and `retry_after` are the texts of its headers, None where it has none."""
    wait_s = asked_s(retry_after, time.time()) if retry_after and status in HEEDED else None
    return Reply(status, body[:MOST_BYTES], count(remain), line, wait_s)


def count(text: str | None) -> int | None:
    """Read a header as a count; whatever else stands there must not turn an answer into an error."""
    return int(text) if text and _COUNT.fullmatch(text) else None


def asked_s(text: str | None, now_s: float) -> float | None:
    """Read a `Retry-After` header: how long to wait, in seconds, five minutes at most.

    Args:
        text: Seconds, or a date.
        now_s: Seconds since 1970, by this machine's clock.

    Returns:
        None for what no server can mean: a time that has passed, more than a day, no time at all.

    Source: RFC 9110, 10.2.3.
    """
    text = (text or "").strip()
    try:
        wait_s = float(text) if _SECONDS.fullmatch(text) else parsedate_to_datetime(text).timestamp() - now_s
    except (ValueError, TypeError, IndexError, OverflowError, OSError):  # the last for a year too far off
        return None
    return min(ASKED_MOST_S, wait_s) if 0 <= wait_s <= ABSURD_S else None


def whole(value: object) -> int | None:
    """Read a whole number that comes as one in some answers and as a string in others; None for anything else."""
    text = str(value) if type(value) in (str, int) else ""  # str() of deeply nested lists would fail
    return int(text) if text.isdigit() and text.isascii() and len(text) < 18 else None
