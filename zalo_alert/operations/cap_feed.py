"""All public alerts of a workspace that hold, as CAP files with an Atom feed beside them: a folder for a web server."""

from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from zalo_alert.cap.feed import FEED, Entry, atom_of
from zalo_alert.errors import ZaloAlertError
from zalo_alert.foundation.files import open_folder
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.language import joined
from zalo_alert.models import RunId
from zalo_alert.operations.cap_export import Exported, export_run, put
from zalo_alert.operations.cap_names import begun_at, sender_of
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Settings


class Fed(NamedTuple):
    """What a feed holds: its file, the alerts in it, and which runs could not be exported."""

    path: Path
    alerts: tuple[Exported, ...]
    troubles: tuple[Notice, ...]


def write_feed(folder: Path, runs: Runs, settings: Settings, now: datetime) -> Fed:
    """Write the files of all public alerts that hold, then the feed that names them.

    A run that can't be exported is told and left out: one bad run takes no other alert from the public.

    Raises:
        InputInvalid: The folder can't be written to.
    """
    alerts, troubles = [], []
    for name in runs.ids():
        try:
            exported = _public(name, runs, settings, now)
        except ZaloAlertError as exc:
            troubles.append(Notice(joined((name, exc.message), ": "), "", Level.WARNING))
            continue
        if exported:
            alerts.append(exported)
    open_folder(folder)
    for exported in alerts:
        put(exported.data, folder / exported.file_name)
    entries = [Entry(exported.alert, exported.file_name) for exported in alerts]
    title = settings.cap.sender_name or _title(settings)
    put(atom_of(entries, sender_of(settings), title, now), folder / FEED)
    return Fed(folder / FEED, tuple(alerts), tuple(troubles))


def _title(settings: Settings) -> str:
    return f"Tin cảnh báo của {sender_of(settings)}"


def _public(name: RunId, runs: Runs, settings: Settings, now: datetime) -> Exported | None:
    """Return a run's alert where anybody may read it and it still holds."""
    with closing(runs.open(name)) as run:
        if run.facts.status != "Actual" or run.facts.expires <= now or begun_at(run) is None:
            return None
        exported = export_run(run, runs, settings)
    holds = any(info.expires and info.expires > now for info in exported.alert.infos)
    return exported if exported.alert.scope == "Public" and holds else None
