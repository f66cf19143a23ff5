"""Sentences that know what they were made from, so that whoever shows one can say it in another language.

A sentence is a `str` in English: tests, logs and JSON take it as it is. Beside that it keeps its message (the English text with
named fields, gettext's id) and the fields, which may be sentences themselves. Nothing here knows which language a person reads.

What a person can do stands in a sentence between ⟨ and ⟩ (see `errors.Step`), and only whoever made it a `Marked` text may put it
there: in a field of another kind, which may be a stranger's, the marks become quotation marks.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import orjson

from zalo_alert.language.catalogue import Catalogue
from zalo_alert.language.keys import KEPT

MAX_KEY = 60  # characters: what a log line has room for
_FIELD = re.compile(r"\{[^{}]*\}")
_NOT_WORD = re.compile(r"[^a-z0-9]+")


class Phrase(str):
    """Text in English that can say itself in another language."""

    __slots__ = ()

    def __str__(self) -> str:
        return self  # the default makes a plain copy, which would forget everything

    def said_in(self, catalogue: Catalogue) -> str:
        """Return the text in the catalogue's language."""
        raise NotImplementedError

    def packed(self) -> Any:
        """Return what `unpack` makes the same phrase of: plain lists, texts and numbers."""
        raise NotImplementedError

    def exchanged(self, others: Mapping[str, str]) -> str:
        """Return the phrase with other things that a person can do: each by the text of the one that stood there.

        Numbers, instants and days say nothing that anybody can do.
        """
        return self


class Sentence(Phrase):
    """A message with its fields filled in.

    Args:
        message: The English text; `{names}` in it are fields where there are any. gettext's id.
        fields: What stands in it: phrases are said in the reader's language, everything else as it is.
        plural: The message for any number but 1; "" where the number doesn't matter.
        number: Which form is meant.
    """

    __slots__ = ("fields", "message", "number", "plural")
    message: str
    fields: Mapping[str, object]
    plural: str
    number: int

    def __new__(cls, message: str, fields: Mapping[str, object], plural: str = "", number: int = 1) -> "Sentence":
        """Fill in the fields in English."""
        english = plural if plural and number != 1 else message
        kept = {name: _kept(value) for name, value in fields.items()}
        self = super().__new__(cls, english.format(**kept) if kept else english)
        self.message, self.fields, self.plural, self.number = message, kept, plural, number
        return self

    def __reduce__(self) -> Any:
        return Sentence, (self.message, self.fields, self.plural, self.number)

    @property
    def key(self) -> str:
        """What scripts go by: the same for as long as the sentence means the same, however it is worded."""
        return KEPT.get(self.message) or key_of(self.message)

    def said_in(self, catalogue: Catalogue) -> str:
        """Return the text in the catalogue's language; see `Phrase`."""
        text = catalogue.text(self.message, self.plural, self.number)
        return text.format(**{name: said_in(value, catalogue) for name, value in self.fields.items()}) if self.fields else text

    def packed(self) -> Any:
        """See `Phrase`; fields that are no phrases are kept as text."""
        return ["s", self.message, {name: _packed(value) for name, value in self.fields.items()}, self.plural, self.number]

    def exchanged(self, others: Mapping[str, str]) -> str:
        """See `Phrase`."""
        fields = {name: _exchanged(value, others) for name, value in self.fields.items()}
        return Sentence(self.message, fields, self.plural, self.number)


class Marked(Phrase):
    """Text that stands for something a person can do, marks and all; the same in every language."""

    __slots__ = ()

    def said_in(self, catalogue: Catalogue) -> str:
        """See `Phrase`."""
        return str.__str__(self)

    def packed(self) -> Any:
        """See `Phrase`."""
        return ["k", str.__str__(self)]

    def exchanged(self, others: Mapping[str, str]) -> str:
        """See `Phrase`."""
        return Marked(others.get(self, self))


