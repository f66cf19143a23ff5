import pytest

from zalo_alert.sandbox.receipt_agreement import Arrived, compare_receipts, read_arrived

SETTLED = {"waiting": 0, "lost": 0}
YES, SEEN, NO = Arrived(True, False), Arrived(True, True), Arrived(False, False)


DELIVERED = "of 1 person the report and the sandbox say otherwise whether it was delivered"


def line(user, *, delivered=False, seen=False):
    return {"user_id": user, "msg_id": "m", "delivered_heard": delivered, "seen_heard": seen}


def test_two_accounts_that_agree():
    told = [line("1", delivered=True), line("2", seen=True), line("3")]
    agreement = compare_receipts({"1": YES, "2": SEEN, "3": NO, "4": NO}, told, SETTLED)

    assert (agreement.delivered, agreement.seen, agreement.problems) == ((2, 2), (1, 1), [])


def test_a_person_with_two_messages_has_it_when_one_of_them_arrived():
    told = [line("1"), line("1", delivered=True, seen=True)]

    assert compare_receipts({"1": SEEN}, told, SETTLED).problems == []


@pytest.mark.parametrize(
    ("reported", "told", "events", "said"),
    [
        ({"1": NO}, [line("1", delivered=True)], SETTLED, [DELIVERED]),
        ({"1": YES}, [], SETTLED, [DELIVERED]),
        ({}, [line("9", delivered=True)], SETTLED, [DELIVERED]),
        ({"1": YES}, [line("1", seen=True)], SETTLED, [DELIVERED.replace("delivered", "seen")]),
        ({}, [], {"waiting": 1, "lost": 2}, ["3 events could not be told by the sandbox"]),
    ],
    ids=["missed", "invented", "stranger", "seen", "untold"],
)  # fmt: skip
def test_what_differs_is_said(reported, told, events, said):
    assert compare_receipts(reported, told, events).problems == said


def test_sums_that_agree_by_chance_are_found_out():
    agreement = compare_receipts({"1": YES, "2": NO}, [line("1"), line("2", delivered=True)], SETTLED)

    assert (agreement.delivered, agreement.delivered_otherwise) == ((1, 1), 2)


def test_an_export_says_what_arrived(tmp_path):
    (tmp_path / "x.csv").write_text(
        "user_id,state,delivered_at,seen_at\n1,accepted,2026-11-27T21:00:00+07:00,\n2,unknown,,\n", encoding="utf-8"
    )

    assert read_arrived(tmp_path / "x.csv") == {"1": YES, "2": NO}
