"""The ledger in memory: for dry runs and tests; nothing survives the process, everything else holds."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from zalo_alert.ledger.accepted import Times
from zalo_alert.ledger.base import (
    DOUBTABLE,
    MAYBE_EXECUTED,
    PROOFS,
    AcceptedTimes,
    Detail,
    Entry,
    Fate,
    Messages,
    Outcomes,
    Places,
    Tally,
    Window,
    Withheld,
    add_withheld,
    check_withheld,
    is_nameless,
    lost_entry,
    pack_reached,
)
from zalo_alert.ledger.progress import Progress
from zalo_alert.models import Reason, State


class MemoryLedger:
    """See `Ledger`.

    Args:
        audience: How many people the run has.
        withheld: Who of them was withheld from the start.
    """

    def __init__(self, audience: int, withheld: Sequence[Withheld] = ()) -> None:
        self.audience, self.claimable = audience, check_withheld(withheld, audience)
        self._withheld = tuple(withheld)
        self.next_number = 0
        self._rows: dict[int, Entry] = {}
        self._fresh: set[int] = set()  # claimed for the first time, so without a row
        self._windows: list[Window] = []
        self._changed: list[int] = []  # whose row was changed, in order
        self._untouched = State.PENDING

    def record(
        self,
        *,
        settled: Sequence[Entry] = (),
        window: Window | None = None,
        again: Sequence[int] = (),
        doubted: Sequence[Entry] = (),
    ) -> None:
        """See `Ledger`."""
        self._check(settled, window, again, doubted)
        self._changed += (entry.number for entry in settled if entry.number in self._rows)
        self._changed += (*again, *(entry.number for entry in doubted))
        for entry in (*settled, *doubted):
            self._fresh.discard(entry.number)
            self._rows[entry.number] = entry
        for number in again:
            self._rows[number] = self._rows[number]._replace(state=State.CLAIMED)
        if window:
            self._fresh.update(range(window.first, window.first + window.people))
            self.next_number += window.people
            self._windows.append(window)

    def _check(self, settled: Sequence[Entry], window: Window | None, again: Sequence[int], doubted: Sequence[Entry]) -> None:
        if window and (window.first != self.next_number or not 0 < window.people <= self.claimable - self.next_number):
            raise ValueError(f"{window} does not start at {self.next_number} or ends past {self.claimable}")
        numbers = [entry.number for entry in settled]
        if len(set(numbers)) < len(numbers) or not all(n in self._fresh or self._state(n) is State.CLAIMED for n in numbers):
            raise ValueError("settled without a claim")
        if not all(self._state(n) is State.DEFERRED for n in again) or {entry.number for entry in doubted} & set(again):
            raise ValueError("claimed again, and not deferred")
        if not all(entry.number in numbers or self._state(entry.number) in DOUBTABLE for entry in doubted):
            raise ValueError("doubted, and not settled")

    def _state(self, number: int) -> State | None:
        row = self._rows.get(number)
        return row.state if row else None

    def recover(self, *, at_s: int, places: Places) -> int:
        """See `Ledger`."""
        again = [row for row in self._rows.values() if row.state is State.CLAIMED]
        self._replace(again, state=State.UNKNOWN, reason=Reason.CRASH, at_s=at_s)
        fresh = sorted(self._fresh)
        self._rows.update((n, lost_entry(n, place, at_s)) for n, place in zip(fresh, places(fresh), strict=True))
        self._fresh.clear()
        return len(again) + len(fresh)

    def retry_unknown(self, *, due_at_s: float) -> int:
        """See `Ledger`."""
        unknown = [row for row in self._rows.values() if row.state is State.UNKNOWN]
        for row in unknown:
            self._changed.append(row.number)
            self._rows[row.number] = row._replace(state=State.DEFERRED, due_at_s=due_at_s, unclear=row.unclear + 1)
        return len(unknown)

    def expire(self, *, at_s: int) -> int:
        """See `Ledger`."""
        return self._end(State.EXPIRED, at_s)

    def cancel(self, *, at_s: int) -> int:
        """See `Ledger`."""
        return self._end(State.WITHHELD, at_s, Reason.CANCELLED)

    def _end(self, state: State, at_s: int, reason: Reason | None = None) -> int:
        late = [row for row in self._rows.values() if row.state is State.DEFERRED]
        self._replace(late, state=state, at_s=at_s, reason=reason)
        untouched = self.claimable - self.next_number if self._untouched is State.PENDING else 0
        if self._untouched is State.PENDING:
            self._untouched = state
        return len(late) + untouched

    def is_open(self) -> bool:
        """See `Ledger`."""
        totals = self.totals()
        return any(totals[state] for state in (State.PENDING, State.CLAIMED, State.DEFERRED))

    def _replace(self, rows: Iterable[Entry], *, state: State, at_s: int, reason: Reason | None = None) -> None:
        for row in rows:
            self._changed.append(row.number)
            self._rows[row.number] = row._replace(state=state, at_s=at_s, reason=row.reason if reason is None else reason)

    def due(self, *, before_s: float, limit: int) -> list[Entry]:
        """See `Ledger`."""
        deferred = (row for row in self._rows.values() if row.state is State.DEFERRED and row.due_at_s <= before_s)
        return sorted(deferred, key=lambda row: (row.due_at_s, row.number))[:limit]

    def next_due_s(self) -> float | None:
        """See `Ledger`."""
        return min((row.due_at_s for row in self._rows.values() if row.state is State.DEFERRED), default=None)

    def totals(self) -> Mapping[State, int]:
        """See `Ledger`."""
        totals = Counter(row.state for row in self._rows.values())
        totals[State.CLAIMED] += len(self._fresh)
        totals[self._untouched] += self.claimable - self.next_number
        totals[State.WITHHELD] += self.audience - self.claimable
        return {state: totals[state] for state in State}

    def counted(self, first: int, people: int) -> Mapping[State, int]:
        """See `Ledger`."""
        rows = (self._rows[number] for number in range(first, first + people) if number in self._rows)
        return Counter(row.state for row in rows)

    def tallies(self) -> Iterable[Tally]:
        """See `Ledger`."""
        groups = Counter((row.place, row.state, row.route, row.code, row.reason) for row in self._rows.values())
        return [*(Tally(*group, people) for group, people in groups.items()), *(group.tally() for group in self._withheld)]

    def entries(self, *, states: Sequence[State] = ()) -> Iterator[Entry]:
        """See `Ledger`."""
        return (row for row in self._all_rows() if not states or row.state in states)

    def outcomes(self, first: int, end: int) -> Outcomes:
        """See `Ledger`."""
        rows = [row for _, row in sorted(self._rows.items()) if first <= row.number < end]
        fates = [Fate(row.state, row.route, row.attempts, row.code, row.reason, row.unclear) for row in rows]
        at_s, message_ids = [row.at_s for row in rows], [row.message_id for row in rows]
        outcomes = Outcomes([row.number for row in rows], range(len(rows)), at_s, message_ids, fates)
        return add_withheld(outcomes, self._withheld, first, end)

    def _all_rows(self) -> Iterator[Entry]:
        yield from (row for _, row in sorted(self._rows.items()))
        yield from (group.entry(number) for group in self._withheld for number in range(group.first, group.end))

    def reached(self) -> "array[int]":
        """See `Ledger`."""
        rows = (row for _, row in sorted(self._rows.items()) if row.state in MAYBE_EXECUTED or row.unclear)
        return array("q", (pack_reached(row.at_s, row.number, row.route) for row in rows))

    def count_reached(self) -> int:
        """See `Ledger`."""
        return len(self.reached())

    def settled_at_s(self, number: int) -> int | None:
        """See `Ledger`."""
        return self._rows[number].at_s if number in self._rows else None

    def maybe_twice(self) -> int:
        """See `Ledger`."""
        return sum(row.unclear + (row.state in MAYBE_EXECUTED) > 1 for row in self._rows.values())

    def without_id(self) -> int:
        """See `Ledger`."""
        return sum(row.state is State.ACCEPTED and not row.message_id for row in self._rows.values())

    def untouched_state(self) -> State:
        """See `Ledger`."""
        return self._untouched

    def details(self) -> list[Detail]:
        """See `Ledger`."""
        return [*map(_detail, self._rows.values()), *(group.detail() for group in self._withheld)]

    def pace(self) -> list[tuple[int, int]]:
        """See `Ledger`."""
        minutes = Counter(row.at_s // 60 * 60 for row in self._rows.values() if row.state is State.ACCEPTED)
        return sorted(minutes.items())

    def accepted_seconds(self, minutes: Sequence[int]) -> list[tuple[int, int]]:
        """See `Ledger`."""
        accepted = (row.at_s for row in self._rows.values() if row.state is State.ACCEPTED)
        return sorted(Counter(at_s for at_s in accepted if at_s // 60 * 60 in minutes).items())

    def accepted_times(self) -> AcceptedTimes:
        """See `Ledger`."""
        times = Times()
        for row in self._rows.values():
            if row.state is State.ACCEPTED:
                times.add(row.place, row.at_s, 1)
        return times.sorted()

    def progress(self) -> tuple[Progress, int]:
        """See `Ledger`."""
        opened = [(w.first, w.first + w.people) for w in self._windows]
        windows = tuple(window for window in opened if not self._fresh.isdisjoint(range(*window)))
        return Progress(self.next_number, self._untouched, windows), len(self._changed)

    def changed_since(self, change: int) -> Sequence[int] | None:
        """See `Ledger`."""
        return sorted(set(self._changed[change:]))

    def messages(self, first: int, end: int) -> Messages:
        """See `Ledger`."""
        return _messages([row for _, row in sorted(self._rows.items()) if first <= row.number < end])

    def messages_of(self, numbers: Sequence[int]) -> Messages:
        """See `Ledger`."""
        return _messages([self._rows[number] for number in sorted(set(numbers)) if number in self._rows])

    def message_ids(self, numbers: Sequence[int]) -> Mapping[int, str]:
        """See `Ledger`."""
        messages = self.messages_of(numbers)
        return dict(zip(messages.numbers, messages.ids, strict=True))

    def claimed_at_s(self, numbers: Sequence[int]) -> list[int]:
        """See `Ledger`."""
        times = {number: w.at_s for w in self._windows for number in range(w.first, w.first + w.people)}
        return [times.get(number, 0) for number in numbers]

    def settle_unknown(self, number: int, message_id: str, reason: Reason, *, at_s: int) -> bool:
        """See `Ledger`."""
        if self._state(number) is not State.UNKNOWN:
            return False
        row = self._rows[number]
        self._changed.append(number)
        self._rows[number] = row._replace(
            state=State.ACCEPTED, code=0, reason=reason, at_s=min(row.at_s, at_s), message_id=message_id
        )
        return True


def _messages(rows: Sequence[Entry]) -> Messages:
    known = [row for row in rows if row.state is State.ACCEPTED and row.message_id]
    others = [row for row in rows if is_nameless(row) or row.reason in PROOFS]
    return Messages([row.number for row in known], [row.place for row in known], [row.message_id for row in known], others)


def _detail(row: Entry) -> Detail:
    without_id = int(row.state is State.ACCEPTED and not row.message_id)
    maybe_twice = int(row.unclear + (row.state in MAYBE_EXECUTED) > 1)
    minute_s = row.at_s // 60 * 60
    return Detail(row.place, row.state, row.route, row.code, row.reason, minute_s, 1, without_id, maybe_twice)
