"""Holds every line of `--json`, whichever command a test runs, to the schema of its type."""

import json
from functools import cache
from typing import Any

import jsonschema

from zalo_alert.cli.output_schema import build_schema


@cache
def _validators() -> dict[str, Any]:
    whole = build_schema()
    make = jsonschema.Draft202012Validator
    return {name: make({"$ref": f"#/$defs/{name}", "$defs": whole["$defs"]}) for name in whole["$defs"]}


def check(words: list[str], out: str, err: str) -> None:
    """Check what a command has written: facts on stdout, and on stderr one line, the last, with the exit code.

    Raises:
        AssertionError: A line is no JSON, of no type that is documented, or not of its type's form.
    """
    is_table = words[:1] == ["export"] and "-" in words  # people, not lines about them
    lines = [] if is_table else out.splitlines()
    ends = err.splitlines()[-1:]
    for line in (*lines, *ends):
        told = json.loads(line)
        validator = _validators().get(told.get("type"))
        assert validator, f"no such type of line: {line}"
        faults = [f"{'.'.join(map(str, fault.path))}: {fault.message}" for fault in validator.iter_errors(told)]
        assert not faults, f"{line}\n{faults}"
    assert err.count("\n") == 1, f"more than the exit line: {err}"
    assert json.loads(ends[0])["type"] == "exit"
