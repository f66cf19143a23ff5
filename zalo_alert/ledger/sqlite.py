"""The ledger in SQLite: a row a person once they are settled, a row a window while it is open; about 60 bytes a person.

Durable when a method returns. One process writes (the run's lock sees to it), any number read.

A claim of fresh people is one row of `claim_window` and the new `next_number`, whatever their number: claiming is cheap because
nobody gets a row before there is something to say of them. A window's row goes in the transaction that settles the last of its
people. So a person without a row below `next_number` always stands in a window that is still there, and that is how `recover`
finds whoever a dead process left unsettled.
"""

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from zalo_alert.errors import RESTORE_RUN, StorageUnusable
from zalo_alert.foundation.database import Database
from zalo_alert.language import _
from zalo_alert.ledger.accepted import Times
from zalo_alert.ledger.base import (
    ALL_CHANGED,
    MAYBE_EXECUTED,
    MOST_ROUTE,
    NUMBER_BITS,
    ROUTE_BITS,
    AcceptedTimes,
    Detail,
    Entry,
    Fate,
    Outcomes,
    Places,
    Tally,
    Window,
    Withheld,
    add_withheld,
    check_withheld,
    lost_entry,
)
from zalo_alert.ledger.followed import CHANGED, CLAIM_TIME, COLUMNS, NOTE_CHANGE, Followed, entry_of
from zalo_alert.models import Reason, State

# States and reasons are stored as their words: eight bytes a row more than numbers, and any SQLite shell can read the file.
SCHEMA = (
    """
CREATE TABLE IF NOT EXISTS progress (audience INTEGER NOT NULL, next_number INTEGER NOT NULL, untouched TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS claim_window (first INTEGER PRIMARY KEY, people INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS outcome (
    number INTEGER PRIMARY KEY, state TEXT NOT NULL, place INTEGER NOT NULL, route INTEGER NOT NULL, attempts INTEGER NOT NULL,
    code INTEGER NOT NULL, reason TEXT NOT NULL, unclear INTEGER NOT NULL, at_s INTEGER NOT NULL, due_at_s REAL NOT NULL,
    message_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS withheld (
    first INTEGER PRIMARY KEY, people INTEGER NOT NULL, place INTEGER NOT NULL, reason TEXT NOT NULL, at_s INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS waiting ON outcome (state, due_at_s) WHERE state <> 'accepted';
"""
    + CLAIM_TIME
)

T = TypeVar("T")

# Nearly everyone is accepted at once. Their place, route and minute are packed into one integer, because what takes time in
# counting by several columns is sorting by them; whoever else there is, is counted by all columns.
_AT_ONCE = "state = 'accepted' AND code = 0 AND reason = '' AND unclear = 0 AND message_id <> ''"
_PLACE_BITS, _ROUTE_BITS = 24, 8
_PACKED = f"(at_s / 60 << {_ROUTE_BITS} | route) << {_PLACE_BITS} | place"
_TWICE = "unclear + (state IN ('accepted', 'unknown', 'claimed')) > 1"
_IN_FULL = f"place, state, route, code, reason, at_s / 60, state = 'accepted' AND message_id = '', {_TWICE}"
CHANGES_KEPT = 200_000  # some minutes of a bad night; whoever looks more rarely counts anew

READERS = 2
ROWS_GROUPED = 20_000  # few enough to be sorted within the processor's cache

