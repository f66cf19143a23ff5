"""Which accounts of this machine can read a live workspace's tokens: gathers it from the system, where that can tell."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from zalo_alert.preflight.machine_accounts import Caller, HeldFile, check_caller, check_readers
from zalo_alert.settings.model import Profile, Settings

if TYPE_CHECKING:
    from zalo_alert.preflight.doctor import Check


def look_at_accounts(settings: Settings) -> "list[Check]":
    """See who else can read tokens; nothing in a drill, and nothing where accounts are no numbers, as on Windows."""
    if settings.profile is not Profile.LIVE or os.name != "posix" or not settings.state_dir.is_dir():
        return []
    owner = settings.state_dir.stat().st_uid
    return [*check_readers(_held(settings), owner), *check_caller(_caller(), owner)]


def _held(settings: Settings) -> Iterator[HeldFile]:
    """Yield what holds tokens; what lies in a folder that is closed to others is closed with it."""
    folder = _look_at(settings.state_dir)
    inside = sorted(settings.state_dir.glob("tokens.db*")) if folder.mode & 0o011 or folder.access_list else []
    yield folder
    for path in (*inside, *([settings.secrets_file] if settings.secrets_file else [])):
        with suppress(OSError):  # gone meanwhile
            yield _look_at(path)


def _look_at(path: Path) -> HeldFile:
    status = path.stat()
    return HeldFile(path, status.st_mode, status.st_uid, _access_list(path))


def _access_list(path: Path) -> bytes:
    if not hasattr(os, "getxattr"):  # macOS
        return b""
    try:
        return os.getxattr(path, "system.posix_acl_access")
    except OSError:  # none, or a disk that keeps none
        return b""


def _caller() -> Caller:
    import pwd

    number = os.geteuid()
    try:
        entry = pwd.getpwuid(number)
    except KeyError:  # a container's, which has no name
        return Caller(number, str(number), "")
    return Caller(number, entry.pw_name, entry.pw_shell)
