"""YAML files as plain data that remembers where everything stood, and models that complain about it in words.

Owns YAML and the wording of shape errors; knows nothing of campaigns or settings. Stricter than YAML 1.2: one document,
no anchors, no tags, no key twice, and a date, `no` or `0123` stays the text that was typed.
"""

import difflib
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, NoReturn, TypeAlias, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from zalo_alert.errors import Problem
from zalo_alert.foundation import invisible

Path: TypeAlias = tuple[str | int, ...]
ModelT = TypeVar("ModelT", bound=BaseModel)
_Event: TypeAlias = Any  # the stubs call every mark optional; PyYAML's parser always sets both

MAX_SIZE_BYTES = 1 << 20  # a campaign is a few kilobytes; a megabyte is the wrong file
MAX_DEPTH = 20
MAX_VALUES = 50_000  # more than every commune there is, and read in a second
MAX_PROBLEMS = 100  # nobody reads further, and a wrong file has a hundred thousand

_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INT = re.compile(r"-?(0|[1-9][0-9]{0,39})")  # longer ones stay text: no field holds them, and Python refuses 4,301 digits
_FLOAT = re.compile(r"-?(0|[1-9][0-9]{0,39})(\.[0-9]{1,40})?([eE][-+]?[0-9]{1,3})?")
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | {
    word: value for value in (True, False) for word in (str(value), str(value).lower(), str(value).upper())
}
_TO_COMMENT = re.compile(r"[ \t]*(?:\r?\n[ \t]*)*(?=#)")
_COMMENT = re.compile(r"[ \t](?=#)")
_ODD_COLON = re.compile(
    r"^[ \t]*(?:- +)?[A-Za-z_][A-Za-z0-9_]*[ \u00a0]*"
    r"([\uff1a\ufe55\ufe13]|:(?=[\u00a0\u2000-\u200f\u202f\u205f\u2060\u3000\ufeff]))",
    re.MULTILINE,
)
_IN_FLOW = "between brackets a text with ? or , or a bracket in it must stand in quotes"
# PyYAML's sentences (by how they begin) and ours.
_SYNTAX = (
    ("found character '\\t'", "a tab can't indent: use spaces"),
    ("found character", "this character can't begin a value: put the text in quotes"),
    ("mapping values are not allowed here", 'a ": " where none can stand: put the text in quotes, or check the line above'),
    ("could not find expected ':'", 'a key needs ": " and a value after it'),
    ("expected <block end>", "this doesn't line up with what stands above: check the indentation and the quotes"),
    ("found unexpected end of stream", "a quote is opened and never closed"),
    ("expected ',' or ']', but got '?'", _IN_FLOW),
    ("expected ',' or '}', but got '?'", _IN_FLOW),
    ("expected ',' or ']'", f"a list opened with [ is not closed with ], or a comma is missing; {_IN_FLOW}"),
    ("expected ',' or '}'", f"a mapping opened with {{ is not closed with }}, or a comma is missing; {_IN_FLOW}"),
    ("found unknown escape character", "in double quotes a backslash starts an escape: use single quotes"),
    ("expected chomping", "after | or > nothing but a comment may follow on the line"),
    ("expected a comment or a line break", "after | or > nothing but a comment may follow on the line"),
)


class Place(NamedTuple):
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
    places: Mapping[Path, Place] = field(repr=False)

    def position(self, path: Path) -> tuple[int, int]:
        """Return line and column, from 1, of a value; of the nearest one around it when there is none."""
        place = self._nearest(path)
        return place.value if place else (0, 0)

    def key_position(self, path: Path) -> tuple[int, int]:
        """Return line and column, from 1, of a value's key."""
        place = self._nearest(path)
        return place.key if place else (0, 0)

    def line_position(self, path: Path, number: int) -> tuple[int, int]:
        """Return where the `number`-th line (from 1) of a text stands; exact for `|` blocks, else where the text begins."""
        place = self._nearest(path)
        if place is None or not place.literal:
            return self.position(path)
        line = place.value[0] + number
        written = self.text.splitlines()[line - 1 : line]
        return line, 1 + (len(written[0]) - len(written[0].lstrip()) if written else 0)

    def span(self, path: Path) -> tuple[int, int]:
        """Return where a value's text begins and ends, as offsets into `text`."""
        place = self.places[path]
        return place.start, place.end

    def typed(self, path: Path) -> str:
        """Return a value as it was typed; "" when there is none at `path`."""
        place = self.places.get(path)
        return self.text[place.start : place.end] if place else ""

    def cut(self, path: Path) -> tuple[int, int] | None:
        """Return where a comment begins that a text without quotes runs into: whoever typed it may have meant it as text.

        On the same line, or on a line below that stands further in than the text's key. None when there is none.
        """
        place = self.places[path]
        if place.style in {'"', "'"} or (found := _TO_COMMENT.match(self.text, place.end)) is None:
            return None
        line, column = _line_column(self.text[: found.end()])
        is_beside = place.style == "" and "\n" not in found[0]
        return (line, column) if is_beside or column > place.key[1] else None

    def problem(self, path: Path, message: str, at: tuple[int, int] | None = None) -> Problem:
        """Make a problem of the value at `path`, or at another place of it."""
        line, column = at or self.position(path)
        return Problem(self.file, line, column, field_name(path), message)

    def _nearest(self, path: Path) -> Place | None:
        for length in range(len(path), -1, -1):
            if (place := self.places.get(path[:length])) is not None:
                return place
        return None


