"""Who is settled by a receipt or an echo, and who is not: only ever the one person it can be of."""

from contextlib import closing
from hashlib import sha256

import pytest

from tests.folding import CLOCK, NOW_S, OA, OTHER_OA, fold, folder_of, make_run, mark, outcome, receipt, send, store
from zalo_alert.inbound.event import ReceiptKind, text_digest
from zalo_alert.ledger.base import Entry, Window
from zalo_alert.models import Reason, State
from zalo_alert.receipts.counts import receipt_counts, receipts_between

ACCEPTED, UNKNOWN, SEEN, ECHO = State.ACCEPTED, State.UNKNOWN, ReceiptKind.SEEN, ReceiptKind.ECHO
DAY_S = 86_400


def rows(run):
    with closing(run.ledger()) as ledger:
        return {row.number: row for row in ledger.entries()}


def test_a_receipt_settles_the_one_whom_it_can_be_of(tmp_path):
    run = make_run(tmp_path, "A", 4)
    send(run, [UNKNOWN, ACCEPTED, UNKNOWN, UNKNOWN])
    store(tmp_path, [receipt("x", "u0", after_s=9), receipt("x", "u0", SEEN, after_s=40), receipt("y", "u2", SEEN, after_s=50)])

    assert fold(tmp_path) == 2

    assert rows(run)[0] == outcome(0, UNKNOWN)._replace(state=ACCEPTED, reason=Reason.RECEIPT, message_id="x")
    assert [rows(run)[n].state for n in range(4)] == [ACCEPTED, ACCEPTED, ACCEPTED, UNKNOWN]
    assert receipts_between(run, 0, 4) == {0: (NOW_S + 9, NOW_S + 40), 2: (NOW_S + 50, NOW_S + 50)}
    counts = receipt_counts(run)
    assert (counts.settled_by_receipt, counts.settled_by_echo, counts.two_candidates, counts.unattributed) == (2, 0, 0, 0)


def echo(msg_id, person, text, **fields):
    return receipt(msg_id, person, ECHO, text_digest=text_digest(text), **fields)


def test_an_echo_settles_whoever_was_sent_its_text(tmp_path):
    run = make_run(tmp_path, "A", 2)
    send(run, [UNKNOWN, UNKNOWN])
    store(tmp_path, [echo("x", "u0", "text to 0"), echo("y", "u1", "another text")])

    assert fold(tmp_path) == 1

    assert (rows(run)[0].state, rows(run)[0].reason, rows(run)[0].message_id) == (ACCEPTED, Reason.ECHO, "x")
    assert rows(run)[1].state is UNKNOWN
    assert receipts_between(run, 0, 2) == {}  # Zalo took it; nobody says that it is on a phone
    assert receipt_counts(run).settled_by_echo == 1


def test_an_echo_without_a_text_settles_nobody(tmp_path):
    run = make_run(tmp_path, "A", 1)
    send(run, [UNKNOWN])
    store(tmp_path, [receipt("x", "u0", ECHO)])

    assert fold(tmp_path) == 0


@pytest.mark.parametrize(
    "stray",
    [
        receipt("x", "u1"),
        receipt("x", "u0", oa=OTHER_OA),
        receipt("x", "u0", after_s=-5.5),
        receipt("x", "u0", after_s=DAY_S + 1),
        receipt("m3", "u0"),
        receipt("", "u0"),
        receipt("x", "u0", tracking_id="0123456789abcdef-0"),
        receipt("x", "u0", ReceiptKind.FEEDBACK),
    ],
    ids=["another person", "another OA", "too early", "too late", "an accepted message", "no id", "another mark", "a rating"],
)  # fmt: skip
def test_any_other_receipt_settles_nobody(tmp_path, stray):
    run = make_run(tmp_path, "A", 4)
    send(run, [UNKNOWN, State.REJECTED, UNKNOWN, ACCEPTED])
    before = rows(run)
    store(tmp_path, [stray])

    assert fold(tmp_path) == 0
    assert rows(run) == before


@pytest.mark.parametrize("after_s", [-5, 0, DAY_S], ids=["five seconds early", "at once", "a day later"])
def test_the_edges_of_the_time_belong_to_it(tmp_path, after_s):
    run = make_run(tmp_path, "A", 1)
    send(run, [UNKNOWN])
    store(tmp_path, [receipt("x", "u0", after_s=after_s)], after_s=max(3, after_s))

    assert fold(tmp_path) == 1


