"""docs/settings.md says what the settings are, and every variable that the code reads."""

import re

import pytest
from pydantic import BaseModel

from tools import write_settings_page as tool
from zalo_alert.language import Language
from zalo_alert.sandbox.base import Credentials, environ
from zalo_alert.settings.form import SettingsForm
from zalo_alert.settings.load import example

EXAMPLE = example(Language.EN)
VARIABLE = re.compile(r"\bZALO_ALERT_[A-Z_]*[A-Z]\b")


def test_the_page_is_current():
    assert tool.PAGE.read_text(encoding="utf-8") == tool.page(EXAMPLE), "run `make docs`"


def test_every_variable_that_the_code_names_stands_on_the_page():
    page = tool.PAGE.read_text(encoding="utf-8")
    package = tool.PAGE.parent.parent / "zalo_alert"
    named = {name for path in package.rglob("*.py") for name in VARIABLE.findall(path.read_text(encoding="utf-8"))}

    assert named >= {"ZALO_ALERT_WORKSPACE", "ZALO_ALERT_OPENAPI_URL"}
    assert {name for name in named if name not in page} == set()


def test_every_variable_that_the_sandbox_sets_stands_on_the_page():
    with_secrets = environ("<id>", Credentials("a", "b", "c", "d"))

    assert "ZALO_ALERT_<ID>_OA_SECRET" in with_secrets
    assert set(with_secrets) <= set(tool.VARIABLES)


def test_a_key_that_nobody_has_explained_is_an_error():
    class Newer(SettingsForm):
        brightness: int = 3

    with pytest.raises(KeyError, match="brightness"):
        tool.page(EXAMPLE, Newer)


def test_keys_are_named_by_their_path():
    class Inner(BaseModel):
        depth: int | None = None

    class Outer(BaseModel):
        one: Inner
        many: list[Inner]
        words: list[str] = ["a"]

    found = {key: (tool.kind_of(field.annotation), tool.default_of(field)) for key, field in tool.keys(Outer)}

    assert found == {"one.depth": ("number", "–"), "many[].depth": ("number", "–"), "words": ("list", "`[a]`")}
