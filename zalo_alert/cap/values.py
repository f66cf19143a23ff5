"""The text of one element as a value: instants, numbers, corners, words of a list. What cannot be read is said, never guessed."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from zalo_alert.cap.document import Circle, Point, Reference
from zalo_alert.cap.shape import Kind, Slot
from zalo_alert.language import _, count, joined

SPACE = " \t\r\n"  # what XML calls white space
YEARS = range(1970, 2101)  # beyond them it is a slip of the pen, and reckoning could leave the calendar
MAX_TEXT = 50_000  # characters: the longest bulletin has a fifth of that
MAX_POINTS = 10_000  # of a polygon: a province's coast has a tenth of that
MAX_SHOWN = 40  # characters of a strange text that a sentence shows
MAX_DIGITS = 20  # of a number before and behind the point

# What stands where a value could not be read, so that no rule complains of it a second time.
UNREAD_INSTANT = datetime(1, 1, 3, tzinfo=UTC)
UNREAD_NUMBER = Decimal("NaN")
UNREAD_CIRCLE = Circle(UNREAD_NUMBER, UNREAD_NUMBER, UNREAD_NUMBER)

_INSTANT = re.compile(r"([0-9]{4})-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:([0-9]{2})([+-])([0-9]{2}):([0-9]{2})")
_WITHOUT_ZONE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")
_NUMBER = re.compile(rf"[+-]?[0-9]{{1,{MAX_DIGITS}}}(?:\.[0-9]{{0,{MAX_DIGITS}}})?")
_INTEGER = re.compile(rf"[+-]?[0-9]{{1,{MAX_DIGITS}}}")
_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*")
_GAPS = re.compile(r"[ \t\r\n]+")  # and no other space: a name may have one in it
_QUOTED = re.compile(r'"([^"]*)"|([^ \t\r\n]+)')
_REPLACED = {"Very Likely": "Likely"}  # CAP 1.0's; the standard says to take it so

_WRITE_INSTANT = _("write it like {example}", example="2026-09-18T14:00:00+07:00")
_WRITE_PAIR = _("write each corner as latitude,longitude in degrees, like {example}", example="16.75,107.19")


class Fault(NamedTuple):
    """What is wrong with a text; see `Finding`."""

    code: str
    message: str
    fix: str


Read = tuple[Any, list[Fault]]  # the value, or what stands for it


def shown(text: str) -> str:
    """Return a strange text as a sentence shows it: in quotes, on one line, short."""
    flat = " ".join(text[: 2 * MAX_SHOWN].split())
    return f'"{flat[:MAX_SHOWN]}…"' if len(flat) > MAX_SHOWN or len(text) > 2 * MAX_SHOWN else f'"{flat}"'


def is_language(text: str) -> bool:
    """Tell whether a text has the form of a language's name, like `vi-VN`."""
    return bool(_LANGUAGE.fullmatch(text))


def value_of(raw: str, slot: Slot, *, is_lenient: bool = False) -> Read:
    """Read the text of an element.

    Args:
        raw: As it stands, white space included.
        slot: What the element is.
        is_lenient: Whether instants may end in Z or have no offset: then they are taken as UTC, and as Vietnam's.
    """
    text = raw.strip(SPACE)
    if len(text) > MAX_TEXT and slot.kind is not Kind.POLYGON:
        return _unread(slot.kind), [_too_long(len(text))]
    if slot.kind is Kind.INSTANT:
        return _instant(text, is_lenient=is_lenient)
    if slot.kind is Kind.REFERENCES:
        return _references(text, is_lenient=is_lenient)
    if slot.kind is Kind.WORD:
        value, faults = _word(text, slot)
        return value, [*faults, *([_spaced(raw)] if raw != text else [])]
    return _READERS.get(slot.kind, _text)(text)


def _too_long(length: int) -> Fault:
    return Fault(
        "E270",
        _("has {length} characters; at most {most} are read", length=count(length), most=count(MAX_TEXT)),
        _("ask the sender for a shorter text"),
    )


def _unread(kind: Kind) -> Any:
    unread = {Kind.INSTANT: UNREAD_INSTANT, Kind.CIRCLE: UNREAD_CIRCLE, Kind.DECIMAL: UNREAD_NUMBER, Kind.INTEGER: None}
    return () if kind in (Kind.WORDS, Kind.REFERENCES) else unread.get(kind, "")


def _text(text: str) -> Read:
    return text, []


def _word(text: str, slot: Slot) -> Read:
    if text in slot.words:
        return text, []
    if text in _REPLACED and _REPLACED[text] in slot.words:
        word = _REPLACED[text]
        message = _("says {old}, a word of CAP 1.0; taken as {new}", old=shown(text), new=f'"{word}"')
        return word, [Fault("W203", message, _("write {word}", word=f'"{word}"'))]
    message = _("says {word}, which CAP does not know here", word=shown(text))
    return "", [Fault("E201", message, _one_of(slot.words))]


@cache
def _one_of(words: tuple[str, ...]) -> str:
    return _("write one of these: {words}", words=joined(words))


def _spaced(raw: str) -> Fault:
    return Fault("W202", _("has white space round its word: {text}", text=shown(raw)), _("take the spaces and line breaks out"))


def _language(text: str) -> Read:
    if is_language(text):
        return text, []
    message = _("says {text}, which is no name of a language", text=shown(text))
    return "", [Fault("E260", message, _("write it like {example}", example="vi-VN"))]


def _instant(text: str, *, is_lenient: bool = False) -> Read:
    if text[-1:] in ("Z", "z") and _WITHOUT_ZONE.fullmatch(text[:-1]):
        return _without_offset(text[:-1], "+00:00", _Z, is_lenient=is_lenient)
    if _WITHOUT_ZONE.fullmatch(text):
        return _without_offset(text, "+07:00", _NO_OFFSET, is_lenient=is_lenient)
    instant, fault = _strict(text)
    return instant, [fault] if fault else []


