"""Backups and restores that are killed, a hand-over cut short, what is no backup, and the officer who wakes a live workspace."""

import shutil
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import Desk
from office import submit
from shelves import Shelf, half_way

from zalo_alert.foundation.clock import SystemClock
from zalo_alert.settings.rest_mark import Rest, RestMark, keep_rest, read_rest

pytestmark = pytest.mark.long


@pytest.fixture
def shelf(desk, tmp_path):
    return Shelf(desk, tmp_path / "nas", tmp_path / "backup.key")


def verified(shelf, file):
    return shelf.desk.run("backup", "verify", str(file), "--identity", str(shelf.key), "--json")


@pytest.mark.kill
@pytest.mark.parametrize("wait", range(4))
def test_a_backup_that_is_killed_leaves_a_whole_one_or_none(desk, shelf, wait_until, wait):
    (desk.folder / "large.bin").write_bytes(bytes(40 << 20))
    child = desk.start("backup", str(shelf.folder), "--to", shelf.public)
    wait_until(lambda: shelf.folder.is_dir() and list(shelf.folder.glob(".*/*")))
    if wait:
        wait_until(lambda: sum(path.stat().st_size for path in shelf.folder.glob(".*/*")) > wait * (8 << 20))
    child.send_signal(signal.SIGKILL)
    child.communicate()

    for file in shelf.folder.glob("*.age"):
        assert verified(shelf, file).code == 0
    assert desk.run("backup", "list", str(shelf.folder), "--json").code == 0
    assert verified(shelf, shelf.file("--keep", "1")).code == 0
    assert len(list(shelf.folder.glob("*.age"))) == 1


@pytest.mark.kill
@pytest.mark.parametrize("wait", range(3))
def test_a_restore_that_is_killed_leaves_a_whole_sleeping_workspace_or_none(desk, shelf, wait_until, tmp_path, wait):
    (desk.folder / "large.bin").write_bytes(bytes(40 << 20))
    file, target = shelf.file(), tmp_path / "restored"
    child = desk.start("restore", file, str(target), "--identity", str(shelf.key))
    wait_until(lambda: list(tmp_path.glob(".restored.*")))
    if wait:
        wait_until(
            lambda: sum(p.stat().st_size for p in tmp_path.glob(".restored.*/*.bin")) > wait * (10 << 20) or target.exists()
        )
    child.send_signal(signal.SIGKILL)
    child.communicate()

    if target.exists():
        mark = read_rest(target / ".zalo-alert")
        assert mark is not None
        assert mark.rest is Rest.ASLEEP
    else:
        assert desk.run("restore", file, str(target), "--identity", str(shelf.key)).code == 0


@pytest.mark.kill
def test_a_hand_over_that_is_killed_leaves_a_seal_and_loses_nobody(desk, sandbox, shelf, wait_until):
    half_way(desk, sandbox, wait_until)
    (desk.folder / "large.bin").write_bytes(bytes(40 << 20))
    child = desk.start("backup", str(shelf.folder), "--to", shelf.public, "--hand-over", "new server")
    wait_until(lambda: (desk.folder / ".zalo-alert" / "rest.json").exists() and list(shelf.folder.glob(".*/*")))
    child.send_signal(signal.SIGKILL)
    child.communicate()

    refused = desk.run("resume", "DT-1")
    assert refused.code == 14
    assert "--hand-over" in refused.said
    assert desk.run("doctor", "--offline").code == 14
    if not list(shelf.folder.glob("*.age")):
        woken = desk.run("wake", "it stays here after all", "--json").fact("woken")
        assert woken["exact"] is (read_rest(desk.folder / ".zalo-alert") is None)
        assert desk.run("resume", "DT-1").code == 0
        assert (sandbox.stats()["people"], sandbox.stats()["twice"]) == (1000, 0)


def test_a_sealed_workspace_that_is_woken_knows_no_more_who_was_written_to(desk, sandbox, shelf, wait_until):
    half_way(desk, sandbox, wait_until)
    file = shelf.file("--hand-over", "new server")
    other = shelf.restore(file, "--take-over", "the old one is sealed")
    assert other.run("resume", "DT-1").code == 0
    assert desk.run("wake", "we thought that it never ran", "--json").fact("woken")["exact"] is False
    assert desk.run("resume", "DT-1").code == 3
    assert (sandbox.stats()["people"], sandbox.stats()["twice"]) == (1000, 0)


