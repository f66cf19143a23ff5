"""Which different things the OAs of a rule set would say by one template: worked out once for all that are alike.

Thousands of OAs share few shapes: which columns they have filled in decides whether a template renders, and the longest value of
each column how long it can become. Only where a template compares values, each combination of them is a case of its own.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from zalo_alert.answers.rule_set import RuleSet
from zalo_alert.answers.template import names_used
from zalo_alert.settings.model import Account

_OA, _VALUE = "oa.", "value."


class OaCase(NamedTuple):
    """OAs that are alike for a template.

    Args:
        values: What it is rendered with; of several values the longest.
        accounts: How many there are.
        first: One of them.
        absent: Names behind `oa.` that the template reads and they don't have.
    """

    values: Mapping[str, Mapping[str, str]]
    accounts: int
    first: Account
    absent: frozenset[str]


class OaCases:
    """The OAs of one rule set.

    Args:
        rule_set: What they speak by.
        accounts: Them.
    """

    def __init__(self, rule_set: RuleSet, accounts: Sequence[Account]) -> None:
        self._rule_set, self.accounts = rule_set, accounts
        self.known: dict[Hashable, list[str]] = {}  # what has been found out about templates
        hours = rule_set.hours.words() if rule_set.hours else ""
        self._abouts = [_about(rule_set, account, hours) for account in accounts]

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name behind `oa.` that at least one of them has."""
        return frozenset(name for about in self._shapes for name in about)

    @cached_property
    def _shapes(self) -> Mapping[frozenset[str], list[int]]:
        """The numbers of the accounts that have filled in the same columns."""
        shapes: dict[frozenset[str], list[int]] = defaultdict(list)
        for number, about in enumerate(self._abouts):
            shapes[frozenset(about)].append(number)
        return shapes

    @cached_property
    def _longest(self) -> dict[tuple[frozenset[str], str], str]:
        return {}

    def cases(self, template: str, *, each: bool = False) -> Iterator[OaCase]:
        """Yield what is different among the OAs for a template.

        Args:
            template: Sound.
            each: Every combination of the values that it reads, also where only their length would matter.
        """
        if not self.accounts:
            return
        names = names_used(template)
        reads = sorted(name.removeprefix(_OA) for name in names if name.startswith(_OA))
        values = {name: self._value(name) for name in (n.removeprefix(_VALUE) for n in names if n.startswith(_VALUE))}
        if each or "==" in template or "!=" in template:
            yield from self._each(reads, values)
        else:
            yield from self._by_shape(reads, values)

    def _value(self, name: str) -> str:
        """Return the longest that a field can say."""
        field = self._rule_set.fields.get(name)
        own = [override.fields[name] for override in self._rule_set.overrides.values() if name in override.fields]
        return max([*([field.shown] if field else []), *own], key=len, default="")

    def _by_shape(self, reads: Sequence[str], values: Mapping[str, str]) -> Iterator[OaCase]:
        alike: dict[frozenset[str], list[frozenset[str]]] = defaultdict(list)
        for shape in self._shapes:
            alike[shape.intersection(reads)].append(shape)
        for present, shapes in alike.items():
            about = {name: max((self._long(shape, name) for shape in shapes), key=len) for name in present}
            number = min(self._shapes[shape][0] for shape in shapes)
            many = sum(len(self._shapes[shape]) for shape in shapes)
            absent = frozenset(reads) - present
            yield OaCase({"oa": about, "value": values}, many, self.accounts[number], absent)

    def _long(self, shape: frozenset[str], name: str) -> str:
        if (shape, name) not in self._longest:
            self._longest[shape, name] = max((self._abouts[number][name] for number in self._shapes[shape]), key=len)
        return self._longest[shape, name]

    def _each(self, reads: Sequence[str], values: Mapping[str, str]) -> Iterator[OaCase]:
        alike: dict[tuple[str | None, ...], list[int]] = defaultdict(list)
        for number, about in enumerate(self._abouts):
            alike[tuple(about.get(name) for name in reads)].append(number)
        for texts, numbers in alike.items():
            about = {name: text for name, text in zip(reads, texts, strict=True) if text is not None}
            absent = frozenset(reads) - about.keys()
            yield OaCase({"oa": about, "value": values}, len(numbers), self.accounts[numbers[0]], absent)


def _about(rule_set: RuleSet, account: Account, hours: str) -> Mapping[str, str]:
    """Return what texts may say of an office, as its rules will; `hours` are the set's, in words."""
    own = rule_set.override(account.id).hours
    hours = own.words() if own else hours
    return {"hours_text": hours, **account.about} if hours else account.about
