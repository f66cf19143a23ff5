"""`officers`: a list founded by two, changed by admins here and elsewhere, and found out when it was edited."""

import os
import pty
import shutil
import signal
import stat
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import Desk
from zalo_alert.approval.key_files import make_key_file
from zalo_alert.approval.roster import read_roster
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.operations.scaffold import create

HIDDEN = b": "  # what is typed before the blank is thrown away
LAN, MINH, HOA = "Trần Thị Lan", "Phạm Minh", "Lê Hòa"


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two workspaces with the keys of lan, minh and hoa in them: without a list, and with one that two have founded."""
    begun = Desk(tmp_path_factory.mktemp("offices") / "office")
    create(begun.folder, SystemClock().now())
    for name in ("lan", "minh", "hoa"):
        make_key_file(begun.folder / name, name, "")
    founded = Desk(begun.folder.with_name("founded"))
    shutil.copytree(begun.folder, founded.folder)
    founded.run("officers", "add", LAN, "--role", "admin", "--public", "lan.pub", "--key", "lan")
    founded.run("officers", "add", MINH, "--role", "admin", "--public", "minh.pub", "--key", "minh")
    result = founded.run("officers", "sign", "--key", "lan", "--yes")
    assert result.code == 0, result.err
    return begun.folder, founded.folder


@pytest.fixture
def office(folders, tmp_path):
    """A workspace without a list of officers."""
    return Desk(shutil.copytree(folders[0], tmp_path / "office"))


@pytest.fixture
def founded(folders, tmp_path):
    """A workspace with two admins."""
    return Desk(shutil.copytree(folders[1], tmp_path / "office"))


def names(desk):
    return [fact["name"] for fact in desk.run("officers", "list", "--json").facts if fact["type"] == "officer"]


def day(days):
    return f"{SystemClock().now() + timedelta(days=days):%Y-%m-%d}"


def at_terminal(desk, *words, typed, asks=b":"):
    """Run a command at a terminal, answering each question once what it shows ends so."""
    ours, theirs = pty.openpty()
    child = desk.start(*words, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    shown, answers = b"", list(typed)
    while True:
        try:
            piece = os.read(ours, 1 << 16)
        except OSError:  # the other end is closed
            break
        shown += piece
        if answers and shown.endswith(asks):
            os.write(ours, f"{answers.pop(0)}\n".encode())
    os.close(ours)
    out, _ = child.communicate(timeout=60)
    return child.returncode, out.decode(), " ".join(shown.decode().split())


def test_two_admins_found_the_list_one_after_the_other_on_one_machine(office):
    first = office.run("officers", "add", LAN, "--role", "admin", "--public", "lan.pub")
    assert (first.code, "names the second admin" in first.said, names(office)) == (0, True, [])

    second = office.run("officers", "add", MINH, "--role", "admin", "--public", "minh.pub", "--key", "minh")
    assert f"not in force yet: it waits for the signature of {LAN}" in second.said
    assert "no list of officers yet" in office.run("officers", "list").said

    last = office.run("officers", "sign", "--key", "lan", "--yes")
    assert f"signed by {MINH} and {LAN}" in last.said
    assert names(office) == [LAN, MINH]


def test_a_founder_who_is_elsewhere_signs_a_file_and_sends_text_back(office, tmp_path_factory):
    office.run("officers", "add", LAN, "--role", "admin", "--public", "lan.pub")
    office.run("officers", "add", MINH, "--role", "admin", "--public", "minh.pub", "--key", "minh")
    home = Desk(tmp_path_factory.mktemp("home"))
    for name in ("lan", ".zalo-alert/officers/request.json"):
        path = home.folder / Path(name).name
        path.write_bytes((office.folder / name).read_bytes())
        path.chmod(0o600)

    signed = home.run("officers", "sign", "--request", "request.json", "--key", "lan", "--yes")
    assert (signed.code, len(signed.out) <= 400) == (0, True), signed.err
    assert f"{MINH} is to be admin, for every place" in signed.said
    assert not (home.folder / ".zalo-alert").exists()

    taken = office.run("officers", "sign", "--signature", "-", stdin=f"\r\n {signed.out}\r\n")
    assert (taken.code, names(office)) == (0, [LAN, MINH]), taken.err


def test_an_admin_adds_changes_and_revokes_and_the_log_has_it(founded):
    added = founded.run("officers", "add", HOA, "--public", "hoa.pub", "--areas", "Thanh Hóa", "--key", "lan", "--json")
    short = read_roster(founded.folder / ".zalo-alert").officers[-1].key.fingerprint[7:15]
    assert short in founded.run("officers", "list").out
    assert founded.run("officers", "revoke", HOA, "--reason", "x", "--fingerprint", "zz", "--key", "lan").code == 10
    changed = founded.run("officers", "add", HOA, "--until", day(20), "--key", "minh")
    assert f"{SystemClock().now() + timedelta(days=20):%d/%m/%Y}" in founded.run("officers", "list").out
    revoked = founded.run("officers", "revoke", HOA, "--reason", "mất điện thoại", "--fingerprint", short, "--key", "lan")

    assert added.fact("officers-change") | {"at": 0} == added.fact("officers-change") | {
        "at": 0,
        "state": "in-force",
        "missing": 0,
    }
    assert (changed.code, revoked.code) == (0, 0), changed.err + revoked.err
    officer = founded.run("officers", "list", "--json").facts[-1]
    assert (officer["role"], officer["areas"], officer["state"]) == ("approver", ["Thanh Hóa"], "revoked")
    log = (founded.folder / ".zalo-alert" / "audit.log").read_text(encoding="utf-8")
    assert [line.count('"officer-add"') for line in log.splitlines()] == [1, 1, 1, 1, 0]
    assert '"officer-revoke"' in log
    assert "mất điện thoại" in log


def test_a_lost_key_is_revoked_and_a_new_one_added(founded):
    assert founded.run("officers", "revoke", MINH, "--reason", "lost", "--key", "lan").code == 0
    assert "is the only admin" in founded.run("officers", "list").said
    make_key_file(founded.folder / "minh2", "minh", "")

    added = founded.run("officers", "add", MINH, "--role", "admin", "--public", "minh2.pub", "--key", "lan")

    assert added.code == 0, added.err
    assert "is the only admin" not in founded.run("officers", "list").said
    assert founded.run("officers", "add", HOA, "--public", "hoa.pub", "--key", "minh").code == 10
    assert founded.run("officers", "add", HOA, "--public", "hoa.pub", "--key", "minh2").code == 0


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("add", HOA, "--public", "hoa.pub", "--key", "hoa"), 10, "is nobody's on the list of officers"),
        (("add", HOA, "--public", "lan.pub", "--key", "lan"), 10, f"is that of {LAN}: nobody shares one"),
        (("add", LAN, "--public", "hoa.pub", "--key", "minh"), 10, f"{LAN} is on the list, with another key"),
        (("add", LAN, "--public", "hoa.pub", "--second-key", "--key", "lan"), 10, "can't sign a change that concerns them"),
        (("add", HOA, "--public", "missing.pub", "--key", "lan"), 11, "there is no key file missing.pub"),
        (("add", HOA, "--public", "zalo-alert.yaml", "--key", "lan"), 11, "is no public key"),
        (("add", HOA, "--public", "ssh-rsa AAAAB3NzaC1yc2E", "--key", "lan"), 10, "kind ssh-rsa are not accepted"),
        (("add", HOA, "--public", "hoa.pub", "--key", "nowhere"), 11, "there is no key file nowhere"),
        (("add", HOA, "--public", "hoa.pub", "--role", "aprover", "--key", "lan"), 2, 'did you mean "approver"?'),
        (("add", HOA, "--public", "hoa.pub", "--areas", "Thanh Hoas", "--key", "lan"), 10, "Thanh Hóa"),
        (("add", HOA, "--public", "hoa.pub", "--until", "31/12/2027", "--key", "lan"), 2, "is no day"),
        (("add", HOA, "--public", "hoa.pub", "--until", "2099-01-01", "--key", "lan"), 10, "two years at most"),
        (("add", HOA, "--public", "hoa.pub", "--until", "2020-01-01", "--key", "lan"), 10, "two years at most"),
        (("add", HOA, "--key", "lan"), 10, f'nobody on the list is called "{HOA}"'),
        (("revoke", "Phạm Mình", "--reason", "x", "--key", "lan"), 10, f'did you mean "{MINH}"?'),
        (("revoke", LAN, "--reason", "x", "--key", "lan"), 10, "can't sign a change that concerns them"),
        (("revoke", MINH, "--reason", "x", "--fingerprint", "SHA256:xx", "--key", "lan"), 10, "none of their fingerprints"),
        (("sign", "--key", "lan", "--yes"), 10, "no change of the list of officers waits"),
        (("sign", "--request", "zalo-alert.yaml", "--key", "lan", "--yes"), 10, "this is no change of the list"),
        (("sign", "--request", "missing", "--key", "lan", "--yes"), 2, "can't read missing"),
        (("sign", "--request", "x", "--signature", "y"), 2, "exclude each other"),
    ],
)
def test_what_can_not_be_is_told_in_words_and_changes_nothing(founded, words, code, told):
    result = founded.run("officers", *words)

    assert (result.code, told in result.said) == (code, True), result.said
    assert names(founded) == [LAN, MINH]


@pytest.mark.parametrize("signature", [b"", b"\xff\xd8\xff\xe0\x00\x10JFIF" * 900, "đồng ý".encode()])
def test_what_comes_instead_of_a_signature_is_refused(founded, signature):
    assert founded.run("officers", "add", HOA, "--public", "hoa.pub", "--elsewhere").code == 0

    result = founded.run("officers", "sign", "--signature", "-", "--json", stdin=signature)

    assert '"cause":"signature-refused"' in result.err
    assert (result.code, names(founded)) == (10, [LAN, MINH])


def test_one_change_waits_at_a_time_and_can_be_dropped(founded):
    assert founded.run("officers", "add", HOA, "--public", "hoa.pub", "--elsewhere").code == 0

    other = founded.run("officers", "revoke", MINH, "--reason", "x", "--key", "lan")
    assert (other.code, "another change of the list of officers waits" in other.said) == (2, True)
    assert "an admin whom it does not concern" in founded.run("officers", "list").said
    assert "the change is dropped" in founded.run("officers", "sign", "--discard").said
    assert founded.run("officers", "revoke", MINH, "--reason", "x", "--key", "lan").code == 0


def test_a_list_that_was_edited_by_hand_is_told_by_every_command_and_by_doctor(founded):
    chain = founded.folder / ".zalo-alert" / "officers" / "officers.jsonl"
    chain.write_bytes(chain.read_bytes().replace(b"2027", b"2028"))

    for words in (
        ("list",),
        ("add", HOA, "--public", "hoa.pub", "--key", "lan"),
        ("revoke", LAN, "--reason", "x", "--key", "minh"),
    ):
        result = founded.run("officers", *words, "--json")
        assert (result.code, '"cause":"roster-invalid"' in result.err) == (11, True), result.err
    assert "officers: the list of officers is damaged or was edited by hand" in founded.run("doctor", "--offline").said


def test_doctor_warns_thirty_days_before_a_key_ends(founded):
    founded.run("officers", "add", HOA, "--public", "hoa.pub", "--until", day(40), "--key", "lan")
    assert "officers: 3 officers may sign" in founded.run("doctor", "--offline").said

    founded.run("officers", "add", HOA, "--until", day(20), "--key", "lan")

    assert f"the key of {HOA} ends in" in founded.run("doctor", "--offline").said
    assert f'zalo-alert officers add "{HOA}" --until YYYY-MM-DD' in founded.run("doctor", "--offline").said


def test_doctor_says_in_a_live_workspace_that_nobody_can_approve(office):
    assert "officers" not in office.run("doctor", "--offline").out
    assert "there is no list of officers: nobody can approve" in office.go_live().run("doctor", "--offline").said


# --- at a terminal -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "code", "told"), [("le hoa", 0, "is approver until"), ("Minh", 2, "nothing was signed")])
def test_who_signs_a_change_types_whom_it_concerns_with_or_without_accents(founded, typed, code, told):
    founded.run("officers", "add", HOA, "--public", "hoa.pub", "--elsewhere")

    ended, out, shown = at_terminal(founded, "officers", "sign", "--key", "minh", typed=[typed])

    assert (ended, told in out + shown) == (code, True), shown
    assert (HOA in names(founded)) == (code == 0)


def test_nobody_at_a_terminal_signs_nothing(founded):
    founded.run("officers", "add", HOA, "--public", "hoa.pub", "--elsewhere")

    result = founded.run("officers", "sign", "--key", "minh")

    assert (result.code, "nobody is here to confirm it" in result.said) == (2, True)


def test_a_key_gets_a_passphrase_that_is_typed_twice_and_shown_nowhere(empty_desk):
    secret = "ba con mèo nhỏ"
    command = ("officers", "key", "--output", "own", "--name", HOA)
    code, out, shown = at_terminal(empty_desk, *command, typed=[secret, secret], asks=HIDDEN)

    assert code == 0, shown
    assert out.startswith("ssh-ed25519 AAAA")
    assert out.strip() == (empty_desk.folder / "own.pub").read_text(encoding="utf-8").strip()
    assert secret not in shown + out
    assert stat.S_IMODE((empty_desk.folder / "own").stat().st_mode) == 0o600
    assert b"ENCRYPTED" not in (empty_desk.folder / "own").read_bytes()
    again = empty_desk.run(*command, "--no-passphrase")
    assert (again.code, "never overwritten" in again.said) == (11, True)


@pytest.mark.parametrize(
    ("typed", "told"), [(["short"], "shorter than 8 characters"), (["long enough", "long enouhg"], "the two passphrases differ")]
)
def test_a_passphrase_that_is_too_short_or_mistyped_makes_no_key(empty_desk, typed, told):
    code, _out, shown = at_terminal(empty_desk, "officers", "key", "--output", "own", typed=typed, asks=HIDDEN)

    assert (code, told in shown) == (2, True), shown
    assert not (empty_desk.folder / "own").exists()


# --- killed, and two at once ---------------------------------------------------------------------------------------------


@pytest.mark.kill
@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_a_list_that_is_what_was_signed(founded):
    state = founded.folder / ".zalo-alert"
    allowed = {2}
    for number in range(8):
        name = f"Cán bộ {number}"
        make_key_file(founded.folder / f"k{number}", "", "")
        child = founded.start("officers", "add", name, "--public", f"k{number}.pub", "--key", "lan")
        wait_for_a_file(state / "officers", child, number)
        child.send_signal(signal.SIGKILL)
        child.communicate()

        count = len(read_roster(state).officers)
        assert count - max(allowed) in (0, 1)
        allowed.add(count)

    assert founded.run("officers", "add", HOA, "--public", "hoa.pub", "--key", "lan").code == 0
    assert read_roster(state).officers[-1].name == HOA


def wait_for_a_file(folder, child, number):
    """Return a different moment each time: after so many changes of the folder, or at the end."""
    seen, last = 0, set(folder.iterdir())
    while child.poll() is None and seen <= number:
        now = set(folder.iterdir())
        seen, last = seen + (now != last), now


@pytest.mark.slow
def test_two_processes_change_the_list_one_after_the_other(founded):
    for number in range(4):
        make_key_file(founded.folder / f"k{number}", "", "")
    command = ["officers", "add", "--key", "lan"]
    children = [founded.start(*command, f"Cán bộ {number}", "--public", f"k{number}.pub") for number in range(4)]

    codes = [founded.ended(child).code for child in children]

    assert set(codes) <= {0, 10}  # 10: the list has changed since the change was written
    assert len(names(founded)) == 2 + codes.count(0)
    assert codes.count(0) >= 1
