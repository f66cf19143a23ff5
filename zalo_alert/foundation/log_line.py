"""One line of a log of what was said and done: its bytes on the disk, without secrets, and with a mark in a person's place.

A line is a JSON object in UTF-8 and a newline. Sentences stand in it twice: in English, for whoever looks at the file, and as
what they were made from, so that a reader reads them in their own language.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from zalo_alert.errors import SettingsInvalid
from zalo_alert.foundation.clock import in_vietnam
from zalo_alert.foundation.notices import Level
from zalo_alert.foundation.pseudonyms import Marks
from zalo_alert.language import Phrase, unpack

MOST_BYTES = 32_768  # of a line: far above what anything that is said needs
MOST_TEXT = 4_000  # characters of a sentence, or of a fact
_MOST_DEPTH = 6  # of facts within facts
_PACKED = "\x02"  # what `unpack` knows a packed phrase by
_PLAIN_MESSAGE = re.compile(r"(?:[^{}]|\{\w+\}|\{\{|\}\})*")  # whose fields are names alone: nothing to reckon or to widen
_LONGEST_INT = 1 << 63

# Ids of people and telephone numbers, however their digits are grouped. What hangs on a dash is a part of a run's name.
_PERSON = re.compile(r"(?<![\w-])(?:(?:\+?84[ .-]?|0)\d{2,3}[ .-]?\d{3}[ .-]?\d{3,4}(?!\d)|\+?\d{9,25}(?![\w-]))")
# What lets somebody in: a token, by its length or its name; a password within an address.
_SECRET = re.compile(
    r"(?P<name>(?i:(?:access_?|refresh_?)token|secret_key|app_?secret(?:_proof)?|appsecret_proof|password)[\"']?\s*[:=]\s*)"
    r"[^\s,;}]+|(?P<scheme>://)[^\s/@]+@|[A-Za-z0-9_.~+=-]{80,}"
)


@dataclass(frozen=True, slots=True)
class LogLine:
    """What one line tells.

    Args:
        at: When, with its zone.
        kind: Of what: a word that never changes.
        text: A sentence; one that can be said in another language where it was one.
        level: How loudly.
        process: Number of the process that wrote it.
        facts: What else belongs to it, as JSON knows it; sentences as in `text`.
    """

    at: datetime
    kind: str
    text: str = ""
    level: Level = Level.PLAIN
    process: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)


class Hiding:
    """Puts marks where people are named, and nothing where a secret stands.

    Args:
        state_folder: Of the workspace whose key makes the marks; None, and one without a key that can be used, makes no marks
            but a sign that somebody is meant.
    """

    def __init__(self, state_folder: Path | None) -> None:
        self._folder = state_folder
        self._marks: Marks | None = None

    def __call__(self, text: str) -> str:
        """Return a text in which nobody is named."""
        return _PERSON.sub(self._mark, _SECRET.sub(_without, text))

    def is_needed(self, text: str) -> bool:
        """Whether a text names anybody."""
        return bool(_SECRET.search(text) or _PERSON.search(text))

    def _mark(self, found: re.Match[str]) -> str:
        if self._folder is None or not (self._marks or self._folder.is_dir()):
            return "…"
        try:
            self._marks = self._marks or Marks(self._folder)
        except SettingsInvalid:
            self._folder = None
            return "…"
        return self._marks.of("".join(sign for sign in found[0] if sign.isdigit()))


def _without(found: re.Match[str]) -> str:
    if found["scheme"]:
        return "://…@"
    return f"{found['name'] or ''}…"


# --- written -------------------------------------------------------------------------------------------------------------


def encode(line: LogLine, hide: Hiding) -> bytes:
    """Return a line's bytes, newline included; whatever it holds, it fits and raises nothing."""
    sentences: dict[str, Any] = {}
    body: dict[str, Any] = {
        "at": in_vietnam(line.at).isoformat(timespec="milliseconds"), "kind": line.kind, "level": line.level.value,
        "process": line.process or os.getpid(), "text": _sentence("text", line.text, hide, sentences),
    }  # fmt: skip
    facts = {name: _fact(name, value, hide, sentences) for name, value in line.facts.items()}
    raw = _dumps(body | ({"facts": facts} if facts else {}) | ({"sentences": sentences} if sentences else {}))
    return raw if len(raw) <= MOST_BYTES else _dumps(body | {"facts": {"left_out": list(facts)[:20]}})


