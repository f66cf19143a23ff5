"""Events handled together leave behind what the same events leave one by one, whatever happens between two batches."""

import itertools
import random
import shutil
from contextlib import closing
from datetime import datetime

import pytest

from tests.inbound_work import arrival, body
from zalo_alert.cases.case import Asker, CaseKind
from zalo_alert.cases.store import Cases
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.inbound.inbound_store import folder_of, open_store
from zalo_alert.inbound.journal import Journal
from zalo_alert.inbound.traces import PersonTraces
from zalo_alert.inbound.worker import Worker
from zalo_alert.models import State
from zalo_alert.operations.inbound_answers import make_responder
from zalo_alert.operations.tables import WorkspaceTables
from zalo_alert.outbox.store import Outbox, Settled
from zalo_alert.settings.load import load
from zalo_alert.testing import FakeClock

OA, OTHER_OA = "388613280878808645", "388613280878808647"
NOW = datetime(2026, 7, 16, 9, 0, tzinfo=VIETNAM)
NOW_MS = round(NOW.timestamp() * 1000)
LOOKUP = """\
kind: lookup
accounts: {ids: [ca-hoan-kiem, pctt]}
table: diem-thi
ask:
  phrases: [điểm thi, tra điểm]
  key: {name: sbd, prompt: "Số báo danh?", pattern: '\\d{8}'}
  check: {name: ngay_sinh, prompt: "Ngày sinh?", type: date}
  one_line: "{sbd} {ngay_sinh}"
found: "{{ found.sbd }}: {{ found.toan }}"
missing: "Không có kết quả."
limits: {candidates_per_day: 2, wrong: 3}
"""
TEXTS = (
    "tra điểm 02001234 15/3/2008", "tra điểm 02001235 16/3/2008", "tra điểm 02001235 1/1/2008", "tra điểm 02001236 2/1/2008",
    "tra điểm 02001237 3/1/2008", "tra điểm", "02001234", "15/3/2008", "cccd", "lệ phí thẻ", "gặp cán bộ", "trời hôm nay thế nào",
    "dừng", "mo lai", "xóa dữ liệu", "dung", "giúp",
)  # fmt: skip
PEOPLE = [f"70000000000000000{n}" for n in range(7)]
EVERYTHING = (
    "person", "info", "stop", "tally", "seen", "trouble", "cursor", "conversation", "asked", "case_day", "cases", "entry",
    "outbox", "answer_tally", "to_blank", "lookup_candidate", "lookup_wrong", "lookup_asked",
)  # fmt: skip


class Desk:
    """A workspace, and a worker that takes so many events at once."""

    def __init__(self, folder, at_once):
        settings = load(folder, {})
        self.state, self.at_once = settings.state_dir, at_once
        make = make_responder(settings, FakeClock(NOW))
        self.worker = Worker(self.state, {OA, OTHER_OA}.__contains__, make_responder=make)

    def hear(self, arrivals):
        with closing(Journal(folder_of(self.state))) as journal:
            journal.append(arrivals)
        while self.worker.step(self.at_once):
            pass

    def close_talk(self, person, at_ms):
        """Have an officer close a talk, by another connection."""
        with closing(open_store(self.state)) as db, db.transaction():
            cases = Cases(db)
            if case := cases.of_person(Asker(OA, person), CaseKind.TALK):
                assert cases.close(case, "lan", at_ms)

    def answer(self, most):
        """Have the poster answer some, by another connection."""
        with closing(open_store(self.state)) as db, db.transaction():
            outbox = Outbox(db)
            for want in sorted(outbox.wants()):
                claimed = outbox.claim(outbox.next_of(want, most, NOW_MS), NOW_MS)
                outbox.settle([Settled(one, State.ACCEPTED) for one in claimed], [], NOW_MS)

    def forget(self, person):
        PersonTraces(self.state, OA, person).take_out()

    def everything(self):
        """Return every row there is, without what each process makes up for itself."""
        with closing(open_store(self.state)) as db:
            found = {table: sorted(map(str, db.rows(f"SELECT * FROM {table}"))) for table in EVERYTHING}
            names = [name for _at, name in db.rows("SELECT cid, name FROM pragma_table_info('outbox')")]
            columns = ", ".join(name for name in names if name != "topic")
            found["outbox"] = list(map(str, db.rows(f"SELECT {columns}, topic <> '' FROM outbox ORDER BY id")))
            return found


