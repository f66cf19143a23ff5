"""Which runs of a workspace a screen shows: those that are not over, and recent ones. Looks at files alone where it can.

A workspace may hold thousands of runs. A run that is over does not change, so it is opened once, and again only when its file is
another; a few at a time, the latest first, so that no look keeps the others waiting.
"""

import os
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from zalo_alert.errors import ZaloAlertError
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
from zalo_alert.runs.lifecycle import OVER, RunState
from zalo_alert.runs.run import Run

OPENED_AT_ONCE = 60  # about as many milliseconds
RELISTED_S = 10.0  # a run that is over is looked at as often: `resume` may go on with it
RECENT_S = 86_400.0
MOST_RECENT = 3
MOST_SHOWN = 12


class Stamp(NamedTuple):
    """By what a run's file is known to be the same as at the last look: times in nanoseconds, sizes in bytes."""

    changed_ns: int
    log_changed_ns: int
    log_bytes: int

    @property
    def at_s(self) -> float:
        """When it was last written to, in seconds since 1970."""
        return max(self.changed_ns, self.log_changed_ns) / 1e9


def stamp_of(folder: Path, name: str = "run.db") -> Stamp:
    """Look at a run's database and its log.

    Raises:
        OSError: They can't be seen.
    """
    database = (folder / name).stat()
    with suppress(FileNotFoundError):  # the log is there while somebody has it open
        log = (folder / f"{name}-wal").stat()
        return Stamp(database.st_mtime_ns, log.st_mtime_ns, log.st_size)
    return Stamp(database.st_mtime_ns, 0, 0)


@dataclass(slots=True)
class Listed:
    """A run in the list.

    Args:
        name: Its folder's.
        stamp: Of its files when they were last looked at; None where they can't be seen.
        known: The same when it was last opened.
        state: Where it stood then; None while nobody has opened it, or it can't be read.
        trouble: Why it can't be read, as a sentence.
    """

    name: str
    stamp: Stamp | None = None
    known: Stamp | None = None
    state: RunState | None = None
    trouble: str = ""

    @property
    def is_over(self) -> bool:
        """Whether it is known to be."""
        return self.state in OVER and self.stamp == self.known

    def at_s(self) -> float:
        """When it was last written to."""
        return self.stamp.at_s if self.stamp else 0.0


class Listing:
    """The runs of a workspace, looked at again and again.

    Args:
        folder: Of the runs; need not be there yet.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._runs = folder, dict[str, Listed]()
        self._folder_ns, self._relisted_s = -1, float("-inf")

    def __len__(self) -> int:
        return len(self._runs)

    @property
    def runs(self) -> list[Listed]:
        """Every run, the one that was written to last first."""
        return sorted(self._runs.values(), key=lambda one: (one.at_s(), one.name), reverse=True)

    @property
    def unopened(self) -> int:
        """How many nobody has opened yet."""
        return sum(one.state is None and not one.trouble for one in self._runs.values())

    def shown(self, now_s: float) -> list[Listed]:
        """Return the runs that a screen shows, the latest first: those that are not over or can't be read, then recent ones."""
        known = [one for one in self.runs if one.state or one.trouble]
        recent = [one for one in known if one.is_over and now_s - one.at_s() < RECENT_S]
        return ([one for one in known if not one.is_over] + recent[:MOST_RECENT])[:MOST_SHOWN]

    def look(self, now_s: float) -> None:
        """Look at what has changed.

        Args:
            now_s: Seconds, from whatever start.
        """
        is_due = now_s - self._relisted_s >= RELISTED_S
        if (folder_ns := _changed_ns(self._folder)) != self._folder_ns or is_due:
            self._folder_ns = folder_ns
            self._relist()
        for one in self._runs.values():
            if is_due or not one.is_over:
                self._stamp(one)
        if is_due:
            self._relisted_s = now_s
        changed = [one for one in self.runs if one.stamp and one.stamp != one.known]
        for one in changed[:OPENED_AT_ONCE]:
            self._open(one)

    def _relist(self) -> None:
        names = set(_names(self._folder))
        self._runs = {name: self._runs.get(name) or Listed(name) for name in names}

    def _stamp(self, one: Listed) -> None:
        try:
            one.stamp = stamp_of(self._folder / one.name)
        except FileNotFoundError:  # no run, or one that was taken away a moment ago
            self._runs = {name: other for name, other in self._runs.items() if name != one.name}
        except OSError as exc:
            one.stamp = one.known = one.state = None
            one.trouble = _("{path} can't be read: {why}", path=self._folder / one.name, why=reason(exc))

    def _open(self, one: Listed) -> None:
        one.known = one.stamp
        try:
            with closing(Run(self._folder / one.name)) as run:
                # What was written last is right for a run that is over, and an open one is watched anyhow.
                one.state, one.trouble = run.state, ""
        except (ZaloAlertError, OSError) as exc:
            one.state, one.trouble = None, exc.message if isinstance(exc, ZaloAlertError) else reason(exc)


def _changed_ns(folder: Path) -> int:
    with suppress(OSError):
        return folder.stat().st_mtime_ns
    return 0


def _names(folder: Path) -> Iterator[str]:
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        yield from (entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir())
