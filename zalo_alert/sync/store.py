"""How far a sync has come, on the disk: which pieces, who was found, whose details were asked for. One file an OA.

A page's people and the place where the next one begins are written together, so a kill costs the calls under way and nothing
else. When a sync has ended, only whose details were asked for, and when, stays.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from filelock import FileLock, Timeout

from zalo_alert.errors import RunBusy
from zalo_alert.foundation.database import Database
from zalo_alert.foundation.files import created_text, private_folder
from zalo_alert.language import _, pack, unpack
from zalo_alert.sync.pieces import Piece

FOLDER = "sync"

OPEN, DONE, SPLIT, FULL, FAILED = "open", "done", "split", "full", "failed"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS piece (tag TEXT NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL, next INTEGER NOT NULL DEFAULT 0,
got INTEGER NOT NULL DEFAULT 0, total INTEGER, state TEXT NOT NULL DEFAULT 'open', why TEXT NOT NULL DEFAULT '',
PRIMARY KEY (tag, first, last)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS person (user_id TEXT PRIMARY KEY, since TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tagged (user_id TEXT NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (user_id, tag)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS detail (user_id TEXT PRIMARY KEY, asked_at_s REAL NOT NULL DEFAULT 0, is_wanted INTEGER NOT NULL,
fields TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
"""
_PIECE = "tag = ? AND first = ? AND last = ?"
_FOUND = """SELECT person.user_id, since, coalesce(fields, ''),
(SELECT json_group_array(tag) FROM tagged WHERE tagged.user_id = person.user_id)
FROM person LEFT JOIN detail USING (user_id) ORDER BY person.user_id"""


class PieceStatus(NamedTuple):
    """How a piece stands: where its next page begins, how many it gave, how many it should hold, and why it failed."""

    piece: Piece
    next: int
    got: int
    total: int | None
    state: str
    why: str


