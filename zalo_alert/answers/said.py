"""What somebody said, and what is known of them, as the ladder looks at it; and what may take words before the rules do."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from zalo_alert.answers.conversation import NOTHING, Conversation
from zalo_alert.answers.oa_rules import OaRules
from zalo_alert.answers.reply import Reply, Step
from zalo_alert.cases.case import Asker
from zalo_alert.foundation.clock import instant


class Said(NamedTuple):
    """Somebody's words.

    Args:
        asker: Whose, and to which OA.
        text: As they were written.
        at_ms: When, in milliseconds since 1970.
        conversation: What is remembered of this person.
        talk_ms: When an officer last took or answered their open talk, or it began; 0 without one.
        is_awaiting: An open talk waits for an officer, and none has come yet.
        wait: How long an officer will take, in words; "" where nobody knows.
        by_app: Their id with the app, the same for each of its OAs; "" where nobody knows it.
    """

    asker: Asker
    text: str
    at_ms: int
    conversation: Conversation = NOTHING
    talk_ms: int = 0
    wait: str = ""
    is_awaiting: bool = False
    by_app: str = ""

    @property
    def at(self) -> datetime:
        """When, as an instant."""
        return instant(self.at_ms / 1000)

    @property
    def is_anonymous(self) -> bool:
        """Whether it is a visitor of whom nobody knows who they are."""
        return bool(self.asker.conversation)


class Turn(NamedTuple):
    """What became of words that were taken: what is said (None: nothing), and what is asked (None: nothing any more)."""

    reply: Reply | None
    step: Step | None = None


class Taker(Protocol):
    """Takes words before the rules do: a look-up, a form, whoever calls for help."""

    @property
    def name(self) -> str:
        """What its steps are called."""

    def take(self, said: Said, rules: OaRules | None, held: str) -> Turn | None:
        """Take words, or leave them to the next.

        Args:
            said: The words.
            rules: Of the OA; None where it has none.
            held: What it kept when it asked its last question, as long as it waits for the answer; "" otherwise.

        Returns:
            None where they are not its words.
        """

    def is_private(self, said: Said) -> bool:
        """Whether it would keep nothing of words, had it taken them; changes nothing."""


Takers = Sequence[Taker]
