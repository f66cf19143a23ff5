"""What becomes of somebody's words: from the journal through the ladder to outbox, cases and conversation."""

import itertools
from contextlib import closing

import orjson
import pytest

from tests.inbound_work import NOW_MS, PERSON, arrival, body, tally
from zalo_alert.answers.ladder import BY_HAND_MS, FALLBACK_MS, TALK_MS, Ladder
from zalo_alert.answers.load import load_rule_sets
from zalo_alert.answers.own_texts import CHECK_NONE
from zalo_alert.answers.reply import Reply, Step
from zalo_alert.answers.responder import RuleResponder
from zalo_alert.answers.said import Turn
from zalo_alert.cases.case import CaseKind, CaseState, Who
from zalo_alert.cases.store import Cases
from zalo_alert.foundation.clock import instant
from zalo_alert.inbound.inbound_store import find_store, folder_of, open_store
from zalo_alert.inbound.journal import Journal, read_journal
from zalo_alert.inbound.worker import Worker
from zalo_alert.models import Rank
from zalo_alert.outbox.store import Outbox
from zalo_alert.testing import FakeClock

HOAN_KIEM = "388613280878808645"
IN_HOURS_MS = NOW_MS + 9 * 3600 * 1000  # a Monday, 9:53
NIGHT_MS = NOW_MS - 6 * 3600 * 1000
MINUTE_MS = 60_000
_numbers = itertools.count()


class Number:
    """Asks for a number and takes nothing else."""

    name = "number"

    def take(self, said, rules, held):
        if not held and said.text == "tra số":
            return Turn(Reply("number/asked", "Số nào?"), Step(self.name, "1", said.at_ms + 5 * MINUTE_MS))
        if held and said.text.isdigit():
            return Turn(Reply("number/found", f"Số {said.text}", is_private=True))
        return None

    def is_private(self, said):
        return said.text.isdigit()


class Desk:
    """A worker that answers, and what it leaves behind."""

    def __init__(self, office):
        self.state, self.office = office.folder / "state", office
        self.clock = FakeClock(instant(IN_HOURS_MS / 1000))
        self.now_ms, self.most = IN_HOURS_MS, 1000

    def worker(self, *, is_late=False):
        book = load_rule_sets(self.office.folder, self.office.settings)
        ladder = Ladder(lambda code: "CÓ THẬT" if code == "BAO-SO-3" else "", [Number()])
        oas = {account.oa_id for account in self.office.settings.accounts}

        def make(db):
            responder = RuleResponder(db, lambda: book, ladder, self.clock, is_late=is_late)
            responder._outbox = Outbox(db, self.most)
            return responder

        return Worker(self.state, oas.__contains__, make_responder=make)

    def hear(self, *words, at_ms=None, name="user_send_text", person=PERSON, oa=HOAN_KIEM, **more):
        """Have somebody say something; return what they are answered."""
        at_ms = self.now_ms if at_ms is None else at_ms
        self.now_ms = max(self.now_ms, at_ms)
        known = len(self.answers())
        raw = [body(name, at_ms, person, oa, message={"text": text, "msg_id": f"t{next(_numbers)}", **more}) for text in words]
        return self.take(*raw, arrived_ms=self.now_ms)[known:]

    def take(self, *bodies, arrived_ms=None):
        with closing(Journal(folder_of(self.state))) as journal:
            journal.append([arrival(raw, arrived_ms or self.now_ms) for raw in bodies])
        with closing(self.worker()) as worker:
            while worker.step():
                pass
        return self.answers()

    def answers(self):
        return [row[0] for row in self.rows("SELECT text FROM outbox ORDER BY id")]

    def rows(self, sql):
        db = find_store(self.state)
        if db is None:
            return []
        with closing(db):
            return db.rows(sql)

    def cases(self):
        with closing(open_store(self.state)) as db:
            cases = Cases(db)
            return [(case, cases.entries(case)) for case in cases.listed(with_closed=True)]

    def replay(self, *, may_answer=False):
        events = read_journal(folder_of(self.state), None, 1000)
        with closing(self.worker(is_late=may_answer)) as worker:
            return worker.again(events, may_answer=may_answer)