class CrawlStore:
    """One OA's sync.

    Args:
        state_dir: Of the workspace.
        oa_id: Whose.
    """

    def __init__(self, state_dir: Path, oa_id: str) -> None:
        folder = state_dir / FOLDER
        private_folder(folder)
        self.list = folder / f"{oa_id}.ndjson"
        self._lock = folder / f"{oa_id}.lock"
        # What a power cut takes is asked for again.
        self._db = Database(folder / f"{oa_id}.db", schema=_SCHEMA, survives_power_cut=False)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only one who syncs this OA; the system frees the lock when its process dies.

        Raises:
            RunBusy: Another process does.
        """
        try:
            with FileLock(self._lock, mode=0o600, timeout=0):
                yield
        except Timeout as exc:
            raise RunBusy(_("another process is syncing this OA"), hint=_("wait until it has ended")) from exc

    # --- what is known of the whole ------------------------------------------------------------------------------------------

    def about(self) -> dict[str, Any]:
        """Return what was noted; empty when no sync is under way."""
        return {name: orjson.loads(value) for name, value in self._db.rows("SELECT name, value FROM about")}

    def note(self, **values: Any) -> None:
        """Note something."""
        rows = [(name, orjson.dumps(value).decode()) for name, value in values.items()]
        self._db.run_many("INSERT OR REPLACE INTO about VALUES (?, ?)", rows)

    def begin(self, pieces: Iterable[Piece], **values: Any) -> None:
        """Begin a sync anew; whose details were asked for is kept."""
        with self._db.transaction():
            self._clear()
            self.note(**values)
            self._open(pieces)
        self.list.unlink(missing_ok=True)

    def end(self) -> None:
        """Forget everyone who was found: they are in the book."""
        with self._db.transaction():
            self._clear()
        self._db.run("VACUUM")
        self.list.unlink(missing_ok=True)

    def _clear(self) -> None:
        for table in ("about", "piece", "person", "tagged"):
            self._db.run(f"DELETE FROM {table}")
        self._db.run("DELETE FROM detail WHERE asked_at_s = 0")
        self._db.run("UPDATE detail SET is_wanted = 0, fields = ''")

    # --- pieces ------------------------------------------------------------------------------------------------------------

    def pieces(self, state: str = "") -> list[PieceStatus]:
        """List the pieces in a state, or all of them, the oldest days first."""
        where = "WHERE state = ?" if state else ""
        sql = f"SELECT tag, first, last, next, got, total, state, why FROM piece {where} ORDER BY first, last, tag"
        return [
            PieceStatus(Piece(tag, _day(first), _day(last)), next_, got, total, state_, unpack(why))
            for tag, first, last, next_, got, total, state_, why in self._db.rows(sql, (state,) if state else ())
        ]

    def add(self, piece: Piece) -> None:
        """Add a piece to what is to be asked."""
        self._open([piece])

    def keep_page(
        self,
        piece: Piece,
        ids: Sequence[str],
        size: int,
        *,
        next_: int,
        total: int | None,
        state: str,
        parts: Iterable[Piece] = (),
    ) -> int:
        """Keep a page; return how many of its people were not known before.

        Args:
            piece: Whose.
            ids: Of the people on it.
            size: How many were given.
            next_: Where the next page begins.
            total: How many the piece should hold.
            state: How the piece stands now.
            parts: To be asked as well.
        """
        since = piece.first.isoformat() if piece.first else ""
        people = set(ids)
        with self._db.transaction():
            marks = ", ".join("?" * len(people))
            known_before = self._db.rows(f"SELECT count(*) FROM person WHERE user_id IN ({marks})", tuple(people))[0][0]
            self._db.run_many(
                "INSERT INTO person VALUES (?, ?) ON CONFLICT DO UPDATE SET since = max(since, excluded.since)",
                [(user_id, since) for user_id in ids],
            )
            if piece.tag:
                self._db.run_many("INSERT OR IGNORE INTO tagged VALUES (?, ?)", [(user_id, piece.tag) for user_id in ids])
            self._db.run(
                f"UPDATE piece SET next = ?, got = got + ?, total = coalesce(?, total), state = ? WHERE {_PIECE}",
                (next_, size, total, state, *_key(piece)),
            )
            self._open(parts)
        return len(people) - int(known_before)

    def fail(self, piece: Piece, why: str) -> None:
        """Give a piece up."""
        self._db.run(f"UPDATE piece SET state = '{FAILED}', why = ? WHERE {_PIECE}", (pack(why), *_key(piece)))

    def _open(self, pieces: Iterable[Piece]) -> None:
        self._db.run_many("INSERT OR IGNORE INTO piece (tag, first, last) VALUES (?, ?, ?)", map(_key, pieces))

    # --- people ------------------------------------------------------------------------------------------------------------

    def count(self, day: date | None = None) -> int:
        """Count the people found; of one day when it is given."""
        where, parameters = ("WHERE since = ?", (day.isoformat(),)) if day else ("", ())
        return int(self._db.rows(f"SELECT count(*) FROM person {where}", parameters)[0][0])

    def write_ids(self, target: Path) -> Path:
        """Write everyone found to a file, an id a line; return it."""
        with created_text(target) as file:
            file.writelines(f"{user_id}\n" for (user_id,) in self._db.stream("SELECT user_id FROM person ORDER BY 1"))
        return target

    def rows(self) -> Iterator[tuple[str, str, dict[str, Any], list[str]]]:
        """Yield everyone found: id, the first day on which the last interaction may have been, details, tags."""
        for user_id, since, fields, tags in self._db.stream(_FOUND):
            yield user_id, since, orjson.loads(fields or "{}"), orjson.loads(tags)

    def want(self, ids: Iterable[str], asked_before_s: float) -> None:
        """Say whose details are wanted; whoever was asked about since is left out."""
        sql = "INSERT INTO detail (user_id, is_wanted) VALUES (?, 1) ON CONFLICT DO UPDATE SET is_wanted = asked_at_s < ?"
        with self._db.transaction():
            self._db.run_many(sql, ((user_id, asked_before_s) for user_id in ids))

    def list_wanted(self, most: int) -> list[str]:
        """Return whose details are still to be asked for, at most so many; who was asked about longest ago goes first."""
        sql = "SELECT user_id FROM detail WHERE is_wanted AND fields = '' ORDER BY asked_at_s, user_id LIMIT ?"
        return [user_id for (user_id,) in self._db.rows(sql, (most,))]

    def count_detailed(self) -> int:
        """Count the people whose details this sync has."""
        return int(self._db.rows("SELECT count(*) FROM detail WHERE fields <> ''")[0][0])

    def keep_detail(self, user_id: str, fields: Mapping[str, Any], now_s: float) -> None:
        """Keep one person's details."""
        self._db.run(
            "UPDATE detail SET asked_at_s = ?, fields = ? WHERE user_id = ?", (now_s, orjson.dumps(fields).decode(), user_id)
        )

    def forget(self, user_id: str) -> None:
        """Take a person out of everything kept here."""
        self.list.unlink(missing_ok=True)
        with self._db.transaction():
            for table in ("person", "tagged", "detail"):
                self._db.run(f"DELETE FROM {table} WHERE user_id = ?", (user_id,))
        self._db.run("VACUUM")


def _key(piece: Piece) -> tuple[str, str, str]:
    return piece.tag, *(day.isoformat() if day else "" for day in piece[1:])  # type: ignore[return-value]  # two of them


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
