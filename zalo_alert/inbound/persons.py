"""What the worker remembers of a person: when they were heard, whether they follow, what they told, what they refuse.

Of two events the one that happened later counts, whichever arrived last; two of one instant are ordered by what they say. So the
same events leave the same state behind in whatever order they come, and an event that is handled twice changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import NamedTuple

from zalo_alert.foundation.ahead import Theirs, Who
from zalo_alert.foundation.database import Database
from zalo_alert.foundation.pseudonyms import Marks
from zalo_alert.inbound.stops import StopKind

AT_ONCE = 30.0  # events of one person, before they are too many
PER_MINUTE = 20.0  # events after that
KEPT_PER_MINUTE = 200  # so many of one person keep their bodies; a program that writes more is only counted
_MINUTE_MS = 60_000
_INFO = ("name", "phone", "city", "district", "ward", "address")


@dataclass(slots=True)
class _Row:
    """What `person` keeps of somebody."""

    by_app: str
    first_ms: int
    last_in_ms: int
    followed: int | None
    at_ms: int
    changed: int
    spare: float = AT_ONCE
    spare_ms: int = 0
    minute: int = 0
    in_minute: int = 0


_COLUMNS = tuple(field.name for field in fields(_Row))
_columns = attrgetter(*_COLUMNS)
_KEEP = f"""INSERT INTO person (oa, user_id, {", ".join(_COLUMNS)}) VALUES (?, ?{", ?" * len(_COLUMNS)})
ON CONFLICT (oa, user_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)}"""


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
        self._theirs = Theirs(db, ", ".join(_COLUMNS), "person", "user_id")
        self._rows: dict[Who, _Row] = {}  # of those whom this transaction has heard of, as they will be kept
        self._changes = self._latest_ms = 0

    def begin(self) -> None:
        """Read how many changes there were, inside the transaction that makes more: another process may have made some."""
        self._rows.clear()
        about = dict(self._db.rows("SELECT name, value FROM about WHERE name IN ('changes', 'latest_ms')"))
        self._changes, self._latest_ms = int(about.get("changes", 0)), int(about.get("latest_ms", 0))

    def arrived(self, arrived_ms: int) -> int:
        """Take in that an event arrived; return the present as arrivals tell it: a clock that is set back does not move it."""
        self._latest_ms = max(self._latest_ms, arrived_ms)
        return self._latest_ms

    def heard(self, oa: str, user_id: str, by_app: str, at_ms: int) -> None:
        """Take in that somebody did something at a time."""
        self._changes += 1
        known = self._find(oa, user_id)
        if known is None:
            self._rows[oa, user_id] = _Row(by_app, at_ms, at_ms, None, 0, self._changes)
            return
        known.by_app = by_app or known.by_app
        known.first_ms = min(known.first_ms, at_ms)
        if at_ms > known.last_in_ms:
            known.last_in_ms, known.changed = at_ms, self._changes

    def follows(self, oa: str, user_id: str, by_app: str, at_ms: int, *, is_follower: bool) -> None:
        """Take in that somebody follows the OA from a time on, or follows it no more; to leave is no interaction."""
        self._changes += 1
        known = self._find(oa, user_id)
        if known is None:
            known = self._rows[oa, user_id] = _Row(by_app, at_ms, 0, None, at_ms, self._changes)
        if known.followed is None or (known.at_ms, known.followed) < (at_ms, is_follower):
            known.followed, known.at_ms, known.changed = int(is_follower), at_ms, self._changes
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
            self._rows[oa, user_id].changed = self._changes

    def press(self, oa: str, user_id: str, arrived_ms: int) -> Pressure:
        """Count one more event of somebody who was `heard`, by the time at which it arrived."""
        row, now_minute = self._rows[oa, user_id], arrived_ms // _MINUTE_MS
        passed_ms = max(0, arrived_ms - row.spare_ms)  # a clock that was set back gives nobody anything
        spare = min(AT_ONCE, row.spare + passed_ms * PER_MINUTE / _MINUTE_MS)
        is_flood = spare < 1
        row.spare, row.spare_ms = spare if is_flood else spare - 1, max(arrived_ms, row.spare_ms)
        row.in_minute = row.in_minute + 1 if row.minute == now_minute else 1
        row.minute = now_minute
        return Pressure(is_flood, row.in_minute > KEPT_PER_MINUTE)

    def keep(self) -> None:
        """Write down whom something was heard of, how many changes there were, and the present, in the events' transaction."""
        self._db.run_many(_KEEP, ((*who, *_columns(row)) for who, row in self._rows.items()))
        self._rows.clear()
        sql = "INSERT OR REPLACE INTO about VALUES ('changes', ?), ('latest_ms', ?)"
        self._db.run(sql, (str(self._changes), str(self._latest_ms)))

    def _find(self, oa: str, user_id: str) -> "_Row | None":
        known = self._rows.get((oa, user_id))
        if known is None and (kept := self._theirs.rows(oa, user_id)):
            known = self._rows[oa, user_id] = _Row(*kept[0])
        return known

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
