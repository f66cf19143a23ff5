"""The infos of an alert as a campaign has them: one text for its areas, others for some of them, each with its languages."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.campaign.languages import LANGUAGES
from zalo_alert.campaign.template import GAP
from zalo_alert.cap import house_words as house
from zalo_alert.cap.document import Alert, Info
from zalo_alert.cap.draft import UNFILLED, Draft, Selector
from zalo_alert.cap.draft_head import is_vietnamese, language_of, parameters
from zalo_alert.cap.draft_places import selectors_in
from zalo_alert.cap.text_parts import Parts, tidy
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.language import _

MAX_HEADLINE = 200  # characters, as campaigns have them
_OPENS_FIELD = re.compile(r"\{(?=[{%#])")
_MARK = re.compile(r"\s*\[(?:DIỄN TẬP|THỬ NGHIỆM)\]\s*")
_KNOWN_PARAMETERS = {
    house.RISK_LEVEL, house.CODE, house.EARLIER_CODE, house.BULLETIN, house.BULLETIN_AT, house.NEXT_AT,
}  # fmt: skip


class Group(NamedTuple):
    """What people of some areas read.

    Args:
        selectors: Their places, as a campaign names them.
        headline: In Vietnamese; "" where there is none.
        text: The same.
        languages: Codes and texts of those that campaigns know.
        others: The same of those that they don't.
        risk_level: Of Decision 18/2021; None where nobody says.
        onset: When the danger begins there; None where nobody says.
    """

    selectors: tuple[Selector, ...]
    headline: str
    text: str
    languages: tuple[tuple[str, str], ...]
    others: tuple[tuple[str, str], ...]
    risk_level: int | None
    onset: datetime | None

    @property
    def said(self) -> tuple[object, ...]:
        """All but where, and the headline, of which a campaign has one."""
        return self[2:]


Placed = list[tuple[str, Info]]


def groups_of(alert: Alert, event: str, draft: Draft) -> list[Group]:
    """Return what is read where, the first for everybody of whom no other speaks; alike ones once, with the areas of all.

    Args:
        alert: Sound.
        event: The hazard's code, whose levels there are; `UNFILLED` where it is not known.
        draft: Takes the remarks.
    """
    placed = [(f"/alert/info[{number}]", info) for number, info in enumerate(alert.infos, 1)]
    alike: dict[tuple[object, ...], Group] = {}
    for members in _by_areas(placed):
        group = _group(members, alert, event, draft)
        before = alike.get(group.said, group)
        alike[group.said] = before._replace(selectors=tuple(dict.fromkeys((*before.selectors, *group.selectors))))
    return list(alike.values())


def _by_areas(placed: Placed) -> list[Placed]:
    """Put together what is the same in several languages: infos for the same codes and outlines."""
    groups: list[tuple[object, Placed]] = []
    for place, info in placed:
        key = frozenset((*area.polygons, *area.circles, *area.geocodes) for area in info.areas)
        for known, members in groups:
            if known == key and language_of(info) not in {language_of(other) for _place, other in members}:
                members.append((place, info))
                break
        else:
            groups.append((key, [(place, info)]))
    return [members for _key, members in groups]


def _group(members: Placed, alert: Alert, event: str, draft: Draft) -> Group:
    place, first = next(((place, info) for place, info in members if is_vietnamese(info)), members[0])
    vietnamese = first if is_vietnamese(first) else None
    if vietnamese is None:
        draft.remark(place, _("there is no Vietnamese text for its areas: write it, as everybody reads that first"))
    others = [(language_of(info), _text(info, own, draft)) for own, info in members if info is not vietnamese]
    for own, info in members:
        if info is not first_vietnamese(alert) and not _is_in_text(info.headline, info):
            message = _("it is left out, as a campaign has one: put it into the text: {headline}", headline=info.headline[:200])
            draft.remark(f"{own}/headline", message)
        for where, why in _left_behind(info, own):
            draft.remark(where, why)
    day = (first.expires or alert.sent).astimezone(VIETNAM).date()
    return Group(
        tuple(selectors_in(first, place, day, draft)),
        _headline(vietnamese, place, draft) if vietnamese else "",
        _text(vietnamese, place, draft) if vietnamese else "",
        tuple((language, text) for language, text in others if language in LANGUAGES),
        tuple((language, text) for language, text in others if language not in LANGUAGES),
        _risk_level(first, event, place, draft),
        first.onset,
    )


def first_vietnamese(alert: Alert) -> Info | None:
    """Return the info whose headline is the campaign's."""
    return next(filter(is_vietnamese, alert.infos), None)


