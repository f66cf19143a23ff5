"""Look-ups as a rung of the ladder."""

from zalo_alert.answers.lookup import Lookups, Taken
from zalo_alert.answers.match import MatchKind
from zalo_alert.answers.oa_rules import OaRules
from zalo_alert.answers.reply import Reply, Step
from zalo_alert.answers.said import Said, Turn

NAME = "lookup"  # of its steps, in conversations


class LookupTaker:
    """See the module; it is an `answers.said.Taker`.

    Args:
        lookups: Over the worker's database.
    """

    name = NAME

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups

    def take(self, said: Said, rules: OaRules | None, held: str) -> Turn | None:
        """Take words, or leave them to the next; see `answers.said.Taker`."""
        asker = said.asker
        taken = self._lookups.take(
            asker.oa, asker.person, said.text, held, said.at_ms, conversation=asker.conversation, by_app=said.by_app,
            rival_words=lambda: _words_of_rule(said.text, rules),
        )  # fmt: skip
        return _turn(taken) if taken else None

    def is_private(self, said: Said) -> bool:
        """Whether words hold what somebody looks up; see `answers.said.Taker`."""
        return self._lookups.is_question(said.asker.oa, said.text, said.at_ms, is_in_step=said.conversation.step == NAME)


def _words_of_rule(text: str, rules: OaRules | None) -> int:
    """Return how many words the phrase has that a text means first; 0 where none stands in it."""
    if rules is None:
        return 0
    match = rules.matcher.match(text)
    is_one = match.kind is MatchKind.RULE or (match.kind is MatchKind.SEVERAL and len(match.why.phrases) == 1)
    return len(match.why.words.split()) if is_one else 0


def _turn(taken: Taken) -> Turn:
    reply = Reply(taken.rule, taken.text, (), taken.limits, taken.topic, is_private=True)
    return Turn(reply, Step(NAME, taken.held, taken.until_ms) if taken.held else None)