def field_name(path: Path) -> str:
    """Write a path as people do: `audience.areas[1]`."""
    named = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
    return invisible.marked(named)


def suggestion(word: str, known: list[str]) -> str:
    """Return `; did you mean "…"?` when a known word is close, else nothing."""
    folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word[:100].casefold(), list(folded), n=1, cutoff=0.6)
    return f'; did you mean "{folded[close[0]]}"?' if close else ""


def load(text: bytes, file: str) -> Document:
    """Read one YAML document; never raises, whatever the bytes: faults are in `problems`.

    Args:
        text: The file's bytes; UTF-8, with or without a byte-order mark.
        file: What to call it in messages.
    """
    source, problem = _decode(text, file)
    if problem is not None:
        return Document(file, source, None, (problem,), {})
    reader = _Reader(file, source)
    data = reader.read()
    return Document(file, source, data, tuple(sorted(reader.problems)), reader.places)


def validate(model: type[ModelT], document: Document) -> tuple[ModelT | None, list[Problem]]:
    """Check a document's shape against a model.

    Returns:
        The value, or None when there is a fault; and every fault, the document's own first.
    """
    if document.data is None:
        return None, list(document.problems)
    faults = _faults(model, document, document.data)
    problems = [*document.problems, *(problem for _, problem in faults)]
    return (None if problems else model.model_validate(document.data)), capped(problems)


def salvage(model: type[ModelT], document: Document) -> tuple[ModelT, list[Problem]]:
    """Check a document's shape, and keep what is sound: a faulty value becomes None.

    So that faults of meaning can be told beside faults of shape.

    Args:
        model: Every field of it, and of the models in it, may be None.
        document: As loaded.
    """
    if not isinstance(document.data, dict):
        faults = _faults(model, document, document.data) if document.data is not None else []
        return model.model_construct(), [*document.problems, *(problem for _, problem in faults)]
    faults = _faults(model, document, document.data)
    data = _without(document.data, {path for path, _ in faults})
    return model.model_validate(data), capped([*document.problems, *(problem for _, problem in faults)])


def capped(problems: list[Problem]) -> list[Problem]:
    """Keep what somebody will read: the first of very many problems in file order, and a last one that counts the others."""
    if len(problems) <= MAX_PROBLEMS:
        return problems
    first, left_out = sorted(problems)[:MAX_PROBLEMS], sorted(problems)[MAX_PROBLEMS:]
    more = sum(problem.stands_for for problem in left_out)
    return [*first, replace(left_out[0], message=f"and {more} more from here on: is this the right file?", stands_for=more)]


# --- bytes → events → data ---------------------------------------------------------------------------------------------


def _decode(text: bytes, file: str) -> tuple[str, Problem | None]:
    if len(text) > MAX_SIZE_BYTES:
        return "", Problem(file, 0, 0, "", "is larger than 1 MiB, which is all that is read: is this the right file?")
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "", Problem(file, 0, 0, "", "is saved as UTF-16: save it as UTF-8")
    try:
        source = text.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line, column = _line_column(text[: exc.start].decode("utf-8", "replace"))
        return "", Problem(file, line, column, "", "is not UTF-8 text from here on: save it as UTF-8")
    if (found := _UNREADABLE.search(source)) is not None:
        line, column = _line_column(source[: found.start()])
        return "", Problem(file, line, column, "", f"holds the invisible character U+{ord(found[0]):04X}: remove it")
    return source, None


