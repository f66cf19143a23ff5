"""Receipts find the messages of runs: delivered, seen, in any order, as often as they come."""

from contextlib import closing

import pytest

from tests.folding import NOW_S, OA, OTHER_OA, fold, folder_of, make_run, outcome, receipt, send, store
from zalo_alert.errors import RunBusy
from zalo_alert.inbound.event import ReceiptKind
from zalo_alert.ledger.base import Window
from zalo_alert.models import State
from zalo_alert.receipts.counts import receipt_counts, receipts_between
from zalo_alert.receipts.published import read_published
from zalo_alert.testing import FakeClock

ACCEPTED, SEEN, ECHO = State.ACCEPTED, ReceiptKind.SEEN, ReceiptKind.ECHO


def test_receipts_find_the_messages_of_their_run(tmp_path):
    run, other = make_run(tmp_path, "A", 6), make_run(tmp_path, "B", 4)
    send(run, [ACCEPTED] * 5 + [State.REJECTED])
    send(other, [ACCEPTED] * 4, prefix="n")
    store(
        tmp_path, [receipt("m0", "u0"), receipt("m1", "u1", SEEN, after_s=9), receipt("n3", "u3"), receipt("m0", "u0", after_s=1)]
    )
    store(tmp_path, [receipt("m0", "u0", SEEN, after_s=70), receipt("m4", "u4", ECHO)])

    fold(tmp_path)

    assert receipts_between(run, 0, 6) == {0: (NOW_S + 1, NOW_S + 70), 1: (NOW_S + 9, NOW_S + 9)}
    assert receipts_between(other, 0, 6) == {3: (NOW_S + 2, None)}
    counts = receipt_counts(run)
    assert (counts.delivered, counts.seen, counts.by_place) == (2, 2, {0: (1, 1), 1: (1, 1)})
    assert counts.unattributed == 0
    assert counts.folded_until_ms == (NOW_S + 3) * 1000


def test_the_same_id_of_another_oa_is_another_message(tmp_path):
    run = make_run(tmp_path, "A", 4, oa_ids=(OA, OTHER_OA))
    send(run, [ACCEPTED] * 4)
    store(
        tmp_path, [receipt("m0", "u0"), receipt("m1", "u1"), receipt("m2", "u2", oa=OTHER_OA), receipt("m3", "u3", oa=OTHER_OA)]
    )

    fold(tmp_path)

    assert set(receipts_between(run, 0, 4)) == {0, 3}
    assert dict(read_published(tmp_path / "inbound").waiting) == {OA: 1, OTHER_OA: 1}


def test_a_receipt_before_the_answer_waits_for_it(tmp_path):
    run = make_run(tmp_path, "A", 4)
    store(tmp_path, [receipt("m0", "u0"), receipt("m2", "u2")])
    with closing(folder_of(tmp_path)) as folder:
        folder.step()
        send(run, [ACCEPTED, ACCEPTED])
        with closing(run.ledger()) as ledger:
            ledger.record(window=Window(2, 2))
            folder.step()
            assert set(receipts_between(run, 0, 4)) == {0}
            ledger.record(settled=[outcome(2, ACCEPTED)])
            folder.step()

    assert set(receipts_between(run, 0, 4)) == {0, 2}  # also in a window that is still open
    assert receipt_counts(run).unattributed == 0


def test_whoever_is_accepted_at_a_later_attempt_is_found(tmp_path):
    run = make_run(tmp_path, "A", 4)
    send(run, [State.DEFERRED, ACCEPTED])
    store(tmp_path, [receipt("m0", "u0")])
    with closing(folder_of(tmp_path)) as folder:
        folder.step()
        with closing(run.ledger()) as ledger:
            ledger.record(again=[0])
            ledger.record(settled=[outcome(0, ACCEPTED)])
        folder.step()

    assert set(receipts_between(run, 0, 4)) == {0}


def test_an_answer_that_was_taken_back_takes_its_receipts_with_it(tmp_path):
    run = make_run(tmp_path, "A", 4)
    send(run, [ACCEPTED, ACCEPTED])
    with closing(folder_of(tmp_path)) as folder:
        folder.step()
        with closing(run.ledger()) as ledger:
            ledger.record(doubted=[outcome(0, State.UNKNOWN)])
        store(tmp_path, [receipt("m0", "somebody else"), receipt("m1", "u1")])
        folder.step()

    assert set(receipts_between(run, 0, 4)) == {1}
    assert receipt_counts(run).unattributed == 1


