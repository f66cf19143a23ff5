"""Ctrl-C waits where it would tear something in two, and is not lost."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from zalo_alert.foundation.interrupts import held

LOADS = """
import os, signal, sys
class Presses:
    def find_spec(self, name, path=None, target=None):
        if name == "_duckdb":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Presses())
try:
    import zalo_alert.book.engine
except KeyboardInterrupt:
    print("duckdb" in sys.modules)
"""


def test_it_comes_once_the_block_has_ended():
    seen = []

    @held()
    def do_all_of_it():
        os.kill(os.getpid(), signal.SIGINT)
        seen.append("all of it")

    with pytest.raises(KeyboardInterrupt):
        do_all_of_it()
    assert seen == ["all of it"]


@pytest.fixture
def another_thread():
    """One that would take the signal, were only this one deaf to it."""
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    yield
    over.set()
    thread.join()


def test_another_thread_does_not_let_it_through(another_thread):
    seen = []

    def do_all_of_it():
        with held():
            for _ in range(100):
                os.kill(os.getpid(), signal.SIGINT)
            seen.append("all of it")

    with pytest.raises(KeyboardInterrupt):
        do_all_of_it()
    assert seen == ["all of it"]


def test_what_listens_to_it_afterwards_is_what_did_before():
    before = signal.getsignal(signal.SIGINT)
    with held():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("left_to", [signal.SIG_IGN, signal.SIG_DFL])
def test_where_nothing_of_ours_listens_nothing_is_held(left_to):
    before = signal.signal(signal.SIGINT, left_to)
    try:
        with held():
            assert signal.getsignal(signal.SIGINT) is left_to
    finally:
        signal.signal(signal.SIGINT, before)


def test_beside_the_main_thread_there_is_nothing_to_hold():
    seen = []

    def enter():
        with held():
            seen.append("entered")

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == ["entered"]


def test_duckdb_is_loaded_whole_before_ctrl_c_ends_anything():
    done = subprocess.run([sys.executable, "-c", LOADS], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "True"), done.stderr