@pytest.fixture
def desk(office):
    return Desk(office)


def buttons(desk):
    return [[(b["title"], b["payload"]) for b in orjson.loads(raw or "[]")] for (raw,) in desk.rows("SELECT buttons FROM outbox")]


def test_a_rule_answers(desk):
    (text,) = desk.hear("làm căn cước ở đâu")

    assert text.startswith("Cấp căn cước tại 2 Tràng Thi")
    (row,) = desk.rows("SELECT oa, user_id, rank, rule, quote, made_ms, expires_ms FROM outbox")
    assert row[:4] == (HOAN_KIEM, PERSON, Rank.RULE, "police-qa/can-cuoc")
    assert row[4].startswith("t")
    assert row[5:] == (IN_HOURS_MS, IN_HOURS_MS + 600_000)
    assert buttons(desk)[0][:2] == [("Lệ phí", "ZA_GO:police-qa/le-phi"), ("Gặp cán bộ", "ZA_PERSON")]
    assert tally(desk.state) == {"answered": 1}


def test_a_button_leads_to_its_rule(desk):
    assert desk.hear("ZA_GO:police-qa/le-phi") == ["Lệ phí: 50.000 đồng."]


@pytest.mark.parametrize("payload", ["ZA_GO:police-qa/xe", "ZA_GO:ward-qa/can-cuoc", "ZA_FLOW:7", "ZA_GO:../../x", "#ZA_"])
def test_a_button_that_leads_nowhere_any_more_has_expired(desk, payload):
    (text,) = desk.hear(payload)

    assert text.startswith("Mục này đã hết hạn.")
    assert buttons(desk)[0] == [
        ("Cấp căn cước", "ZA_GO:police-qa/can-cuoc"), ("Lệ phí thẻ", "ZA_GO:police-qa/le-phi"), ("Gặp cán bộ", "ZA_PERSON"),
    ]  # fmt: skip


def test_an_oa_without_rules_is_as_it_was(desk):
    assert not desk.hear("làm căn cước ở đâu", oa="388613280878808647")
    assert not desk.hear("STOP", oa="388613280878808647")
    assert tally(desk.state) == {"filed": 1, "opted-out": 1}


def test_no_rule_in_hours_opens_a_talk_and_says_how_long_it_takes(desk):
    assert desk.hear("hàng xóm mở nhạc to") == ["Cán bộ trả lời trong giờ làm việc hôm nay."]

    ((case, entries),) = desk.cases()
    assert (case.kind, case.asker.person, case.state) == (CaseKind.TALK, PERSON, CaseState.OPEN)
    assert [(entry.who, entry.text) for entry in entries] == [(Who.CITIZEN, "hàng xóm mở nhạc to")]


def test_no_rule_out_of_hours_says_when_the_office_opens(desk):
    desk.now_ms = NIGHT_MS
    assert desk.hear("hàng xóm mở nhạc to") == ["Cơ quan mở lại lúc 07:30 hôm nay."]
    assert not desk.cases()


def test_it_is_said_once_in_half_an_hour(desk):
    desk.now_ms = NIGHT_MS
    assert len(desk.hear("hàng xóm mở nhạc to")) == 1
    assert not desk.hear("có ai không", at_ms=NIGHT_MS + FALLBACK_MS - 1)
    assert len(desk.hear("có ai không", at_ms=NIGHT_MS + FALLBACK_MS)) == 1
    assert tally(desk.state) == {"answered": 2, "filed": 1}


