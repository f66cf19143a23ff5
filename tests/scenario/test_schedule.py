"""Campaigns and upkeep by the clock: installed, fired as a timer would, listed, removed; under stand-ins for systemd and cron."""

import json
import re
import shlex
import sys
from datetime import datetime, timedelta

import pytest

from zalo_alert.delivery.checks import frozen_campaign
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.operations.workspace import Workspace

pytestmark = [pytest.mark.long, pytest.mark.skipif(sys.platform == "win32", reason="systemd and cron are not there")]

FRIDAY = datetime(2026, 11, 27, 14, 0, tzinfo=VIETNAM)
MONDAY = datetime(2026, 11, 30, 7, 30, tzinfo=VIETNAM)
# The command line on another clock, as `tests/scenario/test_broadcast.py` has it.
CLOCK = """
import os
from datetime import datetime, timedelta
from zalo_alert.foundation.clock import VIETNAM, SystemClock
ahead = timedelta(seconds=float(os.environ["AHEAD_S"]))
SystemClock.now = lambda self: datetime.now(VIETNAM) + ahead
"""
SYSTEMCTL = """#!/bin/sh
echo "$*" >> "$STANDIN/calls"
[ -e "$STANDIN/no-bus" ] && { echo "Failed to connect to bus: No medium found" >&2; exit 1; }
[ -e "$STANDIN/refuses" ] && case "$*" in *enable*) echo "Failed to enable unit: Access denied" >&2; exit 1;; esac
case "$*" in
"--user enable "*) touch "$STANDIN/enabled";;
"--user disable "*) rm -f "$STANDIN/enabled";;
*is-enabled*|*is-active*) [ -e "$STANDIN/enabled" ] || exit 1;;
esac
exit 0
"""
CRONTAB = """#!/bin/sh
[ -e "$STANDIN/refuses" ] && { echo "You (pctt) are not allowed to use this program (crontab)" >&2; exit 1; }
case "$1" in
-l) [ -e "$STANDIN/crontab" ] || { echo "no crontab for pctt" >&2; exit 1; }; cat "$STANDIN/crontab";;
-) cat > "$STANDIN/crontab";;
esac
"""
ROUTINE = {
    "severity": "Minor", "urgency": "Future", "effective": "2026-11-01T07:00:00+07:00", "expires": "2027-06-01T00:00:00+07:00",
    "on_unknown": "hold}\nschedule: {lasts: 3h, within: 1h",
}  # fmt: skip