def _is_in_text(headline: str, info: Info) -> bool:
    """Whether a text says what its headline does, the marks of a drill and what was cut off left aside."""
    bare = _MARK.sub("", " ".join(headline.split())).rstrip(" …")
    return bare in " ".join(f"{info.description} {info.instruction}".split())


def _text(info: Info, place: str, draft: Draft) -> str:
    """Return all that an info says, the description first."""
    whole = Parts(tidy(info.description), tidy(info.instruction)).whole
    return _plain(whole, f"{place}/description", draft)


def _headline(info: Info, place: str, draft: Draft) -> str:
    line = " ".join((info.headline or info.description.strip().partition("\n")[0]).split())
    if not info.headline:
        draft.remark(f"{place}/headline", _("there is none: the first line of the text stands in its place"))
    if len(line) > MAX_HEADLINE:
        draft.remark(f"{place}/headline", _("it is cut, as a headline has {most} characters at most", most=MAX_HEADLINE))
    return _plain(line, f"{place}/headline", draft)[:MAX_HEADLINE].rstrip()


def _plain(text: str, place: str, draft: Draft) -> str:
    """Return a text in which nothing reads as a field of ours."""
    nfc = unicodedata.normalize("NFC", text).replace(GAP, "")
    plain = _OPENS_FIELD.sub("{ ", nfc)
    if plain != nfc:
        draft.remark(place, _("it has two braces in it, which begin a field here: a space was put in between"))
    return plain


def _risk_level(info: Info, event: str, place: str, draft: Draft) -> int | None:
    for value in parameters(info, house.RISK_LEVEL)[:1]:
        levels = HAZARDS[event].levels if event != UNFILLED else range(1, 6)
        if value.isascii() and value.isdigit() and len(value) == 1 and int(value) in levels:
            return int(value)
        message = _("its risk level {level} is none of this hazard: it is left out", level=f'"{value[:20]}"')
        draft.remark(f"{place}/parameter", message)
    return None


def _left_behind(info: Info, place: str) -> Iterator[tuple[str, str]]:
    """Say what has no place in a campaign, unless its text says it already."""
    said = f"{info.description}\n{info.instruction}"
    if info.web and info.web not in said:
        yield f"{place}/web", _("it is left out: put it into the text if people shall open it: {address}", address=info.web[:200])
    if info.contact and info.contact != house.CONTACT and info.contact not in said:
        contact = " ".join(info.contact.split())[:200]
        yield f"{place}/contact", _("it is left out: put it into the text if people shall turn there: {contact}", contact=contact)
    if info.audience:
        yield (
            f"{place}/audience",
            _("it is left out: everybody in the areas is written to, not only {whom}", whom=info.audience[:100]),
        )
    for number, resource in enumerate(info.resources, 1):
        description = resource.resource_desc[:100]
        yield f"{place}/resource[{number}]", _("it is left out, and was not fetched: {description}", description=description)
    for number, parameter in enumerate(info.parameters, 1):
        if parameter.name not in _KNOWN_PARAMETERS:
            shown = f"{parameter.name[:60]} = {parameter.value[:100]}"
            yield f"{place}/parameter[{number}]", _("it is left out: {parameter}", parameter=shown)
