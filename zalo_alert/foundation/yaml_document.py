"""YAML files as plain data that remembers where everything stood.

Owns YAML; knows nothing of campaigns or settings. Stricter than YAML 1.2: one document, no anchors, no tags, no key twice, and a
date, `no` or `0123` stays the text that was typed.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import getitem
from typing import Any, NamedTuple, NoReturn, TypeAlias

import yaml

from zalo_alert.errors import Problem
from zalo_alert.foundation import invisible
from zalo_alert.language import _, count, joined

KeyPath: TypeAlias = tuple[str | int, ...]
_Event: TypeAlias = Any  # the stubs call every mark optional; PyYAML's parser always sets both

MAX_SIZE_BYTES = 1 << 20  # a campaign is a few kilobytes; a megabyte is the wrong file
MAX_DEPTH = 20
MAX_VALUES = 50_000  # more than every commune there is, and read in a second
MAX_PROBLEMS = 100  # nobody reads further, and a wrong file has a hundred thousand

_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INT = re.compile(r"-?(0|[1-9][0-9]{0,39})")  # longer ones stay text: no field holds them, and Python refuses 4,301 digits
_FLOAT = re.compile(r"-?(0|[1-9][0-9]{0,39})(\.[0-9]{1,40})?([eE][-+]?[0-9]{1,3})?")
_WORD = re.compile("[A-Za-z_]+")
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | {
    word: value for value in (True, False) for word in (str(value), str(value).lower(), str(value).upper())
}
_TO_COMMENT = re.compile(r"[ \t]*(?:\r?\n[ \t]*)*(?=#)")
_COMMENT = re.compile(r"[ \t](?=#)")
ODD_COLON = re.compile(
    r"^[ \t]*(?:- +)?[A-Za-z_][A-Za-z0-9_]*[ \u00a0]*"
    r"([\uff1a\ufe55\ufe13]|:(?=[\u00a0\u2000-\u200f\u202f\u205f\u2060\u3000\ufeff]))",
    re.MULTILINE,
)
_IN_FLOW = _("between brackets a text with ? or , or a bracket in it must stand in quotes")
# PyYAML's sentences (by how they begin) and ours.
_SYNTAX = (
    ("found character '\\t'", _("a tab can't indent: use spaces")),
    ("found character", _("this character can't begin a value: put the text in quotes")),
    ("mapping values are not allowed here", _('a ": " where none can stand: put the text in quotes, or check the line above')),
    ("could not find expected ':'", _('a key needs ": " and a value after it')),
    ("expected <block end>", _("this doesn't line up with what stands above: check the indentation and the quotes")),
    ("found unexpected end of stream", _("a quote is opened and never closed")),
    ("expected ',' or ']', but got '?'", _IN_FLOW),
    ("expected ',' or '}', but got '?'", _IN_FLOW),
    ("expected ',' or ']'", _("a list opened with [ is not closed with ], or a comma is missing; {in_flow}", in_flow=_IN_FLOW)),
    (
        "expected ',' or '}'",
        _("a mapping opened with {{ is not closed with }}, or a comma is missing; {in_flow}", in_flow=_IN_FLOW),
    ),
    ("found unknown escape character", _("in double quotes a backslash starts an escape: use single quotes")),
    ("expected chomping", _("after | or > nothing but a comment may follow on the line")),
    ("expected a comment or a line break", _("after | or > nothing but a comment may follow on the line")),
)


class Position(NamedTuple):
    """Where a value stands: lines and columns count from 1, `start` and `end` are offsets in characters."""

    key: tuple[int, int]
    value: tuple[int, int]
    start: int
    end: int
    style: str  # "|", ">", '"', "'", or "" of a text without quotes and of what is no text

    @property
    def literal(self) -> bool:
        """Whether every line stands for itself."""
        return self.style == "|"


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file as plain data; `data` is None when nothing could be read, and `problems` says why."""

    file: str
    text: str = field(repr=False)
    data: Any
    problems: tuple[Problem, ...]
    positions: Mapping[KeyPath, Position] = field(repr=False)

    def position(self, path: KeyPath) -> tuple[int, int]:
        """Return line and column, from 1, of a value; of the nearest one around it when there is none."""
        position = self._nearest(path)
        return position.value if position else (0, 0)

    def key_position(self, path: KeyPath) -> tuple[int, int]:
        """Return line and column, from 1, of a value's key."""
        position = self._nearest(path)
        return position.key if position else (0, 0)

    def line_position(self, path: KeyPath, number: int) -> tuple[int, int]:
        """Return where the `number`-th line (from 1) of a text stands; exact for `|` blocks, else where the text begins."""
        position = self._nearest(path)
        if position is None or not position.literal:
            return self.position(path)
        line = position.value[0] + number
        written = self.text.splitlines()[line - 1 : line]
        return line, 1 + (len(written[0]) - len(written[0].lstrip()) if written else 0)

    def span(self, path: KeyPath) -> tuple[int, int]:
        """Return where a value's text begins and ends, as offsets into `text`."""
        position = self.positions[path]
        return position.start, position.end

    def value(self, path: KeyPath) -> Any:
        """Return a value; None for one that stands twice, of which only the first was kept."""
        try:
            return reduce(getitem, path, self.data)
        except (KeyError, IndexError, TypeError):
            return None

    def typed(self, path: KeyPath) -> str:
        """Return a value as it was typed; "" when there is none at `path`."""
        position = self.positions.get(path)
        return self.text[position.start : position.end] if position else ""

    def cut(self, path: KeyPath) -> tuple[int, int] | None:
        """Return where a comment begins that a text without quotes runs into: whoever typed it may have meant it as text.

        On the same line, or on a line below that stands further in than the text's key. None when there is none.
        """
        position = self.positions[path]
        if position.style in {'"', "'"} or (found := _TO_COMMENT.match(self.text, position.end)) is None:
            return None
        line, column = line_column(self.text[: found.end()])
        is_beside = position.style == "" and "\n" not in found[0]
        return (line, column) if is_beside or column > position.key[1] else None

    def problem(self, path: KeyPath, message: str, at: tuple[int, int] | None = None) -> Problem:
        """Make a problem of the value at `path`, or at another position in it."""
        line, column = at or self.position(path)
        return Problem(self.file, line, column, field_name(path), message)

    def _nearest(self, path: KeyPath) -> Position | None:
        for length in range(len(path), -1, -1):
            if (position := self.positions.get(path[:length])) is not None:
                return position
        return None


