"""What happened to a run as a whole, and what an officer's word has made of it. Owns a table of the run's database."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from zalo_alert.foundation.database import Database

CURE = "cure"  # in the history: what can be done about what stands before it


class Hold(StrEnum):
    """What an officer's word has made of a run: nothing, a stop that only `resume` ends, or an end for good."""

    NONE = ""
    HELD = "held"
    CANCELLED = "cancelled"


class Event(NamedTuple):
    """Something that happened to a run as a whole."""

    at_s: float
    what: str
    detail: str


class History:
    """The table of what happened to a run.

    Args:
        database: The run's.
    """

    def __init__(self, database: Database) -> None:
        self._db = database

    def hold(self) -> Hold:
        """Return what an officer's word has made of the run."""
        if self._db.rows("SELECT 1 FROM history WHERE what = ?", (Hold.CANCELLED,)):
            return Hold.CANCELLED
        latest = self._db.rows("SELECT what FROM history WHERE what IN ('held', 'released') ORDER BY rowid DESC LIMIT 1")
        return Hold.HELD if latest == [(Hold.HELD,)] else Hold.NONE

    def note(self, what: str, detail: str, at: datetime, cure: str = "") -> None:
        """Write down something that happened to the run, and what can be done about it."""
        with self._db.transaction():
            self._db.run("INSERT INTO history VALUES (?, ?, ?)", (at.timestamp(), what, detail))
            if cure:
                self._db.run("INSERT INTO history VALUES (?, ?, ?)", (at.timestamp(), CURE, cure))

    def latest(self) -> tuple[Event, str]:
        """Return what happened last, and what can be done about it; "" when nothing need be."""
        *before, last = self.events()
        return (before[-1], last.detail) if last.what == CURE and before else (last, "")

    def events(self) -> list[Event]:
        """Return what happened, the earliest first."""
        return [Event(*row) for row in self._db.rows("SELECT at_s, what, detail FROM history ORDER BY rowid")]
