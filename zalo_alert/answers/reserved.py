"""Reserved words: what the tool itself is told, and what it says to that."""

from collections.abc import Callable

from zalo_alert.answers import own_texts
from zalo_alert.answers.menu import menu_reply, own_limits, person_decision
from zalo_alert.answers.oa_rules import OaRules
from zalo_alert.answers.reply import Decision, Reply, Rung
from zalo_alert.answers.said import Said
from zalo_alert.cases.case import CaseKind
from zalo_alert.inbound.reserved_words import AGAIN_PAYLOAD, STOP_PAYLOAD, Reserved, Word
from zalo_alert.outbox.answer import Button


class ReservedWords:
    """See the module.

    Args:
        check: Says to a citizen what became of the alert of a code; "" where there is none.
    """

    def __init__(self, check: Callable[[str], str]) -> None:
        self._check = check

    def decide(self, reserved: Reserved, said: Said, rules: OaRules | None) -> Decision | None:
        """Decide about a reserved word; None where it only looks like one."""
        if reserved.word is Word.CHECK:
            return self._checked(reserved, rules)
        if reserved.word is Word.PERSON:
            return person_decision(Rung.RESERVED, said, rules)
        if reserved.word is Word.FORGET:
            return _forget(said, rules)
        return Decision(Rung.RESERVED, self._reply(reserved, rules))

    def _checked(self, reserved: Reserved, rules: OaRules | None) -> Decision | None:
        """Say whether an alert is real; what may be other words as well counts only where there is such an alert."""
        known = self._check(reserved.argument)
        if not known and not reserved.is_sure:
            return None
        text = known or own_texts.CHECK_NONE.replace("{code}", reserved.argument)
        topic = f"reserved/kiem-tra {reserved.argument}"
        return Decision(Rung.RESERVED, Reply("reserved/kiem-tra", text, limits=own_limits(rules), topic=topic))

    def _reply(self, reserved: Reserved, rules: OaRules | None) -> Reply:
        limits = own_limits(rules)
        if reserved.word is Word.HELP:
            return menu_reply(rules)
        again, stop = Button(own_texts.AGAIN_BUTTON, AGAIN_PAYLOAD), Button(own_texts.STOP_BUTTON, STOP_PAYLOAD)
        text, buttons = {
            Word.STOP: (own_texts.STOPPED, (again,)),
            Word.AGAIN: (own_texts.RESUMED, ()),
            Word.MAYBE_STOP: (own_texts.MAYBE_STOP, (stop, Button(own_texts.KEEP_BUTTON, AGAIN_PAYLOAD))),
        }[reserved.word]
        # One topic: of an opt-out and what takes it back, only the answer to the later one is worth sending.
        topic = "" if reserved.word is Word.MAYBE_STOP else "reserved/stop"
        return Reply(f"reserved/{_COUNTED[reserved.word]}", text, buttons, limits, topic)


_COUNTED = {Word.STOP: "stop", Word.AGAIN: "mo-lai", Word.MAYBE_STOP: "stop-asked"}


def _forget(said: Said, rules: OaRules | None) -> Decision:
    name = "reserved/xoa-du-lieu"
    if said.is_anonymous:
        return Decision(Rung.RESERVED, Reply(name, own_texts.ANONYMOUS_FORGET, limits=own_limits(rules)))
    return Decision(
        Rung.RESERVED, Reply(name, own_texts.FORGET, limits=own_limits(rules), names_case=True), CaseKind.DATA_REQUEST
    )
