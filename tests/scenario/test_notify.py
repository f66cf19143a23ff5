"""People are told what happens to a run; whatever becomes of that costs the run nothing."""

import csv
import json
import sys
import time

import pytest
from office import ANY_HOUR

from zalo_alert.runs.log import read_log

pytestmark = pytest.mark.long

KEEP = [sys.executable, "-c", "import sys; open('told.jsonl', 'ab').write(sys.stdin.buffer.read() + b'\\n')"]
HANG = [sys.executable, "-c", "import time; time.sleep(600)"]


def notify(desk, command=KEEP, **more):
    desk.configure("language: vi", "language: en")  # of those who are told
    rule = json.dumps({"command": command, **more})
    with (desk.folder / "zalo-alert.yaml").open("a", encoding="utf-8") as file:
        file.write(f"notify: {rule}\n")


def told(desk):
    path = desk.folder / "told.jsonl"
    return [json.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []


def log_of(desk, run="DT-1"):
    lines = read_log(desk.folder / ".zalo-alert" / "runs" / run)
    return [line for line in lines if line.kind in ("told", "untold")]


def events(desk):
    return [(line["event"], line["times"]) for line in told(desk)]


def test_a_drill_tells_how_it_began_and_ended(desk, sandbox):
    notify(desk)
    result = desk.at(sandbox).run("send", desk.campaign(areas="[new:46]"), "--yes")
    began, ended = told(desk)

    assert result.code == 0, result.err
    assert (began["event"], began["run"], began["urgent"]) == ("started", "DT-1", False)
    assert began["title"] == "[DRILL] DT-1: sending began"
    assert (ended["event"], ended["facts"]["drill"], ended["facts"]["cause"]) == ("finished", True, None)
    assert [(line.facts["event"], line.facts["channel"]) for line in log_of(desk)] == [
        ("started", "command"),
        ("finished", "command"),
    ]
    assert ended["facts"]["totals"]["accepted"] == ended["facts"]["people"]


def test_a_halt_says_why_and_what_to_do_and_a_loop_of_them_is_told_once(desk, sandbox_with):
    notify(desk, events=["halted"])
    desk.at(sandbox_with(refuse_code=-321))
    codes = [desk.run("send", desk.campaign(areas="[new:46]"), "--yes").code, *(desk.run("resume").code for _ in range(3))]
    (halted,) = told(desk)

    assert codes == [13] * 4
    assert (halted["event"], halted["urgent"], halted["facts"]["cause"]) == ("halted", True, "money")
    assert "`zalo-alert resume" in halted["text"]


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (["/no/such/program"], "can't be run"),
        ([sys.executable, "-c", "print('x' * 10_000_000, flush=True); raise SystemExit(3)"], "ended with 3"),
        ([sys.executable, "-c", "import os; os.close(0); os.abort()"], "ended with -6"),
    ],
    ids=["missing", "rubbish", "dies"],
)
def test_a_way_that_fails_is_a_notice_once_and_changes_nothing_else(desk, sandbox, command, why):
    notify(desk, command)
    result = desk.at(sandbox).run("send", desk.campaign(areas="[new:46]"), "--yes", "--json")

    assert result.code == 0, result.err
    assert [line.kind for line in log_of(desk)] == ["untold", "untold"]
    (notice,) = [fact for fact in result.facts if fact["type"] == "untold"]
    assert (notice["run"], notice["event"], notice["channel"]) == ("DT-1", "started", "command")
    assert why in notice["why"]


@pytest.mark.slow
def test_a_program_that_hangs_holds_up_the_end_by_ten_seconds_and_the_run_not_at_all(desk, sandbox):
    notify(desk, HANG)
    child = desk.at(sandbox).start("send", desk.campaign(areas="[new:46]"), "--yes", "--json")
    begun_s = time.monotonic()
    result = desk.ended(child)
    whys = [fact["why"] for fact in result.facts if fact["type"] == "untold"]

    assert result.code == 0, result.err
    assert time.monotonic() - begun_s < 40
    assert whys, "it is told"
    assert [fact["totals"]["accepted"] for fact in result.facts if fact["type"] == "report"] == [sandbox.stats()["accepted"]]


def test_nothing_of_a_command_within_a_notification_is_told(desk, sandbox):
    loop = "import subprocess, sys; subprocess.run([sys.executable, '-m', 'zalo_alert', 'stop', 'DT-1'], check=False)"
    notify(desk, [sys.executable, "-c", f"{KEEP[2]}; {loop}"])
    desk.at(sandbox).run("send", desk.campaign(areas="[new:46]"), "--yes")

    assert [event for event, _times in events(desk)] in (["started", "finished"], ["started", "stopped"])


def test_an_address_in_the_config_is_refused_and_not_repeated(desk):
    notify(desk, urls=["mailtos://pctt:hunter2@example.vn"])
    result = desk.run("runs")
    checked = desk.run("plan", desk.campaign(areas="[new:46]"))

    assert (result.code, checked.code) == (0, 11)
    assert "ZALO_ALERT_NOTIFY_<NAME>_URL in the secrets file" in checked.said
    assert "hunter2" not in checked.said


