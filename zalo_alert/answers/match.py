"""What a text comes to, and why: values that a matcher makes. Knows no phrase and no text."""

from enum import IntEnum, StrEnum
from typing import NamedTuple


class MatchKind(StrEnum):
    """What a text came to."""

    RULE = "rule"  # one rule: its answer
    SEVERAL = "several"  # as many rules as there are ids: a question with a button for each
    SUGGEST = "suggest"  # perhaps one: "Ý bạn là …?", never the answer itself
    NONE = "none"


class Step(IntEnum):
    """What decided, by the number that the design gives it."""

    PHRASE = 5
    ACCENTS = 6
    SLIP = 7
    NOTHING = 8
    WORDS = 9  # all words of a text, where no phrase stands in it


class VetoReason(StrEnum):
    """Why a phrase that stands in a text does not count."""

    NEGATION = "negation"
    EXCLUDED = "excluded"
    ACCENTS = "accents"


class Veto(NamedTuple):
    """A phrase that stands in a text and does not count: whose it is, and the words that say so."""

    id: str
    phrase: str
    reason: VetoReason
    words: str


class Why(NamedTuple):
    """What decided.

    Attributes:
        step: The one that did.
        words: Of the text, folded; "" where nothing did.
        phrases: Of the rules, as they were written, one for each of the first ids.
        beside: Of the other ids, for which other words of the text speak: what their rules are called.
        score: How near the words come to the phrase, 100 for the same.
        vetoes: What stands there too and does not count.
    """

    step: Step
    words: str = ""
    phrases: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    score: float = 100.0
    vetoes: tuple[Veto, ...] = ()


class Match(NamedTuple):
    """What a text means: the ids of its rules in the order of the text, those that phrases name first, and why."""

    kind: MatchKind
    ids: tuple[str, ...]
    why: Why

    @property
    def titles(self) -> tuple[str, ...]:
        """What each rule is called in a question."""
        return self.why.phrases + self.why.beside