def test_who_has_a_talk_is_not_talked_over(desk):
    desk.hear("hàng xóm mở nhạc to")

    assert not desk.hear("làm căn cước ở đâu", at_ms=IN_HOURS_MS + MINUTE_MS)
    assert not desk.hear("dung", at_ms=IN_HOURS_MS + 2 * MINUTE_MS)
    assert desk.hear("STOP", "MO LAI", "KIEM TRA BAO-SO-3", at_ms=IN_HOURS_MS + 3 * MINUTE_MS)[-1] == "CÓ THẬT"
    ((_, entries),) = desk.cases()
    assert [entry.text for entry in entries] == ["hàng xóm mở nhạc to", "làm căn cước ở đâu", "dung"]


def test_a_talk_that_everybody_forgot_leaves_nobody_in_silence(desk):
    desk.hear("hàng xóm mở nhạc to")
    assert desk.hear("làm căn cước ở đâu", at_ms=IN_HOURS_MS + TALK_MS)


def by_hand(text, at_ms, person=PERSON):
    message = {"text": text, "msg_id": f"h{next(_numbers)}"}
    return body("oa_send_text", at_ms, sender={"id": HOAN_KIEM, "admin_id": "99"}, recipient={"id": person}, message=message)


def test_who_was_written_to_by_hand_is_not_talked_over_for_half_an_hour(desk):
    desk.take(by_hand("Chào anh", IN_HOURS_MS))

    assert not desk.hear("làm căn cước ở đâu", at_ms=IN_HOURS_MS + BY_HAND_MS - 1)
    assert desk.hear("làm căn cước ở đâu", person="777777")
    assert desk.hear("làm căn cước ở đâu", at_ms=IN_HOURS_MS + BY_HAND_MS)


def test_what_was_written_by_hand_answers_the_talk(desk):
    desk.hear("hàng xóm mở nhạc to")
    desk.take(by_hand("Chúng tôi sẽ đến", IN_HOURS_MS + MINUTE_MS))
    desk.replay()

    ((case, entries),) = desk.cases()
    assert (case.state, case.answered_ms) == (CaseState.ANSWERED, IN_HOURS_MS + MINUTE_MS)
    assert [(entry.who, entry.text) for entry in entries][1:] == [(Who.OFFICER, "Chúng tôi sẽ đến")]
    desk.hear("cảm ơn", at_ms=IN_HOURS_MS + 2 * MINUTE_MS)
    ((case, entries),) = desk.cases()
    assert (case.state, len(entries)) == (CaseState.OPEN, 3)


def test_an_opt_out_is_answered_with_the_way_back(desk):
    assert desk.hear("STOP")[0].startswith("Bạn sẽ không nhận tin nhắn")
    assert buttons(desk) == [[("Nhận lại tin", "ZA_START")]]
    assert desk.hear("MO LAI", at_ms=IN_HOURS_MS + 1)[0].startswith("Bạn nhận tin nhắn")
    assert tally(desk.state) == {"opted-out": 1, "opted-in": 1}


def test_of_an_opt_out_and_what_takes_it_back_the_later_answer_goes_out(desk):
    words = [("STOP", IN_HOURS_MS), ("MO LAI", IN_HOURS_MS + 1)]
    desk.take(*[body("user_send_text", at_ms, message={"text": text, "msg_id": text}, oa=HOAN_KIEM) for text, at_ms in words])
    assert desk.rows("SELECT rule, state FROM outbox") == [("reserved/stop", "withheld"), ("reserved/mo-lai", "pending")]


def test_what_may_be_a_name_is_asked_about(desk):
    assert desk.hear("huy")[0].endswith("?")
    assert [payload for _, payload in buttons(desk)[0]] == ["ZA_STOP", "ZA_START"]
    assert tally(desk.state) == {"answered": 1}


def test_an_alert_is_checked_and_what_only_looks_like_a_code_is_not(desk):
    assert desk.hear("kiểm tra bao so 3") == ["CÓ THẬT"]
    assert desk.hear("KIEM TRA LU-QUET-9") == [CHECK_NONE.format(code="LU-QUET-9")]
    assert desk.hear("kiểm tra cccd")[0].startswith("Cấp căn cước")
    assert desk.rows("SELECT rank, expires_ms - made_ms FROM outbox LIMIT 1") == [(Rank.STEP, 1_800_000)]


