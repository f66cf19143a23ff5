"""The outbox's table: who is answered when, and that nobody is answered twice or dropped without a word."""

import pytest

from tests.outboxes import MINUTE_MS, NOW_MS, OA, OTHER_OA, answer, database, put, states, tallied
from zalo_alert.foundation.database import Database
from zalo_alert.inbound.traces import PersonTraces, Traces
from zalo_alert.models import OnUnknown, Rank, State
from zalo_alert.outbox.answer import Button
from zalo_alert.outbox.sight import outbox_counts
from zalo_alert.outbox.store import Again, Outbox, Settled

RULES = (OA, "", Rank.RULE)


@pytest.fixture
def db(tmp_path):
    with database(tmp_path) as db:
        yield db


def claim(db, calls=10, want=RULES, now_ms=NOW_MS):
    outbox = Outbox(db)
    with db.transaction():
        return outbox.claim(outbox.next_of(want, calls, now_ms), now_ms)


def settle(db, *settled, again=(), now_ms=NOW_MS):
    with db.transaction():
        Outbox(db).settle(settled, again, now_ms)


def test_one_origin_is_answered_once(db):
    first = answer(seq=7)
    assert put(db, first, first._replace(text="anything else"), first._replace(n=1)) == [True, False, True]
    claimed = claim(db, want=RULES)
    assert [(row.text, row.attempts) for row in claimed] == [(first.text, 0)]  # the other one is the same person's next


def test_an_answer_is_claimed_with_all_that_its_post_needs(db):
    buttons = (Button("Lệ phí", payload="le-phi"), Button("Gọi", phone="84900000001"))
    put(db, answer("200", buttons=buttons, quote="m1", conversation="c1", on_unknown=OnUnknown.RESEND))
    [row] = claim(db)
    assert (row.oa, row.user_id, row.conversation, row.quote, row.on_unknown) == (OA, "200", "c1", "m1", "resend")
    assert '"payload":"le-phi"' in row.buttons


def test_whoever_asks_often_waits_behind_those_who_ask_once(db):
    put(db, *(answer("100") for _ in range(50)))
    put(db, answer("200"), answer("300"))
    turns = []
    while claimed := claim(db, 1):
        turns += [row.user_id for row in claimed]
        settle(db, *(Settled(row, State.ACCEPTED) for row in claimed))
    assert (len(turns), turns[:3], set(turns[3:])) == (52, ["100", "200", "300"], {"100"})


def test_a_newcomer_begins_at_the_turn_that_is_now(db):
    put(db, *(answer("100") for _ in range(5)), *(answer("200") for _ in range(5)))
    for _ in range(4):
        settle(db, *(Settled(row, State.ACCEPTED) for row in claim(db, 2)))
    put(db, answer("300"))
    assert [row.user_id for row in claim(db)] == ["100", "200", "300"]


def test_one_answer_of_a_person_is_on_its_way_at_a_time(db):
    put(db, answer("100", text="first"), answer("100", text="second"), answer("100", rank=Rank.HELP, text="help"))
    assert [row.text for row in claim(db, want=(OA, "", Rank.HELP))] == ["help"]
    assert claim(db) == []


def test_an_answer_that_is_tried_again_is_not_overtaken_by_its_persons_next(db):
    put(db, answer("100", text="first"), answer("100", text="second"), answer("200", text="another's"))
    [first, other] = claim(db, 2)
    assert other.text == "another's"
    settle(db, again=[Again(first, NOW_MS + 2000, "not-sent")])
    assert claim(db) == []
    with db.transaction():
        assert Outbox(db).revive(NOW_MS + 1999) == set()
        assert Outbox(db).revive(NOW_MS + 2000) == {RULES}
    assert [(row.text, row.attempts) for row in claim(db)] == [("first", 1)]


def test_a_later_answer_to_the_same_question_takes_the_place_of_the_one_that_waits(db):
    put(db, answer("100", "fee", text="old"), answer("100", "hours"), answer("200", "fee", made_ms=NOW_MS + 1))
    put(db, answer("100", "fee", text="new", made_ms=NOW_MS + 2))
    assert states(db)[0] == ("withheld", "replaced")
    assert [row.text for row in claim(db, 1)] == ["new"]
    assert tallied(db) == {("withheld", "replaced"): 1}


