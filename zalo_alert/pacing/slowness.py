"""What slows a run down, as values: told with its progress, and left in its folder for whoever looks on from another process.

Knows no words for people; the shell has them.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from zalo_alert.foundation import machine

NAME = "slowed.json"
SILENT_S = 3.0  # without an answer for so long while calls are on their way, something is wrong


class Cause(StrEnum):
    """Why a run goes slower than its plan; stable words, for scripts too."""

    SILENT = "silent"  # calls are on their way, and nobody answers
    UNREACHABLE = "unreachable"  # no connection can be made
    MINUTE = "minute"  # Zalo says that the minute is full
    LOWERED = "lowered"  # and so the rate is lower for some minutes
    REFUSED = "refused"  # 429 without a word of a minute
    QUOTA = "quota"  # a route has no quota left
    NIGHT = "night"  # refused at night
    URGENT = "urgent"  # a more urgent run goes first
    FILES = "files"  # too few file descriptors for as many connections as it takes


class Slowed(NamedTuple):
    """One thing that slows a run: since when, and until when where somebody knows."""

    cause: Cause
    since: datetime
    until: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values; instants in ISO format to the second."""
        until = self.until.isoformat(timespec="seconds") if self.until else None
        return {"cause": self.cause.value, "since": self.since.isoformat(timespec="seconds"), "until": until}


class Since:
    """Remembers since when each cause holds."""

    def __init__(self) -> None:
        self._since: dict[Cause, datetime] = {}

    def __call__(self, until: Mapping[Cause, datetime | None], now: datetime) -> tuple[Slowed, ...]:
        """Return all that slows a run now, from until when each does; a cause that is missing has ended."""
        self._since = {cause: self._since.get(cause, now) for cause in until}
        return tuple(Slowed(cause, self._since[cause], at) for cause, at in until.items())


class Silence:
    """Notices that nobody answers, from counts handed in a few times a second.

    Args:
        now: When it begins.
    """

    def __init__(self, now: datetime) -> None:
        self._heard, self._heard_at = 0, now

    def since(self, heard: int, on_their_way: int, now: datetime) -> datetime | None:
        """Return since when nobody has answered; None while all is well.

        Args:
            heard: Answers so far.
            on_their_way: Calls that wait for one.
            now: The instant of both.
        """
        if heard != self._heard or not on_their_way:
            self._heard, self._heard_at = heard, now
        return self._heard_at if (now - self._heard_at).total_seconds() >= SILENT_S else None


def write_slowed(folder: Path, slowed: tuple[Slowed, ...]) -> None:
    """Leave it in a run's folder. What cannot be written is not worth ending an alert for."""
    draft = folder / f".{NAME}.{os.getpid()}"
    with suppress(OSError):
        if not slowed:
            (folder / NAME).unlink(missing_ok=True)
            return
        draft.write_bytes(orjson.dumps([cause.as_json() for cause in slowed]))
        machine.replace(draft, folder / NAME)


def read_slowed(folder: Path) -> tuple[Slowed, ...]:
    """Read what a run's sender left; nothing when there is none, or it cannot be read."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return tuple(map(_read, orjson.loads((folder / NAME).read_bytes())))
    return ()


def _read(row: Mapping[str, Any]) -> Slowed:
    until = datetime.fromisoformat(row["until"]) if row["until"] else None
    return Slowed(Cause(row["cause"]), datetime.fromisoformat(row["since"]), until)
