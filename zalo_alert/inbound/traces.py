"""Where a person stands among what came back: events, receipts, what is parked, what the worker remembers; found, and taken out.

A taken-out event stays as a number without a person or a word, so that everything still adds up, and a copy of it is known as
one. Whoever had opted out stays so: a keyed mark takes the place of their id. Everything is read through once, without an index;
what is deleted is overwritten, and the log before it is folded in.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from zalo_alert.foundation.database import Database
from zalo_alert.foundation.pseudonyms import Marks
from zalo_alert.inbound.answers_forgotten import count_answers, forget_answers
from zalo_alert.inbound.cases_forgotten import count_cases, forget_cases
from zalo_alert.inbound.inbound_store import find_store, folder_of, note_forgotten
from zalo_alert.inbound.journal import JOURNAL
from zalo_alert.inbound.parked import PARKED
from zalo_alert.inbound.receipt_lane import RECEIPTS
from zalo_alert.inbound.rolled import files_of, opened
from zalo_alert.inbound.stops import StopKind

SURE_DIGITS = 12  # a shorter id may be a part of another number: it counts in quotes alone
_WHOSE = "(oa = ? AND person = ?) OR instr(body, ?) > 0"


class Traces(NamedTuple):
    """How often a person stands where; all 0 when they stand nowhere.

    Args:
        events: Of the journals, that are theirs or name them.
        receipts: Of messages to them.
        parked: Events that wait for the right secret and name them.
        known: Whether the worker remembers them: 1 or 0.
        told: Whether it keeps what they told of themselves: 1 or 0.
        refusals: What they refused, kept under their id.
        answers: To them: what waits is not sent.
        cases: Theirs, with what was said in them.
    """

    events: int = 0
    receipts: int = 0
    parked: int = 0
    known: int = 0
    told: int = 0
    refusals: int = 0
    answers: int = 0
    cases: int = 0


class TheirEvent(NamedTuple):
    """One event that is a person's or names them."""

    name: str
    event_ms: int
    arrived_ms: int
    body: bytes


