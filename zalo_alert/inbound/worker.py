"""The worker: reads the journal from where it stands, and gives each event its effects once, whatever kills it in between.

Effects and cursor are one transaction. An event that can't be handled because of a mistake here is tried again, then set aside,
told and counted: it never stops the others. Owns no loop and no clock; who calls `step` decides how often.
"""

import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from zalo_alert.errors import ZaloAlertError
from zalo_alert.foundation.ahead import read_ahead
from zalo_alert.foundation.database import Database
from zalo_alert.foundation.pseudonyms import Marks
from zalo_alert.inbound.effects import Effect, Effects
from zalo_alert.inbound.event import EventClass
from zalo_alert.inbound.held_file import HeldFile
from zalo_alert.inbound.inbound_store import folder_of, forgotten, open_store
from zalo_alert.inbound.journal import JOURNAL, StoredEvent, read_journal
from zalo_alert.inbound.persons import Persons
from zalo_alert.inbound.responding import Responder
from zalo_alert.inbound.rolled import Place

AT_ONCE = 500  # events in one transaction: a commit's wait for the disk is shared, and an opt-out waits for no long one
TRIES = 3  # of an event that can't be handled, before it is set aside
_LANE = "journal"
_MINUTE_MS = 60_000


class Aside(NamedTuple):
    """An event that was set aside: where it stands, what it is called, and what went wrong, without a word of its person's."""

    place: Place
    oa: str
    name: str
    why: str


