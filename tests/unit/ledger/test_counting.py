"""Counting along: every look has the ledger's own numbers, whatever happened since the last one and however little was read."""

import itertools
import shutil
import stat
import tempfile
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from zalo_alert.foundation.database import Database
from zalo_alert.ledger import counting, kept_count
from zalo_alert.ledger.base import DOUBTABLE, Entry, Window, Withheld
from zalo_alert.ledger.counting import RunningCount
from zalo_alert.ledger.sqlite import SqliteLedger
from zalo_alert.models import Reason, State

CLAIMABLE = 24
WITHHELD = (Withheld(CLAIMABLE, 2, 0, Reason.DAY_CAP, 900), Withheld(CLAIMABLE + 2, 1, 1, Reason.WEEK_CAP, 900))
AUDIENCE = CLAIMABLE + 3
SETTLED = [State.ACCEPTED, State.REJECTED, State.DEFERRED, State.UNKNOWN]


def places(numbers):
    return [number % 3 for number in numbers]


def entry_of(number, state, at_s=1000):
    reason = Reason.NONE if state is State.ACCEPTED else Reason.BUSY
    message_id = f"m{next(_MESSAGES)}" if state is State.ACCEPTED else ""
    return Entry(number, state, number % 3, number % 2, 1, 0, reason, 0, at_s, at_s, message_id)


_MESSAGES = itertools.count()  # as Zalo names each message by its own id


def same(tallies):
    """Merge what is alike: a tally may come in parts."""
    people: dict[Any, int] = {}
    for tally in tallies:
        people[tally[:5]] = people.get(tally[:5], 0) + tally.people
    return set(people.items())


def check(watch, ledger):
    counted = watch.look()
    assert dict(counted.totals) == dict(ledger.totals())
    assert same(counted.tallies) == same(ledger.tallies())
    assert list(counted.pace) == ledger.pace()
    assert (counted.next_number, counted.untouched) == (ledger.next_number, ledger.untouched_state())


class Sender(RuleBasedStateMachine):
    """A sender does anything that it may."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="counting-"))
        SqliteLedger.create(self.folder / "run.db", AUDIENCE, WITHHELD).close()
        self.ledger, self.at_s = self.opened(), 1000

    def opened(self):
        return SqliteLedger(Database(self.folder / "run.db", survives_power_cut=False), changes_kept=6)

    def watch(self, at_once=2, **options):
        return RunningCount(self.folder / "run.db", AUDIENCE, WITHHELD, at_once=at_once, **options)

    def teardown(self):
        self.ledger.close()
        shutil.rmtree(self.folder)

    def drawn(self, data, *states, most=3):
        rows = {entry.number: entry.state for entry in self.ledger.entries()}
        claimed = [number for number in range(self.ledger.next_number) if number not in rows]
        who = [n for n, state in rows.items() if state in states and n < CLAIMABLE]
        who += claimed if State.CLAIMED in states else []
        chosen = st.lists(st.sampled_from(sorted(who)), unique=True, min_size=1, max_size=most) if who else st.just([])
        return data.draw(st.one_of(st.just([]), chosen))

    @rule(data=st.data(), people=st.integers(0, 5))
    def record(self, data, people):
        self.at_s += data.draw(st.sampled_from([0, 1, 70]))
        settled = [entry_of(n, data.draw(st.sampled_from(SETTLED)), self.at_s) for n in self.drawn(data, State.CLAIMED, most=6)]
        doubted = [entry_of(n, data.draw(st.sampled_from(SETTLED)), self.at_s) for n in self.drawn(data, *DOUBTABLE)]
        again = [n for n in self.drawn(data, State.DEFERRED) if n not in {entry.number for entry in doubted}]
        people = min(people, CLAIMABLE - self.ledger.next_number) if self.ledger.untouched_state() is State.PENDING else 0
        window = Window(self.ledger.next_number, people) if people else None
        self.ledger.record(settled=settled, window=window, again=again, doubted=doubted)

    @rule()
    def die_and_recover(self):
        self.ledger.close()
        self.ledger = self.opened()
        self.ledger.recover(at_s=self.at_s, places=places)

    @rule()
    def retry_unknown(self):
        self.ledger.retry_unknown(due_at_s=self.at_s)

    @rule(step=st.sampled_from(["expire", "cancel"]))
    def end(self, step):
        getattr(self.ledger, step)(at_s=self.at_s)


class Steps(Sender):
    """Three watchers look now and then: often, seldom, and for the first time."""

    def __init__(self):
        super().__init__()
        self.often, self.seldom = self.watch(), self.watch()

    def teardown(self):
        self.often.close()
        self.seldom.close()
        super().teardown()

    @invariant()
    def a_look_after_every_step_is_exact(self):
        check(self.often, self.ledger)

    @rule()
    def look_seldom(self):
        if self.ledger.next_number > CLAIMABLE // 2:
            check(self.seldom, self.ledger)

    @rule(at_once=st.integers(1, 30))
    def look_for_the_first_time(self, at_once):
        with closing(self.watch(at_once)) as watch:
            check(watch, self.ledger)


class Kept(Sender):
    """Each look is another process's, which goes on from what the one before has written down; the folder may be restored."""

    def __init__(self):
        super().__init__()
        self.backup = None

    @rule(at_once=st.integers(1, 5), kept_from=st.sampled_from([1, 4, 1_000]))
    def look_in_a_new_process(self, at_once, kept_from):
        with closing(self.watch(at_once, kept_from=kept_from)) as watch:
            check(watch, self.ledger)

    @rule(at_once=st.integers(1, 5))
    def look_twice(self, at_once):
        for _ in range(2):
            self.look_in_a_new_process(at_once, 1)

    @rule()
    def back_up(self):
        self.ledger.close()
        self.backup = (self.folder / "run.db").read_bytes()
        self.reopen()

    @rule()
    def restore_into_the_same_file(self):
        if self.backup:
            self.ledger.close()
            (self.folder / "run.db").write_bytes(self.backup)
            self.at_s += 1  # nothing is restored and sent to within one second
            self.reopen()

    def reopen(self):
        self.ledger = self.opened()
        self.ledger.recover(at_s=self.at_s, places=places)