def _line_column(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


class _Stop(Exception):
    """Nothing sensible can be read after this problem."""


class _Reader:
    """Builds data from YAML events: unlike PyYAML's nodes, events still show anchors, aliases and tags."""

    def __init__(self, file: str, source: str) -> None:
        self.file = file
        self.source = source
        self.problems: list[Problem] = []
        self.places: dict[Path, Place] = {}
        self._events: Iterator[_Event] = yaml.parse(source, Loader=yaml.SafeLoader)

    def read(self) -> Any:
        data = self._guarded(self._document)
        return data if self._guarded(self._hidden) else None

    def _guarded(self, step: Callable[[], Any]) -> Any:
        try:
            return step()
        except _Stop:
            return None
        except yaml.MarkedYAMLError as exc:
            self.problems.append(Problem(self.file, *_explained(exc, self.source)))
        except (ValueError, OverflowError):  # PyYAML lets these through for impossible \U escapes and %YAML versions
            self.problems.append(Problem(self.file, 0, 0, "", "holds an impossible escape or YAML version"))
        return None

    def _hidden(self) -> bool:
        """Name every character that nobody sees, wherever it stands; true when all were named."""
        for index, char in invisible.hidden(self.source) if not self.source.isascii() else ():
            path = next((path for path, place in self.places.items() if place.start <= index < place.end), ())
            self._add(
                _line_column(self.source[:index]), path, f"holds the invisible character {invisible.named(char)}: remove it"
            )
        return True

    def _document(self) -> Any:
        next(self._events)  # stream start
        start = next(self._events)
        if not isinstance(start, yaml.DocumentStartEvent):
            self._stop((0, 0), (), "is empty")
        if start.version or start.tags:
            self._add(_at(start), (), "YAML directives (%) are not used here: remove the line")
        data = self._value(next(self._events), (), None)
        next(self._events)  # document end
        if isinstance(after := next(self._events), yaml.DocumentStartEvent):
            self._stop(_at(after), (), "a second document begins here: one file holds one")
        if data is None and not self.problems:
            self._stop((0, 0), (), "is empty")
        return data

    def _value(self, event: _Event, path: Path, key: _Event | None) -> Any:
        self._refuse_sharing(event, path)
        self.places[path] = _place(event, key or event)
        if len(path) > MAX_DEPTH:
            self._stop(_at(event), (), f"nested more than {MAX_DEPTH} deep")
        if len(self.places) > MAX_VALUES:
            self._stop(_at(event), (), f"more than {MAX_VALUES:,} values: is this the right file?")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        return f"*{event.anchor}"  # an alias, already reported: as typed, so that nothing calls it empty

    def _refuse_sharing(self, event: _Event, path: Path) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._add(_at(event), path, f"*{event.anchor} is an alias: write the value out (put it in quotes if it is text)")
        elif getattr(event, "anchor", None):
            self._add(_at(event), path, f"&{event.anchor} is an anchor: write values out (put it in quotes if it is text)")
        elif getattr(event, "tag", None):
            self._add(_at(event), path, f"{_tag(event)} is a tag: remove it (put it in quotes if it is text)")

    def _sequence(self, path: Path) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._value(event, (*path, len(items)), None))
        return items

    def _mapping(self, path: Path) -> dict[str, Any]:
        items: dict[str, Any] = {}
        while not isinstance(key := next(self._events), yaml.MappingEndEvent):
            name = self._key(key, path)
            if name in items:
                first = self.places[(*path, name)].key[0]
                self._add(_at(key), (*path, name), f"stands twice (first on line {first}): keep one")
                self._value(next(self._events), (*path, f"{name} again"), key)
            else:
                items[name] = self._value(next(self._events), (*path, name), key)
        return items

    def _key(self, event: _Event, path: Path) -> str:
        self._refuse_sharing(event, path)
        if not isinstance(event, yaml.ScalarEvent):
            self._stop(_at(event), path, _bad_key(self.source, event))
        if event.value == "<<" and event.style is None:
            self._add(_at(event), path, "<< merges mappings: write the keys out")
        self._edges(event, path)
        return str(event.value)

    def _scalar(self, event: _Event, path: Path) -> Any:
        text: str = event.value
        if (found := _UNREADABLE.search(text)) is not None:  # through an escape such as "\0"
            self._add(_at(event), path, f"holds the invisible character U+{ord(found[0]):04X}: remove it")
            return _UNREADABLE.sub("", text)
        for _, char in invisible.hidden(text):
            if char not in self.source[event.start_mark.index : event.end_mark.index]:  # through an escape such as "\u202e"
                self._add(_at(event), path, f"holds the invisible character {invisible.named(char)}: remove it")
        self._edges(event, path)
        return text if event.style else _plain(text)

    def _edges(self, event: _Event, path: Path) -> None:
        """Name what looks like a space beside a value and is part of it."""
        text: str = event.value
        for char, where in ((invisible.odd_space(text), "begins"), (invisible.odd_space(text[-1:]), "ends")):
            if char and event.style not in {"|", ">"}:
                at = _at(event) if where == "begins" else (event.end_mark.line + 1, event.end_mark.column)
                self._add(at, path, f"{where} with {invisible.named(char)}, which is no plain space: remove it")

    def _add(self, at: tuple[int, int], path: Path, message: str) -> None:
        self.problems.append(Problem(self.file, *at, field_name(path), message))
        if len(self.problems) > MAX_PROBLEMS:
            raise _Stop

    def _stop(self, at: tuple[int, int], path: Path, message: str) -> NoReturn:
        self._add(at, path, message)
        raise _Stop


