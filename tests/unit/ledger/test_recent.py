"""Who may have been written to lately, against a look at every row."""

from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zalo_alert.ledger.base import Entry, Window
from zalo_alert.ledger.recent import RecentReach
from zalo_alert.ledger.sqlite import SqliteLedger
from zalo_alert.models import Reason, State

WEEK_S, DAY_S, WRITTEN_S = 1_000, 2_000, 2_500
OUTCOMES = [State.ACCEPTED, State.REJECTED, State.DEFERRED, State.UNKNOWN, State.CLAIMED]


def naive_mark(state, at_s):
    if state not in (State.ACCEPTED, State.UNKNOWN, State.CLAIMED):
        return "0"
    return "2" if at_s >= DAY_S else "1" if at_s >= WEEK_S else "0"


@settings(max_examples=40, deadline=None)
@given(
    people=st.lists(st.tuples(st.sampled_from(OUTCOMES), st.integers(500, 2_500)), min_size=1, max_size=30),
    untouched=st.integers(0, 5),
    piece=st.integers(1, 9),
)
def test_every_person_has_the_mark_of_their_row(tmp_path_factory, people, untouched, piece):
    path = tmp_path_factory.mktemp("recent") / "run.db"
    audience = len(people) + untouched
    with closing(SqliteLedger.create(path, audience)) as ledger:
        ledger.record(window=Window(0, len(people)))
        settled = [
            Entry(number, state, 0, 0, 1, 0, Reason.NONE, 0, at_s, 0, "")
            for number, (state, at_s) in enumerate(people)
            if state is not State.CLAIMED
        ]
        ledger.record(settled=settled)
        expected = "".join(naive_mark(state, WRITTEN_S if state is State.CLAIMED else at_s) for state, at_s in people)

        with closing(RecentReach(path, [WEEK_S, DAY_S], WRITTEN_S)) as recent:
            marks = "".join(recent.marks(first, min(audience, first + piece)) for first in range(0, audience, piece))

    assert marks == expected + "0" * untouched


@pytest.mark.parametrize(("written_s", "mark"), [(3_000, "2"), (1_500, "1"), (900, "0")])
def test_whoever_a_dead_process_left_claimed_was_claimed_before_the_last_write(tmp_path, written_s, mark):
    with closing(SqliteLedger.create(tmp_path / "run.db", 3)) as ledger:
        ledger.record(window=Window(0, 2))

    with closing(RecentReach(tmp_path / "run.db", [WEEK_S, DAY_S], written_s)) as recent:
        assert recent.marks(0, 3) == mark * 2 + "0"
