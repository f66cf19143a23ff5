"""A campaign as a CAP alert: one info for each text that differs, and for each language of it.

What a message is called, when it went out and what came before it is whoever's who calls: it knows no run and no workspace.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from zalo_alert import places
from zalo_alert.campaign.drill_marks import MOST_ADDED, Marks, marks_of
from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.campaign.languages import VIETNAMESE
from zalo_alert.campaign.render import Renderer
from zalo_alert.campaign.values import Instant
from zalo_alert.cap import house_words as house
from zalo_alert.cap.document import Alert, Area, Info, Named, Reference
from zalo_alert.cap.placed import areas_of
from zalo_alert.cap.text_parts import Tells, part, tidy
from zalo_alert.errors import CampaignRefused
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.language import _
from zalo_alert.models import Area as Target
from zalo_alert.models import Campaign, Certainty, MsgType, Severity, Status, Urgency
from zalo_alert.runs.facts import Kind

VIETNAM_VI = "vi-VN"  # CAP's name of the language
DRAFT = "Draft"  # CAP's status of what nobody has agreed to
MAX_HEADLINE = 140  # characters: the standard says 160, displays show fewer
ALL_CLEAR_LASTS = timedelta(hours=6)  # the danger is over, and soon so is the news of it

_RESTRICTIONS = {
    Status.EXERCISE: "Diễn tập: chỉ dành cho người tham gia diễn tập",
    Status.TEST: "Thử nghiệm: chỉ dành cho người kiểm tra hệ thống",
    DRAFT: "Bản nháp: chưa ai phê duyệt, không được phát",
}
_NOTES = {
    Status.EXERCISE: "Tin diễn tập, mã {code}",
    Status.TEST: "Tin thử nghiệm, mã {code}",
    DRAFT: "Bản nháp của tin {code}, chưa ai phê duyệt",
}


class Envelope(NamedTuple):
    """What is not in a campaign.

    Args:
        identifier: Of this message, without spaces, commas, < and &.
        sender: Who sends it, the same in all its messages; written like the identifier.
        sent: When; with a zone, to the second.
        is_agreed: Whether a real alert is one already; else it is a draft.
        sender_name: Who issues it, where the campaign does not say.
        kind: Whether it corrects, or says that the danger is over.
        references: The earlier messages that still hold.
    """

    identifier: str
    sender: str
    sent: datetime
    is_agreed: bool
    sender_name: str = ""
    kind: Kind = Kind.ALERT
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """How texts are looked at: whether words say what to do, and the first link of a text that may be passed on, or ""."""

    tells: Tells
    link: Callable[[str], str]


class _Said(NamedTuple):
    """What people of some places read."""

    texts: tuple[tuple[str, str], ...]  # by language, the Vietnamese first
    risk_level: int | None
    onset: datetime | None


def alert_of(campaign: Campaign, envelope: Envelope, reading: Reading) -> Alert:
    """Make a CAP alert.

    Args:
        campaign: Sound.
        envelope: What is not in it.
        reading: How its texts are looked at.

    Raises:
        CampaignRefused: Its people come from a list, so that nobody can say where it holds.
    """
    if campaign.audience.supplied:
        raise CampaignRefused(
            _("{code} goes to a list of people, and CAP needs areas", code=campaign.code),
            hint=_("name its areas in {field}", field="audience.areas"),
        )
    status = DRAFT if campaign.status is Status.ACTUAL and not envelope.is_agreed else campaign.status.value
    return Alert(
        identifier=envelope.identifier,
        sender=envelope.sender,
        sent=envelope.sent,
        status=status,
        msg_type=campaign.msg_type.value,
        source=_source(campaign),
        scope="Restricted" if status in _RESTRICTIONS else "Public",
        restriction=_RESTRICTIONS.get(status, ""),
        codes=(house.PROFILE,),
        note=_NOTES.get(status, "").format(code=campaign.code),
        references=envelope.references,
        infos=tuple(_infos(campaign, envelope, reading)),
    )


def _source(campaign: Campaign) -> str:
    at = campaign.fields.get("ban_tin_luc")
    return ", ".join(filter(None, (_text(campaign, "ban_tin"), str(Instant(at)) if isinstance(at, datetime) else "")))


def _text(campaign: Campaign, name: str) -> str:
    value = campaign.fields.get(name)
    return value if isinstance(value, str) else ""


def _infos(campaign: Campaign, envelope: Envelope, reading: Reading) -> Iterator[Info]:
    day = campaign.expires.astimezone(VIETNAM).date()
    for number, (said, target) in enumerate(_said_where(campaign).items()):
        areas = areas_of(target, day)
        for info in _in_languages(campaign, envelope, reading, said, areas):
            is_own = number == 0 and info.language == VIETNAM_VI
            yield replace(info, headline=_headline(campaign)) if is_own else info


# --- who reads what ----------------------------------------------------------------------------------------------------------


def _said_where(campaign: Campaign) -> dict[_Said, Target]:
    """Return what is read, each with where, the campaign's own first; of several variants the first holds, as in messages."""
    renderer, marks = Renderer(campaign), marks_of(campaign)
    rest, targets = campaign.audience.target, []
    for variant in campaign.variants:
        own = places.all_of(variant.areas)
        targets.append(_both(rest, own))
        rest = places.without(rest, own)
    where: dict[_Said, Target] = {}
    for number, target in [(None, rest), *enumerate(targets)]:
        if target.mask or target.wards:
            areas = campaign.audience.areas if number is None else campaign.variants[number].areas
            said = _said(campaign, renderer, marks, places.name_target(areas, target), number)
            where[said] = places.all_of((where[said], target)) if said in where else target
    return where


