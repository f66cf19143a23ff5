"""What people see before sending, and what is then really sent, to a server that keeps what it is told."""

import json
import shutil
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from zalo_alert.book import Book
from zalo_alert.clock import SystemClock
from zalo_alert.workspace import create

OA = "388613280878808645"
PEOPLE, NAMELESS = 60, 12
PHONE = '{type: phone, template_id: "311204", data: {ma_tin: "{{ code }}"}}'
WARD = "Phường Đông Hà, Quảng Trị"


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """Make a workspace whose first people have no name and are only known to live in Quảng Trị; the last ones live in Đông Hà."""
    folder = tmp_path_factory.mktemp("office")
    create(folder, SystemClock().now(), app_per_minute=6_000_000)
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


class Zalo(BaseHTTPRequestHandler):
    """Accepts every message and keeps it; of template 311299 the parameter `ten` must not be empty."""

    protocol_version = "HTTP/1.1"

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
    server = ThreadingHTTPServer(("127.0.0.1", 0), Zalo)
    server.daemon_threads, server.messages = True, []
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
    assert {fact["label"] for fact in shown.facts if fact["type"] == "preview"} == {WARD}
    text = shown.fact("preview")["text"]
    planned = office.run("plan", path, "--json")
    assert {fact["label"] for fact in planned.facts if fact["type"] == "place"} == {WARD}
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
    for words in (["plan"], ["preview"], ["validate", "--online"]):
        assert f"{NAMELESS} of {PEOPLE} people have no name: by route 1 (template 311299)" in office.run(*words, path).said
    sent = office.run("send", path, "--yes")
    assert sent.code == 3, sent.said
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
    assert office.run("validate", "--online", answered).code == 0
    sent = office.run("send", answered, "--yes")
    assert sent.code == 0
    assert "have no name" not in sent.said
    assert sum(message["template_data"]["ten"] == "Anh/Chị" for message in zalo) == NAMELESS


def test_a_template_in_which_everybody_lacks_a_value_is_refused_before_anything_is_frozen(office, zalo):
    (office.folder / "ids.txt").write_text("1002893352839501541\n1002893352839501542\n", encoding="utf-8")
    refused = office.run("send", office.campaign(routes=template("{{ name }}")), "--yes", "--recipients", "ids.txt")
    assert refused.code == 10
    assert zalo == []


def test_the_preview_shows_each_route_with_its_share_and_zalo_s_own_picture_of_it(office, sandbox_with):
    office.at(sandbox_with(templates="strict"))
    own = '{type: template, template_id: "311203", data: {ma_tin: "{{ code }}"}}'
    routes = f"[{own}, {PHONE}, {{type: cs}}]"
    path = office.campaign(routes=routes, areas="[all]")
    shown = office.run("preview", path, "--online")
    assert shown.code == 0, shown.err
    said = shown.said
    assert f"template 311203 «Cảnh báo thiên tai»: {PEOPLE} people, 100 %" in said
    assert "as Zalo shows it: https://account.zalo.cloud/znspreview/311203" in said
    assert "phone 311204 «Cảnh báo thiên tai qua số điện thoại»: 0 people as of now" in said
    assert "cs: 0 people as of now" in said
    assert "ma_tin: DT-1" in said
    assert said.index("template 311203") < said.index("phone 311204") < said.index("cs: 0")


def test_the_preview_needs_no_book_and_shows_every_place_when_asked(empty_desk):
    path = empty_desk.campaign(areas="[new:44, new:52]")
    shown = empty_desk.run("preview", path, "--json")
    assert shown.code == 0, shown.err
    assert {fact["note"] for fact in shown.facts if fact["type"] == "preview"} == {"the longest", "the shortest"}
    assert "is no workspace" in shown.fact("uncounted")["why"]
    every = empty_desk.run("preview", path, "--all-places", "--json")
    labels = {fact["label"] for fact in every.facts if fact["type"] == "preview"}
    assert labels == {"Quảng Trị", "Quảng Bình (Quảng Trị)", "Gia Lai", "Bình Định (Gia Lai)"} & labels
    assert len(labels) >= 2
    one = empty_desk.run("preview", path, "--place", "new:46", "--json")
    assert [fact["label"] for fact in one.facts if fact["type"] == "preview"] == ["Huế"]


def test_validate_says_what_was_taken_for_what_and_that_a_campaign_is_over(empty_desk):
    path = empty_desk.campaign(areas="[Đông Hà, Hà Nôi, new:44]")
    said = empty_desk.run("validate", path).said
    assert f"Đông Hà = ward:19333 {WARD}" in said
    assert "the former thành phố Đông Hà was larger (9 wards): write ward:19333 + ward:19351 to mean all of it" in said
    assert "Hà Nôi = new:01 Hà Nội" in said
    assert "new:44 = Quảng Trị" in said
    past = empty_desk.campaign(effective="2026-01-01T00:00:00+07:00", expires="2026-01-01T01:00:00+07:00")
    over = empty_desk.run("validate", past)
    assert over.code == 0
    assert "it is over: it expired at 01:00 1/1/2026" in over.said


def test_a_campaign_that_begins_later_is_told_in_plan_and_validate(office):
    later = SystemClock().now().replace(year=2099, month=1, day=1, hour=7, minute=0)
    dates = {"effective": later.isoformat(timespec="seconds"), "expires": later.replace(hour=9).isoformat(timespec="seconds")}
    path = office.campaign(**dates)
    warnings = office.run("plan", path, "--json").fact("plan")["warnings"]
    assert any("takes effect at 07:00 1/1/2099" in warning and "`send` refuses" in warning for warning in warnings)
    assert "it takes effect at 07:00 1/1/2099" in office.run("validate", path).said


def test_what_messages_carry_lies_in_the_workspace_or_is_named(office, tmp_path_factory):
    picture = tmp_path_factory.mktemp("away") / "a.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (office.folder / "a.png").symlink_to(picture)
    path = office.campaign(routes="[{type: cs, image: a.png}]")
    for command in ("validate", "plan", "send"):
        words = [command, path, *(["--dry-run"] if command == "send" else [])]
        refused = office.run(*words)
        assert refused.code == 10
        assert f"--allow-outside {picture}" in refused.said
        assert office.run(*words, "--allow-outside", str(picture)).code == 0


def test_a_plan_says_that_zalo_did_not_answer_before_it_tells_what_was_heard_last(office, sandbox):
    office.at(sandbox)
    path = office.campaign()
    assert "left" in office.run("plan", path).said
    office.environ |= dict.fromkeys(("ZALO_ALERT_OPENAPI_URL", "ZALO_ALERT_BUSINESS_URL"), "http://127.0.0.1:9")
    said = office.run("plan", path).said
    assert said.index("could not be asked: Zalo can't be reached") < said.index("(heard at")


def test_a_campaign_that_is_no_plain_file_is_a_sentence(empty_desk):
    import os

    os.mkfifo(empty_desk.folder / "c.yaml")
    result = empty_desk.run("validate", "c.yaml")
    assert result.code == 2
    assert "is a pipe, not a plain file" in result.said
