"""Both ledgers against a model small enough to be believed: any order of steps, with crashes between and inside them."""

import contextlib
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from zalo_alert.foundation.database import Database
from zalo_alert.ledger.base import MAYBE_EXECUTED, Entry, Window, Withheld
from zalo_alert.ledger.memory import MemoryLedger
from zalo_alert.ledger.sqlite import SqliteLedger
from zalo_alert.models import Reason, State

CLAIMABLE = 12
WITHHELD = (Withheld(12, 2, 0, Reason.DAY_CAP, 900), Withheld(14, 1, 1, Reason.WEEK_CAP, 900))  # from the start
AUDIENCE = CLAIMABLE + 3
SETTLED = [State.ACCEPTED, State.REJECTED, State.DEFERRED, State.UNKNOWN]


class PowerCut(BaseException):
    """The process is gone in the middle of a step."""


class Crashing(Database):
    """A database whose process can be gone before a statement; what was not committed is lost with it."""

    statements_left: int | None = None

    def run(self, sql, parameters=()):
        self._count()
        return super().run(sql, parameters)

    def run_many(self, sql, rows):
        self._count()
        return super().run_many(sql, rows)

    def _count(self):
        if self.statements_left is not None:
            self.statements_left -= 1
            if self.statements_left < 0:
                raise PowerCut

    @contextlib.contextmanager
    def transaction(self):
        # No ROLLBACK here: a dead process rolls nothing back. The next one to open the file finds what was committed, alone.
        self._connection.execute("BEGIN IMMEDIATE")
        yield
        self._count()
        self._connection.execute("COMMIT")


def places(numbers):
    return [number % 3 for number in numbers]


def by_number(draw_from):
    return st.lists(st.sampled_from(sorted(draw_from)), unique=True, max_size=5) if draw_from else st.just([])


