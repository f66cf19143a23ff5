"""OAs whose answers wait because Zalo refuses the OA itself, or because nobody can speak for it: the others go on.

A held OA is tried with a single answer when its time has come; refused again, it waits twice as long.
"""

from collections.abc import Collection
from typing import NamedTuple, TypeAlias

from zalo_alert.foundation.database import Database

FIRST_MS, LONGEST_MS = 5_000, 300_000

Way: TypeAlias = tuple[str, str]  # an OA, and the app that answers for it: "" for its own


class Held(NamedTuple):
    """Since when and until when an OA is held, and why, in a word and Zalo's code (0 for none)."""

    since_ms: int
    until_ms: int
    reason: str
    code: int
    times: int = 1


class Holds:
    """See the module.

    Args:
        db: The worker's database; what is held is shown from there.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._held: dict[Way, Held] = {}
        self._changed: set[Way] = set()
        self._tried: set[Way] = set()  # one answer of theirs is on its way, and what comes of it decides

    def begin(self) -> None:
        """Forget what was held before this process: each OA is tried anew. Inside a transaction."""
        self._db.run("DELETE FROM outbox_held")

    def hold(self, way: Way, reason: str, code: int, now_ms: int) -> int:
        """Hold an OA, or hold it for longer; return until when. What was on its way when it was held says nothing new."""
        self._tried.discard(way)
        before = self._held.get(way)
        if before and now_ms < before.until_ms:
            return before.until_ms
        times = before.times + 1 if before else 1
        until_ms = now_ms + int(min(LONGEST_MS, FIRST_MS * 2 ** min(times - 1, 10)))
        self._held[way] = Held(before.since_ms if before else now_ms, until_ms, reason, code, times)
        self._changed.add(way)
        return until_ms

    def release(self, way: Way) -> None:
        """Let an OA go on: it was not refused."""
        self._tried.discard(way)
        if self._held.pop(way, None):
            self._changed.add(way)

    def most(self, way: Way, now_ms: int) -> int | None:
        """Return how many answers of an OA may be tried: none, one, or as many as may be (None)."""
        held = self._held.get(way)
        return None if held is None else int(now_ms >= held.until_ms and way not in self._tried)

    def try_out(self, way: Way) -> None:
        """Take in that an answer of an OA is on its way; if it is held, no other one goes before that one is judged."""
        if way in self._held:
            self._tried.add(way)

    def leave(self, way: Way) -> None:
        """Take in that what came of an answer says nothing of its OA: the next one may."""
        self._tried.discard(way)

    def until_ms(self, ways: Collection[Way]) -> int | None:
        """Return when the first of some that are held may be tried again; None when none is held, or is being tried."""
        return min((self._held[way].until_ms for way in ways if way in self._held and way not in self._tried), default=None)

    def keep(self) -> None:
        """Write down what has changed, inside a transaction."""
        for way in self._changed:
            self._db.run("DELETE FROM outbox_held WHERE oa = ? AND via_app = ?", way)
            if held := self._held.get(way):
                self._db.run("INSERT INTO outbox_held VALUES (?, ?, ?, ?, ?, ?)", (*way, *held[:4]))

    def are_kept(self) -> None:
        """Take in that what was written down is durable."""
        self._changed.clear()
