"""Follows the ledgers of runs for the index: each row is read once, and again whoever was changed since.

Reads beside a live sender, who notices nothing: a reader of the write-ahead log keeps nobody waiting. A run that can't be read
costs itself alone.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from math import inf
from typing import Any, NamedTuple

import orjson
import pyarrow as pa

from zalo_alert.errors import ZaloAlertError
from zalo_alert.ledger.base import PROOFS, Entry, Messages, is_nameless
from zalo_alert.ledger.progress import Progress, Range
from zalo_alert.ledger.sqlite import SqliteLedger
from zalo_alert.models import Reason, Recipient, RunId, State
from zalo_alert.receipts.index import ANSWERS, Index, Tailed
from zalo_alert.receipts.kept import RunReceipts, is_kept
from zalo_alert.runs.facts import RunFacts
from zalo_alert.runs.run import Run
from zalo_alert.runs.shards import ShardReader
from zalo_alert.runs.store import Runs

KEPT_S = 30 * 86_400  # a run is followed until so long after it was last written to: phones that were off send receipts late
MARK = 16  # digits of a run's digest that its messages by phone carry, before the person's number
_PIECE = 20_000  # rows read at once: few enough for no snapshot to last long
EVER = 1 << 40  # a second that nobody lives to see
_SLACK_S = 2.0  # a file's time may be that much coarser than the clock


class Followed(NamedTuple):
    """What a look at the runs found: how many rows were read, whether any are left, and which runs can't be read."""

    rows: int
    is_done: bool
    unreadable: tuple[str, ...]


class Tail:
    """See the module.

    Args:
        index: Where the rows go.
        runs: Of the workspace.
        oa_of: Zalo's id of each account, for runs that don't keep it.
    """

    def __init__(self, index: Index, runs: Runs, oa_of: Mapping[str, str]) -> None:
        self._index, self._runs, self._oa_of = index, runs, oa_of
        self._looked: dict[RunId, float] = {}  # when a run was last read to its end
        self.just_named: set[tuple[str, str]] = set()  # OA and message id; see `under_way`
        self.windows: dict[int, tuple[str, Sequence[Range]]] = {}  # by key of a run: its name, and the windows that are open

    def follow(self, now_s: float, most: int) -> Followed:
        """Read what is new in all runs, at most about so many rows; the caller's transaction keeps it."""
        tailed = self._index.tailed()
        is_whole = self._index.is_whole
        written = dict(self._runs.written_since(now_s - KEPT_S if is_whole else -inf))
        for name in tailed.keys() - written.keys():
            self._index.retire_run(tailed[name].key, now_s)
        rows, unreadable, is_done = 0, [], True
        for name, written_s in written.items():
            if written_s < self._looked.get(name, -1.0):
                continue
            try:
                read, is_all = self._follow(name, tailed.get(name), max(0, most - rows), now_s)
            except (ZaloAlertError, OSError):
                unreadable.append(str(name))
            else:
                rows, is_done = rows + read, is_done and is_all
        if is_done and not is_whole:
            self._index.be_whole()
        return Followed(rows, is_done, tuple(unreadable))

    def oa_ids(self, facts: RunFacts) -> Sequence[str]:
        """Return Zalo's ids of a run's accounts, by their numbers."""
        return oa_ids_of(facts, self._oa_of)

    def under_way(self) -> list[tuple[Any, ...]]:
        """Return whoever stands in an open window of any run and has no message with a name, as rows of `index.NAMELESS`.

        Whose message has got its name since the ledgers were followed stands in neither: `just_named` has it then.
        """
        self.just_named.clear()
        rows: list[tuple[Any, ...]] = []
        for key, (name, windows) in self.windows.items():
            if windows:
                with suppress(ZaloAlertError, OSError):
                    rows += self._under_way(key, RunId(name), windows)
        return rows

    def _under_way(self, key: int, name: RunId, windows: Sequence[Range]) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        with (
            closing(Run(self._runs.folder / name)) as run,
            closing(run.ledger()) as ledger,
            closing(People(run, self._oa_of)) as who,
        ):
            for first, end in windows:
                settled = set(ledger.outcomes(first, end).numbers)
                left = [number for number in range(first, end) if number not in settled]
                fresh = [Entry(n, State.CLAIMED, -1, 0, 0, 0, Reason.NONE, 0, 0, 0, "") for n in left]
                messages = ledger.messages(first, end)
                nameless = [entry for entry in messages.others if is_nameless(entry)]
                oas = who.oas(messages.numbers) if messages.numbers else ""
                of = [oas] * len(messages.ids) if isinstance(oas, str) else oas.to_pylist()
                self.just_named.update(zip(of, messages.ids, strict=True))
                rows += owners(key, [*fresh, *nameless], ledger, who, self._index.hidden)
        return rows

    def _follow(self, name: RunId, tailed: Tailed | None, most: int, now_s: float) -> tuple[int, bool]:
        with (
            closing(Run(self._runs.folder / name)) as run,
            closing(run.ledger()) as ledger,
            closing(People(run, self._oa_of)) as who,
        ):
            reading = _Reading(self._index, run, ledger, who, self._start(run, tailed, now_s))
            rows, is_done = reading.read(most)
        self.windows[reading.key] = (str(name), reading.windows)
        if is_done and not reading.windows:
            self._looked[name] = now_s - _SLACK_S
        return rows, is_done

    def _start(self, run: Run, tailed: Tailed | None, now_s: float) -> Tailed:
        mark = run.facts.digest[:MARK]
        if tailed and tailed.mark == mark:
            return tailed
        if tailed:  # another run of this name: the one before was set aside
            self._index.retire_run(tailed.key, now_s)
        keys = {row.key for row in self._index.tailed().values()}
        return Tailed(next(key for key in range(ANSWERS) if key not in keys), str(run.id), mark, 0, "[]", 0)