def test_help_says_what_may_be_asked(desk):
    (text,) = desk.hear("GIUP")
    assert "Cấp căn cước; Lệ phí thẻ." in text
    assert "KIEM TRA" in text


def test_who_asks_for_a_person_is_told_a_number_and_when(desk):
    (text,) = desk.hear("NGUOI")
    ((case, _),) = desk.cases()
    assert f"mã {case.no}" in text
    assert "trong giờ làm việc hôm nay" in text
    desk.now_ms = NIGHT_MS
    assert "mở lại lúc 07:30" in desk.hear("ZA_PERSON", person="777777")[0]


def test_a_request_about_data_gets_a_number_and_its_days(desk):
    (text,) = desk.hear("XOA DU LIEU")
    ((case, _),) = desk.cases()
    assert case.kind is CaseKind.DATA_REQUEST
    assert f"mã {case.no}" in text
    assert "chậm nhất ngày 2/12/2026" in text
    assert "chậm nhất ngày 15/12/2026" in text
    assert instant(case.due_ms / 1000).day == 2


def test_who_asks_about_data_again_is_told_the_same_number_and_days(desk):
    first = desk.hear("XOA DU LIEU")
    assert desk.hear("xóa dữ liệu", at_ms=IN_HOURS_MS + 86_400_000) == first
    assert len(desk.cases()) == 1


def test_an_event_that_withdraws_consent_is_a_request_without_an_answer(desk):
    assert not desk.take(body("user_withdraw", IN_HOURS_MS))
    ((case, entries),) = desk.cases()
    assert (case.kind, entries[0].what) == (CaseKind.DATA_REQUEST, "user_withdraw")
    assert tally(desk.state) == {"filed": 1}


def test_pictures_go_into_an_open_talk_and_open_none(desk):
    assert not desk.hear("", name="user_send_image")
    assert not desk.cases()
    desk.hear("hàng xóm mở nhạc to")
    assert not desk.hear("đây", name="user_send_image")
    ((_, entries),) = desk.cases()
    assert [(entry.what, entry.text) for entry in entries][1:] == [("image", "đây")]


def test_a_question_waits_for_its_answer_and_private_words_are_filed_nowhere(desk):
    assert desk.hear("tra số") == ["Số nào?"]
    assert desk.hear("làm căn cước ở đâu")[0].startswith("Cấp")  # no number: it waits on
    assert desk.hear("42", at_ms=IN_HOURS_MS + MINUTE_MS) == ["Số 42"]
    assert desk.hear("42", at_ms=IN_HOURS_MS + 2 * MINUTE_MS) == ["Cán bộ trả lời trong giờ làm việc hôm nay."]


def test_a_question_is_open_no_longer_than_it_says(desk):
    desk.hear("tra số")
    assert desk.hear("42", at_ms=IN_HOURS_MS + 6 * MINUTE_MS) == ["Cán bộ trả lời trong giờ làm việc hôm nay."]


def test_words_that_are_older_than_the_question_are_no_answer_to_it(desk):
    desk.hear("tra số")
    assert not desk.hear("7", at_ms=IN_HOURS_MS - 1)
    assert tally(desk.state) == {"answered": 1, "filed": 1}


def test_a_reserved_word_is_the_answer_to_a_question_but_an_opt_out_ends_it(desk):
    desk.hear("tra số")
    assert desk.hear("STOP")[0].startswith("Bạn sẽ không nhận")
    assert desk.hear("42")[0].startswith("Cán bộ")


def test_the_same_asked_again_replaces_the_answer_that_waits(desk):
    desk.hear("cccd", "làm căn cước")
    assert [state for (state,) in desk.rows("SELECT state FROM outbox ORDER BY id")] == ["withheld", "pending"]


