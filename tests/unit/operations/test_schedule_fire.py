"""What is due is known by the planned instant: twice, late, meanwhile, again and too late; nothing here waits or sends."""

from contextlib import closing
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from zalo_alert.errors import AttentionNeeded, CampaignInvalid, ErrorCause, RunBusy, RunSuspended, SettingsInvalid, UsageError
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.operations.scaffold import create
from zalo_alert.operations.schedule_fire import GO_ON, End, _Firing, fire
from zalo_alert.settings.load import load
from zalo_alert.testing import FakeClock, drill
from zalo_alert.timetable.entry import Entries, Entry, Means
from zalo_alert.timetable.occurrences import Fate, Occurrences

FRIDAY = datetime(2026, 11, 27, 14, 0, tzinfo=VIETNAM)
MONDAY = datetime(2026, 11, 30, 7, 30, tzinfo=VIETNAM)
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
OFFLINE = End(13, RunSuspended("no connection", cause=ErrorCause.NETWORK))
NO_MONEY = End(13, RunSuspended("no money", cause=ErrorCause.MONEY))


class RunsHere:
    """Runs by name: whether each is being sent, and was begun."""

    def __init__(self):
        self.known = {}

    def find(self, name):
        return self.known.get(str(name))

    def add(self, key, *, is_active=False, is_begun=True):
        self.known[f"DT-1@{key}"] = SimpleNamespace(is_active=is_active, is_begun=is_begun)


class Office:
    """A workspace with one entry, a clock, and what was done."""

    def __init__(self, folder, at="mon 07:30", task="", **more):
        create(folder, FRIDAY)
        self.settings, self.clock = load(folder, {}), FakeClock(FRIDAY)
        self.runs: Any = RunsHere()
        (folder / "c.yaml").write_text(drill(FRIDAY) + more.pop("schedule", ""), encoding="utf-8")
        what = {"task": task, "words": ("watchdog",)} if task else {"campaign": "c.yaml", "code": "DT-1"}
        self.entry = Entry("dt-1", str(folder), at, Means.CRON, FRIDAY, "u", **what, **more)
        self.done, self.notices, self.ends = [], [], []

    def fire(self, at):
        self.clock = FakeClock(at)
        return fire(self.entry, self.settings, self.runs, self._perform, self.notices.append, self.clock)

    def _perform(self, entry, key):
        self.done.append(key)
        end = self.ends.pop(0) if self.ends else End(0)
        return end() if callable(end) else end

    def fates(self):
        with closing(Occurrences(self.settings.state_dir)) as occurrences:
            return {f"{each.planned_at:%d.%m %H:%M}": each.fate for each in occurrences.all("dt-1")}


@pytest.fixture
def office(tmp_path):
    return Office(tmp_path)


def test_before_its_time_nothing_is_due(office):
    assert office.fire(MONDAY - timedelta(seconds=1)) == []
    assert office.done == []


def test_twice_is_once(office):
    for minutes in (0, 0, 5, 700):
        office.fire(MONDAY + timedelta(minutes=minutes))

    assert office.done == ["2026-11-30T0730"]
    assert office.fates() == {"30.11 07:30": Fate.DONE}


def test_what_cannot_be_done_yet_is_tried_again_until_it_is(office):
    office.ends = [OFFLINE, End(12, RunBusy("x")), End(0)]
    for minutes in (0, 5, 10, 15):
        office.fire(MONDAY + timedelta(minutes=minutes))

    assert office.done == ["2026-11-30T0730"] * 3
    assert office.fates() == {"30.11 07:30": Fate.DONE}


def test_what_is_refused_is_not_tried_again(office):
    office.ends = [NO_MONEY]
    for minutes in (0, 5):
        office.fire(MONDAY + timedelta(minutes=minutes))

    assert office.done == ["2026-11-30T0730"]
    assert office.fates() == {"30.11 07:30": Fate.FAILED}


def test_one_that_never_began_is_given_up_when_it_is_too_late(office):
    office.ends = [OFFLINE]
    office.fire(MONDAY)
    office.fire(MONDAY + 2 * HOUR)

    assert office.done == ["2026-11-30T0730"]
    assert office.fates() == {"30.11 07:30": Fate.GIVEN_UP}


