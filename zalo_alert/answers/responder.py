"""Answers events: reads one, has the ladder decide, and writes what comes of it, all in the worker's transaction.

Whatever else an event does here it does once: its answer and its case are known by the event. Who sends is the outbox's business.
"""

from collections.abc import Callable, Mapping
from typing import Any

from zalo_alert.answers.asked import Asked
from zalo_alert.answers.conversation import Conversations
from zalo_alert.answers.ladder import Ladder
from zalo_alert.answers.reply import NO_STEP, Decision, Reply, Rung
from zalo_alert.answers.rule_book import RuleBook
from zalo_alert.answers.said import Said
from zalo_alert.answers.waiting import Waiting
from zalo_alert.cases.case import Asker, Case, CaseKind, Entry, Origin, Who
from zalo_alert.cases.requests import due_of
from zalo_alert.cases.store import Cases
from zalo_alert.foundation.clock import Clock, in_vietnam, instant
from zalo_alert.foundation.database import Database
from zalo_alert.inbound.effects import LATE_MS
from zalo_alert.inbound.event import EventClass
from zalo_alert.inbound.event_body import parse_once
from zalo_alert.inbound.event_ids import id_of, inner
from zalo_alert.inbound.event_names import is_of_a_person
from zalo_alert.inbound.journal import StoredEvent
from zalo_alert.outbox.answer import Answer
from zalo_alert.outbox.store import Outbox

BY_HAND = "Zalo"  # stands for the officer of whom Zalo's own tool names no more than a number
_REQUESTS = frozenset({"user_withdraw", "update_user_info"})
_SENT_BY_OA = "oa_send_"
_TEXTS = ("user_send_text", "anonymous_send_text")
# What somebody says in an open talk is a part of it, but for what is said to the tool, which has answered.
_FOR_THE_OFFICER = frozenset({Rung.TAKEN_OVER, Rung.FALLBACK, Rung.NOTHING})


