"""What the worker remembers of a person: when they were heard, whether they follow, what they told, what they refuse.

Of two events the one that happened later counts, whichever arrived last; two of one instant are ordered by what they say. So the
same events leave the same state behind in whatever order they come, and an event that is handled twice changes nothing.
"""

from collections.abc import Mapping
from typing import NamedTuple

from zalo_alert.foundation.database import Database
from zalo_alert.foundation.pseudonyms import Marks
from zalo_alert.inbound.stops import StopKind

AT_ONCE = 30.0  # events of one person, before they are too many
PER_MINUTE = 20.0  # events after that
KEPT_PER_MINUTE = 200  # so many of one person keep their bodies; a program that writes more is only counted
_MINUTE_MS = 60_000
_INFO = ("name", "phone", "city", "district", "ward", "address")


class Pressure(NamedTuple):
    """Whether somebody sends too much to be answered, and whether even more than is worth keeping."""

    is_flood: bool
    is_torrent: bool


class Persons:
    """See the module.

    Args:
        db: The worker's, inside its transaction.
        marks: Make the marks of those who were forgotten.
    """

    def __init__(self, db: Database, marks: Marks) -> None:
        self._db, self._marks = db, marks
        self._changes = self._latest_ms = 0

    def begin(self) -> None:
        """Read how many changes there were, inside the transaction that makes more: another process may have made some."""
        about = dict(self._db.rows("SELECT name, value FROM about WHERE name IN ('changes', 'latest_ms')"))
        self._changes, self._latest_ms = int(about.get("changes", 0)), int(about.get("latest_ms", 0))

    def arrived(self, arrived_ms: int) -> int:
        """Take in that an event arrived; return the present as arrivals tell it: a clock that is set back does not move it."""
        self._latest_ms = max(self._latest_ms, arrived_ms)
        return self._latest_ms

    def heard(self, oa: str, user_id: str, by_app: str, at_ms: int) -> None:
        """Take in that somebody did something at a time."""
        self._changes += 1
        self._db.run(
            "INSERT INTO person VALUES (?, ?, ?, ?, ?, NULL, 0, ?, ?, 0, 0, 0) ON CONFLICT (oa, user_id) DO UPDATE SET "
            "by_app = CASE WHEN excluded.by_app <> '' THEN excluded.by_app ELSE by_app END, "
            "first_ms = min(first_ms, excluded.first_ms), last_in_ms = max(last_in_ms, excluded.last_in_ms), "
            "changed = CASE WHEN excluded.last_in_ms > last_in_ms THEN excluded.changed ELSE changed END",
            (oa, user_id, by_app, at_ms, at_ms, self._changes, AT_ONCE),
        )

    def follows(self, oa: str, user_id: str, by_app: str, at_ms: int, *, is_follower: bool) -> None:
        """Take in that somebody follows the OA from a time on, or follows it no more; to leave is no interaction."""
        self._changes += 1
        row = (oa, user_id, by_app, at_ms, is_follower, at_ms, self._changes, AT_ONCE)
        if self._db.run(
            "INSERT INTO person VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, 0, 0, 0) ON CONFLICT (oa, user_id) DO UPDATE SET "
            "followed = excluded.followed, at_ms = excluded.at_ms, changed = excluded.changed "
            "WHERE followed IS NULL OR at_ms < excluded.at_ms OR (at_ms = excluded.at_ms AND followed < excluded.followed)",
            row,
        ):
            self._stop(oa, user_id, StopKind.LEFT, at_ms, is_stop=not is_follower)

    def refuses(self, oa: str, user_id: str, at_ms: int, *, is_stop: bool) -> bool:
        """Take in that somebody refuses our messages from a time on, or takes that back; False where a later word holds."""
        return self._stop(oa, user_id, StopKind.WORDS, at_ms, is_stop=is_stop)

    def told(self, oa: str, user_id: str, at_ms: int, info: Mapping[str, str]) -> None:
        """Take in what somebody, who was `heard`, has told of themselves: `name`, `phone`, `city`, …; the latest holds."""
        self._changes += 1
        values = tuple(info.get(part, "") for part in _INFO)
        if self._db.run(
            "INSERT INTO info VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (oa, user_id) DO UPDATE SET at_ms = excluded.at_ms, "
            + ", ".join(f"{part} = excluded.{part}" for part in _INFO)
            + " WHERE excluded.at_ms > at_ms",
            (oa, user_id, at_ms, *values),
        ):
            self._db.run("UPDATE person SET changed = ? WHERE oa = ? AND user_id = ?", (self._changes, oa, user_id))

    def press(self, oa: str, user_id: str, arrived_ms: int) -> Pressure:
        """Count one more event of somebody who was `heard`, by the time at which it arrived."""
        sql = "SELECT spare, spare_ms, minute, in_minute FROM person WHERE oa = ? AND user_id = ?"
        spare, spare_ms, minute, in_minute = self._db.rows(sql, (oa, user_id))[0]
        passed_ms = max(0, arrived_ms - spare_ms)  # a clock that was set back gives nobody anything
        spare = min(AT_ONCE, spare + passed_ms * PER_MINUTE / _MINUTE_MS)
        is_flood = spare < 1
        now_minute = arrived_ms // _MINUTE_MS
        in_minute = in_minute + 1 if minute == now_minute else 1
        self._db.run(
            "UPDATE person SET spare = ?, spare_ms = ?, minute = ?, in_minute = ? WHERE oa = ? AND user_id = ?",
            (spare if is_flood else spare - 1, max(arrived_ms, spare_ms), now_minute, in_minute, oa, user_id),
        )
        return Pressure(is_flood, in_minute > KEPT_PER_MINUTE)

    def keep(self) -> None:
        """Write down how many changes there were, and the present, in the transaction of the changes."""
        sql = "INSERT OR REPLACE INTO about VALUES ('changes', ?), ('latest_ms', ?)"
        self._db.run(sql, (str(self._changes), str(self._latest_ms)))

    def _stop(self, oa: str, user_id: str, kind: StopKind, at_ms: int, *, is_stop: bool) -> bool:
        who, mark = user_id, ""
        where = "oa = ? AND user_id = ? AND mark = ? AND kind = ?"
        before = self._db.rows(f"SELECT at_ms, is_stop FROM stop WHERE {where}", (oa, who, mark, kind))
        if (
            not before
            and kind is StopKind.WORDS
            and self._db.rows("SELECT 1 FROM stop WHERE oa = ? AND mark <> '' LIMIT 1", (oa,))
        ):
            marked = self._marks.whole(user_id)
            if kept := self._db.rows(f"SELECT at_ms, is_stop FROM stop WHERE {where}", (oa, "", marked, kind)):
                who, mark, before = "", marked, kept
        if kind is StopKind.LEFT:
            if not before and not is_stop:
                return True  # of ten million who follow nothing need be said; `person` keeps when they did
        elif before and (at_ms, is_stop) <= (before[0][0], bool(before[0][1])):
            return bool(before[0][1]) == is_stop
        self._db.run(f"DELETE FROM stop WHERE {where}", (oa, who, mark, kind))
        self._db.run(
            "INSERT INTO stop (oa, user_id, mark, by_app, kind, at_ms, is_stop) VALUES (?, ?, ?, '', ?, ?, ?)",
            (oa, who, mark, kind, at_ms, is_stop),
        )
        return True
