"""What the sandbox has told of each message, person by person, and what of it was heard; a judge compares it with a ledger."""

from array import array
from collections.abc import Iterator, Sequence
from enum import IntEnum

from zalo_alert.sandbox.world import Oa


class Told(IntEnum):
    """What was told of one message (tried at least once), and what was heard (answered with HTTP 200): a bit each."""

    DELIVERED, DELIVERED_HEARD = 1, 2
    SEEN, SEEN_HEARD = 4, 8
    ECHO, ECHO_HEARD = 16, 32


HEARD = 1  # so many bits left of what was told stands what was heard
_FIELDS = {
    "delivered_told": Told.DELIVERED, "delivered_heard": Told.DELIVERED_HEARD, "seen_told": Told.SEEN,
    "seen_heard": Told.SEEN_HEARD, "echo_told": Told.ECHO, "echo_heard": Told.ECHO_HEARD,
}  # fmt: skip


class Receipts:
    """What was told of the messages that were accepted while somebody listened; a message is known by its index here."""

    def __init__(self) -> None:
        self._oas: list[Oa] = []
        self._users: list[str] = []
        self._numbers = array("Q")
        self._flags = bytearray()

    def add(self, oa: Oa, user: str, number: int) -> int:
        """Take one message; return its index."""
        self._oas.append(oa)
        self._users.append(user)
        self._numbers.append(number)
        self._flags.append(0)
        return len(self._flags) - 1

    def mark(self, messages: Sequence[int], told: int) -> None:
        """Keep what was told, or heard, of some messages."""
        for index in messages:
            self._flags[index] |= told

    def people(self, oa: Oa) -> list[str]:
        """Return whom an OA's messages have gone to, each person once, in the order of their first."""
        return list(dict.fromkeys(user for own, user in zip(self._oas, self._users, strict=True) if own is oa))

    def lines(self) -> Iterator[bytes]:
        """Yield a line of JSON for each message."""
        marks = [_flags_json(flags) for flags in range(64)]
        for oa, user, number, flags in zip(self._oas, self._users, self._numbers, self._flags, strict=True):
            yield b'{"oa_id":"%b","user_id":"%b","msg_id":"%020x",%b}\n' % (
                oa.oa_id.encode(),
                user.encode(),
                number,
                marks[flags],
            )


def _flags_json(flags: int) -> bytes:
    return ",".join(f'"{name}":{"true" if flags & told else "false"}' for name, told in _FIELDS.items()).encode()
