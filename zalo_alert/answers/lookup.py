"""Look-ups: what somebody is told of a table by two facts, how often, and from when.

A wrong number and a wrong second fact get the same answer by the same way. Nothing of a question is kept: of its answer the rule
and the hour are counted, and question and answer are blanked when it is over (`is_private`). Whoever is asked for a fact leaves
the number in the conversation for ten minutes at most.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple, Protocol

import orjson

from zalo_alert.answers.folding import fold as fold_words
from zalo_alert.answers.lookup_question import Question, holds_a_fact, read_check, read_key, read_question
from zalo_alert.answers.lookup_set import LookupSet
from zalo_alert.answers.lookup_store import Guest, LookupStore
from zalo_alert.answers.lookup_texts import (
    CLOSED,
    NOT_OPEN,
    ODD_KEY,
    PAUSED,
    REMEMBER_FROM,
    REMEMBERED,
    STOP_WORDS,
    STOPPED,
    TOO_MANY,
    TROUBLE,
)
from zalo_alert.answers.rule_set import Limits
from zalo_alert.answers.template import TemplateFailed, render
from zalo_alert.errors import ZaloAlertError
from zalo_alert.foundation.clock import instant, words
from zalo_alert.foundation.database import Database
from zalo_alert.tables.facts import year_of

STEP_MS = 600_000  # so long somebody who is asked for a fact is waited for
REMEMBER_MS = 47 * 3_600_000  # before the opening: later than 48 hours after the question, its answer costs money
MOST_TEXT = 2000  # characters of an answer; Zalo's


class Taken(NamedTuple):
    """What is said about words that were taken, and what is asked.

    Args:
        rule: By what it is counted: `diem-thi/found`.
        text: What is said.
        limits: How urgent it is, and for how long.
        topic: A later answer with the same takes its place while it waits; tells nobody what was asked.
        held: What to give back with the person's next words; "" where nothing is asked.
        until_ms: Until when their answer is waited for.
        is_private: Always: nothing of question and answer is kept once it is over.
    """

    rule: str
    text: str
    limits: Limits
    topic: str
    held: str = ""
    until_ms: int = 0
    is_private: bool = True


class Findable(Protocol):
    """What can be asked by two facts, both folded."""

    def find(self, key: str, check: str) -> Mapping[str, Any] | None:
        """Return the row that has both; None when none has."""


class Office(NamedTuple):
    """What look-ups need to know of an OA: our account's id, what texts may say of it, and its look-ups."""

    account: str
    about: Mapping[str, str]
    lookups: Sequence[LookupSet]


