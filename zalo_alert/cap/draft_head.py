"""What a draft says once: its hazard, how urgent it is, its code and whose place it takes."""

import re
from collections.abc import Callable
from typing import NamedTuple

from zalo_alert.campaign.form import CODE
from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.cap import house_words as house
from zalo_alert.cap.document import Alert, Info, Reference
from zalo_alert.cap.draft import UNFILLED, Draft
from zalo_alert.language import _

_CODE = re.compile(CODE)
_NOT_IN_CODE = re.compile(r"[^A-Z0-9]+")
MAX_CODE = 40  # characters


class Head(NamedTuple):
    """What stands at the top of a campaign file; `UNFILLED` is left to whoever reads it."""

    status: str
    event: str
    urgency: str
    severity: str
    certainty: str
    response_types: tuple[str, ...]
    is_real: bool


def first_info(alert: Alert) -> Info | None:
    """Return the info that the draft goes by: the first in Vietnamese, else the first."""
    return next((info for info in alert.infos if is_vietnamese(info)), next(iter(alert.infos), None))


def is_vietnamese(info: Info) -> bool:
    """Whether an info says that it is in Vietnamese."""
    return language_of(info) == "vi"


def language_of(info: Info) -> str:
    """Return the language of an info without its country: `vi`."""
    return info.spoken.lower().partition("-")[0]


def parameters(info: Info | None, name: str) -> list[str]:
    """Return the values of a parameter."""
    return [parameter.value.strip() for parameter in info.parameters if parameter.name == name] if info else []


def head_of(alert: Alert, hazard: Callable[[str], str], draft: Draft) -> Head:
    """Return what the draft says once, and remark on what the infos say differently.

    Args:
        alert: Sound.
        hazard: See `importing.Known`.
        draft: Takes the remarks.
    """
    info, is_real = first_info(alert), alert.status in ("Actual", "Draft")
    if alert.status == "Draft":
        draft.remark("/alert/status", _("it is a draft of the sender's, to which nobody has agreed: ask for the final message"))
    if info is None:
        draft.remark("/alert/info", _("there is none: the message says nothing to people, so its text is left to you"))
    _tell_differences(alert, info, draft)
    return Head(
        "Actual" if is_real else alert.status,
        _event(alert, info, hazard, draft) if info else UNFILLED,
        _known(info.urgency) if info else UNFILLED,
        _known(info.severity) if info else UNFILLED,
        _known(info.certainty) if info else UNFILLED,
        info.response_types if info else (),
        is_real,
    )


def _known(word: str) -> str:
    return UNFILLED if word == "Unknown" else word


def _tell_differences(alert: Alert, first: Info | None, draft: Draft) -> None:
    for number, info in enumerate(alert.infos, 1):
        for name in ("urgency", "severity", "certainty", "response_types", "effective", "expires"):
            if first and getattr(info, name) != getattr(first, name):
                message = _("it is another than in the first info, and a campaign has one for all: look which holds")
                draft.remark(f"/alert/info[{number}]/{_CAP_NAMES.get(name, name)}", message)


_CAP_NAMES = {"response_types": "responseType"}


def _event(alert: Alert, info: Info, hazard: Callable[[str], str], draft: Draft) -> str:
    own = [code.value for code in info.event_codes if code.name == house.HAZARD and code.value in HAZARDS]
    event = own[0] if own else hazard(info.event)
    if not event:
        place = f"/alert/info[{alert.infos.index(info) + 1}]/event"
        draft.remark(place, _("no hazard here is called {event}: choose one", event=f'"{info.event[:60]}"'))
    return event or UNFILLED


def code_of(alert: Alert, draft: Draft) -> str:
    """Return the campaign's code: the alert's own of our kind, else one made of its identifier."""
    for code in parameters(first_info(alert), house.CODE):
        if _CODE.fullmatch(code):
            return code
    made = _NOT_IN_CODE.sub("-", alert.identifier.upper()).strip("-")[-MAX_CODE:].strip("-")
    code = made if _CODE.fullmatch(made) else UNFILLED
    draft.remark("/alert/identifier", _("the code {code} is made of it: give the message one of yours", code=code))
    return code


def references_of(alert: Alert, known: Callable[[Reference], str], draft: Draft) -> list[str]:
    """Return the codes of the messages that it takes the place of; `UNFILLED` for each that nobody knows."""
    if not alert.references:
        return []
    if own := [code for code in parameters(first_info(alert), house.EARLIER_CODE) if _CODE.fullmatch(code)]:
        return list(dict.fromkeys(own))
    codes = []
    for reference in alert.references:
        if not (code := known(reference)):
            message = _(
                "no run of this workspace is {identifier} of {sender}: name its code, or send this as an Alert",
                identifier=reference.identifier[:80],
                sender=reference.sender[:80],
            )
            draft.remark("/alert/references", message)
        codes.append(code or UNFILLED)
    return list(dict.fromkeys(codes))