def test_a_replay_answers_nobody_and_changes_nothing(desk):
    desk.hear("cccd", "hàng xóm mở nhạc to", "STOP")
    before = desk.rows("SELECT * FROM outbox"), desk.cases(), desk.rows("SELECT * FROM conversation")

    desk.replay()
    assert (desk.rows("SELECT * FROM outbox"), desk.cases(), desk.rows("SELECT * FROM conversation")) == before
    desk.replay(may_answer=True)
    assert desk.rows("SELECT * FROM outbox") == before[0]


def test_a_replay_that_may_answer_does_so_where_nobody_has(desk):
    desk.hear("cccd")
    with closing(open_store(desk.state)) as db:
        db.run("DELETE FROM outbox")
    desk.clock.move(3600)

    assert desk.replay(may_answer=True) == {"answered": 1}
    assert desk.rows("SELECT expires_ms - made_ms FROM outbox") == [(600_000,)]


def test_what_came_more_than_a_day_ago_has_nobody_waiting(desk):
    desk.hear("cccd")
    with closing(open_store(desk.state)) as db:
        db.run("DELETE FROM outbox")
    desk.clock.move(25 * 3600)

    assert desk.replay(may_answer=True) == {"filed": 1}
    assert not desk.answers()


def anonymous(text):
    message = {"text": text, "msg_id": f"a{next(_numbers)}", "conversation_id": "c1"}
    return body("anonymous_send_text", IN_HOURS_MS, "a77", HOAN_KIEM, message=message)


def test_a_visitor_whom_nobody_knows_is_answered_and_has_no_case(desk):
    assert desk.take(anonymous("cccd"))[0].startswith("Cấp căn cước")
    assert desk.rows("SELECT user_id, conversation FROM outbox") == [("a77", "c1")]
    assert "Quan tâm" in desk.take(anonymous("hàng xóm mở nhạc to"))[-1]
    desk.take(anonymous("NGUOI"), anonymous("XOA DU LIEU"))
    assert not desk.cases()


def test_who_can_not_be_answered_in_a_rush_is_counted_as_that(desk):
    desk.most = 1
    assert len(desk.hear("NGUOI", person="777777")) == 1  # more urgent than a rule
    desk.hear("cccd")
    assert tally(desk.state) == {"answered": 1, "shed": 1}


def test_an_opt_out_that_was_taken_back_before_it_came_is_not_confirmed(desk):
    assert desk.hear("MO LAI", at_ms=IN_HOURS_MS + 2000) != []
    assert desk.hear("STOP", at_ms=IN_HOURS_MS + 1000) == []
    assert desk.rows("SELECT is_stop FROM stop") == [(0,)]
    assert tally(desk.state) == {"opted-in": 1, "opted-out": 1}


def test_a_look_up_is_answered_while_no_officer_has_come_to_a_talk(desk):
    desk.hear("chuyện không quy tắc nào biết")
    assert desk.hear("tra số", at_ms=IN_HOURS_MS + 1) == ["Số nào?"]
    assert desk.hear("77", at_ms=IN_HOURS_MS + 2) == ["Số 77"]
    assert desk.hear("còn chuyện kia thì sao", at_ms=IN_HOURS_MS + 3) == []

    ((_case, entries),) = desk.cases()
    assert [entry.text for entry in entries] == ["chuyện không quy tắc nào biết", "còn chuyện kia thì sao"]


def test_what_is_said_to_an_officer_who_has_come_is_no_look_up(desk):
    desk.hear("chuyện không quy tắc nào biết")
    ((case, _entries),) = desk.cases()
    with closing(open_store(desk.state)) as db, db.transaction():
        Cases(db).take(case, "Lan", IN_HOURS_MS + 1)
    assert desk.hear("tra số", at_ms=IN_HOURS_MS + 2) == []
