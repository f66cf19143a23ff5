"""The poster over a database and a Zalo that answers as told: what is posted, when, and what becomes of it."""

import asyncio
from datetime import UTC, datetime

import pytest

from tests.outboxes import NOW_MS, OA, OTHER_OA, FreePace, Zalo, answer, database, put, states, tallied
from zalo_alert.models import Deferred, OnUnknown, Rank, Reason, Rejected, Scope, Unknown
from zalo_alert.outbox.poster import Poster
from zalo_alert.outbox.store import Outbox
from zalo_alert.outbox.turns import Turns
from zalo_alert.testing import FakeClock

STEPS = 400


@pytest.fixture
def db(tmp_path):
    with database(tmp_path) as db:
        yield db


class CountedTurns(Turns):
    """Turns that ask, before each step, whether they are to go on."""

    before = staticmethod(lambda: None)

    def step(self, *given, **more):
        self.before()
        return super().step(*given, **more)


class Work:
    """A poster at work on a database, over a clock that moves when it waits."""

    def __init__(self, db, zalo=None, pace=None):
        self.clock = FakeClock(datetime.fromtimestamp(NOW_MS / 1000, UTC))
        self.zalo, self.pace, self.notes = zalo or Zalo(), pace or FreePace(), list[str]()
        self.turns = CountedTurns(db, self.pace)
        self.poster = Poster(self.turns, self.pace, self.zalo.sender_of, self.clock, self.notes.append)

    def until(self, is_done):
        """Let it work until something is the case; then it is stopped."""

        async def main():
            stop, steps = asyncio.Event(), 0

            def look():
                nonlocal steps
                steps += 1
                if is_done() or steps > STEPS:
                    stop.set()

            self.turns.before = look
            await self.poster.run(stop)

        asyncio.run(main())
        assert is_done()
        return self

    def until_over(self, db):
        return self.until(lambda: not db.rows("SELECT 1 FROM outbox WHERE state IN ('pending', 'deferred', 'claimed')"))


def test_everybody_is_answered_once_and_what_zalo_named_the_message_is_kept(db):
    put(db, *(answer(str(user)) for user in range(100, 700)))
    work = Work(db).until_over(db)
    assert sorted(user for user, _ in work.zalo.posted) == sorted(map(str, range(100, 700)))
    assert tallied(db) == {("accepted", ""): 600}
    assert len(db.rows("SELECT DISTINCT message_id FROM outbox WHERE message_id <> ''")) == 600


def test_a_persons_answers_come_in_order(db):
    put(db, *(answer("100", text=str(n)) for n in range(20)), *(answer("200", text=f"x{n}") for n in range(20)))
    work = Work(db).until_over(db)
    assert [text for user, text in work.zalo.posted if user == "100"] == [str(n) for n in range(20)]


def test_of_two_ranks_the_more_urgent_goes_first_also_to_one_person(db):
    put(db, answer("100", text="rule"), answer("200", text="rule"))
    put(db, answer("100", rank=Rank.HELP, text="help"), answer("300", rank=Rank.HELP, text="help"))
    work = Work(db, pace=FreePace(2, 1, 1)).until_over(db)
    assert [text for _, text in work.zalo.posted] == ["help", "help", "rule", "rule"]


def test_nothing_is_claimed_that_the_pace_does_not_grant(db):
    put(db, *(answer(str(user)) for user in range(100, 110)))
    work = Work(db, pace=FreePace(0, 3, 0, 0))
    work.until(lambda: len(work.zalo.posted) == 3)
    assert sum(state == "pending" for state, _ in states(db)) == 7
    assert work.pace.taken_back == 0


def test_a_refusal_that_may_pass_is_tried_again(db):
    put(db, answer("100", text="busy"), answer("200"))
    zalo = Zalo(busy=[Deferred(Reason.BUSY, -200), Deferred(Reason.NOT_SENT)])
    work = Work(db, zalo).until_over(db)
    assert (tallied(db), len(zalo.posted)) == ({("accepted", ""): 2}, 4)
    assert work.pace.heard == ["pause 0.5"]


def test_a_refusal_for_rate_is_told_to_the_pace(db):
    put(db, answer("100", text="slow"), answer("200", text="many"))
    zalo = Zalo(slow=[Deferred(Reason.THROTTLED, -32, scope=Scope.OA)], many=[Deferred(Reason.THROTTLED, 429, 7.0)])
    work = Work(db, zalo).until_over(db)
    assert sorted(work.pace.heard) == ["refused, asked to wait 7.0", "throttled oa"]
    assert tallied(db) == {("accepted", ""): 2}


def test_a_refusal_of_the_person_or_the_message_is_final(db):
    put(db, answer("100", text="gone"), answer("200", text="late"), answer("300", text="bad"), answer("400", text="law"))
    zalo = Zalo(
        gone=[Rejected(Reason.DEAD, -213)], late=[Rejected(Reason.NOT_THIS_ROUTE, -230)],
        bad=[Deferred(Reason.BAD_MESSAGE, -210)], law=[Deferred(Reason.STOPPED, -248)],
    )  # fmt: skip
    Work(db, zalo).until_over(db)
    assert tallied(db) == {
        ("rejected", "dead"): 1, ("rejected", "not-this-route"): 1, ("rejected", "bad-message"): 2,
    }  # fmt: skip
    assert len(zalo.posted) == 4


