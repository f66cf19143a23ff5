"""A run goes on when nobody can hear it: a full log, a reader that leaves, a terminal that goes, a background."""

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import output_lines
from zalo_alert.errors import RunSuspended
from zalo_alert.operations.detach import detach
from zalo_alert.runs.run import Run

pytestmark = pytest.mark.long

PEOPLE = 1000
FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")


@needs_full
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_full_log_from_the_start_keeps_nobody_from_being_written_to(desk, sandbox, stream):
    with FULL.open("wb") as full:
        child = desk.at(sandbox).start("send", desk.campaign(), "--yes", "--json", **{stream: full})

    assert child.wait(60) == 0
    assert sandbox.stats()["people"] == PEOPLE


def test_a_reader_that_leaves_ends_no_run(desk, sandbox, wait_until):
    desk.at(sandbox).configure("app_per_minute: 6000000", "app_per_minute: 30000")
    child = desk.start("send", desk.campaign(), "--yes", "--json", stderr=subprocess.STDOUT)
    wait_until(lambda: sandbox.stats()["accepted"] > 10)
    child.stdout.close()
    child.stdout = None  # nobody else reads it either

    assert child.wait(60) == 0
    assert sandbox.stats()["people"] == PEOPLE


@pytest.mark.kill
@pytest.mark.parametrize("inherited", [signal.SIG_DFL, signal.SIG_IGN], ids=["closed", "closed under nohup"])
def test_a_terminal_that_goes_ends_no_run(desk, sandbox, wait_until, inherited):
    desk.at(sandbox).configure("app_per_minute: 6000000", "app_per_minute: 30000")
    ours, theirs = pty.openpty()
    before = signal.signal(signal.SIGHUP, inherited)  # a child inherits what is ignored
    try:
        child = desk.start("send", desk.campaign(), "--yes", stdin=theirs, stdout=theirs, stderr=theirs)
    finally:
        signal.signal(signal.SIGHUP, before)
    os.close(theirs)
    wait_until(lambda: sandbox.stats()["accepted"] > 10)
    os.close(ours)
    child.send_signal(signal.SIGHUP)

    assert child.wait(60) == 0
    assert sandbox.stats()["people"] == PEOPLE


@needs_full
@pytest.mark.parametrize("words", [("places", "list"), ("places", "list", "--json"), ("--help",), ("--version",)], ids=" ".join)
def test_what_only_tells_ends_with_a_sentence_where_it_cannot_tell(desk, words):
    with FULL.open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "zalo_alert", *words],
            cwd=desk.folder,
            env=desk.environ,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert done.returncode == 13
    assert b"the output can't be written: No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_detached_run_says_where_it_goes_and_ends_like_any_other(desk, sandbox, wait_until):
    desk.at(sandbox).configure("app_per_minute: 6000000", "app_per_minute: 30000")
    result = desk.run("send", desk.campaign(), "--yes", "--detach", "--json")

    assert result.code == 0
    fact = result.fact("detached")
    assert fact["run"] == "DT-1"
    assert Path(fact["output"]).stat().st_mode & 0o777 == 0o600
    wait_until(lambda: desk.run("status", "--json").fact("status")["state"] == "finished")
    assert sandbox.stats()["people"] == PEOPLE
    *lines, end = ended_lines(Path(fact["output"]), wait_until)
    assert {"progress", "report"} >= {line["type"] for line in lines} > set()
    assert (end["type"], end["code"], end["cause"]) == ("exit", 0, None)


def ended_lines(path, wait_until):
    wait_until(lambda: b'"type":"exit"' in path.read_bytes())
    out, err = path.read_text(encoding="utf-8").rstrip("\n").rsplit("\n", 1)
    output_lines.check(["resume", "--json"], out, f"{err}\n")
    return [json.loads(line) for line in (*out.splitlines(), err)]


def test_a_detached_run_that_cannot_begin_says_why(desk, sandbox):
    desk.at(sandbox)
    path = desk.campaign()
    assert desk.run("send", path, "--yes", "--dry-run").code == 0
    (desk.folder / "lists").mkdir()
    assert desk.run("send", path, "--yes", "--detach").code == 0
    (desk.folder / "lists" / "never.txt").symlink_to(desk.folder / "gone.txt")
    result = desk.run("send", path, "--yes", "--detach", "--occurrence", "b")

    assert result.code == 10
    assert "never.txt is a link to a file that is not there" in result.said


@pytest.mark.kill
def test_a_detached_run_that_cannot_begin_says_why_to_a_machine(desk, sandbox, wait_until):
    desk.at(sandbox).configure("app_per_minute: 6000000", "app_per_minute: 6000")
    path = desk.campaign()
    child = desk.start("send", path, "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > 20)
    child.kill()
    child.communicate()
    copy = desk.folder.with_name("copy")
    shutil.copytree(desk.folder, copy)
    result = desk.run("resume", "DT-1", "--workspace", str(copy), "--detach", "--json")

    end = json.loads(result.err)
    assert (end["code"], end["cause"]) == (13, "campaign-refused")
    assert "is a copy" in end["message"]


HELD_A_WHILE = """
import sys, time
from zalo_alert.runs.lock import locked
with locked(__import__("pathlib").Path(sys.argv[1]), "DT-1"):
    time.sleep(0.5)
print("it is a copy")
sys.exit(10)
"""


@pytest.mark.kill
def test_whoever_holds_a_run_only_to_check_it_has_not_begun(desk, sandbox, wait_until):
    desk.at(sandbox).configure("app_per_minute: 6000000", "app_per_minute: 6000")
    child = desk.start("send", desk.campaign(), "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > 20)
    child.kill()
    child.communicate()
    run = Run(next((desk.folder / ".zalo-alert" / "runs").iterdir()))

    with pytest.raises(RunSuspended, match="ended at once, with 10: it is a copy"):
        detach(run, [sys.executable, "-c", HELD_A_WHILE, str(run.folder)])
