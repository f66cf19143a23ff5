"""All rules of a workspace as they speak: for each OA its rule set, its look-ups, and its rules' texts.

Lazily: of 15,000 OAs few are asked in a minute, and nothing is rendered before somebody is answered.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from zalo_alert.answers.matcher import Matcher
from zalo_alert.answers.oa_rules import OaRules
from zalo_alert.answers.phrases import Phrases
from zalo_alert.answers.rule_set import RuleSet, Selector
from zalo_alert.answers.selecting import select
from zalo_alert.settings.model import Account


class Selecting(Protocol):
    """A file that is for some accounts."""

    @property
    def name(self) -> str:
        """The file's name without its ending."""

    @property
    def selector(self) -> Selector:
        """Whom it is for."""


class RuleBook:
    """All rules of a workspace; never changed, another takes its place.

    Args:
        rule_sets: Sound ones; of two that are for one account the first speaks.
        accounts: Of the workspace.
        lookups: Files of the kind `lookup`, as their own reader made them.
    """

    def __init__(self, rule_sets: Sequence[RuleSet], accounts: Sequence[Account], lookups: Sequence[Selecting] = ()) -> None:
        self.rule_sets, self.lookups = tuple(rule_sets), tuple(lookups)
        self._accounts = {account.oa_id: account for account in accounts}
        sets, by_lookup = by_oa(self.rule_sets, accounts), by_oa(self.lookups, accounts)
        self._sets = {oa: several[0] for oa, several in sets.items()}
        self._lookups = {oa: tuple(several) for oa, several in by_lookup.items()}
        self._rules: dict[str, OaRules] = {}
        self._matchers: dict[str, Matcher] = {}

    @property
    def oas(self) -> Sequence[str]:
        """Zalo's ids of the OAs that answer by a rule set."""
        return tuple(self._sets)

    def accounts_by_file(self) -> Mapping[str, int]:
        """Return how many accounts each file is for, by its name."""
        return Counter(file.name for several in (self._sets.values(), *self._lookups.values()) for file in several)

    def for_oa(self, oa: str) -> OaRules | None:
        """Return the rules of an OA, by Zalo's id; None where no rule set is for it."""
        if (rules := self._rules.get(oa)) is None and (rule_set := self._sets.get(oa)) is not None:
            rules = self._rules[oa] = OaRules(rule_set, self._accounts[oa], self._matcher(rule_set))
        return rules

    def _matcher(self, rule_set: RuleSet) -> Matcher:
        """Return what reads texts by a rule set; all its OAs share one."""
        if rule_set.name not in self._matchers:
            self._matchers[rule_set.name] = matcher_of(rule_set)
        return self._matchers[rule_set.name]

    def account_of(self, oa: str) -> Account | None:
        """Return the account of an OA, by Zalo's id."""
        return self._accounts.get(oa)

    def lookups_for_oa(self, oa: str) -> tuple[Any, ...]:
        """Return the look-ups of an OA, by Zalo's id, in the order of their files' names."""
        return self._lookups.get(oa, ())


def matcher_of(rule_set: RuleSet) -> Matcher:
    """Return what reads texts by a rule set."""
    return Matcher(phrases_of(rule_set), rule_set.ignored)


def phrases_of(rule_set: RuleSet) -> list[Phrases]:
    """Return what each rule of a set listens for, by the name that it is counted by."""
    return [
        Phrases(
            rule_set.counted_as(rule.id), rule.phrases, rule.excluded, rule.takes_negation, rule_set.alike, rule.text, rule.called
        )
        for rule in rule_set.rules
    ]


def by_oa(files: Iterable[Selecting], accounts: Sequence[Account]) -> Mapping[str, list[Any]]:
    """Return the files that are for each OA, by Zalo's id."""
    selected: dict[str, list[Any]] = defaultdict(list)
    for file in files:
        for account in select(file.selector, accounts):
            selected[account.oa_id].append(file)
    return selected
