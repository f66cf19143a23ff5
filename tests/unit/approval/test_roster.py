"""The list of officers: who may change it and how, what is found out when somebody edits it, what ssh-keygen makes of it."""

import os
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from filelock import FileLock

from zalo_alert.approval.changes import Action, Change, read_change
from zalo_alert.approval.envelope import HASHES, Namespace, Signature, signed_bytes
from zalo_alert.approval.keys import PublicKey
from zalo_alert.approval.officers import Officer, Role, Roster
from zalo_alert.approval.roster import RosterFiles, read_roster, rosters_folder
from zalo_alert.approval.wire import string
from zalo_alert.errors import ErrorCause, ExitCode, InputInvalid, RosterInvalid, RunBusy, SignatureRefused

NOW = datetime(2026, 9, 18, 7, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
LATER = NOW + timedelta(hours=1)


@dataclass(frozen=True)
class Person:
    """Somebody with a key."""

    name: str
    seed: int

    @property
    def private(self):
        return Ed25519PrivateKey.from_private_bytes(bytes([self.seed] * 32))

    @property
    def key(self):
        return PublicKey("ssh-ed25519", string("ssh-ed25519") + string(self.private.public_key().public_bytes_raw()))

    def sign(self, message, namespace=Namespace.ROSTER):
        return Signature(self.key, namespace, HASHES[0], self.private.sign(signed_bytes(message, namespace, HASHES[0]))).text

    def officer(self, role=Role.APPROVER, areas=("all",), at=NOW, until=None):
        return Officer(self.name, role, areas, self.key, at, until or at + YEAR)


LAN, MINH, HOA, SON = Person("Trần Thị Lan", 1), Person("Phạm Minh", 2), Person("Lê Hòa", 3), Person("Đỗ Sơn", 4)


def founding(*officers, at=NOW):
    chosen = officers or (LAN.officer(Role.ADMIN), MINH.officer(Role.ADMIN))
    return Change(Action.FOUND, at, "0" * 64, chosen)


def adding(roster, officer, at=LATER):
    return Change(Action.ADD, at, roster.head, (replace(officer, since=at),))


def revoking(roster, name, at=LATER, fingerprint=""):
    return Change(Action.REVOKE, at, roster.head, (), name, fingerprint, "điện thoại bị mất")


@pytest.fixture
def files(tmp_path):
    return RosterFiles(rosters_folder(tmp_path))


@pytest.fixture
def founded(files):
    change = founding()
    files.append(change, [LAN.sign(change.text), MINH.sign(change.text)], NOW)
    return files


def put(files, change, *signers):
    return files.append(change, [signer.sign(change.text) for signer in signers], change.at)


def test_nobody_is_an_officer_before_the_list_is_founded(tmp_path):
    assert read_roster(tmp_path) == Roster()
    assert read_roster(tmp_path).is_empty
    assert not rosters_folder(tmp_path).exists()


def test_two_admins_found_the_list_together(tmp_path, founded):
    roster = read_roster(tmp_path)

    assert [(officer.name, officer.role, officer.areas) for officer in roster.officers] == [
        ("Trần Thị Lan", "admin", ("all",)),
        ("Phạm Minh", "admin", ("all",)),
    ]
    assert roster.by_key(MINH.key) == MINH.officer(Role.ADMIN)
    assert roster.by_key(HOA.key) is None
    assert roster.active(NOW) == roster.officers
    assert roster.active(NOW + YEAR) == roster.active(NOW - timedelta(seconds=1)) == ()


@pytest.mark.parametrize(
    ("officers", "signers", "told"),
    [
        ((LAN.officer(Role.ADMIN),), (LAN,), "founded by two admins"),
        ((LAN.officer(Role.ADMIN), MINH.officer(Role.APPROVER)), (LAN, MINH), "first two .* are admins"),
        ((LAN.officer(Role.ADMIN), Person(" trần thị lan".upper().strip(), 9).officer(Role.ADMIN)), (LAN,), "founded by two"),
        ((LAN.officer(Role.ADMIN), Person("Minh", 1).officer(Role.ADMIN)), (LAN,), "founded by two admins"),
        ((LAN.officer(Role.ADMIN), MINH.officer(Role.ADMIN), HOA.officer(Role.ADMIN)), (LAN, MINH), "founded by two"),
        ((LAN.officer(Role.ADMIN), MINH.officer(Role.ADMIN)), (), "2 signatures are missing"),
        ((LAN.officer(Role.ADMIN), MINH.officer(Role.ADMIN)), (LAN,), "1 signature is missing"),
        ((LAN.officer(Role.ADMIN), MINH.officer(Role.ADMIN)), (LAN, LAN), "1 signature is missing"),
        ((LAN.officer(Role.ADMIN), MINH.officer(Role.ADMIN)), (LAN, HOA), "that of neither founder"),
    ],
    ids=["one", "no admin", "one name", "one key", "three", "unsigned", "signed by one", "twice by one", "by a stranger"],
)
def test_nothing_else_founds_a_list(tmp_path, files, officers, signers, told):
    with pytest.raises((InputInvalid, SignatureRefused), match=told):
        put(files, founding(*officers), *signers)

    assert read_roster(tmp_path).is_empty


def test_a_list_is_founded_once(founded):
    with pytest.raises(InputInvalid, match="changed since"):
        put(founded, founding(), LAN, MINH)
    with pytest.raises(InputInvalid, match="a list of officers already"):
        put(founded, replace(founding(), previous=founded.read().head), LAN, MINH)


def test_another_admin_adds_an_officer(founded):
    result = put(founded, adding(founded.read(), HOA.officer(areas=("new:46", "region:tay-nguyen"))), LAN)

    assert founded.read() == result.roster
    assert [signer.name for signer in result.signers] == ["Trần Thị Lan"]
    assert founded.read().by_key(HOA.key) == replace(HOA.officer(areas=("new:46", "region:tay-nguyen")), since=LATER)


def test_who_is_no_admin_or_is_concerned_can_not_change_the_list(founded):
    put(founded, adding(founded.read(), HOA.officer()), LAN)
    roster = founded.read()
    second_key = Person("TRẦN THỊ LAN", 8)

    for change, signer, told in [
        (adding(roster, SON.officer()), HOA, "is no admin"),
        (adding(roster, SON.officer()), SON, "is nobody's on the list"),
        (revoking(roster, MINH.name), MINH, "can't sign a change that concerns them"),
        (adding(roster, second_key.officer(Role.ADMIN)), LAN, "can't sign a change that concerns them"),
        (adding(roster, LAN.officer(Role.ADMIN, until=LATER + YEAR)), LAN, "can't sign a change that concerns them"),
    ]:
        with pytest.raises(SignatureRefused, match=told):
            put(founded, change, signer)

    assert founded.read() == roster


@pytest.mark.parametrize(
    ("officer", "told"),
    [
        (Person("Trần Thị Lan", 2).officer(), "is that of Phạm Minh: nobody shares one"),
        (Person("", 9).officer(), "can't be the name"),
        (Person("  ", 9).officer(), "can't be the name"),
        (Person('Lan" namespaces="*', 9).officer(), "can't be the name"),
        (Person("Lan\nMinh", 9).officer(), "can't be the name"),
        (Person("Lan\u200b", 9).officer(), "can't be the name"),
        (Person("*", 9).officer(), "can't be the name"),
        (Person("L" * 61, 9).officer(), "can't be the name"),
        (HOA.officer(areas=()), "1 to 64 areas"),
        (HOA.officer(areas=("new:46", "new:46")), "each named once"),
        (HOA.officer(areas=("Thanh Hoas",)), "Thanh Hóa"),
        (HOA.officer(until=LATER + timedelta(days=740)), "two years at most"),
        (HOA.officer(until=LATER), "two years at most"),
    ],
)
def test_an_officer_that_can_not_be_is_refused_in_words(founded, officer, told):
    with pytest.raises(InputInvalid, match=told):
        put(founded, adding(founded.read(), officer), LAN)

    assert len(founded.read().officers) == 2


def test_an_officer_may_have_two_keys_and_get_another_role(founded):
    put(founded, adding(founded.read(), HOA.officer()), LAN)
    token = Person("Lê Hòa", 7)
    put(founded, adding(founded.read(), token.officer()), MINH)
    put(founded, adding(founded.read(), HOA.officer(Role.EDITOR)), MINH)

    roster = founded.read()

    assert [(officer.key, officer.role) for officer in roster.named("lê hòa")] == [(HOA.key, "editor"), (token.key, "approver")]
    assert roster.persons(LATER, *Role) == ("Trần Thị Lan", "Phạm Minh", "Lê Hòa")


def test_a_revoked_key_counts_no_more_from_then_on_and_never_comes_back(founded):
    put(founded, adding(founded.read(), HOA.officer()), LAN)
    put(founded, revoking(founded.read(), "lê hòa", LATER + timedelta(hours=1)), MINH)

    roster = founded.read()
    hoa = roster.by_key(HOA.key)

    assert hoa.revoked_at == LATER + timedelta(hours=1)
    assert hoa.is_active(LATER)
    assert not hoa.is_active(hoa.revoked_at)
    with pytest.raises(InputInvalid, match="was revoked at"):
        put(founded, adding(roster, HOA.officer()), LAN)
    with pytest.raises(InputInvalid, match="no key on the list that could be revoked"):
        put(founded, revoking(roster, "Lê Hòa"), LAN)
    new = Person("Lê Hòa", 9)
    assert put(founded, adding(roster, new.officer(), LATER + timedelta(hours=2)), LAN).roster.by_key(new.key)


def test_one_of_two_keys_is_revoked_alone(founded):
    put(founded, adding(founded.read(), HOA.officer()), LAN)
    put(founded, adding(founded.read(), Person("Lê Hòa", 7).officer()), LAN)

    put(founded, revoking(founded.read(), "Lê Hòa", fingerprint=HOA.key.fingerprint), LAN)

    assert [officer.revoked_at is None for officer in founded.read().named("Lê Hòa")] == [False, True]


def test_a_revoked_admin_changes_nothing_more(founded):
    put(founded, revoking(founded.read(), MINH.name), LAN)

    with pytest.raises(SignatureRefused, match="the key of Phạm Minh ended"):
        put(founded, adding(founded.read(), HOA.officer()), MINH)


def test_a_signature_of_another_change_list_or_purpose_is_refused(founded):
    roster = founded.read()
    change, other = adding(roster, HOA.officer()), adding(roster, SON.officer())

    with pytest.raises(SignatureRefused, match="of another text"):
        founded.append(change, [LAN.sign(other.text)], LATER)
    with pytest.raises(SignatureRefused, match="is for approve@zalo-alert"):
        founded.append(change, [LAN.sign(change.text, Namespace.APPROVE)], LATER)
    with pytest.raises(SignatureRefused, match="signature"):
        founded.append(change, [LAN.sign(change.text), MINH.sign(change.text)], LATER)
    put(founded, other, LAN)
    with pytest.raises(InputInvalid, match="has changed since"):
        put(founded, change, LAN)


def test_a_change_that_was_written_long_ago_is_refused(founded):
    change = adding(founded.read(), HOA.officer())

    for at in (change.at + timedelta(days=8), change.at - timedelta(hours=1)):
        with pytest.raises(InputInvalid, match="was written at"):
            founded.append(change, [LAN.sign(change.text)], at)


def test_an_admin_whose_key_has_ended_meanwhile_changes_nothing(founded):
    change = adding(founded.read(), HOA.officer(), NOW + YEAR - timedelta(days=1))

    with pytest.raises(SignatureRefused, match="the key of Trần Thị Lan ended"):
        founded.append(change, [LAN.sign(change.text)], NOW + YEAR + timedelta(days=1))


def test_the_text_of_a_change_is_read_as_it_was_written_and_otherwise_not_at_all():
    change = founding()

    assert read_change(change.text + b"\n") == change
    for text in (
        b"", b"\xff\xd8\xff\xe0JFIF", b"[]", b"{}", b"null", b'"' + b"x" * 20_000 + b'"', change.text.replace(b"admin", b"king"),
        change.text.replace(b":", b": "), change.text[:-1], change.text.replace(b'"areas":["all"]', b'"areas":[1]'),
        change.text.replace(b"2026-09-18T07", b"2026-13-18T07"), change.text.replace(b"ssh-ed25519", b"ssh-rsa"),
    ):  # fmt: skip
        with pytest.raises(InputInvalid):
            read_change(text)


# --- edited by hand ------------------------------------------------------------------------------------------------------


def edited(path, change):
    path.write_bytes(change(path.read_bytes()))


def swapped(text):
    first, second, *rest = text.splitlines(keepends=True)
    return b"".join((second, first, *rest))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("officers.jsonl", lambda text: text.replace("Lê Hòa".encode(), "Lê Hoa".encode())),
        ("officers.jsonl", lambda text: text.replace(b"approver", b"admin")),
        ("officers.jsonl", lambda text: b"".join(text.splitlines(keepends=True)[:-1])),
        ("officers.jsonl", lambda text: b"".join(text.splitlines(keepends=True)[1:])),
        ("officers.jsonl", swapped),
        ("officers.jsonl", lambda text: text + text.splitlines(keepends=True)[-1]),
        ("officers.jsonl", lambda text: text + b"\n"),
        ("officers.jsonl", lambda text: text[:-1]),
        ("officers.jsonl", lambda text: text[:-40]),
        ("officers.jsonl", lambda text: b""),
        ("officers.jsonl", lambda text: b"\xff\xd8\xff\xe0\x00\x10JFIF"),
        ("officers.jsonl", lambda text: text.replace(b"\n", b"\r\n")),
        ("allowed_signers", lambda text: text.replace(b"valid-before", b"valid-after")),
        ("allowed_signers", lambda text: text + text.splitlines(keepends=True)[-1]),
        ("allowed_signers", lambda text: b""),
    ],
)
def test_a_list_that_was_edited_by_hand_is_found_out(tmp_path, founded, name, change):
    put(founded, adding(founded.read(), HOA.officer()), LAN)
    edited(rosters_folder(tmp_path) / name, change)

    with pytest.raises(RosterInvalid, match="damaged or was edited by hand") as caught:
        read_roster(tmp_path)

    assert (caught.value.exit_code, caught.value.cause) == (ExitCode.SETTINGS, ErrorCause.ROSTER_INVALID)
    assert "restore" in caught.value.hint
    with pytest.raises(RosterInvalid):
        put(founded, adding(Roster(), SON.officer()), LAN)


