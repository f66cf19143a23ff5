"""A CAP document as bytes: UTF-8, the schema's order, no attributes but the namespace, instants at +07:00 and whole seconds."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from zalo_alert.cap.document import NAMESPACE, Alert, Circle, Polygon, Reference
from zalo_alert.cap.shape import ALERT, Kind, Slot, Table
from zalo_alert.cap.values import SPACE, YEARS, is_language
from zalo_alert.errors import InputInvalid
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.language import _, joined

_UNWRITABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 has no way to write
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
    return "".join((_HEAD, *lines, "</alert>\n")).encode()


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
    return stripped


def _known(word: str, slot: Slot, place: str) -> str:
    is_known = word in slot.words if slot.words else is_language(word)
    if not is_known:
        raise _refused(place, _("says {word}, which CAP does not know", word=f'"{word}"'))
    return word


def _instant(instant: datetime, place: str) -> str:
    _check_instant(instant, place)
    return instant.astimezone(VIETNAM).isoformat(timespec="seconds")


def _check_instant(instant: datetime, place: str) -> None:
    if instant.tzinfo is None or instant.year not in YEARS:
        raise _refused(place, _("is no instant of our days with a time zone: {instant}", instant=instant.isoformat()))


def _quoted(word: str, place: str) -> str:
    if not word or (re.search(r"\s", word) and '"' in word) or word.startswith('"'):
        raise _refused(place, _("has a word that cannot stand in a list of CAP: {word}", word=f"«{word}»"))
    return f'"{word}"' if re.search(r"\s", word) else word


def _reference(reference: Reference, place: str) -> str:
    _check_instant(reference.sent, place)
    if any(re.search(r"[\s,]", name) or not name for name in (reference.sender, reference.identifier)):
        raise _refused(place, _("names a message with a space or a comma in its name: {name}", name=reference.identifier))
    sent = reference.sent.isoformat(timespec="seconds")
    # CAP writes UTC as -00:00, an offset below a minute not at all.
    is_utc = reference.sent.utcoffset() == timedelta()
    sent = reference.sent.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "-00:00") if is_utc else sent
    return f"{reference.sender},{reference.identifier},{sent}"


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
