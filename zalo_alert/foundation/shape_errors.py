"""Models that complain about a file's shape in words: every fault at once, each with its place in the file.

Owns the wording of shape errors; knows nothing of campaigns or settings.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from zalo_alert.errors import Problem
from zalo_alert.foundation import invisible
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.foundation.yaml_document import (
    MAX_PROBLEMS,
    ODD_COLON,
    Document,
    KeyPath,
    describe_odd_colon,
    field_name,
    plain_value,
)
from zalo_alert.language import _, count, joined

ModelT = TypeVar("ModelT", bound=BaseModel)


class Meanings(NamedTuple):
    """Beside the annotation of a field that takes a few words: what each means, for whoever reads no English."""

    words: Mapping[str, str]


def validate(model: type[ModelT], document: Document) -> tuple[ModelT | None, list[Problem]]:
    """Check a document's shape against a model.

    Returns:
        The value, or None when there is a fault; and every fault, the document's own first.
    """
    if document.data is None:
        return None, list(document.problems)
    faults = _faults(model, document, document.data)
    problems = [*document.problems, *(problem for _, problem in faults)]
    return (None if problems else model.model_validate(document.data)), cap(problems)


def check(model: type[ModelT], values: Mapping[str, Any]) -> tuple[ModelT | None, list[tuple[str, str]]]:
    """Check values that stand in no YAML document, such as a row of a table.

    Returns:
        The model's value, or None when there is a fault; and for every fault the name of the field and what is wrong with it.
    """
    try:
        return model.model_validate(values), []
    except ValidationError as exc:
        return None, [(field_name(error["loc"]), _explain(model, error, str(error["input"]))) for error in exc.errors()]


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
    return model.model_validate(data), cap([*document.problems, *(problem for _, problem in faults)])


def cap(problems: list[Problem]) -> list[Problem]:
    """Keep what somebody will read: the first of very many problems in file order, and a last one that counts the others."""
    if len(problems) <= MAX_PROBLEMS:
        return problems
    first, left_out = sorted(problems)[:MAX_PROBLEMS], sorted(problems)[MAX_PROBLEMS:]
    more = sum(problem.stands_for for problem in left_out)
    return [
        *first,
        replace(
            left_out[0], message=_("and {more} more from here on: is this the right file?", more=count(more)), stands_for=more
        ),
    ]


def _faults(model: type[BaseModel], document: Document, data: Any) -> list[tuple[KeyPath, Problem]]:
    """Every fault of shape with its path; an empty value is one of its own and hides what follows from it."""
    empty = list(_empty(data, ()))
    faults = [(path, document.problem(path, _("is empty: write a value, or remove it"))) for path in empty]
    try:
        model.model_validate(data)
    except ValidationError as exc:
        errors = [error for error in exc.errors(include_url=False) if error["loc"] not in empty]
        faults += [(error["loc"], _fault(model, document, error)) for error in errors]
    return faults


def _empty(data: Any, path: KeyPath) -> Iterator[KeyPath]:
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
    if error["type"] == "extra_forbidden":
        message = joined((_("is not a key of this file"), suggestion(str(path[-1]), _keys_at(model, path[:-1]))), "")
        return document.problem(path, message, document.key_position(path))
    return document.problem(path, _explain(model, error, document.typed(path)))


def _explain(model: type[BaseModel], error: ErrorDetails, typed: str) -> str:
    """Say what is wrong with a value that was typed so."""
    kind, given, ctx = error["type"], error["input"], error.get("ctx", {})
    if kind == "missing":
        return _("is missing")
    if kind == "value_error":
        return str(ctx["error"])
    if kind in {"literal_error", "enum"}:
        return _choice(given, _allowed(ctx["expected"]), meanings_of(_field_at(model, error["loc"])))
    if kind == "string_pattern_mismatch":
        field = _field_at(model, error["loc"])
        rule = _(field.description) if field and field.description else ctx["pattern"]
        return _("{shown} does not fit: {rule}", shown=shown(given), rule=rule)
    return (
        _type_sentence(kind, given, typed)
        or _bound_sentence(kind, given, ctx)
        or _("{shown} does not fit: {rule}", shown=shown(given), rule=error["msg"])
    )


def _allowed(expected: str) -> list[str]:
    """Read the values out of pydantic's words for them: `'a', 'b' or 'c'`, `6 or 7`."""
    return re.findall(r"'([^']*)'", expected) or re.findall(r"-?[0-9]+", expected)


def _choice(given: Any, allowed: list[str], meanings: Mapping[str, str]) -> str:
    hint = suggestion(given, allowed) if isinstance(given, str) else ""
    return joined((_("{shown} is none of {allowed}", shown=shown(given), allowed=list_choices(allowed, meanings)), hint), "")


def meanings_of(field: FieldInfo | None) -> Mapping[str, str]:
    """Return what the values of a field mean, where its annotation says so."""
    found = (some for some in (field.metadata if field else ()) if isinstance(some, Meanings))
    return next((some.words for some in found), {})


