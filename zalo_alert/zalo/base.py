"""What the parts of the wire share: the two message hosts, and the seam between a message and the network."""

from enum import StrEnum
from typing import NamedTuple, Protocol, TypeAlias

from zalo_alert.settings import Secret


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
    """What a refresh gives: both tokens are new, and the old ones dead."""

    access: Secret
    refresh: Secret
    lifetime_s: float


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
