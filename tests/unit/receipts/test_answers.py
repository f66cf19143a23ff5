"""Receipts of answers and of alerts side by side: neither settles the other's unknown, and what may be both settles nobody."""

from contextlib import closing

import pytest

from tests.folding import NOW_S, OA, OTHER_OA, fold, folder_of, make_run, receipt, send, store
from zalo_alert.inbound.event import ReceiptKind, text_digest
from zalo_alert.inbound.inbound_store import open_store
from zalo_alert.models import OnUnknown, Rank, Reason, State
from zalo_alert.outbox.answer import Answer
from zalo_alert.outbox.store import Again, Outbox, Settled
from zalo_alert.receipts.counts import receipt_counts

ACCEPTED, UNKNOWN, ECHO, SEEN = State.ACCEPTED, State.UNKNOWN, ReceiptKind.ECHO, ReceiptKind.SEEN
NOW_MS = NOW_S * 1000


class Answered:
    """A workspace's outbox, and what its poster does with answers."""

    def __init__(self, state_dir):
        self.db = open_store(state_dir)
        self.outbox, self.number = Outbox(self.db), 0

    def answer(self, person="u0", *, oa=OA, text="an answer", at_s=0, made_s=-60, **fields):
        """Make an answer and claim it."""
        self.number += 1
        at_ms = NOW_MS + at_s * 1000
        made = Answer(
            "journal", self.number, 0, oa, person, Rank.RULE, "police/fee", "", text, (), NOW_MS + made_s * 1000,
            NOW_MS + 3_600_000, **fields,
        )  # fmt: skip
        with self.db.transaction():
            assert self.outbox.put(made)
            [claimed] = self.outbox.claim(self.outbox.next_of((oa, "", Rank.RULE), 1, at_ms), at_ms)
        return claimed

    def settle(self, claimed, state, name="", *, at_s=1, digest=None):
        digest = text_digest(claimed.text) if digest is None else digest
        with self.db.transaction():
            self.outbox.settle([Settled(claimed, state, message_id=name, text_digest=digest)], [], NOW_MS + at_s * 1000)

    def again(self, claimed):
        """Have an answer of which nobody knows posted once more, and claimed."""
        with self.db.transaction():
            self.outbox.settle([], [Again(claimed, NOW_MS, is_unclear=True)], NOW_MS)
            self.outbox.revive(NOW_MS)
            return self.outbox.claim(self.outbox.next_of(claimed.want, 1, NOW_MS + 9_000), NOW_MS + 9_000)[0]

    def rows(self):
        return self.db.rows("SELECT state, reason, message_id FROM outbox ORDER BY id")

    def tally(self):
        return {row[:2]: row[2] for row in self.db.rows("SELECT state, reason, n FROM answer_tally WHERE n > 0")}


@pytest.fixture
def answered(tmp_path):
    made = Answered(tmp_path)
    yield made
    made.db.close()


def echo(msg_id, person, text, **fields):
    return receipt(msg_id, person, ECHO, text_digest=text_digest(text), **fields)


def states(run):
    with closing(run.ledger()) as ledger:
        return [row.state for row in ledger.entries()]


@pytest.mark.parametrize(
    ("proof", "reason"),
    [
        pytest.param(receipt("x", "u0"), Reason.RECEIPT, id="received"),
        pytest.param(receipt("x", "u0", SEEN), Reason.RECEIPT, id="seen"),
        pytest.param(echo("x", "u0", "an answer"), Reason.ECHO, id="echo"),
    ],
)
def test_an_answer_of_which_nobody_knew_is_proven(tmp_path, answered, proof, reason):
    answered.settle(answered.answer(), UNKNOWN)
    store(tmp_path, [proof])

    assert fold(tmp_path) == 1
    assert answered.rows() == [("accepted", reason, "x")]
    assert answered.tally() == {("accepted", reason): 1}
    assert fold(tmp_path) == 0


@pytest.mark.parametrize(
    "stray",
    [
        receipt("x", "u1"),
        receipt("x", "u0", oa=OTHER_OA),
        receipt("x", "u0", after_s=-5.5),
        receipt("x", "u0", after_s=86_401),
        echo("x", "u0", "an officer's own words"),
        receipt("x", "u0", ECHO),
    ],
    ids=["another person", "another OA", "before it was claimed", "too late", "another text", "no text"],
)
def test_any_other_receipt_proves_nothing_of_an_answer(tmp_path, answered, stray):
    answered.settle(answered.answer(), UNKNOWN)
    store(tmp_path, [stray], after_s=90_000)

    assert fold(tmp_path) == 0
    assert [row[0] for row in answered.rows()] == ["unknown"]


def test_a_receipt_of_an_accepted_answer_settles_nobody_of_a_run(tmp_path, answered):
    run = make_run(tmp_path, "A", 1)
    send(run, [UNKNOWN])
    answered.settle(answered.answer(), ACCEPTED, "x")
    store(tmp_path, [receipt("x", "u0"), receipt("x", "u0", SEEN)])

    assert fold(tmp_path) == 0
    assert states(run) == [UNKNOWN]
    assert receipt_counts(run).two_candidates == 0
    with closing(folder_of(tmp_path)) as folder:
        assert folder._index.waiting() == 0  # it is no stray


