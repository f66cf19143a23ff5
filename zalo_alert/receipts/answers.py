"""Follows the outbox for the index, beside the runs: a receipt may be of an answer as well as of an alert.

Answers stand in the index as one more run, under a key of their own.
"""

from pathlib import Path
from typing import Any

from zalo_alert.foundation.database import Database
from zalo_alert.inbound.event import ReceiptKind
from zalo_alert.inbound.inbound_store import find_store
from zalo_alert.outbox import proven
from zalo_alert.receipts.index import ANSWERS, LATE_S, Index
from zalo_alert.receipts.settling import proof_of

_PIECE = 20_000  # answers taken in at once


class Answers:
    """See the module.

    Args:
        index: Where they go.
        state_dir: Of the workspace; the outbox may come later.
    """

    def __init__(self, index: Index, state_dir: Path) -> None:
        self._index, self._state_dir = index, state_dir
        self._db: Database | None = None
        self.under_way: list[tuple[Any, ...]] = []  # the answers that may be on their way, as rows of `index.NAMELESS`
        self._over: set[proven.Nameless] | None = None  # what of it the index has; None is whatever an earlier process left

    def follow(self, now_s: float) -> None:
        """Take in what is new; the caller's transaction keeps it.

        Raises:
            StorageUnusable: The outbox can't be read: a receipt might seem to be of a run.
        """
        db = self._db = self._db or find_store(self._state_dir)
        if db is None:
            return
        with db.snapshot():  # or an answer that gets its name meanwhile would be nowhere
            self._take_names(db)
            over = set(proven.over_and_nameless(db, int((now_s - 2 * LATE_S) * 1000)))
            self.under_way = [self._row(answer) for answer in proven.under_way(db)]
        if over != self._over:
            self._index.replace_run(ANSWERS, [self._row(answer) for answer in sorted(over)])
            self._over = over

    def _take_names(self, db: Database) -> None:
        store = str(db.rows("SELECT value FROM about WHERE name = 'id'")[0][0])
        change = self._index.answers_from(store)
        while named := proven.named_since(db, change, _PIECE):
            oas, ids = [row.oa for row in named], [row.message_id for row in named]
            self._index.add_answers([row.id for row in named], oas, ids)
            change = named[-1].change
            self._index.keep_answers(store, change)

    def _row(self, answer: proven.Nameless) -> tuple[Any, ...]:
        person = self._index.hidden(answer.user_id)
        return (ANSWERS, answer.id, 0, 0, answer.oa, person, answer.is_unknown, answer.from_s, answer.until_s)

    def message_ids(self, numbers: list[int]) -> dict[int, str]:
        """Return the names of the messages of some answers, by number."""
        return proven.message_ids(self._db, numbers) if self._db else {}

    def digest(self, number: int) -> bytes | None:
        """Return the digest of what an answer said; None where nobody can say any more."""
        return proven.digest(self._db, number) if self._db else None

    def settle(self, number: int, msg_id: str, kind: ReceiptKind) -> bool:
        """Settle an answer of which nobody knew; it is on the disk when this returns."""
        return self._db is not None and proven.prove(self._db, number, msg_id, proof_of(kind))

    def close(self) -> None:
        """Close the file."""
        if self._db is not None:
            self._db.close()
