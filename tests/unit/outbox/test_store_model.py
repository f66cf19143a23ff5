"""The outbox against a model small enough to be believed: any order of steps, with crashes between and inside transactions."""

import contextlib
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.outboxes import NOW_MS, OA, OTHER_OA, answer, tallied
from zalo_alert.inbound.answers_forgotten import forget_answers
from zalo_alert.inbound.inbound_store import open_store
from zalo_alert.models import OnUnknown, Rank, State
from zalo_alert.outbox.store import Again, Outbox, Settled

MOST = 12
FINAL = ["accepted", "rejected", "unknown", "expired", "withheld"]
WANTS = [(oa, via_app, rank) for oa in (OA, OTHER_OA) for via_app in ("", "36") for rank in (Rank.HELP, Rank.LOOKUP)]
_EARLIER = """SELECT 1 FROM outbox AS own JOIN outbox AS other USING (oa, via_app, rank, user_id)
WHERE own.id = ? AND other.state IN ('pending', 'deferred') AND other.turn < own.turn"""


class Undone(Exception):
    """The transaction does not come to its end."""


class OutboxMachine(RuleBasedStateMachine):
    """Puts, claims, settles, expires, forgets and crashes; what was posted is remembered, as Zalo would."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.db = open_store(self.folder)
        self.outbox, self.now_ms = Outbox(self.db, MOST), NOW_MS
        self.put, self.lost = 0, 0
        self.claimed = {}
        self.posted = Counter[tuple[str, int]]()  # by origin, however it ended

    def teardown(self):
        self.db.close()
        shutil.rmtree(self.folder)

    def transaction(self, is_kept=True):
        @contextlib.contextmanager
        def block():
            with contextlib.suppress(Undone), self.db.transaction():
                yield
                if not is_kept:
                    raise Undone

        return block()

    @rule(
        user=st.sampled_from(["1", "2", "3"]), want=st.sampled_from(WANTS), topic=st.sampled_from(["", "a", "b"]),
        lives_ms=st.integers(1, 40), resends=st.booleans(), is_kept=st.booleans() | st.just(True), is_again=st.booleans(),
    )  # fmt: skip
    def puts(self, user, want, topic, lives_ms, resends, is_kept, is_again):
        oa, via_app, rank = want
        seq = self.put if is_again and self.put else self.put + 1
        one = answer(
            user, topic, file="f", seq=seq, oa=oa, via_app=via_app, rank=rank, made_ms=self.now_ms,
            expires_ms=self.now_ms + lives_ms, on_unknown=OnUnknown.RESEND if resends else OnUnknown.HOLD,
        )  # fmt: skip
        with self.transaction(is_kept):
            is_new = self.outbox.put(one)
            assert is_new == (seq > self.put)
        self.put += is_new and is_kept
        if not is_kept:
            self.outbox = Outbox(self.db, MOST)  # a transaction that is undone ends the worker's turn

    @rule(want=st.sampled_from(WANTS), most=st.integers(1, 4), is_kept=st.booleans() | st.just(True))
    def claims(self, want, most, is_kept):
        with self.transaction(is_kept):
            chosen = self.outbox.next_of(want, most, self.now_ms)
            claimed = self.outbox.claim(chosen, self.now_ms)
        assert len(claimed) == len(chosen) <= most
        if is_kept:
            for row in claimed:
                assert row.expires_ms > self.now_ms
                self.claimed[row.id] = row
                self.posted[row.file, row.seq] += 1
                assert not self.db.rows(_EARLIER, (row.id,)), "of a person, the first in line"

    @precondition(lambda self: self.claimed)
    @rule(state=st.sampled_from([State.ACCEPTED, State.REJECTED, State.UNKNOWN, None]), is_kept=st.booleans(), data=st.data())
    def settles(self, state, is_kept, data):
        row = data.draw(st.sampled_from(list(self.claimed.values())))
        is_unclear = row.on_unknown == OnUnknown.RESEND
        with self.transaction(is_kept):
            if state:
                self.outbox.settle([Settled(row, state)], (), self.now_ms)
            else:
                self.outbox.settle((), [Again(row, self.now_ms + 5, "busy", is_unclear=is_unclear)], self.now_ms)
        if is_kept:
            del self.claimed[row.id]
            if not state and not is_unclear:
                self.posted[row.file, row.seq] -= 1  # it was certainly not executed

    @rule(user=st.sampled_from(["1", "2", "3"]), oa=st.sampled_from([OA, OTHER_OA]))
    def forgets(self, user, oa):
        with self.db.transaction():
            forget_answers(self.db, oa, user)

    @rule(passed_ms=st.integers(0, 10))
    def time_passes(self, passed_ms):
        self.now_ms += passed_ms
        with self.db.transaction():
            self.outbox.expire(self.now_ms)
            self.outbox.revive(self.now_ms)

    @rule()
    def crashes(self):
        self.db.close()
        self.db = open_store(self.folder)
        self.outbox = Outbox(self.db, MOST)
        with self.db.transaction():
            became = self.outbox.recover(self.now_ms)
        assert sum(became.values()) == len(self.claimed)
        self.claimed.clear()

    @invariant()
    def everybody_is_accounted_for(self):
        states = Counter(dict(self.db.rows("SELECT state, count(*) FROM outbox GROUP BY state")))
        assert states.total() == self.put
        ended = Counter[str]()
        for (state, _reason), n in tallied(self.db).items():
            ended[state] += n
        assert {state: states[state] for state in FINAL} == {state: ended[state] for state in FINAL}
        assert states["pending"] + states["deferred"] <= MOST
        assert states["claimed"] == len(self.claimed)

    @invariant()
    def nobody_is_answered_twice_unless_the_rule_says_so(self):
        held = {place[0]: place[1] for place in self.db.rows("SELECT seq, on_unknown = 'hold' FROM outbox")}
        assert all(times <= 1 for (_, seq), times in self.posted.items() if held[seq])

    @invariant()
    def of_a_person_one_is_on_its_way(self):
        assert not self.db.rows(
            "SELECT 1 FROM outbox WHERE state = 'claimed' AND user_id <> '' GROUP BY oa, user_id HAVING count(*) > 1"
        )

    @invariant()
    def what_is_over_has_no_words(self):
        assert not self.db.rows(
            "SELECT 1 FROM outbox WHERE state NOT IN ('pending', 'deferred', 'claimed') AND text || buttons || quote <> ''"
        )


def test_the_outbox_keeps_its_promises():
    OutboxMachine.TestCase.settings = settings(
        max_examples=15, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
    )
    OutboxMachine.TestCase().runTest()


@pytest.mark.long
def test_the_outbox_keeps_its_promises_at_length():
    OutboxMachine.TestCase.settings = settings(
        max_examples=2000, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck)
    )
    OutboxMachine.TestCase().runTest()