def test_an_id_that_another_run_has_for_its_message_settles_nobody(tmp_path):
    run, other = make_run(tmp_path, "A", 1), make_run(tmp_path, "B", 1)
    send(run, [UNKNOWN])
    send(other, [ACCEPTED], prefix="x")
    store(tmp_path, [receipt("x0", "u0")])

    assert fold(tmp_path) == 0
    assert set(receipts_between(other, 0, 1)) == {0}


OWNERS = {
    "unknown too": (outcome(0, UNKNOWN), True),
    "accepted, and Zalo named no message": (outcome(0, ACCEPTED)._replace(message_id=""), False),
    "accepted at a second attempt": (outcome(0, ACCEPTED)._replace(unclear=1, attempts=2, message_id="n"), False),
    "to be asked again": (outcome(0, State.DEFERRED)._replace(unclear=1, attempts=1), False),
    "claimed again": (outcome(0, State.CLAIMED)._replace(unclear=1), False),
}  # fmt: skip


@pytest.mark.parametrize(("entry", "is_contested"), OWNERS.values(), ids=OWNERS)
def test_where_it_may_be_another_runs_message_both_stay_as_they_are(tmp_path, entry, is_contested):
    run, other = make_run(tmp_path, "A", 1), make_run(tmp_path, "B", 1)
    send(run, [UNKNOWN])
    send(other, [entry])
    before = rows(run), rows(other)
    store(tmp_path, [receipt("x", "u0"), receipt("x", "u0", SEEN)])

    assert fold(tmp_path) == 0

    assert (rows(run), rows(other)) == before
    assert [receipt_counts(each).two_candidates for each in (run, other)] == [1, int(is_contested)]


def test_whoever_is_being_written_to_by_another_run_may_be_the_one(tmp_path):
    run, other = make_run(tmp_path, "A", 1), make_run(tmp_path, "B", 1)
    send(run, [UNKNOWN])
    with closing(other.ledger()) as ledger:
        ledger.record(window=Window(0, 1, NOW_S))
    store(tmp_path, [receipt("x", "u0")])

    with closing(folder_of(tmp_path)) as folder:
        assert folder.step().settled == 0
        send_answer(other, "x")
        assert folder.step().settled == 0
    assert rows(run)[0].state is UNKNOWN
    assert set(receipts_between(other, 0, 1)) == {0}


def test_whoever_gets_a_name_while_receipts_are_judged_is_known_by_it(tmp_path):
    other = make_run(tmp_path, "B", 1)
    with closing(other.ledger()) as ledger:
        ledger.record(window=Window(0, 1, NOW_S))

    with closing(folder_of(tmp_path)) as folder:
        folder.step()
        assert (len(folder._tail.under_way()), folder._tail.just_named) == (1, set())
        send_answer(other, "x")
        assert (folder._tail.under_way(), folder._tail.just_named) == ([], {(OA, "x")})


def send_answer(run, message_id):
    with closing(run.ledger()) as ledger:
        ledger.recover(at_s=NOW_S, places=lambda numbers: [0] * len(numbers))
        ledger.retry_unknown(due_at_s=NOW_S)
        ledger.record(again=[0])
        ledger.record(settled=[outcome(0, ACCEPTED)._replace(message_id=message_id)])


def test_times_tell_two_messages_apart(tmp_path):
    early, late = make_run(tmp_path, "A", 1), make_run(tmp_path, "B", 1)
    send(early, [UNKNOWN])
    send(late, [UNKNOWN], claimed_s=NOW_S + 600)
    store(tmp_path, [receipt("y", "u0", after_s=605), receipt("x", "u0", after_s=3)])

    assert fold(tmp_path) == 2

    assert (rows(early)[0].message_id, rows(late)[0].message_id) == ("x", "y")
    assert [receipt_counts(run).two_candidates for run in (early, late)] == [0, 0]


