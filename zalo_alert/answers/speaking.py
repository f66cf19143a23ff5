"""What an OA's rules say: a rule's answer, and that none has one."""

from zalo_alert.answers import own_texts
from zalo_alert.answers.oa_rules import OaRules
from zalo_alert.answers.payloads import to_rule
from zalo_alert.answers.reply import Decision, Reply, Rung
from zalo_alert.answers.rule_set import PERSON, FallbackPart, Rule, RuleButton
from zalo_alert.answers.said import Said
from zalo_alert.cases.case import CaseKind
from zalo_alert.inbound.reserved_words import PERSON_PAYLOAD
from zalo_alert.outbox.answer import Button


def rule_reply(rules: OaRules, rule: Rule) -> Reply:
    """Return what a rule answers at an OA."""
    name = rules.rule_set.counted_as(rule.id)
    return Reply(name, rules.text(rule), buttons(rules, rule.buttons), rule.limits)


def buttons(rules: OaRules, given: tuple[RuleButton, ...]) -> tuple[Button, ...]:
    """Return a rule's buttons as they are sent."""
    return tuple(_button(rules, button) for button in rules.buttons(given))


def _button(rules: OaRules, button: RuleButton) -> Button:
    if not button.go:
        return Button(button.title, url=button.url, phone=button.phone)
    payload = PERSON_PAYLOAD if button.go == PERSON else to_rule(rules.rule_set.counted_as(button.go))
    return Button(button.title, payload)


def fallback(said: Said, rules: OaRules) -> Decision:
    """Say that no rule has an answer: who will have one, and when."""
    part = rules.fallback(said.at)
    if part is None:
        return Decision(Rung.NOTHING)
    opens = CaseKind.TALK if part.opens_talk and not said.is_anonymous else None
    return Decision(Rung.FALLBACK, _fallback_reply(said, rules, part), opens, is_fallback=True)


def _fallback_reply(said: Said, rules: OaRules, part: FallbackPart) -> Reply:
    """Return what is said; a visitor of whom nobody knows who they are can't be answered by an officer later."""
    text = own_texts.ANONYMOUS_PERSON
    if not (said.is_anonymous and part.opens_talk):
        text = rules.fallback_text(part, said.at, said.wait or own_texts.WAIT_UNKNOWN)
    return Reply(rules.rule_set.counted_as("fallback"), text, buttons(rules, part.buttons), rules.rule_set.limits)
