"""Officers for tests: key files without a passphrase, and a list of officers that two admins have founded."""

import csv
import itertools
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from zalo_alert.approval.changes import Action, Change
from zalo_alert.approval.envelope import Namespace
from zalo_alert.approval.keys import read_public_key
from zalo_alert.approval.officers import Officer, Role
from zalo_alert.approval.roster import RosterFiles, read_roster, rosters_folder
from zalo_alert.approval.signer import open_signer
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.runs import seal
from zalo_alert.runs.contents import digest_parts
from zalo_alert.runs.facts import facts_part
from zalo_alert.runs.run import Run


def make_key(path: Path) -> Path:
    """Write a key pair as ssh-keygen does; return the private key's file."""
    key = Ed25519PrivateKey.generate()
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    path.with_name(f"{path.name}.pub").write_bytes(public + b" test\n")
    return path


ANY_HOUR = ("--despite-hours", "the tests run at any hour")


class Officers:
    """The officers of a workspace: `An` and `Binh` are admins, `Cuc` approves, `Dung` edits.

    Args:
        workspace: Its folder.
        keys: Where their keys lie, by name.
    """

    NAMES = ("An", "Binh", "Cuc", "Dung")

    def __init__(self, workspace: Path, keys: Path) -> None:
        self.state_folder, self.folder = workspace / ".zalo-alert", keys
        keys.mkdir(exist_ok=True)
        self._found()
        self.add("Cuc", Role.APPROVER)
        self.add("Dung", Role.EDITOR)

    def key(self, name: str) -> str:
        """Return the file of an officer's key, made when it is first asked for."""
        path = self.folder / name
        return str(path if path.exists() else make_key(path))

    def sign(self, name: str, message: bytes, namespace: Namespace) -> str:
        """Return an officer's signature."""
        return open_signer(Path(self.key(name)), find_tool=lambda: None).sign(message, namespace)

    def officer(self, name: str, role: Role, areas: tuple[str, ...] = ("all",), days: float = 365) -> Officer:
        """Return an officer who is to be added."""
        now = SystemClock().now().replace(microsecond=0)
        public = read_public_key(Path(f"{self.key(name)}.pub").read_text(encoding="utf-8"))
        return Officer(name, role, areas, public, now, now + timedelta(days=days))

    def add(self, name: str, role: Role, areas: tuple[str, ...] = ("all",), days: float = 365) -> None:
        """Have An add an officer."""
        self._change(Action.ADD, ("An",), officers=(self.officer(name, role, areas, days),))

    def revoke(self, name: str, by: str = "An") -> None:
        """Have an admin revoke an officer."""
        self._change(Action.REVOKE, (by,), name=name)

    def _found(self) -> None:
        admins = tuple(self.officer(name, Role.ADMIN) for name in ("An", "Binh"))
        self._change(Action.FOUND, ("An", "Binh"), officers=admins)

    def _change(self, action: Action, by: tuple[str, ...], officers: tuple[Officer, ...] = (), name: str = "") -> None:
        now = SystemClock().now().replace(microsecond=0)
        added = tuple(replace(officer, since=now) for officer in officers)  # as whoever reads the change has it
        change = Change(action, now, read_roster(self.state_folder).head, added, name, why="test")
        signatures = [self.sign(name, change.text, Namespace.ROSTER) for name in by]
        RosterFiles(rosters_folder(self.state_folder)).append(change, signatures, SystemClock().now())


def reseal(folder: Path) -> None:
    """Make every digest of a run fit what lies in its folder now, as whoever knows the code could."""
    with closing(Run(folder)) as run:
        parts = dict(run.facts.parts) | digest_parts(run)
        rows = {**run.fact_rows, "campaign_digest": json.dumps(parts["campaign"])}
        parts["facts"] = facts_part(rows)
        rows |= {"digest": json.dumps(seal.combine(parts)), "parts": json.dumps(list(parts.items()))}
    with closing(sqlite3.connect(folder / "run.db")) as database:
        database.executemany("UPDATE fact SET value = ? WHERE name = ?", [(value, name) for name, value in rows.items()])
        database.commit()


def submit(desk: Any, officers: Officers, path: str, code: str, people: int, by: str = "Dung") -> Any:
    """Submit a campaign of a live workspace, as an officer types it."""
    return desk.run("submit", path, "--key", officers.key(by), "--json", *ANY_HOUR, stdin=f"{code}\n{people}\n")


def approve(desk: Any, officers: Officers, run: str, code: str, people: int, by: str = "Cuc") -> Any:
    """Approve a run of a live workspace on the same machine, as another officer types it."""
    return desk.run("approve", run, "--key", officers.key(by), "--json", stdin=f"{code}\n{people}\n")


def agree(desk: Any, officers: Officers, path: str, code: str, people: int, approvers: tuple[str, ...] = ("Cuc",)) -> None:
    """Have a campaign submitted and approved."""
    assert submit(desk, officers, path, code, people).code == 0
    for name in approvers:
        result = approve(desk, officers, code, code, people, name)
        assert result.code == 0, result.err


def campaign_of_test(desk: Any, people: int = 3, **changes: str) -> str:
    """Write a Test for the first people of the book, by a list: nobody need approve it."""
    with (desk.folder / "followers.csv").open(encoding="utf-8", newline="") as file:
        listed = [row["user_id"] for row in itertools.islice(csv.DictReader(file), people)]
    (desk.folder / "lists").mkdir(exist_ok=True)
    (desk.folder / "lists" / "thu.txt").write_text("\n".join(listed), encoding="utf-8")
    path = desk.folder / desk.campaign(**changes)
    text = path.read_text(encoding="utf-8").replace("status: Exercise", "status: Test")
    path.write_text(text.replace("{areas: [all]}", "{areas: [all], list: thu}"), encoding="utf-8")
    return str(path.name)
