"""Rules about one info: what must be said for people to act, from when until when, and where more stands."""

import re
from datetime import datetime
from urllib.parse import urlsplit

from zalo_alert.cap.document import ASSUMED_LANGUAGE, Alert, Info, Resource
from zalo_alert.cap.finding import Gathered
from zalo_alert.cap.values import UNREAD_INSTANT, shown
from zalo_alert.language import _, count

MAX_HEADLINE = 140  # characters: what a display shows, says Google's profile; the standard says 160

_MEDIA_TYPE = re.compile(r"[\w.+-]{1,100}/[\w.+-]{1,100}(?:;.{0,200})?", re.ASCII)
_SHA_1 = re.compile(r"[0-9a-fA-F]{40}")

_ASK = _("ask the sender, or write it yourself before you pass it on")
_WRITE_ADDRESS = _("write the whole address: {example}", example="https://…")


def check_infos(alert: Alert, gathered: Gathered) -> None:
    """Gather what is wrong in each info; a message about an earlier one need not say it all again."""
    for number, info in enumerate(alert.infos, 1):
        place = f"/alert/info[{number}]"
        _check_said(info, place, gathered, must=alert.msg_type in ("Alert", "Update", ""))
        _check_times(info, alert.sent, place, gathered)
        _check_headline(info, place, gathered)
        _check_addresses(info, place, gathered)
        for resource_number, resource in enumerate(info.resources, 1):
            _check_resource(resource, f"{place}/resource[{resource_number}]", gathered)


def _check_said(info: Info, place: str, gathered: Gathered, *, must: bool) -> None:
    if not info.language:
        message = _("is missing, which means {language}", language=ASSUMED_LANGUAGE)
        gathered.add("W401", f"{place}/language", message, _("write it, like {example}", example="vi-VN"))
    _check_there(info.description, "402", f"{place}/description", gathered, is_error=must)
    _check_there(info.expires, "403", f"{place}/expires", gathered, is_error=must)
    _check_there(info.areas, "404", f"{place}/area", gathered, is_error=must)
    _check_there(info.instruction, "405", f"{place}/instruction", gathered)
    _check_there(info.headline, "406", f"{place}/headline", gathered)
    _check_there(info.response_types, "407", f"{place}/responseType", gathered)
    _check_there(info.sender_name, "408", f"{place}/senderName", gathered)
    _check_there(info.contact, "409", f"{place}/contact", gathered)
    for name, word in (("urgency", info.urgency), ("severity", info.severity), ("certainty", info.certainty)):
        if word == "Unknown":
            gathered.add("W410", f"{place}/{name}", _("is Unknown, by which nobody can decide anything"), _ASK)


def _check_there(value: object, code: str, place: str, gathered: Gathered, *, is_error: bool = False) -> None:
    if value in ("", (), None):
        gathered.add(f"{'E' if is_error else 'W'}{code}", place, _("is missing"), _ASK)


def _check_times(info: Info, sent: datetime, place: str, gathered: Gathered) -> None:
    begins = info.effective or sent
    if UNREAD_INSTANT in (begins, sent, info.onset, info.expires):
        return  # one of them could not be read, which has been said
    if begins < sent:
        message = _("is {effective}, before the message was sent, {sent}", effective=begins.isoformat(), sent=sent.isoformat())
        gathered.add("W411", f"{place}/effective", message, _("look at both instants and their offsets"))
    if info.onset and info.onset < begins:
        message = _(
            "is {onset}, before the alert takes effect, {effective}", onset=info.onset.isoformat(), effective=begins.isoformat()
        )
        gathered.add("W412", f"{place}/onset", message, _("look at both instants and their offsets"))
    if info.expires and info.expires <= max(begins, sent):
        message = _(
            "is {expires}, and the alert begins only {begins}",
            expires=info.expires.isoformat(),
            begins=max(begins, sent).isoformat(),
        )
        gathered.add("E413", f"{place}/expires", message, _("look at both instants and their offsets"))


def _check_headline(info: Info, place: str, gathered: Gathered) -> None:
    if len(info.headline) > MAX_HEADLINE:
        length, most = count(len(info.headline)), count(MAX_HEADLINE)
        message = _("has {length} characters; displays show {most}", length=length, most=most)
        gathered.add("W414", f"{place}/headline", message, _("say hazard, level and place first"))
    if info.headline and info.headline == info.description:
        gathered.add(
            "W415", f"{place}/headline", _("says the same as <description>"), _("say hazard, level and place in the headline")
        )
    if info.instruction and info.instruction == info.description:
        message = _("says the same as <description>")
        gathered.add("W416", f"{place}/instruction", message, _("say what happens in one, and what to do in the other"))


def _check_addresses(info: Info, place: str, gathered: Gathered) -> None:
    if not info.web:
        return
    if not is_absolute(info.web):
        message = _("is no whole address: {address}", address=shown(info.web))
        gathered.add("E417", f"{place}/web", message, _WRITE_ADDRESS)
    elif not info.web.lower().startswith("https:"):
        gathered.add("W418", f"{place}/web", _("is an address without https: {address}", address=shown(info.web)), _WRITE_ADDRESS)


def is_absolute(address: str) -> bool:
    """Tell whether an address says how and where it is fetched."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return bool(parts.scheme and (parts.netloc or parts.path) and not re.search(r"\s", address))


def _check_resource(resource: Resource, place: str, gathered: Gathered) -> None:
    if resource.mime_type and not _MEDIA_TYPE.fullmatch(resource.mime_type):
        message = _("says {type}, which is no media type", type=shown(resource.mime_type))
        gathered.add("W420", f"{place}/mimeType", message, _("write it like {example}", example="image/png"))
    if resource.size is not None and resource.size < 0:
        gathered.add("W421", f"{place}/size", _("is below 0"), _("write the size in bytes"))
    if resource.uri and not resource.deref_uri and not is_absolute(resource.uri):
        message = _("is no whole address: {address}", address=shown(resource.uri))
        gathered.add("W422", f"{place}/uri", message, _WRITE_ADDRESS)
    if resource.digest and not _SHA_1.fullmatch(resource.digest):
        message = _("is no SHA-1 digest: {digest}", digest=shown(resource.digest))
        gathered.add("W423", f"{place}/digest", message, _("write 40 hexadecimal digits"))
