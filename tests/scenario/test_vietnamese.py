"""An officer who knows no English gets through a night: every screen is searched for English."""

import re
import signal

import pytest

pytestmark = [pytest.mark.english, pytest.mark.long]

# Words that every English sentence has one of, and that no command, key, state word or name here is.
ENGLISH = re.compile(
    r"\b(?:the|of|is|are|was|were|not|and|with|for|from|this|that|it|by|be|has|have|people|person|nobody|written|wait|name|names"
    r"|nothing|none|made|done|left|what|who|why|where|error|before|after|now|first|reached|more|lines?|day|all their|its)\b"
)
VIETNAMESE = re.compile("[ạảấầẩậắằẵặẹếềểệịọỏốồổỗộớờởợụủứừửữựỳỷđơư]")
NOT_TALK = re.compile(r"`[^`]*`|\"[^\"]*\"|«[^»]*»|\S*[/_=.]\S*|--[a-z-]+|zalo-alert [a-z-]+")

MISTAKES = {
    "status": "Excercise",
    "event": "bão",
    "expires": "2026-13-01T00:00:00+07:00",
    "areas": '["Thanh Hoas"]',
    "headline": '""',
}


@pytest.fixture
def officer(desk, sandbox):
    """A desk whose officer reads Vietnamese."""
    desk.at(sandbox).environ["ZALO_ALERT_LANG"] = "vi"
    return desk


def english(result):
    """Return the lines of a result in which an English word stands."""
    return [line for line in (result.out + result.err).splitlines() if ENGLISH.search(NOT_TALK.sub("", line))]


def read(result):
    """Return a result whose screens hold no English."""
    assert english(result) == []
    return result


def test_the_check_finds_english():
    class Said:
        out, err = "error: the run is finished\n", "xong: 5 người\n`zalo-alert resume DT-1` tiếp tục\n"

    assert english(Said) == ["error: the run is finished"]


def test_a_workspace_is_made_in_vietnamese(empty_desk):
    del empty_desk.environ["ZALO_ALERT_LANG"]
    result = read(empty_desk.run("init", "thuc-hanh", "--lang", "vi"))
    assert result.code == 0
    assert "language: vi" in (empty_desk.folder / "thuc-hanh" / "zalo-alert.yaml").read_text(encoding="utf-8")

    told = empty_desk.run("status", "--workspace", "thuc-hanh")  # no option, no variable: the workspace says which

    assert read(told).code == 2
    assert "chưa có" in told.said


def test_five_mistakes_in_a_campaign_are_told(officer):
    result = read(officer.run("validate", officer.campaign(**MISTAKES)))

    assert result.code == 10
    assert "audience.areas[0]" in result.said
    assert "Thanh Hóa" in result.said


def test_a_run_is_planned_sent_stopped_continued_and_reported(officer, sandbox, wait_until):
    officer.configure("app_per_minute: 6000000", "app_per_minute: 12000")
    path = officer.campaign()
    assert "người" in read(officer.run("plan", path)).said
    assert read(officer.run("preview", path)).code == 0
    assert read(officer.run("send", path, stdin="7\n")).code == 2  # not the number that was asked for
    child = officer.start("send", path, "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > 100)
    read(officer.run("status"))
    assert read(officer.run("stop")).code == 0
    assert read(officer.ended(child)).code == 130
    assert "zalo-alert resume" in read(officer.run("status")).said
    officer.configure("app_per_minute: 12000", "app_per_minute: 6000000")
    assert read(officer.run("resume")).code == 0
    assert "Zalo" in read(officer.run("report")).said
    read(officer.run("runs"))
    read(officer.run("resume"))


def test_a_kill_is_explained(officer, sandbox, wait_until):
    officer.configure("app_per_minute: 6000000", "app_per_minute: 12000")
    child = officer.start("send", officer.campaign(), "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > 100)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    officer.configure("app_per_minute: 12000", "app_per_minute: 6000000")

    read(officer.run("status"))
    read(officer.run("resume"))

    assert "--retry-unknown" in read(officer.run("report")).said


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"refuse_code": -321}, 13),  # no money
        ({"refuse_code": -216}, 13),  # the token
        ({"refuse_code": -240}, 13),
        ({"http_500": 1.0}, 13),
        ({"dead": 0.9}, 3),
    ],
    ids=["money", "token", "discontinued", "server", "refusals"],
)
def test_a_halt_says_what_to_do(officer, sandbox, options, code):
    sandbox.change(**options)
    result = read(officer.run("send", officer.campaign(), "--yes"))

    assert result.code == code, result.err
    assert "→" in result.err
    assert read(officer.run("status")).code == 0
    read(officer.run("report"))


@pytest.mark.parametrize(
    "words",
    [
        ("doctor",), ("accounts", "list"), ("accounts", "check"), ("followers", "stats"), ("followers", "generations"),
        ("places", "list"), ("places", "search", "Quảng Trị"), ("places", "show", "new:44"), ("runs",), ("status", "NOPE"),
        ("plan", "nothing.yaml"), ("followers", "import", "nothing.csv"), ("send", "nothing.yaml"), ("send",), ("sendd",),
        ("plan", "--nope"), ("init", "--app-per-minute", "x"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_else_is_shown_is_vietnamese(officer, words):
    result = officer.run(*words)

    assert english(result) == []
    assert VIETNAMESE.search(result.out + result.err), "something was said, and in Vietnamese"


def test_machines_are_told_in_english_whatever_the_language(officer):
    path = officer.campaign(**MISTAKES)
    vietnamese = officer.run("validate", path, "--json").facts
    officer.environ["ZALO_ALERT_LANG"] = "en"
    english = officer.run("validate", path, "--json").facts

    assert [fact | {"at": ""} for fact in vietnamese] == [fact | {"at": ""} for fact in english]
    assert all(fact["message_key"] for fact in vietnamese if fact["type"] == "problem")
