"""What is said to somebody, before anybody knows to which event: values that every rung of the ladder makes."""

from enum import StrEnum
from typing import NamedTuple

from zalo_alert.answers.rule_set import Limits
from zalo_alert.cases.case import CaseKind
from zalo_alert.models import Rank
from zalo_alert.outbox.answer import Button

PROMPT = Limits(rank=Rank.STEP, expires_s=1800)  # of what the tool says itself: short, and somebody waits for it


class Rung(StrEnum):
    """What decided about somebody's words; the words never change, for scripts."""

    TAKEN_OVER = "taken-over"  # an officer speaks with them
    STEP = "step"  # it answers what they were asked
    OLDER = "older"  # it is older than what was taken as such an answer
    RESERVED = "reserved"
    BUTTON = "button"
    SOS = "sos"
    LOOKUP = "lookup"
    RULE = "rule"
    SEVERAL = "several"
    SUGGEST = "suggest"
    FALLBACK = "fallback"
    NOTHING = "nothing"  # not even that no rule has an answer: they were told a moment ago


class Reply(NamedTuple):
    """What is said.

    Args:
        rule: By what it is counted: `police-qa/can-cuoc`, `reserved/kiem-tra`.
        text: At most 2,000 characters.
        buttons: At most five.
        limits: How urgent it is, and for how long.
        topic: Another answer with the same takes its place while it waits; "" is the rule.
        is_private: Nothing of question and answer is kept once it is over.
        names_case: `{no}`, `{due}` and `{done}` in the text are the number and the days of the case that is opened.
    """

    rule: str
    text: str
    buttons: tuple[Button, ...] = ()
    limits: Limits = PROMPT
    topic: str = ""
    is_private: bool = False
    names_case: bool = False


class Step(NamedTuple):
    """A question to somebody that waits for their answer.

    Args:
        name: Who asks: a taker's name.
        held: What that one needs to go on, in its own words.
        until_ms: Until when it waits, in milliseconds since 1970.
    """

    name: str
    held: str
    until_ms: int


NO_STEP = Step("", "", 0)


class Decision(NamedTuple):
    """What is done about somebody's words.

    Args:
        rung: What decided.
        reply: What they are told; None is nothing.
        opens: A case that is opened, and that the words become a part of.
        step: What they are asked now; None leaves what was asked before.
        is_fallback: They are told that no rule has an answer.
        why: The words that decided, for whoever tries rules.
    """

    rung: Rung
    reply: Reply | None = None
    opens: CaseKind | None = None
    step: Step | None = None
    is_fallback: bool = False
    why: str = ""
