"""Looking at a run again and again, whoever sends it."""

from typing import TYPE_CHECKING

from zalo_alert.errors import ZaloAlertError
from zalo_alert.operations.release import release_of
from zalo_alert.reporting.sight import RunWatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zalo_alert.operations.workspace import Workspace
    from zalo_alert.pacing.meter import Lane
    from zalo_alert.runs.run import Run
    from zalo_alert.settings.model import Settings


def open_watch(run: "Run", workspace: "Workspace") -> RunWatch:
    """Open a run to look at it; a fault in the settings keeps nobody from that, and only leaves open what Zalo grants.

    Raises:
        StorageUnusable: The ledger can't be read, or the campaign is not the one that was frozen.
    """
    try:
        settings = workspace.settings
    except ZaloAlertError:
        return RunWatch(run, release_of(run))
    return RunWatch(run, release_of(run), _lanes_of(run, settings), settings.tolerate_rejected)


def _lanes_of(run: "Run", settings: "Settings") -> "Sequence[Lane]":
    try:
        return settings.lanes(run.facts.accounts)
    except ZaloAlertError:
        return ()
