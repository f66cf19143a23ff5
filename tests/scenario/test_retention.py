"""What has been kept long enough is shown first, removed by word alone, told by the log, and never by a clock that is off."""

import os
import shutil
import time
from contextlib import closing
from datetime import timedelta

import pytest

from zalo_alert.audit.log import AuditLog
from zalo_alert.book import generations
from zalo_alert.errors import InputInvalid, RunBusy
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.database import Database
from zalo_alert.inbound.door_lock import door_held
from zalo_alert.inbound.inbound_store import folder_of, open_store
from zalo_alert.inbound.only_one import held
from zalo_alert.operations import retention
from zalo_alert.operations.retention import Part, Retention
from zalo_alert.operations.workspace import Workspace
from zalo_alert.testing import FakeClock

DAY_S = 86_400


@pytest.fixture
def home(desk):
    return Workspace(desk.folder, desk.environ)


def upkeep_of(home, clock=None):
    return Retention(home, clock or SystemClock())


def put_aside(home, name, days):
    folder = home.folder / ".zalo-alert" / "set-aside" / name
    folder.mkdir(parents=True, mode=0o700)
    (folder / "campaign.yaml").write_text("code: X\n", encoding="utf-8")
    for path in (folder / "campaign.yaml", folder):
        os.utime(path, (time.time() - days * DAY_S,) * 2)
    return folder


def test_a_workspace_in_which_nothing_is_old_says_so(desk):
    assert "nothing has been kept long enough" in desk.run("retention").said
    assert desk.run("retention", "--yes", "--json").facts == []


def test_a_submission_that_made_way_is_shown_first_and_goes_by_word_alone(desk, home):
    old, young = put_aside(home, "DT-1~1", 91), put_aside(home, "DT-2~1", 89)

    shown = desk.run("retention", "--json").fact("retention-due")
    assert (shown["part"], shown["names"], shown["more"]) == ("set-aside", ["DT-1~1"], 0)
    assert old.is_dir()
    assert "nothing was changed" in desk.run("retention").said

    assert desk.run("retention", "--yes", "--json").fact("retention-done")["names"] == ["DT-1~1"]
    assert (old.exists(), young.is_dir()) == (False, True)
    told = desk.run("audit", "show", "--json").facts[-1]
    assert (told["event"], told["facts"]) == ("removed", {"part": "set-aside", "names": ["DT-1~1"]})


def test_how_long_stands_in_the_settings(desk, home):
    put_aside(home, "DT-1~1", 10)
    with (desk.folder / "zalo-alert.yaml").open("a", encoding="utf-8") as file:
        file.write("retention: {set_aside_days: 7}\n")
    assert desk.run("retention", "--json").fact("retention-due")["names"] == ["DT-1~1"]


def test_a_span_of_no_days_is_a_fault_of_the_settings(desk):
    with (desk.folder / "zalo-alert.yaml").open("a", encoding="utf-8") as file:
        file.write("retention: {archive_days: 0}\n")
    ended = desk.run("retention")
    assert ended.code == 11
    assert "archive_days" in ended.said


@pytest.mark.parametrize("days", [-1, 46])
def test_nothing_goes_by_a_clock_that_is_off(home, days):
    submission, now = put_aside(home, "DT-1~1", 400), SystemClock().now()
    AuditLog(home.state_folder).append("note", now, why="x")
    clock = FakeClock(now + timedelta(days=days))

    with pytest.raises(InputInvalid, match="by this machine's clock"):
        upkeep_of(home, clock).apply()
    assert submission.is_dir()


def test_a_note_says_that_the_clock_is_right(home):
    put_aside(home, "DT-1~1", 400)
    log = AuditLog(home.state_folder)
    log.append("note", SystemClock().now() - timedelta(days=400), why="x")
    log.append("note", SystemClock().now(), why="the clock is right")
    assert [done.part for done in upkeep_of(home).apply()] == [Part.SET_ASIDE]


def test_one_process_at_a_time(home):
    put_aside(home, "DT-1~1", 400)
    with held(home.state_folder / retention.LOCK, 0.0, lambda: RunBusy("")), pytest.raises(RunBusy):
        upkeep_of(home).apply()


def test_what_cannot_be_removed_is_told_and_the_rest_goes(home, monkeypatch):
    put_aside(home, "DT-1~1", 400)
    put_aside(home, "DT-2~1", 399)
    real = shutil.rmtree
    monkeypatch.setattr(shutil, "rmtree", lambda path: real(path) if path.name != "DT-1~1" else _refuse(path))

    (done,) = upkeep_of(home).apply()
    assert done.names == ("DT-2~1",)
    assert "DT-1~1" in str(done.problems[0])


def _refuse(path):
    raise PermissionError(13, "Permission denied", str(path))


