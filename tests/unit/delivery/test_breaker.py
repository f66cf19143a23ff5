"""What halts a run by itself, and what does not."""

import pytest

from zalo_alert.delivery.breaker import NO_VERDICT_LIMIT, PATIENCE_S, SAME_FAULT_LIMIT, Breaker
from zalo_alert.models import Accepted, Deferred, Reason, Rejected, Unknown

BAD = Deferred(Reason.BAD_MESSAGE, -210)


@pytest.mark.parametrize("reason", [Reason.STOPPED, Reason.TOKEN])
def test_the_first_refusal_of_the_account_halts(reason):
    breaker = Breaker()
    breaker.observe(Deferred(reason, -321), 0, 0)
    assert breaker.halt
    assert (breaker.halt.reason, breaker.halt.code) == (reason, -321)


def test_a_handful_of_the_same_complaint_about_the_message_halts():
    breaker = Breaker()
    for _ in range(SAME_FAULT_LIMIT - 1):
        breaker.observe(BAD, 0, 0)
    assert breaker.halt is None
    breaker.observe(BAD, 0, 0)
    assert breaker.halt


def test_an_acceptance_between_shows_that_it_is_not_the_message():
    breaker = Breaker()
    for _ in range(50):
        breaker.observe(BAD, 0, 0)
        breaker.accepted()
    assert breaker.halt is None


def test_complaints_on_different_routes_or_codes_are_not_the_same():
    breaker = Breaker()
    for number in range(SAME_FAULT_LIMIT * 2):
        breaker.observe(Deferred(Reason.BAD_MESSAGE, -200 - number), number % 2, 0)
    assert breaker.halt is None


def test_people_who_cannot_be_reached_never_halt():
    breaker = Breaker()
    for _ in range(10_000):
        breaker.observe(Rejected(Reason.DEAD, -213), 0, 0)
    assert breaker.halt is None


def test_answers_that_say_nothing_halt_before_many_are_unknown():
    breaker = Breaker()
    for _ in range(NO_VERDICT_LIMIT - 1):
        breaker.observe(Unknown(Reason.SERVER_ERROR, 502), 0, 0)
    assert breaker.halt is None
    breaker.observe(Unknown(Reason.SERVER_ERROR, 502), 0, 0)
    assert breaker.halt


def test_an_unreachable_server_is_given_some_patience():
    breaker = Breaker()
    breaker.observe(Deferred(Reason.NOT_SENT), 0, 100)
    assert breaker.unreachable
    breaker.observe(Deferred(Reason.NOT_SENT), 0, 100 + PATIENCE_S - 0.1)
    assert breaker.halt is None
    breaker.observe(Deferred(Reason.NOT_SENT), 0, 100 + PATIENCE_S)
    assert breaker.halt


def test_one_answer_ends_the_wait_for_the_server():
    breaker = Breaker()
    breaker.observe(Deferred(Reason.NOT_SENT), 0, 0)
    breaker.observe(Accepted("m"), 0, 1)
    assert not breaker.unreachable
    breaker.observe(Deferred(Reason.NOT_SENT), 0, 100)
    assert breaker.halt is None


def test_complaints_that_are_some_persons_own_never_halt_and_the_message_s_own_still_do():
    breaker = Breaker()
    for _ in range(100):  # a cluster of people without a name; see `channels.wrappers.RejectMissingValue`
        breaker.observe(Rejected(Reason.NO_VALUE, -1122), 0, 0)
    assert breaker.halt is None
    for _ in range(SAME_FAULT_LIMIT):
        breaker.observe(Deferred(Reason.BAD_MESSAGE, -1122), 0, 0)
    assert breaker.halt
