"""Ctrl-C waits where it would tear something in two, and is not lost."""

import os
import signal
import subprocess
import sys

import pytest

from zalo_alert.foundation.interrupts import held

pytestmark = pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="this system can't keep a signal waiting")

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


def test_duckdb_is_loaded_whole_before_ctrl_c_ends_anything():
    done = subprocess.run([sys.executable, "-c", LOADS], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "True"), done.stderr
