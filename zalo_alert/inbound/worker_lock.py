"""One worker a workspace: an operating-system lock, which a dead process cannot keep."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from zalo_alert.errors import RunBusy, StorageUnusable
from zalo_alert.foundation.files import private_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.inbound.inbound_store import folder_of
from zalo_alert.language import _

PATIENCE_S = 5.0  # the worker of a door that was killed ends within a moment of it

_NAME = "worker.lock"


def is_worker_held(state_dir: Path) -> bool:
    """Whether a process works on a workspace's events now."""
    path = folder_of(state_dir) / _NAME
    if not path.exists():
        return False
    try:
        with FileLock(path, mode=0o600, thread_local=False, timeout=0):
            return False
    except (Timeout, OSError):  # one that can't be taken is taken, as far as anybody can tell
        return True


@contextmanager
def worker_held(state_dir: Path, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Be the one worker of a workspace.

    Raises:
        RunBusy: Another process is.
        StorageUnusable: The lock can't be taken.
    """
    folder = folder_of(state_dir)
    try:
        private_folder(folder)
        lock = FileLock(folder / _NAME, mode=0o600, thread_local=False)
        lock.acquire(timeout=patience_s)
    except Timeout as exc:
        raise RunBusy(
            _("another process works on this workspace's events already"),
            hint=_("one is enough for all OAs: leave it to that one"),
        ) from exc
    except OSError as exc:
        raise StorageUnusable(
            _("can't use {path}: {why}", path=folder, why=reason(exc)), hint=_("check the disk and the folder's permissions")
        ) from exc
    try:
        yield
    finally:
        lock.release()