def test_what_is_on_its_way_is_not_replaced(db):
    put(db, answer("100", "fee"))
    claim(db)
    put(db, answer("100", "fee"))
    assert [state for state, _ in states(db)] == ["claimed", "pending"]


def test_each_oa_and_each_app_has_a_line_of_its_own(db):
    put(db, *(answer(str(n)) for n in range(100, 110)), answer("100", oa=OTHER_OA), answer("200", via_app="36"))
    assert [row.user_id for row in claim(db, 3)] == ["100", "101", "102"]
    assert [row.oa for row in claim(db, 3, want=(OTHER_OA, "", Rank.RULE))] == [OTHER_OA]
    assert [row.via_app for row in claim(db, 3, want=(OA, "36", Rank.RULE))] == ["36"]


def test_what_has_changed_since_it_was_chosen_is_not_claimed(db):
    put(db, answer("100", "fee"), answer("200"))
    outbox = Outbox(db)
    chosen = outbox.next_of(RULES, 10, NOW_MS)
    put(db, answer("100", "fee"))
    with db.transaction():
        assert [row.user_id for row in outbox.claim(chosen, NOW_MS)] == ["200"]


def test_what_is_over_has_no_words_and_is_counted(db):
    put(db, answer("100", quote="m1", buttons=(Button("a", payload="b"),)), answer("200"), answer("300"))
    first, second, third = claim(db)
    settle(
        db,
        Settled(first, State.ACCEPTED, message_id="z1", text_digest=b"d"),
        Settled(second, State.REJECTED, "dead", -213),
        Settled(third, State.UNKNOWN, "no-answer"),
    )
    kept = db.rows("SELECT state, text || buttons || quote, message_id, text_digest, code, settled_ms, user_id FROM outbox")
    assert kept == [
        ("accepted", "", "z1", b"d", 0, NOW_MS, "100"), ("rejected", "", "", b"", -213, NOW_MS, "200"),
        ("unknown", "", "", b"", 0, NOW_MS, "300"),
    ]  # fmt: skip
    assert tallied(db) == {("accepted", ""): 1, ("rejected", "dead"): 1, ("unknown", "no-answer"): 1}


def test_a_second_outcome_is_a_mistake(db):
    put(db, answer())
    [row] = claim(db)
    settle(db, Settled(row, State.ACCEPTED))
    with pytest.raises(RuntimeError):
        settle(db, Settled(row, State.REJECTED))
    assert states(db) == [("accepted", "")]


def test_after_a_crash_a_claimed_answer_is_unknown_or_posted_again_as_its_rule_says(db):
    put(db, answer("100"), answer("200", on_unknown=OnUnknown.RESEND), answer("300"))
    claim(db, 2)
    with db.transaction():
        assert Outbox(db).recover(NOW_MS) == {State.UNKNOWN: 1, State.PENDING: 1}
    assert states(db) == [("unknown", "crash"), ("pending", ""), ("pending", "")]
    assert [(row.user_id, row.unclear) for row in claim(db)] == [("200", 1), ("300", 0)]
    assert tallied(db) == {("unknown", "crash"): 1}


def test_whoever_has_waited_too_long_is_not_answered_and_counted(db):
    put(db, answer("100", expires_ms=NOW_MS + MINUTE_MS), answer("200", expires_ms=NOW_MS + MINUTE_MS), answer("300"))
    [first] = claim(db, 1)
    settle(db, again=[Again(first, NOW_MS + 2 * MINUTE_MS)])
    assert [row.user_id for row in claim(db, now_ms=NOW_MS + MINUTE_MS)] == ["300"]
    with db.transaction():
        assert Outbox(db).expire(NOW_MS + MINUTE_MS) == 2
    assert tallied(db) == {("expired", "expired"): 2}


def test_beyond_the_bound_the_last_of_the_least_urgent_are_shed(db):
    put(db, *(answer(str(n), rank=Rank.LOOKUP) for n in range(6)), *(answer(str(n), rank=Rank.HELP) for n in range(6)), most=10)
    ranks = db.rows("SELECT rank, user_id FROM outbox WHERE state = 'pending' ORDER BY id")
    assert ranks == [(8, "0"), (8, "1"), (8, "2"), (8, "3"), *((0, str(n)) for n in range(6))]
    assert tallied(db) == {("withheld", "shed"): 2}


