"""The one method that every channel has, and what a channel asks of a file that goes with a message."""

from typing import Protocol

from zalo_alert.models import Outcome, Recipient


class Channel(Protocol):
    """Hands one person's message over, once, by one route."""

    async def send(self, recipient: Recipient) -> Outcome:
        """Send, and say how it ended. Never raises for what a server or a network can do."""


class Attachment(Protocol):
    """A route's file as uploaded to Zalo: each OA has an id of its own for it, which expires after seven days."""

    @property
    def edition(self) -> int:
        """Changes whenever an id does."""

    def id_of(self, account: int) -> str:
        """Return the id at an account's OA."""

    async def renew(self, account: int, stale: int) -> bool:
        """Upload anew, unless somebody has since `stale`, an edition. False: it can't be done."""
