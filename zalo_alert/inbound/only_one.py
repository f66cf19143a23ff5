"""One process of a kind a workspace: an operating-system lock, which a dead process cannot keep."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from zalo_alert.errors import RunBusy, StorageUnusable
from zalo_alert.foundation.files import private_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _


def is_held(path: Path) -> bool:
    """Whether a process holds a lock now."""
    if not path.exists():
        return False
    try:
        with FileLock(path, mode=0o600, thread_local=False, timeout=0):
            return False
    except (Timeout, OSError):  # one that can't be taken is taken, as far as anybody can tell
        return True


@contextmanager
def held(path: Path, patience_s: float, busy: Callable[[], RunBusy]) -> Iterator[None]:
    """Hold a lock for as long as the block lasts.

    Args:
        path: Of its file; the folder is made when it is missing.
        patience_s: How long to wait for another one to end.
        busy: Makes what is raised where another process keeps it.

    Raises:
        RunBusy: Another process keeps it.
        StorageUnusable: It can't be taken.
    """
    try:
        private_folder(path.parent)
        lock = FileLock(path, mode=0o600, thread_local=False)
        lock.acquire(timeout=patience_s)
    except Timeout as exc:
        raise busy() from exc
    except OSError as exc:
        raise StorageUnusable(
            _("can't use {path}: {why}", path=path.parent, why=reason(exc)), hint=_("check the disk and the folder's permissions")
        ) from exc
    try:
        yield
    finally:
        lock.release()
