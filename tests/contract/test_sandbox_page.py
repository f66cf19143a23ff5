"""The sandbox's page in a browser: in the browser's language, with a word for everything that it shows."""

import re

import orjson
import pytest

from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.state import State
from zalo_alert.sandbox.wire import Request
from zalo_alert.sandbox.world import accounts

HOST = {b"host": b"127.0.0.1:8080"}


@pytest.fixture
def state():
    return State(Options(), accounts(Options()))


def page(state, accept_language=""):
    headers = HOST | ({b"accept-language": accept_language.encode()} if accept_language else {})
    return state.answer(Request("GET", "/", "", headers, b"")).body.decode()


def words(html):
    [table] = re.findall(r"const words = (\{.*\})", html)
    return orjson.loads(table)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("vi-VN,vi;q=0.9,en-US;q=0.8", "vi"),
        ("en-GB,en;q=0.9,vi;q=0.8", "en"),
        ("fr-FR, fr;q=0.9, vi;q=0.5", "vi"),
        ("VI", "vi"),
    ],
)
def test_it_speaks_the_browsers_language(state, header, language):
    assert words(page(state, header))["lang"] == language


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("header", ["", "fr", "*", "view"])
def test_a_browser_that_wants_neither_gets_the_language_of_this_process(state, header, language, monkeypatch):
    monkeypatch.setenv("ZALO_ALERT_LANG", language)
    assert words(page(state, header))["lang"] == language


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_word_that_it_shows_is_there(state, language):
    html = page(state, language)
    listed = " ".join(re.findall(r'\["\w+"(?:, "\w+")+\]|\["\w+", ', html))
    shown = {*re.findall(r'data-word="(\w+)"', html), *re.findall(r"\bwords\.(\w+)", html), *re.findall(r'"(\w+)"', listed)}

    assert shown == set(words(html))
    assert all(words(html).values())


def test_the_two_languages_have_other_words(state):
    vi, en = words(page(state, "vi")), words(page(state, "en"))
    assert [name for name in vi if vi[name] == en[name]] == []
