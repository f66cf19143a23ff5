"""Counts a ledger again and again, and reads each row once: for a screen that looks every second at a run of millions.

What is counted is everyone below the mark but those in open windows: they have a row each. Such a row changes only where somebody
is asked again, doubted, given up on or recovered, and each time `sqlite` writes down what it was before, in `changed`. So a look
counts the windows that were closed since the last one, and corrects the rest by what was changed; who stands in an open window is
counted afresh each time. Reads the tables of `sqlite` and writes none of them.

The count of millions is kept beside the ledger, and the next one goes on from there: see `kept_count`. It is held against the
ledger first, which may have been restored from a backup and have gone another way since; in doubt everything is counted.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import reduce
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from zalo_alert.foundation.database import Database
from zalo_alert.ledger import kept_count
from zalo_alert.ledger.base import ALL_CHANGED, Tally, Withheld, check_withheld
from zalo_alert.ledger.kept_count import KeptCount
from zalo_alert.ledger.progress import NOTHING, Progress, Range
from zalo_alert.ledger.witness import CHANGED, is_witnessed, last_change, witness_of
from zalo_alert.models import Reason, State

ROWS_AT_ONCE = 20_000  # few enough to be sorted within the processor's cache, and for no snapshot to last long
PIECES_AT_ONCE = 10  # that are counted in one snapshot; more are counted one by one
KEPT_FROM = 1_000_000  # counted people: fewer are counted again within half a second
_DEAR = 20  # people are counted in the time that one change takes to be put right
READERS = 2  # SQLite counts without Python's lock, so two go twice as fast

_KEY = "place, state, route, code, reason, iif(state = 'accepted', at_s / 60, 0)"
# Nearly everyone is accepted without a code or a reason. Their minute, route and place are packed into one integer, because what
# takes time in counting by six columns is sorting by them.
_PLAIN = "state = 'accepted' AND code = 0 AND reason = ''"
_PLACE_BITS, _ROUTE_BITS = 24, 8
_COUNT_PLAIN = f"""
SELECT (at_s / 60 << {_ROUTE_BITS} | route) << {_PLACE_BITS} | place, COUNT(*) FROM outcome
WHERE number >= ? AND number < ? AND {_PLAIN} GROUP BY 1"""
_COUNT_OTHERS = f"""
SELECT {_KEY}, COUNT(*) FROM outcome WHERE number >= ? AND number < ? AND NOT ({_PLAIN}) GROUP BY 1, 2, 3, 4, 5, 6"""
_COUNT_OPEN = f"""
SELECT {_KEY}, COUNT(*) FROM claim_window JOIN outcome ON number >= first AND number < first + claim_window.people
GROUP BY 1, 2, 3, 4, 5, 6"""
_NOW = f"SELECT number, {_KEY} FROM outcome WHERE number IN (SELECT number FROM changed WHERE seq > ?)"

Key: TypeAlias = tuple[int, str, int, int, str, int]  # place, state, route, code, reason, and of who is accepted the minute


class LedgerCount(NamedTuple):
    """Where everyone stands at one instant.

    Args:
        totals: Every state; they add up to the audience.
        tallies: As `Ledger.tallies` has them.
        pace: As `Ledger.pace` has it.
        next_number: The first person never claimed.
        untouched: What everyone from there on is.
    """

    totals: Mapping[State, int]
    tallies: tuple[Tally, ...]
    pace: tuple[tuple[int, int], ...]
    next_number: int
    untouched: State


class _Counts:
    """People by what became of them, and the accepted by minute."""

    def __init__(self) -> None:
        self.by_fate: Counter[tuple[int, str, int, int, str]] = Counter()
        self.by_minute: Counter[int] = Counter()

    def add(self, key: Key, people: int) -> None:
        self.by_fate[key[:5]] += people
        if key[1] == "accepted":
            self.by_minute[key[5]] += people

    def add_all(self, rows: Iterable[tuple[Any, ...]]) -> "_Counts":
        for row in rows:
            self.add(row[:6], row[6])
        return self

    def add_range(self, database: Database, numbers: Range) -> None:
        """Count some people who have a row each."""
        for packed, people in database.rows(_COUNT_PLAIN, numbers):
            rest, place = divmod(packed, 1 << _PLACE_BITS)
            minute, route = divmod(rest, 1 << _ROUTE_BITS)
            self.add((place, "accepted", route, 0, "", minute), people)
        self.add_all(database.rows(_COUNT_OTHERS, numbers))

    def plus(self, other: "_Counts") -> "_Counts":
        both = _Counts()
        both.by_fate = self.by_fate + other.by_fate  # which leaves out who is nobody
        both.by_minute = self.by_minute + other.by_minute
        return both


class RunningCount:
    """Counts one ledger; the first look reads all of it, every other what is new.

    Args:
        path: Of the database.
        audience: How many people there are.
        withheld: Those of them who were withheld from the start.

    Raises:
        StorageUnusable: There is no ledger, or it is damaged.
    """

    def __init__(
        self,
        path: Path,
        audience: int,
        withheld: Sequence[Withheld] = (),
        *,
        at_once: int = ROWS_AT_ONCE,
        kept_from: int = KEPT_FROM,
    ) -> None:
        self._db, self._audience, self._withheld, self._at_once = Database(path), audience, withheld, at_once
        self._claimable, self._kept_from = check_withheld(withheld, audience), kept_from
        self._forget()
        self._version = -1
        self._latest: LedgerCount | None = None

    def _forget(self) -> None:
        self._counted, self._progress = _Counts(), NOTHING
        self._firsts, self._seqs = [0], [0]  # from which number on people were counted as of which change
        self._kept_people = self._kept_seq = 0

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def look(self) -> LedgerCount:
        """Count everyone as of now; costs next to nothing where nobody has written since the last look."""
        version: int = self._db.rows("PRAGMA data_version")[0][0]
        if self._version == -1:
            self._go_on_from_kept()
        if self._latest is None or version != self._version:
            self._version, self._latest = version, self._catch_up(most=PIECES_AT_ONCE * self._at_once)
        while self._latest is None:
            self._count_rest()
            self._latest = self._catch_up(most=self._audience)
        return self._latest

    def _catch_up(self, most: int) -> LedgerCount | None:
        """Count what is new, in one snapshot; None where that is more people than `most`, or nobody knows any more what is."""
        kept = None
        with self._db.snapshot():
            now = self._read_progress()
            fresh = now.rows_since(self._progress)
            if sum(end - first for first, end in fresh) > most:
                return None
            if not self._correct():
                self._forget()
                return None
            for piece in fresh:
                self._counted.add_range(self._db, piece)
            opened = _Counts().add_all(self._db.rows(_COUNT_OPEN))
            self._progress, self._firsts, self._seqs = now, [0], [last_change(self._db)]
            if now.people() - self._kept_people + _DEAR * (self._seqs[0] - self._kept_seq) >= self._kept_from:
                kept = self._as_kept()
        if kept:
            self._kept_people, self._kept_seq = kept.people, kept.witness.seq
            kept_count.keep(self._db.path.parent, kept)
        return self._sum(self._counted.plus(opened), now)

    def _as_kept(self) -> KeptCount:
        now, witness = self._progress, witness_of(self._db, self._audience, self._seqs[0], self._progress)
        return KeptCount(witness, now.next_number, now.untouched, now.windows, self._counted.by_fate, self._counted.by_minute)

    def _go_on_from_kept(self) -> None:
        """Begin with what was counted before, where that is of this ledger beyond doubt."""
        kept = kept_count.read(self._db.path.parent)
        if kept is None:
            return
        progress = Progress(kept.next_number, kept.untouched, kept.windows)
        with self._db.snapshot():
            fits = kept.people == progress.people() and is_witnessed(self._db, self._audience, kept.witness, progress)
        if fits:
            self._counted.by_fate.update(kept.fates)
            self._counted.by_minute.update(kept.minutes)
            self._progress, self._seqs = progress, [kept.witness.seq]
            self._kept_people, self._kept_seq = kept.people, kept.witness.seq

    def _read_progress(self) -> Progress:
        rows = self._db.rows("SELECT next_number, untouched FROM progress")
        windows = self._db.rows("SELECT first, first + people FROM claim_window ORDER BY first")
        return Progress(rows[0][0], State(rows[0][1]), tuple((first, end) for first, end in windows))

    def _correct(self) -> bool:
        """Correct the count by what was changed since; False where not everything is known that was."""
        since = min(self._seqs)
        changes = self._db.rows(CHANGED, (since,)) if last_change(self._db) > since else []
        if changes and (changes[0][0] > since + 1 or any(number == ALL_CHANGED for _, number, *_ in changes)):
            return False
        before: dict[int, Key] = {}
        for seq, number, *key in changes:
            if seq > self._seqs[bisect_right(self._firsts, number) - 1] and self._progress.has_row(number):
                before.setdefault(number, tuple(key))
        for was in before.values():
            self._counted.add(was, -1)
        for number, *key in self._db.rows(_NOW, (since,)) if before else ():
            if number in before:
                self._counted.add(tuple(key), 1)
        return True

    def _count_rest(self) -> None:
        """Count everyone who has a row for good and is not counted yet, a piece at a time, each as of a change of its own."""
        with self._db.snapshot():
            now, latest = self._read_progress(), last_change(self._db)
        fresh = now.rows_since(self._progress)
        pieces = [(at, min(end, at + self._at_once)) for first, end in fresh for at in range(first, end, self._at_once)]
        with ThreadPoolExecutor(READERS) as readers:
            shares = list(readers.map(self._count_pieces, (pieces[i::READERS] for i in range(READERS))))
        self._counted = reduce(_Counts.plus, (counts for counts, _ in shares), self._counted)
        # Whoever stands between the new ones was counted as of the change that everyone was counted by before.
        before = self._seqs[0]
        seqs = {0: before, **{end: before for _, end in fresh}} if self._progress != NOTHING else {}
        seqs.update(chain.from_iterable(seqs for _, seqs in shares))
        at = sorted(seqs.items()) or [(0, latest)]  # nobody is counted: that is so as of now, and not of the first change
        self._progress, self._firsts, self._seqs = now, [first for first, _ in at], [seq for _, seq in at]

    def _count_pieces(self, pieces: Sequence[Range]) -> tuple[_Counts, list[Range]]:
        counts, seqs = _Counts(), []
        with closing(Database(self._db.path)) as own:
            for piece in pieces:
                with own.snapshot():
                    counts.add_range(own, piece)
                    seqs.append((piece[0], last_change(own)))
        return counts, seqs

    def _sum(self, counts: _Counts, progress: Progress) -> LedgerCount:
        totals = dict.fromkeys(State, 0)
        for (_, state, *_), people in counts.by_fate.items():
            totals[State(state)] += people
        totals[State.CLAIMED] += progress.next_number - sum(totals.values())
        totals[progress.untouched] += self._claimable - progress.next_number
        totals[State.WITHHELD] += self._audience - self._claimable
        tallies = [
            Tally(place, State(state), route, code, Reason(reason), people)
            for (place, state, route, code, reason), people in counts.by_fate.items()
        ]
        pace = sorted((minute * 60, people) for minute, people in counts.by_minute.items())
        withheld = (group.tally() for group in self._withheld)
        return LedgerCount(totals, (*tallies, *withheld), tuple(pace), progress.next_number, progress.untouched)
