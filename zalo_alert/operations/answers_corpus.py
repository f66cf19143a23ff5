"""A rule set tried with a corpus: what becomes of each text, and whether that is what the corpus demands."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from zalo_alert.answers.corpus import MOST_BYTES, NOBODY, Case, Corpus, Demand, Verdict, judge, parse_corpus
from zalo_alert.answers.load import load_rule_sets
from zalo_alert.answers.match import Match
from zalo_alert.answers.matcher import Matcher
from zalo_alert.answers.rule_book import RuleBook, matcher_of
from zalo_alert.answers.rule_set import RuleSet
from zalo_alert.errors import Cure, InputInvalid, UsageError
from zalo_alert.foundation.files import contents
from zalo_alert.foundation.os_errors import reason
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.language import _, joined
from zalo_alert.settings.model import Settings


class Tried(NamedTuple):
    """What became of one text; the ids of its case are those of the rule set, with its name."""

    case: Case
    match: Match
    verdict: Verdict

    @property
    def is_right(self) -> bool:
        """Whether it comes out right, at once or after one tap."""
        return self.verdict in (Verdict.RIGHT, Verdict.ASKED)


class CorpusResult:
    """What became of all texts of a corpus.

    Args:
        tried: In the order of the file.
        demand: The file's.
    """

    def __init__(self, tried: Sequence[Tried], demand: Demand) -> None:
        self.tried, self.demand = tuple(tried), demand

    @cached_property
    def counts(self) -> Mapping[Verdict, int]:
        """How many texts came to each verdict; zeros too."""
        counts = Counter(one.verdict for one in self.tried)
        return {verdict: counts[verdict] for verdict in Verdict}

    @property
    def right_percent(self) -> float:
        """How many texts of a hundred are right, those that are after one tap among them."""
        return 100 * sum(one.is_right for one in self.tried) / len(self.tried)

    @property
    def wrong_percent(self) -> float:
        """How many texts of a hundred get the answer of another rule."""
        return 100 * self.counts[Verdict.WRONG] / len(self.tried)

    @property
    def is_enough(self) -> bool:
        """Whether that is what the file demands."""
        return self.right_percent >= self.demand.right and self.wrong_percent <= self.demand.wrong


def read_corpus(path: Path) -> Corpus:
    """Read a corpus file.

    Raises:
        InputInvalid: It can't be read, or is none.
    """
    try:
        return parse_corpus(contents(path, MOST_BYTES), path.name)
    except OSError as exc:
        raise InputInvalid(_("can't read {file}: {why}", file=path, why=reason(exc)), hint=_("check the file's name")) from exc


def try_corpus(settings: Settings, path: Path, account: str | None = None) -> CorpusResult:
    """Try the rules of a workspace with a corpus.

    Args:
        settings: The workspace's.
        path: Of the corpus.
        account: Whose rules, where the file does not say; None is the only rule set, or the one that has all its rules.

    Raises:
        InputInvalid: The corpus is none, or names a rule or an account that there is not.
        RulesInvalid: The files of `inbound/` have faults.
        UsageError: Nobody knows which rule set is meant.
    """
    corpus, book = read_corpus(path), load_rule_sets(settings.workspace, settings)
    sets = _Sets(book, settings, path.name)
    default = sets.of_account(account) if account else None
    if default is None and any(not case.account for case in corpus.cases):
        default = sets.knowing({rule for case in corpus.cases if not case.account for rule in case.rules})
    chosen = [sets.of_case(case) if case.account else default for case in corpus.cases]
    return try_rules(((case, rules) for case, rules in zip(corpus.cases, chosen, strict=True) if rules), corpus.demand, path.name)


def try_rules(cases: Iterable[tuple[Case, RuleSet]], demand: Demand, name: str) -> CorpusResult:
    """Try cases, each with its rule set.

    Raises:
        InputInvalid: A case names a rule that its set has not.
    """
    matchers: dict[str, Matcher] = {}
    tried: list[Tried] = []
    for case, rule_set in cases:
        if (matcher := matchers.get(rule_set.name)) is None:
            matcher = matchers[rule_set.name] = matcher_of(rule_set)
        meant = case._replace(rules=tuple(_known(rule, rule_set, case, name) for rule in case.rules))
        match = matcher.match(case.text)
        tried.append(Tried(meant, match, judge(meant.rules, match)))
    return CorpusResult(tried, demand)


def _known(rule: str, rule_set: RuleSet, case: Case, name: str) -> str:
    """Return a rule's id with its set's name; refuse one that there is not."""
    bare = rule.removeprefix(f"{rule_set.name}/")
    if rule == NOBODY:
        return rule
    known = [one.id for one in rule_set.rules]
    if bare not in known:
        fault = _("{rules} has no rule {rule}", rules=rule_set.path, rule=rule)
        raise InputInvalid(
            joined((_("{file}:{line}: {fault}", file=name, line=case.line, fault=fault), suggestion(bare, known)), "")
        )
    return rule_set.counted_as(bare)


class _Sets:
    """The rule sets of a workspace, by whom and what they are for."""

    def __init__(self, book: RuleBook, settings: Settings, name: str) -> None:
        self._book, self._settings, self._name = book, settings, name

    def of_account(self, account: str) -> RuleSet:
        rules = self._book.for_oa(self._settings.account(account).oa_id)
        if rules is None:
            raise InputInvalid(_("no file of inbound/ answers for {account}", account=account), hint=_say_where())
        return rules.rule_set

    def of_case(self, case: Case) -> RuleSet:
        return self.of_account(case.account)

    def knowing(self, rules: set[str]) -> RuleSet:
        """Return the only rule set, or the only one that has all these rules."""
        sets = self._book.rule_sets
        if not sets:
            raise InputInvalid(_("there are no rules: no file of inbound/ is of the kind answers"), hint=_say_where())
        knowing = [one for one in sets if rules <= {NOBODY, *_names(one)}]
        if len(sets) == 1 or len(knowing) == 1:
            return (knowing or list(sets))[0]
        raise UsageError(
            _("{count} rule sets may be meant: {names}", count=len(sets), names=joined([one.path for one in sets])),
            hint=_("name an OA: --account"),
        )


def _names(rule_set: RuleSet) -> Iterable[str]:
    return (name for rule in rule_set.rules for name in (rule.id, rule_set.counted_as(rule.id)))


def _say_where() -> str:
    return _("write one, or begin with an example: {init}", init=Cure.INIT("--with police-qa"))