def test_one_that_was_begun_goes_on_for_half_a_day(office):
    office.ends = [OFFLINE, OFFLINE, OFFLINE]
    office.runs.add("2026-11-30T0730")
    for later in (timedelta(), 3 * HOUR, GO_ON, GO_ON + HOUR):
        office.fire(MONDAY + later)

    assert len(office.done) == 3
    assert office.fates() == {"30.11 07:30": Fate.GIVEN_UP}


def test_a_process_that_was_killed_is_gone_on_with(office):
    def killed():
        raise MemoryError

    office.ends = [End(130)]
    office.fire(MONDAY)
    office.fire(MONDAY + timedelta(minutes=5))
    office.fire(MONDAY + timedelta(minutes=10))

    assert office.done == ["2026-11-30T0730"] * 2
    office.ends = [killed]
    with pytest.raises(MemoryError):
        office.fire(MONDAY + WEEK)
    assert office.fates()["07.12 07:30"] is Fate.FAILED


def test_late_within_the_hour_is_caught_up_and_later_is_left_out(office):
    office.fire(MONDAY + timedelta(minutes=59))
    with pytest.raises(AttentionNeeded):
        office.fire(MONDAY + WEEK + timedelta(minutes=61))

    assert office.done == ["2026-11-30T0730"]
    assert office.fates() == {"30.11 07:30": Fate.DONE, "07.12 07:30": Fate.MISSED}
    assert [notice.kind for notice in office.notices] == ["left-out"]


@pytest.mark.parametrize(
    ("schedule", "minutes", "is_done"),
    [("missed: skip", 9, True), ("missed: skip", 11, False), ("within: 3h", 179, True), ("within: 30min", 31, False)],
)
def test_the_campaign_chooses(tmp_path, schedule, minutes, is_done):
    office = Office(tmp_path, schedule=f"schedule: {{{schedule}}}\n")
    try:
        office.fire(MONDAY + timedelta(minutes=minutes))
    except AttentionNeeded:
        assert not is_done

    assert bool(office.done) is is_done


def test_of_several_that_were_missed_the_latest_alone_is_caught_up(office):
    office.fire(MONDAY + 3 * WEEK + timedelta(minutes=1))

    assert office.done == ["2026-12-21T0730"]
    assert list(office.fates().values()) == [Fate.DONE, Fate.MISSED, Fate.MISSED, Fate.MISSED]


def test_what_was_planned_before_the_installation_was_not_missed(office):
    assert office.fire(FRIDAY + HOUR) == []
    assert office.fates() == {}


def test_while_the_time_before_is_still_being_sent_the_next_is_left_out(tmp_path):
    office = Office(tmp_path, at="mon 07:30,08:30")
    office.ends = [End(12, RunBusy("x"))]
    office.fire(MONDAY)
    office.runs.add("2026-11-30T0730", is_active=True)

    with pytest.raises(RunBusy):  # the same once more
        office.fire(MONDAY + timedelta(minutes=5))
    with pytest.raises(RunBusy):  # the next
        office.fire(MONDAY + HOUR)
    assert office.done == ["2026-11-30T0730"]
    assert office.fates()["30.11 08:30"] is Fate.BUSY


def test_or_it_is_a_run_of_its_own_where_the_campaign_says_so(tmp_path):
    office = Office(tmp_path, at="mon 07:30,08:30", schedule="schedule: {overlap: own-run}\n")
    office.ends = [End(12, RunBusy("x"))]
    office.fire(MONDAY)
    office.runs.add("2026-11-30T0730", is_active=True)
    office.fire(MONDAY + HOUR)

    assert office.done == ["2026-11-30T0730", "2026-11-30T0830"]


