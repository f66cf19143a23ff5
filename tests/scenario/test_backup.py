"""A workspace in one encrypted file: made while it sends, brought back elsewhere, and never two that write to the same people."""

import pytest
from shelves import Shelf, half_way, slow

pytestmark = pytest.mark.long


PEOPLE = 1000


@pytest.fixture
def shelf(desk, tmp_path):
    """A key, and backups for it in a folder of their own."""
    return Shelf(desk, tmp_path / "nas", tmp_path / "backup.key")


def test_what_was_handed_over_goes_on_elsewhere_and_reaches_everybody_once(desk, sandbox, wait_until, shelf):
    path, _ = half_way(desk, sandbox, wait_until)
    file = shelf.file("--hand-over", "new server")
    refused = desk.run("resume", "DT-1")
    other = shelf.restore(file)
    asleep = other.run("resume", "DT-1")

    assert (refused.code, asleep.code) == (14, 14)
    assert "handed over" in refused.said
    assert "asleep" in asleep.said
    assert "zalo-alert wake" in asleep.said
    assert other.run("status", "--json").code == 0
    assert other.run("plan", path).code == 0

    woken = other.run("wake", "the old one is sealed", "--json")
    assert (woken.code, woken.fact("woken")["exact"]) == (0, True)
    assert other.run("resume", "DT-1").code == 0
    assert desk.run("send", path, "--yes").code == 14
    stats = sandbox.stats()
    assert (stats["people"], stats["twice"]) == (PEOPLE, 0)


def test_after_a_nightly_backup_whoever_was_left_is_unknown(desk, sandbox, wait_until, shelf):
    path, file = half_way(desk, sandbox, wait_until, shelf)  # the backup was made while the run was being sent
    assert desk.run("resume", "DT-1").code == 0  # and the old machine went on afterwards
    other = shelf.restore(file)
    woken = other.run("wake", "the old one burnt", "--json").fact("woken")
    before = sandbox.stats()["requests"]
    again = other.run("resume", "DT-1")

    assert woken["exact"] is False
    [held] = woken["runs"]
    states = other.states()
    assert len(states) == PEOPLE
    assert list(states.values()).count("unknown") == held["people"] > 0
    assert set(states.values()) <= {"accepted", "unknown"}
    assert again.code == 3
    assert other.run("send", path, "--yes").code == 3
    assert sandbox.stats()["requests"] == before
    assert sandbox.stats()["twice"] == 0
    assert "another machine" in other.run("report", "DT-1").said


def test_nothing_is_handed_over_while_a_run_is_sent(desk, sandbox, wait_until, shelf):
    path = slow(desk, sandbox)
    child = desk.start("send", path, "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > 20)
    busy = shelf.make("--hand-over", "new server")

    assert busy.code == 12
    assert not list(shelf.folder.iterdir())
    assert desk.run("stop").code == 0
    assert desk.ended(child).code == 130  # the seal that was refused keeps nobody from going on
    desk.configure("app_per_minute: 6000", "app_per_minute: 6000000")
    assert desk.run("resume", "DT-1").code == 0


def test_what_was_perhaps_sent_after_the_backup_is_not_begun_anew_unasked(desk, sandbox, shelf):
    file = shelf.file()
    desk.at(sandbox)
    path = desk.campaign()
    assert desk.run("send", path, "--yes").code == 0
    other = shelf.restore(file)
    assert other.run("wake", "the old one burnt").code == 0
    other.campaign()
    refused = other.run("send", path, "--yes")

    assert refused.code == 10
    assert "--despite-restore" in refused.said
    assert sandbox.stats()["twice"] == 0
    assert other.run("send", path, "--yes", "--dry-run").code == 0