# --- runs ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def sent(desk, sandbox):
    """A drill that is over, with its figures."""
    desk.at(sandbox).run("send", desk.campaign(code="DT-1"), "--yes")
    return desk.run("report", "DT-1", "--json").fact("report")


@pytest.mark.long
def test_a_drill_goes_into_the_archive_and_much_later_for_good(home, desk, sent):
    now = SystemClock().now()
    assert upkeep_of(home, FakeClock(now + timedelta(days=29))).due() == []
    month = upkeep_of(home, FakeClock(now + timedelta(days=31)))
    assert [due.names for due in month.due()] == [("DT-1",)]
    assert [(done.part, done.names, done.problems) for done in month.apply()] == [(Part.RUNS, ("DT-1",), ())]
    assert desk.run("report", "DT-1", "--json").fact("report")["totals"] == sent["totals"]
    assert upkeep_of(home, FakeClock(now + timedelta(days=75))).due() == []

    with (desk.folder / "zalo-alert.yaml").open("a", encoding="utf-8") as file:
        file.write("retention: {remove_archive_days: 60}\n")
    later = upkeep_of(Workspace(desk.folder, desk.environ), FakeClock(now + timedelta(days=75)))
    assert [(done.part, done.names) for done in later.apply()] == [(Part.ARCHIVES, ("DT-1",))]
    assert desk.run("send", "c.yaml", "--yes").code == 10  # its name is never given again


# --- words in freed pages ------------------------------------------------------------------------------------------------

WORD = "nước ngập đến mái nhà " * 4


@pytest.fixture
def stumps(home):
    """A database of what came back, from which words were deleted and not written over."""
    with closing(open_store(home.state_folder)) as db:
        db.run("PRAGMA secure_delete = OFF")
        db.run_many("INSERT INTO asked VALUES (?, ?, 1)", [(n, WORD) for n in range(3000)])
        db.run_script("PRAGMA wal_checkpoint(TRUNCATE)")
        db.run("DELETE FROM asked")
    return folder_of(home.state_folder) / "inbound.db"


def test_words_that_were_deleted_are_written_over(desk, stumps):
    assert WORD.encode() in stumps.read_bytes()
    assert desk.run("retention", "--json").fact("retention-due")["part"] == "pages"

    assert desk.run("retention", "--yes", "--json").fact("retention-done")["names"] == ["inbound.db"]
    assert all(WORD[:20].encode() not in path.read_bytes() for path in stumps.parent.iterdir() if path.is_file())
    with closing(Database(stumps)) as db:
        assert db.rows("SELECT count(*) FROM asked") == [(0,)]


def test_a_large_one_waits_until_the_door_is_shut(home, stumps, monkeypatch):
    monkeypatch.setattr(retention, "MOST_WHILE_OPEN", 1000)
    with door_held(stumps.parent):
        (done,) = upkeep_of(home).apply()
    assert done.names == ()
    assert "events come in" in done.problems[0]
    assert upkeep_of(home).apply()[0].names == ("inbound.db",)


def test_what_a_killed_process_has_left_goes_when_it_is_a_day_old(desk, home):
    state = desk.folder / ".zalo-alert"
    for name, days in ((".unpacked.4194305.0123456789abcdef", 2), (".unpacked.4194305.fedcba9876543210", 0)):
        (state / name / "DT-1").mkdir(parents=True)
        (state / name / "DT-1" / "ids").write_text("1002893352839501541", encoding="utf-8")
        os.utime(state / name, (time.time() - days * DAY_S,) * 2)

    done = desk.run("retention", "--yes", "--json").fact("retention-done")
    assert (done["part"], done["names"]) == ("leftovers", [".unpacked.4194305.0123456789abcdef"])
    assert [path.name for path in state.glob(".unpacked.*")] == [".unpacked.4194305.fedcba9876543210"]


# --- follower books ------------------------------------------------------------------------------------------------------


def test_generations_go_where_no_import_comes_by(home, tmp_path):
    clock, book = FakeClock(), home.book()
    for number in range(generations.KEPT + 2):
        path = tmp_path / "list.csv"
        path.write_text(f"user_id\n{1002893352839501541 + number}\n", encoding="utf-8")
        book.import_rows(path, path.name, rejects=tmp_path / "rejects.csv", clock=clock)
    assert upkeep_of(home, clock).due() == []

    clock.move(8 * DAY_S)
    (due,) = upkeep_of(home, clock).due()
    assert (due.part, len(due.names), due.size_bytes > 0) == (Part.BOOKS, 2, True)
    before = {generation.id for generation in book.generations()}
    assert upkeep_of(home, clock).apply()[0].names == due.names
    assert before - {generation.id for generation in book.generations()} == {name.split("/")[1] for name in due.names}