# A row that exists may be overwritten only while it is claimed: the count of changed rows betrays any other settle.
_SETTLE = f"""
INSERT INTO outcome ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (number) DO UPDATE SET state = excluded.state, place = excluded.place, route = excluded.route,
    attempts = excluded.attempts, code = excluded.code, reason = excluded.reason, unclear = excluded.unclear,
    at_s = excluded.at_s, due_at_s = excluded.due_at_s, message_id = excluded.message_id
WHERE outcome.state = 'claimed'"""
_DOUBT = f"""
UPDATE outcome SET {", ".join(f"{name} = ?{at}" for at, name in enumerate(COLUMNS.split(", "), 1) if at > 1)}
WHERE number = ?1 AND state IN ('accepted', 'rejected', 'deferred')"""
_CLAIM_AGAIN = "UPDATE outcome SET state = 'claimed' WHERE number = ? AND state = 'deferred'"
# Whoever stands in an open window and has no row was claimed by a process that is gone.
_LOST = """
WITH RECURSIVE member (number, last) AS (
    SELECT first, first + people - 1 FROM claim_window UNION ALL SELECT number + 1, last FROM member WHERE number < last)
SELECT number FROM member
WHERE number NOT IN (SELECT number FROM outcome WHERE number >= (SELECT MIN(first) FROM claim_window))"""
# SQLite uses the index only where a query repeats the index's own condition; one of `IN (…)` is slow to test, row by row.
_NOT_ACCEPTED = "WHERE state <> 'accepted' AND state ="
_REACHED = f"WHERE state IN ({', '.join(repr(state.value) for state in sorted(MAYBE_EXECUTED))}) OR unclear > 0"
_LOST_AGAIN = f"UPDATE outcome SET state = 'unknown', reason = ?, at_s = ? {_NOT_ACCEPTED} 'claimed'"

# Six columns are glued into one text, and for nearly everyone that text is a constant: reading a row takes half the time, because
# what costs is making Python's objects, and a text can be looked up among the few fates of a run without being split. `_fate`
# splits it at its blanks, which works only while no state and no reason holds a blank; a reason may be empty, which is why the
# constant has two blanks in a row. tests/unit/ledger holds every `State` and `Reason` to that.
_OUTCOMES = """
SELECT number,
    CASE WHEN state = 'accepted' AND route = 0 AND attempts = 1 AND code = 0 AND reason = '' AND unclear = 0
    THEN 'accepted 0 1 0  0' ELSE state || ' ' || route || ' ' || attempts || ' ' || code || ' ' || reason || ' ' || unclear END,
    at_s, message_id
FROM outcome WHERE number >= ? AND number < ? ORDER BY number"""