def test_what_is_refused_is_said_with_its_code(desk, sandbox, shelf, tmp_path, wait_until):
    key, good = ("--identity", str(shelf.key)), Path(shelf.file())
    desk.run("backup", "key", str(tmp_path / "other.key"))
    bad = tmp_path / "bad.age"
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "x").touch()
    bad.write_bytes(good.read_bytes()[:-9])
    cases = [
        (("restore", str(bad), str(tmp_path / "r"), *key), 10, "cut short"),
        (("backup", "verify", str(good), "--identity", str(tmp_path / "other.key")), 10, "another key"),
        (("backup", "verify", str(good)), 2, "private key"),
        (("backup", "verify", str(desk.folder / "zalo-alert.yaml"), *key), 10, "no backup"),
        (("backup", "verify", str(tmp_path / "none.age"), *key), 10, "No such file"),
        (("backup", "verify", str(tmp_path), *key), 10, "directory"),
        (("backup", "list", str(tmp_path / "none")), 10, "No such file"),
        (("restore", str(good), str(desk.folder), *key), 2, "workspace already"),
        (("restore", str(good), str(tmp_path / "new"), *key), 2, "not empty"),
        (("backup", str(desk.folder / "in"), "--to", shelf.public), 2, "workspace itself"),
        (("backup", str(good), "--to", shelf.public), 2, "there already"),
        (("backup", str(shelf.folder)), 2, "nobody is named"),
        (("backup",), 2, "no folder"),
        (("backup", str(shelf.folder), "--to", "age1x"), 10, "no recipient"),
        (("backup", str(shelf.folder), "--passphrase"), 2, "nobody is here"),
        (("backup", str(shelf.folder), "--passphrase", "--to", shelf.public), 2, "not for both"),
        (("backup", "/proc/none/x", "--to", shelf.public), 13, "can't make"),
        (("wake", "why"), 2, "awake"),
    ]
    for words, code, said in cases:
        result = desk.run(*words)
        assert (result.code, said in result.said) == (code, True), (words, result.said)
    assert not (tmp_path / "r").exists()

    path = desk.at(sandbox).campaign()
    desk.configure("app_per_minute: 6000000", "app_per_minute: 6000")
    child = desk.start("send", path, "--yes")
    wait_until(lambda: sandbox.stats()["accepted"] > 5)
    busy = desk.run("restore", str(good), str(desk.folder), *key)
    assert (busy.code, "being sent" in busy.said) == (12, True)
    child.kill()


def test_an_approver_wakes_a_live_workspace_and_its_approved_run_goes_on(live_desk, officers, tls_sandbox, tmp_path):
    path = live_desk.campaign(areas="[new:46]")
    people = live_desk.run("plan", path, "--json").fact("plan")["people"]
    assert submit(live_desk, officers, path, "DT-1", people).code == 0
    typed = f"DT-1\n{people}\n"
    assert live_desk.run("approve", "DT-1", "--key", officers.key("Cuc"), stdin=typed).code == 0
    shelf = Shelf(live_desk, tmp_path / "nas", tmp_path / "backup.key")
    file = shelf.file("--hand-over", "new server")
    other = shelf.restore(file)

    for key in (officers.key("Dung"), str(tmp_path / "none")):
        assert other.run("wake", "sealed", "--key", key).code != 0
        assert other.run("send", "DT-1", stdin=typed).code == 14
    woken = other.run("wake", "the old one is sealed", "--key", officers.key("Cuc"), "--json")
    assert woken.code == 0, woken.err
    assert woken.fact("woken")["by"] == "Cuc"
    assert other.run("audit", "verify").code == 0
    sent = other.run("send", "DT-1", stdin=typed)
    assert sent.code == 0, sent.err
    assert live_desk.run("send", "DT-1", stdin=typed).code == 14
    assert (tls_sandbox.stats()["people"], tls_sandbox.stats()["twice"]) == (people, 0)


def test_a_mark_that_cannot_be_read_lets_nothing_out(desk, sandbox):
    path = desk.at(sandbox).campaign()
    state = desk.folder / ".zalo-alert"
    keep_rest(state, RestMark(Rest.ASLEEP, SystemClock().now() - timedelta(days=1)))
    (state / "rest.json").write_text("{", encoding="utf-8")
    refused = desk.run("send", path, "--yes")
    assert refused.code == 13
    assert sandbox.stats()["people"] == 0


def test_programs_secrets_and_links_come_back_as_they_should(desk, shelf, tmp_path):
    (desk.folder / "tell.sh").write_text("#!/bin/sh\n", encoding="utf-8")
    (desk.folder / "tell.sh").chmod(0o755)
    (desk.folder / "elsewhere").symlink_to("/etc/passwd")
    secrets = desk.folder / "secrets.env"
    secrets.write_text("ZALO_ALERT_PCTT_APP_SECRET=hidden-word\n", encoding="utf-8")
    secrets.chmod(0o600)
    desk.configure("profile: drill", "secrets_file: secrets.env\nprofile: drill")
    plain = shelf.restore(shelf.file())
    full = shelf.restore(shelf.file("--with-secrets"))

    assert (plain.folder / "tell.sh").stat().st_mode & 0o777 == 0o700
    assert not (plain.folder / "elsewhere").exists()
    assert "hidden-word" not in (plain.folder / "secrets.env").read_text(encoding="utf-8")
    assert "#ZALO_ALERT_PCTT_APP_SECRET=" in (plain.folder / "secrets.env").read_text(encoding="utf-8")
    assert (full.folder / "secrets.env").read_text(encoding="utf-8") == secrets.read_text(encoding="utf-8")
    assert plain.run("status").code == 2  # no run yet; the settings are read
    shutil.rmtree(full.folder)
    assert isinstance(plain, Desk)
