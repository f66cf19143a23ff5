"""Beside the worker's events: once an hour, what came back and is old enough is removed, cases with it."""

from contextlib import closing

from zalo_alert.answers.asked import Asked
from zalo_alert.answers.conversation import Conversations
from zalo_alert.cases.store import Cases
from zalo_alert.foundation.clock import Clock
from zalo_alert.inbound.inbound_store import find_store, folder_of
from zalo_alert.inbound.receipt_lane import file_of
from zalo_alert.inbound.removal import Removed, remove_old
from zalo_alert.inbound.retention import Retention, load_retention
from zalo_alert.inbound.rolled import Place
from zalo_alert.inbound.worker_sight import cursor_of
from zalo_alert.receipts.published import read_published
from zalo_alert.settings.model import Settings

EVERY_S = 3600.0
DAY_S = 86_400
COUNTS_S = 400 * DAY_S  # of what was asked: a year can be compared with the one before
CONVERSATION_S = 2 * DAY_S  # after which nobody is waited for, and nobody has taken over


class Remover:
    """Removes what is old enough when it is called.

    Args:
        settings: The workspace's.
        clock: Time.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock

    def __call__(self) -> None:
        """Remove some, and leave the rest to the next hour.

        Raises:
            SettingsInvalid: `inbound/retention.yaml` has faults; nothing is removed.
            StorageUnusable: A file can't be removed.
        """
        self.remove()

    def remove(self) -> Removed:
        """Remove some, and say what."""
        kept = load_retention(self._settings.workspace)
        state_dir, now_ms = self._settings.state_dir, int(self._clock.now().timestamp() * 1000)
        folder = folder_of(state_dir)
        self._remove_said(kept, now_ms)
        return remove_old(folder, kept, now_ms, handled=cursor_of(state_dir), folded=self._folded())

    def _remove_said(self, kept: Retention, now_ms: int) -> None:
        """Remove what was said in cases closed long ago, idle conversations, and counts older than a year."""
        if (db := find_store(self._settings.state_dir)) is None:
            return
        with closing(db), db.transaction():
            Cases(db).empty(closed_before_ms=now_ms - kept.cases_s * 1000)
            Conversations(db).remove(now_ms - CONVERSATION_S * 1000)
            Asked(db).remove(now_ms - COUNTS_S * 1000)

    def _folded(self) -> Place | None:
        """Return a place up to which all receipts are folded: the hour of the latest may go on."""
        until_ms = read_published(folder_of(self._settings.state_dir)).folded_until_ms
        return Place(file_of(until_ms), 0) if until_ms else None
