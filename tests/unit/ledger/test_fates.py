"""What six glued columns say is what was written in them, for every state and every reason there is."""

from itertools import product

import pytest

from zalo_alert.ledger.base import Entry, Window
from zalo_alert.ledger.sqlite import SqliteLedger
from zalo_alert.models import Reason, State

SETTLED = [state for state in State if state not in (State.PENDING, State.CLAIMED)]
FATES = list(product(SETTLED, Reason, (0, 1), (1, 2), (0, -32), (0, 1)))


@pytest.fixture
def ledger(tmp_path):
    made = SqliteLedger.create(tmp_path / "run.db", len(FATES))
    yield made
    made.close()


@pytest.mark.parametrize("word", [*State, *Reason])
def test_no_word_that_is_glued_holds_a_blank(word):
    assert not any(sign.isspace() for sign in word)


def test_every_fate_reads_back_as_it_was_written(ledger):
    entries = [
        Entry(number, state, 3, route, attempts, code, reason, unclear, 1_000, 0, "m")
        for number, (state, reason, route, attempts, code, unclear) in enumerate(FATES)
    ]
    ledger.record(window=Window(0, len(FATES)))
    ledger.record(settled=entries)

    outcomes = ledger.outcomes(0, len(FATES))

    fates = [outcomes.fates[kind] for kind in outcomes.kinds]
    assert fates == [(e.state, e.route, e.attempts, e.code, e.reason, e.unclear) for e in entries]
    assert len(outcomes.fates) == len(set(outcomes.fates)) == len(FATES)


def test_the_constant_for_nearly_everyone_is_what_gluing_gives(ledger):
    usual = Entry(0, State.ACCEPTED, 3, 0, 1, 0, Reason.NONE, 0, 1_000, 0, "m")
    ledger.record(window=Window(0, 1))
    ledger.record(settled=[usual])

    assert ledger.outcomes(0, 1).fates == [(State.ACCEPTED, 0, 1, 0, Reason.NONE, 0)]