def field_name(path: KeyPath) -> str:
    """Write a path as people do: `audience.areas[1]`."""
    named = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
    return invisible.mark(named)


def load(text: bytes, file: str) -> Document:
    """Read one YAML document; never raises, whatever the bytes: faults are in `problems`.

    Args:
        text: The file's bytes; UTF-8, with or without a byte-order mark.
        file: What to call it in messages.
    """
    source, problem = decode(text, file)
    if problem is not None:
        return Document(file, source, None, (problem,), {})
    reader = _Reader(file, source)
    data = reader.read()
    return Document(file, source, data, tuple(sorted(reader.problems)), reader.positions)


def decode(text: bytes, file: str) -> tuple[str, Problem | None]:
    """Read a file's bytes as UTF-8; return the text, or why it is none, with its place."""
    if len(text) > MAX_SIZE_BYTES:
        return "", Problem(file, 0, 0, "", _("is larger than 1 MiB, which is all that is read: is this the right file?"))
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "", Problem(file, 0, 0, "", _("is saved as UTF-16: save it as UTF-8"))
    try:
        source = text.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line, column = line_column(text[: exc.start].decode("utf-8", "replace"))
        return "", Problem(file, line, column, "", _("is not UTF-8 text from here on: save it as UTF-8"))
    if (found := _UNREADABLE.search(source)) is not None:
        line, column = line_column(source[: found.start()])
        return "", Problem(
            file, line, column, "", _("holds the invisible character U+{code}: remove it", code=f"{ord(found[0]):04X}")
        )
    return source, None


def line_column(before: str) -> tuple[int, int]:
    """Return the line and column, from 1, of what stands right behind a text."""
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


class _Stop(Exception):
    """Nothing sensible can be read after this problem."""


