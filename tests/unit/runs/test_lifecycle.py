"""What a run may become, and what it says to whoever asks for anything else."""

from datetime import UTC, datetime

import pytest

from zalo_alert.models import RunId
from zalo_alert.runs.lifecycle import ENDED, NEVER_SENT, OVER, STEPS, WORDS, IllegalStep, RunState, check_step

AT = datetime(2026, 9, 18, 7, tzinfo=UTC)
RUN = RunId("TW-260918-03")


@pytest.mark.parametrize("before", RunState)
@pytest.mark.parametrize("after", RunState)
def test_a_step_is_in_the_table_or_names_those_that_are(before, after):
    if after in STEPS[before]:
        check_step(RUN, before, after)
        return
    with pytest.raises(IllegalStep) as refused:
        check_step(RUN, before, after)

    assert WORDS[before] in refused.value.message
    assert WORDS[after] in refused.value.message
    assert refused.value.hint


def test_every_state_is_in_the_table_and_has_words():
    assert set(STEPS) == set(WORDS) == set(RunState)


@pytest.mark.parametrize("state", sorted(ENDED))
def test_what_has_ended_is_never_sent_again(state):
    assert RunState.SENDING not in STEPS[state]
    assert state in OVER


@pytest.mark.parametrize("state", sorted(NEVER_SENT))
def test_a_run_that_nobody_has_read_is_not_corrected(state):
    assert RunState.CORRECTED not in STEPS[state]


def test_only_what_is_approved_or_needs_no_approval_begins():
    begins = {state for state in NEVER_SENT if RunState.SENDING in STEPS[state]}

    assert begins == {RunState.FROZEN, RunState.APPROVED}
