"""What the worker asks about an event with words: whether it is answered. Who answers, and by which rules, stands elsewhere.

It is asked inside the worker's transaction, so that an answer, the person's state and the cursor are one step.
"""

from typing import Protocol

from zalo_alert.inbound.event import EventClass
from zalo_alert.inbound.journal import StoredEvent


class Responder(Protocol):
    """Answers events; it writes into the worker's own database alone."""

    def begin(self) -> None:
        """Take in that a transaction is about to begin: what was remembered of one that was undone holds no more."""

    def keep(self) -> None:
        """Write down what was counted, at the end of the transaction."""

    def respond(self, event: StoredEvent, at_ms: int, *, is_again: bool) -> EventClass | None:
        """Answer an event, or keep it where an officer sees it.

        Args:
            event: Words of a person or of an anonymous visitor, or what the OA sent by an officer's hand. None that is late,
                joined to another, one of a flood, the console's test or of an OA that no account names.
            at_ms: When it happened, as far as its own time can be believed.
            is_again: It was handled before: it changes what is known, and nobody is answered.

        Returns:
            What became of it; None says as without answers.
        """

    def pass_over(self, event: StoredEvent) -> None:
        """Take in words that nobody is asked about, for they are late, of a flood, or another version of what was asked about.

        What would not be kept of them, had they been answered, is not kept either.
        """