def test_receipts_that_find_no_run_are_given_up_in_the_end(tmp_path):
    clock = FakeClock()
    store(tmp_path, [receipt("x", "u0"), receipt("y", "u1", SEEN), receipt("z", "u1", ECHO)])
    fold(tmp_path, clock=clock)
    before = read_published(tmp_path / "inbound")
    clock.move(26 * 3600)
    fold(tmp_path, clock=clock)
    after = read_published(tmp_path / "inbound")

    assert (dict(before.waiting), dict(before.given_up)) == ({OA: 2}, {})
    assert (dict(after.waiting), dict(after.given_up)) == ({}, {OA: 2})
    assert before.unattributed() == after.unattributed() == 2


def test_a_run_that_cannot_be_read_costs_itself_alone(tmp_path):
    run, broken = make_run(tmp_path, "A", 2), make_run(tmp_path, "B", 2)
    for each in (run, broken):
        send(each, [ACCEPTED] * 2, prefix=str(each.id))
    broken.close()
    (broken.folder / "run.db").write_bytes(b"this is no database at all, and long enough to be told from one" * 90)
    store(tmp_path, [receipt("A0", "u0"), receipt("B0", "u0")])

    fold(tmp_path)

    assert set(receipts_between(run, 0, 2)) == {0}
    assert read_published(tmp_path / "inbound").unreadable == ("B",)


def test_what_was_folded_is_folded_again_without_a_change(tmp_path):
    run = make_run(tmp_path, "A", 3)
    send(run, [ACCEPTED] * 3)
    store(tmp_path, [receipt("m0", "u0"), receipt("m1", "u1", SEEN), receipt("x", "u1")])
    fold(tmp_path)
    before = receipt_counts(run), receipts_between(run, 0, 9)

    (tmp_path / "inbound" / "folding.duckdb").unlink()
    fold(tmp_path)

    assert (receipt_counts(run), receipts_between(run, 0, 9)) == before


@pytest.mark.parametrize("limit", [1, 2, 1000])
def test_however_few_are_folded_at_once_the_end_is_the_same(tmp_path, limit):
    run = make_run(tmp_path, "A", 5)
    send(run, [ACCEPTED] * 5)
    store(tmp_path, [receipt(f"m{n}", f"u{n}", kind) for n in range(5) for kind in (SEEN, ReceiptKind.RECEIVED)])

    fold(tmp_path, limit=limit)

    assert receipt_counts(run).seen == 5
    assert read_published(tmp_path / "inbound").folded == 10


def test_a_rating_is_passed_over(tmp_path):
    store(tmp_path, [receipt("", "", ReceiptKind.FEEDBACK), receipt("", "u1")])

    fold(tmp_path)

    assert read_published(tmp_path / "inbound").unattributed() == 0


def test_one_folds_at_a_time(tmp_path):
    with closing(folder_of(tmp_path)), pytest.raises(RunBusy, match="another process folds"):
        folder_of(tmp_path)


def test_a_damaged_index_is_made_anew(tmp_path):
    run = make_run(tmp_path, "A", 2)
    send(run, [ACCEPTED] * 2)
    store(tmp_path, [receipt("m0", "u0")])
    fold(tmp_path)
    (tmp_path / "inbound" / "folding.duckdb").write_bytes(b"nothing of use" * 1000)
    store(tmp_path, [receipt("m1", "u1")])

    fold(tmp_path)

    assert set(receipts_between(run, 0, 2)) == {0, 1}


def test_a_run_of_the_same_name_is_read_anew(tmp_path):
    first = make_run(tmp_path, "A", 2)
    send(first, [ACCEPTED] * 2)
    fold(tmp_path)
    first.close()
    first.folder.rename(tmp_path / "aside")
    second = make_run(tmp_path, "A", 2, digest="f" * 64)
    send(second, [ACCEPTED] * 2, prefix="k")
    store(tmp_path, [receipt("k1", "u1"), receipt("m1", "u1")])

    fold(tmp_path)

    assert receipts_between(second, 0, 2) == {1: (NOW_S + 2, None)}


def test_no_id_of_a_person_stands_in_the_index(tmp_path):
    run = make_run(tmp_path, "A", 2)
    send(run, [State.UNKNOWN, State.ACCEPTED])
    with closing(folder_of(tmp_path)) as folder:
        store(tmp_path, [receipt("nobody's", "person-to-be-forgotten"), receipt("x", "u0"), receipt("y", "u0", after_s=99_999)])
        folder.step()
        rows = folder._index.rows("SELECT person FROM nameless UNION ALL SELECT person FROM waiting")

        assert rows
        assert not {person for (person,) in rows} & {"u0", "u1", "person-to-be-forgotten"}
    for path in (tmp_path / "inbound").glob("fold*"):
        assert b"person-to-be-forgotten" not in path.read_bytes()
