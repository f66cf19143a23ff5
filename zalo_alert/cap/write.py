"""A CAP document as bytes: UTF-8, the schema's order, no attributes but the namespace, instants at +07:00 and whole seconds."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from zalo_alert.cap.document import NAMESPACE, Alert, Circle, Polygon, Reference
from zalo_alert.cap.shape import ALERT, Kind, Slot, Table
from zalo_alert.cap.tree import MAX_BYTES
from zalo_alert.cap.values import MAX_TEXT, SPACE, YEARS, is_language
from zalo_alert.errors import InputInvalid
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.language import _, count, joined

_UNWRITABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 has no way to write
_GAP = re.compile(r"[ \t\r\n]")
_NOT_IN_NAME = re.compile(r"[ \t\r\n,]")
_HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<alert xmlns="{NAMESPACE}">\n'
_INDENT = "  "


def write(alert: Alert) -> bytes:
    """Return the file of an alert; read again, it is an equal one.

    Instants lose what they have below a second. Those of references keep their own offset, as other systems compare them as text.

    Raises:
        InputInvalid: Something in it cannot stand in a CAP file: a sign that XML has no way to write, a word that CAP does not
            know, a required text that is empty. The sentence says where.
    """
    lines = _elements(alert, ALERT, "/alert", _INDENT)
    data = "".join((_HEAD, *lines, "</alert>\n")).encode()
    if len(data) > MAX_BYTES:
        raise InputInvalid(
            _("the alert has {size} bytes as CAP; at most {most} can be read", size=count(len(data)), most=count(MAX_BYTES))
        )
    return data


def _elements(value: Any, table: Table, place: str, indent: str) -> Iterator[str]:
    for slot in table.slots:
        held = getattr(value, slot.field)
        values = held if slot.is_many else (held,) if held not in ("", (), None) else ()
        if slot.is_required and not values:
            raise _refused(f"{place}/{slot.name}", _("is missing, and CAP requires it"))
        for number, one in enumerate(values, 1):
            own = f"{place}/{slot.name}[{number}]" if slot.is_many else f"{place}/{slot.name}"
            yield from _element(one, slot, own, indent)


def _element(value: Any, slot: Slot, place: str, indent: str) -> Iterator[str]:
    if slot.inner:
        yield f"{indent}<{slot.name}>\n"
        yield from _elements(value, slot.inner, place, indent + _INDENT)
        yield f"{indent}</{slot.name}>\n"
    else:
        yield f"{indent}<{slot.name}>{_escaped(_text(value, slot, place), place)}</{slot.name}>\n"


def _escaped(text: str, place: str) -> str:
    if sign := _UNWRITABLE.search(text):
        raise _refused(place, _("has the sign U+{code} in it, which XML cannot hold: take it out", code=f"{ord(sign[0]):04X}"))
    return escape(text, {"\r": "&#13;"})


def _refused(place: str, why: str) -> InputInvalid:
    return InputInvalid(joined((place, why), " "))


def _text(value: Any, slot: Slot, place: str) -> str:
    match slot.kind:
        case Kind.INSTANT:
            return _instant(value, place)
        case Kind.WORDS:
            return " ".join(_quoted(word, place) for word in value)
        case Kind.REFERENCES:
            return " ".join(_reference(one, place) for one in value)
        case Kind.POLYGON:
            return _points(value, place)
        case Kind.CIRCLE:
            return _circle(value, place)
        case Kind.DECIMAL:
            return _decimal(value, place)
        case Kind.WORD | Kind.LANGUAGE:
            return _known(value, slot, place)
        case _:
            return _stripped(str(value), slot, place)


def _stripped(text: str, slot: Slot, place: str) -> str:
    stripped = text.strip(SPACE)
    if slot.is_required and not stripped:
        raise _refused(place, _("is empty, and CAP requires it"))
    if len(stripped) > MAX_TEXT:
        raise _refused(
            place, _("has {length} characters; at most {most} are read", length=count(len(stripped)), most=count(MAX_TEXT))
        )
    return stripped


def _known(word: str, slot: Slot, place: str) -> str:
    is_known = word in slot.words if slot.words else is_language(word)
    if not is_known:
        raise _refused(place, _("says {word}, which CAP does not know", word=f'"{word}"'))
    return word


def _instant(instant: datetime, place: str) -> str:
    return _vietnams(instant, place).isoformat(timespec="seconds")


def _vietnams(instant: datetime, place: str) -> datetime:
    is_near = instant.tzinfo is not None and instant.year in YEARS  # so near that it has a time in every zone
    if not is_near or instant.astimezone(VIETNAM).year not in YEARS:
        raise _refused(place, _("is no instant of our days with a time zone: {instant}", instant=instant.isoformat()))
    return instant.astimezone(VIETNAM)


def _quoted(word: str, place: str) -> str:
    has_gap = _GAP.search(word)
    if not word or word.startswith('"') or (has_gap and '"' in word):
        raise _refused(place, _("has a word that cannot stand in a list of CAP: {word}", word=f"«{word}»"))
    return f'"{word}"' if has_gap else word


def _reference(reference: Reference, place: str) -> str:
    if any(not name or _NOT_IN_NAME.search(name) for name in (reference.sender, reference.identifier)):
        raise _refused(place, _("names a message with a space or a comma in its name: {name}", name=reference.identifier))
    return f"{reference.sender},{reference.identifier},{_as_sent(reference.sent, place)}"


def _as_sent(instant: datetime, place: str) -> str:
    """Write an instant with its own offset, as CAP writes UTC: -00:00; with Vietnam's where CAP has no way to write its own."""
    there = _vietnams(instant, place)
    offset = instant.utcoffset() or timedelta()
    is_writable = not offset % timedelta(minutes=1) and abs(offset) <= timedelta(hours=14) and instant.year in YEARS
    written = (instant if is_writable else there).isoformat(timespec="seconds")
    return written.replace("+00:00", "-00:00")


def _points(polygon: Polygon, place: str) -> str:
    if not polygon:
        raise _refused(place, _("has no points"))
    return " ".join(f"{_decimal(point.lat, place)},{_decimal(point.lon, place)}" for point in polygon)


def _circle(circle: Circle, place: str) -> str:
    lat, lon, radius = (_decimal(number, place) for number in circle)
    return f"{lat},{lon} {radius}"


def _decimal(number: Decimal, place: str) -> str:
    if not number.is_finite():
        raise _refused(place, _("is no number: {number}", number=number))
    return f"{number:f}"
