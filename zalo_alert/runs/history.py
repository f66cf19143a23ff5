"""What happened to a run as a whole, and what an officer's word has made of it. Owns a table of the run's database.

What happened is a word that never changes, for scripts; why and what can be done are sentences, kept so that whoever reads them
later reads them in their own language.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from zalo_alert.foundation.database import Database
from zalo_alert.language import Marked, Phrase, _, pack, unpack
from zalo_alert.runs.lifecycle import RunState

CAUSE = "cause"  # in the history: why that happened which stands before it, in a word for scripts; told as no event
CURE = "cure"  # in the history: what can be done about what stands before it


class Hold(StrEnum):
    """What an officer's word has made of a run: nothing, a stop that only `resume` ends, or an end for good."""

    NONE = ""
    HELD = "held"
    CANCELLED = "cancelled"


# What happened, by its word, as a person reads it.
EVENTS: Mapping[str, str] = {
    "frozen": _("frozen"),
    "started": _("sending began"),
    "finished": _("finished"),
    "stopped": _("stopped"),
    "halted": _("halted"),
    "paused": _("paused after the first people"),
    "waiting": _("waits"),
    "failed": _("ended by an error"),
    "held": _("stopped by hand"),
    "released": _("resumed by hand"),
    "submitted": _("submitted for approval"),
    "approved": _("approved"),
    "rejected": _("rejected"),
    "break-glass": _("let out by one person alone"),
    "expired": _("expired"),
    "corrected": _("corrected"),
    "all-clear": _("all clear was given"),
    "by-night": _("sent by night on purpose"),
    "cancelled": _("cancelled for good"),
    "moved": _("sent from another place than before"),
    "restored": _("restored from a backup"),
    "broadcast": _("broadcast"),
    "despite-never": _("sent although the list of those never written to could not be read"),
    CURE: _("what can be done"),
}


# Of a run of before its state was kept: what each event left it as.
_STATES: Mapping[str, RunState] = {
    "started": RunState.SENDING,
    "finished": RunState.FINISHED,
    "stopped": RunState.STOPPED,
    "halted": RunState.HALTED,
    "paused": RunState.PAUSED,
    "waiting": RunState.WAITING,
    "failed": RunState.HALTED,
    "held": RunState.STOPPED,
    "released": RunState.STOPPED,
    "cancelled": RunState.CANCELLED,
}


class Event(NamedTuple):
    """Something that happened to a run as a whole: when, which of `EVENTS`, and a sentence about it or ""."""

    at_s: float
    what: str
    detail: str

    @property
    def words(self) -> str:
        """What a person reads of what happened; the word itself where it has none."""
        return EVENTS.get(self.what, self.what)


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

    def note(self, what: str, detail: str, at: datetime, cure: str = "", cause: str = "") -> None:
        """Write down something that happened to the run, why in a word, and what can be done about it."""
        with self._db.transaction():
            self.add(what, detail, at, cure, cause)

    def add(self, what: str, detail: str, at: datetime, cure: str = "", cause: str = "") -> None:
        """Write the same within the caller's transaction."""
        self._db.run("INSERT INTO history VALUES (?, ?, ?)", (at.timestamp(), what, pack(detail)))
        if cause:
            self._db.run("INSERT INTO history VALUES (?, ?, ?)", (at.timestamp(), CAUSE, cause))
        if cure:
            self._db.run("INSERT INTO history VALUES (?, ?, ?)", (at.timestamp(), CURE, pack(cure)))

    def state(self) -> RunState:
        """Read the state of a run of before it was kept off what happened last."""
        for (what,) in self._db.rows("SELECT what FROM history ORDER BY rowid DESC"):
            if what in _STATES:
                return _STATES[what]
        return RunState.FROZEN

    def latest(self) -> tuple[Event, str]:
        """Return what happened last, and what can be done about it; "" when nothing need be."""
        *before, last = self.events()
        return (before[-1], last.detail) if last.what == CURE and before else (last, "")

    def cause(self) -> str:
        """Return why that happened which happened last, in a word; "" where nobody has said."""
        for what, detail in self._db.rows(
            "SELECT what, detail FROM history WHERE what != ? ORDER BY rowid DESC LIMIT 1", (CURE,)
        ):
            return str(detail) if what == CAUSE else ""
        return ""

    def events(self) -> list[Event]:
        """Return what happened, the earliest first."""
        rows = self._db.rows("SELECT at_s, what, detail FROM history WHERE what != ? ORDER BY rowid", (CAUSE,))
        return [Event(at_s, what, _read(what, detail)) for at_s, what, detail in rows]


def _read(what: str, detail: str) -> str:
    """Return a sentence as it was; a cure that an earlier version kept is text, and has steps of ours in it."""
    text = unpack(detail)
    return text if what != CURE or isinstance(text, Phrase) else Marked(text)
