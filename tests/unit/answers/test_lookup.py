"""What people ask of a look-up, what they are told, how often, and from when."""

from contextlib import closing
from datetime import datetime

import pytest

from zalo_alert.answers.lookup import Lookups, Office
from zalo_alert.answers.lookup_question import Question, read_question
from zalo_alert.answers.lookup_set import Check, Guard, Key, LookupSet
from zalo_alert.answers.pattern_cost import MOST_COST, pattern_cost
from zalo_alert.answers.rule_set import Limits, Selector
from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.inbound.inbound_store import open_store
from zalo_alert.models import Digest, Rank
from zalo_alert.tables.facts import CheckKind

OPENS = datetime(2026, 7, 16, 8, 0, tzinfo=VIETNAM)
OPENS_MS = round(OPENS.timestamp() * 1000)
AT_MS = OPENS_MS + 60_000
HOUR_MS = 3_600_000
ROWS = {("02001234", "2008-03-15"): {"ho_ten": "An", "mon": {"Toán": "8.25", "Lý": "7"}}}
SCORES = LookupSet(
    "diem-thi", "inbound/diem-thi.yaml", Digest(""), Selector(), "diem-thi-2026",
    Key("sbd", "Số báo danh?", r"\d{8}"), Check("ngay_sinh", "Ngày sinh?", CheckKind.DATE),
    ("điểm thi", "tra cứu điểm", "tra điểm"),
    "{{ found.sbd }}: {% for mon, diem in found.mon.items() %}{{ mon }} {{ diem }}; {% endfor %}",
    "Không có kết quả.", opens_ms=OPENS_MS, limits=Limits(Rank.LOOKUP, 900), guard=Guard(3, 3, HOUR_MS),
)  # fmt: skip


class FakeTable:
    """Holds `ROWS`."""

    def find(self, key, check):
        """Return a row by both facts."""
        return ROWS.get((key, check))


class Desk:
    """Look-ups over a database of their own, and one person who asks."""

    def __init__(self, db, lookup=SCORES):
        self.troubles: list[str] = []
        self.table = FakeTable()
        self.lookups = Lookups(
            db, lambda oa: Office("sgd", {"name": "Sở"}, (lookup,)), lambda name: self.table,
            lambda text: f"mark of {hash(text)}", self.troubles.append,
        )  # fmt: skip
        self.held = ""

    def ask(self, text, at_ms=AT_MS, person="p", **more):
        """Return what somebody is told."""
        taken = self.lookups.take(more.pop("oa", "oa"), person, text, self.held, at_ms, **more)
        self.held = taken.held if taken else self.held
        return taken


@pytest.fixture
def db(tmp_path):
    """A worker's database."""
    with closing(open_store(tmp_path)) as store:
        yield store


@pytest.fixture
def desk(db):
    """Somebody who asks."""
    return Desk(db)


@pytest.mark.parametrize(
    "text",
    [
        "tra điểm 02001234 15/3/2008",
        "Tra diem thi 02 001 234 15-03-08",
        "02001234 15/3/2008",
        "02001234\n15.3.2008",
        "cho em xin điểm thi sbd: 02001234, ngày sinh 15 tháng 3 năm 2008 ạ",
        "SBD 02001234 NS 15/03/2008",
        "15/3/2008 02001234",
        "#tra điểm 02001234 15/3/2008",
        "điểm thi 0200 1234 15 3 2008",
        "tra điểm 02001234 15032008",
    ],
)
def test_both_facts_in_one_line(text):
    question = read_question(text, SCORES, 2026)

    assert question is not None
    assert (question.key, question.check) == ("02001234", "2008-03-15")


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("tra điểm", Question("", "", 2)),
        ("tra điểm 02001234", Question("02001234", "", 2)),
        ("02001234", Question("02001234")),
        ("tra điểm 0200123", Question("", "", 2, is_odd=True)),
        ("xin chào", None),
        ("15/3/2008", None),
        ("điểm thi năm nay nghe nói cao hơn năm ngoái nhiều lắm phải không các bạn", None),
        ("x" * 400, None),
        ("tra điểm " + "1 " * 40, None),
        ("0912345678", None),
    ],
)
def test_what_a_text_asks(text, question):
    assert read_question(text, SCORES, 2026) == question


