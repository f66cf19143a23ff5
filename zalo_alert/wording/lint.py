"""The wording of a campaign, looked at as people would read it: every finding once, with its place in the file."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from typing import NamedTuple

from zalo_alert.campaign.follow_up import ALERT, parts
from zalo_alert.campaign.languages import VIETNAMESE
from zalo_alert.foundation.yaml_document import MAX_PROBLEMS, Document
from zalo_alert.language import _
from zalo_alert.models import Area, Campaign, MsgType
from zalo_alert.wording.as_read import MAX_READ, AsRead
from zalo_alert.wording.finding import Finding, Severity
from zalo_alert.wording.locate import Locator
from zalo_alert.wording.rule import CORRECTION, Rule, Spot
from zalo_alert.wording.rules import RULES
from zalo_alert.wording.text import Text

MOST_SPOTS = 20  # that one rule tells of one text: nobody reads further
MOST_OF_A_RULE = 100  # that are looked up in the file: one rule's many must not hide another's one
NOT_LOOKED_AT = "not-looked-at"  # the code of a text that is too long, or one too many
MOST_CHARACTERS = 1_000_000  # that are looked at: what every commune there is would read, twice over


class _Found(NamedTuple):
    rule: Rule
    severity: Severity
    as_read: AsRead
    spot: Spot


def lint(
    campaign: Campaign,
    document: Document,
    as_read: Sequence[AsRead],
    *,
    allowed_links: Collection[str] = (),
    targets: Area | None = None,
) -> list[Finding]:
    """Ask every rule of every text.

    Args:
        campaign: Sound.
        document: Its file, for the places of what is found.
        as_read: What people read; see `as_read`.
        allowed_links: Domains that links may lead to, those below them included.
        targets: Where it is meant to be read; None is the campaign's own audience, or unknown where that is a list.

    Returns:
        Errors first, then what was not looked at, then in the order of the file;
        `MAX_PROBLEMS` at most, and of each rule one.
    """
    if targets is None and not campaign.audience.supplied:
        targets = campaign.audience.target
    whole, (looked_at, left) = parts(campaign), _as_many_as_fit(as_read)
    texts = (Text(whole[each.part], each, allowed_links, targets) for each in looked_at)
    everyone = {key for each in looked_at for key in each.keys}
    found = _findings(document, (found for text in texts for found in _ask(text)), everyone)
    findings = [*_not_looked_at(document, left), *found]
    return sorted(_as_many_as_are_told(findings), key=lambda each: each.severity is not Severity.ERROR)


def _as_many_as_fit(as_read: Sequence[AsRead]) -> tuple[list[AsRead], list[AsRead]]:
    """Return the texts to be looked at, and the first that is not wholly or not at all."""
    room, looked_at = MOST_CHARACTERS, list[AsRead]()
    for each in as_read:
        if (room := room - len(each.text)) < 0:
            return looked_at, [each]
        looked_at.append(each)
    return looked_at, [each for each in looked_at if len(each.text) >= MAX_READ][:1]


def _not_looked_at(document: Document, texts: Sequence[AsRead]) -> Iterator[Finding]:
    for each in texts:
        message = _("is longer than what is looked at: read the rest of it twice yourself")
        fix = _("write it shorter; a message has at most 2,000 characters")
        problem = document.problem(each.path, message)
        yield Finding(NOT_LOOKED_AT, Severity.WARNING, problem, fix, each.part, each.route, each.place, max(1, len(each.keys)))


def _ask(text: Text) -> Iterator[_Found]:
    if not text.words.strip():
        return
    read = text.as_read
    part = CORRECTION if read.part == ALERT and text.campaign.msg_type is MsgType.CANCEL else read.part
    for rule, severity in _rules(part, read.is_whole, read.language == VIETNAMESE):
        for _number, spot in zip(range(MOST_SPOTS), rule.check(text), strict=False):
            yield _Found(rule, severity, read, spot)


@cache
def _rules(part: str, is_whole: bool, is_vietnamese: bool) -> tuple[tuple[Rule, Severity], ...]:
    """Return the rules that hold for a kind of text, each with its severity there."""
    asked = (rule for rule in RULES if (is_whole or not rule.of_whole) and (is_vietnamese or rule.of_languages))
    return tuple((rule, severity) for rule in asked if (severity := rule.severity_in(part)) is not None)


def _findings(document: Document, found: Iterator[_Found], everyone: AbstractSet[str]) -> list[Finding]:
    """Tell each thing once: the same words at the same place of the file, or the same sentence of the same field.

    What everyone reads alike names no place: the first of many would look like the only one.
    """
    locator = Locator(document)
    first: dict[tuple[object, ...], Finding] = {}
    readers: dict[tuple[object, ...], set[str]] = {}
    many = Counter[tuple[str, Severity]]()
    for rule, severity, read, spot in found:
        if many[rule.code, severity] >= MOST_OF_A_RULE:
            continue
        problem = locator.locate(read, spot.start, spot.end, spot.message)
        key = (rule.code, severity, problem.field, problem.line, problem.column)
        if key not in first:
            first[key] = Finding(rule.code, severity, problem, spot.fix, read.part, read.route, read.place)
            many[rule.code, severity] += 1
        readers.setdefault(key, set()).update(read.keys)
    order = {severity: number for number, severity in enumerate(Severity)}
    findings = [
        each._replace(places=max(1, len(readers[key])), place="" if 1 < len(everyone) <= len(readers[key]) else each.place)
        for key, each in first.items()
    ]
    return sorted(findings, key=lambda each: (order[each.severity], each.problem, each.code))


def _as_many_as_are_told(findings: Sequence[Finding]) -> list[Finding]:
    """Leave out what is one too many, but no rule wholly: whoever passes over one must see what else there is."""
    firsts = {(each.code, each.severity): number for number, each in reversed(list(enumerate(findings)))}
    first = set(firsts.values())
    others = [number for number in range(len(findings)) if number not in first]
    return [findings[number] for number in sorted([*first, *others][:MAX_PROBLEMS])]
