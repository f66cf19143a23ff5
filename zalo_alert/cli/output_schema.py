"""The JSON Schema of what `--json` writes, made of `output.toml`: strict, one schema a type, so that scripts can rely on it."""

import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from zalo_alert.cli.display import FORMAT
from zalo_alert.errors import ErrorCause
from zalo_alert.models import State

_SIMPLE: Mapping[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "int": {"type": "integer"},
    "number": {"type": "number"},
    "bool": {"type": "boolean"},
    "object": {"type": "object"},
    "instant": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+07:00$"},
    "day": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
    "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
    "sentence": {"type": "string"},
    "sentences": {"type": "array", "items": {"type": "string"}},
    "state": {"$ref": "#/$defs/state"},
    "cause": {"$ref": "#/$defs/cause"},
    "totals": {"$ref": "#/$defs/totals"},
}
_KEY = {"type": ["string", "null"], "description": "the key of that sentence, which stays when it is worded anew"}
_KEYS = {"type": "array", "items": {"type": ["string", "null"]}, "description": "the keys of those sentences"}


def read_types() -> dict[str, Any]:
    """Return the types of lines, by name: `about`, `by`, and `fields` as "kind: meaning"."""
    types: dict[str, Any] = _definitions()["types"]
    return {
        name: entry if "fields" in entry else {**entry, "fields": types[entry["like"]]["fields"]} for name, entry in types.items()
    }


def read_shapes() -> dict[str, dict[str, str]]:
    """Return the objects that stand within lines, by name: their fields as "kind: meaning"."""
    shapes: dict[str, dict[str, str]] = _definitions()["shapes"]
    return shapes


def _definitions() -> dict[str, Any]:
    return tomllib.loads(files("zalo_alert.cli").joinpath("output.toml").read_text(encoding="utf-8"))


def build_schema() -> dict[str, Any]:
    """Return the schema of one line; `$defs` has that of each type under its name."""
    states = [state.value for state in State]
    people = {state: {"type": "integer", "minimum": 0} for state in states}
    types = {name: _line_schema(name, entry) for name, entry in read_types().items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of zalo-alert --json",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in types],
        "$defs": {
            "state": {"enum": states},
            "cause": {"enum": [cause.value for cause in ErrorCause]},
            "totals": {"type": "object", "properties": people, "required": states, "additionalProperties": False},
            **{f"{name}-shape": _object(fields) for name, fields in read_shapes().items()},
            **types,
        },
    }


def _line_schema(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    head = {
        "type": {"const": name},
        "format": {"const": FORMAT},
        "at": {**_SIMPLE["instant"], "description": "when the line was written"},
    }
    body = _object(entry["fields"])
    return {
        **body,
        "description": entry["about"],
        "properties": head | body["properties"],
        "required": [*head, *body["required"]],
    }


def _object(fields: Mapping[str, str]) -> dict[str, Any]:
    properties = {name: schema for field, text in fields.items() for name, schema in _properties(field, text)}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _properties(name: str, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    kind, _, meaning = text.partition(": ")
    yield name, {**_schema_of(kind), "description": meaning}
    if kind in ("sentence", "sentences"):
        yield (f"{name}_key", _KEY) if kind == "sentence" else (f"{name}_keys", _KEYS)


def _schema_of(kind: str) -> dict[str, Any]:
    if kind.endswith("?"):
        return {"anyOf": [_schema_of(kind[:-1]), {"type": "null"}]}
    if kind.endswith("[]"):
        return {"type": "array", "items": _schema_of(kind[:-2])}
    if kind.startswith("@"):
        return {"$ref": f"#/$defs/{kind[1:]}-shape"}
    return {"enum": kind.split("|")} if "|" in kind else _SIMPLE[kind]
