"""One door a workspace: an operating-system lock, which a dead process cannot keep."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from zalo_alert.errors import Cure, RunBusy, StorageUnusable
from zalo_alert.foundation.files import private_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _

PATIENCE_S = 1.0  # a door that was killed gives its lock back at once; one that is being replaced, a moment later


_NAME = "door.lock"


def is_door_held(folder: Path) -> bool:
    """Whether a process is the door of a workspace now.

    Args:
        folder: `inbound` of the workspace's state.
    """
    path = folder / _NAME
    if not path.exists():
        return False
    try:
        with FileLock(path, mode=0o600, thread_local=False, timeout=0):
            return False
    except (Timeout, OSError):  # one that can't be taken is taken, as far as anybody can tell
        return True


@contextmanager
def door_held(folder: Path, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Be the one door of a workspace.

    Args:
        folder: `inbound` of the workspace's state; made when it is missing.
        patience_s: How long to wait for another one to end.

    Raises:
        RunBusy: Another process is.
        StorageUnusable: The lock can't be taken.
    """
    try:
        private_folder(folder)
        lock = FileLock(folder / _NAME, mode=0o600, thread_local=False)
        lock.acquire(timeout=patience_s)
    except Timeout as exc:
        raise RunBusy(
            _("the webhook of this workspace is served by another process already"),
            hint=_("one is enough for all OAs; {status} says how it goes", status=Cure.WEBHOOK_STATUS()),
        ) from exc
    except OSError as exc:
        raise StorageUnusable(
            _("can't use {path}: {why}", path=folder, why=reason(exc)), hint=_("check the disk and the folder's permissions")
        ) from exc
    try:
        yield
    finally:
        lock.release()
