"""The order in which somebody's words are looked at; the first rung that is decisive wins.

0 an officer has taken over · 1 the step that waits for an answer · 2 reserved words and buttons · 3 a call for help, look-ups ·
4–7 rules · 8 that no rule has an answer. Pure but for the takers, which remember whom they asked.
"""

from collections.abc import Callable

from zalo_alert.answers.matching import matched
from zalo_alert.answers.menu import menu_reply
from zalo_alert.answers.oa_rules import OaRules
from zalo_alert.answers.payloads import rule_in
from zalo_alert.answers.reply import NO_STEP, Decision, Reply, Rung
from zalo_alert.answers.reserved import ReservedWords
from zalo_alert.answers.said import Said, Takers, Turn
from zalo_alert.answers.speaking import fallback, rule_reply
from zalo_alert.inbound.reserved_words import Word, reserved_of

BY_HAND_MS = 30 * 60 * 1000  # so long an officer who wrote by Zalo's own tool has taken over
TALK_MS = 24 * 3600 * 1000  # so long a talk does without an officer's step before rules speak again: nobody is left in silence
FALLBACK_MS = 30 * 60 * 1000  # so seldom somebody is told that no rule has an answer
# Said to the tool and not to the officer who has taken over. "dung" and "huy" are not among them: there it is a yes, or a name.
_ALWAYS = frozenset({Word.STOP, Word.AGAIN, Word.HELP, Word.CHECK, Word.FORGET})
_AT_ONCE = frozenset({Word.STOP, Word.AGAIN})  # also as the answer to a question: the opt-out counts already


class Ladder:
    """See the module.

    Args:
        check: Says to a citizen what became of the alert of a code; "" where there is none.
        takers: Of steps, look-ups and calls for help, in their order.
    """

    def __init__(self, check: Callable[[str], str], takers: Takers = ()) -> None:
        self._reserved, self._takers = ReservedWords(check), takers

    def decide(self, said: Said, rules: OaRules | None) -> Decision:
        """Decide about somebody's words."""
        reserved = reserved_of(said.text)
        if _is_taken_over(said) and (reserved is None or reserved.word not in _ALWAYS):
            return self._awaiting(said, rules) or Decision(Rung.TAKEN_OVER)
        if (reserved is None or reserved.word not in _AT_ONCE) and (decision := self._in_step(said, rules)):
            return decision
        if reserved is not None and (decision := self._reserved.decide(reserved, said, rules)):
            return decision._replace(step=NO_STEP) if reserved.word in _AT_ONCE else decision
        return _button(said, rules) or self._taken(said, rules) or _by_rules(said, rules)

    def _awaiting(self, said: Said, rules: OaRules | None) -> Decision | None:
        """Take words for which no officer is needed while none has come: who waits for one may look something up."""
        if not said.is_awaiting or _is_by_hand(said):
            return None
        return self._in_step(said, rules) or self._taken(said, rules)

    def is_private(self, said: Said) -> bool:
        """Whether nothing of somebody's words would be kept, had they been answered."""
        return any(taker.is_private(said) for taker in self._takers)

    def _in_step(self, said: Said, rules: OaRules | None) -> Decision | None:
        """Take words as the answer to what was asked, if they are one."""
        asked = said.conversation
        taker = next((taker for taker in self._takers if taker.name == asked.step), None)
        if taker is None or said.at_ms > asked.step_until_ms:
            return None
        if said.at_ms < asked.handled_ms:
            return Decision(Rung.OLDER)
        turn = taker.take(said, rules, asked.held)
        return _decision(Rung.STEP, turn) if turn is not None else None

    def _taken(self, said: Said, rules: OaRules | None) -> Decision | None:
        for taker in self._takers:
            if (turn := taker.take(said, rules, "")) is not None:
                return _decision(Rung.LOOKUP, turn)
        return None


def _decision(rung: Rung, turn: Turn) -> Decision:
    return Decision(rung, turn.reply, step=turn.step or NO_STEP)


def _is_taken_over(said: Said) -> bool:
    """Whether an officer speaks with this person; words that came late are theirs, too."""
    return _is_by_hand(said) or 0 < said.at_ms < (said.talk_ms and said.talk_ms + TALK_MS)


def _is_by_hand(said: Said) -> bool:
    by_hand_ms = said.conversation.by_hand_ms
    return 0 < said.at_ms < (by_hand_ms and by_hand_ms + BY_HAND_MS)


def _button(said: Said, rules: OaRules | None) -> Decision | None:
    """Take words as the name of something that a button offered, though that may be long ago."""
    name = rule_in(said.text)
    if name is None:
        return None
    return Decision(Rung.BUTTON, _offered(name, rules) or menu_reply(rules, is_expired=True))


def _offered(name: str, rules: OaRules | None) -> Reply | None:
    """Return the answer of a rule that a button names; None where it is gone."""
    if not name or rules is None or not name.startswith(f"{rules.rule_set.name}/"):
        return None
    try:
        return rule_reply(rules, rules.rule(name))
    except KeyError:
        return None


def _by_rules(said: Said, rules: OaRules | None) -> Decision:
    if rules is None:
        return Decision(Rung.NOTHING)
    if decision := matched(said.text, rules):
        return decision
    told_ms = said.conversation.fallback_ms
    if told_ms and told_ms <= said.at_ms < told_ms + FALLBACK_MS:
        return Decision(Rung.NOTHING)
    return fallback(said, rules)
