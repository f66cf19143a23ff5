"""The process that archives a run is killed at every change that it makes on the disk: there is the run, or a whole archive."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.archived_runs import add_finished, make_finished
from zalo_alert.foundation.clock import SystemClock

pytestmark = [
    pytest.mark.long,
    pytest.mark.kill,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="kills are made with fork"),
]


def test_a_kill_at_any_moment_leaves_the_run_or_a_whole_archive_and_the_next_call_finishes(tmp_path: Path) -> None:
    make_finished(tmp_path / "template", SystemClock().now())
    add_finished(tmp_path / "template", SystemClock().now(), "DT-2")
    (tmp_path / "each").mkdir()
    words = [sys.executable, "-m", "tests.archived_runs", str(tmp_path / "template"), str(tmp_path / "each")]

    done = subprocess.run(words, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) > 40
