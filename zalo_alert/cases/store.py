"""Cases in the worker's database. Every method works inside the caller's transaction; an event has its effect once."""

from collections.abc import Iterable, Sequence
from typing import Any

from zalo_alert.cases.case import Asker, Case, CaseKind, CaseState, Entry, Origin, Who
from zalo_alert.cases.case_number import PREFIXES, number_of
from zalo_alert.foundation.ahead import Theirs
from zalo_alert.foundation.clock import instant
from zalo_alert.foundation.database import Database

MOST_ENTRIES = 2_000  # of a case: what somebody writes beyond that is only counted
MOST_TEXT = 4_000  # characters of an entry; Zalo's longest message has 2,000
_COLUMNS = (
    "id, no, kind, oa, person, conversation, state, officer, version, opened_ms, heard_ms, answered_ms, spoke_ms, closed_ms,"
    " due_ms, done_due_ms"
)
_SELECT = f"SELECT {_COLUMNS} FROM cases"
_ENTRIES = "SELECT at_ms, who, officer, what, text, msg_id, file, seq, n FROM entry WHERE case_id = ? ORDER BY n"
_OLD = "SELECT id FROM cases WHERE state = ? AND closed_ms < ? AND person <> ''"


class Cases:
    """See the module.

    Args:
        db: The worker's.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._open_ones = Theirs(db, _COLUMNS, "cases", "person", f"state <> '{CaseState.CLOSED}'")

    def open(self, kind: CaseKind, asker: Asker, origin: Origin, at_ms: int, due_ms: int = 0, done_due_ms: int = 0) -> Case:
        """Begin a case, or return the one that this event has begun already."""
        begun = self._one("file = ? AND seq = ? AND kind = ?", (*origin, kind)) if origin.file else None
        return begun or self._begin(kind, asker, origin, at_ms, (due_ms, done_due_ms))

    def of_person(self, asker: Asker, kind: CaseKind) -> Case | None:
        """Return the latest case of a kind that a person has and nobody has closed."""
        rows = self._open_ones.rows(asker.oa, asker.person)
        return max((case for case in map(_case, rows) if case.kind is kind and case.asker == asker), default=None)

    def all_of(self, oa: str, person: str) -> list[Case]:
        """Return all cases of a person, the earliest first."""
        return [_case(row) for row in self._db.rows(f"{_SELECT} WHERE oa = ? AND person = ? ORDER BY id", (oa, person))]

    def find(self, no: str) -> Case | None:
        """Return a case by its number for people."""
        return self._one("no = ?", (no,))

    def listed(self, kind: CaseKind | None = None, *, with_closed: bool = False) -> list[Case]:
        """Return cases, those first that have waited longest; those that are closed come last."""
        where = f"(? IS NULL OR kind = ?) AND (state <> '{CaseState.CLOSED}' OR ?)"
        order = f"state = '{CaseState.CLOSED}', state = '{CaseState.ANSWERED}', opened_ms, id"
        return [_case(row) for row in self._db.rows(f"{_SELECT} WHERE {where} ORDER BY {order}", (kind, kind, with_closed))]

    def add(self, case: Case, entry: Entry) -> int:
        """Add what somebody said, and return its number; 0 where this event stands in the case already, or the case is full."""
        ((last,),) = self._db.rows("SELECT coalesce(max(n), 0) FROM entry WHERE case_id = ?", (case.key,))
        said = (entry.at_ms, entry.who, entry.officer, entry.what, entry.text[:MOST_TEXT], entry.msg_id, *entry.origin)
        if last >= MOST_ENTRIES or self._has(case, entry.origin):
            return 0
        self._db.run("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (case.key, last + 1, *said))
        if entry.who is Who.CITIZEN:
            self._open_ones.changed(case.asker.oa, case.asker.person)
            sql = "UPDATE cases SET heard_ms = max(heard_ms, ?), state = ? WHERE id = ? AND state <> ?"
            self._db.run(sql, (entry.at_ms, CaseState.OPEN, case.key, CaseState.CLOSED))
        return int(last) + 1

    def entries(self, case: Case) -> list[Entry]:
        """Return what was said in a case, the latest last."""
        return [_entry(row) for row in self._db.rows(_ENTRIES, (case.key,))]

    def take(self, case: Case, officer: str, at_ms: int) -> bool:
        """Have an officer hold a case; False where somebody has changed it since it was read."""
        return self._step(case, "officer = ?, spoke_ms = ?", (officer, at_ms))

    def answered(self, case: Case, officer: str, at_ms: int) -> bool:
        """Take in that an officer has answered; returns as `take` does."""
        changes = "officer = ?, spoke_ms = max(spoke_ms, ?), answered_ms = max(answered_ms, ?), state = ?"
        return self._step(case, changes, (officer, at_ms, at_ms, CaseState.ANSWERED))

    def close(self, case: Case, officer: str, at_ms: int) -> bool:
        """Take in that nothing more is to be done; returns as `take` does."""
        return self._step(case, "officer = ?, closed_ms = ?, state = ?", (officer, at_ms, CaseState.CLOSED))

    def waits_ms(self, oa: str, most: int) -> list[int]:
        """Return how long the latest talks of an OA waited for their first answer, at most so many."""
        sql = (
            "SELECT min(entry.at_ms) - cases.opened_ms FROM cases JOIN entry ON entry.case_id = cases.id AND entry.who = ?"
            " WHERE cases.oa = ? AND cases.kind = ? GROUP BY cases.id ORDER BY cases.id DESC LIMIT ?"
        )
        return [int(ms) for (ms,) in self._db.rows(sql, (Who.OFFICER, oa, CaseKind.TALK, most))]

    def empty(self, *, closed_before_ms: int) -> int:
        """Remove what was said in cases that were closed before a time, and whose they were; return how many."""
        self._open_ones.all_changed()
        old = [key for (key,) in self._db.rows(_OLD, (CaseState.CLOSED, closed_before_ms))]
        self._db.run_many("DELETE FROM entry WHERE case_id = ?", [(key,) for key in old])
        self._db.run_many("UPDATE cases SET person = '', conversation = '', officer = '' WHERE id = ?", [(key,) for key in old])
        return len(old)

    def _begin(self, kind: CaseKind, asker: Asker, origin: Origin, at_ms: int, due: tuple[int, int]) -> Case:
        self._open_ones.changed(asker.oa, asker.person)
        day = instant(at_ms / 1000).strftime("%y%m%d")
        # Counted apart from the cases: no number is given twice, whoever is forgotten meanwhile.
        sql = "INSERT INTO case_day VALUES (?, ?, 1) ON CONFLICT (prefix, day) DO UPDATE SET n = n + 1 RETURNING n"
        ((n,),) = self._db.rows(sql, (PREFIXES[kind], day))
        no = number_of(kind, day, int(n))
        self._db.run(
            "INSERT INTO cases (no, kind, oa, person, conversation, state, officer, version, opened_ms, heard_ms, answered_ms,"
            " spoke_ms, closed_ms, due_ms, done_due_ms, file, seq) VALUES (?, ?, ?, ?, ?, ?, '', 0, ?, ?, 0, 0, 0, ?, ?, ?, ?)",
            (no, kind, *asker, CaseState.OPEN, at_ms, at_ms, *due, *origin),
        )
        begun = self.find(no)
        assert begun is not None
        return begun

    def _has(self, case: Case, origin: Origin) -> bool:
        where = "case_id = ? AND file = ? AND seq = ? AND file <> ''"
        return bool(self._db.rows(f"SELECT 1 FROM entry WHERE {where}", (case.key, *origin)))

    def _step(self, case: Case, changes: str, values: Iterable[Any]) -> bool:
        self._open_ones.changed(case.asker.oa, case.asker.person)
        sql = f"UPDATE cases SET {changes}, version = version + 1 WHERE id = ? AND version = ?"
        return bool(self._db.run(sql, (*values, case.key, case.version)))

    def _one(self, where: str, values: Sequence[Any]) -> Case | None:
        rows = self._db.rows(f"{_SELECT} WHERE {where}", values)
        return _case(rows[0]) if rows else None


def _case(row: Sequence[Any]) -> Case:
    key, no, kind, oa, person, conversation, state, *rest = row
    return Case(key, no, CaseKind(kind), Asker(oa, person, conversation), CaseState(state), *rest)


def _entry(row: Sequence[Any]) -> Entry:
    at_ms, who, officer, what, text, msg_id, file, seq, n = row
    return Entry(at_ms, Who(who), officer, what, text, msg_id, Origin(file, seq), n)
