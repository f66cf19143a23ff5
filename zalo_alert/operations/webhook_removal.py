"""Beside the worker's events: once an hour, what came back and is old enough is removed, cases and answers with it."""

from contextlib import closing

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
CONVERSATION_S = 2 * DAY_S  # after which nobody is waited for, and nobody has taken over
MOST_AT_ONCE = 50_000  # answers: an hour of Zalo's rate is 240,000, so what is left goes an hour later
_REMOVE_ANSWERS = """DELETE FROM outbox WHERE id IN (
    SELECT id FROM outbox WHERE settled_ms > 0 AND settled_ms < ? AND state NOT IN ('pending', 'deferred', 'claimed') LIMIT ?)"""


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
        """Remove what was said in cases that were closed long ago, and to whom answers went; counts stay."""
        if (db := find_store(self._settings.state_dir)) is None:
            return
        with closing(db), db.transaction():
            Cases(db).empty(closed_before_ms=now_ms - kept.cases_s * 1000)
            Conversations(db).remove(now_ms - CONVERSATION_S * 1000)
            # An event that has no answer any more might get one by a replay: it goes first.
            before_ms = now_ms - (max(kept.answers_s, kept.journal_s) + DAY_S) * 1000
            db.run(_REMOVE_ANSWERS, (before_ms, MOST_AT_ONCE))

    def _folded(self) -> Place | None:
        """Return a place up to which all receipts are folded: the hour of the latest may go on."""
        until_ms = read_published(folder_of(self._settings.state_dir)).folded_until_ms
        return Place(file_of(until_ms), 0) if until_ms else None