def test_a_code_that_no_table_knows_is_tried_three_times(db):
    put(db, answer("100", text="odd"))
    zalo = Zalo(odd=[Deferred(Reason.UNLISTED, -9999)] * 5)
    Work(db, zalo).until_over(db)
    assert (len(zalo.posted), tallied(db)) == (3, {("rejected", "unlisted"): 1})


def test_no_answer_is_unknown_or_posted_again_as_the_rule_says(db):
    put(db, answer("100", text="held"), answer("200", text="resent", on_unknown=OnUnknown.RESEND))
    zalo = Zalo(held=[Unknown(Reason.NO_ANSWER)], resent=[Unknown(Reason.NO_ANSWER)])
    Work(db, zalo).until_over(db)
    assert tallied(db) == {("unknown", "no-answer"): 1, ("accepted", ""): 1}
    assert db.rows("SELECT unclear, attempts FROM outbox ORDER BY id") == [(0, 1), (1, 2)]


def test_an_oa_whose_token_is_refused_waits_with_its_reason_and_the_others_go_on(db):
    put(db, *(answer(str(user), text="dead") for user in range(100, 120)), *(answer(str(user), oa=OTHER_OA) for user in range(9)))
    zalo = Zalo(dead=[Deferred(Reason.TOKEN, -216)] * 8)
    work = Work(db, zalo)
    work.until(lambda: tallied(db).get(("accepted", "")) == 9)
    assert db.rows("SELECT oa, reason, code FROM outbox_held") == [(OA, "token", -216)]
    assert work.zalo.made.count((OA, "")) == 1
    work.until_over(db)
    assert tallied(db) == {("accepted", ""): 29}
    assert db.rows("SELECT * FROM outbox_held") == []
    assert work.zalo.made.count((OA, "")) == 2  # made anew: the token may have been renewed by hand


def test_a_held_oa_is_tried_with_one_answer(db):
    put(db, *(answer(str(user), text="dead") for user in range(100, 120)))
    zalo = Zalo(dead=[Deferred(Reason.STOPPED, -219)] * 10)
    Work(db, zalo).until_over(db)
    assert len(zalo.posted) == 30  # eight at once and two alone before it goes on


def test_nobody_is_dropped_because_nobody_can_speak_for_their_oa(db):
    put(db, answer("100"), answer("200", oa=OTHER_OA))
    zalo = Zalo()
    zalo.mute.add(OTHER_OA)
    work = Work(db, zalo)
    work.until(lambda: db.rows("SELECT 1 FROM outbox_held") != [])
    assert (work.notes, zalo.posted) == (["no account has this OA"], [("100", answer().text)])
    zalo.mute.clear()
    work.until_over(db)
    assert tallied(db) == {("accepted", ""): 2}


def test_whoever_waits_too_long_expires_while_the_oa_is_held(db):
    put(db, answer("100", expires_ms=NOW_MS + 60_000))
    zalo = Zalo()
    zalo.mute.add(OA)
    Work(db, zalo).until_over(db)
    assert tallied(db) == {("expired", "expired"): 1}


def test_what_was_claimed_by_a_process_that_died_is_not_posted_twice(db):
    put(db, answer("100"), answer("200", on_unknown=OnUnknown.RESEND), answer("300"))
    outbox = Outbox(db)
    with db.transaction():
        outbox.claim(outbox.next_of((OA, "", Rank.RULE), 2, NOW_MS), NOW_MS)
    work = Work(db).until_over(db)
    assert [user for user, _ in work.zalo.posted] == ["200", "300"]
    assert tallied(db) == {("unknown", "crash"): 1, ("accepted", ""): 2}


def test_a_mistake_here_leaves_the_answer_unknown_and_is_told(db):
    put(db, answer("100"), answer("200"))
    zalo = Zalo()
    zalo.mistaken.add("100")
    work = Work(db, zalo).until_over(db)
    assert tallied(db) == {("unknown", "crash"): 1, ("accepted", ""): 1}
    assert work.notes[0].startswith("an answer: a mistake of this tool: ZeroDivisionError at outboxes.py:")


def test_what_is_on_its_way_when_it_is_stopped_is_settled_and_the_rest_stays(db):
    put(db, *(answer(str(user)) for user in range(100, 120)))
    work = Work(db)
    gate = work.zalo.gate = asyncio.Event()

    async def main():
        stop = asyncio.Event()
        running = asyncio.create_task(work.poster.run(stop))
        async with asyncio.timeout(10):
            await work.zalo.begun.wait()
        stop.set()
        gate.set()
        await running

    asyncio.run(main())
    counted = {state: sum(one == state for one, _ in states(db)) for state in ("accepted", "pending", "claimed")}
    assert counted["accepted"] == len(work.zalo.posted) == 20 - counted["pending"] > 0
    assert counted["claimed"] == 0


def test_what_the_pace_granted_is_given_back_where_the_disk_fails(db):
    pace = FreePace()
    turns = Turns(db, pace)
    turns.begin(NOW_MS)
    put(db, answer("100"), answer("101"))
    db.run("CREATE TRIGGER full BEFORE UPDATE ON outbox BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END")
    with pytest.raises(Exception, match="full"):
        turns.step([], NOW_MS, 0.0)
    assert pace.taken_back == 2

    db.run("DROP TRIGGER full")
    assert len(turns.step([], NOW_MS, 1.0).claimed) == 2