class _Reader:
    """Builds data from YAML events: unlike PyYAML's nodes, events still show anchors, aliases and tags."""

    def __init__(self, file: str, source: str) -> None:
        self.file = file
        self.source = source
        self.problems: list[Problem] = []
        self.positions: dict[KeyPath, Position] = {}
        self._events: Iterator[_Event] = yaml.parse(source, Loader=yaml.SafeLoader)

    def read(self) -> Any:
        data = self._guard(self._document)
        return data if self._guard(self._hidden) else None

    def _guard(self, step: Callable[[], Any]) -> Any:
        try:
            return step()
        except _Stop:
            return None
        except yaml.MarkedYAMLError as exc:
            self.problems.append(Problem(self.file, *_explain(exc, self.source)))
        except (ValueError, OverflowError):  # PyYAML lets these through for impossible \U escapes and %YAML versions
            self.problems.append(Problem(self.file, 0, 0, "", _("holds an impossible escape or YAML version")))
        return None

    def _hidden(self) -> bool:
        """Name every character that nobody sees, wherever it stands; true when all were named."""
        for index, char in invisible.hidden(self.source) if not self.source.isascii() else ():
            path = next((path for path, at in self.positions.items() if at.start <= index < at.end), ())
            self._add(
                line_column(self.source[:index]),
                path,
                _("holds the invisible character {character}: remove it", character=invisible.name_of(char)),
            )
        return True

    def _document(self) -> Any:
        next(self._events)  # stream start
        start = next(self._events)
        if not isinstance(start, yaml.DocumentStartEvent):
            self._stop((0, 0), (), _("is empty"))
        if start.version or start.tags:
            self._add(_at(start), (), _("YAML directives (%) are not used here: remove the line"))
        data = self._value(next(self._events), (), None)
        next(self._events)  # document end
        if isinstance(after := next(self._events), yaml.DocumentStartEvent):
            self._stop(_at(after), (), _("a second document begins here: one file holds one"))
        if data is None and not self.problems:
            self._stop((0, 0), (), _("is empty"))
        return data

    def _value(self, event: _Event, path: KeyPath, key: _Event | None) -> Any:
        self._refuse_sharing(event, path)
        self.positions[path] = _position_of(event, key or event)
        if len(path) > MAX_DEPTH:
            self._stop(_at(event), (), _("nested more than {depth} deep", depth=MAX_DEPTH))
        if len(self.positions) > MAX_VALUES:
            self._stop(_at(event), (), _("more than {values} values: is this the right file?", values=count(MAX_VALUES)))
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        return f"*{event.anchor}"  # an alias, already reported: as typed, so that nothing calls it empty

    def _refuse_sharing(self, event: _Event, path: KeyPath) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._add(
                _at(event),
                path,
                _("*{anchor} is an alias: write the value out (put it in quotes if it is text)", anchor=event.anchor),
            )
        elif getattr(event, "anchor", None):
            self._add(
                _at(event),
                path,
                _("&{anchor} is an anchor: write values out (put it in quotes if it is text)", anchor=event.anchor),
            )
        elif getattr(event, "tag", None):
            self._add(_at(event), path, _("{tag} is a tag: remove it (put it in quotes if it is text)", tag=_tag(event)))

    def _sequence(self, path: KeyPath) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._value(event, (*path, len(items)), None))
        return items

    def _mapping(self, path: KeyPath) -> dict[str, Any]:
        items: dict[str, Any] = {}
        while not isinstance(key := next(self._events), yaml.MappingEndEvent):
            name = self._key(key, path)
            if name in items:
                first = self.positions[(*path, name)].key[0]
                self._add(_at(key), (*path, name), _("stands twice (first on line {first}): keep one", first=first))
                self._value(next(self._events), (*path, f"{name} again"), key)
            else:
                items[name] = self._value(next(self._events), (*path, name), key)
        return items

    def _key(self, event: _Event, path: KeyPath) -> str:
        self._refuse_sharing(event, path)
        if not isinstance(event, yaml.ScalarEvent):
            self._stop(_at(event), path, _bad_key(self.source, event))
        if event.value == "<<" and event.style is None:
            self._add(_at(event), path, _("<< merges mappings: write the keys out"))
        self._edges(event, path)
        return str(event.value)

    def _scalar(self, event: _Event, path: KeyPath) -> Any:
        text: str = event.value
        if (found := _UNREADABLE.search(text)) is not None:  # through an escape such as "\0"
            self._add(_at(event), path, _("holds the invisible character U+{code}: remove it", code=f"{ord(found[0]):04X}"))
            return _UNREADABLE.sub("", text)
        for _at_index, char in invisible.hidden(text):
            if char not in self.source[event.start_mark.index : event.end_mark.index]:  # through an escape such as "\u202e"
                self._add(
                    _at(event), path, _("holds the invisible character {character}: remove it", character=invisible.name_of(char))
                )
        self._edges(event, path)
        return text if event.style else plain_value(text)

    def _edges(self, event: _Event, path: KeyPath) -> None:
        """Name what looks like a space beside a value and is part of it."""
        text: str = event.value
        if event.style in {"|", ">"}:
            return
        if char := invisible.odd_space(text):
            begins = _("begins with {character}, which is not a plain space: remove it", character=invisible.name_of(char))
            self._add(_at(event), path, begins)
        if char := invisible.odd_space(text[-1:]):
            ends = _("ends with {character}, which is not a plain space: remove it", character=invisible.name_of(char))
            self._add((event.end_mark.line + 1, event.end_mark.column), path, ends)

    def _add(self, at: tuple[int, int], path: KeyPath, message: str) -> None:
        self.problems.append(Problem(self.file, *at, field_name(path), message))
        if len(self.problems) > MAX_PROBLEMS:
            raise _Stop

    def _stop(self, at: tuple[int, int], path: KeyPath, message: str) -> NoReturn:
        self._add(at, path, message)
        raise _Stop


