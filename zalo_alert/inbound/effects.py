"""What an event does: its class, and what it changes in what is known of its person. One event at a time, inside a transaction.

Knows no journal and no cursor. A flood is counted and not answered; but what a person says of being written to, of following or
of themselves counts however much they send, and however late it comes: it is a state, and its latest word holds.
"""

from collections.abc import Callable
from typing import NamedTuple

from zalo_alert.foundation.database import Database
from zalo_alert.inbound.event import CONSOLE_TEST_ID, EventClass
from zalo_alert.inbound.event_body import parse_once
from zalo_alert.inbound.event_ids import inner
from zalo_alert.inbound.event_names import BY_PERSON, COUNTED, FOLLOW, SUBMIT_INFO, TEXT, UNFOLLOW, WORDS, is_of_a_person
from zalo_alert.inbound.journal import StoredEvent
from zalo_alert.inbound.persons import Persons, Pressure
from zalo_alert.inbound.reserved_words import Word, word_of
from zalo_alert.inbound.responding import Responder
from zalo_alert.inbound.submitted import info_of

LATE_MS = 24 * 3600 * 1000  # Zalo's tries end within two hours; what is older has nobody waiting for an answer
AHEAD_MS = 5 * 60 * 1000  # an event's own time further in the future is no time
NAMES_PER_OA = 300  # that are counted one by one; Zalo has some sixty
SENT_BY_OA = "oa_send_"  # in the journal only what an officer sent by hand: a program's are receipts
KNOWN = WORDS | COUNTED
NO_PRESSURE = Pressure(is_flood=False, is_torrent=False)
_PASSED_OVER = frozenset({EventClass.FLOODED, EventClass.LATE, EventClass.JOINED})
_OPTED = {Word.STOP: EventClass.OPTED_OUT, Word.AGAIN: EventClass.OPTED_IN}
_FOLLOWED = {FOLLOW: EventClass.FOLLOWED, UNFOLLOW: EventClass.UNFOLLOWED}


class Effect(NamedTuple):
    """What came of an event: its class, and whether its body is not worth keeping."""

    kind: EventClass
    is_torrent: bool = False


class _Change(NamedTuple):
    """The class of an event where its change decides it, and whether a later word of its person holds: then it is no news."""

    kind: EventClass | None = None
    is_overtaken: bool = False


