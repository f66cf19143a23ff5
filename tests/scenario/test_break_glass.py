"""Break-glass: one person lets a grave alert out alone, when nobody has answered; and only then."""

import json
import sys

import pytest
from office import ANY_HOUR

from zalo_alert.approval.officers import Role
from zalo_alert.approval.request import read_request
from zalo_alert.operations.break_glass import open_break_glass
from zalo_alert.operations.workspace import Workspace
from zalo_alert.testing import FakeClock

pytestmark = pytest.mark.long

REASON = "the dam is open and nobody answers the telephone"
CORRECTION = """
correction:
  text: "DIỄN TẬP. ĐÍNH CHÍNH: tin {{ code }} sai. HẾT TIN DIỄN TẬP."
"""
TELL = [sys.executable, "-c", "import sys; open('told.jsonl', 'ab').write(sys.stdin.buffer.read() + b'\\n')"]


@pytest.fixture
def grave(live_desk, officers):
    """A live desk where break-glass opens at once, with a submitted alert for Huế; returns its people."""

    def submit(rule="{break_glass_after_min: 0.0001}", tell=TELL, urgency="Immediate", correction=CORRECTION):
        with (live_desk.folder / "zalo-alert.yaml").open("a", encoding="utf-8") as file:
            file.write(f"approval: {rule}\n" if rule else "")
            file.write(f"notify: {{command: {json.dumps(tell)}}}\n" if tell else "")
        path = live_desk.folder / live_desk.campaign(areas="[new:46]")
        text = path.read_text(encoding="utf-8").replace("urgency: Expected", f"urgency: {urgency}")
        path.write_text(text + correction, encoding="utf-8")
        people = live_desk.run("plan", path.name, "--json").fact("plan")["people"]
        result = live_desk.run("submit", path.name, "--key", officers.key("Dung"), *ANY_HOUR, stdin=f"DT-1\n{people}\n")
        assert result.code == 0, result.err
        return people

    return submit


def break_glass(desk, officers, people, by="Dung", reason=REASON):
    typed = f"DT-1\n{people}\n"
    return desk.run("break-glass", "DT-1", "--reason", reason, "--key", officers.key(by), "--json", stdin=typed)


def test_one_person_sends_it_and_everybody_reads_so(live_desk, officers, tls_sandbox, grave):
    people = grave()
    waits = live_desk.run("send", "DT-1", "--yes")
    broken = break_glass(live_desk, officers, people)
    sent = live_desk.run("send", "DT-1", "--yes", "--json")
    report, status = live_desk.run("report", "DT-1", "--json").fact("report"), live_desk.run("status", "DT-1", "--json")
    told = [json.loads(line) for line in (live_desk.folder / "told.jsonl").read_bytes().splitlines()]

    assert waits.code == 10
    assert (broken.code, broken.fact("break-glass")["by"], broken.fact("break-glass")["notified"]) == (0, "Dung", True)
    assert sent.code == 0, sent.err
    assert tls_sandbox.stats()["people"] == people
    assert [fact.get("event", fact["type"]) for fact in told] == ["request", "break-glass", "started", "finished"]
    assert (told[1]["reason"], told[1]["request"]) == (REASON, told[0])
    for fact in (report, status.fact("status"), live_desk.run("runs", "--json").fact("run"), sent.fact("report")):
        assert (fact["alone_by"], fact["unreviewed"]) == ("Dung", True)
    for words in (("report", "DT-1"), ("status", "DT-1")):
        assert "sent by one person, Dung, and not reviewed yet" in live_desk.run(*words).said
    assert "(by one person, not reviewed)" in live_desk.run("runs").said
    log = [json.loads(line) for line in (live_desk.folder / ".zalo-alert" / "audit.log").read_bytes().splitlines()]
    assert [(line["who"], line["why"]) for line in log if line["event"] == "break-glass"] == [("Dung", REASON)]


def test_it_is_shut_until_the_others_had_their_time(live_desk, officers, grave):
    people = grave(rule="{break_glass_after_min: 5}")
    result = break_glass(live_desk, officers, people)
    home = Workspace(live_desk.folder, live_desk.environ)
    run = home.run("DT-1")
    later = FakeClock(read_request(run.request).submitted_at)
    later.move(301)

    assert result.code == 10
    assert "others have 5 min to answer" in result.err
    assert open_break_glass(run, home.settings, later).request.run == "DT-1"


@pytest.mark.parametrize(
    ("setup", "said"),
    [
        ({"rule": ""}, "it is switched off in this workspace"),
        ({"urgency": "Expected"}, "it is for Immediate alerts that are Extreme or Severe, and DT-1 is Expected"),
        ({"correction": ""}, "DT-1 has no correction that is ready"),
        ({"tell": []}, "no way is configured to tell"),
    ],
    ids=["off", "not-immediate", "no-correction", "nobody-told"],
)
def test_it_says_what_is_missing(live_desk, officers, tls_sandbox, grave, setup, said):
    people = grave(**setup)
    result = break_glass(live_desk, officers, people)

    assert result.code == 10
    assert said in result.err
    assert live_desk.run("send", "DT-1", "--yes").code == 10
    assert tls_sandbox.stats()["people"] == 0


def test_a_program_that_fails_shuts_no_door(live_desk, officers, grave):
    people = grave(tell=[sys.executable, "-c", "raise SystemExit(3)"])
    result = break_glass(live_desk, officers, people)

    assert (result.code, result.fact("break-glass")["notified"]) == (0, False)


def test_a_reason_is_typed(live_desk, officers, grave):
    result = break_glass(live_desk, officers, grave(), reason="quick")

    assert (result.code, "10 to 500 characters" in result.err) == (2, True)


def test_nobody_does_it_who_may_not_submit(live_desk, officers, tls_sandbox, grave):
    people = grave()
    officers.add("Son", Role.EDITOR, areas=("new:48",))
    elsewhere = break_glass(live_desk, officers, people, by="Son")
    stranger = break_glass(live_desk, officers, people, by="Nobody")

    assert (elsewhere.code, "Son answers for new:48" in elsewhere.err) == (10, True)
    assert (stranger.code, "is nobody's on the list of officers" in stranger.err) == (10, True)
    assert live_desk.run("send", "DT-1", "--yes").code == 10
    assert tls_sandbox.stats()["people"] == 0


def test_a_revoked_officer_lets_nothing_out(live_desk, officers, tls_sandbox, grave):
    people = grave()
    assert break_glass(live_desk, officers, people, by="Cuc").code == 0
    officers.revoke("Cuc")

    result = live_desk.run("send", "DT-1", "--yes")

    assert (result.code, "Cuc was revoked" in result.said) == (10, True)
    assert tls_sandbox.stats()["people"] == 0