def _dumps(body: Mapping[str, Any]) -> bytes:
    return orjson.dumps(body, option=orjson.OPT_APPEND_NEWLINE)


def _fact(name: str, value: object, hide: Hiding, sentences: dict[str, Any]) -> Any:
    return _sentence(name, value, hide, sentences) if isinstance(value, Phrase) else _plain(value, hide, _MOST_DEPTH)


def _sentence(name: str, text: str, hide: Hiding, sentences: dict[str, Any]) -> str:
    """Return a sentence in English, and keep what it is made from."""
    if not isinstance(text, Phrase) or len(text) > MOST_TEXT:
        return _text(text, hide)
    packed = text.packed()
    if hide.is_needed(text):
        packed = _hidden(packed, hide)
        text = _text(unpack(_PACKED + orjson.dumps(_plain(packed, hide, 100)).decode()), hide)
    sentences[name] = _plain(packed, str, 100)
    return _text(text, str)


def _hidden(packed: Any, hide: Hiding) -> Any:
    """Hide what stands in the fields of a packed phrase; its message is ours."""
    match packed:
        case str():
            return hide(packed)
        case ["s", message, fields, *others]:
            return ["s", message, {name: _hidden(value, hide) for name, value in fields.items()}, *others]
        case list():
            return [packed[0], *(_hidden(part, hide) for part in packed[1:])] if packed else packed
    return packed


def _text(text: str, hide: Callable[[str], str]) -> str:
    text = hide(str.__str__(text)[: 4 * MOST_TEXT])  # more than is kept: an id that is cut in two would not be known for one
    short = text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 1]}…"
    return short.encode("utf-8", "replace").decode()  # bytes of a command line that are no text become question marks


def _plain(value: object, hide: Callable[[str], str], depth: int) -> Any:
    """Return a value as JSON knows it."""
    match value:
        case None | bool() | float():
            return value
        case int():
            return value if -_LONGEST_INT <= value < _LONGEST_INT else str(value)
        case datetime():
            return in_vietnam(value).isoformat() if value.tzinfo else value.isoformat()
        case Mapping() if depth:
            return {_text(str(name), hide): _plain(inner, hide, depth - 1) for name, inner in value.items()}
        case list() | tuple() | set() | frozenset() if depth:
            return [_plain(inner, hide, depth - 1) for inner in value]
    return _text(str(value), hide)


# --- read ----------------------------------------------------------------------------------------------------------------


def decode(raw: bytes) -> LogLine | None:
    """Read a line; None when it is not a whole one.

    Args:
        raw: Its bytes, with or without the newline.
    """
    try:
        kept = orjson.loads(raw)
        at = datetime.fromisoformat(kept["at"])
        sentences, facts = dict(kept.get("sentences") or {}), dict(kept.get("facts") or {})
        facts = {name: _said(value, sentences.get(name)) for name, value in facts.items()}
        level = kept.get("level", "")
        if at.tzinfo is None:
            return None
        return LogLine(
            at, str(kept["kind"]), _said(str(kept["text"]), sentences.get("text")),
            Level(level) if level in tuple(Level) else Level.PLAIN, int(kept.get("process", 0)), facts,
        )  # fmt: skip
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None


def _said(text: Any, packed: Any) -> Any:
    """Return a sentence as what it was made from, where that is the same sentence; anything else as it is."""
    if packed is None or not isinstance(text, str) or not _is_sound(packed):
        return text
    try:
        said = unpack(_PACKED + orjson.dumps(packed).decode())
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError):
        return text
    return said if said == text else text


def _is_sound(packed: Any) -> bool:
    """Whether a packed phrase reckons nothing when it is said: the file may be damaged, or somebody else's."""
    match packed:
        case ["s", str() as message, dict() as fields, str() as plural, *_]:
            is_plain = not fields or all(map(_PLAIN_MESSAGE.fullmatch, (message, plural)))
            return is_plain and all(map(_is_sound, fields.values()))
        case ["s", *_]:
            return False
        case list():
            return all(map(_is_sound, packed))
    return True
