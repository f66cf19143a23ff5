"""Who sends a run now, and the request that they stop: an operating-system lock and a file beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from zalo_alert.errors import Cure, RunBusy, StorageUnusable
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
from zalo_alert.models import RunId

LOCK_PATIENCE_S = 0.5  # someone who only looks whether a run is alive holds the lock for a moment


def is_held(folder: Path) -> bool:
    """Whether a process is sending the run in a folder at this moment."""
    lock = FileLock(folder / "lock", mode=0o600, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:
        return False  # where no lock can be taken, no ledger can be written, and no sender goes on
    lock.release()
    return False


@contextmanager
def locked(folder: Path, name: RunId) -> Iterator[None]:
    """Hold the run of a folder: an operating-system lock, which a dead process cannot keep.

    Raises:
        RunBusy: Another process is sending it now.
    """
    lock = FileLock(folder / "lock", mode=0o600, thread_local=False)
    try:
        lock.acquire(timeout=LOCK_PATIENCE_S)
    except Timeout as exc:
        raise RunBusy(
            _("run {name} is being sent by another process", name=name),
            hint=_("watch it with {status}, or end it with {stop}", status=Cure.STATUS(name, watch=True), stop=Cure.STOP(name)),
        ) from exc
    except OSError as exc:
        raise StorageUnusable(
            _("can't hold {folder}: {why}", folder=folder, why=reason(exc)),
            hint=_("check the disk, then {resume}", resume=Cure.RESUME(name)),
        ) from exc
    try:
        _stop_file(folder).unlink(missing_ok=True)
        yield
    finally:
        lock.release()


def request_stop(folder: Path) -> None:
    """Ask the process that sends the run of a folder to drain and end."""
    _stop_file(folder).touch(mode=0o600)


def stop_requested(folder: Path) -> bool:
    """Whether someone has asked."""
    return _stop_file(folder).exists()


def _stop_file(folder: Path) -> Path:
    return folder / "stop"
