"""Empties the bodies of questions that are private once their answer is over: nothing of them is kept.

The outbox notes them in the transaction that ends the answer; a kill in between leaves the note, and the next one does it. Such
a text is gone from freed pages, too; the logs before the journal and before the answers are folded in and cut off every minute.
"""

import re
from contextlib import closing
from pathlib import Path

from zalo_alert.foundation.database import BUSY_TIMEOUT_S, Database
from zalo_alert.inbound.inbound_store import NAME
from zalo_alert.inbound.journal import JOURNAL
from zalo_alert.inbound.rolled import files_of

AT_ONCE = 2_000
FOLD_EVERY_S = 60.0
_FILE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\.db")


class Blanker:
    """See the module.

    Args:
        folder: Of everything that comes back.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._db = Database(folder / NAME, takes_turns=True)
        self._db.run("PRAGMA secure_delete = ON")  # each connection has its own: pages that it moves keep no words
        self._to_fold = {path.name for path in files_of(folder / JOURNAL) if _has_log(path)}  # one before may have been killed
        self._fold_s = float("-inf")

    def step(self, now_s: float) -> bool:
        """Empty some; return whether there are more.

        Raises:
            StorageUnusable: A file can't be used.
        """
        places = self._db.rows("SELECT file, seq FROM to_blank LIMIT ?", (AT_ONCE,))
        for file in sorted({file for file, _seq in places}):
            self._blank(file, [(seq,) for name, seq in places if name == file])
        if now_s - self._fold_s >= FOLD_EVERY_S:
            self._fold_s = now_s
            _fold(self._db)  # what was asked between two questions was emptied there
            self._to_fold = {file for file in self._to_fold if not self._is_folded(self._folder / JOURNAL / file)}
        return len(places) == AT_ONCE

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def _is_folded(self, path: Path) -> bool:
        """Fold in the log of a journal; whether it is done, or the journal gone."""
        if not path.is_file():
            return True
        with closing(Database(path)) as journal:
            return _fold(journal)

    def _blank(self, file: str, numbers: list[tuple[int]]) -> None:
        path = self._folder / JOURNAL / file
        if _FILE.fullmatch(file) and path.is_file():  # an officer's answer and one at an opening answer no event
            with closing(Database(path)) as journal:
                journal.run("PRAGMA secure_delete = ON")
                with journal.transaction():
                    journal.run_many("UPDATE event SET body = x'' WHERE seq = ?", numbers)
            self._to_fold.add(file)
        with self._db.transaction():
            self._db.run_many("DELETE FROM to_blank WHERE file = ? AND seq = ?", [(file, *number) for number in numbers])


def _has_log(path: Path) -> bool:
    log = path.with_name(f"{path.name}-wal")
    return log.is_file() and log.stat().st_size > 0


def _fold(db: Database) -> bool:
    """Fold in the log and cut it off, if nobody reads or writes at this moment; whether that was so: else the next time."""
    db.run("PRAGMA busy_timeout = 50")
    is_busy = db.rows("PRAGMA wal_checkpoint(TRUNCATE)")[0][0]
    db.run(f"PRAGMA busy_timeout = {round(BUSY_TIMEOUT_S * 1000)}")
    return not is_busy