class Effects:
    """See the module.

    Args:
        db: The worker's.
        persons: Of the same database.
        is_ours: Whether an account of the workspace is an OA, by Zalo's id.
        responder: Answers, of the same database; None where nobody does.
    """

    def __init__(
        self, db: Database, persons: Persons, is_ours: Callable[[str], bool], responder: Responder | None = None
    ) -> None:
        self._db, self._persons, self._is_ours, self._responder = db, persons, is_ours, responder
        self._names: dict[tuple[str, str], tuple[int, int]] = {}  # OA and event's name: the latest, and how many, not kept yet

    def begin(self) -> None:
        """Take in that a transaction begins: what was counted in one that was undone counts no more."""
        self._names.clear()

    def keep(self) -> None:
        """Write down which names came how often, in the transaction of the events."""
        for (oa, name), (last_ms, number) in self._names.items():
            self._keep_name(oa, name, last_ms, number)
        self._names.clear()

    def of(self, event: StoredEvent, *, is_again: bool = False, may_answer: bool = True) -> Effect:
        """Do what an event does, and say what it is.

        Args:
            event: To handle.
            is_again: It is done anew, and counts towards no flood.
            may_answer: Its person may be answered.
        """
        if not event.name:
            return Effect(EventClass.UNREADABLE)
        if not self._is_ours(event.oa):
            return Effect(EventClass.STRANGER)
        if _is_console_test(event):
            return Effect(EventClass.TEST)
        self._count_name(event)
        if event.name not in KNOWN:
            return Effect(EventClass.UNKNOWN_EVENT)
        present_ms = event.arrived_ms if is_again else self._persons.arrived(event.arrived_ms)
        at_ms = event.event_ms if event.event_ms <= present_ms + AHEAD_MS else event.arrived_ms
        effect = self._of_somebody(event, at_ms, is_again=is_again, may_answer=may_answer)
        if self._responder is not None and effect.kind in _PASSED_OVER:
            self._responder.pass_over(event)
        return effect

    def _of_somebody(self, event: StoredEvent, at_ms: int, *, is_again: bool, may_answer: bool) -> Effect:
        if not event.person or not is_of_a_person(event.name):
            return Effect(self._answered(event, at_ms, None, may_answer=may_answer))
        return self._of_person(event, at_ms, is_again=is_again, may_answer=may_answer)

    def _of_person(self, event: StoredEvent, at_ms: int, *, is_again: bool, may_answer: bool) -> Effect:
        if event.name in BY_PERSON:
            self._persons.heard(event.oa, event.person, event.by_app, at_ms)
            pressure = NO_PRESSURE if is_again else self._persons.press(event.oa, event.person, event.arrived_ms)
        else:
            pressure = NO_PRESSURE
        changed, is_overtaken = self._change(event, at_ms)
        if pressure.is_flood and changed is None:
            return Effect(EventClass.FLOODED, pressure.is_torrent)
        if pressure.is_flood or is_overtaken:
            return Effect(changed or _class_by_name(event), pressure.is_torrent)
        return Effect(self._answered(event, at_ms, changed, may_answer=may_answer), pressure.is_torrent)

    def _answered(self, event: StoredEvent, at_ms: int, changed: EventClass | None, *, may_answer: bool) -> EventClass:
        """Have an event answered, if it is one that is; what it changed says more of it than that it was answered."""
        by_name = _class_by_name(event)
        if self._responder is None or not _is_asked(event, by_name):
            return changed or by_name
        answered = self._responder.respond(event, at_ms, is_again=not may_answer)
        return changed or answered or by_name

    def _change(self, event: StoredEvent, at_ms: int) -> "_Change":
        """Change what is known of the person."""
        if event.name in _FOLLOWED:
            self._persons.follows(event.oa, event.person, event.by_app, at_ms, is_follower=event.name == FOLLOW)
            return _Change(_FOLLOWED[event.name])
        if event.name == SUBMIT_INFO and event.body and (info := info_of(parse_once(event.body))):
            self._persons.told(event.oa, event.person, at_ms, info)
        if event.name == TEXT and event.body:
            text = inner(parse_once(event.body), "message").get("text")
            word = word_of(text) if isinstance(text, str) else None
            if word in _OPTED:
                holds = self._persons.refuses(event.oa, event.person, at_ms, is_stop=word is Word.STOP)
                return _Change(_OPTED[word], is_overtaken=not holds)
        return _Change()

    def _count_name(self, event: StoredEvent) -> None:
        last_ms, number = self._names.get((event.oa, event.name), (0, 0))
        self._names[event.oa, event.name] = max(last_ms, event.arrived_ms), number + 1

    def _keep_name(self, oa: str, name: str, last_ms: int, number: int) -> None:
        """Count events of one name; a name beyond the first few hundred goes uncounted."""
        known = "UPDATE seen SET last_ms = max(last_ms, ?), n = n + ? WHERE oa = ? AND name = ?"
        if not self._db.run(known, (last_ms, number, oa, name)):
            self._db.run(
                "INSERT INTO seen SELECT ?, ?, ?, ? WHERE (SELECT count(*) FROM seen WHERE oa = ?) < ?",
                (oa, name, last_ms, number, oa, NAMES_PER_OA),
            )


def _is_console_test(event: StoredEvent) -> bool:
    marker = CONSOLE_TEST_ID.encode()
    return (
        event.name == TEXT and marker in event.body and inner(parse_once(event.body), "message").get("msg_id") == CONSOLE_TEST_ID
    )


def _is_asked(event: StoredEvent, kind: EventClass) -> bool:
    return kind is EventClass.FILED or (kind is EventClass.COUNTED and event.name.startswith(SENT_BY_OA))


def _class_by_name(event: StoredEvent) -> EventClass:
    if event.arrived_ms - event.event_ms > LATE_MS:
        return EventClass.LATE
    if event.name not in WORDS:
        return EventClass.COUNTED
    return EventClass.JOINED if event.is_joined else EventClass.FILED
