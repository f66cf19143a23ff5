"""Which of several errors is raised."""

import pytest

from zalo_alert.delivery.task_errors import first_error
from zalo_alert.errors import RunBusy, RunSuspended

BUG, SUSPENDED, BUSY = KeyError("bug"), RunSuspended("quota"), RunBusy("busy")


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ([BUG], BUG),
        ([SUSPENDED, BUSY], SUSPENDED),
        ([BUG, SUSPENDED], SUSPENDED),
        ([BUG, ExceptionGroup("inner", [BUG, BUSY])], BUSY),
        ([KeyboardInterrupt()], KeyboardInterrupt),
    ],
    ids=["a bug alone", "the first of ours", "ours before a bug", "ours from within", "an interrupt"],
)
def test_the_error_that_a_person_can_act_on_is_raised(errors, expected):
    error = first_error(BaseExceptionGroup("several", errors))

    assert error is expected or type(error) is expected
