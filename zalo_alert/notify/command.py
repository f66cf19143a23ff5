"""The channel of a program of the office's own: argv, never a shell; one JSON object on its stdin."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from zalo_alert.notify.base import Letter, Told
from zalo_alert.notify.child import PATIENCE_S, Child

NAME = "command"
FORMAT = 1  # of the JSON; rises when a field is taken away or means something else, not when one is added


class CommandChannel:
    """See `Channel`.

    Args:
        command: The program and its arguments.
        folder: Where it runs.
        patience_s: A program that takes longer is ended.
    """

    def __init__(self, command: Sequence[str], folder: Path, patience_s: float = PATIENCE_S) -> None:
        self._command, self._child = command, Child(folder, patience_s)

    def send(self, letter: Letter) -> list[Told]:
        """See `Channel`."""
        message = letter.message
        environ = {"ZALO_ALERT_EVENT": message.event.value, "ZALO_ALERT_RUN": message.run}
        ended = self._child.run(self._command, message.document or orjson.dumps(event_json(letter)), environ=environ)
        return [Told(NAME, ended.trouble)]

    def abandon(self) -> None:
        """See `Channel`."""
        self._child.abandon()


def event_json(letter: Letter) -> Mapping[str, Any]:
    """Return what a program is told of an event."""
    message = letter.message
    return {
        "format": FORMAT,
        "type": "event",
        "event": message.event.value,
        "run": message.run or None,
        "at": message.at.isoformat(timespec="seconds"),
        "title": letter.title,
        "text": letter.text,
        "urgent": message.is_urgent,
        "times": letter.times,
        "facts": dict(message.facts),
    }


def is_inside(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether this process was started to tell people something: what it does itself is told to nobody, or there were no end."""
    from zalo_alert.notify.child import INSIDE

    return bool(environ.get(INSIDE))
