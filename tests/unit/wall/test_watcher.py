import os
import sqlite3
from contextlib import closing

import pytest

from tests.receipts_kept import keep_receipts
from tests.wall_runs import begin, finish, freeze_run, make_workspace, settle
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.models import State
from zalo_alert.testing import FakeClock
from zalo_alert.wall.card import card_of
from zalo_alert.wall.details import details_of
from zalo_alert.wall.listing import RELISTED_S
from zalo_alert.wall.watcher import LONGEST_PAUSE_S, SLOW_EVERY_S, Watcher

NOW = SystemClock().now()
ACCEPTED = {State.ACCEPTED: 30}


@pytest.fixture
def folder(tmp_path):
    return make_workspace(tmp_path / "workspace", NOW)


@pytest.fixture
def clock():
    return FakeClock(NOW)


@pytest.fixture
def watcher(folder, clock):
    made = Watcher(folder, {}, clock)
    yield made
    made.close()


def tick(watcher):
    """Tick until every look that has begun is over, however slow the machine is."""
    state = watcher.tick()
    for seat in watcher._seats.values():
        if seat.pending:
            seat.pending.result()
    return watcher.tick() if state else state


def test_a_workspace_without_a_run_shows_none(watcher):
    state = watcher.tick()

    assert (state.runs, state.others, state.trouble) == ((), 0, "")


def test_a_run_is_seen_with_what_has_become_of_it(watcher, folder):
    run = freeze_run(folder, NOW, "DT-1")
    settle(run, NOW, ACCEPTED)

    (seen,) = tick(watcher).runs

    assert seen.sight.status.totals[State.ACCEPTED] == 30
    assert seen.verdict.word == "not-begun"
    assert seen.trouble == ""


def test_what_is_settled_later_is_seen_at_a_later_tick(watcher, folder, clock):
    run = freeze_run(folder, NOW, "DT-1")
    tick(watcher)
    settle(run, NOW, ACCEPTED)
    clock.move(SLOW_EVERY_S)

    (seen,) = tick(watcher).runs

    assert seen.sight.status.totals[State.ACCEPTED] == 30


def test_a_run_that_stands_is_not_read_at_every_tick(watcher, folder):
    freeze_run(folder, NOW, "DT-1")
    tick(watcher)
    before = watcher.reads

    for _ in range(5):
        tick(watcher)

    assert watcher.reads <= before + 1  # opening it may have touched its log


def test_a_new_run_is_found_and_one_that_is_gone_is_forgotten(watcher, folder):
    freeze_run(folder, NOW, "DT-1")
    assert [seen.name for seen in tick(watcher).runs] == ["DT-1"]
    second = freeze_run(folder, NOW, "DT-2")
    assert {seen.name for seen in tick(watcher).runs} == {"DT-1", "DT-2"}

    second.folder.rename(folder / "away")

    assert [seen.name for seen in tick(watcher).runs] == ["DT-1"]


def test_a_damaged_run_is_told_of_and_the_others_go_on(watcher, folder):
    freeze_run(folder, NOW, "DT-1")
    bad = freeze_run(folder, NOW, "DT-2")
    bad.close()
    (bad.folder / "run.db").write_bytes(b"this is no database" * 1000)

    seen = {one.name: one for one in tick(watcher).runs}

    assert seen["DT-1"].sight
    assert not seen["DT-1"].trouble
    assert "is cut short" in seen["DT-2"].trouble


def test_a_run_whose_ledger_breaks_while_it_is_watched_keeps_what_was_seen(watcher, folder, clock):
    run = freeze_run(folder, NOW, "DT-1")
    settle(run, NOW, ACCEPTED)
    tick(watcher)
    with closing(sqlite3.connect(run.folder / "run.db")) as database:
        database.execute("UPDATE state SET name = 'gone with the wind'")
        database.commit()
    clock.move(SLOW_EVERY_S)

    (seen,) = tick(watcher).runs

    assert "a state that there is not" in seen.trouble
    assert seen.sight.status.totals[State.ACCEPTED] == 30


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="whoever is root may read everything")
def test_a_folder_without_rights_is_told_of(watcher, folder):
    bad = freeze_run(folder, NOW, "DT-2")
    bad.close()
    bad.folder.chmod(0)
    try:
        (seen,) = tick(watcher).runs
    finally:
        bad.folder.chmod(0o700)

    assert "Permission denied" in seen.trouble


