"""What the parts of the wire share: the two message hosts, and the seam between a message and the network."""

import re
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeAlias

from zalo_alert.settings import Secret

CONNECT_TIMEOUT_S = 10.0
ANSWER_TIMEOUT_S = 60.0  # far above any queueing delay: a time-out shorter than the server's queue only makes unknowns
IDLE_S = 4.0  # shorter than any common server's keep-alive, so that an idle connection is ours to close, not theirs
REMAIN_HEADER = "x-ratelimit-remain"  # Zalo's spelling
MOST_BYTES = 65_536  # of an answer: Zalo's are a hundred bytes, and nothing that stands in the way may fill the memory

_COUNT = re.compile("[0-9]{1,18}")


class Host(StrEnum):
    """Which API answers; the two reuse numbers with other meanings, so every code is keyed by its host."""

    OPENAPI = "openapi"
    BUSINESS = "business"


class Reply(NamedTuple):
    """One HTTP answer, cut off where it grew absurdly long.

    `remain` is `X-RateLimit-Remain`, when the answer carried it as a number.
    """

    status: int
    body: bytes
    remain: int | None = None


class TokenPair(NamedTuple):
    """What a consent or a refresh gives: both tokens are new, and the old ones dead. Lifetimes are in seconds from now."""

    access: Secret
    refresh: Secret
    lifetime_s: float
    refresh_lifetime_s: float = 90 * 86_400.0  # three months, when the answer does not say


class NotSent(Exception):
    """It is certain that no byte of the request left this machine, so it may be tried again."""


class NoAnswer(Exception):
    """The request may have been executed, and no whole answer came back."""


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
        """Give every connection back."""


def count(text: str | None) -> int | None:
    """Read a header as a count; whatever else stands there must not turn an answer into an error."""
    return int(text) if text and _COUNT.fullmatch(text) else None


def whole(value: object) -> int | None:
    """Read a whole number that comes as one in some answers and as a string in others; None for anything else."""
    text = str(value) if type(value) in (str, int) else ""  # a list of lists of lists is none, and can't be written out
    return int(text) if text.isdigit() and text.isascii() and len(text) < 18 else None
