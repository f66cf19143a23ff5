"""What was counted of a ledger, kept beside it from one command to the next: whoever looks again counts only what is new.

A file of one line with the digest of the next, and that. It appears by a rename, and says nothing that the ledger does not:
whoever can't write it, or can't make sense of it, counts everything. Knows no ledger; `counting` holds it against one.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from zalo_alert.foundation.digests import digest_of
from zalo_alert.foundation.files import appearing, contents, create_file
from zalo_alert.ledger.witness import Row, Witness
from zalo_alert.models import State

NAME = "counted.json"
_MOST_BYTES = 64 << 20  # thousands of wards with all that can become of their people are one
_FORMAT = 1


class KeptCount(NamedTuple):
    """A count.

    Args:
        witness: Of which ledger.
        next_number: The first person never claimed then, what the others were, and the windows that were open.
        fates: People by place, state, route, code and reason; those below the mark but in no open window.
        minutes: The accepted of them by minute since 1970.
    """

    witness: Witness
    next_number: int
    untouched: State
    windows: tuple[tuple[int, int], ...]
    fates: Mapping[Row, int]
    minutes: Mapping[int, int]

    @property
    def people(self) -> int:
        """How many were counted."""
        return sum(self.fates.values())


def keep(folder: Path, kept: KeptCount) -> None:
    """Write a count down; where that can't be done, nobody misses it."""
    fates = [[*fate, people] for fate, people in kept.fates.items()]
    minutes = list(kept.minutes.items())
    body = json.dumps([_FORMAT, kept.witness, kept.next_number, kept.untouched, kept.windows, fates, minutes]).encode()
    with suppress(OSError), appearing(folder / NAME) as draft, create_file(draft) as file:
        file.write(digest_of(body).encode() + b"\n" + body)


def read(folder: Path) -> KeptCount | None:
    """Read the count that was written down; None where there is none that can be read."""
    try:
        digest, _, body = contents(folder / NAME, _MOST_BYTES).partition(b"\n")
        if digest != digest_of(body).encode():
            return None
        version, witness, next_number, untouched, windows, fates, minutes = json.loads(body)
        return _kept(witness, next_number, untouched, windows, fates, minutes) if version == _FORMAT else None
    except (OSError, ValueError, TypeError):
        return None


def _kept(witness: Any, next_number: int, untouched: str, windows: Any, fates: Any, minutes: Any) -> KeptCount:
    (device, inode), audience, seq, changes, rows = witness
    return KeptCount(
        Witness((device, inode), audience, seq, _rows(changes), _rows(rows)),
        next_number,
        State(untouched),
        tuple((first, end) for first, end in windows),
        {tuple(fate): people for *fate, people in fates},
        dict(minutes),
    )


def _rows(lists: Sequence[Sequence[Any]]) -> tuple[Row, ...]:
    return tuple(map(tuple, lists))
