"""What `--json` writes is written down: every type in the code, its schema, its page."""

import ast
from pathlib import Path

import jsonschema
import pytest

import zalo_alert
from tools import json_page
from zalo_alert.cli.output_schema import build_schema, read_types

ROOT = Path(zalo_alert.__file__).parent


def types_in_code():
    for file in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr="fact"), args=[ast.Constant(value=str(name)), *_]):
                    yield name
                case ast.Call(func=ast.Name(id="Notice"), args=[_, ast.Constant(value=str(name)), *_]) if name:
                    yield name
                case ast.Call(func=ast.Name(id="_line"), args=[ast.Constant(value=str(name)), *_]):
                    yield name


@pytest.mark.slow
def test_every_type_that_the_code_tells_is_written_down_and_no_other():
    assert sorted(read_types()) == sorted({*types_in_code()})


def test_the_page_is_current():
    text = json_page.PAGE.read_text(encoding="utf-8")

    assert json_page.page(text) == text, "make json rewrites it"


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(build_schema())


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"more": 1}, "Additional properties"),
        ({"code": "3"}, "is not of type 'integer'"),
        ({"cause": "bad luck"}, "is not valid under any"),
        ({"at": "2026-11-27T04:52:07+00:00"}, "does not match"),
        ({"message_key": ...}, "is a required property"),
        ({"format": 2}, "1 was expected"),
    ],
    ids=str,
)
def test_the_schema_is_strict(change, fault):
    line = {"type": "exit", "format": 1, "at": "2026-11-27T04:52:07+07:00", "code": 3, "cause": "run-unfinished"}
    line |= {"message": "", "message_key": None, "hint": "", "hint_key": None}
    validator = jsonschema.Draft202012Validator({"$ref": "#/$defs/exit", "$defs": build_schema()["$defs"]})
    assert validator.is_valid(line)
    changed = {name: value for name, value in (line | change).items() if value is not ...}

    assert fault in next(validator.iter_errors(changed)).message
