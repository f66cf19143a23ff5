"""Telling people that somebody has stopped or ended a run that nobody was sending: whoever sends one tells of its end himself."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from zalo_alert.audit.telling import OnNotice
from zalo_alert.errors import ZaloAlertError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.layout import CONFIG_NAME
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.language import _
from zalo_alert.operations.stop import Stopped
from zalo_alert.runs.run import Run

_MOST_BYTES = 1 << 20  # of a config


def tell_stopped(run: Run, stopped: Stopped, on_notice: OnNotice, environ: Mapping[str, str] = os.environ) -> None:
    """Tell of a stop that no sender will tell of; what keeps it from being told is a notice, and keeps nobody from stopping."""
    if stopped.holds and not stopped.was_active and not stopped.held_before:
        _tell(run, _("stopped by hand"), on_notice, environ)


def tell_cancelled(run: Run, on_notice: OnNotice, environ: Mapping[str, str] = os.environ) -> None:
    """Tell that a run was ended for good."""
    _tell(run, _("cancelled for good"), on_notice, environ, "cancelled")


def _tell(run: Run, why: str, on_notice: OnNotice, environ: Mapping[str, str], topic: str = "") -> None:
    workspace = run.folder.resolve().parents[2]
    if not _may_be_told(workspace):
        return
    from zalo_alert.operations import tell_events
    from zalo_alert.operations.tell import Teller
    from zalo_alert.settings.load import load

    try:
        settings = load(workspace, environ)
    except ZaloAlertError as exc:
        on_notice(Notice(_("nobody could be told: {why}", why=exc.message), "", Level.WARNING))
        return
    with Teller(settings, on_notice) as teller:
        teller.tell(tell_events.stopped(run, why, SystemClock().now(), topic))


def _may_be_told(workspace: Path) -> bool:
    """Whether the config says anything of it: reading settings takes longer than stopping does."""
    with suppress(OSError), (workspace / CONFIG_NAME).open("rb") as file:
        return b"notify" in file.read(_MOST_BYTES)
    return False