def list_choices(allowed: Iterable[str], meanings: Mapping[str, str]) -> str:
    """List words that may be written, each with what it means where that is known."""
    return joined(joined((word, " (", meanings[word], ")"), "") if word in meanings else word for word in allowed)


_WANTED: Mapping[str, str] = {
    "int_type": _("a whole number"),
    "int_from_float": _("a whole number"),
    "float_type": _("a number"),
    "bool_type": _("true or false"),
}


def _type_sentence(kind: str, given: Any, typed: str) -> str:
    if kind == "string_type":
        if isinstance(given, dict | list):
            return _("should be text, not {kind}", kind=_kind(given))
        return _("should be text: put it in quotes, {shown}", shown=shown(typed))
    if kind in {"list_type", "tuple_type"}:
        return _("should be a list: put it in [brackets]")
    if kind in {"dict_type", "model_type", "model_attributes_type", "dataclass_type"}:
        if isinstance(given, str) and (odd := ODD_COLON.search(given)) is not None:
            return describe_odd_colon(odd)
        return _("should be keys and values (key: value), not {kind}", kind=_kind(given))
    if kind not in _WANTED:
        return ""
    if isinstance(given, str) and not isinstance(plain_value(given), str | None):
        return _("should be {wanted} without quotes, not {shown}", wanted=_WANTED[kind], shown=shown(given))
    return _("should be {wanted}, not {shown}", wanted=_WANTED[kind], shown=shown(given))


# Pydantic's `ctx` fills in the fields.
_BOUNDS: Mapping[str, str] = {
    "greater_than_equal": _("is {given}: at least {ge}"),
    "greater_than": _("is {given}: must be above {gt}"),
    "less_than_equal": _("is {given}: at most {le}"),
    "less_than": _("is {given}: must be below {lt}"),
    "string_too_long": _("is too long: at most {max_length} characters"),
    "string_too_short": _("is empty: write a value, or remove it"),
    "too_short": _("is an empty list: name at least {min_length}"),
    "too_long": _("lists {actual_length}: at most {max_length}"),
}


def _bound_sentence(kind: str, given: Any, ctx: Mapping[str, Any]) -> str:
    return _(_BOUNDS[kind], given=shown(given), **ctx) if kind in _BOUNDS else ""


def shown(value: Any) -> str:
    """Write a value as the file does, cut to a length that fits a message."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return _kind(value)
    text = invisible.mark(str(value))
    text = text if len(text) <= 60 else text[:59] + "…"
    return f'"{text}"' if isinstance(value, str) else text


def _kind(value: Any) -> str:
    return _("keys and values") if isinstance(value, dict) else _("a list") if isinstance(value, list) else shown(value)


def _keys_at(model: type[BaseModel], path: KeyPath) -> list[str]:
    part = _model_at(model, path)
    return [info.alias or name for name, info in part.model_fields.items()] if part else []


def _field_at(model: type[BaseModel], path: KeyPath) -> FieldInfo | None:
    if not path or isinstance(path[-1], int):
        return None
    part = _model_at(model, path[:-1])
    return _field(part, path[-1]) if part else None


def _model_at(model: type[BaseModel], path: KeyPath) -> type[BaseModel] | None:
    current: type[BaseModel] | None = model
    names = (part for part in path if isinstance(part, str))
    for name in names:
        info = _field(current, name) if current is not None else None
        current = _model_in(info.annotation) if info else None
        if info and _is_by_name(info.annotation):
            next(names, None)  # a key of the file's own
    return current


def _is_by_name(annotation: Any) -> bool:
    """Whether a field is a mapping whose keys are names that the file chooses, as in `dict[str, Model] | None`."""
    return get_origin(annotation) is dict or any(get_origin(inner) is dict for inner in get_args(annotation))


def _field(model: type[BaseModel], key: str) -> FieldInfo | None:
    return next((info for name, info in model.model_fields.items() if key == (info.alias or name)), None)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Find the model inside `Model`, `list[Model]`, `Model | None` and the like."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for inner in get_args(annotation) if (model := _model_in(inner))), None)


def _without(data: Any, faulty: set[KeyPath]) -> dict[str, Any]:
    """Copy mappings without faulty values; a fault inside a list of plain values drops the list, to keep its indexes true."""
    cut = {_nearest_key(path) for path in faulty}
    copied = _copy(data, (), cut)
    return copied if isinstance(copied, dict) else {}


def _nearest_key(path: KeyPath) -> KeyPath:
    while path and isinstance(path[-1], int):
        path = path[:-1]
    return path


def _copy(data: Any, path: KeyPath, cut: set[KeyPath]) -> Any:
    if isinstance(data, dict):
        return {key: _copy(value, (*path, key), cut) for key, value in data.items() if (*path, key) not in cut}
    if isinstance(data, list):
        return [_copy(value, (*path, i), cut) for i, value in enumerate(data)]
    return data