@pytest.fixture
def desks(office, tmp_path_factory):
    """Three equal workspaces whose workers take one event at once, some, and all."""
    office.write(LOOKUP, "diem-thi.yaml")
    (office.folder / "diem.csv").write_text("sbd,ngay_sinh,toan\n02001234,15/3/2008,8\n02001235,16/3/2008,7\n", encoding="utf-8")
    tables = WorkspaceTables(office.settings.state_dir, FakeClock(NOW))
    tables.build("diem-thi", office.folder / "diem.csv", "sbd", "ngay_sinh", lambda *_step: None)
    Desk(office.folder, 1).worker.close()  # the key of its marks is copied, too
    folders = [tmp_path_factory.mktemp("desk") / str(at_once) for at_once in (1, 7, 500)]
    for folder in folders:
        shutil.copytree(office.folder, folder)
    made = [Desk(folder, int(folder.name)) for folder in folders]
    yield made
    for desk in made:
        desk.worker.close()


def events(chance, times):
    """Make some events of a few people: most have several in a batch."""
    for at_ms in itertools.islice(times, 30):
        person, oa = chance.choice(PEOPLE), chance.choice((OA, OA, OTHER_OA))
        more = {"message": {"text": chance.choice(TEXTS), "msg_id": f"b{at_ms}"}}
        name = chance.choice(("user_send_text",) * 9 + ("oa_send_text", "user_send_image", "follow", "unfollow"))
        if name == "oa_send_text":
            raw = body(name, at_ms, oa, person, **more, admin_id="7")
        else:
            raw = body(name, at_ms, person, oa, **({} if name.endswith("follow") else more))
        yield arrival(raw, at_ms + 500)


@pytest.mark.parametrize("seed", range(6))
def test_a_batch_leaves_behind_what_its_events_leave_one_by_one(desks, seed):
    chance, times = random.Random(seed), itertools.count(NOW_MS, 137)
    for _ in range(4):
        some, person = list(events(chance, times)), chance.choice(PEOPLE)
        between, most = chance.choice(("close", "answer", "forget", "nothing")), chance.randrange(4)
        at_ms = next(times)
        for desk in desks:
            desk.hear(some)
            if between == "close":
                desk.close_talk(person, at_ms)
            elif between == "answer":
                desk.answer(most)
            elif between == "forget":
                desk.forget(person)
        by_one, *by_many = [desk.everything() for desk in desks]
        for each in by_many:
            assert each == by_one


def test_whoever_asks_for_many_numbers_at_once_is_stopped(desks):
    texts = ("tra điểm 02001234 15/3/2008", "tra điểm 02001235 16/3/2008", "tra điểm 02001236 2/1/2008")
    raw = [body("user_send_text", NOW_MS + n, PEOPLE[0], OA, message={"text": text, "msg_id": f"d{n}"})
           for n, text in enumerate(texts)]  # fmt: skip
    others = [body("user_send_text", NOW_MS, person, OA, message={"text": "cccd", "msg_id": person}) for person in PEOPLE[1:]]
    desks[-1].hear([arrival(each, NOW_MS + 10) for each in raw + others])

    with closing(open_store(desks[-1].state)) as db:
        rules = db.rows("SELECT rule FROM outbox WHERE user_id = ? ORDER BY id", (PEOPLE[0],))
    assert rules == [("diem-thi/found",), ("diem-thi/found",), ("diem-thi/too-many",)]


def test_a_talk_closed_between_two_batches_is_not_added_to(desks):
    desk = desks[-1]
    say = [body("user_send_text", NOW_MS + n, PEOPLE[0], OA, message={"text": text, "msg_id": f"c{n}"})
           for n, text in enumerate(("gặp cán bộ", "tôi đợi", "còn ai không", "gặp cán bộ"))]  # fmt: skip
    desk.hear([arrival(raw, NOW_MS + 10) for raw in say[:2]])
    desk.close_talk(PEOPLE[0], NOW_MS + 11)
    desk.hear([arrival(raw, NOW_MS + 12) for raw in say[2:]])

    with closing(open_store(desk.state)) as db:
        assert [len(Cases(db).entries(case)) for case in Cases(db).all_of(OA, PEOPLE[0])] == [2, 2]