class SqliteLedger(Followed):
    """See `Ledger`.

    Args:
        database: Open, and this ledger's own from now on.
    """

    def __init__(self, database: Database, *, rows_grouped: int = ROWS_GROUPED, changes_kept: int = CHANGES_KEPT) -> None:
        self._db, self._rows_grouped, self._changes_kept = database, rows_grouped, changes_kept
        row = self._db.rows("SELECT audience, next_number, untouched FROM progress")
        if len(row) != 1:
            raise StorageUnusable(_("{path} holds no ledger", path=database.path), hint=RESTORE_RUN)
        self.audience: int = row[0][0]
        self.next_number: int = row[0][1]
        self.withheld = self._read_withheld()
        self.claimable = check_withheld(self.withheld, self.audience)
        self._open: list[list[int]] = []  # [first, people not settled yet] of each open window, in order of first
        self._again: set[int] = set()
        self._notes_claims = self._has("claim_time")
        self._rows = self._rows_below = 0  # how many rows were counted, and below which number all of them

    @classmethod
    def create(cls, path: Path, audience: int, withheld: Sequence[Withheld] = ()) -> "SqliteLedger":
        """Make a new ledger for so many people, all pending but the last ones, who are withheld."""
        check_withheld(withheld, audience)
        database = Database(path, schema=SCHEMA)
        with database.transaction():
            database.run("INSERT INTO progress VALUES (?, 0, ?)", (audience, State.PENDING))
            database.run_many("INSERT INTO withheld VALUES (?, ?, ?, ?, ?)", withheld)
        return cls(database)

    def _read_withheld(self) -> tuple[Withheld, ...]:
        if not self._db.rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'withheld'"):
            return ()  # a run of before the cap
        rows = self._db.rows("SELECT first, people, place, reason, at_s FROM withheld ORDER BY first")
        return tuple(Withheld(first, people, place, Reason(reason), at_s) for first, people, place, reason, at_s in rows)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def record(
        self,
        *,
        settled: Sequence[Entry] = (),
        window: Window | None = None,
        again: Sequence[int] = (),
        doubted: Sequence[Entry] = (),
    ) -> None:
        """See `Ledger`."""
        if window and (window.first != self.next_number or not 0 < window.people <= self.claimable - self.next_number):
            raise ValueError(f"{window} does not start at {self.next_number} or ends past {self.claimable}")
        numbers = [entry.number for entry in settled]
        left = self._left_after(numbers)
        # One transaction, so that no instant on the disk shows a person settled in a window that still counts them, or claimed
        # before what was known of the others was written: one sync to the disk pays for the outcomes and the next claims alike.
        with self._db.transaction():
            self._note_changes([*self._again.intersection(numbers), *again, *(entry.number for entry in doubted)])
            self._write(_SETTLE, list(map(_row, settled)), "settled without a claim")
            self._write(_DOUBT, list(map(_row, doubted)), "doubted, and not settled")
            self._write(_CLAIM_AGAIN, [(number,) for number in again], "claimed again, and not deferred")
            if window:
                self._db.run("INSERT INTO claim_window VALUES (?, ?)", (window.first, window.people))
                self._note_claim(window)
                self._db.run("UPDATE progress SET next_number = ?", (window.first + window.people,))
            self._db.run_many("DELETE FROM claim_window WHERE first = ?", [(first,) for first, people in left if not people])
        # What is kept in memory changes only after the commit: a transaction that failed leaves both as they were.
        self._open = [item for item in left if item[1]]
        self._again.difference_update(numbers)
        self._again.update(again)
        if window:
            self._open.append([window.first, window.people])
            self.next_number += window.people

    def _write(self, sql: str, rows: Sequence[Sequence[object]], complaint: str) -> None:
        if rows and self._db.run_many(sql, rows) != len(rows):
            raise ValueError(complaint)

    def _note_changes(self, numbers: Sequence[int]) -> None:
        """Write down what some rows are, before they are changed; whoever has none yet is passed over."""
        if numbers:
            self._db.run(CHANGED)
            self._db.run_many(f"{NOTE_CHANGE} WHERE number = ?", [(number,) for number in numbers])
            self._forget_changes()

    def _note_all(self, state: State) -> None:
        """Write down the rows of one state, or only that all of them change where they are very many."""
        self._db.run(CHANGED)
        if self._db.rows(f"SELECT COUNT(*) FROM outcome {_NOT_ACCEPTED} ?", (state,))[0][0] > self._changes_kept:
            self._db.run("INSERT INTO changed (number) VALUES (?)", (ALL_CHANGED,))
        else:
            self._db.run(f"{NOTE_CHANGE} {_NOT_ACCEPTED} ?", (state,))
        self._forget_changes()

    def _forget_changes(self) -> None:
        self._db.run("DELETE FROM changed WHERE seq <= (SELECT MAX(seq) FROM changed) - ?", (self._changes_kept,))

    def _note_claim(self, window: Window) -> None:
        """Write down when a window was claimed; a row for some hundred people, so that it costs them nothing."""
        if window.at_s and not self._notes_claims:
            self._db.run(CLAIM_TIME)  # a run of before has no such table
        if window.at_s:
            self._db.run("INSERT INTO claim_time VALUES (?, ?)", (window.first, window.at_s))

    def _left_after(self, numbers: list[int]) -> list[list[int]]:
        """Return the open windows as they will be when so many more of their people are settled."""
        if numbers and max(numbers) >= self.next_number:
            raise ValueError("settled without a claim")
        firsts = [first for first, _ in self._open]
        fresh = [number for number in numbers if number not in self._again] if self._again else numbers
        settled = Counter(bisect_right(firsts, number) - 1 for number in fresh)
        if -1 in settled:
            raise ValueError("settled without a claim")
        return [[first, people - settled[at]] for at, (first, people) in enumerate(self._open)]

    def recover(self, *, at_s: int, places: Places) -> int:
        """See `Ledger`."""
        fresh = [number for (number,) in self._db.rows(_LOST)]
        entries = [lost_entry(number, place, at_s) for number, place in zip(fresh, places(fresh), strict=True)]
        # The windows go with the rows that take their place; apart, a kill between the two would leave people in neither.
        with self._db.transaction():
            self._write(_SETTLE, list(map(_row, entries)), "settled without a claim")
            self._note_all(State.CLAIMED)
            again = self._db.run(_LOST_AGAIN, (Reason.CRASH, at_s))
            self._db.run("DELETE FROM claim_window")
        self._open, self._again = [], set()
        return len(fresh) + again

    def retry_unknown(self, *, due_at_s: float) -> int:
        """See `Ledger`."""
        with self._db.transaction():
            self._note_all(State.UNKNOWN)
            sql = f"UPDATE outcome SET state = 'deferred', due_at_s = ?, unclear = unclear + 1 {_NOT_ACCEPTED} 'unknown'"
            return self._db.run(sql, (due_at_s,))

    def expire(self, *, at_s: int) -> int:
        """See `Ledger`."""
        return self._end(State.EXPIRED, f"UPDATE outcome SET state = 'expired', at_s = ? {_NOT_ACCEPTED} 'deferred'", (at_s,))

    def cancel(self, *, at_s: int) -> int:
        """See `Ledger`."""
        sql = f"UPDATE outcome SET state = 'withheld', at_s = ?, reason = ? {_NOT_ACCEPTED} 'deferred'"
        return self._end(State.WITHHELD, sql, (at_s, Reason.CANCELLED))

    def _end(self, state: State, deferred: str, parameters: Sequence[object]) -> int:
        untouched = self.claimable - self.next_number if self.untouched_state() is State.PENDING else 0
        with self._db.transaction():
            self._note_all(State.DEFERRED)
            late = self._db.run(deferred, parameters)
            self._db.run("UPDATE progress SET untouched = ? WHERE untouched = 'pending'", (state,))
        return late + untouched

    def is_open(self) -> bool:
        """See `Ledger`."""
        rows = self._db.rows(
            f"""SELECT 1 FROM progress WHERE (untouched = 'pending' AND next_number < ?)
            OR EXISTS (SELECT 1 FROM claim_window) OR EXISTS (SELECT 1 FROM outcome {_NOT_ACCEPTED} 'deferred')
            OR EXISTS (SELECT 1 FROM outcome {_NOT_ACCEPTED} 'claimed')""",
            (self.claimable,),
        )
        return bool(rows)

    def due(self, *, before_s: float, limit: int) -> list[Entry]:
        """See `Ledger`."""
        sql = f"SELECT {COLUMNS} FROM outcome {_NOT_ACCEPTED} 'deferred' AND due_at_s <= ? ORDER BY due_at_s, number LIMIT ?"
        return [entry_of(row) for row in self._db.rows(sql, (before_s, limit))]

    def next_due_s(self) -> float | None:
        """See `Ledger`."""
        due: float | None = self._db.rows(f"SELECT MIN(due_at_s) FROM outcome {_NOT_ACCEPTED} 'deferred'")[0][0]
        return due

    def totals(self) -> Mapping[State, int]:
        """See `Ledger`."""
        with self._db.snapshot():
            counted = dict(self._db.rows("SELECT state, COUNT(*) FROM outcome WHERE state <> 'accepted' GROUP BY state"))
            rows = self._count_rows()
            next_number, untouched = self._db.rows("SELECT next_number, untouched FROM progress")[0]
        totals = {state: counted.get(state, 0) for state in State}
        totals[State.ACCEPTED] = rows - sum(counted.values())
        totals[State.CLAIMED] += next_number - sum(totals.values())
        totals[State(untouched)] += self.claimable - next_number
        totals[State.WITHHELD] += self.audience - self.claimable
        return totals

    def counted(self, first: int, people: int) -> Mapping[State, int]:
        """See `Ledger`."""
        sql = "SELECT state, COUNT(*) FROM outcome WHERE number BETWEEN ? AND ? GROUP BY state"
        return Counter({State(state): number for state, number in self._db.rows(sql, (first, first + people - 1))})

    def _count_rows(self) -> int:
        """Count every row, once: no row below the first open window can ever go, so only those above are counted again."""
        sql = "SELECT min(next_number, coalesce((SELECT MIN(first) FROM claim_window), next_number)) FROM progress"
        below = self._db.rows(sql)[0][0]
        rows: int = self._rows + self._from(self._rows_below) if self._rows_below else self._all()
        self._rows, self._rows_below = rows - self._from(below), below
        return rows

    def _all(self) -> int:
        # SQLite counts a whole table by its pages, in half the time that a part of it takes.
        rows: int = self._db.rows("SELECT COUNT(*) FROM outcome")[0][0]
        return rows

    def _from(self, number: int) -> int:
        rows: int = self._db.rows("SELECT COUNT(*) FROM outcome WHERE number >= ?", (number,))[0][0]
        return rows

    def tallies(self) -> Iterable[Tally]:
        """See `Ledger`."""
        for (place, state, route, code, reason), people in self._grouped(("place, state, route, code, reason", "true")).items():
            yield Tally(place, State(state), route, code, Reason(reason), people)
        yield from (group.tally() for group in self.withheld)

    def _grouped(self, *counts: tuple[str, str]) -> Counter[tuple[Any, ...]]:
        """Count rows by some columns: a piece at a time, sorted in memory; no snapshot is kept long beside a live sender.

        Args:
            counts: By which columns, and which rows; each row belongs to one of them at most.
        """
        queries = [
            f"SELECT {columns}, COUNT(*) FROM outcome WHERE number >= ? AND number < ? AND {where} GROUP BY {columns}"
            for columns, where in counts
        ]
        return sum(self._shared_out(lambda own: self._counted(queries, own)), Counter())

    def _shared_out(self, work: Callable[[list[tuple[int, int]]], T]) -> list[T]:
        """Have readers go over all rows side by side, each with pieces of its own."""
        pieces = list(_pieces(0, self._db.rows("SELECT next_number FROM progress")[0][0], self._rows_grouped))
        if len(pieces) <= 1:  # threads would take longer than that
            return [work(pieces)]
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(READERS) as readers:  # SQLite counts without Python's lock, so two go twice as fast
            return list(readers.map(work, (pieces[i::READERS] for i in range(READERS))))

    def _counted(self, queries: Sequence[str], pieces: list[tuple[int, int]]) -> Counter[tuple[Any, ...]]:
        counts: Counter[tuple[Any, ...]] = Counter()
        with closing(Database(self._db.path)) as own:
            for piece in pieces:
                with own.snapshot():  # whoever is settled meanwhile is in one of the counts, and once
                    rows = chain.from_iterable([own.rows(sql, piece) for sql in queries])
                for *group, people in rows:
                    counts[tuple(group)] += people
        return counts

    def entries(self, *, states: Sequence[State] = ()) -> Iterator[Entry]:
        """See `Ledger`."""
        where = f"WHERE state IN ({', '.join('?' * len(states))})" if states else ""
        sql = f"SELECT {COLUMNS} FROM outcome {where} ORDER BY number"
        yield from (entry_of(row) for row in self._db.stream(sql, states))
        if not states or State.WITHHELD in states:
            yield from (group.entry(number) for group in self.withheld for number in range(group.first, group.end))

    def outcomes(self, first: int, end: int) -> Outcomes:
        """See `Ledger`."""
        rows = self._db.rows(_OUTCOMES, (first, end))
        numbers, texts, at_s, message_ids = zip(*rows, strict=True) if rows else ((), (), (), ())
        kinds = {text: kind for kind, text in enumerate(dict.fromkeys(texts))}
        outcomes = Outcomes(numbers, [kinds[text] for text in texts], at_s, message_ids, list(map(_fate, kinds)))
        return add_withheld(outcomes, self.withheld, first, end)

    def reached(self) -> "array[int]":
        """See `Ledger`."""
        packed = f"(at_s << {NUMBER_BITS} | number) << {ROUTE_BITS} | min(route, {MOST_ROUTE})"
        return array("q", chain.from_iterable(self._db.stream(f"SELECT {packed} FROM outcome {_REACHED} ORDER BY number")))

    def count_reached(self) -> int:
        """See `Ledger`."""
        people: int = self._db.rows(f"SELECT COUNT(*) FROM outcome {_REACHED}")[0][0]
        return people

    def settled_at_s(self, number: int) -> int | None:
        """See `Ledger`."""
        row = self._db.rows("SELECT at_s FROM outcome WHERE number = ?", (number,))
        return row[0][0] if row else None

    def maybe_twice(self) -> int:
        """See `Ledger`."""
        sql = "SELECT COUNT(*) FROM outcome WHERE unclear > 0 AND unclear + (state IN ('accepted', 'unknown', 'claimed')) > 1"
        people: int = self._db.rows(sql)[0][0]
        return people

    def without_id(self) -> int:
        """See `Ledger`."""
        return self._grouped(("1", "state = 'accepted' AND message_id = ''")).total()

    def untouched_state(self) -> State:
        """See `Ledger`."""
        return State(self._db.rows("SELECT untouched FROM progress")[0][0])

    def details(self) -> list[Detail]:
        """See `Ledger`."""
        groups = self._grouped((_PACKED, _AT_ONCE), (_IN_FULL, f"NOT ({_AT_ONCE})"))
        return [*(_detail(group, people) for group, people in groups.items()), *(group.detail() for group in self.withheld)]

    def pace(self) -> list[tuple[int, int]]:
        """See `Ledger`."""
        by_minute = self._grouped(("at_s / 60", "state = 'accepted'"))
        return sorted((minute * 60, people) for (minute,), people in by_minute.items())

    def accepted_seconds(self, minutes: Sequence[int]) -> list[tuple[int, int]]:
        """See `Ledger`."""
        wanted = ", ".join(str(int(minute) // 60) for minute in minutes)
        groups = self._grouped(("at_s", f"state = 'accepted' AND at_s / 60 IN ({wanted})"))
        return sorted((at_s, people) for (at_s,), people in groups.items())

    def accepted_times(self) -> AcceptedTimes:
        """See `Ledger`."""
        times = Times()
        for part in self._shared_out(self._times):
            times.merge(part)
        return times.sorted()

    def _times(self, pieces: list[tuple[int, int]]) -> Times:
        sql = """SELECT place, at_s, COUNT(*) FROM outcome WHERE number >= ? AND number < ? AND state = 'accepted'
            GROUP BY place, at_s"""
        times = Times()
        with closing(Database(self._db.path)) as own:
            for place, at_s, people in chain.from_iterable(own.rows(sql, piece) for piece in pieces):
                times.add(place, at_s, people)
        return times


def _detail(group: Sequence[Any], people: int) -> Detail:
    """Make one of what was counted: packed as by `_PACKED`, or in full."""
    if len(group) == 1:
        rest, place = divmod(group[0], 1 << _PLACE_BITS)
        minute, route = divmod(rest, 1 << _ROUTE_BITS)
        return Detail(place, State.ACCEPTED, route, 0, Reason.NONE, minute * 60, people)
    place, state, route, code, reason, minute, lacks_id, is_twice = group
    return Detail(place, State(state), route, code, Reason(reason), minute * 60, people, people * lacks_id, people * is_twice)


def _fate(text: str) -> Fate:
    """Split what `_OUTCOMES` has glued."""
    state, route, attempts, code, reason, unclear = text.split(" ")
    return Fate(State(state), int(route), int(attempts), int(code), Reason(reason), int(unclear))


def _pieces(first: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    return ((at, min(end, at + size)) for at in range(first, end, size))


def _row(entry: Entry) -> tuple[object, ...]:
    # sqlite3 takes a plain string as it is; for one of an enum it goes through its adapters, which costs more than all the rest.
    number, state, place, route, attempts, code, reason, unclear, at_s, due_at_s, message_id = entry
    return number, state.value, place, route, attempts, code, reason.value, unclear, at_s, due_at_s, message_id