class Clockwork:
    """A desk whose machine has a stand-in for systemd and for cron, and a clock that can be moved."""

    def __init__(self, desk, folder):
        self.desk, self.folder, self.home = desk, folder, folder / "home"
        for name, text in (("systemctl", SYSTEMCTL), ("crontab", CRONTAB)):
            (folder / "bin").mkdir(parents=True, exist_ok=True)
            (folder / "bin" / name).write_text(text, encoding="utf-8")
            (folder / "bin" / name).chmod(0o755)
        (folder / "sitecustomize.py").write_text(CLOCK, encoding="utf-8")
        desk.environ |= {
            "STANDIN": str(folder), "HOME": str(self.home), "PATH": f"{folder / 'bin'}:{desk.environ['PATH']}", "USER": "pctt",
            "SITE": str(folder / "sitecustomize.py"),
        }  # fmt: skip
        desk.environ.pop("XDG_CONFIG_HOME", None)
        self.move(FRIDAY)

    def move(self, at):
        self.desk.environ["AHEAD_S"] = str((at - datetime.now(VIETNAM)).total_seconds())

    def install(self, *words):
        return self.desk.run("schedule", "install", *words, "--user", "--json")

    def fire(self):
        """Do what systemd does: start the words of the unit's ExecStart."""
        (unit,) = self.units(".service")
        (line,) = re.findall("^ExecStart=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)
        words = shlex.split(line)
        assert words[:4] == [sys.executable, "-I", "-m", "zalo_alert"]
        return self.desk.run(*words[4:], "--json")

    def units(self, ending=""):
        return sorted(self.home.glob(f".config/systemd/user/zalo-alert-*{ending}"))

    def calls(self):
        return (self.folder / "calls").read_text(encoding="utf-8").splitlines()

    def listed(self):
        return self.desk.run("schedule", "list", "--json").fact("schedule")


@pytest.fixture
def clockwork(desk, tmp_path):
    return Clockwork(desk, tmp_path / "standin")


def test_two_planned_times_are_two_runs_and_a_timer_that_fires_again_sends_nothing(clockwork, sandbox_with):
    """The done-when: installed, fired at two times, each person written to once at each, and the report says so."""
    desk = clockwork.desk.at(sandbox := sandbox_with(at=FRIDAY.isoformat()))
    installed = clockwork.install(desk.campaign(**ROUTINE), "--at", "mon 07:30")

    assert installed.code == 0, installed.said
    assert installed.fact("schedule-installed")["next_at"] == "2026-11-30T07:30:00+07:00"
    (timer,) = clockwork.units(".timer")
    assert "OnCalendar=Mon *-*-* 07:30:00 Asia/Ho_Chi_Minh\n" in timer.read_text(encoding="utf-8")
    assert clockwork.calls()[-3:] == [
        f"--user {what}" for what in ("daemon-reload", f"enable {timer.name}", f"restart {timer.name}")
    ]

    codes, runs = [], []
    for at in (MONDAY, MONDAY + timedelta(minutes=3), MONDAY + timedelta(days=7, seconds=5)):
        clockwork.move(at)
        sandbox.change(at=at.isoformat())
        fired = clockwork.fire()
        codes.append(fired.code)
        runs += [fact["occurrence"] for fact in fired.facts if fact["type"] == "fired"]
    report = desk.run("report", "DT-1@2026-12-07T0730", "--json").fact("report")
    listed, campaign = clockwork.listed(), frozen_campaign(Workspace(desk.folder).run("DT-1@2026-12-07T0730"))

    assert codes == [0, 0, 0]
    assert runs == ["2026-11-30T0730", "2026-12-07T0730"]
    assert (report["audience"], report["totals"]["accepted"]) == (1000, 1000)
    assert (listed["last"]["occurrence"], listed["last"]["fate"], listed["drift"]) == ("2026-12-07T0730", "done", [])
    assert listed["next_at"] == "2026-12-14T07:30:00+07:00"
    assert (campaign.effective, campaign.expires - campaign.effective) == (MONDAY + timedelta(days=7), timedelta(hours=3))


def test_what_was_missed_by_hours_is_left_out_and_told(clockwork):
    desk = clockwork.desk
    keep = [sys.executable, "-c", "import sys; open('told.jsonl', 'ab').write(sys.stdin.buffer.read() + b'\\n')"]
    with (desk.folder / "zalo-alert.yaml").open("a", encoding="utf-8") as file:
        file.write(f"notify: {json.dumps({'command': keep, 'events': ['schedule']})}\n")
    clockwork.install(desk.campaign(**ROUTINE), "--at", "mon 07:30", "--notify")
    clockwork.move(MONDAY + timedelta(hours=13))
    late, again = clockwork.fire(), clockwork.fire()
    told = [json.loads(line) for line in (desk.folder / "told.jsonl").read_bytes().splitlines()]

    assert (late.code, again.code) == (3, 0)
    assert late.fact("left-out")["fate"] == "missed"
    assert [(each["event"], each["urgent"]) for each in told] == [("schedule", True)]
    assert not (desk.folder / ".zalo-alert" / "runs").exists()


def test_cron_takes_a_block_and_keeps_every_other_line(clockwork):
    (clockwork.folder / "no-bus").touch()
    other = "MAILTO=truc@pctt.vn\n5 4 * * * /usr/bin/backup --daily\n"
    (clockwork.folder / "crontab").write_text(other, encoding="utf-8")
    installed = clockwork.install(clockwork.desk.campaign(**ROUTINE), "--at", "thứ hai 07:32")
    crontab = (clockwork.folder / "crontab").read_text(encoding="utf-8")
    drift = clockwork.listed()["drift"]
    removed = clockwork.desk.run("schedule", "remove", "dt-1")

    assert (installed.code, removed.code) == (0, 0), installed.said
    assert crontab.startswith(other)
    assert "\n2-59/5 * * * * " in crontab
    assert drift == []
    assert (clockwork.folder / "crontab").read_text(encoding="utf-8") == other


def test_what_the_machine_refuses_leaves_nothing_behind(clockwork):
    campaign = clockwork.desk.campaign(**ROUTINE)
    (clockwork.folder / "refuses").touch()
    by_systemd = clockwork.install(campaign, "--at", "mon 07:30")
    (clockwork.folder / "no-bus").touch()
    by_cron = clockwork.install(campaign, "--at", "mon 07:30", "--using", "cron")
    without_bus = clockwork.install(campaign, "--at", "mon 07:30", "--using", "systemd")

    assert [result.code for result in (by_systemd, by_cron, without_bus)] == [11, 11, 11]
    assert "Access denied" in by_systemd.said
    assert "not allowed to use this program" in by_cron.said
    assert "loginctl enable-linger pctt" in without_bus.said
    assert clockwork.units() == []
    assert clockwork.desk.run("schedule", "list", "--json").facts == []


def test_what_has_changed_since_is_told(clockwork):
    campaign = clockwork.desk.campaign(**ROUTINE)
    clockwork.install(campaign, "--at", "mon 07:30")
    service, timer = clockwork.units()
    timer.unlink()
    service.write_text(service.read_text(encoding="utf-8").replace("RestartSec=5min", "RestartSec=1s"), encoding="utf-8")
    (clockwork.folder / "enabled").unlink()
    (clockwork.desk.folder / campaign).unlink()
    drift = " · ".join(clockwork.listed()["drift"])
    checked = [fact for fact in clockwork.desk.run("doctor", "--offline", "--json").facts if fact.get("about") == "schedule"]
    clockwork.move(MONDAY)
    fired = clockwork.desk.run("schedule", "fire", "dt-1")
    again = clockwork.desk.run("schedule", "fire", "dt-1")

    for said in ("c.yaml is gone", "was changed by hand", ".timer is gone", "is disabled"):
        assert said in drift
    assert [check["grade"] for check in checked] == ["warn"]
    assert (fired.code, again.code) == (2, 0)
    assert clockwork.listed()["last"]["fate"] == "failed"
