"""A look-up as values: which table is asked, by which two facts, how a question looks, and what is answered. Reads no file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from zalo_alert.answers.matcher import Matcher
from zalo_alert.answers.pattern_cost import MOST_CHARACTERS
from zalo_alert.answers.phrases import Phrases
from zalo_alert.answers.rule_set import LIMITS, Limits, Selector
from zalo_alert.models import Digest
from zalo_alert.tables.facts import CheckKind, fold


class Key(NamedTuple):
    """The first fact: its name in texts, what is asked where it is missing, what it looks like ("" for anything with a digit)."""

    name: str
    prompt: str
    pattern: str = ""

    @property
    def has_digits(self) -> bool:
        """Whether every such number has digits among its letters, as far as its pattern tells."""
        return not self.pattern or "\\d" in self.pattern or "0-9" in self.pattern

    def read(self, text: str) -> str:
        """Return the number that a text is, folded; "" where it is none."""
        if len(text) > MOST_CHARACTERS:
            return ""
        folded = fold(text)
        if not folded:
            return ""
        if not self.pattern:
            return folded if any(sign.isdigit() for sign in folded) else ""
        return folded if _compiled(self.pattern).fullmatch(folded) or _compiled(self.pattern).fullmatch(text.strip()) else ""


@lru_cache(256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


class Check(NamedTuple):
    """The second fact: its name in texts, what is asked where it is missing, what it is."""

    name: str
    prompt: str
    kind: CheckKind = CheckKind.DATE


class Guard(NamedTuple):
    """How often one person may ask: different numbers in a day, so many without a result before a pause, how long that is."""

    candidates: int = 10
    wrong: int = 5
    pause_ms: int = 3_600_000


@dataclass(frozen=True, slots=True)
class LookupSet:
    """One file of `kind: lookup`, sound in its shape. Times are milliseconds since 1970, 0 of what is not given.

    Args:
        name: The file's, without its ending.
        path: The file's, within the workspace.
        digest: Of all that it says.
        selector: Whom it is for.
        table: Which is asked.
        key: The first fact.
        check: The second.
        phrases: Any of them asks for it.
        excluded: With one of these it is not meant.
        is_key_first: In one message the number stands before the second fact.
        found: A template over the row.
        missing: What is said where no row has both facts.
        opens_ms: From when it answers.
        closes_ms: Until when.
        remembers: Whoever asks before is answered at the opening.
        limits: Of its answers.
        guard: Of its people.
        guards: What is otherwise, by account id.
    """

    name: str
    path: str
    digest: Digest
    selector: Selector
    table: str
    key: Key
    check: Check
    phrases: tuple[str, ...]
    found: str
    missing: str
    excluded: tuple[str, ...] = ()
    is_key_first: bool = True
    opens_ms: int = 0
    closes_ms: int = 0
    remembers: bool = False
    limits: Limits = LIMITS
    guard: Guard = Guard()  # noqa: RUF009  an immutable tuple
    guards: Mapping[str, Guard] = field(default_factory=dict)

    def counted_as(self, what: str) -> str:
        """Return what answers are counted by: `diem-thi/found`."""
        return f"{self.name}/{what}"

    def guard_of(self, account_id: str) -> Guard:
        """Return how often people may ask an account."""
        return self.guards.get(account_id, self.guard)

    @property
    def matcher(self) -> Matcher:
        """What finds its phrases in a text."""
        return _matcher(self.name, self.phrases, self.excluded)


@lru_cache(256)
def _matcher(name: str, phrases: tuple[str, ...], excluded: tuple[str, ...]) -> Matcher:
    return Matcher([Phrases(name, phrases, excluded)])
