"""What an officer sees of people's words: the inbox from the shell, over what a worker left on the disk."""

import itertools
import json
from contextlib import closing
from datetime import timedelta

import orjson
import pytest

from tests.inbound_work import arrival, body
from tests.webhook_events import OA, PERSON
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.inbound.inbound_store import folder_of, open_store
from zalo_alert.inbound.journal import Journal
from zalo_alert.operations.inbound_worker import open_worker
from zalo_alert.operations.workspace import Workspace

RULES = """\
kind: answers
accounts: {ids: [pctt]}
rules:
  - {id: can-cuoc, phrases: [cấp căn cước], text: "Mang theo giấy tờ cũ."}
fallback: {in_hours: {open: talk, text: "Cán bộ trả lời trong {{ wait }}."}}
"""
_numbers = itertools.count()


class Office:
    """A workspace that answers, and whose worker runs when it is told to."""

    def __init__(self, desk):
        self.desk, self.run = desk, desk.run
        (desk.folder / "inbound").mkdir()
        (desk.folder / "inbound" / "hoi-dap.yaml").write_text(RULES, encoding="utf-8")
        self.state = desk.folder / ".zalo-alert"

    def hear(self, *words, ago=timedelta(0), person=PERSON):
        """Have somebody say something; return what they are answered."""
        at_ms = int((SystemClock().now() - ago).timestamp() * 1000)
        messages = [{"text": text, "msg_id": f"i{next(_numbers)}"} for text in words]
        with closing(Journal(folder_of(self.state))) as journal:
            journal.append([arrival(body("user_send_text", at_ms, person, OA, message=message), at_ms) for message in messages])
        known = len(self.answers())
        with closing(open_worker(Workspace(self.desk.folder).settings, SystemClock())) as worker:
            while worker.step():
                pass
        return self.answers()[known:]

    def answers(self):
        with closing(open_store(self.state)) as db:
            return [text for (text,) in db.rows("SELECT text FROM outbox ORDER BY id")]

    def case(self, *words, **more):
        """Have somebody open a talk; return its number."""
        self.hear(*(words or ("hàng xóm mở nhạc to",)), **more)
        return self.cases()[-1]["case"]

    def cases(self, *words):
        return [fact for fact in self.run("inbox", "list", "--json", *words).facts if fact["type"] == "case"]


@pytest.fixture
def office(desk):
    return Office(desk)


def test_an_officer_lists_reads_answers_and_closes_a_talk(office):
    no = office.case()
    listed = office.run("inbox", "list")
    assert no in listed.out
    assert "nhạc" not in listed.out

    shown = office.run("inbox", "show", no.lower().replace("-", " "))
    assert "│ hàng xóm mở nhạc to" in shown.out
    assert PERSON not in shown.out

    answered = office.run("inbox", "answer", no, "--text", "Chúng tôi sẽ đến.", "--as", "lan", "--json")
    fact = answered.fact("case-answered")
    assert (answered.code, fact["officer"], fact["state"], fact["sending"]) == (0, "lan", "answered", False)
    assert office.answers()[-1] == "Chúng tôi sẽ đến."
    assert [entry["state"] for entry in office.run("inbox", "show", no, "--json").facts if entry["type"] == "case-entry"] == [
        None, "pending",
    ]  # fmt: skip
    assert not office.hear("cấp căn cước")
    assert office.run("inbox", "close", no, "--as", "lan").code == 0
    assert office.hear("cấp căn cước") == ["Mang theo giấy tờ cũ."]
    assert "no case waits" in office.run("inbox", "list").out
    told = office.run("audit", "show").out
    assert "answered a person" in told
    assert "nhạc" not in told


def test_the_second_of_two_officers_is_told_who_holds_it(office):
    no = office.case()
    version = office.cases()[0]["version"]
    assert office.run("inbox", "take", no, "--as", "lan").code == 0
    for words in (("answer", no, "--text", "x"), ("take", no), ("close", no)):
        refused = office.run("inbox", *words, "--as", "minh", "--json")
        error = json.loads(refused.err.splitlines()[-1])
        assert (refused.code, error["cause"]) == (10, "case-refused")
        assert "lan holds" in error["message"]
    assert office.run("inbox", "answer", no, "--text", "x", "--as", "lan", "--version", str(version)).code == 10
    assert office.run("inbox", "take", no, "--as", "minh", "--instead-of", "lan").code == 0
    assert office.cases()[0]["officer"] == "minh"


def test_an_answer_that_costs_money_is_asked_for(office):
    no = office.case(ago=timedelta(days=2, minutes=1))
    refused = office.run("inbox", "answer", no, "--text", "Xin lỗi vì trả lời muộn.", "--as", "lan")
    assert refused.code == 10
    assert "--charged" in refused.err
    assert office.run("inbox", "answer", no, "--text", "Xin lỗi vì trả lời muộn.", "--as", "lan", "--charged").code == 0