def _at(event: _Event) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _tag(event: _Event) -> str:
    return str(event.tag).replace("tag:yaml.org,2002:", "!!")


def _position_of(event: _Event, key: _Event) -> Position:
    style = (event.style or "") if isinstance(event, yaml.ScalarEvent) else ""
    return Position(_at(key), _at(event), event.start_mark.index, event.end_mark.index, style)


def _bad_key(source: str, event: _Event) -> str:
    if source[event.start_mark.index - 1 : event.start_mark.index + 1] == "{{":
        return _("a value that begins with {{ must stand in quotes")
    return _("a key must be plain text")


def plain_value(text: str) -> Any:
    """Return what a text without quotes means: nothing, true or false, a number, or the text itself."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text


def _explain(exc: yaml.MarkedYAMLError, source: str) -> tuple[int, int, str, str]:
    """Say where the trouble lies and what it is: PyYAML often notices it a line or more later."""
    mark, begun = exc.problem_mark or exc.context_mark, exc.context_mark
    if mark is None:
        return 0, 0, "", _our_words(exc.problem or "")
    if (odd := ODD_COLON.search(source, 0, _line_end(source, mark.index))) is not None:
        return (*line_column(source[: odd.start(1)]), "", describe_odd_colon(odd))
    problem = exc.problem or ""
    if (
        begun
        and problem.startswith("expected ',' or")
        and (found := _COMMENT.search(source, begun.index, mark.index)) is not None
    ):
        return (*line_column(source[: found.end()]), "", _("a # after a space begins a comment: put the text in quotes"))
    if begun and exc.context == "while scanning a simple key":
        mark = begun
    hint = ""
    above = source[: mark.index].rstrip().rpartition("\n")[2] if mark.column == len(_indent(source, mark.index)) else ""
    if above.lstrip().startswith("#") or _COMMENT.search(above):
        hint = _("; above it a # begins a comment: if it belongs to a text, put the text in quotes")
    return mark.line + 1, mark.column + 1, "", joined((_our_words(problem), hint), "")


def _line_end(source: str, index: int) -> int:
    end = source.find("\n", index)
    return len(source) if end < 0 else end


def _indent(source: str, index: int) -> str:
    line = source[source.rfind("\n", 0, index) + 1 :]
    return line[: len(line) - len(line.lstrip(" "))]


def describe_odd_colon(found: re.Match[str]) -> str:
    """Say what stands where a key's colon and space should."""
    if found[1] != ":":
        return _("the colon is {character}: type a plain one, and a space after it", character=invisible.name_of(found[1]))
    after = invisible.name_of(found.string[found.end()])
    return _("after the colon stands {character}, not a plain space: type it anew", character=after)


def _our_words(problem: str) -> str:
    return next(
        (ours for theirs, ours in _SYNTAX if problem.startswith(theirs)), _("this is not YAML: {problem}", problem=problem)
    )


class _Writer(yaml.SafeDumper):
    """Writes texts of several lines as such."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write out what stands twice: a file has no anchors."""
        return True


def _write_text(writer: yaml.SafeDumper, text: str) -> yaml.Node:
    """Choose the style of a text: a word as it is, unless PyYAML sees a value in it; lines as lines; the rest in quotes."""
    style = None if _WORD.fullmatch(text) else '"'
    if "\n" in text and not any(line.endswith((" ", "\t")) for line in text.split("\n")):
        style = "|"
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Writer.add_representer(str, _write_text)


def write(data: Mapping[str, Any]) -> str:
    """Write plain data as a YAML file that `load` reads as the same data, every time alike."""
    text: str = yaml.dump(dict(data), Dumper=_Writer, allow_unicode=True, sort_keys=False, width=math.inf)
    return text