class Worker:
    """See the module.

    Args:
        state_dir: Of the workspace.
        is_ours: Whether an account of the workspace is an OA, by Zalo's id.
        on_aside: Told of an event that was set aside.
        make_responder: Makes who answers, of the worker's database; without one nobody does.

    Raises:
        StorageUnusable: Its database can't be used; so with every method.
    """

    def __init__(
        self,
        state_dir: Path,
        is_ours: Callable[[str], bool],
        on_aside: Callable[[Aside], None] = lambda aside: None,
        make_responder: Callable[[Database], Responder | None] = lambda db: None,
    ) -> None:
        self._folder, self._on_aside = folder_of(state_dir), on_aside
        self._db: Database = open_store(state_dir)
        self._journal = HeldFile()
        self._persons = Persons(self._db, Marks(self._folder))
        self._forgotten = forgotten(self._db)
        self._responder = make_responder(self._db)
        self._effects = Effects(self._db, self._persons, is_ours, self._responder)
        self.handle: Callable[..., Effect] = self._effects.of  # what tests replace by a mistake

    def step(self, limit: int = AT_ONCE) -> Sequence[StoredEvent]:
        """Handle the next events, and return them; their effects are on the disk. None are left when it returns none."""
        self._forgotten = forgotten(self._db)  # before reading: see `_as_they_are`
        events = read_journal(self._folder, self.cursor(), limit, self._journal.opened)
        if not events:
            return events
        try:
            self._commit(events)
        except ZaloAlertError:
            raise
        except Exception:
            for event in events:
                self._handle_alone(event)
        return events

    def again(self, events: Sequence[StoredEvent], *, may_answer: bool = False) -> Counter[EventClass]:
        """Give events that were handled their effects anew; what was set aside is counted where it belongs now.

        Args:
            events: Of the journal, read since this worker was made; none beyond the cursor.
            may_answer: Whoever has had no answer to an event may be given one.

        Returns:
            How many of each class they are now.
        """
        classes: Counter[EventClass] = Counter()
        for event in events:
            try:
                self._take_up_rules()
                with self._db.transaction():
                    self._begin()
                    kind = self.handle(*self._as_they_are([event]), is_again=True, may_answer=may_answer).kind
                    if self._forget_trouble(event):
                        self._count(event, EventClass.SET_ASIDE, -1)
                        self._count(event, kind, 1)
                    self._keep()
            except ZaloAlertError:
                raise
            except Exception as exc:
                self._on_aside(Aside(event.place, event.oa, event.name, where_of(exc)))
                kind = EventClass.SET_ASIDE
            classes[kind] += 1
        return classes

    def cursor(self) -> Place | None:
        """Return the last event that was handled; None when none was."""
        rows = self._db.rows("SELECT file, seq FROM cursor WHERE lane = ?", (_LANE,))
        return Place(*rows[0]) if rows else None

    def close(self) -> None:
        """Close the files."""
        self._journal.close()
        self._db.close()

    def _take_up_rules(self) -> None:
        """Let rules that were changed speak; reading a country's takes seconds, in which others may write to the database."""
        if self._responder is not None:
            self._responder.begin()

    def _commit(self, events: Sequence[StoredEvent]) -> None:
        self._take_up_rules()
        with self._db.transaction(), read_ahead(self._db, {(event.oa, event.person) for event in events if event.person}):
            self._begin()
            events = self._as_they_are(events)
            effects = [self.handle(event) for event in events]
            for (minute, oa, kind), number in Counter(map(_counted_as, events, effects)).items():
                self._tally(minute, oa, kind, number)
            self._move(events[-1].place)
            self._keep()
        self._blank([event for event, effect in zip(events, effects, strict=True) if _is_worthless(effect)])

    def _keep(self) -> None:
        self._persons.keep()
        self._effects.keep()
        if self._responder is not None:
            self._responder.keep()

    def _begin(self) -> None:
        self._persons.begin()
        self._effects.begin()

    def _as_they_are(self, events: Sequence[StoredEvent]) -> Sequence[StoredEvent]:
        """Return events, inside a transaction, as the journal has them: anew where somebody was forgotten since they were read.

        Whoever is forgotten later is taken out after this transaction.
        """
        if forgotten(self._db) == self._forgotten:
            return events
        return [self._anew(event) for event in events]

    def _anew(self, event: StoredEvent) -> StoredEvent:
        file, seq = event.place
        found = read_journal(self._folder, Place(file, seq - 1), 1)
        is_there = bool(found) and found[0].place == event.place
        return found[0] if is_there else event._replace(person="", by_app="", body=b"")

    def _handle_alone(self, event: StoredEvent) -> None:
        """Handle one event; after some tries it is set aside, and the cursor goes past it."""
        for attempt in range(1, TRIES + 1):
            try:
                self._commit([event])
            except ZaloAlertError:
                raise
            except Exception as exc:
                if attempt == TRIES:
                    self._set_aside(event, where_of(exc))
            else:
                return

    def _set_aside(self, event: StoredEvent, why: str) -> None:
        with self._db.transaction():
            self._db.run(
                "INSERT OR REPLACE INTO trouble VALUES (?, ?, ?, ?, ?, ?)",
                (*event.place, event.oa, event.name, why, event.arrived_ms),
            )
            self._count(event, EventClass.SET_ASIDE, 1)
            self._move(event.place)
        self._on_aside(Aside(event.place, event.oa, event.name, why))

    def _forget_trouble(self, event: StoredEvent) -> bool:
        return bool(self._db.run("DELETE FROM trouble WHERE file = ? AND seq = ?", event.place))

    def _count(self, event: StoredEvent, kind: EventClass, n: int) -> None:
        self._tally(event.arrived_ms // _MINUTE_MS, event.oa, kind, n)

    def _tally(self, minute: int, oa: str, kind: EventClass, n: int) -> None:
        self._db.run(
            "INSERT INTO tally VALUES (?, ?, ?, ?) ON CONFLICT (minute, oa, class) DO UPDATE SET n = n + excluded.n",
            (minute, oa, kind, n),
        )

    def _move(self, place: Place) -> None:
        self._db.run("INSERT OR REPLACE INTO cursor VALUES (?, ?, ?)", (_LANE, *place))

    def _blank(self, events: Sequence[StoredEvent]) -> None:
        """Empty the bodies of events that are not worth keeping; killed before this, they are kept, which harms nobody."""
        for file in {event.place.file for event in events}:
            with closing(Database(self._folder / JOURNAL / file)) as journal:
                journal.run("PRAGMA secure_delete = ON")
                places = [(event.place.seq,) for event in events if event.place.file == file]
                with journal.transaction():
                    journal.run_many("UPDATE event SET body = x'' WHERE seq = ?", places)


def _counted_as(event: StoredEvent, effect: Effect) -> tuple[int, str, EventClass]:
    return event.arrived_ms // _MINUTE_MS, event.oa, effect.kind


def _is_worthless(effect: Effect) -> bool:
    return effect.is_torrent and effect.kind is EventClass.FLOODED


def where_of(exc: Exception) -> str:
    """Say what went wrong and where in the code; what an exception says of itself may hold a person's words."""
    frame = traceback.extract_tb(exc.__traceback__)[-1]
    return f"{type(exc).__name__} at {Path(frame.filename).name}:{frame.lineno}"