def test_a_look_ends_where_nobody_has_a_row_for_good_and_changes_are_forgotten():
    sender = Kept()
    try:
        sender.ledger.record(settled=[], window=Window(0, 3), again=[], doubted=[])
        for _ in range(9):
            sender.ledger.record(settled=[entry_of(0, State.DEFERRED)], window=None, again=[], doubted=[])
            sender.ledger.record(settled=[], window=None, again=[0], doubted=[])
        with closing(sender.watch(1, kept_from=1)) as watch:
            watch._latest, watch._version = None, 0  # as after more than may be counted in one snapshot
            check(watch, sender.ledger)
    finally:
        sender.teardown()


TestKept = pytest.mark.slow(Kept.TestCase)
TestKept.settings = settings(
    max_examples=20, stateful_step_count=30, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip
TestSteps = pytest.mark.slow(Steps.TestCase)
TestSteps.settings = settings(
    max_examples=30, stateful_step_count=30, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.db"


def test_a_count_of_a_ledger_that_is_written_to_meanwhile_is_of_one_instant(path):
    people, stop = 4000, threading.Event()
    ledger = SqliteLedger.create(path, people)
    ledger.record(window=Window(0, people))
    ledger.record(settled=[entry_of(number, State.DEFERRED) for number in range(people)])

    def ask_again_and_again():
        numbers = [number for number in range(people) if number % 7 == 0]
        while not stop.is_set():
            ledger.record(again=numbers)
            ledger.record(settled=[entry_of(number, State.DEFERRED, 5000) for number in numbers])

    sender = threading.Thread(target=ask_again_and_again)
    sender.start()
    try:
        for _ in range(5):
            with closing(RunningCount(path, people, at_once=50)) as watch:  # eighty pieces, each as of another change
                looks = [watch.look() for _ in range(3)]
            held = {count.totals[State.DEFERRED] for count in looks}
            assert held <= {people, people - len(range(0, people, 7))}
            assert all(sum(tally.people for tally in count.tallies) == people for count in looks)
    finally:
        stop.set()
        sender.join()
        ledger.close()


def test_a_look_after_nothing_was_written_is_the_same_again(path):
    with closing(SqliteLedger.create(path, 3)) as ledger, closing(RunningCount(path, 3)) as watch:
        ledger.record(window=Window(0, 2))
        first = watch.look()

        assert watch.look() is first
        ledger.record(settled=[entry_of(0, State.ACCEPTED)])
        assert watch.look().totals[State.ACCEPTED] == 1


def test_only_the_latest_changes_are_kept(path):
    SqliteLedger.create(path, 9).close()
    with closing(SqliteLedger(Database(path), changes_kept=5)) as ledger:
        ledger.record(window=Window(0, 9))
        ledger.record(settled=[entry_of(number, State.DEFERRED) for number in range(9)])
        for number in range(9):
            ledger.record(again=[number])

        assert Database(path).rows("SELECT number FROM changed ORDER BY seq") == [(4,), (5,), (6,), (7,), (8,)]


def test_a_ledger_of_before_changes_were_written_down_is_counted_and_then_followed(path):
    with closing(SqliteLedger.create(path, 9)) as ledger, closing(RunningCount(path, 9)) as watch:
        ledger.record(window=Window(0, 9))
        ledger.record(settled=[entry_of(number, State.UNKNOWN) for number in range(9)])
        assert Database(path).rows("SELECT 1 FROM sqlite_master WHERE name = 'changed'") == []
        check(watch, ledger)

        ledger.retry_unknown(due_at_s=5)
        check(watch, ledger)


def settled_run(path, people=200):
    ledger = SqliteLedger.create(path, people)
    ledger.record(window=Window(0, people))
    ledger.record(settled=[entry_of(number, State.ACCEPTED) for number in range(people)])
    return ledger


def counted_rows(watch, monkeypatch):
    """Look, and return how many people were read from rows of their own."""
    read, own = [], counting._Counts.add_range

    def add_range(counts, database, numbers):
        read.append(numbers)
        own(counts, database, numbers)

    monkeypatch.setattr(counting._Counts, "add_range", add_range)
    with closing(watch):
        count = watch.look()
    return sum(end - first for first, end in read), count


def test_the_next_process_reads_nobody_twice(path, monkeypatch):
    with closing(settled_run(path)) as ledger:
        with closing(RunningCount(path, 200, kept_from=100)) as first:
            first.look()
        assert stat.S_IMODE((path.parent / kept_count.NAME).stat().st_mode) == 0o600

        read, count = counted_rows(RunningCount(path, 200, kept_from=100), monkeypatch)
        assert read == 0
        assert dict(count.totals) == dict(ledger.totals())


def test_small_runs_are_counted_and_nothing_is_kept(path):
    with closing(settled_run(path)), closing(RunningCount(path, 200)) as watch:
        watch.look()

        assert not (path.parent / kept_count.NAME).exists()


@pytest.mark.parametrize("harm", ["cut", "other", "copied", "unreadable"])
def test_what_is_kept_and_does_not_fit_is_counted_anew(path, monkeypatch, harm):
    with closing(settled_run(path)) as ledger, closing(RunningCount(path, 200, kept_from=1)) as watch:
        watch.look()
        totals = dict(ledger.totals())
    kept = path.parent / kept_count.NAME
    if harm == "cut":
        kept.write_bytes(kept.read_bytes()[:-1])
    elif harm == "other":
        kept.write_bytes(kept.read_bytes().replace(b"accepted", b"rejected"))
    elif harm == "copied":
        copy = path.with_name("copy.db")
        shutil.copyfile(path, copy)
        copy.replace(path)
    else:
        kept.unlink()
        kept.mkdir()

    read, count = counted_rows(RunningCount(path, 200, kept_from=1), monkeypatch)
    assert read == 200
    assert dict(count.totals) == totals


def test_who_may_not_write_beside_the_ledger_counts_all_the_same(path, monkeypatch):
    def refuse(*_args):
        raise PermissionError

    monkeypatch.setattr(kept_count, "appearing", refuse)
    with closing(settled_run(path)) as ledger, closing(RunningCount(path, 200, kept_from=1)) as watch:
        check(watch, ledger)


def test_a_run_that_went_another_way_since_its_backup_is_counted_anew(path, monkeypatch):
    """The same retries in another order, after a restore into the same file: as many changes, of other people."""
    with closing(settled_run(path)) as ledger:
        ledger.record(doubted=[entry_of(number, State.DEFERRED) for number in range(100)])
    backup = path.read_bytes()
    with closing(SqliteLedger(Database(path))) as ledger:
        ledger.record(again=range(60))
        ledger.record(settled=[entry_of(number, State.ACCEPTED, 2000) for number in range(60)])
        with closing(RunningCount(path, 200, kept_from=1)) as watch:
            watch.look()
    path.write_bytes(backup)
    with closing(SqliteLedger(Database(path))) as ledger:
        ledger.record(again=range(99, 19, -1))
        ledger.record(settled=[entry_of(number, State.REJECTED, 3000) for number in range(20, 100)])

        read, count = counted_rows(RunningCount(path, 200, kept_from=1), monkeypatch)
        assert read == 200
        assert dict(count.totals) == dict(ledger.totals())