def test_a_change_that_nobody_may_sign_is_found_out_though_its_line_is_well_formed(tmp_path, founded):
    roster = founded.read()
    change = adding(roster, SON.officer(Role.ADMIN))
    line = {"change": orjson.loads(change.text), "signatures": [SON.sign(change.text)]}
    edited(rosters_folder(tmp_path) / "officers.jsonl", lambda text: text + orjson.dumps(line) + b"\n")

    with pytest.raises(RosterInvalid, match=r"officers\.jsonl:2: .*nobody's on the list"):
        read_roster(tmp_path)


def test_a_folder_where_a_file_should_be_is_told_in_words(tmp_path, founded):
    chain = rosters_folder(tmp_path) / "officers.jsonl"
    chain.unlink()
    chain.mkdir()

    with pytest.raises(RosterInvalid, match="not a plain file"):
        read_roster(tmp_path)


def test_a_kill_between_the_two_files_is_no_edit_and_is_mended(tmp_path, founded):
    derived = rosters_folder(tmp_path) / "allowed_signers"
    before = derived.read_bytes()
    put(founded, adding(founded.read(), HOA.officer()), LAN)
    after = derived.read_bytes()
    derived.write_bytes(before)

    assert founded.read().by_key(HOA.key)
    founded.repair()

    assert derived.read_bytes() == after != before


