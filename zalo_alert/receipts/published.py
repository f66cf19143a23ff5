"""How far receipts are folded, written by whoever folds them for those who only look: a small file that appears by a rename."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from zalo_alert.foundation.files import appearing

NAME = "folded.json"
_MOST_BYTES = 16 << 20  # 15,000 OAs by name take one


class Published(NamedTuple):
    """How far whoever folds is.

    Args:
        folded_until_ms: When the latest receipt that was folded had come, in milliseconds since 1970; 0 where none has.
        folded: How many receipts were folded in all.
        waiting: Receipts that have found no run yet, by OA.
        given_up: Those that found none in time, by OA.
        unreadable: Runs that could not be looked into.
        at_s: When that was so, in seconds since 1970.
    """

    folded_until_ms: int = 0
    folded: int = 0
    waiting: Mapping[str, int] = {}
    given_up: Mapping[str, int] = {}
    unreadable: tuple[str, ...] = ()
    at_s: float = 0.0

    def unattributed(self, oas: frozenset[str] | None = None) -> int:
        """Count the receipts of some OAs, or of all, that belong to no run as far as is known."""
        both = [*self.waiting.items(), *self.given_up.items()]
        return sum(receipts for oa, receipts in both if oas is None or oa in oas)


NOTHING = Published()


def publish(folder: Path, published: Published) -> None:
    """Write it for those who look."""
    with appearing(folder / NAME) as draft:
        draft.write_bytes(orjson.dumps(published._asdict()))


def read_published(folder: Path) -> Published:
    """Read how far it is; nothing where nobody has folded yet, or the file is none."""
    try:
        path = folder / NAME
        if path.stat().st_size > _MOST_BYTES:
            return NOTHING
        values: Any = orjson.loads(path.read_bytes())
        return Published(**{**values, "unreadable": tuple(values["unreadable"])})
    except (OSError, ValueError, TypeError, KeyError):
        return NOTHING
