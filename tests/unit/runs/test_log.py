"""The log of a run stands in its folder, and names nobody."""

from contextlib import closing
from datetime import datetime

from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.foundation.notices import Level
from zalo_alert.foundation.pseudonyms import Marks
from zalo_alert.runs.log import RunLog, follow_log, read_log

AT = datetime(2026, 11, 26, 22, 10, tzinfo=VIETNAM)
PERSON = "1002893352839501541"


def test_what_was_written_is_read_with_marks_made_by_the_workspaces_key(tmp_path):
    folder = tmp_path / ".zalo-alert" / "runs" / "DT-1"
    folder.mkdir(parents=True)
    RunLog(folder).write("note", AT, f"{PERSON} is odd", level=Level.WARNING, people=3)

    (line,) = read_log(folder)
    assert (line.at, line.kind, line.level, line.facts) == (AT, "note", Level.WARNING, {"people": 3})
    assert line.text == f"{Marks(tmp_path / '.zalo-alert').of(PERSON)} is odd"
    with closing(follow_log(folder)) as tail:
        assert [told.text for told in tail.read()] == [line.text]


def test_a_run_whose_folder_is_gone_is_told_of_once(tmp_path):
    troubles: list[str] = []
    log = RunLog(tmp_path / "runs" / "DT-1", troubles.append)
    log.write("note", AT, "one")
    log.write("note", AT, "two")

    assert len(troubles) == 1
