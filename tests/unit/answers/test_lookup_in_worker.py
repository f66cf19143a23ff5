"""A look-up from the journal to the outbox, before and after its opening, and what is left of it in the files."""

import itertools
from contextlib import closing
from datetime import datetime

import pytest

from tests.inbound_work import arrival, body
from zalo_alert.answers import lookup_opening
from zalo_alert.answers.load import read_inbound
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.foundation.database import Database
from zalo_alert.inbound.inbound_store import folder_of, open_store
from zalo_alert.inbound.journal import Journal
from zalo_alert.inbound.traces import PersonTraces
from zalo_alert.inbound.worker import Worker
from zalo_alert.models import State
from zalo_alert.operations.inbound_answers import RulesNow, make_responder
from zalo_alert.operations.inbound_lookups import BlankBeside, OpeningBeside
from zalo_alert.operations.tables import WorkspaceTables
from zalo_alert.outbox.store import Outbox, Settled
from zalo_alert.testing import FakeClock

OA = "388613280878808647"
OPENS = datetime(2026, 7, 16, 8, 0, tzinfo=VIETNAM)
OPENS_MS = round(OPENS.timestamp() * 1000)
LOOKUP = """\
kind: lookup
accounts: {ids: [pctt]}
table: diem-thi-2026
opens: 2026-07-16T08:00:00+07:00
before_open: remember
ask:
  phrases: [điểm thi, tra điểm]
  key: {name: sbd, prompt: "Số báo danh?", pattern: '\\d{8}'}
  check: {name: ngay_sinh, prompt: "Ngày sinh?", type: date}
  one_line: "{sbd} {ngay_sinh}"
found: "{{ found.sbd }}: {% for mon, diem in found.mon.items() %}{{ mon }} {{ diem }}; {% endfor %}"
missing: "Không có kết quả."
"""
SCORES = "sbd,ngay_sinh,mon.Toán\n02001234,15/3/2008,8.25\n02001235,16/3/2008,7\n"
_numbers = itertools.count()


class Desk:
    """A workspace with a look-up, its worker, and what stands beside it."""

    def __init__(self, office):
        self.office = office
        office.write(LOOKUP, "diem-thi.yaml")
        (office.folder / "diem.csv").write_text(SCORES, encoding="utf-8")
        self.settings = office.settings
        self.state = self.settings.state_dir
        self.clock = FakeClock(OPENS)
        tables = WorkspaceTables(self.state, self.clock)
        tables.build("diem-thi-2026", office.folder / "diem.csv", "sbd", "ngay_sinh", lambda *_step: None)
        self.opening = OpeningBeside(self.settings, self.clock, RulesNow(self.settings, self.clock, print), print)

    def hear(self, person, text, at_ms, *, msg_id="", arrived_ms=0, by_app=""):
        msg_id = msg_id or f"l{next(_numbers)}"
        raw = body("user_send_text", at_ms, person, OA, message={"text": text, "msg_id": msg_id}, user_id_by_app=by_app)
        with closing(Journal(folder_of(self.state))) as journal:
            journal.append([arrival(raw, arrived_ms or at_ms)])
        make = make_responder(self.settings, self.clock)
        with closing(Worker(self.state, {OA}.__contains__, make_responder=make)) as worker:
            while worker.step():
                pass

    def rows(self, sql, *values):
        with closing(open_store(self.state)) as db:
            return db.rows(sql, values)

    def waiting(self):
        return self.rows("SELECT user_id, rule, text FROM outbox WHERE state = 'pending' ORDER BY turn, since_ms, id")

    def kept(self):
        """Return all that lies in the folder of what came back, once what is private was emptied."""
        BlankBeside(self.settings, self.clock)()
        return b"".join(file.read_bytes() for file in (self.state / "inbound").rglob("*") if file.is_file())

    def answer_all(self):
        """Have everything that waits answered."""
        with closing(open_store(self.state)) as db:
            outbox = Outbox(db)
            for want in outbox.wants():
                while chosen := outbox.next_of(want, 10, OPENS_MS):
                    with db.transaction():
                        outbox.settle([Settled(one, State.ACCEPTED) for one in outbox.claim(chosen, OPENS_MS)], [], OPENS_MS)


@pytest.fixture
def desk(office):
    return Desk(office)


def test_the_file_is_sound(desk):
    found = read_inbound(desk.office.folder, desk.settings, OPENS.date()).findings
    assert [finding for finding in found if "diem-thi" in finding.problem.file] == []


def test_a_question_is_answered_and_nothing_of_it_is_left(desk):
    desk.hear("p1", "tra điểm 02001234 15/3/2008", OPENS_MS)
    assert desk.waiting() == [("p1", "diem-thi/found", "02001234: Toán 8.25;")]

    desk.answer_all()
    BlankBeside(desk.settings, desk.clock)()
    content = b"".join(file.read_bytes() for file in (desk.state / "inbound").rglob("*") if file.is_file())
    assert b"02001234" not in content
    for written in (b"15/3", b"/2008", b"2008-03", b"15032008"):  # four digits alone stand in a random id now and then
        assert written not in content


