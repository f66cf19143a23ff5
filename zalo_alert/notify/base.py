"""What somebody is told, and what every way of telling it keeps to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from zalo_alert.settings.notify_rule import Event

__all__ = ["Channel", "Event", "Letter", "Message", "Told"]


class Message(NamedTuple):
    """Something that happened, as whoever noticed it says it.

    Args:
        event: What.
        run: Of which run; "" where it is of none.
        at: When.
        title: In a line, as a phrase.
        text: The rest, with steps in it; "" where the title says it all.
        facts: The same for programs: what JSON holds, people as marks.
        is_urgent: Whether somebody must do something now.
        topic: Tells apart what is not the same though event and run are: a halt for another cause is news.
        level: How far it has gone, where that grows: told again when it is more. 0 where it does not.
        document: What a program gets on its stdin instead of the facts: the request, byte for byte, for a signature.
    """

    event: Event
    run: str
    at: datetime
    title: str
    text: str = ""
    facts: Mapping[str, Any] = {}
    is_urgent: bool = False
    topic: str = ""
    level: int = 0
    document: bytes = b""


class Letter(NamedTuple):
    """A message as it leaves: in its readers' language, with commands for steps and marks for people.

    Args:
        message: What it says.
        title: Plain text, one line.
        text: Plain text.
        times: How often it happened since it was last told.
    """

    message: Message
    title: str
    text: str
    times: int = 1


class Told(NamedTuple):
    """What became of a message on one channel: its name, and why it failed; "" where it did not."""

    channel: str
    trouble: str


class Channel(Protocol):
    """A way to tell people. Sends one letter at a time; whatever fails is an outcome, not an exception."""

    def send(self, letter: Letter) -> list[Told]:
        """Send a letter, within a patience of its own."""

    def abandon(self) -> None:
        """End what is under way, from another thread."""
