"""How often each rule was asked for, by the hour, in the worker's database: counted, without a person or a word."""

from zalo_alert.foundation.database import Database

HOUR_MS = 3_600_000


class Asked:
    """See the module.

    Args:
        db: The worker's; `count` works inside the caller's transaction.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def count(self, rule: str, at_ms: int) -> None:
        """Count that a rule was asked for, whatever becomes of its answer."""
        self._db.run(
            "INSERT INTO asked VALUES (?, ?, 1) ON CONFLICT (hour, rule) DO UPDATE SET n = n + 1", (at_ms // HOUR_MS, rule)
        )

    def since(self, since_ms: int) -> list[tuple[int, str, int]]:
        """Return since when, for which rule, and how often, for each hour from that of a time on."""
        rows = self._db.rows("SELECT hour, rule, n FROM asked WHERE hour >= ? ORDER BY hour, rule", (since_ms // HOUR_MS,))
        return [(hour * HOUR_MS, rule, n) for hour, rule, n in rows]

    def remove(self, before_ms: int) -> None:
        """Forget the counts of before a time."""
        self._db.run("DELETE FROM asked WHERE hour < ?", (before_ms // HOUR_MS,))