def test_whoever_is_asked_for_a_fact_leaves_nothing_behind(desk):
    desk.hear("p1", "tra điểm 02001234", OPENS_MS)
    assert desk.rows("SELECT step FROM conversation WHERE held <> ''") == [("lookup",)]

    desk.answer_all()
    desk.clock.move(11 * 60)
    desk.opening()
    BlankBeside(desk.settings, desk.clock)()
    content = b"".join(file.read_bytes() for file in (desk.state / "inbound").rglob("*") if file.is_file())
    assert b"02001234" not in content


def test_whoever_asked_before_is_answered_first_in_the_order_of_asking(desk):
    for at, (person, text) in enumerate(
        [("late", "02001234 15/3/2008"), ("second", "02001235 1/1/2008"), ("third", "02001235 16/3/2008")]
    ):
        desk.hear(person, text, OPENS_MS - 3000 + at)
    desk.hear("late", "02001234 15/3/2008", OPENS_MS - 1)
    desk.answer_all()
    desk.hear("after", "02001234 15/3/2008", OPENS_MS + 1)

    desk.opening()

    assert [(who, rule) for who, rule, _text in desk.waiting()] == [
        ("late", "diem-thi/found"), ("second", "diem-thi/missing"), ("third", "diem-thi/found"), ("after", "diem-thi/found"),
    ]  # fmt: skip
    assert desk.rows("SELECT count(*) FROM lookup_asked") == [(0,)]


def test_those_who_ask_at_the_opening_take_no_room_from_those_who_asked_before(desk, monkeypatch):
    monkeypatch.setattr(lookup_opening, "WAITING", 2)
    for at in range(4):
        desk.hear(f"before{at}", "02001234 15/3/2008", OPENS_MS - 3000 + at)
    desk.answer_all()
    for at in range(3):
        desk.hear(f"sharp{at}", "02001234 15/3/2008", OPENS_MS + at)

    desk.opening()

    assert [who for who, _rule, _text in desk.waiting()] == ["before0", "before1", "sharp0", "sharp1", "sharp2"]


def test_nobody_is_answered_before_the_opening(desk):
    desk.hear("p1", "02001234 15/3/2008", OPENS_MS - 3000)
    desk.answer_all()
    desk.clock.move(-1)

    desk.opening()

    assert desk.waiting() == []
    assert desk.rows("SELECT count(*) FROM lookup_asked") == [(1,)]


def test_how_many_wait_for_the_opening_is_known(desk):
    assert WorkspaceTables(desk.state).remembered() == {}
    for person in ("p1", "p2"):
        desk.hear(person, "02001234 15/3/2008", OPENS_MS - 3000)

    assert WorkspaceTables(desk.state).remembered() == {"diem-thi": 2}


def test_whoever_is_forgotten_is_not_answered_at_the_opening(desk):
    desk.hear("p1", "02001234 15/3/2008", OPENS_MS - 3000)
    desk.answer_all()

    PersonTraces(desk.state, OA, "p1").take_out()
    desk.opening()

    assert desk.waiting() == []
    assert desk.rows("SELECT count(*) FROM lookup_candidate") == [(0,)]


def test_a_question_whose_opening_was_put_off_for_days_is_forgotten(desk):
    desk.hear("p1", "02001234 15/3/2008", OPENS_MS - 3000)
    desk.answer_all()
    desk.office.change("opens: 2026-07-16T08:00:00", "opens: 2026-07-20T08:00:00", "diem-thi.yaml")
    desk.clock.move(48 * 3600)

    desk.opening()

    assert desk.waiting() == []
    assert desk.rows("SELECT count(*) FROM lookup_asked") == [(0,)]


def test_an_oa_that_cannot_be_answered_keeps_no_other_one_waiting(desk, monkeypatch):
    monkeypatch.setattr("zalo_alert.answers.lookup_opening.AT_ONCE", 1)
    desk.hear("p1", "02001234 15/3/2008", OPENS_MS - 3000)
    desk.hear("p2", "02001235 16/3/2008", OPENS_MS - 2000)
    desk.answer_all()
    with closing(open_store(desk.state)) as db:
        db.run("UPDATE lookup_asked SET oa = '1' WHERE person = 'p1'")  # its account was taken out since

    while desk.opening():
        pass

    assert [row[:2] for row in desk.waiting()] == [("p2", "diem-thi/found")]


def test_whoever_asked_before_waits_for_a_table_that_is_late(desk):
    desk.hear("p1", "02001234 15/3/2008", OPENS_MS - 3000)
    desk.answer_all()
    current = desk.state / "tables" / "diem-thi-2026" / "CURRENT"
    generation = current.read_bytes()
    current.unlink()
    notes: list[str] = []
    desk.opening = OpeningBeside(desk.settings, desk.clock, RulesNow(desk.settings, desk.clock, print), notes.append)
    for _turn in range(3):
        desk.opening()
    assert desk.waiting() == []
    assert len(notes) == 1

    current.write_bytes(generation)
    desk.clock.move(60)
    desk.opening()
    assert [row[:2] for row in desk.waiting()] == [("p1", "diem-thi/found")]