class Joined(Phrase):
    """Phrases and texts one after another.

    Args:
        parts: In order.
        separator: What stands between two; may be a phrase.
    """

    __slots__ = ("parts", "separator")
    parts: tuple[str, ...]
    separator: str

    def __new__(cls, parts: Iterable[object], separator: str = "") -> "Joined":
        """Join in English."""
        kept = tuple(str(_kept(part)) for part in parts)
        self = super().__new__(cls, separator.join(kept))
        self.parts, self.separator = kept, separator
        return self

    def __reduce__(self) -> Any:
        return Joined, (self.parts, self.separator)

    def said_in(self, catalogue: Catalogue) -> str:
        """Return the text in the catalogue's language; see `Phrase`."""
        return said_in(self.separator, catalogue).join(said_in(part, catalogue) for part in self.parts)

    def packed(self) -> Any:
        """See `Phrase`."""
        return ["j", [_packed(part) for part in self.parts], _packed(self.separator)]

    def exchanged(self, others: Mapping[str, str]) -> str:
        """See `Phrase`."""
        return Joined((_exchanged(part, others) for part in self.parts), self.separator)


def _(message: str, /, **fields: object) -> str:
    """Make a sentence of a message and its fields; `tools/catalogue.py` finds the message by this name."""
    return Sentence(message, fields)


def _n(one: str, many: str, number: int, /, **fields: object) -> str:
    """Make a sentence that counts: `one` for the number 1, `many` for every other; languages may have other forms."""
    return Sentence(one, fields, many, number)


def joined(parts: Iterable[object], separator: str = ", ") -> str:
    """Join phrases and texts, as `separator.join` does, and keep what they were made from."""
    return Joined(parts, separator)


def said_in(value: object, catalogue: Catalogue) -> str:
    """Return the text of anything: a phrase in the catalogue's language, everything else as it is."""
    text = str(value)
    return text.said_in(catalogue) if isinstance(text, Phrase) else text


def key_of(message: str) -> str:
    """Make the key of a message from its English words, the fields left out."""
    words = _NOT_WORD.sub("-", _FIELD.sub(" ", message).lower()).strip("-")
    return words if len(words) <= MAX_KEY else words[:MAX_KEY].rpartition("-")[0]


def _kept(value: object) -> object:
    """Return a field as it is kept: a number or a phrase as it is, anything else as text in which nothing looks like a step."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = str(value)
    return text if isinstance(text, Phrase) else text.replace("⟨", "‹").replace("⟩", "›")


_PACKED = "\x02"  # what begins a packed phrase, and no other text on the disk


def pack(text: str) -> str:
    """Return a text for the disk from which `unpack` makes the same phrase; what is no phrase stays as it is."""
    return _PACKED + orjson.dumps(text.packed()).decode() if isinstance(text, Phrase) else text.lstrip(_PACKED)


def unpack(text: str) -> str:
    """Return what was packed; anything else as it is, also what an earlier version kept."""
    return _unpacked(orjson.loads(text[1:])) if text.startswith(_PACKED) else text


def _exchanged(value: object, others: Mapping[str, str]) -> object:
    return value.exchanged(others) if isinstance(value, Phrase) else value


def _packed(value: object) -> Any:
    text = str(value)
    return text.packed() if isinstance(text, Phrase) else text


def _unpacked(kept: Any) -> str:
    match kept:
        case str():
            return kept
        case ["k", text]:
            return Marked(text)
        case ["s", message, fields, plural, number]:
            return Sentence(message, {name: _unpacked(value) for name, value in fields.items()}, plural, number)
        case ["j", parts, separator]:
            return Joined([_unpacked(part) for part in parts], _unpacked(separator))
        case [kind, *arguments]:
            phrase: Phrase = Kinds.by_name[kind](*arguments)
            return phrase
    raise ValueError(f"no phrase: {kept!r}")


class Kinds:
    """The other kinds of phrase, by the name under which they are packed; each module names its own here."""

    by_name: ClassVar[dict[str, Any]] = {}
