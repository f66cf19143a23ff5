"""Telling people by a program of their own: whatever it does, it keeps nobody and nothing waiting."""

import json
import sys
import time
from datetime import datetime

import pytest

from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.notify.base import Event, Letter, Message
from zalo_alert.notify.child import Child
from zalo_alert.notify.command import CommandChannel

AT = datetime(2026, 9, 18, 14, 0, tzinfo=VIETNAM)
HALTED = Letter(Message(Event.HALTED, "DT-1", AT, "", facts={"cause": "quota"}, is_urgent=True), "DT-1 halted", "Huế", 3)
COPY = "import sys, os, pathlib; pathlib.Path('told').write_bytes(sys.stdin.buffer.read())"


def python(code):
    return (sys.executable, "-c", code)


def test_a_program_gets_the_event_as_json(tmp_path):
    environ = "; pathlib.Path('environ').write_text(os.environ['ZALO_ALERT_EVENT'] + os.environ['ZALO_ALERT_RUN'])"
    told = CommandChannel(python(COPY + environ), tmp_path).send(HALTED)

    assert told == [("command", "")]
    assert json.loads((tmp_path / "told").read_bytes()) == {
        "format": 1, "type": "event", "event": "halted", "run": "DT-1", "at": "2026-09-18T14:00:00+07:00", "title": "DT-1 halted",
        "text": "Huế", "urgent": True, "times": 3, "facts": {"cause": "quota"},
    }  # fmt: skip
    assert (tmp_path / "environ").read_text(encoding="utf-8") == "haltedDT-1"


def test_a_document_goes_out_byte_for_byte(tmp_path):
    letter = HALTED._replace(message=HALTED.message._replace(document=b'{"type":"request"}'))
    CommandChannel(python(COPY), tmp_path).send(letter)

    assert (tmp_path / "told").read_bytes() == b'{"type":"request"}'


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (("no-such-program",), "no-such-program can't be run"),
        ((".",), "can't be run"),
        (("a\0b",), "can't be run"),
        (python("raise SystemExit(3)"), "ended with 3"),
        (python("import sys; sys.stdin.close()"), ""),
        (python("print('x' * 10_000_000)"), ""),
        (("echo", "; touch pwned"), ""),
    ],
    ids=["missing", "a-folder", "a-zero", "fails", "reads-nothing", "writes-much", "no-shell"],
)
def test_what_fails_is_said_in_a_sentence(tmp_path, command, why):
    assert why in Child(tmp_path).run(command, b"x" * 100_000).trouble
    assert list(tmp_path.iterdir()) == []


GRANDCHILD = (
    "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
    "open('pid', 'w').write(str(child.pid)); child.wait()"
)


def test_a_program_that_hangs_is_ended_with_all_that_it_started(tmp_path, wait_until):
    begun_s = time.monotonic()
    said = Child(tmp_path, patience_s=2.0).run(python(GRANDCHILD), b"x").trouble

    assert "took longer than 2 s" in said
    assert time.monotonic() - begun_s < 30
    pid = (tmp_path / "pid").read_text(encoding="ascii")
    wait_until(lambda: not is_running(pid))


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
