"""What belongs into a backup, while others put runs away."""

import os
import sqlite3
from contextlib import closing

from zalo_alert.backup import choice


def test_a_run_that_is_archived_while_all_is_listed_is_in_one_place_at_least(tmp_path, monkeypatch):
    state, scan = tmp_path / ".zalo-alert", os.scandir
    for folder in (state / "archive", state / "runs" / "DT-1"):
        folder.mkdir(parents=True)
    (state / "runs" / "DT-1" / "run.db").write_bytes(b"x")

    def scandir(folder):
        if os.fspath(folder) == os.fspath(state / "runs") and (state / "runs" / "DT-1").exists():
            (state / "runs" / "DT-1").rename(state / "archive" / "DT-1")
        return scan(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    assert choice.choose(tmp_path, lambda path: False).files == (".zalo-alert/archive/DT-1/run.db",)


def test_what_is_archived_is_inside_byte_by_byte_databases_too(tmp_path):
    path = tmp_path / ".zalo-alert" / "archive" / "DT-1" / "card.db"
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE t (x)")
        db.commit()
    parts = choice.parts(tmp_path, choice.choose(tmp_path, lambda path: False), tmp_path)
    assert [b"".join(part.pieces) for part in parts] == [path.read_bytes()]