def test_whoever_asked_before_in_vain_is_counted(desk):
    desk.hear("p1", "02001234 15/3/2008", OPENS_MS - 3000)
    desk.answer_all()
    (desk.office.folder / "inbound" / "diem-thi.yaml").unlink()
    desk.clock.move(48 * 3600)

    desk.opening()

    assert desk.rows("SELECT count(*) FROM lookup_asked") == [(0,)]
    told = desk.rows("SELECT rule, state, reason, n FROM answer_tally WHERE state = 'expired'")
    assert told == [("diem-thi/remembered", "expired", "expired", 1)]


def test_nothing_is_kept_of_a_question_in_a_flood(desk):
    for n in range(31):
        desk.hear("p1", "giờ làm việc", OPENS_MS + n)
    desk.hear("p1", "tra điểm 02001234 15/3/2008", OPENS_MS + 50)
    desk.hear("p1", "3 người chờ ở cổng", OPENS_MS + 51)

    content = desk.kept()
    assert desk.rows("SELECT n FROM tally WHERE class = 'flooded'") == [(3,)]
    assert b"02001234" not in content
    assert "3 người".encode() in content


def test_nothing_is_kept_of_a_question_that_came_too_late(desk):
    desk.hear("p1", "tra điểm 02001234 15/3/2008", OPENS_MS, arrived_ms=OPENS_MS + 25 * 3_600_000)
    assert b"02001234" not in desk.kept()


def test_nothing_is_kept_of_another_version_of_a_question(desk):
    desk.hear("p1", "tra điểm 02001234", OPENS_MS, msg_id="same")
    desk.hear("p1", "tra điểm 02001234 sửa", OPENS_MS + 1, msg_id="same")
    desk.hear("p1", "15/3/2008", OPENS_MS + 2, msg_id="date")
    desk.hear("p1", "15/3/2008 ạ", OPENS_MS + 3, msg_id="date")
    desk.answer_all()

    content = desk.kept()
    assert desk.rows("SELECT n FROM tally WHERE class = 'joined'") == [(2,)]
    assert b"02001234" not in content
    assert b"15/3/2008" not in content


def test_nothing_is_kept_of_a_fact_that_was_overtaken(desk):
    desk.hear("p1", "tra điểm", OPENS_MS)
    desk.hear("p1", "02001234", OPENS_MS + 20)
    desk.hear("p1", "02001239", OPENS_MS + 10)
    desk.answer_all()
    desk.hear("p1", "15/3/2008", OPENS_MS + 30)
    desk.answer_all()

    content = desk.kept()
    assert b"02001239" not in content


def _log_of(desk):
    (log,) = (desk.state / "inbound" / "journal").glob("*.db-wal")
    return log.read_bytes()


def test_a_log_that_somebody_reads_is_cut_off_the_next_time(desk):
    desk.hear("p1", "tra điểm 02001234 15/3/2008", OPENS_MS)
    desk.answer_all()
    (path,) = (desk.state / "inbound" / "journal").glob("*.db")
    blanking = BlankBeside(desk.settings, desk.clock)
    with closing(Database(path)) as reader:
        with reader.snapshot():
            reader.rows("SELECT count(*) FROM event")
            blanking()
            assert b"02001234" in path.read_bytes() + _log_of(desk)
        desk.clock.move(61)
        blanking()
        assert b"02001234" not in path.read_bytes() + _log_of(desk)


def test_a_log_is_cut_off_also_after_a_kill(desk):
    desk.hear("p1", "tra điểm 02001234 15/3/2008", OPENS_MS)
    desk.answer_all()
    (path,) = (desk.state / "inbound" / "journal").glob("*.db")
    with closing(Database(path)) as door:  # it holds the file open, and its log stays
        door.rows("SELECT count(*) FROM event")
        desk.kept()
        desk.hear("p2", "tra điểm 02001234 15/3/2008", OPENS_MS)
        door.run("PRAGMA secure_delete = ON")
        door.run("UPDATE event SET body = x''")  # as one that was killed before it could fold
        assert b"02001234" in _log_of(desk)
        BlankBeside(desk.settings, desk.clock)()
        assert _log_of(desk) == b""


def test_whoever_is_forgotten_is_forgotten_as_one_who_asks_several_offices(desk):
    desk.hear("p1", "tra điểm 02001235 1/1/2008", OPENS_MS, by_app="777000777000777")
    assert desk.rows("SELECT count(*) FROM lookup_wrong WHERE person = '777000777000777'") == [(1,)]

    PersonTraces(desk.state, OA, "p1").take_out()

    assert b"777000777000777" not in desk.kept()