def test_a_list_that_another_process_is_changing_is_read_again_once_it_has(tmp_path, founded):
    folder = rosters_folder(tmp_path)
    before = (folder / "officers.jsonl").read_bytes()
    put(founded, adding(founded.read(), HOA.officer()), LAN)
    after = (folder / "officers.jsonl").read_bytes()
    (folder / "officers.jsonl").write_bytes(before)

    class Changing(RosterFiles):
        """The other process has the lock until it is done."""

        @contextmanager
        def locked(self):
            (folder / "officers.jsonl").write_bytes(after)
            with super().locked():
                yield

    assert Changing(folder).read().by_key(HOA.key)


def test_a_kill_before_the_first_derived_file_is_no_edit(tmp_path, founded):
    (rosters_folder(tmp_path) / "allowed_signers").unlink()

    assert len(founded.read().officers) == 2
    founded.repair()

    assert (rosters_folder(tmp_path) / "allowed_signers").is_file()


def test_a_change_waits_for_no_other_process_for_ever(tmp_path, founded):
    impatient = RosterFiles(rosters_folder(tmp_path), patience_s=0)

    with FileLock(rosters_folder(tmp_path) / "lock"), pytest.raises(RunBusy, match="another process is changing"):
        put(impatient, adding(founded.read(), HOA.officer()), LAN)