def test_a_receipt_of_an_alert_that_was_accepted_proves_nothing_of_an_answer(tmp_path, answered):
    run = make_run(tmp_path, "A", 1)
    send(run, [ACCEPTED])
    answered.settle(answered.answer(), UNKNOWN)
    store(tmp_path, [receipt("m0", "u0"), receipt("m0", "u0", SEEN)])

    assert fold(tmp_path) == 0
    assert answered.rows() == [("unknown", "", "")]


def test_where_it_may_be_an_answer_or_an_alert_both_stay_unknown(tmp_path, answered):
    run = make_run(tmp_path, "A", 1)
    send(run, [UNKNOWN])
    answered.settle(answered.answer(), UNKNOWN)
    store(tmp_path, [receipt("x", "u0"), receipt("y", "u0", SEEN)])

    assert fold(tmp_path) == 0
    assert states(run) == [UNKNOWN]
    assert answered.rows() == [("unknown", "", "")]
    assert receipt_counts(run).two_candidates == 1


def test_an_echo_tells_an_answer_from_an_alert(tmp_path, answered):
    run = make_run(tmp_path, "A", 2)
    send(run, [UNKNOWN, UNKNOWN])
    for person in ("u0", "u1"):
        answered.settle(answered.answer(person), UNKNOWN)
    store(tmp_path, [echo("x", "u0", "an answer"), echo("y", "u1", "text to 1")])

    assert fold(tmp_path) == 2
    assert states(run) == [UNKNOWN, ACCEPTED]
    assert [row[0] for row in answered.rows()] == ["accepted", "unknown"]


def test_an_answer_that_is_on_its_way_may_be_the_one_and_is_not_settled(tmp_path, answered):
    run = make_run(tmp_path, "A", 1)
    send(run, [UNKNOWN])
    claimed = answered.answer()
    store(tmp_path, [receipt("x", "u0")])

    with closing(folder_of(tmp_path)) as folder:
        assert folder.step().settled == 0
        answered.settle(claimed, ACCEPTED, "x")
        assert folder.step().settled == 0
        assert folder.step().settled == 0
    assert states(run) == [UNKNOWN]
    assert answered.rows() == [("accepted", "", "x")]


def test_an_answer_that_a_crash_left_unknown_is_proven_by_what_came_before(tmp_path, answered):
    answered.answer()
    answered.answer("u1")
    store(tmp_path, [receipt("x", "u0"), echo("y", "u1", "an answer")])

    with closing(folder_of(tmp_path)) as folder:
        assert folder.step().settled == 0
        with answered.db.transaction():
            answered.outbox.recover(NOW_MS + 5_000)
        assert folder.step().settled == 2
    assert answered.rows() == [("accepted", "receipt", "x"), ("accepted", "echo", "y")]
    assert answered.tally() == {("accepted", "receipt"): 1, ("accepted", "echo"): 1}


@pytest.mark.parametrize("kind", [ReceiptKind.RECEIVED, ECHO])
def test_an_answer_whose_words_are_not_kept_is_proven_by_a_receipt_without_words_alone(tmp_path, answered, kind):
    answered.settle(answered.answer(is_private=True), UNKNOWN, digest=b"")
    store(tmp_path, [receipt("x", "u0", kind, text_digest=text_digest("anything") if kind is ECHO else b"")])

    assert fold(tmp_path) == int(kind is not ECHO)


def test_an_answer_whose_words_are_not_kept_may_be_what_an_echo_is_of(tmp_path, answered):
    run = make_run(tmp_path, "A", 1)
    send(run, [UNKNOWN])
    answered.settle(answered.answer(is_private=True), UNKNOWN, digest=b"")
    store(tmp_path, [echo("x", "u0", "text to 0")])

    assert fold(tmp_path) == 0


def test_an_answer_posted_twice_has_a_message_more_that_nobody_can_name(tmp_path, answered):
    run = make_run(tmp_path, "A", 1)
    send(run, [UNKNOWN])
    answered.settle(answered.again(answered.answer(on_unknown=OnUnknown.RESEND)), ACCEPTED, "n", at_s=10)
    store(tmp_path, [receipt("x", "u0"), receipt("n", "u0", after_s=11)])

    assert fold(tmp_path) == 0
    assert states(run) == [UNKNOWN]


def test_two_answers_to_one_person_are_told_apart_by_their_times(tmp_path, answered):
    answered.settle(answered.answer(), UNKNOWN)
    answered.settle(answered.answer(at_s=100), UNKNOWN, at_s=101)
    store(tmp_path, [receipt("x", "u0", after_s=20), receipt("y", "u0", after_s=120)], after_s=130)

    assert fold(tmp_path) == 2
    assert [row[2] for row in answered.rows()] == ["x", "y"]


def test_another_outbox_in_its_place_is_read_from_its_beginning(tmp_path, answered):
    answered.settle(answered.answer(), ACCEPTED, "x")
    assert fold(tmp_path) == 0
    answered.db.close()
    for path in (tmp_path / "inbound").glob("inbound.db*"):
        path.unlink()
    with closing(open_store(tmp_path)):
        pass
    other = Answered(tmp_path)
    other.settle(other.answer(), ACCEPTED, "y")
    run = make_run(tmp_path, "A", 1)
    send(run, [UNKNOWN])
    store(tmp_path, [receipt("y", "u0")])

    assert fold(tmp_path) == 0
    assert states(run) == [UNKNOWN]
    other.db.close()
