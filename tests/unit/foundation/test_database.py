"""SQLite as several connections and several processes use it."""

import os
import subprocess
import sys

import pytest

from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.database import Database

READ = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
print(db.execute("SELECT count(*) FROM t").fetchone()[0])
db.close()
"""


def read_elsewhere(path):
    return int(subprocess.run([sys.executable, "-c", READ, path], capture_output=True, check=True, timeout=60).stdout)


def test_a_second_connection_takes_no_lock_from_the_first(tmp_path):
    path = tmp_path / "some.db"
    Database(path, schema="CREATE TABLE t (n)").close()
    first = Database(path)
    assert first.rows("SELECT count(*) FROM t") == [(0,)]
    Database(path).close()
    assert read_elsewhere(path) == 0  # as the last one out it would fold the log in, and remove it below the first
    first.run("INSERT INTO t VALUES (1)")
    assert read_elsewhere(path) == 1
    first.close()


def test_a_file_is_looked_at_again_once_all_have_closed_it(tmp_path):
    path = tmp_path / "some.db"
    first = Database(path, schema="CREATE TABLE t (n)")
    first.run_many("INSERT INTO t VALUES (?)", [("x" * 1000,)] * 100)
    first.close()
    os.truncate(path, 8192)
    with pytest.raises(StorageUnusable, match="is cut short"):
        Database(path)
