"""What a case is, as values: one matter between a person and the office, and what was said in it. Knows no database."""

from enum import StrEnum
from typing import NamedTuple

FREE_MS = 48 * 3600 * 1000  # after somebody's last word Zalo takes an answer without charge
POSSIBLE_MS = 7 * 24 * 3600 * 1000  # and takes one at all


class CaseKind(StrEnum):
    """What a case is about."""

    TALK = "talk"  # a question that no rule answers, or somebody who asked for a person
    DATA_REQUEST = "data-request"  # somebody wants to know, change or end what is kept of them


class CaseState(StrEnum):
    """Where a case stands; `answered` becomes `open` when its person writes again."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class Who(StrEnum):
    """Who speaks in an entry."""

    CITIZEN = "citizen"
    OFFICER = "officer"
    TOOL = "tool"


class Origin(NamedTuple):
    """The event of which something came: the journal's file and the number in it; `NOWHERE` of what came of none."""

    file: str
    seq: int


NOWHERE = Origin("", 0)


class Asker(NamedTuple):
    """Whose case it is: Zalo's ids of the OA and the person; `conversation` is an anonymous visitor's, "" of anybody else."""

    oa: str
    person: str
    conversation: str = ""


class Case(NamedTuple):
    """One case.

    Args:
        key: Its number in the database.
        no: Its number for people, such as `TD-261127-0001K`.
        kind: What it is about.
        asker: Whose it is; without a person where they were forgotten or it was kept long enough.
        state: Where it stands.
        officer: Who holds it; "" is nobody.
        version: Counts the officers' steps: whoever changes it says which one they saw.
        opened_ms: When it began. These and the following are milliseconds since 1970; 0 where it did not happen.
        heard_ms: When its person last wrote.
        answered_ms: When an officer last answered.
        spoke_ms: When an officer last took it or answered.
        closed_ms: When it was closed.
        due_ms: By when it must be answered; 0 is no day.
        done_due_ms: By when what it asks for must be done; 0 is no day.
    """

    key: int
    no: str
    kind: CaseKind
    asker: Asker
    state: CaseState
    officer: str
    version: int
    opened_ms: int
    heard_ms: int
    answered_ms: int
    spoke_ms: int
    closed_ms: int
    due_ms: int
    done_due_ms: int

    @property
    def free_until_ms(self) -> int:
        """Until when an answer costs nothing."""
        return self.heard_ms + FREE_MS

    @property
    def possible_until_ms(self) -> int:
        """Until when Zalo takes an answer."""
        return self.heard_ms + POSSIBLE_MS

    def is_overdue(self, now_ms: int) -> bool:
        """Whether a day has passed by which something must have been done."""
        if self.state is CaseState.CLOSED:
            return False
        awaited = self.state is CaseState.OPEN and 0 < self.due_ms < now_ms
        return awaited or 0 < self.done_due_ms < now_ms


class Entry(NamedTuple):
    """One thing said in a case.

    Args:
        at_ms: When, in milliseconds since 1970.
        who: Who speaks.
        officer: Which officer; "" of anybody else.
        what: `text`, or what else it is: `image`, `location`, `file`, or an event's name.
        text: The words, as they were written; never shown without its control characters written out.
        msg_id: Zalo's id of the message; "" where there is none.
        origin: The event it came by.
        n: Its number in the case, from 1; 0 until it is in one.
    """

    at_ms: int
    who: Who
    officer: str
    what: str
    text: str
    msg_id: str = ""
    origin: Origin = NOWHERE
    n: int = 0
