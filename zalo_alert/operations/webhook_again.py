"""What is done again to events that came: parked ones are verified, handled ones have their effects anew, and any are read."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from zalo_alert.errors import UsageError
from zalo_alert.foundation.clock import Clock, instant
from zalo_alert.foundation.pseudonyms import Marks
from zalo_alert.inbound.event import EventClass
from zalo_alert.inbound.event_body import parse
from zalo_alert.inbound.event_ids import inner
from zalo_alert.inbound.inbound_store import folder_of
from zalo_alert.inbound.journal import JOURNAL, StoredEvent, file_of, read_journal
from zalo_alert.inbound.recheck import Rechecked, recheck
from zalo_alert.inbound.rolled import Place, newest_name
from zalo_alert.inbound.switchboard import Switchboard
from zalo_alert.inbound.worker_sight import cursor_of
from zalo_alert.language import _
from zalo_alert.operations.inbound_worker import open_worker
from zalo_alert.operations.state import state_folder
from zalo_alert.settings.model import Settings

_AT_ONCE = 500


def recheck_parked(settings: Settings, now: datetime) -> Rechecked:
    """Verify what is parked with the secrets as they are now, and let in what is right.

    Raises:
        SettingsInvalid: A secret can be none.
        StorageUnusable: A file can't be used.
    """
    marks = Marks(state_folder(settings))
    return recheck(folder_of(settings.state_dir), Switchboard(settings), marks.joinable, int(now.timestamp() * 1000))


def replay(settings: Settings, clock: Clock, begin: datetime, end: datetime, *, may_answer: bool = False) -> Counter[EventClass]:
    """Give the events that arrived in a time their effects anew: persons, follows, opt-outs, cases.

    Those that the worker has not handled yet are left to it. Effects hold by an event's own time: a second turn changes nothing.

    Args:
        settings: The workspace's.
        clock: Time.
        begin: From when on.
        end: Until when.
        may_answer: Whoever has had no answer to an event is given one; otherwise nobody is written to.

    Returns:
        How many of each class they are now.

    Raises:
        StorageUnusable: A file can't be used.
        UsageError: The time ends before it begins.
    """
    classes: Counter[EventClass] = Counter()
    with closing(open_worker(settings, clock, is_late=True)) as worker:
        for events in _arrived(settings, begin, end):
            classes += worker.again(events, may_answer=may_answer)
    return classes


def would_replay(settings: Settings, begin: datetime, end: datetime) -> Counter[str]:
    """Count by name what `replay` would handle; changes nothing. Raises as it does."""
    names: Counter[str] = Counter()
    for events in _arrived(settings, begin, end):
        names.update(event.name for event in events)
    return names


def _arrived(settings: Settings, begin: datetime, end: datetime) -> Iterator[list[StoredEvent]]:
    """Yield the events that arrived in a time, as far as they have been handled."""
    if end <= begin:
        raise UsageError(_("the time ends before it begins"), hint=_("the earlier one comes first"))
    done, begin_ms, end_ms = cursor_of(settings.state_dir), begin.timestamp() * 1000, end.timestamp() * 1000
    place = Place(file_of(int(begin_ms)), 0)  # nothing that arrived then is in an earlier file
    while done is not None and (some := read_journal(folder_of(settings.state_dir), place, _AT_ONCE)):
        place = some[-1].place
        yield [event for event in some if begin_ms <= event.arrived_ms < end_ms and event.place <= done]
        if place >= done or place.file > file_of(int(end_ms)):
            return


@dataclass(frozen=True, slots=True)
class Shown:
    """An event as it may be shown: its person is a mark; `text` is what they wrote, with whatever it holds."""

    at: datetime
    oa: str
    name: str
    person: str
    text: str
    tries: int
    place: Place


class EventTail:
    """Reads events of the journal as they may be shown, and goes on where it stopped.

    Args:
        settings: The workspace's.
        account: One of its accounts, by our id; None is all of them.

    Raises:
        SettingsInvalid: There is no such account.
    """

    def __init__(self, settings: Settings, account: str | None = None) -> None:
        self._settings = settings
        self._folder = folder_of(settings.state_dir)
        self._oa = settings.account(account).oa_id if account is not None else None
        self._accounts = settings.names_of_oas()
        self._marks = Marks(state_folder(settings))
        self._place: Place | None = None

    def last(self, most: int) -> list[Shown]:
        """Return the last events that are there, the newest last; today's at least, at most so many."""
        newest = newest_name(self._folder / JOURNAL)
        self._place = Place(newest, 0) if newest else None
        shown: list[Shown] = []
        while some := self.read_on():
            shown = [*shown, *some][-most:]
        return shown

    def read_on(self) -> list[Shown]:
        """Return events that came since, at most a few hundred, though none may be of the account; none at all: nothing came."""
        while some := read_journal(self._folder, self._place, _AT_ONCE):
            self._place = some[-1].place
            if shown := [self._shown(event) for event in some if self._oa in (None, event.oa)]:
                return shown
        return []

    def _shown(self, event: StoredEvent) -> Shown:
        person = self._marks.of(event.person) if event.person else ""
        oa = self._accounts.get(event.oa, event.oa)
        return Shown(instant(event.arrived_ms / 1000), oa, event.name, person, _text(event.body), event.tries, event.place)


def _text(body: bytes) -> str:
    """Return what somebody wrote; "" where they wrote nothing, or it is kept no more."""
    try:
        text = inner(parse(body), "message").get("text")
    except (ValueError, RecursionError):
        return ""
    return text if isinstance(text, str) else ""