def test_a_run_whose_file_cant_be_looked_at_is_told_of(watcher, folder):
    freeze_run(folder, NOW, "DT-1")
    (folder / ".zalo-alert" / "runs" / "DT-2").mkdir()
    (folder / ".zalo-alert" / "runs" / "DT-2" / "run.db").symlink_to("run.db")

    seen = {one.name: one for one in tick(watcher).runs}

    assert "Too many levels of symbolic links" in seen["DT-2"].trouble
    assert seen["DT-1"].sight


def test_of_runs_that_are_over_the_latest_are_shown_and_the_others_counted(watcher, folder, clock):
    for number in range(7):
        run = freeze_run(folder, NOW, f"DT-{number}")
        begin(run, NOW)
        finish(run, NOW)
        run.close()
        os.utime(run.folder / "run.db", (NOW.timestamp() - number, NOW.timestamp() - number))
    clock.move(RELISTED_S)

    state = tick(watcher)

    assert [seen.name for seen in state.runs] == ["DT-0", "DT-1", "DT-2"]
    assert state.others == 4


def test_settings_that_cant_be_read_are_told_of_and_the_runs_are_shown(watcher, folder):
    freeze_run(folder, NOW, "DT-1")
    (folder / "zalo-alert.yaml").write_text("accounts: 7\n", encoding="utf-8")

    state = tick(watcher)

    assert "zalo-alert.yaml" in state.trouble
    assert state.runs[0].sight


def test_details_say_what_each_province_has_reached_and_why_not(watcher, folder):
    run = freeze_run(folder, NOW, "DT-1", areas='["new:46", "new:44"]')
    settle(run, NOW, {State.ACCEPTED: 50, State.REJECTED: 25})

    (seen,) = tick(watcher).runs
    details = details_of(seen, NOW)
    assert details

    assert len(details.shares) == 2
    assert all(0 <= share.reached <= 1 for share in details.shares.values())
    assert [(row.people, row.code) for row in details.causes] == [("25", "-213")]


def test_receipts_of_a_run_that_is_over_are_seen_when_they_come(watcher, folder, clock):
    run = freeze_run(folder, NOW, "DT-1")
    settle(run, NOW, {State.ACCEPTED: 200})
    begin(run, NOW)
    finish(run, NOW)
    (before,) = tick(watcher).runs
    assert before.sight.receipts.is_kept is False
    assert ("delivered, seen", "not kept", "") in card_of(before, NOW).facts

    keep_receipts(run, {number: (int(NOW.timestamp()), None) for number in range(160)})
    clock.move(SLOW_EVERY_S + LONGEST_PAUSE_S)
    (after,) = tick(watcher).runs

    assert after.sight.receipts.delivered == 160
    facts = {fact.label: fact.value for fact in card_of(after, NOW).facts}
    assert facts["delivered"] == "160 (80.0 % of accepted)"
    assert facts["seen"] == "0 (0.0 % of accepted)"
    details = details_of(after, NOW)
    assert details
    assert [row.delivered for row in details.rows if row.delivered] != []


def test_nothing_is_said_of_receipts_while_none_are_kept_and_it_is_sent(watcher, folder):
    run = freeze_run(folder, NOW, "DT-1")
    settle(run, NOW, ACCEPTED)
    begin(run, NOW)
    (seen,) = tick(watcher).runs

    assert not [fact for fact in card_of(seen, NOW).facts if "deliver" in fact.label]
    details = details_of(seen, NOW)
    assert details
    assert not details.has_receipts
