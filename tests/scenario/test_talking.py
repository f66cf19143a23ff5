"""People and officers talk by way of an OA: Zalo, the webhook, its worker and the inbox, each as a process of its own."""

import json
import signal
from urllib.parse import urlsplit

import pytest

from tests.conftest import until

pytestmark = pytest.mark.long

RULES = """\
kind: answers
accounts: {ids: [pctt]}
rules:
  - id: can-cuoc
    phrases: [cấp căn cước]
    text: Mang theo giấy tờ cũ.
    buttons: [{title: Lệ phí, go: le-phi}]
  - {id: le-phi, phrases: [lệ phí căn cước], text: Miễn phí lần đầu.}
fallback: {in_hours: {open: talk, text: "Cán bộ trả lời trong {{ wait }}."}}
"""
AN, BINH = "1002893352839501541", "1002893352839501542"


class Talk:
    """A webhook that runs, and people who write to its OA."""

    def __init__(self, desk, sandbox):
        self.desk, self.sandbox = desk, sandbox
        self.child = desk.start("webhook", "--json", "--listen", "127.0.0.1:0")
        port = urlsplit(json.loads(self.child.stdout.readline())["url"]).port
        sandbox.change(webhook_url=f"http://127.0.0.1:{port}/zalo")

    def say(self, person, text):
        self.sandbox.happen("user_send_text", account="pctt", user_id=person, text=text)

    def heard(self, person):
        """Return what somebody was sent."""
        mine = [each for each in self.sandbox.answers() if each["user_id"] == person]
        asked = [answer["text"] for each in mine for question in each["questions"] for answer in question["answers"]]
        return [*asked, *(other["text"] for each in mine for other in each["others"])]

    def asks(self, person, text, answer):
        """Have somebody say something, and wait until they are answered so."""
        self.say(person, text)
        until(lambda: any(answer in said for said in self.heard(person)))

    def classes(self):
        return self.desk.run("webhook", "status", "--json").fact("webhook-status")["classes"]


@pytest.fixture
def talk(desk, sandbox_with):
    (desk.folder / "inbound").mkdir()
    (desk.folder / "inbound" / "hoi-dap.yaml").write_text(RULES, encoding="utf-8")
    sandbox = sandbox_with(app_per_minute=0, receipts=0)
    talk = Talk(desk.at(sandbox), sandbox)
    yield talk
    talk.child.send_signal(signal.SIGTERM)
    desk.ended(talk.child)


def test_a_rule_answers_a_button_leads_on_and_an_officer_takes_over(talk):
    talk.asks(AN, "xin hỏi cấp căn cước", "Mang theo giấy tờ cũ.")
    talk.asks(AN, "ZA_GO:hoi-dap/le-phi", "Miễn phí lần đầu.")
    talk.asks(AN, "KIEM TRA LU-QUET-9", "Không có bản tin nào")
    talk.asks(BINH, "hàng xóm mở nhạc to", "Cán bộ trả lời trong")

    (case,) = [fact for fact in talk.desk.run("inbox", "list", "--json").facts if fact["type"] == "case"]
    answered = talk.desk.run("inbox", "answer", case["case"], "--text", "Tổ công tác sẽ đến.", "--as", "lan", "--json")
    assert answered.fact("case-answered")["sending"] is True
    until(lambda: "Tổ công tác sẽ đến." in talk.heard(BINH))

    talk.say(BINH, "cấp căn cước")
    until(lambda: talk.classes().get("filed") == 1)
    assert talk.desk.run("inbox", "close", case["case"], "--as", "lan").code == 0
    talk.asks(BINH, "cho hỏi cấp căn cước", "Mang theo giấy tờ cũ.")
    assert talk.classes() == {"answered": 5, "filed": 1}
    assert len(talk.heard(BINH)) == 3
