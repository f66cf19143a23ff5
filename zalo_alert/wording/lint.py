"""The wording of a campaign, looked at as people would read it: every finding once, with its place in the file."""

from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from zalo_alert.campaign.follow_up import ALERT, parts
from zalo_alert.campaign.languages import VIETNAMESE
from zalo_alert.foundation.yaml_document import MAX_PROBLEMS, Document
from zalo_alert.models import Area, Campaign, MsgType
from zalo_alert.wording.as_read import AsRead
from zalo_alert.wording.finding import Finding, Severity
from zalo_alert.wording.locate import locate
from zalo_alert.wording.rule import CORRECTION, Rule, Spot
from zalo_alert.wording.rules import RULES
from zalo_alert.wording.text import Text

MOST_SPOTS = 20  # that one rule tells of one text: nobody reads further
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
        Errors first, then in the order of the file; `MAX_PROBLEMS` at most.
    """
    if targets is None and not campaign.audience.supplied:
        targets = campaign.audience.target
    whole = parts(campaign)
    texts = (Text(whole[each.part], each, allowed_links, targets) for each in _as_many_as_fit(as_read))
    return _findings(document, (found for text in texts for found in _ask(text)))


def _as_many_as_fit(as_read: Sequence[AsRead]) -> Iterator[AsRead]:
    room = MOST_CHARACTERS
    for each in as_read:
        if (room := room - len(each.text)) < 0:
            return
        yield each


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


def _findings(document: Document, found: Iterator[_Found]) -> list[Finding]:
    """Tell each thing once: the same words at the same place of the file, or the same sentence of the same field."""
    by_place: dict[tuple[object, ...], Finding] = {}
    for rule, severity, read, spot in found:
        problem = locate(document, read, spot.start, spot.end, spot.message)
        key = (rule.code, severity, problem.field, problem.line, problem.column)
        if (earlier := by_place.get(key)) is None:
            by_place[key] = Finding(
                rule.code, severity, problem, spot.fix, read.part, read.route, read.place, max(1, len(read.keys))
            )
        elif earlier.route == read.route:
            by_place[key] = earlier._replace(places=earlier.places + max(1, len(read.keys)))
    order = {severity: number for number, severity in enumerate(Severity)}
    return sorted(by_place.values(), key=lambda each: (order[each.severity], each.problem, each.code))[:MAX_PROBLEMS]
