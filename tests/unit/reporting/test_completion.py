"""How a finished run is judged: what is everyday is plain, what calls for a person says for how many and what to do."""

import pytest

from zalo_alert.errors import Cure, ExitCode, RunUnfinished
from zalo_alert.language import Language, catalogue_of, said_in
from zalo_alert.models import Reason, State
from zalo_alert.reporting.completion import describe_completion, shortfalls, verdict
from zalo_alert.reporting.report import Cause

VI = catalogue_of(Language.VI)


def rejected(people, reason=Reason.DEAD, code=-213):
    return Cause(State.REJECTED, "template", code, reason, "", people)


def found(accepted, *causes, tolerate=5.0, **others):
    totals = dict.fromkeys(State, 0) | {State(name): people for name, people in others.items()}
    totals |= {State.ACCEPTED: accepted, State.REJECTED: sum(cause.people for cause in causes)}
    return shortfalls(totals, sum(totals.values()), tolerate, causes)


STORM = found(65_550, rejected(671))


def test_that_some_have_left_is_an_ordinary_end():
    assert verdict("DT-1", STORM) is None
    assert describe_completion(STORM) == "finished: 65\u202f550 of 66\u202f221 accepted (99.0 %); 671 do not follow any more"
    assert said_in(describe_completion(STORM), VI) == (
        "xong: 65.550 trên 66.221 người được Zalo nhận (99,0 %); 671 người không còn quan tâm OA"
    )


@pytest.mark.parametrize(
    ("short", "said"),
    [
        (found(999, unknown=1), "1 person unknown"),
        (found(999, expired=1), "1 person too late to be sent to"),
        (found(999, pending=1), "1 person not settled yet"),
        (found(999, deferred=1), "1 person not settled yet"),
        (found(999, claimed=1), "1 person not settled yet"),
        (found(999, rejected(1, Reason.NO_ADDRESS, 0)), "1 person without a route"),
        (found(999, rejected(1, Reason.NO_VALUE, 0)), "1 person without a route"),
        (found(999, rejected(1, Reason.NOT_THIS_ROUTE, -230)), "1 person without a route"),
        (found(949, rejected(51)), "51 do not follow any more; more than 5 % refused"),
        (found(949, rejected(30), rejected(21, Reason.UNLISTED, -999)), "21 people refused; more than 5 % refused"),
        (found(949, rejected(51, Reason.NOT_THIS_ROUTE, -244)), "51 people refused; more than 5 % refused"),
        (found(0, rejected(1)), "1 does not follow any more; more than 5 % refused"),
    ],
)
def test_whoever_calls_for_a_person_ends_it_with_3(short, said):
    error = verdict("DT-1", short)

    assert isinstance(error, RunUnfinished)
    assert (error.exit_code, error.cause) == (ExitCode.NOT_EVERYONE, "run-unfinished")
    assert said in error.message
    assert str(Cure.REPORT("DT-1")) in error.hint


@pytest.mark.parametrize(
    ("everyday", "said"),
    [
        (found(1000), "finished: 1000 of 1000 accepted (100.0 %)"),
        (found(950, rejected(50)), "finished: 950 of 1000 accepted (95.0 %); 50 do not follow any more"),
        (found(950, rejected(1)), "finished: 950 of 951 accepted (99.9 %); 1 does not follow any more"),
        (found(40, withheld=1000), "finished: 40 of 1040 accepted (3.8 %); 1000 people withheld"),
        (
            found(10, rejected(90, Reason.SAME_PHONE, 0)),
            "finished: 10 of 100 accepted (10.0 %); 90 people with another person's phone number, who was written to",
        ),
        (found(0), "finished: nobody was to be written to"),
    ],
)
def test_what_is_everyday_is_told_and_calls_for_nobody(everyday, said):
    assert verdict("DT-1", everyday) is None
    assert describe_completion(everyday) == said


def test_the_share_is_of_those_who_were_written_to():
    assert verdict("DT-1", found(94, rejected(6), withheld=1000))


def test_all_but_one_are_not_a_hundred_per_cent():
    assert "(99.9 %)" in describe_completion(found(66_220, rejected(1)))


def test_the_tolerance_is_the_offices_own():
    assert verdict("DT-1", found(999, rejected(1), tolerate=0.0))
    assert verdict("DT-1", found(1, rejected(99), tolerate=100.0)) is None
    assert "more than 2.5 % refused" in describe_completion(found(970, rejected(30), tolerate=2.5))


def test_a_strict_order_is_content_with_nothing_less_than_everyone():
    assert verdict("DT-1", STORM, is_strict=True)
    assert verdict("DT-1", found(40, withheld=1), is_strict=True)
    assert verdict("DT-1", found(40), is_strict=True) is None


def test_each_shortfall_names_its_cure():
    unknown, deferred = verdict("DT-1", found(9, unknown=1)), verdict("DT-1", found(9, deferred=1))
    assert unknown
    assert deferred
    assert str(Cure.RESUME("DT-1", retry_unknown=True)) in unknown.hint
    assert str(Cure.RESUME("DT-1")) in deferred.hint


def test_everyone_is_counted_once():
    short = found(5, rejected(4), rejected(3, Reason.NO_VALUE, 0), rejected(2, Reason.SAME_PHONE, 0), unknown=1, withheld=6)

    numbers = short.as_json()
    assert (
        sum(numbers[name] for name in ("unknown", "expired", "left", "unrouted", "gone", "refused", "shared", "withheld")) == 16
    )
    assert numbers["calls_for_a_person"]


def test_without_causes_everyone_rejected_counts_as_refused():
    totals = dict.fromkeys(State, 0) | {State.ACCEPTED: 90, State.REJECTED: 10}

    assert shortfalls(totals, 100, 5.0).refused == 10


def test_a_run_with_a_broadcast_alone_says_so():
    assert describe_completion(found(0), broadcasts=2) == "finished: the broadcasts of 2 accounts accepted"
