"""Who has refused our messages or left the OA, and who has taken that back: read while runs are being sent.

Written by the worker, one row a person and kind; a row that changes gets a new number, so that reading on from the last number
seen tells all that is new. Whoever was forgotten stands there as a keyed mark.
"""

from collections.abc import Collection
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from zalo_alert.foundation.database import Database
from zalo_alert.foundation.pseudonyms import Marks
from zalo_alert.inbound.inbound_store import find_store, folder_of


class StopKind(StrEnum):
    """How somebody came to be written to no more."""

    WORDS = "words"  # they said so: of every topic, but for a threat to life
    LEFT = "left"  # they follow the OA no more


class Stop(NamedTuple):
    """What somebody said last.

    Args:
        oa: Zalo's id of the OA.
        user_id: Who; "" where they were forgotten since.
        mark: What `marks().whole` makes of their id, where they were forgotten; "" otherwise.
        kind: What it is about.
        at_ms: When they said so, milliseconds since 1970.
        is_stop: Whether they refuse, or have left; False takes it back.
    """

    oa: str
    user_id: str
    mark: str
    kind: StopKind
    at_ms: int
    is_stop: bool


class Stops:
    """See the module.

    Args:
        state_dir: Of the workspace.
        oas: Zalo's ids of the OAs that matter; None for all.
    """

    def __init__(self, state_dir: Path, oas: Collection[str] | None = None) -> None:
        self._state_dir, self._oas = state_dir, oas
        self._db: Database | None = None
        self._seen = 0

    def news(self) -> list[Stop]:
        """Return what was said since this was asked last, in the order of being read; at first everything.

        A workspace without a webhook has nothing to tell, and costs one question to the file system.

        Raises:
            StorageUnusable: There is a database, and it can't be read.
        """
        if self._db is None:
            self._db = find_store(self._state_dir)
        if self._db is None:
            return []
        sql = "SELECT seq, oa, user_id, mark, kind, at_ms, is_stop FROM stop WHERE seq > ? ORDER BY seq"
        rows = self._db.rows(sql, (self._seen,))
        if rows:
            self._seen = rows[-1][0]
        return [
            Stop(oa, user_id, mark, StopKind(kind), at_ms, bool(is_stop))
            for _, oa, user_id, mark, kind, at_ms, is_stop in rows
            if self._oas is None or oa in self._oas
        ]

    def marks(self) -> Marks:
        """Return what makes those marks; makes the key where there is none yet."""
        return Marks(folder_of(self._state_dir))

    def close(self) -> None:
        """Close the database."""
        if self._db:
            self._db.close()
