"""The log of a run: what was said and done, by whichever process, in `log.jsonl` in the run's folder."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from zalo_alert.foundation.log_file import LogFile, ignore
from zalo_alert.foundation.log_line import Hiding, LogLine, encode
from zalo_alert.foundation.log_reading import LogReading, LogTail
from zalo_alert.foundation.notices import Level
from zalo_alert.language import joined
from zalo_alert.runs.history import EVENTS

NAME = "log.jsonl"
EVENT = "event"  # the kind of what happened to the run as a whole, as its history has it
# What the sentence says by itself, which stands behind these words.
_SAID = frozenset({
    "halted", "finished", "stopped", "paused", "waiting", "expired", "failed", "held", "released", "corrected", "all-clear",
})  # fmt: skip
_LEVELS: Mapping[str, Level] = {
    **dict.fromkeys(("halted", "failed", "expired", "despite-never", "despite-hours", "despite-clock"), Level.FAULT),
    **dict.fromkeys(("paused", "held", "stopped", "rejected", "break-glass", "by-night", "moved", "corrected"), Level.WARNING),
    **dict.fromkeys(("started", "finished", "cancelled", "released"), Level.STRONG),
}


class RunLog:
    """The log of a run; several processes may write to it.

    Args:
        folder: The run's, in its workspace.
        on_trouble: Hears, once, why it can't be written: as a sentence.
    """

    def __init__(self, folder: Path, on_trouble: Callable[[str], object] = ignore) -> None:
        self._file = LogFile(folder / NAME, on_trouble)
        self._hide = Hiding(folder.parent.parent)
        self.last_detail = ""  # of the last event that was written here

    def write(self, kind: str, at: datetime, text: str = "", *, level: Level = Level.PLAIN, **facts: Any) -> None:
        """Add a line; nothing is raised, whatever happens, and ids, telephone numbers and secrets don't get into it.

        Args:
            kind: Of what, in a word that never changes.
            at: When, with its zone.
            text: A sentence; it can be said in the reader's language later where it is one of ours.
            level: How loudly it was said.
            facts: What else belongs to it, as JSON knows it; sentences are kept as `text` is.
        """
        self._file.append(encode(LogLine(at, kind, text, level, facts=facts), self._hide))

    def event(self, what: str, detail: str, at: datetime, **facts: Any) -> None:
        """Write down what happened to the run as a whole; see `write`.

        Args:
            what: A word of the history.
            detail: What there is to say of it; may be empty.
            at: When.
            facts: What else belongs to it; empty ones are left out.
        """
        words, self.last_detail = EVENTS.get(what, what), detail
        text = detail if detail and what in _SAID else joined((words, detail), ": ") if detail else words
        given = {name: value for name, value in facts.items() if value}
        self.write(EVENT, at, text, level=_LEVELS.get(what, Level.PLAIN), what=what, **given)


def read_log(folder: Path) -> LogReading:
    """Read the log of a run, the earliest line first, as far as it goes: a torn line is skipped and counted.

    Raises:
        StorageUnusable: It can't be opened; raised as it is read.
    """
    return LogReading(folder / NAME)


def follow_log(folder: Path) -> LogTail:
    """Read the log of a run that goes on; see `LogTail`."""
    return LogTail(folder / NAME)
