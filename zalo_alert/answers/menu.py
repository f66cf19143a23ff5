"""What may be asked here, and the way to an officer."""

from collections.abc import Sequence

from zalo_alert.answers import own_texts
from zalo_alert.answers.oa_rules import OaRules
from zalo_alert.answers.payloads import to_rule
from zalo_alert.answers.reply import PROMPT, Decision, Reply, Rung
from zalo_alert.answers.rule_set import Limits
from zalo_alert.answers.said import Said
from zalo_alert.cases.case import CaseKind
from zalo_alert.inbound.reserved_words import PERSON_PAYLOAD
from zalo_alert.outbox.answer import Button

TOPICS = 12  # that are named
OFFERED = 4  # of them as buttons: Zalo takes five, and the last leads to an officer


def own_limits(rules: OaRules | None) -> Limits:
    """Return how urgent it is what the tool says itself; the OA's app sends it."""
    return PROMPT._replace(via_app=rules.rule_set.limits.via_app) if rules else PROMPT


def menu_reply(rules: OaRules | None, *, is_expired: bool = False) -> Reply:
    """Say what may be asked; `is_expired`: because what a button led to is there no more."""
    topics = [(rule.called, rules.rule_set.counted_as(rule.id)) for rule in rules.rule_set.rules if rule.phrases] if rules else []
    text = own_texts.HELP.format(topics=_named([title_of(phrase) for phrase, _ in topics]))
    offered = tuple(Button(title_of(phrase), to_rule(rule)) for phrase, rule in topics[:OFFERED])
    name = "reserved/expired-button" if is_expired else "reserved/giup"
    whole = own_texts.EXPIRED + text if is_expired else text
    return Reply(name, whole, (*offered, Button(own_texts.PERSON_BUTTON, PERSON_PAYLOAD)), own_limits(rules))


def _named(topics: Sequence[str]) -> str:
    """Name the first, and say how many others there are; "" of none."""
    more = own_texts.MORE_TOPICS.format(more=len(topics) - TOPICS) if len(topics) > TOPICS else ""
    return own_texts.TOPICS.format(topics="; ".join(topics[:TOPICS]), more=more) if topics else ""


def person_decision(rung: Rung, said: Said, rules: OaRules | None) -> Decision:
    """Have an officer answer, and say when."""
    if said.is_anonymous:
        return Decision(rung, Reply("reserved/nguoi", own_texts.ANONYMOUS_PERSON, limits=own_limits(rules)))
    opens = "" if rules is None or rules.is_open(said.at) else rules.opens(said.at)
    text = own_texts.PERSON_LATER.replace("{opens}", opens) if opens else own_texts.PERSON_IN_HOURS
    text = text.replace("{wait}", said.wait or own_texts.WAIT_UNKNOWN)
    return Decision(rung, Reply("reserved/nguoi", text, limits=own_limits(rules), names_case=True), CaseKind.TALK)


def title_of(phrase: str) -> str:
    """Return a phrase as the title of a button."""
    return phrase[:1].upper() + phrase[1:100]