class PersonTraces:
    """See the module.

    Args:
        state_dir: Of the workspace.
        oa: Zalo's id of the OA.
        user_id: Whose.
    """

    def __init__(self, state_dir: Path, oa: str, user_id: str) -> None:
        self._state_dir, self._folder = state_dir, folder_of(state_dir)
        self._who = (oa, user_id)
        self._needle = (user_id if len(user_id) >= SURE_DIGITS else f'"{user_id}"').encode()

    def find(self) -> Traces:
        """Count where they stand.

        Raises:
            StorageUnusable: A file can't be read; so with the others.
        """
        events = self._count(files_of(self._folder / JOURNAL), "event", _WHOSE, (*self._who, self._needle))
        receipts = self._count(files_of(self._folder / RECEIPTS), "receipt", "oa = ? AND person = ?", self._who)
        parked = self._count([self._folder / PARKED], "parked", "instr(body, ?) > 0", (self._needle,))
        return Traces(events, receipts, parked, *self._count_known())

    def events(self) -> Iterator[TheirEvent]:
        """Yield the events that are theirs or name them, in the order in which they came."""
        sql = f"SELECT name, event_ms, arrived_ms, body FROM event WHERE {_WHOSE} ORDER BY seq"
        for path in files_of(self._folder / JOURNAL):
            with opened(path) as db:
                yield from (TheirEvent(*row) for row in db.stream(sql, (*self._who, self._needle)))

    def receipts(self) -> Counter[str]:
        """Count the receipts of messages to them by kind."""
        counts: Counter[str] = Counter()
        for path in files_of(self._folder / RECEIPTS):
            with opened(path) as db:
                counts.update(
                    dict(db.rows("SELECT kind, count(*) FROM receipt WHERE oa = ? AND person = ? GROUP BY kind", self._who))
                )
        return counts

    def take_out(self) -> Traces:
        """Take them out of everything; return where they stood. What was done stays done when it is cut off: run it again."""
        blank = "UPDATE event SET person = '', by_app = '', body = x'' WHERE seq = ?"
        events = self._change(files_of(self._folder / JOURNAL), "event", _WHOSE, (*self._who, self._needle), blank)
        nameless = "UPDATE receipt SET person = '' WHERE seq = ?"
        receipts = self._change(files_of(self._folder / RECEIPTS), "receipt", "oa = ? AND person = ?", self._who, nameless)
        gone, named = "DELETE FROM parked WHERE seq = ?", "instr(body, ?) > 0"
        parked = self._change([self._folder / PARKED], "parked", named, (self._needle,), gone)
        known = self._count_known()
        self._take_out_known()
        return Traces(events, receipts, parked, *known)

    def has_mark(self) -> bool:
        """Whether a refusal of theirs goes on under a mark."""
        if (db := find_store(self._state_dir)) is None:
            return False
        with closing(db):
            if not db.rows("SELECT 1 FROM stop WHERE oa = ? AND mark <> '' LIMIT 1", self._who[:1]):
                return False  # and no key is made for it
            sql = "SELECT 1 FROM stop WHERE oa = ? AND mark = ? AND is_stop"
            return bool(db.rows(sql, (self._who[0], Marks(self._folder).whole(self._who[1]))))

    def _count(self, paths: list[Path], table: str, where: str, parameters: tuple[object, ...]) -> int:
        found = 0
        for path in paths:
            if path.is_file():
                with opened(path) as db:
                    found += int(db.rows(f"SELECT count(*) FROM {table} WHERE {where}", parameters)[0][0])
        return found

    def _change(self, paths: list[Path], table: str, where: str, parameters: tuple[object, ...], sql: str) -> int:
        """Change the rows of theirs; they are looked for first, since the door can't write while somebody else does."""
        changed = 0
        for path in paths:
            if not path.is_file():
                continue
            with opened(path) as db:
                if rows := db.rows(f"SELECT seq FROM {table} WHERE {where}", parameters):
                    with db.transaction():
                        changed += db.run_many(sql, rows)
                _fold_in(db)  # also where a try before this one was cut off in between
        return changed

    def _count_known(self) -> tuple[int, int, int, int, int]:
        if (db := find_store(self._state_dir)) is None:
            return 0, 0, 0, 0, 0
        with closing(db):
            known, told, refusals = (
                int(db.rows(f"SELECT count(*) FROM {table} WHERE oa = ? AND user_id = ?", self._who)[0][0])
                for table in ("person", "info", "stop")
            )
            return known, told, refusals, count_answers(db, *self._who), count_cases(db, *self._who)

    def _take_out_known(self) -> None:
        if (db := find_store(self._state_dir)) is None:
            return
        with closing(db):
            with db.transaction():
                note_forgotten(db)
                self._mark_refusal(db)
                for table in ("lookup_candidate", "lookup_wrong"):  # of a person who asks several OAs of an app
                    theirs = "SELECT by_app FROM person WHERE oa = ? AND user_id = ? AND by_app <> ''"
                    db.run(f"DELETE FROM {table} WHERE oa = '' AND person IN ({theirs})", self._who)
                for table in ("person", "info", "stop"):
                    db.run(f"DELETE FROM {table} WHERE oa = ? AND user_id = ?", self._who)
                for table in ("lookup_candidate", "lookup_wrong", "lookup_asked"):
                    db.run(f"DELETE FROM {table} WHERE oa = ? AND person = ?", self._who)
                forget_answers(db, *self._who)
                forget_cases(db, *self._who)
            _fold_in(db)

    def _mark_refusal(self, db: Database) -> None:
        """Keep an opt-out under a mark; an unfollowing is not kept, for Zalo says so itself."""
        sql = "SELECT at_ms FROM stop WHERE oa = ? AND user_id = ? AND kind = ? AND is_stop"
        if rows := db.rows(sql, (*self._who, StopKind.WORDS)):
            oa, user_id = self._who
            db.run(
                "INSERT OR REPLACE INTO stop (oa, user_id, mark, by_app, kind, at_ms, is_stop) VALUES (?, '', ?, '', ?, ?, 1)",
                (oa, Marks(self._folder).whole(user_id), StopKind.WORDS, rows[0][0]),
            )


def _fold_in(db: Database) -> None:
    """Have the log before a database folded into it and emptied: it holds what was there before."""
    db.rows("PRAGMA wal_checkpoint(TRUNCATE)")
