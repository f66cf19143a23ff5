"""Single keys: heard at once, and the terminal is given back in every ending."""

import os
import select
import shutil
import signal
import subprocess
import sys

import pytest
import terminals

from zalo_alert.cli.keys import Keys

termios = pytest.importorskip("termios")
pty = pytest.importorskip("pty")

# A child with a terminal of its own, in its foreground; it says when it listens, tells each key, and ends on "q".
CHILD = """
import os, signal, sys, threading, termios
from zalo_alert.cli.keys import Keys
done = threading.Event()
def on_key(key):
    os.write(1, f"<{key}>".encode())
    if key == "q": done.set()
usual = termios.tcgetattr(0)
try:
    with Keys(on_key) as keys:
        os.write(1, b"listening" if keys.works else b"deaf")
        while not done.wait(0.05): pass
finally:
    now = termios.tcgetattr(0)
    os.write(1, b" same" if now[:4] == usual[:4] else b" changed")
"""


PATIENCE_S = 60.0  # for a loaded machine


def read_until(fd, *wanted):
    said = b""
    while not any(word in said for word in wanted):
        assert select.select([fd], [], [], PATIENCE_S)[0], said
        said += os.read(fd, 1000)
    return said


@pytest.fixture
def in_terminal():
    """Start commands each with a terminal of its own; return the process and our end of the terminal."""
    ends = []

    def start(*command):
        ours, child = terminals.start(command)
        ends.append((ours, child))
        read_until(ours, b"listening")
        return child, ours

    yield start
    for ours, child in ends:
        child.kill()
        child.wait()
        os.close(ours)


def test_a_key_is_heard_without_enter_and_not_echoed(in_terminal):
    child, fd = in_terminal(sys.executable, "-c", CHILD)
    os.write(fd, b"d")
    assert read_until(fd, b"<d>") == b"<d>"
    os.write(fd, b"q")
    assert b" same" in read_until(fd, b"same", b"changed")
    assert child.wait(30) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["kill", "ctrl-c"])
def test_the_terminal_is_given_back_when_the_command_is_killed(in_terminal, number):
    child, fd = in_terminal(sys.executable, "-c", CHILD)
    child.send_signal(number)
    assert b" same" in read_until(fd, b"same", b"changed")
    assert child.wait(30) != 0


@pytest.mark.skipif(not shutil.which("bash"), reason="needs a shell with jobs")
def test_the_terminal_is_given_back_for_ctrl_z_and_taken_again(in_terminal):
    script = f"set -m; {sys.executable} -c \"$1\"; stty -a | grep -o '.icanon'; fg > /dev/null"
    child, fd = in_terminal("bash", "-c", script, "bash", CHILD)
    os.write(fd, b"\x1a")
    said = read_until(fd, b"\x1b[?25l")  # it goes on in the foreground
    assert b"icanon" in said
    assert b"-icanon" not in said
    os.write(fd, b"q")
    assert b" same" in read_until(fd, b"same", b"changed")
    child.wait(30)


def test_what_is_no_terminal_gives_no_keys():
    done = subprocess.run([sys.executable, "-c", CHILD.replace("termios.tcgetattr(0)", "[]").replace("done.wait(0.05)", "True")],
                          stdin=subprocess.DEVNULL, capture_output=True, check=True)  # fmt: skip
    assert done.stdout == b"deaf same"


def test_a_terminal_that_another_has_is_left_alone():
    master, slave = pty.openpty()  # nobody's controlling terminal
    usual = termios.tcgetattr(slave)
    with Keys(lambda key: None, slave) as keys:
        assert not keys.works
        assert termios.tcgetattr(slave) == usual
    os.close(master)
    os.close(slave)