class RuleResponder:
    """See the module; it is an `inbound.responding.Responder`.

    Args:
        db: The worker's.
        book: Returns the rules as they are now; asked once in a transaction.
        ladder: Decides.
        clock: Time.
        is_late: It answers events of hours ago: what an answer is worth counts from now. Whatever came more than a day ago has
            nobody waiting any more, and may have had an answer that is not kept.
        answers_from_ms: Whatever came earlier (milliseconds since 1970) may have been answered by another machine.
        on_decision: Told of each decision, for whoever tries rules.
    """

    def __init__(
        self,
        db: Database,
        book: Callable[[], RuleBook],
        ladder: Ladder,
        clock: Clock,
        *,
        is_late: bool = False,
        answers_from_ms: int = 0,
        on_decision: Callable[[Decision], None] = lambda decision: None,
    ) -> None:
        self._db = db
        self._conversations, self._cases, self._outbox = Conversations(db), Cases(db), Outbox(db)
        self._read_book, self._ladder, self._clock, self._is_late = book, ladder, clock, is_late
        self._answers_from_ms = answers_from_ms
        self._waiting, self._asked = Waiting(self._cases), Asked(db)
        self._on_decision = on_decision
        self._book = book()

    def begin(self) -> None:
        """Take in that a transaction is about to begin: rules that were changed speak from now on."""
        self._book = self._read_book()
        self._asked.begin()

    def keep(self) -> None:
        """Write down what was counted; see `inbound.responding.Responder`."""
        self._asked.keep()

    def respond(self, event: StoredEvent, at_ms: int, *, is_again: bool) -> EventClass | None:
        """Answer an event, or keep it where an officer sees it; see `inbound.responding.Responder`."""
        if self._book.for_oa(event.oa) is None and not self._book.lookups_for_oa(event.oa):
            return None
        head = parse_once(event.body) if event.body else {}
        asker = Asker(event.oa, event.person, _conversation_of(event, head))
        if not asker.person:
            return None
        if event.name.startswith(_SENT_BY_OA):
            self._take_over(asker, _entry(event, head, at_ms))
        elif event.name in _REQUESTS:
            self._open(CaseKind.DATA_REQUEST, asker, _entry(event, head, at_ms))
        elif event.name in _TEXTS and not is_again and not self._is_too_late(event) and _text(head).strip():
            return self._answer(event, asker, _entry(event, head, at_ms))
        elif not self._was_answered(event):
            self._file(self._talk(asker), _entry(event, head, at_ms))
        return None

    def pass_over(self, event: StoredEvent) -> None:
        """Keep nothing of words that are not answered where they hold what somebody looks up; see `Responder`."""
        if event.name in _TEXTS and event.body and self._book.lookups_for_oa(event.oa):
            head = parse_once(event.body)
            asker = Asker(event.oa, event.person, _conversation_of(event, head))
            self._pass_over(Said(asker, _text(head), event.arrived_ms, self._conversations.of(asker)), Origin(*event.place))

    def _pass_over(self, said: Said, origin: Origin) -> None:
        if self._ladder.is_private(said):
            self._outbox.blank(origin)

    def _is_too_late(self, event: StoredEvent) -> bool:
        is_another_s = event.arrived_ms < self._answers_from_ms
        return is_another_s or (self._is_late and self._now_ms() - event.arrived_ms > LATE_MS)

    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)

    def _was_answered(self, event: StoredEvent) -> bool:
        """Whether the tool has an answer to an event: it is no part of what an officer must read."""
        return bool(self._db.rows("SELECT 1 FROM outbox WHERE file = ? AND seq = ?", event.place))

    def _answer(self, event: StoredEvent, asker: Asker, entry: Entry) -> EventClass | None:
        talk = self._talk(asker)
        talk_ms = max(talk.opened_ms, talk.spoke_ms) if talk else 0
        conversation = self._conversations.of(asker)
        wait = self._waiting.words(asker.oa, event.arrived_ms)
        said = Said(
            asker, entry.text, entry.at_ms, conversation, talk_ms, wait, talk is not None and not talk.spoke_ms, event.by_app
        )
        rules = self._book.for_oa(asker.oa)
        decision = self._ladder.decide(said, rules)
        self._on_decision(decision)
        case = talk
        if decision.opens is not None and not (talk and decision.opens is CaseKind.TALK):
            case = self._open(decision.opens, asker, entry)
        elif decision.opens is not None or decision.rung in _FOR_THE_OFFICER:
            self._file(talk, entry)
        if decision.rung is Rung.OLDER:
            self._pass_over(said, entry.origin)
        if decision.reply is None:
            self._remember(said, decision)
            if decision.rung is Rung.NOTHING and rules is not None:
                self._asked.count(rules.rule_set.counted_as("fallback"), event.arrived_ms)
            return None
        answer = self._addressed(decision.reply, asker, entry, case)
        if self._outbox.put(answer):
            self._remember(said, decision)
            self._asked.count(decision.reply.rule, event.arrived_ms)
        return EventClass.SHED if self._outbox.was_shed(answer) else EventClass.ANSWERED

    def _remember(self, said: Said, decision: Decision) -> None:
        """Remember what is asked of somebody now, and when they were told what."""
        after = said.conversation
        if decision.rung is Rung.STEP:
            after = after._replace(handled_ms=said.at_ms)
        if decision.step is not None and (decision.step != NO_STEP or said.conversation.step):
            name, held, until_ms = decision.step
            after = after._replace(step=name, held=held, step_until_ms=until_ms, handled_ms=max(after.handled_ms, said.at_ms))
        if decision.is_fallback:
            after = after._replace(fallback_ms=said.at_ms)
        if after != said.conversation:
            self._conversations.keep(said.asker, after)

    def _addressed(self, reply: Reply, asker: Asker, entry: Entry, case: Case | None) -> Answer:
        now_ms = self._now_ms()
        since_ms = now_ms if self._is_late else entry.at_ms
        text = _with_case(reply.text, case) if case and reply.names_case else reply.text
        limits = reply.limits
        return Answer(
            *entry.origin, 0, asker.oa, asker.person, limits.rank, reply.rule, reply.topic or reply.rule, text, reply.buttons,
            now_ms, since_ms + limits.expires_s * 1000, limits.on_unknown, limits.via_app, entry.msg_id, reply.is_private,
            asker.conversation,
        )  # fmt: skip

    def _talk(self, asker: Asker) -> Case | None:
        return None if asker.conversation else self._cases.of_person(asker, CaseKind.TALK)

    def _open(self, kind: CaseKind, asker: Asker, entry: Entry) -> Case:
        """Open a case, or go on with the one of its kind that is open; what was said becomes a part of it."""
        case = self._cases.of_person(asker, kind) or self._begin(kind, asker, entry)
        self._cases.add(case, entry)
        return case

    def _begin(self, kind: CaseKind, asker: Asker, entry: Entry) -> Case:
        due_ms = done_ms = 0
        if kind is CaseKind.DATA_REQUEST:
            rules = self._book.for_oa(asker.oa)
            holidays = rules.hours.holidays if rules and rules.hours else ()
            due, done = due_of(instant(entry.at_ms / 1000), holidays)
            due_ms, done_ms = int(due.timestamp() * 1000), int(done.timestamp() * 1000)
        return self._cases.open(kind, asker, entry.origin, entry.at_ms, due_ms, done_ms)

    def _file(self, talk: Case | None, entry: Entry) -> None:
        """Add to an open talk what was said since it began."""
        if talk is not None and entry.at_ms >= talk.opened_ms:
            self._cases.add(talk, entry)

    def _take_over(self, asker: Asker, entry: Entry) -> None:
        """Take in that an officer has written by Zalo's own tool: that is the answer to an open talk."""
        before = self._conversations.of(asker)
        if entry.at_ms > before.by_hand_ms:
            self._conversations.keep(asker, before._replace(by_hand_ms=entry.at_ms))
        talk = self._talk(asker)
        if talk is not None and entry.at_ms >= talk.opened_ms:
            said = entry._replace(who=Who.OFFICER, officer=BY_HAND)
            if self._cases.add(talk, said):
                self._cases.answered(talk, talk.officer or BY_HAND, entry.at_ms)


def _with_case(text: str, case: Case) -> str:
    """Return a text of the tool's own with what it says of a case: its number and days."""
    days = (in_vietnam(instant(ms / 1000)) for ms in (case.due_ms, case.done_due_ms))
    due, done = (f"{day.day}/{day.month}/{day.year}" for day in days)
    return text.replace("{no}", case.no).replace("{due}", due).replace("{done}", done)


def _conversation_of(event: StoredEvent, head: Mapping[str, Any]) -> str:
    if is_of_a_person(event.name):
        return ""
    return id_of(inner(head, "message"), "conversation_id") or id_of(head, "conversation_id") or "?"


def _text(head: Mapping[str, Any]) -> str:
    text = inner(head, "message").get("text")
    return text if isinstance(text, str) else ""


def _entry(event: StoredEvent, head: Mapping[str, Any], at_ms: int) -> Entry:
    """Return an event as something that its person said."""
    what = "text" if event.name in _TEXTS else event.name.removeprefix("user_send_").removeprefix(_SENT_BY_OA)
    msg_id = id_of(inner(head, "message"), "msg_id")
    return Entry(at_ms, Who.CITIZEN, "", what, _text(head), msg_id, Origin(*event.place))
