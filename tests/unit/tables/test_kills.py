"""Tables that are built, switched and asked by processes that are killed at any instant."""

import random
import subprocess
import sys
import time
from contextlib import closing

import pytest

from zalo_alert.sandbox.candidates import write_csv
from zalo_alert.tables.generations import TableFolder

KILLS = 25
ROWS = 3000
BUILD = """
import sys
from pathlib import Path
from zalo_alert.operations.tables import WorkspaceTables
WorkspaceTables(Path(sys.argv[1])).build("diem", Path(sys.argv[2]), "sbd", "ngay_sinh", lambda *_step: None)
"""
ASK = """
import sys, time
from pathlib import Path
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.tables.generations import Tables
tables = Tables(Path(sys.argv[1]), SystemClock().monotonic_s)
until_s = time.monotonic() + float(sys.argv[2])
seen = set()
while time.monotonic() < until_s:
    table = tables.get("diem")
    assert table.find("01000001", "2008-08-01"), table.generation
    seen.add(table.generation)
print(len(seen))
"""


@pytest.fixture
def listed(tmp_path):
    """A list of candidates, and the folder of a table built from it."""
    file = tmp_path / "diem.csv"
    with file.open("w", encoding="utf-8") as target:
        write_csv(target, ROWS)
    with started(BUILD, tmp_path, file) as process:
        assert process.wait(60) == 0
    return file, TableFolder(tmp_path, "diem")


def started(code, *words):
    return subprocess.Popen([sys.executable, "-c", code, *map(str, words)], stdout=subprocess.PIPE, text=True)


@pytest.mark.long
@pytest.mark.kill
def test_a_build_that_is_killed_at_any_instant_leaves_a_whole_table_in_force(listed, tmp_path):
    file, folder = listed
    chosen = random.Random(18)
    begun_s = time.monotonic()
    with started(BUILD, tmp_path, file) as process:
        assert process.wait(60) == 0
    whole_s = time.monotonic() - begun_s
    killed = 0
    for _kill in range(KILLS):
        with started(BUILD, tmp_path, file) as process:
            try:
                process.wait(chosen.uniform(0.2, 1.1) * whole_s)
            except subprocess.TimeoutExpired:
                process.kill()
                killed += 1
        folder.verify()
        with closing(folder.open()) as table:
            assert table.about.rows == ROWS
            assert table.find("01000001", "2008-08-01")

    assert killed > KILLS / 4


@pytest.mark.long
def test_processes_that_ask_while_it_is_switched_are_answered_all_the_time(listed, tmp_path):
    file, folder = listed
    askers = [started(ASK, tmp_path, 6) for _process in range(2)]
    for _build in range(3):
        with started(BUILD, tmp_path, file) as process:
            assert process.wait(60) == 0

    seen = [int(asker.communicate(timeout=60)[0] or 0) for asker in askers]
    assert [asker.returncode for asker in askers] == [0, 0]
    assert min(seen) >= 2
    assert len(folder.ids()) == 3