def test_the_question_behind_a_private_answer_is_noted_to_be_emptied(db):
    put(db, answer("100", seq=900_001, is_private=True), answer("200"), answer("300", "x", seq=900_002, is_private=True))
    claim(db, 1)
    assert db.rows("SELECT * FROM to_blank") == []
    with db.transaction():
        Outbox(db).recover(NOW_MS)
        Outbox(db).expire(NOW_MS + 10 * MINUTE_MS)
    assert [seq for _, seq in db.rows("SELECT * FROM to_blank")] == [900_001, 900_002]


def test_whose_answers_wait_is_told_from_a_number_on(db):
    put(db, answer("100"), answer("200", oa=OTHER_OA, rank=Rank.HELP))
    outbox = Outbox(db)
    assert outbox.wants() == {RULES, (OTHER_OA, "", Rank.HELP)}
    last = outbox.last()
    put(db, answer("300"))
    assert (outbox.wants(last), outbox.wants(last + 1)) == ({RULES}, set())


def test_whoever_is_forgotten_is_answered_no_more_and_named_nowhere(tmp_path, db):
    put(db, answer("100", text="waits"), answer("200", text="on its way"), answer("200"), answer("300"))
    on_its_way = claim(db, 3)
    settle(db, *(Settled(row, State.ACCEPTED, message_id="z1") for row in on_its_way if row.user_id == "300"))
    [tried, accepted] = [row for row in on_its_way if row.user_id in ("100", "200")]
    put(db, answer("100"))
    answers = [PersonTraces(tmp_path, OA, user).take_out().answers for user in ("100", "200", "300")]
    assert answers == [2, 2, 1]
    settle(db, Settled(accepted, State.ACCEPTED, message_id="z2"), again=[Again(tried, NOW_MS)])
    assert sorted(states(db)) == [("accepted", ""), ("accepted", ""), *[("withheld", "forgotten")] * 3]
    assert tallied(db) == {("accepted", ""): 2, ("withheld", "forgotten"): 3}
    assert db.rows("SELECT count(*) FROM outbox WHERE user_id || text || message_id || topic || quote <> ''") == [(0,)]


def test_what_a_forgotten_person_was_asked_when_the_process_died_is_unknown(tmp_path, db):
    put(db, answer("100", on_unknown=OnUnknown.RESEND))
    claim(db)
    PersonTraces(tmp_path, OA, "100").take_out()
    with db.transaction():
        assert Outbox(db).recover(NOW_MS) == {State.UNKNOWN: 1}


def test_a_database_from_before_gains_the_tables(tmp_path, db):
    put(db, answer())
    db.run_script("DROP TABLE outbox; DROP TABLE answer_tally; PRAGMA user_version = 0")
    assert PersonTraces(tmp_path, OA, "100").find() == Traces()


def test_of_those_that_are_over_none_is_looked_at(tmp_path, db, monkeypatch):
    put(db, answer("100"), answer("200"), answer("300", expires_ms=NOW_MS))
    asked = set[str]()

    def noting(usual):
        def noted(self, sql, *given):
            asked.add(sql)
            return usual(self, sql, *given)

        return noted

    for name in ("rows", "run", "run_many"):
        monkeypatch.setattr(Database, name, noting(getattr(Database, name)))
    [first, second] = claim(db)
    settle(db, Settled(first, State.ACCEPTED, message_id="z1"), again=[Again(second, NOW_MS)])
    put(db, answer("400"), most=1)
    outbox = Outbox(db)
    with db.transaction():
        outbox.expire(NOW_MS)
        outbox.revive(NOW_MS)
        outbox.recover(NOW_MS)
    outbox.wants(outbox.last() - 1)
    outbox.wants()
    outbox_counts(tmp_path)
    monkeypatch.undo()
    statements = [sql for sql in asked if "outbox" in sql and not sql.startswith(("PRAGMA", "CREATE"))]
    plans = {sql: [row[3] for row in db.rows(f"EXPLAIN QUERY PLAN {sql}", [0] * sql.count("?"))] for sql in statements}
    assert len(plans) > 20
    assert not [sql for sql, steps in plans.items() if "SCAN outbox" in [step.strip() for step in steps]]
