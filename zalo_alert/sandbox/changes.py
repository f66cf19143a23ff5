"""What a program asks to be changed while the sandbox runs: JSON checked name by name, and refused in plain English sentences."""

import math
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import orjson

from zalo_alert.errors import UsageError, with_steps
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.sandbox.base import Options

FIXED = ("oas", "apps", "seed", "unconsented", "oa_secrets")
AT_START = (*FIXED, "scenario", "port", "tls", "account", "write_to")  # the command's other options, which somebody may try
KINDS: Mapping[Any, str] = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
_TYPES = {field.name: field.type for field in fields(Options)}
_CHANGEABLE = [name for name in _TYPES if name not in FIXED]
_MOST_SHOWN = 60  # characters of a value


def read_changes(body: bytes) -> dict[str, Any]:
    """Return the values that a body asks for, by the options' names.

    Args:
        body: A JSON object of values by name; a hyphen in a name is an underscore.

    Raises:
        UsageError: It is none, an option does not exist or is settled, or a value is of another kind.
    """
    return _checked(_read(body))


def changed(options: Options, changes: Mapping[str, Any]) -> Options:
    """Return options with changes.

    Raises:
        UsageError: They can't be so; the message has no marks for steps, and names options as JSON does.
    """
    try:
        return replace(options, **changes)
    except UsageError as exc:
        text = f"{exc.message}, {exc.hint}" if exc.hint else exc.message
        raise UsageError(with_steps(text, lambda step: step.options[0][0])) from exc


def _read(body: bytes) -> dict[str, Any]:
    try:
        asked = orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise UsageError('the body is not valid JSON: send an object of options, such as {"dead": 0.5}') from exc
    if not isinstance(asked, dict):
        raise UsageError('the body is not a JSON object of options, such as {"dead": 0.5}')
    return asked


def _checked(asked: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for written, value in asked.items():
        name = written.replace("-", "_")
        _check_name(written, name)
        if name in values:
            raise UsageError(f"{name} is given twice")
        _check_kind(name, value)
        values[name] = value
    return values


def _check_name(written: str, name: str) -> None:
    if name in AT_START:
        raise UsageError(f"{name} is settled when the sandbox starts, and can't be changed while it runs")
    if name not in _CHANGEABLE:
        there_are = ", ".join(_CHANGEABLE)
        raise UsageError(f'no option is named "{_cut(written)}"{suggestion(name, _CHANGEABLE)}; there are {there_are}')


def _check_kind(name: str, value: Any) -> None:
    wanted = _TYPES[name]
    if not _is(value, wanted):
        raise UsageError(f"{name} is {KINDS[wanted]}, not {_cut(orjson.dumps(value).decode())}")


def _is(value: Any, wanted: Any) -> bool:
    if wanted is float:
        return type(value) in (int, float) and math.isfinite(value)
    return type(value) is wanted


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"