def test_a_line_with_both_facts_is_answered(desk):
    taken = desk.ask("tra điểm 02001234 15/3/2008")

    assert (taken.rule, taken.text) == ("diem-thi/found", "02001234: Toán 8.25; Lý 7;")
    assert taken.is_private
    assert "02001234" not in taken.topic


def test_facts_are_asked_for_one_after_the_other(desk):
    assert desk.ask("tra điểm").text == "Số báo danh?"
    assert desk.ask("02 001 234").text == "Ngày sinh?"
    assert desk.ask("15 tháng 3 năm 2008").rule == "diem-thi/found"
    assert desk.held == ""


def test_a_fact_that_is_none_is_asked_for_again_and_other_words_are_left_to_others(desk):
    desk.ask("tra điểm")
    assert desk.ask("123").text == "Chưa đúng dạng. Số báo danh?"
    assert desk.ask("giờ làm việc của sở thế nào vậy") is None
    assert desk.ask("02001234").text == "Ngày sinh?"
    assert desk.ask("32/3/2008").text == "Chưa đúng dạng. Ngày sinh?"
    assert desk.ask("thôi").rule == "diem-thi/stopped"


def test_a_wrong_number_and_a_wrong_date_are_answered_alike(db):
    answers = {
        Desk(db).ask(f"tra điểm {facts}", person=facts)._replace(topic="")
        for facts in ("02001234 16/3/2008", "02001235 15/3/2008", "99999999 1/1/2001")
    }

    assert [taken.text for taken in answers] == ["Không có kết quả."]


def test_so_many_different_numbers_a_day(desk):
    for number in range(3):
        desk.lookups.store.was_wrong = lambda *_rest: False
        assert desk.ask(f"tra điểm 0200000{number} 15/3/2008").rule == "diem-thi/missing"

    assert desk.ask("tra điểm 02001234 15/3/2008").rule == "diem-thi/too-many"
    assert desk.ask("tra điểm 02000001 15/3/2008").rule == "diem-thi/missing"
    assert desk.ask("tra điểm 02001234 15/3/2008", AT_MS + 24 * HOUR_MS).rule == "diem-thi/found"
    assert desk.ask("tra điểm 02001234 15/3/2008", person="q").rule == "diem-thi/found"


def test_whoever_guesses_has_to_pause(desk):
    for day in range(1, 4):
        assert desk.ask(f"tra điểm 02001234 {day}/3/2008").rule == "diem-thi/missing"

    assert desk.ask("tra điểm 02001234 15/3/2008").rule == "diem-thi/paused"
    assert desk.ask("tra điểm 02001234 15/3/2008", AT_MS + HOUR_MS - 1).rule == "diem-thi/paused"
    assert desk.ask("tra điểm 02001234 15/3/2008", AT_MS + HOUR_MS).rule == "diem-thi/found"


def test_an_account_may_allow_more(db):
    raised = Desk(db, lookup=_with(guards={"sgd": Guard(3, 100, HOUR_MS)}))

    answers = [raised.ask(f"tra điểm 02001234 {day}/3/2008").rule for day in range(1, 10)]
    assert set(answers) == {"diem-thi/missing"}


def _with(**changes):
    from dataclasses import replace

    return replace(SCORES, **changes)


def test_before_the_opening_it_is_said_when_that_is(desk):
    taken = desk.ask("tra điểm 02001234 15/3/2008", OPENS_MS - 1)

    assert (taken.rule, taken.text) == (
        "diem-thi/not-open",
        "Kết quả mở tra cứu lúc 08:00 16/7/2026. Mời bạn nhắn lại từ lúc đó.",
    )


def test_after_the_end_nobody_is_answered_from_the_table(db):
    desk = Desk(db, _with(closes_ms=OPENS_MS + HOUR_MS))

    assert desk.ask("tra điểm 02001234 15/3/2008", OPENS_MS + HOUR_MS).rule == "diem-thi/closed"