def test_a_stop_by_hand_is_told_by_whoever_sends_or_else_by_whoever_stops(desk, sandbox_with):
    notify(desk, events=["halted", "stopped"])
    desk.at(sandbox_with(refuse_code=-321)).run("send", desk.campaign(areas="[new:46]"), "--yes")
    codes = [desk.run(*words).code for words in (("stop", "DT-1"), ("stop", "DT-1"), ("cancel", "DT-1", "--yes"))]

    assert codes == [0, 0, 0]
    assert [(line["event"], line["text"]) for line in told(desk)][1:] == [
        ("stopped", "stopped by hand"), ("stopped", "cancelled for good"),
    ]  # fmt: skip


def test_a_fault_in_the_settings_keeps_nobody_from_stopping(desk, sandbox_with):
    desk.at(sandbox_with(refuse_code=-321)).run("send", desk.campaign(areas="[new:46]"), "--yes")
    notify(desk, urls=["json://x"])
    result = desk.run("stop", "DT-1")

    assert (result.code, "nobody could be told" in result.said) == (0, True)


@pytest.fixture
def staff(desk):
    """Three of the staff who live elsewhere, and one of them who wants no messages."""
    desk.run("followers", "export", "everyone.csv")
    with (desk.folder / "everyone.csv").open(encoding="utf-8", newline="") as file:
        ids = [person["user_id"] for person in csv.DictReader(file) if person["place"] != "old:46"][:3]
    (desk.folder / "lists").mkdir()
    (desk.folder / "lists" / "staff.txt").write_text("\n".join(ids), encoding="utf-8")
    (desk.folder / "lists" / "never.txt").write_text(f"{ids[2]}\n", encoding="utf-8")
    return ids


def test_the_staff_read_it_by_zalo_and_nobody_else_does(desk, sandbox, staff):
    notify(desk, staff=True, command=[])
    result = desk.at(sandbox).run("send", desk.campaign(areas="[new:46]"), "--yes", "--json")
    reached = sandbox.reached()

    assert result.code == 0, result.err
    assert [fact for fact in result.facts if fact["type"] == "untold"] == []
    assert [reached.get(person, 0) for person in staff] == [3, 3, 0]  # the alert as staff, that it began, that it ended
    assert {times for person, times in reached.items() if person not in staff} == {1}


def test_what_has_failed_tells_nobody_that_it_has(desk, sandbox_with, staff):
    notify(desk, staff=True, command=[], events=["halted"])
    sandbox = sandbox_with(refuse_code=-321)
    result = desk.at(sandbox).run("send", desk.campaign(areas="[new:46]"), "--yes", "--json")

    assert result.code == 13
    assert [fact["why"] for fact in result.facts if fact["type"] == "untold"] == ["Zalo itself is what has failed"]
    assert sandbox.reached() == {}


def test_an_officer_hears_which_way_failed_and_the_others_went(live_desk, officers, tls_sandbox):
    notify(live_desk, urls=["mail"])
    people = live_desk.run("plan", live_desk.campaign(areas="[new:46]"), "--json").fact("plan")["people"]
    words = ("submit", "c.yaml", "--key", officers.key("Dung"), *ANY_HOUR)
    result = live_desk.run(*words, stdin=f"DT-1\n{people}\n")

    assert result.code == 0, result.err
    assert "mail could not be told: ZALO_ALERT_NOTIFY_MAIL_URL is not set" in result.said
    assert [line["type"] for line in told(live_desk)] == ["request"]


def test_no_secret_and_nobody_stands_in_any_file_or_message(desk, sandbox, staff):
    notify(desk, urls=["wall"], events=["started", "finished"])
    secrets = desk.folder / "secrets.env"
    secrets.write_text("ZALO_ALERT_NOTIFY_WALL_URL=json://pctt:hunter2@127.0.0.1:1/hook\n", encoding="utf-8")
    secrets.chmod(0o600)
    desk.configure("notify:", "secrets_file: secrets.env\nnotify:")
    result = desk.at(sandbox).run("send", desk.campaign(areas="[new:46]"), "--yes", "--json")
    files = [path for path in desk.folder.rglob("*") if path.is_file() and path != secrets]

    assert [fact["channel"] for fact in result.facts if fact["type"] == "untold"] == ["wall"]
    assert [path for path in files if b"hunter2" in path.read_bytes()] == []
    assert "hunter2" not in result.out + result.err
    said = (desk.folder / "told.jsonl").read_text(encoding="utf-8")
    assert [person for person in staff if person in said] == []


def test_what_folds_repeats_may_be_broken_and_everything_is_told_all_the_same(desk, sandbox):
    notify(desk)
    (desk.folder / ".zalo-alert" / "told.db").mkdir()
    result = desk.at(sandbox).run("send", desk.campaign(areas="[new:46]"), "--yes")

    assert result.code == 0, result.err
    assert [event for event, _times in events(desk)] == ["started", "finished"]
