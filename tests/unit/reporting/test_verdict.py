"""Is it going well? One sentence for every state of a run."""

from datetime import timedelta

import pytest
from sights import NOW, drift_of, sight_of, totals_of

from zalo_alert.language import Language, catalogue_of, said_in
from zalo_alert.ledger.broadcasts import BroadcastStatus
from zalo_alert.models import State
from zalo_alert.pacing.slowness import Cause, Slowed
from zalo_alert.reporting.percent import percent_of
from zalo_alert.reporting.verdict import Word, verdict_of
from zalo_alert.runs.lifecycle import RunState

ALL = totals_of(accepted=65_550, rejected=671)
SILENT = {"slowed": (Slowed(Cause.SILENT, NOW - timedelta(seconds=40)),)}
LATE = drift_of(412, 18 * 60)


def broadcast(*states):
    nobody = {"audience": 0, "totals": totals_of(), "drift": None}
    return nobody | {"broadcasts": tuple(BroadcastStatus(f"oa{i}", state) for i, state in enumerate(states))}


@pytest.mark.parametrize(
    ("sight", "word", "is_bad", "sentence"),
    [
        (sight_of(), Word.ON_TIME, False, "on time: last person 04:52 Fri 27/11"),
        (sight_of(drift=drift_of(30, 59)), Word.ON_TIME, False, "on time: last person 22:30"),
        (sight_of(drift=drift_of(412, -2520)), Word.EARLY, False, "42 min early: last person 04:10 Fri 27/11"),
        (sight_of(drift=LATE, rate_per_s=480.0), Word.LATE, True,
         "18 min late: last person 05:10 Fri 27/11, 480/s instead of 1100/s"),
        (sight_of(drift=LATE, status=SILENT), Word.LATE, True, "18 min late: last person 05:10 Fri 27/11, no answer for 40 s"),
        (sight_of(drift=LATE, planned_at=NOW - timedelta(minutes=78)), Word.LATE, True,
         "18 min late: last person 05:10 Fri 27/11, it began 18 min late"),
        (sight_of(drift=LATE), Word.LATE, True, "18 min late: last person 05:10 Fri 27/11, it stood still for a while"),
        (sight_of(drift=drift_of(412, None), rate_per_s=0.0, status=SILENT), Word.LATE, True,
         "nobody is being reached: no answer for 40 s"),
        (sight_of(totals=totals_of(pending=9), drift=drift_of(1, None), rate_per_s=0.0), Word.LATE, True,
         "begun, and nobody has been reached yet"),
        (sight_of(drift=drift_of(412, 0), expires=NOW + timedelta(minutes=206)), Word.LATE, True,
         "too slow: 30\u202f000 people not reached by 01:26 Fri 27/11, when it expires"),
        (sight_of(RunState.STOPPED, last=("held", "stopped by hand")), Word.STANDS, False, "stopped; 60\u202f000 people left"),
        (sight_of(RunState.HALTED, last=("halted", "the run halted: the server cannot be reached")), Word.STANDS, True,
         "the run halted: the server cannot be reached; 60\u202f000 people left"),
        (sight_of(RunState.HALTED), Word.STANDS, True, "halted: the process that sent it was cut off; 60\u202f000 people left"),
        (sight_of(RunState.PAUSED, last=("paused", "the run paused early")), Word.STANDS, True,
         "the run paused early; 60\u202f000 people left"),
        (sight_of(RunState.WAITING, last=("waiting", "everyone left must wait")), Word.STANDS, False,
         "everyone left must wait; 60\u202f000 people left"),
        (sight_of(RunState.FROZEN, totals_of(pending=7)), Word.NOT_BEGUN, False, "frozen: 7 people to be written to"),
        (sight_of(RunState.SUBMITTED, totals_of(pending=1)), Word.NOT_BEGUN, False,
         "waiting for approval: 1 person to be written to"),
        (sight_of(RunState.APPROVED, status=broadcast(State.PENDING)), Word.NOT_BEGUN, False,
         "approved, not sent yet: a broadcast, nobody is written to one by one"),
        (sight_of(RunState.FINISHED, ALL, drift=drift_of(-9, 0, is_done=True)), Word.DONE, False,
         "done: 65\u202f550 of 66\u202f221 accepted (99.0 %)"),
        (sight_of(RunState.FINISHED, ALL, drift=drift_of(-9, 300, is_done=True)), Word.DONE_LATE, False,
         "done 5 min late: 65\u202f550 of 66\u202f221 accepted (99.0 %)"),
        (sight_of(RunState.FINISHED, totals_of(accepted=9, unknown=1), drift=drift_of(-9, 0, is_done=True)), Word.DONE, True,
         "done: 9 of 10 accepted (90.0 %), 1 person of whom nobody knows"),
        (sight_of(RunState.EXPIRED, totals_of(accepted=9, expired=1)), Word.ENDED, True, "expired: 9 of 10 accepted (90.0 %)"),
        (sight_of(RunState.CANCELLED, totals_of(accepted=9, withheld=1)), Word.ENDED, False,
         "cancelled for good: 9 of 10 accepted (90.0 %)"),
        (sight_of(RunState.REJECTED, totals_of(pending=9)), Word.ENDED, False, "rejected: 0 of 9 accepted (0.0 %)"),
        (sight_of(status=broadcast(State.CLAIMED)), Word.ON_TIME, False, "the broadcast is going out"),
        (sight_of(RunState.FINISHED, status=broadcast(State.ACCEPTED, State.UNKNOWN)), Word.DONE, True,
         "done: the broadcast of 1 of 2 OAs is out"),
        (sight_of(RunState.EXPIRED, status=broadcast(State.EXPIRED)), Word.ENDED, True, "expired"),
        (sight_of(RunState.FINISHED, status=broadcast()), Word.DONE, False, "done: there was nobody to write to"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)  # fmt: skip
def test_a_run_is_judged_in_a_word_and_a_sentence(sight, word, is_bad, sentence):
    assert verdict_of(sight) == (word, sentence, is_bad)


def test_the_sentence_can_be_said_in_vietnamese():
    catalogue = catalogue_of(Language.VI)

    assert said_in(verdict_of(sight_of()).sentence, catalogue) == "đúng giờ: người cuối 04:52 thứ Sáu 27/11"
    late = verdict_of(sight_of(drift=LATE, rate_per_s=480.0)).sentence
    assert said_in(late, catalogue) == "chậm 18 phút: người cuối 05:10 thứ Sáu 27/11, 480/giây thay vì 1.100/giây"


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [(0, 0, "0.0"), (0, 9, "0.0"), (9, 9, "100.0"), (1, 37_000_000, "0.1"), (36_999_999, 37_000_000, "99.9"), (1, 3, "33.3")],
)
def test_nearly_all_is_not_all_and_hardly_any_is_not_none(part, whole, percent):
    assert percent_of(part, whole) == percent