def test_whoever_asks_before_is_remembered_in_order_and_asks_again_without_losing_the_place(db):
    desk = Desk(db, _with(remembers=True))
    for at, (person, date) in enumerate([("a", "15/3/2008"), ("b", "15/3/2008"), ("a", "16/3/2008")]):
        assert desk.ask(f"tra điểm 02001234 {date}", OPENS_MS - 1000 + at, person).rule == "diem-thi/remembered"

    kept = desk.lookups.store.first_remembered("diem-thi", "oa", 10)
    assert [(row.guest.person, row.fact) for row in kept] == [("a", "2008-03-16"), ("b", "2008-03-15")]


def test_nobody_is_remembered_longer_than_an_answer_is_free(db):
    desk = Desk(db, _with(remembers=True))

    taken = desk.ask("tra điểm 02001234 15/3/2008", OPENS_MS - 48 * HOUR_MS)
    assert taken.rule == "diem-thi/not-open"
    assert "09:00 14/7/2026" in taken.text


def test_a_table_that_cannot_be_asked_is_said_and_told(desk):
    class Broken:
        def find(self, key, check):
            raise StorageUnusable("is damaged")

    desk.table = Broken()
    assert desk.ask("tra điểm 02001234 15/3/2008").rule == "diem-thi/trouble"
    assert desk.troubles == ["is damaged"]


def test_a_rule_whose_phrase_is_longer_is_meant_instead(desk):
    assert desk.ask("lịch công bố điểm thi", rival_words=lambda: 5) is None
    assert desk.ask("điểm thi 02001234 15/3/2008", rival_words=lambda: 5).rule == "diem-thi/found"


def test_nothing_of_a_question_is_kept(desk, db, tmp_path):
    desk.ask("tra điểm 02001234 15/3/2008")
    desk.ask("tra điểm 02001235 15/3/2008")
    db.run("PRAGMA wal_checkpoint(TRUNCATE)")

    content = b"".join(file.read_bytes() for file in (tmp_path / "inbound").iterdir())
    assert b"0200123" not in content
    assert b"2008-03-15" not in content


def test_a_step_of_a_look_up_that_is_gone_is_forgotten(desk):
    desk.held = '["other","02001234"]'
    assert desk.ask("15/3/2008") is None
    desk.held = "nonsense"
    assert desk.ask("02001234 15/3/2008").rule == "diem-thi/found"


def test_one_person_at_several_offices_is_one(db):
    desk = Desk(db)
    for n, oa in enumerate(("oa1", "oa2", "oa3")):
        desk.ask(f"tra điểm 0200123{n} 15/3/2008", oa=oa, person=f"of {oa}", by_app="777")
    assert desk.ask("tra điểm 02001239 15/3/2008", oa="oa4", person="of oa4", by_app="777").rule == "diem-thi/paused"
    assert desk.ask("tra điểm 02001239 15/3/2008", oa="oa4", person="of oa4", by_app="778").rule == "diem-thi/missing"


def test_limits_begin_anew_at_midnight_in_vietnam(db):
    desk = Desk(db, _with(guard=Guard(3, 100, HOUR_MS)))
    midnight_ms = OPENS_MS + 16 * HOUR_MS
    for n in range(3):
        desk.ask(f"tra điểm 0200123{n} 16/3/2008", midnight_ms - 1)
    assert desk.ask("tra điểm 02001239 16/3/2008", midnight_ms - 1).rule == "diem-thi/too-many"
    assert desk.ask("tra điểm 02001239 16/3/2008", midnight_ms).rule == "diem-thi/missing"


@pytest.mark.parametrize(
    "pattern", [r"(\d+)+x", r"(\d|\d\d)*x", r"\d*\d*\d*\d*x", r"(a?){30}a{30}", r"(?:\d{1,30}){9}x", "a?" * 30]
)
def test_a_pattern_that_a_citizen_could_make_work_for_years_is_told(pattern):
    assert pattern_cost(pattern) > MOST_COST


@pytest.mark.parametrize(
    "pattern", [r"\d{8}", r"[A-Z]{1,3}[0-9]{4,10}", r"\d+", r"(TS|HS)-?\d{2}[.-]?\d{6}", r"[\])+*]{2}", r"(?i:ab)\(+\d{3}"]
)
def test_a_pattern_of_a_number_is_none_such(pattern):
    assert pattern_cost(pattern) <= MOST_COST


def test_what_is_longer_than_any_number_is_none():
    assert Key("so", "?", r"\d+").read("1" * 61) == ""