_Z = Fault("E211", _("ends in Z, which CAP does not allow"), _("write +07:00, or -00:00 for UTC"))
_NO_OFFSET = Fault("E212", _("has no offset from UTC, so nobody knows which hour is meant"), _("add +07:00"))


def _without_offset(text: str, offset: str, fault: Fault, *, is_lenient: bool) -> Read:
    instant, other = _strict(text + offset)
    if other:
        return instant, [other]
    if not is_lenient:
        return UNREAD_INSTANT, [fault]
    taken = _("{why}; taken as {instant}", why=fault.message, instant=text + offset)
    return instant, [Fault(fault.code.replace("E", "W"), taken, fault.fix)]


def _strict(text: str) -> tuple[datetime, Fault | None]:
    match = _INSTANT.fullmatch(text)
    if not match:
        return UNREAD_INSTANT, Fault("E210", _("says {text}, which is no instant of CAP", text=shown(text)), _WRITE_INSTANT)
    year, second, _sign, hours, minutes = match.groups()
    if second == "60":
        return UNREAD_INSTANT, Fault("E214", _("has a second 60: computers know no leap second"), _("write second 59"))
    if int(hours) * 60 + int(minutes) > 14 * 60 or int(minutes) > 59:
        return UNREAD_INSTANT, Fault(
            "E215", _("has an offset that does not exist: {offset}", offset=text[-6:]), _("write +07:00")
        )
    if int(year) not in YEARS:
        return UNREAD_INSTANT, Fault("E213", _("is in the year {year}", year=year), _("is the date right?"))
    return _on_the_calendar(text)


def _on_the_calendar(text: str) -> tuple[datetime, Fault | None]:
    try:
        return datetime.fromisoformat(text), None
    except ValueError:
        message = _("says {text}, a day or an hour that does not exist", text=shown(text))
        return UNREAD_INSTANT, Fault("E216", message, _WRITE_INSTANT)


def _words(text: str) -> Read:
    words = [quoted or plain for quoted, plain in _QUOTED.findall(text)]
    is_open = any(word.startswith('"') for word in words)
    fault = Fault("W280", _("has a quotation mark without its other"), _("put what has spaces between two quotation marks"))
    return tuple(word for word in words if word), [fault] if is_open else []


def _split(text: str) -> list[str]:
    return _GAPS.split(text) if text else []


def _references(text: str, *, is_lenient: bool) -> Read:
    references, faults = [], []
    for word in _split(text):
        reference, fault = _reference(word, is_lenient=is_lenient)
        references += [reference] if reference else []
        faults += [fault] if fault else []
    return tuple(references), faults


def _reference(word: str, *, is_lenient: bool) -> tuple[Reference | None, Fault | None]:
    parts = word.split(",")
    if len(parts) != 3 or not all(parts):
        message = _("says {text}, which names no message", text=shown(word))
        return None, Fault("E220", message, _("write sender,identifier,sent, with a space between two messages"))
    sent, faults = _instant(parts[2], is_lenient=is_lenient)
    if sent is UNREAD_INSTANT:
        message = _("names a message by an instant that cannot be: {text}", text=shown(word))
        return None, Fault("E221", message, _WRITE_INSTANT)
    return Reference(parts[0], parts[1], sent), faults[0] if faults else None


def _polygon(text: str) -> Read:
    pairs = _split(text)
    if len(pairs) > MAX_POINTS:
        number, most = count(len(pairs)), count(MAX_POINTS)
        message = _("has {number} corners; at most {most} are read", number=number, most=most)
        return (), [Fault("E231", message, _("ask the sender for a simpler outline"))]
    points = [_point(pair) for pair in pairs]
    if all(points):
        return tuple(points), [] if points else [Fault("E232", _("has no corners"), _WRITE_PAIR)]
    strange = next(pair for pair, point in zip(pairs, points, strict=True) if not point)
    return (), [Fault("E230", _("says {text}, which is no corner", text=shown(strange)), _WRITE_PAIR)]


def _point(pair: str) -> Point | None:
    lat, _comma, lon = pair.partition(",")
    return Point(Decimal(lat), Decimal(lon)) if _NUMBER.fullmatch(lat) and _NUMBER.fullmatch(lon) else None


def _circle(text: str) -> Read:
    pair, _gap, radius = " ".join(_split(text)).partition(" ")
    point = _point(pair)
    if point and _NUMBER.fullmatch(radius):
        return Circle(*point, Decimal(radius)), []
    message = _("says {text}, which is no circle", text=shown(text))
    return UNREAD_CIRCLE, [Fault("E240", message, _("write latitude,longitude, a space, and the radius in kilometres"))]


def _decimal(text: str) -> Read:
    if _NUMBER.fullmatch(text):
        return Decimal(text), []
    return UNREAD_NUMBER, [_no_number(text)]


def _integer(text: str) -> Read:
    return (int(text), []) if _INTEGER.fullmatch(text) else (None, [_no_number(text)])


def _no_number(text: str) -> Fault:
    return Fault(
        "E250", _("says {text}, which is no number here", text=shown(text)), _("write it in digits, like {example}", example="12")
    )


_READERS: dict[Kind, Callable[[str], Read]] = {
    Kind.LANGUAGE: _language,
    Kind.WORDS: _words,
    Kind.POLYGON: _polygon,
    Kind.CIRCLE: _circle,
    Kind.DECIMAL: _decimal,
    Kind.INTEGER: _integer,
}
