"""The database keeps its log, however often a process opens one file."""

import gc
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.database import Database

_LOOK = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
print(db.execute("SELECT count(*) FROM t").fetchone()[0])
db.close()
"""


@pytest.fixture
def path(tmp_path):
    Database(tmp_path / "a.db", schema="CREATE TABLE t (n)").close()
    return tmp_path / "a.db"


def seen_by_another_process(path: Path) -> int:
    return int(subprocess.run([sys.executable, "-c", _LOOK, path], check=True, capture_output=True, timeout=60).stdout)


@pytest.mark.skipif(os.name != "posix", reason="only there closing a file drops the locks of others in the process")
def test_a_look_by_another_process_takes_no_log_from_who_has_it_open_twice(path):
    with closing(Database(path)) as one:
        one.rows("SELECT * FROM t")
        with closing(Database(path)) as other:
            one.run("INSERT INTO t VALUES (1)")
            assert seen_by_another_process(path) == 1
            assert path.with_name("a.db-wal").exists()
            other.run("INSERT INTO t VALUES (2)")
            one.run("INSERT INTO t VALUES (3)")
            assert seen_by_another_process(path) == 3
        assert seen_by_another_process(path) == 3
        one.run("INSERT INTO t VALUES (4)")
        assert seen_by_another_process(path) == 4


def test_a_file_cut_short_is_told_once_nobody_has_it_open(path):
    Database(path).close()
    failing = path.with_name("b.db")
    failing.write_bytes(path.read_bytes()[:5000])
    for _ in range(2):
        with pytest.raises(StorageUnusable, match="cut short"):
            Database(failing)
    gc.collect()
    failing.write_bytes(path.read_bytes())
    Database(failing).close()