def test_after_a_week_no_answer_reaches_anybody(office):
    no = office.case(ago=timedelta(days=7, minutes=1))
    assert "seven days" in office.run("inbox", "answer", no, "--text", "x", "--as", "lan", "--charged").err


def test_an_answer_comes_from_a_file_without_what_nobody_sees(office):
    no = office.case()
    path = office.desk.folder / "tra-loi.txt"
    path.write_text("\ufeffChào anh chị,\r\nmời\u00a0đến\u200b cơ quan.\n", encoding="utf-8")
    assert office.run("inbox", "answer", no, "--file", str(path), "--as", "lan").code == 0
    assert office.answers()[-1] == "Chào anh chị,\nmời đến cơ quan."


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--text", "x", "--file", "y"), "either"),
        ((), "either"),
        (("--file", "none.txt"), "can't read none.txt"),
        (("--text", "\u200b"), "is empty"),
        (("--text", "a" * 2001), "2001 characters"),
    ],
)
def test_an_answer_that_is_none_is_refused(office, words, said):
    no = office.case()
    refused = office.run("inbox", "answer", no, *words, "--as", "lan")
    assert refused.code in (2, 10)
    assert said in refused.err
    assert len(office.answers()) == 1


@pytest.mark.parametrize("no", ["TD-261127-0001A", "x", "TD-261127-0001\x1b[2J", "9" * 5000])
def test_a_number_of_no_case_is_refused(office, no):
    office.case()
    assert office.run("inbox", "show", no).code == 2


def test_a_workspace_to_which_nobody_has_written(desk):
    assert "no case waits" in desk.run("inbox", "list").out
    assert desk.run("inbox", "show", "TD-261127-0001K").code == 2
    assert "did you mean" in desk.run("inbox", "list", "--kind", "tolk").err


def test_what_a_citizen_writes_moves_no_cursor(office):
    no = office.case("\x1b[2J[red]xin\u202e chào[/red]\n=cmd", "thêm \x07 nữa")
    out = office.run("inbox", "show", no).out
    assert "│ \\x1b[2J[red]xin\\u202e chào[/red]" in out
    assert "\x1b[2J" not in out
    assert "\x07" not in out


def test_a_request_about_data_says_its_days_and_is_overdue_after_them(office):
    office.hear("XOA DU LIEU", ago=timedelta(days=20))
    office.hear("hàng xóm mở nhạc to")
    (case,) = office.cases("--kind", "data-request")
    assert (case["overdue"], case["kind"]) == (True, "data-request")
    assert [case["kind"] for case in office.cases("--overdue")] == ["data-request"]
    assert "1 is overdue" in office.run("inbox", "list").err


def test_a_replay_answers_only_where_it_is_told_to(office):
    office.hear("cấp căn cước")
    with closing(open_store(office.state)) as db:
        db.run("DELETE FROM outbox")
    replay = ("webhook", "replay", "--from", "5m")
    assert office.run(*replay).code == 0
    assert office.answers() == []
    counts = office.run(*replay, "--answer", "--json").fact("webhook-replay")["counts"]
    assert (counts, office.answers()) == ({"answered": 1}, ["Mang theo giấy tờ cũ."])
    office.run(*replay, "--answer")
    assert len(office.answers()) == 1


def test_a_button_is_tapped(office):
    office.hear("huy")
    with closing(open_store(office.state)) as db:
        ((raw,),) = db.rows("SELECT buttons FROM outbox")
    payload = orjson.loads(raw)[0]["payload"]
    assert office.hear(payload)[0].startswith("Bạn sẽ không nhận tin nhắn")


def test_a_person_who_asks_is_forgotten_in_cases_and_answers_too(office):
    no = office.case("hàng xóm Tèo mở nhạc to")
    office.run("inbox", "answer", no, "--text", "Chào anh Tèo.", "--as", "lan")
    assert office.run("people", "show", "pctt", PERSON, "--json").fact("person")["cases"] == [no]
    target = office.desk.folder / "ho-so.json"
    assert office.run("people", "export", "pctt", PERSON, str(target)).code == 0
    whole = json.loads(target.read_text(encoding="utf-8"))
    assert [entry["text"] for entry in whole["cases"][0]["said"]] == ["hàng xóm Tèo mở nhạc to", "Chào anh Tèo."]
    assert [answer["rule"] for answer in whole["answers"]] == ["hoi-dap/fallback", "case"]

    forgotten = office.run("people", "forget", "pctt", PERSON, "--json").fact("forget")
    assert (forgotten["cases"], forgotten["answers"], forgotten["left"]) == (1, 2, 0)
    kept = b"".join(path.read_bytes() for path in office.state.rglob("*") if path.is_file())
    assert "Tèo".encode() not in kept
    assert PERSON.encode() not in kept
    assert office.run("inbox", "answer", no, "--text", "x", "--as", "lan").code == 10
