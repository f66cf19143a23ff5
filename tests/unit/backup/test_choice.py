"""What belongs into a backup, while others put runs away."""

import os

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
