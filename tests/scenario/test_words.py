"""What people see before sending, and what is then really sent, to a server that keeps what it is told."""

import json
import shutil
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from zalo_alert.book import Book
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.operations.scaffold import create

OA = "388613280878808645"
PEOPLE, NAMELESS = 60, 12
WARD = "Phường Đông Hà, Quảng Trị"


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """Make a workspace whose first people have no name and are only known to live in Quảng Trị; the last ones live in Đông Hà."""
    folder = tmp_path_factory.mktemp("office")
    create(folder, SystemClock().now(), app_per_minute=6_000_000)
    config = folder / "zalo-alert.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("templates: [", 'templates: ["311299", '), encoding="utf-8")
    rows = ["user_id,name,city,address,last_interaction_at"]
    for number in range(PEOPLE):
        name = ("", " ", "\u3164")[number % 3] if number < NAMELESS else f"An {number}"
        address = "Phường Đông Hà" if number >= PEOPLE - 2 else ""
        rows.append(f"{1002893352839501541 + number},{name},Quảng Trị,{address},{SystemClock().now().isoformat()}")
    (folder / "f.csv").write_text("\n".join(rows), encoding="utf-8")
    book = Book(folder / ".zalo-alert" / "book" / OA)
    book.import_rows(folder / "f.csv", "f.csv", rejects=folder / "r.csv", clock=SystemClock())
    book.place_anew(SystemClock(), wards=True)
    return folder


@pytest.fixture
def office(imported, empty_desk):
    shutil.copytree(imported, empty_desk.folder, dirs_exist_ok=True)
    return empty_desk


class Server(ThreadingHTTPServer):
    """Keeps the messages that it was sent."""

    daemon_threads = True

    def __init__(self, *given):
        super().__init__(*given)
        self.messages: list[Any] = []


class Zalo(BaseHTTPRequestHandler):
    """Accepts every message and keeps it; of template 311299 the parameter `ten` must not be empty."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if "/message/" not in self.path:
            return self._answer({"error": -1, "message": "not here"})
        if asked.get("template_data", {}).get("ten") == "":
            return self._answer({"error": -1122, "message": "Template data is missing a parameter"})
        self.server.messages.append(asked)
        person = asked.get("user_id") or asked["recipient"]["user_id"]
        return self._answer({"error": 0, "data": {"message_id": str(len(self.server.messages)), "user_id": person}})

    def do_GET(self):
        if not self.path.startswith("/template/info"):
            return self._answer({"error": 0, "data": []})
        parameter = {"name": "ten", "require": True, "type": "STRING", "minLength": 1, "maxLength": 100}
        template = {"templateId": 311299, "templateName": "Mời diễn tập", "status": "ENABLE", "listParams": [parameter]}
        return self._answer({"error": 0, "data": template})

    def _answer(self, said):
        answer = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *said):
        pass


@pytest.fixture
def zalo(office):
    """Stand in for Zalo at a desk's three hosts; return what it was sent."""
    server = Server(("127.0.0.1", 0), Zalo)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    office.environ |= {f"ZALO_ALERT_{host}_URL": url for host in ("OPENAPI", "BUSINESS", "OAUTH")}
    office.environ["ZALO_ALERT_PCTT_ACCESS_TOKEN"] = "token"
    yield server.messages
    server.shutdown()
    server.server_close()


def template(value, more=""):
    return f"[{{type: template, template_id: \"311299\", data: {{ten: '{value}'}}}}{more}]"


def test_a_ward_has_one_name_in_preview_plan_and_every_message_sent(office, zalo):
    path = office.campaign(areas="[Đông Hà], uncertain: include")
    shown = office.run("preview", path, "--json")
    assert {fact["name"] for fact in shown.facts if fact["type"] == "preview"} == {WARD}
    text = shown.fact("preview")["text"]
    planned = office.run("plan", path, "--json")
    assert {fact["name"] for fact in planned.facts if fact["type"] == "plan-place"} == {WARD}
    assert planned.fact("plan")["uncertain"] == PEOPLE - 2
    perhaps = f"{PEOPLE - 2} of {PEOPLE} people are only known to live somewhere in Quảng Trị"
    assert any(perhaps in warning and WARD in warning for warning in planned.fact("plan")["warnings"])
    assert office.run("send", path, "--yes").code == 0
    assert len(zalo) == PEOPLE
    assert {message["message"]["text"] for message in zalo} == {text}
    assert WARD in text


def test_people_without_a_name_are_told_of_everywhere_and_hold_nobody_up(office, zalo):
    path = office.campaign(routes=template("{{ name }}"))
    asked = office.run("validate", "--online", path)
    assert asked.code == 10
    assert f"c.yaml:11:62 routes[0].data.ten is empty for {NAMELESS} people without a name" in asked.said
    told = f"{NAMELESS} of {PEOPLE} people have no name: by route 1 (template 311299)"
    assert told in asked.said
    sent = office.run("send", path, "--yes")
    assert sent.code == 3, sent.said
    assert told in sent.said
    assert f"is empty for {NAMELESS} people" in sent.said
    assert sorted(office.states().values()) == ["accepted"] * (PEOPLE - NAMELESS) + ["rejected"] * NAMELESS
    assert len({message["user_id"] for message in zalo}) == len(zalo) == PEOPLE - NAMELESS
    assert office.run("resume").code == 3  # nobody is left to be asked again
    assert len(zalo) == PEOPLE - NAMELESS


def test_people_without_a_name_go_by_the_next_route_or_read_what_the_campaign_has_for_them(office, zalo):
    assert office.run("send", office.campaign(routes=template("{{ name }}", ", {type: cs}")), "--yes").code == 0
    assert sum("recipient" in message for message in zalo) == NAMELESS
    zalo.clear()
    answered = office.campaign(code="DT-2", routes=template('{{ name|default("Anh/Chị") }}'))
    sent = office.run("send", answered, "--yes")
    assert sent.code == 0
    assert "have no name" not in sent.said
    assert sum(message["template_data"]["ten"] == "Anh/Chị" for message in zalo) == NAMELESS


def test_a_template_in_which_everybody_lacks_a_value_is_refused_before_anything_is_frozen(office, zalo):
    (office.folder / "ids.txt").write_text("1002893352839501541\n1002893352839501542\n", encoding="utf-8")
    refused = office.run("send", office.campaign(routes=template("{{ name }}")), "--yes", "--recipients", "ids.txt")
    assert refused.code == 10
    assert zalo == []


def test_what_messages_carry_lies_in_the_workspace_or_is_named(office, tmp_path_factory):
    picture = tmp_path_factory.mktemp("away") / "a.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (office.folder / "a.png").symlink_to(picture)
    path = office.campaign(routes="[{type: cs, image: a.png}]")
    refused = office.run("send", path, "--dry-run")
    assert refused.code == 10
    assert f"--allow-outside {picture}" in refused.said
    for words in (["validate"], ["plan"], ["send", "--dry-run"]):
        assert office.run(*words, path, "--allow-outside", str(picture)).code == 0


def test_a_plan_says_that_zalo_did_not_answer_before_it_tells_what_was_heard_last(office, sandbox):
    office.at(sandbox)
    path = office.campaign()
    assert "left" in office.run("plan", path).said
    office.environ |= dict.fromkeys(("ZALO_ALERT_OPENAPI_URL", "ZALO_ALERT_BUSINESS_URL"), "http://127.0.0.1:9")
    said = office.run("plan", path).said
    assert said.index("could not be asked: Zalo can't be reached") < said.index("not counting what was sent since")
