"""Who is told what of the webhook, and what `doctor` says of it: read off what a door left on the disk."""

import json
import os
import sys
from contextlib import closing
from datetime import timedelta

import pytest
from filelock import FileLock

from tests.webhook_events import APP, OA
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.inbound.door_sight import DoorSight, tell_sight
from zalo_alert.inbound.inbound_store import folder_of, open_store
from zalo_alert.inbound.parked import Parked, ParkedEvent
from zalo_alert.inbound.secret_uses import SecretUses
from zalo_alert.operations.watchdog import watch
from zalo_alert.operations.webhook_watch import WatchedDoor
from zalo_alert.operations.workspace import Workspace
from zalo_alert.preflight.webhook import WANTED
from zalo_alert.testing import FakeClock

KEEP = [sys.executable, "-c", "import sys; open('told.jsonl', 'ab').write(sys.stdin.buffer.read() + b'\\n')"]
NOW = SystemClock().now()
SECRET = f"ZALO_ALERT_APP_{APP}_OA_SECRET"


def ms(at):
    return int(at.timestamp() * 1000)


@pytest.fixture
def inbound(desk):
    """The folder that a door has just left."""
    folder = folder_of(desk.folder / ".zalo-alert")
    desk.environ[SECRET] = "Bi-mat-cua-OA-123"
    with (desk.folder / "zalo-alert.yaml").open("a", encoding="utf-8") as file:
        file.write(f"notify: {json.dumps({'command': KEEP})}\n")
    with closing(open_store(desk.folder / ".zalo-alert")) as store:
        store.run_many("INSERT INTO seen VALUES (?, ?, ?, 1)", [(OA, name, ms(NOW)) for name in WANTED])
    tell_sight(folder, DoorSight(7, "127.0.0.1:8080", ms(NOW), ms(NOW)))
    return folder


@pytest.fixture
def held(inbound):
    """The door's process is there."""
    with FileLock(inbound / "door.lock"):
        yield inbound


def told(desk):
    path = desk.folder / "told.jsonl"
    return [json.loads(line)["event"] for line in path.read_bytes().splitlines()] if path.exists() else []


def watched(desk, after=timedelta()):
    home = Workspace(desk.folder, desk.environ)
    return [
        finding.message.event.value for finding in watch(home.settings, home.runs, lambda notice: None, FakeClock(NOW + after))
    ]


def examined(desk):
    checks = Workspace(desk.folder, desk.environ).examine(online=False)
    return [(check.grade.value, check.said) for check in checks if check.about == "webhook"]


def park(folder, at=NOW):
    with closing(Parked(folder)) as parked:
        parked.append([ParkedEvent(APP, OA, "no secret", "mac=ab", 0, ms(at), b"{}")] * 3)


def test_a_door_that_died_is_told_once_and_again_when_it_has_died_once_more(desk, inbound):
    seen = [watched(desk), watched(desk, timedelta(hours=2))]
    tell_sight(inbound, DoorSight(8, "127.0.0.1:8080", ms(NOW), ms(NOW + timedelta(hours=3))))
    seen.append(watched(desk, timedelta(hours=4)))

    assert seen == [["webhook-down"]] * 3
    assert told(desk) == ["webhook-down"] * 2


def test_a_door_that_was_stopped_is_nobodys_trouble(desk, inbound):
    tell_sight(inbound, DoorSight(7, "127.0.0.1:8080", ms(NOW), ms(NOW), stopped_ms=ms(NOW)))

    assert watched(desk) == []


def test_a_door_at_work_is_told_of_nothing_but_what_is_wrong(desk, held):
    quiet = watched(desk)
    park(held)
    tell_sight(held, DoorSight(7, "127.0.0.1:8080", ms(NOW), ms(NOW), closed_ms=ms(NOW), closed_why="no space is left"))

    assert quiet == []
    assert watched(desk) == ["webhook-secret", "webhook-storage"]


class Shown:
    """What a door's own screen would show."""

    def __init__(self):
        self.shown = []

    def on_notice(self, notice):
        self.shown.append("notice")

    def on_status(self, sight):
        self.shown.append("status")

    def on_trouble(self):
        self.shown.append("trouble")


def test_a_door_tells_by_itself_what_the_watchdog_then_does_not_tell_again(desk, held, wait_until):
    home, shown = Workspace(desk.folder, desk.environ), Shown()
    park(held)
    with WatchedDoor(shown, home.settings, home.runs, FakeClock(NOW)) as door:
        door.on_trouble()
        wait_until(lambda: told(desk))
        door.on_status(DoorSight(7, "127.0.0.1:8080", ms(NOW), ms(NOW)))

    assert watched(desk) == ["webhook-secret"]
    assert told(desk) == ["webhook-secret"]
    assert shown.shown == ["trouble", "status"]


def test_what_can_be_read_by_nobody_is_said_and_keeps_nothing_from_being_looked_at(desk, held):
    (held / "parked.db").write_bytes(b"rubbish" * 1000)
    result = desk.run("watchdog", "--json")

    assert result.code == 0, result.err
    assert result.fact("unwatched")["run"] is None


@pytest.mark.skipif(os.name != "posix", reason="needs a link that leads to itself")
def test_a_folder_that_may_not_be_looked_into_is_none_that_never_was(desk):
    folder = folder_of(desk.folder / ".zalo-alert")
    folder.parent.mkdir(exist_ok=True)
    folder.symlink_to(folder)
    result = desk.run("watchdog", "--json")

    assert "can't use .zalo-alert/inbound" in result.fact("unwatched")["why"]


def test_where_there_never_was_a_webhook_nobody_speaks_of_it(desk):
    assert examined(desk) == []
    assert not folder_of(desk.folder / ".zalo-alert").exists()


def test_doctor_says_that_all_is_well(desk, held):
    assert examined(desk) == [("ok", "the door is open, and every kind of event has come")]


def test_doctor_says_what_is_not(desk, inbound):
    park(inbound)
    desk.environ[f"{SECRET}_NEXT"] = "Bi-mat-moi-cua-OA"
    with closing(SecretUses(inbound)) as uses:
        uses.keep({("pctt", SECRET): ms(NOW) - 5, ("pctt", f"{SECRET}_NEXT"): ms(NOW)})
    with closing(open_store(desk.folder / ".zalo-alert")) as store:
        store.run("DELETE FROM seen WHERE name = 'unfollow'")
        store.run("INSERT INTO tally VALUES (?, '55501', 'stranger', 4)", (ms(NOW) // 60_000,))

    assert examined(desk) == [
        ("fail", "nobody receives what Zalo sends: the process that did is gone"),
        ("warn", f"{SECRET}_NEXT is the one that Zalo signs with now"),
        ("warn", f"app {APP}: these have not come for a week: unfollow"),
        ("warn", "linked to our apps, and no account of this workspace: OA 55501 (4 events)"),
        ("warn", "3 events are parked, since they fit no secret of ours"),
    ]


def test_doctor_says_whose_events_can_be_checked_by_nothing(desk, held):
    del desk.environ[SECRET]

    assert examined(desk)[0] == ("fail", "no OA secret is known for pctt: whatever comes for them is parked")


def test_a_certificate_that_can_be_none_is_said(desk, held):
    with (desk.folder / "zalo-alert.yaml").open("a", encoding="utf-8") as file:
        file.write("webhook: {certificate: chain.pem, key: key.pem}\n")
    ((grade, said),) = examined(desk)

    assert (grade, "chain.pem" in said) == ("fail", True)
