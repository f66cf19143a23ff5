"""The JSON Schema of files of `inbound/`: shipped examples fit it, and what the tool refuses by its shape doesn't."""

import jsonschema
import pytest

from zalo_alert.answers.inbound_file import read_files
from zalo_alert.answers.load import KINDS
from zalo_alert.answers.schema import FORMS, schema
from zalo_alert.foundation import yaml_document
from zalo_alert.language import Language
from zalo_alert.operations.answer_examples import example_names, read_examples


def faults(text):
    data = yaml_document.load(text.encode(), "x.yaml").data
    return [error.message for error in jsonschema.Draft202012Validator(schema()).iter_errors(data)]


@pytest.mark.parametrize("example", example_names())
def test_each_example_fits(example):
    for name, text in read_examples([example])[example].items():
        if name.endswith(".yaml"):
            assert faults(text.decode()) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: answers", "kind: answer", "answer"),
        ("rules:", "rule:", "rule"),
        ("rank: 6", "rank: 0", "0"),
        ("id: le-phi", "id: Lệ", "Lệ"),
    ],
)
def test_what_the_tool_refuses_does_not_fit(office, old, new, said):
    text = (office.folder / "inbound" / "police-qa.yaml").read_text(encoding="utf-8")

    assert faults(text) == []
    assert any(said in fault for fault in faults(text.replace(old, new)))


def test_every_kind_that_is_read_has_its_part():
    assert set(FORMS) == set(KINDS)


def test_descriptions_are_in_the_readers_language():
    parts = schema(Language.VI)["$defs"]

    assert parts["RuleForm"]["properties"]["not"]["description"].startswith("Tin có một trong")


def test_a_folder_that_is_none_has_no_files(tmp_path):
    assert read_files(tmp_path, KINDS) == ([], [])
