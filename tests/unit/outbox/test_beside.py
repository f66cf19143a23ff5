"""What goes on beside answers: private questions are emptied, what is long over is removed, and all of it can be looked at."""

from contextlib import closing
from datetime import UTC, datetime

import pytest

from tests.inbound_work import keep, text, work
from tests.outboxes import MINUTE_MS, NOW_MS, OA, OTHER_OA, answer, database, put
from zalo_alert.inbound.blanking import Blanker
from zalo_alert.inbound.journal import read_journal
from zalo_alert.models import Rank, State
from zalo_alert.outbox.holds import Holds
from zalo_alert.outbox.removal import KEPT_MS, UNKNOWN_KEPT_MS, AnswerRemover
from zalo_alert.outbox.sight import NOTHING, HeldOa, RuleCount, Waiting, outbox_counts
from zalo_alert.outbox.store import Outbox, Settled
from zalo_alert.testing import FakeClock

DAY_MS = 86_400_000
HOUR_MS = NOW_MS // 3_600_000 * 3_600_000


@pytest.fixture
def db(tmp_path):
    with database(tmp_path) as db:
        yield db


def settled(db, *states, now_ms=NOW_MS):
    """Put an answer for each state, and settle it so."""
    put(db, *(answer(str(number), made_ms=now_ms, expires_ms=now_ms + 1) for number, _ in enumerate(states)))
    outbox = Outbox(db)
    with db.transaction():
        claimed = outbox.claim(outbox.next_of((OA, "", Rank.RULE), len(states), now_ms), now_ms)
        outbox.settle([Settled(row, state) for row, state in zip(claimed, states, strict=True)], (), now_ms)


def remover_at(folder, now_ms):
    return AnswerRemover(folder, FakeClock(datetime.fromtimestamp(now_ms / 1000, UTC)))


def test_nothing_is_removed_where_there_is_no_worker(tmp_path):
    assert not remover_at(tmp_path, NOW_MS)()
    assert not any(tmp_path.iterdir())


def test_what_has_been_over_for_two_days_is_removed_and_the_unknown_after_a_week(tmp_path, db):
    settled(db, State.ACCEPTED, State.UNKNOWN, State.REJECTED)
    put(db, answer("900", rank=Rank.OFFICER, expires_ms=NOW_MS + 30 * DAY_MS))  # still waits
    settled(db, State.ACCEPTED, now_ms=NOW_MS + KEPT_MS)
    remover_at(tmp_path, NOW_MS + KEPT_MS)()
    assert len(db.rows("SELECT 1 FROM outbox")) == 5
    remover_at(tmp_path, NOW_MS + KEPT_MS + 1)()
    assert [state for (state,) in db.rows("SELECT state FROM outbox ORDER BY id")] == ["unknown", "pending", "accepted"]
    remover_at(tmp_path, NOW_MS + UNKNOWN_KEPT_MS + 1)()
    left = db.rows("SELECT state FROM outbox ORDER BY id")
    assert left == [("pending",), ("accepted",)], "the number of the last one is not to be given again"
    assert sum(each.answers for each in outbox_counts(tmp_path).by_rule) == 4


def test_who_waits_and_what_ended_is_told(tmp_path, db):
    settled(db, State.ACCEPTED, State.ACCEPTED, State.REJECTED)
    put(db, answer("100", rank=Rank.LOOKUP, expires_ms=NOW_MS + 5), answer("200", rank=Rank.LOOKUP, made_ms=NOW_MS + 7))
    put(db, answer("300", rank=Rank.HELP), answer("400"))
    holds, outbox = Holds(db), Outbox(db)
    holds.hold((OTHER_OA, ""), "token", -216, NOW_MS)
    with db.transaction():
        outbox.claim(outbox.next_of((OA, "", Rank.RULE), 1, NOW_MS), NOW_MS)
        holds.keep()
    seen = outbox_counts(tmp_path, NOW_MS)
    late_ms = NOW_MS + 10 * MINUTE_MS
    assert seen.waiting == [
        Waiting(Rank.HELP, 1, NOW_MS, late_ms, late_ms), Waiting(Rank.LOOKUP, 2, NOW_MS, NOW_MS + 5, late_ms),
    ]  # fmt: skip
    assert (seen.in_flight, seen.ended) == (1, {State.ACCEPTED: 2, State.REJECTED: 1})
    assert seen.by_rule == [
        RuleCount(HOUR_MS, "police-qa/can-cuoc", State.ACCEPTED, "", 2),
        RuleCount(HOUR_MS, "police-qa/can-cuoc", State.REJECTED, "", 1),
    ]
    assert seen.held == [HeldOa(OTHER_OA, "", NOW_MS, NOW_MS + 5000, "token", -216)]
    assert outbox_counts(tmp_path, HOUR_MS + 3_600_000).by_rule == []


def test_there_is_nothing_to_tell_where_no_worker_ever_was(tmp_path):
    assert outbox_counts(tmp_path) == NOTHING
    keep(tmp_path, text("chào"))
    assert outbox_counts(tmp_path) == NOTHING


def test_a_private_question_and_its_answer_are_gone_from_every_file(tmp_path, db):
    work(tmp_path, text("tra điểm 02001234 15/3/2008"), text("căn cước ở đâu"))
    [private, other] = [event.place for event in read_journal(tmp_path / "inbound", None, 10)]
    words = "02001234: Toán 8,25"
    put(db, answer("100", text=words, file=private.file, seq=private.seq, is_private=True))
    put(db, answer("200", file=other.file, seq=other.seq))
    with closing(Blanker(tmp_path / "inbound")) as blanker:
        blanker.step(0)
        assert b"02001234" in read_journal(tmp_path / "inbound", None, 10)[0].body
        with db.transaction():
            Outbox(db).expire(NOW_MS + 10 * MINUTE_MS)
        blanker.step(60)
    assert [bool(event.body) for event in read_journal(tmp_path / "inbound", None, 10)] == [False, True]
    assert db.rows("SELECT * FROM to_blank") == []
    assert not any(b"02001234" in path.read_bytes() for path in (tmp_path / "inbound").rglob("*") if path.is_file())
