"""Whatever was sent and whatever comes back, in any order and folded in any pieces: what follows is what the rule says."""

from contextlib import closing

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.folding import NOW_S, fold, folder_of, make_run, outcome, receipt, send, store
from zalo_alert.inbound.event import ReceiptKind
from zalo_alert.models import Reason, State
from zalo_alert.receipts.counts import receipts_between

PEOPLE, DAY_S = 3, 86_400
STATES = [State.ACCEPTED, State.UNKNOWN, State.UNKNOWN, State.REJECTED]
RECEIPTS = st.tuples(
    st.sampled_from([f"{run}{n}" for run in "AB" for n in range(PEOPLE)] + ["x", "y", "z"]),
    st.integers(0, PEOPLE - 1),
    st.sampled_from([ReceiptKind.RECEIVED, ReceiptKind.SEEN]),
    st.sampled_from([-10, -5, 0, 30, 605, DAY_S, DAY_S + 700]),
)


DRAWN = {
    "states": st.lists(st.sampled_from(STATES), min_size=2 * PEOPLE, max_size=2 * PEOPLE),
    "drawn": st.lists(RECEIPTS, max_size=8),
    "pieces": st.lists(st.integers(1, 3), max_size=3),
}


RECEIVED, SEEN, ACCEPTED, UNKNOWN = ReceiptKind.RECEIVED, ReceiptKind.SEEN, State.ACCEPTED, State.UNKNOWN


@settings(max_examples=3, deadline=None)
@given(**DRAWN)
@example([ACCEPTED, ACCEPTED, UNKNOWN] * 2, [("x", 2, RECEIVED, -5), ("x", 2, SEEN, 605)], [])  # one message settles one
def test_nobody_is_settled_but_by_the_rule_and_every_time_is_the_earliest(tmp_path_factory, states, drawn, pieces):
    check(tmp_path_factory, states, drawn, pieces)


@pytest.mark.long
@settings(max_examples=80, deadline=None)
@given(**DRAWN)
def test_the_same_many_times(tmp_path_factory, states, drawn, pieces):
    check(tmp_path_factory, states, drawn, pieces)


def check(tmp_path_factory, states, drawn, pieces):
    state_dir = tmp_path_factory.mktemp("state")
    claimed = {"A": NOW_S, "B": NOW_S + 600}
    runs = {name: make_run(state_dir, name, PEOPLE) for name in "AB"}
    for at, (name, run) in enumerate(runs.items()):
        send(run, states[at * PEOPLE : (at + 1) * PEOPLE], claimed_s=claimed[name], prefix=name)
    before = {name: rows_of(run) for name, run in runs.items()}
    known = {row.message_id for rows in before.values() for row in rows.values() if row.message_id}
    of_one: dict[str, int] = {}  # Zalo gives an id to one message, and a message to one person
    receipts = [
        receipt(msg_id, f"u{n if msg_id in known else of_one.setdefault(msg_id, n)}", kind, after_s=after_s)
        for msg_id, n, kind, after_s in drawn
    ]
    if receipts:
        store(state_dir, receipts)
    for piece in pieces:
        with closing(folder_of(state_dir)) as folder:  # opened anew, as after a kill
            folder.step(piece)
    fold(state_dir)

    for name, run in runs.items():
        after = rows_of(run)
        for number, row in after.items():
            if row == before[name][number]:
                continue
            assert before[name][number] == outcome(number, State.UNKNOWN, claimed[name])
            assert (row.state, row.reason, row.message_id in known) == (State.ACCEPTED, Reason.RECEIPT, False)
            own = [one for one in receipts if one.msg_id == row.message_id and one.person == f"u{number}"]
            assert any(claimed[name] - 5 <= one.at_ms / 1000 <= claimed[name] + DAY_S for one in own)
        expected = {}
        for number, row in after.items():
            of_it = [one for one in receipts if row.message_id and one.msg_id == row.message_id]
            if of_it:
                seen = [one.at_ms // 1000 for one in of_it if one.kind is ReceiptKind.SEEN]
                expected[number] = (min(one.at_ms // 1000 for one in of_it), min(seen, default=None))
        assert receipts_between(run, 0, PEOPLE) == expected
        run.close()


def rows_of(run):
    with closing(run.ledger()) as ledger:
        return {row.number: row for row in ledger.entries()}