class _Reading:
    """One run, read from where it was left."""

    def __init__(self, index: Index, run: Run, ledger: SqliteLedger, who: "People", tailed: Tailed) -> None:
        self._index, self._run, self._ledger, self._who, self._tailed = index, run, ledger, who, tailed
        self.key, self.windows = tailed.key, tuple[Range, ...]()

    def read(self, most: int) -> tuple[int, bool]:
        """Read what is new; return how many rows, and whether that was all."""
        now, change = self._ledger.progress()
        changed = self._ledger.changed_since(self._tailed.change)
        windows = tuple(map(tuple, orjson.loads(self._tailed.windows)))
        if changed is None:  # nobody knows any more what was changed: all of it is read anew
            self._index.forget_run(self.key)
            self._tailed, changed, windows = self._tailed._replace(next_number=0), (), ()
        before = Progress(self._tailed.next_number, State.PENDING, windows)
        pieces = list(_cut(now.rows_since(before)))
        own = pieces[: max(1, most // _PIECE)]
        for piece in own:
            self._take(self._ledger.messages(*piece))
        self._again([number for number in changed if now.has_row(number)])
        for window in now.windows:
            self._take(self._ledger.messages(*window), is_open=True)
        self.windows = now.windows
        left = sorted({*now.windows, *pieces[len(own) :]})
        self._index.keep_tailed(
            self._tailed._replace(next_number=now.next_number, windows=orjson.dumps(left).decode(), change=change)
        )
        return sum(end - first for first, end in own), len(own) == len(pieces)

    def _again(self, numbers: Sequence[int]) -> None:
        if numbers:
            self._index.replace_nameless(self.key, numbers, ())
            if is_kept(self._run.folder):
                with closing(RunReceipts(self._run.folder)) as kept:
                    kept.uncontest(numbers)
            self._take(self._ledger.messages_of(numbers))

    def _take(self, messages: Messages, *, is_open: bool = False) -> None:
        oas = self._who.oas(messages.numbers) if messages.numbers else ""
        self._index.add_ids(self.key, oas, messages.numbers, messages.places, messages.ids, is_open=is_open)
        nameless = [entry for entry in messages.others if is_nameless(entry)]
        if not is_open:
            self._index.replace_nameless(self.key, [entry.number for entry in nameless], self._owners(nameless))
        settled = [(entry.number, entry.reason is Reason.ECHO) for entry in messages.others if entry.reason in PROOFS]
        if settled:
            with closing(RunReceipts(self._run.folder)) as kept:
                kept.settle(settled)

    def _owners(self, entries: Sequence[Entry]) -> list[tuple[Any, ...]]:
        return owners(self.key, entries, self._ledger, self._who, self._index.hidden)


def oa_ids_of(facts: RunFacts, oa_of: Mapping[str, str]) -> tuple[str, ...]:
    """Return Zalo's ids of a run's accounts; a run of before names its accounts alone."""
    return facts.oa_ids or tuple(oa_of.get(account, "") for account in facts.accounts)


class People:
    """The people of a run by number: of which OA, and under which id."""

    def __init__(self, run: Run, oa_of: Mapping[str, str]) -> None:
        self._run = run
        self._audience: ShardReader | None = None
        self.oa_ids = oa_ids_of(run.facts, oa_of)

    @property
    def audience(self) -> ShardReader:
        """The frozen audience, opened when first asked for."""
        if self._audience is None:
            self._audience = self._run.audience()
        return self._audience

    def oas(self, numbers: Sequence[int]) -> Any:
        """Return the OA of everyone, or of each of some people as an array of text."""
        if len(self.oa_ids) == 1:
            return self.oa_ids[0]
        return pa.DictionaryArray.from_arrays(pa.concat_arrays(list(self._accounts(numbers))), pa.array(self.oa_ids)).cast(
            pa.string()
        )

    def _accounts(self, numbers: Sequence[int]) -> Iterator[Any]:
        """Yield the numbers of the accounts of some people, who stand in order: an array for each group of the audience."""
        starts, at = list(self.audience.group_starts()), 0
        while at < len(numbers):
            group = bisect_right(starts, numbers[at])
            end = bisect_left(numbers, starts[group], at) if group < len(starts) else len(numbers)
            first = starts[group - 1]
            offsets = pa.array([number - first for number in numbers[at:end]], pa.int32())
            yield self.audience.group_at(first).column("account").combine_chunks().take(offsets)
            at = end

    def people(self, numbers: Sequence[int]) -> list[Recipient]:
        """Return some people."""
        return self.audience.people(numbers)

    def close(self) -> None:
        """Close the files."""
        if self._audience is not None:
            self._audience.close()


def owners(
    key: int, entries: Sequence[Entry], ledger: SqliteLedger, who: People, hide: Callable[[str], str]
) -> list[tuple[Any, ...]]:
    """Return people who may have been sent a message that nobody can name, as rows of `index.NAMELESS`; `hide`: its `hidden`."""
    numbers = [entry.number for entry in entries]
    people = zip(entries, who.people(numbers), ledger.claimed_at_s(numbers), strict=True)
    return [
        (key, entry.number, entry.place, entry.route, who.oa_ids[person.account], hide(person.user_id), *bounds(entry, claimed_s))
        for entry, person, claimed_s in people
    ]


def bounds(entry: Entry, claimed_s: int) -> tuple[bool, int, int]:
    """Say whether somebody may be settled, and between which seconds their messages were claimed.

    Where nobody wrote down when (0), they are possible owners of a receipt of any time until their answer, and never settled.
    """
    if entry.state is State.CLAIMED:
        return False, claimed_s, EVER
    is_one = claimed_s > 0 and entry.attempts <= 1 and not entry.unclear
    return entry.state is State.UNKNOWN and claimed_s > 0, claimed_s, claimed_s if is_one else max(claimed_s, entry.at_s)


def _cut(ranges: Sequence[Range]) -> Iterator[Range]:
    return ((at, min(end, at + _PIECE)) for first, end in ranges for at in range(first, end, _PIECE))