def _both(one: Target, other: Target) -> Target:
    return places.without(one, places.without(one, other))


def _said(campaign: Campaign, renderer: Renderer, marks: Marks | None, label: str, variant: int | None) -> _Said:
    read = renderer.by_language(label, variant)
    marked = {code: marks.round_text(text) if marks else text for code, text in read.items()}
    texts = tuple((code, tidy(text)) for code, text in marked.items())
    return _Said(texts, campaign.risk_of(variant), campaign.onset_of(variant))


def _headline(campaign: Campaign) -> str:
    """Return the campaign's headline, which the first info has; others have the first line of theirs."""
    label = places.name_target(campaign.audience.areas, campaign.audience.target)
    return _line(Renderer(campaign).headline(label), marks_of(campaign))


def _line(text: str, marks: Marks | None) -> str:
    """Return a text as one line of so many characters as displays show, with the marks of a drill round it."""
    line = " ".join(text.split())
    if len(line) > MAX_HEADLINE:
        line = f"{line[: MAX_HEADLINE - MOST_ADDED - 1].rstrip()}…"
    return marks.round_line(line) if marks else line


# --- infos -------------------------------------------------------------------------------------------------------------------


def _in_languages(
    campaign: Campaign, envelope: Envelope, reading: Reading, said: _Said, areas: tuple[Area, ...]
) -> Iterator[Info]:
    common, marks = _common(campaign, envelope, said, areas), marks_of(campaign)
    for language, text in said.texts:
        is_first = language == VIETNAMESE
        parts = part(text, reading.tells if is_first else lambda words: False)
        yield replace(
            common,
            language=VIETNAM_VI if is_first else language,
            headline=_line(parts.description.partition("\n")[0], marks),
            description=parts.description,
            instruction=parts.instruction,
            web=reading.link(text),
        )


def _common(campaign: Campaign, envelope: Envelope, said: _Said, areas: tuple[Area, ...]) -> Info:
    """Return what an info says whatever its language; what was wrong, or is over, asks for nothing any more."""
    is_over = envelope.kind is not Kind.ALERT
    return Info(
        categories=house.HAZARD_WORDS[campaign.event].categories,
        event=HAZARDS[campaign.event].name,
        response_types=_responses(campaign, envelope.kind),
        urgency=Urgency.PAST.value if is_over else campaign.urgency.value,
        severity=Severity.MINOR.value if is_over else campaign.severity.value,
        certainty=Certainty.OBSERVED.value if is_over else campaign.certainty.value,
        event_codes=(Named(house.HAZARD, campaign.event),),
        effective=campaign.effective if campaign.effective > envelope.sent else None,
        onset=_onset(campaign, envelope, said.onset),
        expires=_expires(campaign, envelope),
        sender_name=_text(campaign, "don_vi") or envelope.sender_name,
        contact=house.CONTACT,
        parameters=tuple(_parameters(campaign, said)),
        areas=areas,
    )


def _onset(campaign: Campaign, envelope: Envelope, onset: datetime | None) -> datetime | None:
    """Return when the danger begins; what has begun when the message leaves needs no instant."""
    is_ahead = onset is not None and onset > max(campaign.effective, envelope.sent)
    return onset if is_ahead and envelope.kind is Kind.ALERT else None


def _expires(campaign: Campaign, envelope: Envelope) -> datetime:
    return min(campaign.expires, envelope.sent + ALL_CLEAR_LASTS) if envelope.kind is Kind.ALL_CLEAR else campaign.expires


def _responses(campaign: Campaign, kind: Kind) -> tuple[str, ...]:
    if kind is Kind.CORRECTION:
        return ("None",)
    if kind is Kind.ALL_CLEAR:
        return ("AllClear", "Monitor")
    if campaign.response_types:
        return campaign.response_types
    if campaign.msg_type is MsgType.CANCEL:
        return ("None",)
    is_over = campaign.urgency is Urgency.PAST
    return ("AllClear", "Monitor") if is_over else house.HAZARD_WORDS[campaign.event].response_types


def _parameters(campaign: Campaign, said: _Said) -> Iterator[Named]:
    if said.risk_level is not None:
        yield Named(house.RISK_LEVEL, str(said.risk_level))
    yield Named(house.CODE, campaign.code)
    yield from (Named(house.EARLIER_CODE, code) for code in campaign.references)
    if name := _text(campaign, "ban_tin"):
        yield Named(house.BULLETIN, name)
    for parameter, field in ((house.BULLETIN_AT, "ban_tin_luc"), (house.NEXT_AT, "tin_tiep_theo")):
        at = campaign.fields.get(field)
        if isinstance(at, datetime):
            yield Named(parameter, at.astimezone(VIETNAM).isoformat(timespec="seconds"))
