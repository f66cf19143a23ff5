"""How often each rule was asked for, by the hour, in the worker's database: counted, without a person or a word."""

from collections import Counter

from zalo_alert.foundation.database import Database

HOUR_MS = 3_600_000
_KEEP = "INSERT INTO asked VALUES (?, ?, ?) ON CONFLICT (hour, rule) DO UPDATE SET n = n + excluded.n"


class Asked:
    """See the module.

    Args:
        db: The worker's.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._counts: Counter[tuple[int, str]] = Counter()  # of this transaction

    def begin(self) -> None:
        """Take in that a transaction begins: what was counted in one that was undone counts no more."""
        self._counts.clear()

    def count(self, rule: str, at_ms: int) -> None:
        """Count that a rule was asked for, whatever becomes of its answer."""
        self._counts[at_ms // HOUR_MS, rule] += 1

    def keep(self) -> None:
        """Write down what was counted, inside the caller's transaction."""
        self._db.run_many(_KEEP, ((*what, n) for what, n in self._counts.items()))
        self._counts.clear()

    def since(self, since_ms: int) -> list[tuple[int, str, int]]:
        """Return since when, for which rule, and how often, for each hour from that of a time on."""
        rows = self._db.rows("SELECT hour, rule, n FROM asked WHERE hour >= ? ORDER BY hour, rule", (since_ms // HOUR_MS,))
        return [(hour * HOUR_MS, rule, n) for hour, rule, n in rows]

    def remove(self, before_ms: int) -> None:
        """Forget the counts of before a time."""
        self._db.run("DELETE FROM asked WHERE hour < ?", (before_ms // HOUR_MS,))