@pytest.mark.parametrize(("schedule", "keys"), [("", 1), ("schedule: {overlap: own-run}\n", 2)])
def test_a_time_that_came_while_this_process_sent_is_seen_at_its_end(tmp_path, schedule, keys):
    """Under systemd nothing wakes us meanwhile: a unit that runs is not started."""
    office = Office(tmp_path, at="mon 07:30,08:30", schedule=schedule)

    def long_send():
        office.clock.move(4000)
        return End(0)

    office.ends = [long_send]
    office.fire(MONDAY)

    assert len(office.done) == keys
    assert office.fates()["30.11 08:30"] is (Fate.DONE if keys == 2 else Fate.BUSY)


def test_another_campaign_in_the_file_is_not_sent(office):
    path = office.settings.workspace / "c.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("DT-1", "DT-2"), encoding="utf-8")
    (end,) = office.fire(MONDAY)

    assert (end.code, office.done) == (10, [])


@pytest.mark.parametrize(("content", "code"), [(None, 2), ("code: [", 10)])
def test_a_campaign_that_is_gone_or_damaged_fails_once(office, content, code):
    path = office.settings.workspace / "c.yaml"
    path.unlink()
    if content:
        path.write_text(content, encoding="utf-8")
    (end,) = office.fire(MONDAY)

    assert end.code == code
    assert isinstance(end.error, CampaignInvalid if content else UsageError)
    assert office.fire(MONDAY + timedelta(minutes=5)) == []


def test_a_workspace_that_has_moved_does_nothing(office):
    office.entry = Entry("dt-1", "/srv/elsewhere", "mon 07:30", Means.CRON, FRIDAY, "u", campaign="c.yaml", code="DT-1")

    with pytest.raises(SettingsInvalid):
        office.fire(MONDAY)
    assert office.done == []


def test_upkeep_that_was_slept_through_is_done_whenever_the_machine_wakes(tmp_path):
    office = Office(tmp_path, at="every 2 min", task="watchdog")
    office.fire(MONDAY + 2 * WEEK)

    assert len(office.done) == 1


def test_an_entry_is_kept_as_it_is(office):
    entries = Entries(office.settings.state_dir)
    entries.keep(office.entry)

    assert entries.open("dt-1") == office.entry
    (entries.folder / "dt-1.json").write_text("{", encoding="utf-8")
    with pytest.raises(RunSuspended):
        entries.open("dt-1")


def test_a_clock_that_was_ahead_costs_no_time_and_sends_none_twice(office):
    office.fire(MONDAY)
    office.fire(MONDAY + 10 * WEEK)  # a dead battery
    office.fire(MONDAY - HOUR)
    office.fire(MONDAY)
    office.fire(MONDAY + WEEK)
    office.fire(MONDAY + 10 * WEEK)

    assert office.done == ["2026-11-30T0730", "2027-02-08T0730", "2026-12-07T0730"]
    assert office.fates()["08.02 07:30"] is Fate.DONE


def test_a_second_waking_while_a_task_is_done_changes_nothing(tmp_path):
    office = Office(tmp_path, "daily 06:00", "watchdog")
    due = FRIDAY + timedelta(hours=16)

    def meanwhile():
        with pytest.raises(RunBusy):
            office.fire(due)
        assert office.fates() == {"28.11 06:00": Fate.BEGUN}
        return End(0)

    office.ends = [meanwhile]
    office.fire(due)
    assert (office.done, office.fates()) == (["2026-11-28T0600"], {"28.11 06:00": Fate.DONE})


@pytest.mark.parametrize("task", ["", "watchdog"])
def test_who_looked_before_another_process_ended_it_does_nothing(tmp_path, task, monkeypatch):
    office = Office(tmp_path, "daily 06:00", task)
    due, looked = FRIDAY + timedelta(hours=16), _Firing._due

    def slow(firing, ended_at):
        planned = looked(firing, ended_at)
        monkeypatch.setattr(_Firing, "_due", looked)
        office.fire(due)  # another process: looks, does it and ends, before this one goes on
        return planned

    office.ends = [End(10, CampaignInvalid([]))]
    monkeypatch.setattr(_Firing, "_due", slow)
    office.fire(due)
    assert (office.done, office.fates()) == (["2026-11-28T0600"], {"28.11 06:00": Fate.FAILED})