# --- ssh-keygen reads it -------------------------------------------------------------------------------------------------


def verified(folder, person, namespace, at):
    message = b"what was signed"
    (folder / "message.sig").write_text(person.sign(message, namespace))
    command = [
        "ssh-keygen", "-Y", "verify", "-f", folder / "officers" / "allowed_signers", "-I", person.name, "-n", namespace,
        "-s", folder / "message.sig", "-O", f"verify-time={at.astimezone(UTC):%Y%m%d%H%M%SZ}",
    ]  # fmt: skip
    return subprocess.run(command, input=message, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="this machine has no ssh-keygen")
def test_anybody_can_check_a_signature_with_ssh_keygen_and_the_derived_file(tmp_path, founded):
    put(founded, adding(founded.read(), HOA.officer(areas=("Thanh Hóa", "new:46"))), LAN)
    put(founded, adding(founded.read(), SON.officer(Role.EDITOR)), LAN)
    put(founded, revoking(founded.read(), HOA.name, LATER + YEAR / 2), LAN)

    def may(person, namespace, at=LATER):
        return verified(tmp_path, person, namespace, at)

    assert may(HOA, Namespace.APPROVE)
    assert may(SON, Namespace.SUBMIT)
    assert may(LAN, Namespace.ROSTER)
    assert not may(HOA, Namespace.ROSTER)
    assert not may(SON, Namespace.APPROVE)
    assert not may(HOA, Namespace.APPROVE, LATER + YEAR / 2 + timedelta(minutes=1))
    assert not may(LAN, Namespace.APPROVE, NOW + YEAR + timedelta(minutes=1))
    assert not may(Person(LAN.name, 5), Namespace.APPROVE)
    assert not may(Person(LAN.name, HOA.seed), Namespace.APPROVE)


def test_the_files_are_for_their_owner_alone(tmp_path, founded):
    if os.name != "posix":
        pytest.skip("rights of another kind")
    modes = {path.name: path.stat().st_mode & 0o077 for path in rosters_folder(tmp_path).iterdir()}
    assert set(modes.values()) == {0}
    assert rosters_folder(tmp_path).stat().st_mode & 0o077 == 0


def test_keys_that_end_soon_are_named_unless_a_longer_one_is_there():
    short, long = HOA.officer(until=NOW + timedelta(days=20)), Person("Lê Hòa", 7).officer()
    other = SON.officer(until=NOW + timedelta(days=20))

    assert list(Roster((short, long, other)).ending(NOW, timedelta(days=30))) == [other]
    assert list(Roster((short, other)).ending(NOW, timedelta(days=30))) == [short, other]
    assert not list(Roster((short, other)).ending(NOW, timedelta(days=10)))