class Protocol(RuleBasedStateMachine):
    """The model: everyone's state in a list, how often each was asked, and nothing else."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="ledger-model-"))
        self.path, self.lives = self.folder / "run-0.db", 0
        SqliteLedger.create(self.path, AUDIENCE, WITHHELD).close()
        self.sqlite, self.memory = self.opened(), MemoryLedger(AUDIENCE, WITHHELD)
        self.states = [State.PENDING] * CLAIMABLE + [State.WITHHELD] * (AUDIENCE - CLAIMABLE)
        self.unclear = [0] * AUDIENCE
        self.due = [0.0] * AUDIENCE
        self.asked = [0] * AUDIENCE  # claims: each is one message that may have been received
        self.resent = False
        self.next_number = 0
        self.now_s = 1000

    def opened(self):
        self.database = Crashing(self.path)
        return SqliteLedger(self.database)

    def teardown(self):
        self.sqlite.close()
        shutil.rmtree(self.folder)

    def who(self, *states):
        return [number for number, state in enumerate(self.states) if state in states]

    def drawn(self, data, *states):
        """Any few people in some states, in any order."""
        return data.draw(by_number(self.who(*states)))

    def entry(self, number, state, due_at_s):
        return Entry(
            number, state, number % 3, 0, self.asked[number], 0, Reason.BUSY, self.unclear[number], self.now_s, due_at_s, ""
        )

    def both(self, step):
        """Take one step on both ledgers; they must say the same."""
        found, expected = step(self.sqlite), step(self.memory)
        assert found == expected
        return found

    # --- what a sender does ---------------------------------------------------------------------------------------------

    @rule(data=st.data(), people=st.integers(1, 4))
    def claim_fresh(self, data, people):
        self.step(data, people)

    @rule(data=st.data())
    def settle(self, data):
        self.step(data, 0)

    @rule(data=st.data(), people=st.integers(0, 4), statements=st.integers(0, 5))
    def be_gone_in_the_middle(self, data, people, statements):
        self.step(data, people, statements)

    def step(self, data, people, crash=None):
        """Settle some, claim some again and a window of fresh ones, at once."""
        settled = [
            self.entry(number, data.draw(st.sampled_from(SETTLED)), data.draw(st.integers(900, 1100)))
            for number in self.drawn(data, State.CLAIMED)
        ]
        again = self.drawn(data, State.DEFERRED)
        expired = self.memory.untouched_state() is State.EXPIRED
        people = 0 if expired else min(people, CLAIMABLE - self.next_number)
        window = Window(self.next_number, people) if people else None
        if self.is_lost(crash, settled, window, again):
            return
        self.memory.record(settled=settled, window=window, again=again)
        for entry in settled:
            self.states[entry.number], self.due[entry.number] = entry.state, entry.due_at_s
            if entry.number not in again:
                self.refused(settled=[entry])  # the same once more
        self.claim([*again, *range(self.next_number, self.next_number + people)])
        self.next_number += people

    def is_lost(self, crash, settled, window, again):
        """Take the step on the disk; say whether the power went before it was committed."""
        self.database.statements_left = crash
        try:
            self.sqlite.record(settled=settled, window=window, again=again)
        except PowerCut:
            self.reopen()
            self.recover()
            return True
        self.database.statements_left = None
        return False

    def claim(self, numbers):
        for number in numbers:
            self.states[number] = State.CLAIMED
            self.asked[number] += 1

    # --- how a sender ends and starts ------------------------------------------------------------------------------------

    @rule()
    def crash(self):
        """Be gone between two steps; the next process recovers."""
        self.reopen()
        self.recover()

    def reopen(self):
        """Open what a dead process leaves: the file and its log as they are, with any transaction still open."""
        left, self.lives = self.path, self.lives + 1
        self.path = self.folder / f"run-{self.lives}.db"
        for suffix in ("", "-wal"):
            shutil.copyfile(f"{left}{suffix}", f"{self.path}{suffix}")
        self.sqlite.close()
        self.sqlite = self.opened()

    @rule()
    def recover(self):
        self.now_s += 1
        lost = self.who(State.CLAIMED)
        assert self.both(lambda ledger: ledger.recover(at_s=self.now_s, places=places)) == len(lost)
        for number in lost:
            self.states[number] = State.UNKNOWN

    @precondition(lambda self: not self.who(State.CLAIMED))
    @rule()
    def retry_unknown(self):
        """The officer says so: once, before anyone is claimed."""
        unknown = self.who(State.UNKNOWN)
        assert self.both(lambda ledger: ledger.retry_unknown(due_at_s=self.now_s)) == len(unknown)
        self.resent = self.resent or bool(unknown)
        for number in unknown:
            self.states[number], self.due[number] = State.DEFERRED, self.now_s
            self.unclear[number] += 1

    @precondition(lambda self: not self.who(State.CLAIMED))
    @rule()
    def expire(self):
        late = self.who(State.DEFERRED, State.PENDING)
        assert self.both(lambda ledger: ledger.expire(at_s=self.now_s)) == len(late)
        for number in late:
            self.states[number] = State.EXPIRED

    # --- what may never be ----------------------------------------------------------------------------------------------

    @rule(data=st.data())
    def settle_without_a_claim(self, data):
        """Refused, whole, by both."""
        others = self.who(*set(State) - {State.CLAIMED, State.PENDING}) or self.who(State.PENDING)
        if others:
            self.refused(settled=[self.entry(data.draw(st.sampled_from(others)), State.ACCEPTED, 0)])

    @rule(data=st.data())
    def claim_who_is_not_deferred(self, data):
        others = self.who(*set(State) - {State.DEFERRED})
        if others:
            self.refused(again=[data.draw(st.sampled_from(others))])

    @rule(first=st.integers(0, AUDIENCE), people=st.integers(0, AUDIENCE))
    def claim_a_window_out_of_turn(self, first, people):
        if first != self.next_number or people == 0 or people > CLAIMABLE - first:
            self.refused(window=Window(first, people))

    def refused(self, **step):
        for ledger in (self.sqlite, self.memory):
            try:
                ledger.record(**step)
            except ValueError:
                pass
            else:
                raise AssertionError(f"{ledger} took {step}")
        if self.database._connection.in_transaction:  # ours alone leaves it open; see `Crashing.transaction`
            self.database._connection.execute("ROLLBACK")

    # --- what must always hold -------------------------------------------------------------------------------------------

    @invariant()
    def one_state_a_person_and_they_add_up(self):
        expected = {state: self.states.count(state) for state in State}
        assert self.both(lambda ledger: dict(ledger.totals())) == expected
        assert sum(expected.values()) == AUDIENCE

    @invariant()
    def the_rows_are_the_models(self):
        rows = self.both(lambda ledger: [(row.number, row.state, row.unclear) for row in ledger.entries()])
        known = {number: (state, unclear) for number, state, unclear in rows}
        assert len(known) == len(rows)
        for number, state in enumerate(self.states):
            if number in known:
                assert known[number] == (state, self.unclear[number])
            else:
                assert state is (State.CLAIMED if number < self.next_number else self.memory.untouched_state())

    @invariant()
    def whoever_is_due_is_found_in_order(self):
        expected = sorted((self.due[n], n) for n in self.who(State.DEFERRED) if self.due[n] <= 1000)
        assert self.both(lambda ledger: [row.number for row in ledger.due(before_s=1000, limit=5)]) == [
            n for _, n in expected[:5]
        ]
        assert self.both(lambda ledger: ledger.next_due_s()) == min((self.due[n] for n in self.who(State.DEFERRED)), default=None)

    @invariant()
    def the_mark_never_goes_back(self):
        assert self.both(lambda ledger: ledger.next_number) == self.next_number

    @invariant()
    def only_who_was_asked_again_in_doubt_may_have_it_twice(self):
        doubtful = sum(self.unclear[n] + (self.states[n] in MAYBE_EXECUTED) > 1 for n in range(AUDIENCE))
        assert self.both(lambda ledger: ledger.maybe_twice()) == doubtful
        assert self.both(lambda ledger: sum(detail.maybe_twice for detail in ledger.details())) == doubtful
        assert self.resent or doubtful == 0


TestProtocol = pytest.mark.slow(Protocol.TestCase)
TestProtocol.settings = settings(
    max_examples=40,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