def test_one_cut_off_by_a_crash_is_settled_once_that_is_known(tmp_path):
    run = make_run(tmp_path, "A", 2)
    with closing(run.ledger()) as ledger:
        ledger.record(window=Window(0, 2, NOW_S))
    store(tmp_path, [receipt("x", "u1")])
    with closing(folder_of(tmp_path)) as folder:
        assert folder.step().settled == 0
        run.recover(CLOCK.now())
        assert folder.step().settled == 1

    assert rows(run)[1] == Entry(1, ACCEPTED, 1, 0, 1, 0, Reason.RECEIPT, 0, NOW_S, 0, "x")


def test_a_run_of_before_settles_nobody(tmp_path):
    run = make_run(tmp_path, "A", 1)
    send(run, [UNKNOWN], claimed_s=0)
    store(tmp_path, [receipt("x", "u0")])

    assert fold(tmp_path) == 0


def by_phone(number, run, **fields):
    tracking = f"{run.facts.digest[:16]}-{number}"
    return receipt("x", mark(f"84{number}"))._replace(**{"tracking_id": tracking, **fields})


def test_by_phone_the_receipt_names_run_and_person(tmp_path):
    run, other = make_run(tmp_path, "A", 4), make_run(tmp_path, "B", 4)
    phone = outcome(0, UNKNOWN)._replace(route=1)
    for each in (run, other):
        send(each, [phone, phone, outcome(0, ACCEPTED)._replace(route=1, message_id="known"), State.REJECTED])
    hashed = mark(sha256(b"841").hexdigest())
    store(
        tmp_path, [by_phone(0, run), by_phone(1, run, person=hashed, msg_id="y"), by_phone(2, run, msg_id="z"), by_phone(3, run)]
    )

    assert fold(tmp_path) == 2

    assert [rows(run)[n].message_id for n in range(4)] == ["x", "y", "known", ""]
    assert set(receipts_between(run, 0, 4)) == {0, 1, 2}
    assert {row.state for row in rows(other).values()} == {UNKNOWN, ACCEPTED, State.REJECTED}


@pytest.mark.parametrize(
    "fields",
    [
        {"person": mark("849")},
        {"oa": OTHER_OA},
        {"at_ms": (NOW_S - 6) * 1000},
        {"at_ms": (NOW_S + DAY_S + 1) * 1000},
        {"tracking_id": "0-0"},
    ],
)
def test_by_phone_too_nobody_else_is_settled(tmp_path, fields):
    run = make_run(tmp_path, "A", 1)
    send(run, [outcome(0, UNKNOWN)._replace(route=1)])
    store(tmp_path, [by_phone(0, run, **fields)])

    assert fold(tmp_path) == 0
    assert rows(run)[0].state is UNKNOWN


def test_what_went_to_a_phone_number_is_not_settled_by_a_receipt_of_the_id(tmp_path):
    run = make_run(tmp_path, "A", 1)
    send(run, [outcome(0, UNKNOWN)._replace(route=1)])
    store(tmp_path, [receipt("x", "u0")])

    assert fold(tmp_path) == 0


@pytest.mark.parametrize("tracking", ["-", "x-y", f"{'a' * 16}-99999999999999999999", "-5", "a-b-c"])
def test_a_tracking_id_of_any_shape_does_no_harm(tmp_path, tracking):
    run = make_run(tmp_path, "A", 1)
    send(run, [UNKNOWN])
    store(
        tmp_path, [receipt("x", mark("840"), tracking_id=tracking), receipt("y", "q", tracking_id=f"{run.facts.digest[:16]}-7")]
    )

    assert fold(tmp_path) == 0


def test_whoever_was_asked_again_and_answered_for_is_contested_no_more(tmp_path):
    run, other = make_run(tmp_path, "A", 1), make_run(tmp_path, "B", 1)
    for each in (run, other):
        send(each, [UNKNOWN])
    store(tmp_path, [receipt("x", "u0")])
    fold(tmp_path)
    before = [receipt_counts(each).two_candidates for each in (run, other)]
    with closing(run.ledger()) as ledger:
        ledger.retry_unknown(due_at_s=NOW_S)
        ledger.record(again=[0])
        ledger.record(settled=[outcome(0, ACCEPTED)._replace(unclear=1, attempts=2, message_id="again")])
    fold(tmp_path)

    assert before == [1, 1]
    assert [receipt_counts(each).two_candidates for each in (run, other)] == [0, 1]  # its first message may still be the one
    assert rows(other)[0].state is UNKNOWN
