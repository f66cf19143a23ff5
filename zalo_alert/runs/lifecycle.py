"""What a run may be, and which steps lead from one state to another: the one table of it. Knows no database and no folder.

A draft is a campaign file and no run. `stop` is what others call a pause: the run can be resumed, and there is no second word.
"""

from collections.abc import Mapping
from enum import StrEnum

from zalo_alert.errors import Cure, ErrorCause, RunHeld
from zalo_alert.language import _, joined
from zalo_alert.models import RunId


class RunState(StrEnum):
    """Where a run stands, one at a time.

    `frozen` is a drill's, which nobody need approve, between its freezing and its first message. `sending` means that a process
    holds the run; one that says so without is of a process that died.
    """

    FROZEN = "frozen"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    SENDING = "sending"
    STOPPED = "stopped"
    PAUSED = "paused"
    HALTED = "halted"
    WAITING = "waiting"
    FINISHED = "finished"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    CORRECTED = "corrected"


_S = RunState
_INTERRUPTED = {_S.STOPPED, _S.PAUSED, _S.HALTED, _S.WAITING}
_OVER = {_S.FINISHED, _S.EXPIRED}

# From each state, those that may follow. An end can be noted again: a command that a crash cut short is given once more.
STEPS: Mapping[RunState, frozenset[RunState]] = {
    _S.FROZEN: frozenset({_S.SUBMITTED, _S.SENDING, _S.STOPPED, _S.CANCELLED, *_OVER, _S.HALTED}),
    _S.SUBMITTED: frozenset({_S.SUBMITTED, _S.APPROVED, _S.REJECTED, _S.CANCELLED, _S.EXPIRED}),
    _S.APPROVED: frozenset({_S.APPROVED, _S.REJECTED, _S.SENDING, _S.STOPPED, _S.CANCELLED, _S.EXPIRED, _S.HALTED}),
    _S.REJECTED: frozenset({_S.CANCELLED}),
    _S.SENDING: frozenset({_S.SENDING, *_INTERRUPTED, *_OVER, _S.CANCELLED, _S.CORRECTED}),
    **{state: frozenset({_S.SENDING, *_INTERRUPTED, *_OVER, _S.CANCELLED, _S.CORRECTED, _S.APPROVED}) for state in _INTERRUPTED},
    # Those of whom nobody knows may be asked again, and an expired run is resumed to settle those who are left.
    **{state: frozenset({_S.SENDING, *_OVER, *_INTERRUPTED, _S.CORRECTED}) for state in _OVER},
    _S.CANCELLED: frozenset({_S.CANCELLED, _S.CORRECTED}),
    _S.CORRECTED: frozenset({_S.CORRECTED}),
}
NEVER_SENT = frozenset({_S.FROZEN, _S.SUBMITTED, _S.APPROVED, _S.REJECTED})  # nobody has been written to
ENDED = frozenset({_S.REJECTED, _S.CANCELLED, _S.CORRECTED})  # nothing of it is sent any more

OVER = frozenset({_S.FINISHED, _S.EXPIRED, *ENDED})  # nobody is left

GO_ON_BY_RESUME = frozenset({_S.FROZEN, _S.HALTED, _S.PAUSED, _S.WAITING})  # and nobody has said that they should not

_WAY_ON: Mapping[RunState, Cure] = {
    _S.SUBMITTED: Cure.SUBMIT,
    _S.APPROVED: Cure.APPROVE,
    _S.REJECTED: Cure.REJECT,
    _S.SENDING: Cure.RESUME,
    _S.STOPPED: Cure.STOP,
    _S.CANCELLED: Cure.CANCEL,
    _S.CORRECTED: Cure.CORRECT,
}
WORDS: Mapping[RunState, str] = {
    _S.FROZEN: _("frozen"),
    _S.SUBMITTED: _("waiting for approval"),
    _S.APPROVED: _("approved, not sent yet"),
    _S.REJECTED: _("rejected"),
    _S.SENDING: _("being sent"),
    _S.STOPPED: _("stopped"),
    _S.PAUSED: _("paused after the first people"),
    _S.HALTED: _("halted"),
    _S.WAITING: _("waiting"),
    _S.FINISHED: _("finished"),
    _S.EXPIRED: _("expired"),
    _S.CANCELLED: _("cancelled for good"),
    _S.CORRECTED: _("corrected"),
}


class IllegalStep(RunHeld):
    """A run was asked to become what nothing can become from where it stands."""

    cause = ErrorCause.RUN_HELD


def check_step(run: RunId, before: RunState, after: RunState) -> None:
    """Refuse a step that is in no table, and name those that are.

    Raises:
        IllegalStep: There is no such step.
    """
    if after in STEPS[before]:
        return
    ways = [str(cure(run)) for state, cure in _WAY_ON.items() if state in STEPS[before] and state is not before]
    raise IllegalStep(
        _("run {run} is {before}: it can't become {after}", run=run, before=WORDS[before], after=WORDS[after]),
        hint=_("what can be done with it: {ways}", ways=joined(ways)) if ways else _("give a new campaign a new code"),
    )
