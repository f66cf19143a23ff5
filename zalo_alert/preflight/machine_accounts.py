"""Whether accounts of this machine other than the one that sends can read tokens and runs. Judges values that it is given."""

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from zalo_alert.language import _, joined
from zalo_alert.preflight.doctor import FEW, Check
from zalo_alert.preflight.token_health import Grade

FIRST_OF_PEOPLE = 1000  # ids of accounts below it are the system's, those of services among them
NO_LOGIN = frozenset({"", "nologin", "false", "true", "sync"})  # what stands for a shell where nobody logs in

_HEAD, _ENTRY = struct.Struct("<I"), struct.Struct("<HHI")  # of an access list as Linux keeps it: tag, rights, whose
_NAMED, _MASK = {0x02: "user", 0x08: "group"}, 0x10
_READS = 4


class HeldFile(NamedTuple):
    """A file or folder that holds tokens.

    Args:
        path: Where it lies.
        mode: Its permission bits.
        owner: The number of the account whose it is.
        access_list: As the system keeps it (`system.posix_acl_access`); empty where it has none.
    """

    path: Path
    mode: int
    owner: int
    access_list: bytes = b""


class Caller(NamedTuple):
    """The account that runs this.

    Args:
        number: Its id.
        name: What it is called.
        shell: What it logs in to.
    """

    number: int
    name: str
    shell: str


def check_readers(files: Iterable[HeldFile], owner: int) -> list[Check]:
    """Name what accounts other than a state folder's owner can read tokens in; nothing when all is well.

    Args:
        files: The state folder, the tokens in it and the secrets file.
        owner: Of the state folder.
    """
    checks = []
    for file in files:
        if readers := list(_readers(file, owner)):
            finding = _("the tokens in {path} can be read by others: {readers}", path=file.path, readers=joined(readers))
            checks.append(Check("readers", Grade.WARN, finding, _cure(file, owner)))
    return checks[:FEW]


def _readers(file: HeldFile, owner: int) -> Iterator[str]:
    if file.owner not in (owner, 0):
        yield _("account {number}, whose it is", number=file.owner)
    named = named_readers(file.access_list)
    if named:
        yield _("its access list names {readers}", readers=joined(named))
    elif file.mode & 0o040:  # with a list, these bits are the most that it gives
        yield _("its group")
    if file.mode & 0o004:
        yield _("everybody")


def _cure(file: HeldFile, owner: int) -> str:
    if file.access_list:
        return f"setfacl -b {file.path}"
    if file.owner not in (owner, 0):
        return f"chown {owner} {file.path}"
    return f"chmod go= {file.path}"


def named_readers(access_list: bytes) -> list[str]:
    """Return the users and groups, by number, whom a POSIX access list lets read; none of a list that can't be read."""
    if len(access_list) < _HEAD.size or (len(access_list) - _HEAD.size) % _ENTRY.size:
        return []
    entries = list(_ENTRY.iter_unpack(access_list[_HEAD.size :]))
    mask = next((rights for tag, rights, _whose in entries if tag == _MASK), _READS)
    return [f"{_NAMED[tag]} {whose}" for tag, rights, whose in entries if tag in _NAMED and rights & mask & _READS]


def check_caller(caller: Caller, owner: int) -> list[Check]:
    """See that tokens and runs are no person's own; nothing when all is well.

    Args:
        caller: Who runs this.
        owner: Of the state folder.
    """
    is_persons = caller.number >= FIRST_OF_PEOPLE and caller.shell.rpartition("/")[2] not in NO_LOGIN
    if not is_persons or caller.number != owner:
        return []
    finding = _(
        "{name} logs in to this machine and can read the tokens: whoever can may send without a second officer", name=caller.name
    )
    return [Check("readers", Grade.WARN, finding, _("let a service account send: deploy/README.md says how"))]
