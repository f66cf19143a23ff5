"""One door a workspace."""

from contextlib import AbstractContextManager
from pathlib import Path

from zalo_alert.errors import Cure, RunBusy
from zalo_alert.inbound import only_one
from zalo_alert.language import _

PATIENCE_S = 1.0  # a door that was killed gives its lock back at once; one that is being replaced, a moment later
_NAME = "door.lock"


def is_door_held(folder: Path) -> bool:
    """Whether a process is the door of a workspace now.

    Args:
        folder: `inbound` of the workspace's state.
    """
    return only_one.is_held(folder / _NAME)


def door_held(folder: Path, patience_s: float = PATIENCE_S) -> AbstractContextManager[None]:
    """Be the one door of a workspace; see `only_one.held`.

    Args:
        folder: `inbound` of the workspace's state; made when it is missing.
        patience_s: How long to wait for another one to end.
    """
    return only_one.held(folder / _NAME, patience_s, _busy)


def _busy() -> RunBusy:
    return RunBusy(
        _("the webhook of this workspace is served by another process already"),
        hint=_("one is enough for all OAs; {status} says how it goes", status=Cure.WEBHOOK_STATUS()),
    )
