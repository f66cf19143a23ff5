"""The rules of one OA: its hours, and what its rules say there. Nothing is rendered before it is asked for."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property, lru_cache

from zalo_alert.answers.hours import Hours, opening_words
from zalo_alert.answers.matcher import Matcher
from zalo_alert.answers.rule_set import FallbackPart, Override, Rule, RuleButton, RuleSet
from zalo_alert.answers.template import names_used, render
from zalo_alert.settings.model import Account

_MOST_TEXTS = 20_000  # rendered ones that are kept, of all OAs: ten megabytes


class OaRules:
    """What one OA answers.

    Args:
        rule_set: Its rule set, shared with others.
        account: The OA.
        matcher: Of the rule set's phrases, shared likewise.
    """

    def __init__(self, rule_set: RuleSet, account: Account, matcher: Matcher) -> None:
        self.rule_set, self.account, self.matcher = rule_set, account, matcher

    @cached_property
    def override(self) -> Override:
        """What is otherwise for this OA."""
        return self.rule_set.override(self.account.id)

    @property
    def hours(self) -> Hours | None:
        """When its office is open; None where nothing is said of that."""
        return self.override.hours or self.rule_set.hours

    def is_open(self, at: datetime) -> bool:
        """Whether its office is open; always, where nothing is said of hours."""
        return self.hours is None or self.hours.is_open(at)

    def rule(self, name: str) -> Rule:
        """Return a rule by its id, alone or as it is counted: `can-cuoc`, `police-qa/can-cuoc`.

        Raises:
            KeyError: There is none.
        """
        return self.rule_set.rule(name.removeprefix(f"{self.rule_set.name}/"))

    def text(self, rule: Rule) -> str:
        """Return what a rule answers here."""
        return self.say(self.template(rule))

    def template(self, rule: Rule) -> str:
        """Return the template of a rule's text here."""
        return self.override.texts.get(rule.id, rule.text)

    def buttons(self, buttons: tuple[RuleButton, ...]) -> tuple[RuleButton, ...]:
        """Return a rule's buttons with all that they say here."""
        return tuple(
            RuleButton(self.say(button.title), button.go, self.say(button.url), self.say(button.phone)) for button in buttons
        )

    def fallback(self, at: datetime) -> FallbackPart | None:
        """Return what is said where no rule fits, by the hour; None where the file has none."""
        fallback = self.rule_set.fallback
        if fallback is None or self.is_open(at):
            return fallback.in_hours if fallback else None
        return fallback.out_of_hours or fallback.in_hours

    def fallback_text(self, part: FallbackPart, at: datetime, wait: str) -> str:
        """Return the text of a fallback.

        Args:
            part: See `fallback`.
            at: When it is read.
            wait: How long an officer will take, in words.
        """
        return self.say(part.text, wait=wait, opens=self.opens(at))

    def opens(self, at: datetime) -> str:
        """Say when the office opens next, in Vietnamese; "" where nobody knows."""
        opens = self.hours.next_opening(at) if self.hours else None
        return opening_words(opens, at) if opens else ""

    def say(self, template: str, **words: str) -> str:
        """Render one of the set's templates for this OA.

        Raises:
            TemplateFailed: It names what this OA does not have, which validation has told.
        """
        if "{" not in template:
            return template.strip()
        named = ((name, *name.partition(".")[::2]) for name in sorted(names_used(template)))
        known = {"oa": self.about, "value": self.values}
        parts = [(name, known[space].get(part)) for name, space, part in named if space in known]
        return _rendered(template, tuple(parts), tuple(words.items()))

    @cached_property
    def about(self) -> Mapping[str, str]:
        """What texts may say of the office: columns of the accounts file, and the hours in words where none gives them."""
        hours = self.hours
        return {"hours_text": hours.words(), **self.account.about} if hours else self.account.about

    @cached_property
    def values(self) -> Mapping[str, str]:
        """What the fields of the rule set say here."""
        own = self.override.fields
        return {name: own.get(name, field.shown) for name, field in self.rule_set.fields.items()}


@lru_cache(_MOST_TEXTS)
def _rendered(template: str, parts: tuple[tuple[str, str | None], ...], words: tuple[tuple[str, str], ...]) -> str:
    """Render a template; OAs that say the same of themselves share the text."""
    spaces: dict[str, dict[str, str]] = {"oa": {}, "value": {}}
    for name, text in parts:
        space, _dot, part = name.partition(".")
        if text is not None:
            spaces[space][part] = text
    return render(template, {**spaces, **dict(words)})
