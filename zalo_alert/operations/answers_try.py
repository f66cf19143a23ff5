"""Rules tried in a conversation: what somebody would be answered, by the same way that the worker goes, and why.

In a database of its own that is gone afterwards: nobody is written to, no case is opened, nothing is counted.
"""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import orjson

from zalo_alert.answers.load import load_rule_sets
from zalo_alert.answers.match import Match
from zalo_alert.answers.reply import Decision, Rung
from zalo_alert.errors import Cure, UsageError
from zalo_alert.inbound.event_names import TEXT
from zalo_alert.inbound.inbound_store import open_store
from zalo_alert.inbound.journal import StoredEvent
from zalo_alert.inbound.rolled import Place
from zalo_alert.language import _
from zalo_alert.operations.inbound_answers import RulesNow, make_responder
from zalo_alert.outbox.answer import Button
from zalo_alert.settings.model import Account, Settings

MOST_CHARACTERS = 2000  # that Zalo lets somebody write at once
_BETWEEN_S = 20.0  # from one message to the next
_BY_RULES = frozenset({Rung.RULE, Rung.SEVERAL, Rung.SUGGEST, Rung.FALLBACK, Rung.NOTHING})


class Answered(NamedTuple):
    """What a text comes to.

    Attributes:
        rung: Which step of the ladder decided.
        rule: By what the answer is counted; "" without one.
        text: Of the answer; "" without one.
        buttons: Below it.
        match: What the rules made of the text, where they were asked.
    """

    rung: Rung
    rule: str
    text: str
    buttons: tuple[Button, ...]
    match: Match | None


class _TrialClock:
    """A clock that stands still between messages."""

    def __init__(self, now: datetime) -> None:
        self._began, self._now = now, now

    def now(self) -> datetime:
        return self._now

    def monotonic_s(self) -> float:
        return (self._now - self._began).total_seconds()

    def move(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)

    async def wait(self, event: asyncio.Event, timeout_s: float) -> None:
        raise NotImplementedError  # nothing waits here


class Trial:
    """One person's conversation with an OA.

    Args:
        settings: The workspace's.
        account: The OA.
        at: When it begins.
        on_note: Told, in a sentence, what keeps rules from speaking that were changed meanwhile.

    Raises:
        RulesInvalid: The files of `inbound/` have faults.
        UsageError: No file of `inbound/` answers for the account.
    """

    def __init__(
        self, settings: Settings, account: Account, at: datetime, on_note: Callable[[str], None] = lambda sentence: None
    ) -> None:
        book, self._account = load_rule_sets(settings.workspace, settings), account
        if book.for_oa(account.oa_id) is None and not book.lookups_for_oa(account.oa_id):
            raise UsageError(
                _("no file of inbound/ answers for {account}", account=account.id),
                hint=_("see `accounts:` in the files; {check}", check=Cure.ANSWERS_VALIDATE()),
            )
        self._clock, self._decisions, self._open = _TrialClock(at), list[Decision](), ExitStack()
        self._rules = RulesNow(settings, self._clock, on_note, is_patient=False)
        folder = Path(self._open.enter_context(TemporaryDirectory(prefix="zalo-alert-try-")))
        self._db = open_store(folder)
        self._open.callback(self._db.close)
        self._responder = make_responder(settings, self._clock, on_decision=self._decisions.append, rules=self._rules)(self._db)
        self._number, self._person = 0, 0

    def close(self) -> None:
        """Forget all of it."""
        self._open.close()

    def begin_anew(self) -> None:
        """Be another person, of whom nothing is known."""
        self._person += 1

    def say(self, text: str) -> Answered:
        """Send a text, and return what comes back."""
        text = text[:MOST_CHARACTERS].encode("utf-8", "replace").decode()
        event = self._event(text)
        with self._db.transaction():
            self._responder.begin()
            self._responder.respond(event, event.event_ms, is_again=False)
            self._responder.keep()
        decision = self._decisions.pop() if self._decisions else Decision(Rung.NOTHING)
        self._decisions.clear()
        rules = self._rules().for_oa(self._account.oa_id)
        match = rules.matcher.match(text) if rules and decision.rung in _BY_RULES else None
        reply = decision.reply
        return Answered(decision.rung, reply.rule if reply else "", *self._answer(event.place), match)

    def _event(self, text: str) -> StoredEvent:
        self._number += 1
        self._clock.move(_BETWEEN_S)
        at_ms = int(self._clock.now().timestamp() * 1000)
        person = str(1_000_000 + self._person)
        body = {"event_name": TEXT, "timestamp": str(at_ms), "message": {"text": text, "msg_id": f"try-{self._number}"}}
        raw = orjson.dumps({**body, "sender": {"id": person}, "recipient": {"id": self._account.oa_id}})
        return StoredEvent(Place("try", self._number), self._account.oa_id, person, "", TEXT, at_ms, at_ms, 0, raw)

    def _answer(self, place: Place) -> tuple[str, tuple[Button, ...]]:
        """Return what waits to be sent because of an event."""
        rows = self._db.rows("SELECT text, buttons FROM outbox WHERE file = ? AND seq = ? ORDER BY n", place)
        if not rows:
            return "", ()
        text, buttons = rows[0]
        return text, tuple(Button(**button) for button in orjson.loads(buttons)) if buttons else ()