class Lookups:
    """See the module.

    Args:
        db: The worker's.
        office_of: Returns an OA by Zalo's id.
        table_of: Returns a table by its name, as it is in force now.
        mark: Makes a keyed hash of a text, the same one tomorrow.
        on_trouble: Told, in a sentence, why a table could not be asked.
    """

    def __init__(
        self,
        db: Database,
        office_of: Callable[[str], Office],
        table_of: Callable[[str], Findable],
        mark: Callable[[str], str],
        on_trouble: Callable[[str], object] = lambda sentence: None,
    ) -> None:
        self.store = LookupStore(db)
        self._office_of, self._table_of, self._mark, self._on_trouble = office_of, table_of, mark, on_trouble
        self._trouble = ""  # told already
        self._topic_key = secrets.token_bytes(16)  # of this process alone: what was asked can't be made out of a topic later

    def take(
        self, oa: str, person: str, text: str, held: str, at_ms: int, *, conversation: str = "", by_app: str = "",
        rival_words: Callable[[], int] = lambda: 0,
    ) -> Taken | None:  # fmt: skip
        """Take somebody's words as a question, or as a fact that they were asked for.

        Args:
            oa: Which OA, by Zalo's id.
            person: Who.
            text: What they wrote.
            held: What a `Taken` of theirs asked to have given back; "" where nothing is asked of them.
            at_ms: When they wrote it.
            conversation: Of an anonymous visitor.
            by_app: Their id with the app, by which they are one person to all of its OAs.
            rival_words: Returns how many words the phrase of a rule has that the text means, 0 for none.

        Returns:
            None where the words are nothing for a look-up.
        """
        office = self._office_of(oa)
        asked = _read_held(held, office.lookups)
        if asked is not None:
            return self._in_step(Guest(asked[0].name, oa, person, conversation, by_app), office, *asked, text, at_ms)
        found = _best(text, office.lookups, year_of(at_ms))
        if found is None or (not found[1].key and rival_words() > found[1].phrase_words):
            return None
        lookup, question = found
        return self._answer(Guest(lookup.name, oa, person, conversation, by_app), office, lookup, question, at_ms)

    def is_question(self, oa: str, text: str, at_ms: int, *, is_in_step: bool) -> bool:
        """Whether words hold a number or a second fact that somebody looks up with an OA; changes nothing.

        Args:
            oa: Which OA, by Zalo's id.
            text: What somebody wrote.
            at_ms: When.
            is_in_step: They were asked for a fact.
        """
        year = year_of(at_ms)
        return any(holds_a_fact(text, lookup, year, is_in_step=is_in_step) for lookup in self._office_of(oa).lookups)

    def _in_step(self, guest: Guest, office: Office, lookup: LookupSet, key: str, text: str, at_ms: int) -> Taken | None:
        if fold_words(text) in STOP_WORDS:
            return _said(lookup, "stopped", STOPPED)
        year = year_of(at_ms)
        question = read_check(text, lookup, key, year) if key else read_key(text, lookup, year)
        return self._answer(guest, office, lookup, question, at_ms) if question else None

    def _answer(self, guest: Guest, office: Office, lookup: LookupSet, question: Question, at_ms: int) -> Taken:
        if lookup.closes_ms and at_ms >= lookup.closes_ms:
            return _said(lookup, "closed", CLOSED)
        if refusal := _before_open(lookup, at_ms):
            return refusal
        if (until_ms := self.store.paused_until_ms(guest)) > at_ms:
            return _said(lookup, "paused", PAUSED.format(until=_at(until_ms)))
        if not question.key or not question.check:
            return _prompt(lookup, question, at_ms)
        mark = self._mark(f"{lookup.name}\n{question.key}")
        guard = lookup.guard_of(office.account)
        if not self.store.may_ask(guest, mark, at_ms, guard.candidates):
            return _said(lookup, "too-many", TOO_MANY.format(most=guard.candidates))
        if at_ms < lookup.opens_ms:
            self.store.remember(guest, mark, question.key, question.check, at_ms)
            said = _said(lookup, "remembered", REMEMBERED.format(opens=_at(lookup.opens_ms)))
            return said._replace(topic=self._topic(lookup, f"remembered {mark}"))
        return self.find(guest, office, lookup, question.key, question.check, at_ms)

    def find(self, guest: Guest, office: Office, lookup: LookupSet, key: str, check: str, at_ms: int) -> Taken:
        """Say what the table has for two facts, both folded; count it where it has nothing."""
        try:
            row = self._table_of(lookup.table).find(key, check)
            text = None if row is None else _rendered(lookup, office, key, row)
        except (ZaloAlertError, TemplateFailed) as exc:
            self._tell(exc.message if isinstance(exc, ZaloAlertError) else str(exc))
            return _said(lookup, "trouble", TROUBLE)
        self._trouble = ""
        if text is None:
            guard = lookup.guard_of(office.account)
            self.store.was_wrong(guest, at_ms, guard.wrong, guard.pause_ms)
        what = "missing" if text is None else "found"
        return _said(lookup, what, lookup.missing if text is None else text)._replace(topic=self._topic(lookup, key))

    def can_ask(self, lookup: LookupSet) -> bool:
        """Whether its table can be asked now; why it can't is told."""
        try:
            self._table_of(lookup.table)
        except ZaloAlertError as exc:
            self._tell(exc.message)
            return False
        return True

    def _tell(self, trouble: str) -> None:
        """Tell what is wrong, once in a row: thousands may ask meanwhile."""
        if trouble != self._trouble:
            self._on_trouble(trouble)
        self._trouble = trouble

    def _topic(self, lookup: LookupSet, what: str) -> str:
        return f"{lookup.name}/{blake2b(what.encode(), key=self._topic_key, digest_size=8).hexdigest()}"


def _best(text: str, lookups: Sequence[LookupSet], year: int) -> tuple[LookupSet, Question] | None:
    """Return the look-up that a text asks: the one whose words stand in it, or the first whose facts do."""
    read = ((lookup, read_question(text, lookup, year)) for lookup in lookups)
    asked = [(lookup, question) for lookup, question in read if question]
    return max(asked, key=lambda pair: pair[1].phrase_words, default=None)


def _before_open(lookup: LookupSet, at_ms: int) -> Taken | None:
    if at_ms >= lookup.opens_ms or (lookup.remembers and lookup.opens_ms - at_ms <= REMEMBER_MS):
        return None
    if not lookup.remembers:
        return _said(lookup, "not-open", NOT_OPEN.format(opens=_at(lookup.opens_ms)))
    from_ms = lookup.opens_ms - REMEMBER_MS
    return _said(lookup, "not-open", REMEMBER_FROM.format(opens=_at(lookup.opens_ms), from_=_at(from_ms)))


def _prompt(lookup: LookupSet, question: Question, at_ms: int) -> Taken:
    prompt = lookup.check.prompt if question.key else lookup.key.prompt
    text = ODD_KEY.format(prompt=prompt) if question.is_odd else prompt
    held = orjson.dumps([lookup.name, question.key]).decode()
    return _said(lookup, "asked", text)._replace(held=held, until_ms=at_ms + STEP_MS)


def _said(lookup: LookupSet, what: str, text: str) -> Taken:
    return Taken(lookup.counted_as(what), text, lookup.limits, lookup.counted_as(what))


def _rendered(lookup: LookupSet, office: Office, key: str, row: Mapping[str, Any]) -> str:
    found = {**row, lookup.key.name: key}
    return render(lookup.found, {"found": found, "oa": office.about, "value": {}})[:MOST_TEXT]


def _read_held(held: str, lookups: Sequence[LookupSet]) -> tuple[LookupSet, str] | None:
    """Return what was asked of somebody: for which look-up, and the number that they gave; None where it is gone."""
    try:
        name, key = orjson.loads(held) if held else ("", "")
    except (orjson.JSONDecodeError, ValueError):
        return None
    lookup = next((lookup for lookup in lookups if lookup.name == name), None)
    return None if lookup is None else (lookup, str(key))


def _at(at_ms: int) -> str:
    return words(instant(at_ms / 1000))
