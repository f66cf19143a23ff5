"""What Windows does in another way: asked of a process that shows itself as Windows would, and of this one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.as_windows import ENVIRON
from zalo_alert.foundation import machine
from zalo_alert.foundation.os_errors import reason

_ASKED = """
import errno, os, subprocess, sys, threading, time
from pathlib import Path
sys.modules["__main__"].__dict__["__name__"] = "zalo_alert.asked"
from zalo_alert.foundation import machine
from zalo_alert.foundation.os_errors import reason

assert machine.is_windows() and not hasattr(os, "fork") and sys.platform == "win32"
assert set(machine.own_session()) == {"creationflags"}
assert len(machine.end_signals()) == 3
assert machine.machine_guid()
assert machine.is_alive(os.getpid()) and not machine.is_alive(99_999_999)
assert machine.is_child_of(os.getppid()) and not machine.is_child_of(99_999_999)

child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, **machine.own_session())
machine.interrupt(child)
assert child.wait(30)

folder = Path(sys.argv[1])
held, other = folder / "held", folder / "draft"
other.write_bytes(b"new")
file = held.open("wb")
threading.Timer(0.05, file.close).start()
machine.replace(other, held)  # after whoever has it open
assert held.read_bytes() == b"new"
(folder / "again").touch()
with held.open("rb"):
    try:
        machine.rename(held, folder / "elsewhere", patience_s=0.0)
        raise AssertionError
    except PermissionError as exc:
        assert reason(exc) == "another program has it open"
for name in ("a:b", "con", "NUL.txt", "ends.", "ends ", "what?"):
    try:
        (folder / name).mkdir()
        raise AssertionError(name)
    except OSError as exc:
        assert reason(exc) == "Windows takes no such name", exc
assert machine.is_too_deep(folder / ("x" * 240)) and not machine.is_too_deep(Path("/tmp/z"))
"""


def test_what_windows_does_otherwise_is_asked_there(tmp_path):
    environ = os.environ | ENVIRON
    done = subprocess.run([sys.executable, "-c", _ASKED, str(tmp_path)], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_here_a_path_may_be_long_and_a_parent_is_the_one_that_started_us():
    assert not machine.is_too_deep(Path("/" + "x" * 300))
    assert machine.is_child_of(os.getppid())
    assert not machine.is_child_of(os.getpid())
    assert machine.machine_guid() == ""


def test_what_is_refused_here_is_refused_at_once(tmp_path):
    with pytest.raises(FileNotFoundError) as refused:
        machine.replace(tmp_path / "none", tmp_path / "target")
    assert reason(refused.value) == "No such file or directory"
