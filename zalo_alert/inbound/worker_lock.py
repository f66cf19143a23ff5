"""One worker a workspace."""

from contextlib import AbstractContextManager
from pathlib import Path

from zalo_alert.errors import RunBusy
from zalo_alert.inbound import only_one
from zalo_alert.inbound.inbound_store import folder_of
from zalo_alert.language import _

PATIENCE_S = 5.0  # the worker of a door that was killed ends within a moment of it
_NAME = "worker.lock"


def is_worker_held(state_dir: Path) -> bool:
    """Whether a process works on a workspace's events now."""
    return only_one.is_held(folder_of(state_dir) / _NAME)


def worker_held(state_dir: Path, patience_s: float = PATIENCE_S) -> AbstractContextManager[None]:
    """Be the one worker of a workspace; see `only_one.held`."""
    return only_one.held(folder_of(state_dir) / _NAME, patience_s, _busy)


def _busy() -> RunBusy:
    return RunBusy(
        _("another process works on this workspace's events already"), hint=_("one is enough for all OAs: leave it to that one")
    )
