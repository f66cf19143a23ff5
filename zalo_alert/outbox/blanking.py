"""Empties the journal's bodies of private questions once they are answered, or are not to be: what was asked is kept nowhere.

The outbox notes which, in the transaction that ends the answer; the journal is another file, so a kill in between only delays it.
"""

from contextlib import closing
from itertools import groupby
from pathlib import Path

from zalo_alert.foundation.database import Database
from zalo_alert.inbound.inbound_store import find_store, folder_of
from zalo_alert.inbound.journal import JOURNAL
from zalo_alert.inbound.rolled import files_of, opened

EVERY_S = 1.0
AT_ONCE = 2_000
_BRIEFLY = "PRAGMA busy_timeout = 50"  # the door waits for nobody here: what can't be folded in now is the next time


class Blanker:
    """Empties some when it is called; of the worker, beside its events.

    Args:
        state_dir: Of the workspace.
    """

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir

    def __call__(self) -> bool:
        """Empty some bodies; return whether there are more.

        Raises:
            StorageUnusable: A file can't be used; what was noted is kept.
        """
        if (db := find_store(self._state_dir)) is None:
            return False
        with closing(db):
            noted = db.rows("SELECT file, seq FROM to_blank ORDER BY file, seq LIMIT ?", (AT_ONCE,))
            if noted:
                self._empty(noted)
                with db.transaction():
                    db.run_many("DELETE FROM to_blank WHERE file = ? AND seq = ?", noted)
                _fold_in(db)
        return len(noted) == AT_ONCE

    def _empty(self, noted: list[tuple[str, int]]) -> None:
        journals = {path.name: path for path in files_of(folder_of(self._state_dir) / JOURNAL)}
        for name, places in groupby(noted, key=lambda place: str(place[0])):
            if name in journals:  # else it is removed, or was none: an officer's answer has a case
                with opened(journals[name]) as journal:
                    with journal.transaction():
                        journal.run_many("UPDATE event SET body = x'' WHERE seq = ?", [(seq,) for _, seq in places])
                    _fold_in(journal)


def _fold_in(db: Database) -> None:
    """Have the log before a database folded into it and emptied, if nobody reads it now: it holds what was there before."""
    db.run(_BRIEFLY)
    db.rows("PRAGMA wal_checkpoint(TRUNCATE)")
