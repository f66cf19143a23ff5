"""What is ambiguous about a rule set's phrases: asked of the matcher itself, so that it is what people would meet."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from zalo_alert.answers.folding import Words, read
from zalo_alert.answers.inspection import Inspection
from zalo_alert.answers.match import Match, MatchKind
from zalo_alert.answers.matcher import Matcher
from zalo_alert.answers.negation import NEGATIONS
from zalo_alert.answers.parted import SEPARATOR
from zalo_alert.answers.phrases import Phrases, PhraseTree
from zalo_alert.answers.rule_book import phrases_of
from zalo_alert.answers.rule_set import PERSON
from zalo_alert.foundation.yaml_document import KeyPath
from zalo_alert.inbound.reserved_words import word_of
from zalo_alert.language import _

_NO = "không"  # what a citizen puts before a phrase to deny it


class _Phrase(NamedTuple):
    """One phrase: of which rule, where it stands, its words, and whether parts of it may stand apart."""

    rule: int
    path: KeyPath
    text: str
    words: Words
    is_parted: bool


def check_phrases(inspection: Inspection) -> None:
    """Find rules that share their id, and phrases that lead elsewhere than to their rule, or nowhere."""
    _check_ids(inspection)
    phrases = list(_phrases(inspection))
    _check_words(inspection, phrases)
    _check_claims(inspection, phrases)
    _check_containment(inspection, phrases)
    _check_matches(inspection, phrases)


def _check_ids(inspection: Inspection) -> None:
    first: dict[str, int] = {}
    for number, rule in enumerate(inspection.rule_set.rules):
        path = ("rules", number, "id")
        if rule.id in (PERSON, "fallback"):
            inspection.add(path, _('"{id}" is a word of its own here: name the rule otherwise', id=rule.id))
        if rule.id in first:
            line = inspection.line(("rules", first[rule.id], "id"))
            inspection.add(path, _('"{id}" stands twice (first on line {first})', id=rule.id, first=line))
        first.setdefault(rule.id, number)


def _phrases(inspection: Inspection) -> Iterator[_Phrase]:
    for number, rule in enumerate(inspection.rule_set.rules):
        for place, text in enumerate(rule.phrases):
            yield _Phrase(number, ("rules", number, "phrases", place), text, read(text), SEPARATOR in text)


def _check_words(inspection: Inspection, phrases: list[_Phrase]) -> None:
    for phrase in phrases:
        if not phrase.words.folded:
            inspection.add(phrase.path, _("has neither letters nor digits: nothing that is typed would fit it"))
        if word_of(phrase.text) is not None:
            inspection.add(phrase.path, _('"{phrase}" is a reserved word, which never comes to the rules', phrase=phrase.text))


def _check_claims(inspection: Inspection, phrases: list[_Phrase]) -> None:
    """Find phrases that fold alike: of two rules they are a question to whoever types them, of one they say nothing new."""
    claimed: dict[tuple[str, bool], list[_Phrase]] = defaultdict(list)
    for phrase in phrases:
        if phrase.words.folded:
            claimed[" ".join(phrase.words.folded), phrase.is_parted].append(phrase)
    for first, *others in claimed.values():
        for other in others:
            _tell_claim(inspection, first, other)


def _tell_claim(inspection: Inspection, first: _Phrase, other: _Phrase) -> None:
    said = {"line": inspection.line(first.path), "id": inspection.rule_set.rules[first.rule].id, "phrase": other.text}
    if first.rule == other.rule:
        inspection.detail(other.path, _('"{phrase}" is on line {line} already: accents and capitals make no difference', **said))
    elif first.words.spelled == other.words.spelled:
        sentence = _('"{phrase}" is also a phrase of the rule "{id}" (line {line}): people are asked which they mean', **said)
        inspection.remark(other.path, sentence)
    else:
        sentence = _(
            'without accents "{phrase}" is also a phrase of the rule "{id}" (line {line}): who types none is asked', **said
        )
        inspection.remark(other.path, sentence)


def _check_containment(inspection: Inspection, phrases: list[_Phrase]) -> None:
    """Find phrases that stand in a longer one of another rule, which wins wherever that is typed."""
    rules = inspection.rule_set.rules
    tree = PhraseTree([Phrases(str(number), rule.phrases) for number, rule in enumerate(rules)])
    longer: dict[tuple[int, str], list[_Phrase]] = defaultdict(list)
    for phrase in phrases:
        for standing in tree.standing(phrase.words) if not phrase.is_parted else ():
            if not standing.is_parted and standing.end - standing.start < len(phrase.words.folded):
                for entry in standing.entries:
                    if entry.rule != phrase.rule:
                        longer[entry.rule, entry.phrase].append(phrase)
    for phrase in phrases:
        if containing := longer.get((phrase.rule, phrase.text)):
            _tell_containment(inspection, phrase, containing)


def _tell_containment(inspection: Inspection, phrase: _Phrase, containing: list[_Phrase]) -> None:
    first = containing[0]
    said = {"phrase": phrase.text, "longer": first.text, "id": inspection.rule_set.rules[first.rule].id}
    sentence = _('"{phrase}" stands in "{longer}" of the rule "{id}" (line {line}), which wins where that is typed',
                 line=inspection.line(first.path), **said)  # fmt: skip
    inspection.detail(phrase.path, sentence)


def _check_matches(inspection: Inspection, phrases: list[_Phrase]) -> None:
    """Ask where each phrase leads by phrases alone, and where it leads when it is denied."""
    matcher = Matcher([rule._replace(about="") for rule in phrases_of(inspection.rule_set)], inspection.rule_set.ignored)
    matches = {phrase.path: matcher.match(phrase.text) for phrase in phrases}
    reached: set[int] = set()
    for phrase in phrases:
        name = inspection.rule_set.counted_as(inspection.rule_set.rules[phrase.rule].id)
        match = matches[phrase.path]
        if name in match.ids and match.kind in (MatchKind.RULE, MatchKind.SEVERAL):
            reached.add(phrase.rule)
        elif phrase.words.folded:
            inspection.remark(phrase.path, _elsewhere(phrase.text, match))
        _check_denial(inspection, phrase, name, matcher)
    for number, rule in enumerate(inspection.rule_set.rules):
        if number not in reached:
            inspection.add(("rules", number, "id"), _('none of its phrases leads to the rule "{id}"', id=rule.id))


def _elsewhere(phrase: str, match: Match) -> str:
    if match.kind is MatchKind.NONE:
        vetoes = ", ".join(dict.fromkeys(f'"{veto.words}"' for veto in match.why.vetoes))
        if not vetoes:
            return _('"{phrase}" leads nowhere by itself: give it more words, or take it out', phrase=phrase)
        return _('"{phrase}" leads nowhere: {vetoes} rules it out', phrase=phrase, vetoes=vetoes)
    return _('"{phrase}" leads to {ids}', phrase=phrase, ids=", ".join(match.ids))


def _check_denial(inspection: Inspection, phrase: _Phrase, name: str, matcher: Matcher) -> None:
    """Find a rule to which also that leads what denies its phrase."""
    if not phrase.words.folded or phrase.is_parted or NEGATIONS.intersection(phrase.words.folded):
        return
    denied = f"{_NO} {phrase.text}"
    match = matcher.match(denied)
    if name in match.ids and match.kind in (MatchKind.RULE, MatchKind.SEVERAL):
        inspection.detail(phrase.path, _('"{denied}" leads to this rule too: is its answer right there?', denied=denied))
