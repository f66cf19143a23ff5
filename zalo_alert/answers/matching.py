"""What the rules of an OA make of a text: an answer, a question which of several is meant, or a guess that asks."""

from zalo_alert.answers import own_texts
from zalo_alert.answers.doubt import MOST_OFFERED
from zalo_alert.answers.match import Match, MatchKind
from zalo_alert.answers.menu import own_limits, title_of
from zalo_alert.answers.oa_rules import OaRules
from zalo_alert.answers.payloads import to_rule
from zalo_alert.answers.reply import Decision, Reply, Rung
from zalo_alert.answers.speaking import rule_reply
from zalo_alert.inbound.reserved_words import HELP_PAYLOAD
from zalo_alert.outbox.answer import Button


def matched(text: str, rules: OaRules) -> Decision | None:
    """Decide by the rules; None where none fits."""
    match = rules.matcher.match(text)
    if match.kind is MatchKind.NONE:
        return None
    if match.kind is MatchKind.RULE:
        return Decision(Rung.RULE, rule_reply(rules, rules.rule(match.ids[0])), why=match.why.words)
    return _asked(match, rules)


def _asked(match: Match, rules: OaRules) -> Decision:
    """Ask which rule is meant."""
    offered = [(id_, rules.rule(id_).called) for id_ in match.ids[:MOST_OFFERED]]
    given = tuple(Button(title_of(title), to_rule(id_)) for id_, title in offered)
    rung = Rung.SUGGEST if match.kind is MatchKind.SUGGEST else Rung.SEVERAL
    text = (
        own_texts.SUGGEST.replace("{phrase}", offered[0][1]) if rung is Rung.SUGGEST and len(offered) == 1 else own_texts.SEVERAL
    )
    limits = own_limits(rules)._replace(rank=rules.rule_set.limits.rank, expires_s=rules.rule_set.limits.expires_s)
    reply = Reply(rules.rule_set.counted_as(rung), text, (*given, Button(own_texts.NEITHER_BUTTON, HELP_PAYLOAD)), limits)
    return Decision(rung, reply, why=match.why.words)