def _at(event: _Event) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _tag(event: _Event) -> str:
    return str(event.tag).replace("tag:yaml.org,2002:", "!!")


def _place(event: _Event, key: _Event) -> Place:
    style = (event.style or "") if isinstance(event, yaml.ScalarEvent) else ""
    return Place(_at(key), _at(event), event.start_mark.index, event.end_mark.index, style)


def _bad_key(source: str, event: _Event) -> str:
    if source[event.start_mark.index - 1 : event.start_mark.index + 1] == "{{":
        return "a value that begins with {{ must stand in quotes"
    return "a key must be plain text"


def _plain(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text


def _explained(exc: yaml.MarkedYAMLError, source: str) -> tuple[int, int, str, str]:
    """Say where the trouble lies and what it is: PyYAML often notices it a line or more later."""
    mark, begun = exc.problem_mark or exc.context_mark, exc.context_mark
    if mark is None:
        return 0, 0, "", _our_words(exc.problem or "")
    if (odd := _ODD_COLON.search(source, 0, _line_end(source, mark.index))) is not None:
        return (*_line_column(source[: odd.start(1)]), "", _odd_colon(odd))
    problem = exc.problem or ""
    if (
        begun
        and problem.startswith("expected ',' or")
        and (found := _COMMENT.search(source, begun.index, mark.index)) is not None
    ):
        return (*_line_column(source[: found.end()]), "", "a # after a space begins a comment: put the text in quotes")
    if begun and exc.context == "while scanning a simple key":
        mark = begun
    hint = ""
    above = source[: mark.index].rstrip().rpartition("\n")[2] if mark.column == len(_indent(source, mark.index)) else ""
    if above.lstrip().startswith("#") or _COMMENT.search(above):
        hint = "; above it a # begins a comment: if it belongs to a text, put the text in quotes"
    return mark.line + 1, mark.column + 1, "", _our_words(problem) + hint


def _line_end(source: str, index: int) -> int:
    end = source.find("\n", index)
    return len(source) if end < 0 else end


def _indent(source: str, index: int) -> str:
    line = source[source.rfind("\n", 0, index) + 1 :]
    return line[: len(line) - len(line.lstrip(" "))]


def _odd_colon(found: re.Match[str]) -> str:
    """Say what stands where a key's colon and space should."""
    if found[1] != ":":
        return f"the colon is {invisible.named(found[1])}: type a plain one, and a space after it"
    return f"after the colon stands {invisible.named(found.string[found.end()])}, not a plain space: type it anew"


def _our_words(problem: str) -> str:
    return next((ours for theirs, ours in _SYNTAX if problem.startswith(theirs)), f"this is not YAML: {problem}")


# --- data → model ------------------------------------------------------------------------------------------------------


def _faults(model: type[BaseModel], document: Document, data: Any) -> list[tuple[Path, Problem]]:
    """Every fault of shape with its path; an empty value is one of its own and hides what follows from it."""
    empty = list(_empty(data, ()))
    faults = [(path, document.problem(path, "is empty: write a value, or remove it")) for path in empty]
    try:
        model.model_validate(data)
    except ValidationError as exc:
        errors = [error for error in exc.errors(include_url=False) if error["loc"] not in empty]
        faults += [(error["loc"], _fault(model, document, error)) for error in errors]
    return faults


def _empty(data: Any, path: Path) -> Iterator[Path]:
    if data is None:
        yield path
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _empty(value, (*path, key))
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield from _empty(value, (*path, i))


def _fault(model: type[BaseModel], document: Document, error: ErrorDetails) -> Problem:
    path = error["loc"]
    known = _field_at(model, path)
    if error["type"] == "extra_forbidden":
        message = "is not a key of this file" + suggestion(str(path[-1]), _keys_at(model, path[:-1]))
        return document.problem(path, message, document.key_position(path))
    return document.problem(path, _sentence(error, known, document.typed(path)))


def _sentence(error: ErrorDetails, known: FieldInfo | None, typed: str) -> str:
    kind, given, ctx = error["type"], error["input"], error.get("ctx", {})
    if kind == "missing":
        return "is missing"
    if kind == "value_error":
        return str(ctx["error"])
    if kind in {"literal_error", "enum"}:
        return _choice(given, re.findall(r"'([^']*)'", ctx["expected"]))
    if kind == "string_pattern_mismatch":
        return f"{shown(given)} does not fit: {(known and known.description) or ctx['pattern']}"
    return (
        _type_sentence(kind, given, typed) or _bound_sentence(kind, given, ctx) or f"{shown(given)} does not fit: {error['msg']}"
    )


def _choice(given: Any, allowed: list[str]) -> str:
    hint = suggestion(given, allowed) if isinstance(given, str) else ""
    return f"{shown(given)} is none of {', '.join(allowed)}{hint}"


def _type_sentence(kind: str, given: Any, typed: str) -> str:
    if kind == "string_type":
        if isinstance(given, dict | list):
            return f"should be text, not {_kind(given)}"
        return f"should be text: put it in quotes, {shown(typed)}"
    if kind in {"list_type", "tuple_type"}:
        return "should be a list: put it in [brackets]"
    if kind in {"dict_type", "model_type", "model_attributes_type", "dataclass_type"}:
        if isinstance(given, str) and (odd := _ODD_COLON.search(given)) is not None:
            return _odd_colon(odd)
        return f"should be keys and values (key: value), not {_kind(given)}"
    wanted = {"int_type": "a whole number", "int_from_float": "a whole number", "float_type": "a number"}
    wanted["bool_type"] = "true or false"
    if kind not in wanted:
        return ""
    unquote = " without quotes" if isinstance(given, str) and not isinstance(_plain(given), str | None) else ""
    return f"should be {wanted[kind]}{unquote}, not {shown(given)}"


def _bound_sentence(kind: str, given: Any, ctx: Mapping[str, Any]) -> str:
    sentences = {
        "greater_than_equal": "is {given}: at least {ge}",
        "greater_than": "is {given}: must be above {gt}",
        "less_than_equal": "is {given}: at most {le}",
        "less_than": "is {given}: must be below {lt}",
        "string_too_long": "is too long: at most {max_length} characters",
        "string_too_short": "is empty: write a value, or remove it",
        "too_short": "is an empty list: name at least {min_length}",
        "too_long": "lists {actual_length}: at most {max_length}",
    }
    return sentences.get(kind, "").format(given=shown(given), **ctx)


def shown(value: Any) -> str:
    """Write a value as the file does, cut to a length that fits a message."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return _kind(value)
    text = invisible.marked(str(value))
    text = text if len(text) <= 60 else text[:59] + "…"
    return f'"{text}"' if isinstance(value, str) else text


def _kind(value: Any) -> str:
    return "keys and values" if isinstance(value, dict) else "a list" if isinstance(value, list) else shown(value)


def _keys_at(model: type[BaseModel], path: Path) -> list[str]:
    found = _model_at(model, path)
    return [info.alias or name for name, info in found.model_fields.items()] if found else []


def _field_at(model: type[BaseModel], path: Path) -> FieldInfo | None:
    if not path or isinstance(path[-1], int):
        return None
    found = _model_at(model, path[:-1])
    return _field(found, path[-1]) if found else None


def _model_at(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    current: type[BaseModel] | None = model
    for part in path:
        if isinstance(part, str) and current is not None:
            info = _field(current, part)
            current = _model_in(info.annotation) if info else None
    return current


def _field(model: type[BaseModel], key: str) -> FieldInfo | None:
    return next((info for name, info in model.model_fields.items() if key == (info.alias or name)), None)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Find the model inside `Model`, `list[Model]`, `Model | None` and the like."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_in(inner))), None)


def _without(data: Any, faulty: set[Path]) -> dict[str, Any]:
    """Copy mappings without faulty values; a fault inside a list of plain values drops the list, to keep its indexes true."""
    cut = {_nearest_key(path) for path in faulty}
    copied = _copy(data, (), cut)
    return copied if isinstance(copied, dict) else {}


def _nearest_key(path: Path) -> Path:
    while path and isinstance(path[-1], int):
        path = path[:-1]
    return path


def _copy(data: Any, path: Path, cut: set[Path]) -> Any:
    if isinstance(data, dict):
        return {key: _copy(value, (*path, key), cut) for key, value in data.items() if (*path, key) not in cut}
    if isinstance(data, list):
        return [_copy(value, (*path, i), cut) for i, value in enumerate(data)]
    return data
