"""A sentence is its English text, and can be said in another language wherever it went meanwhile."""

import copy
import pickle
from datetime import UTC, date, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zalo_alert.errors import ZaloAlertError
from zalo_alert.language import (
    Catalogue,
    Language,
    Sentence,
    _,
    _n,
    count,
    decimal,
    joined,
    pack,
    persons,
    rate,
    said_in,
    span,
    unpack,
)
from zalo_alert.language.catalogue import choose
from zalo_alert.language.formats import moment
from zalo_alert.language.sentences import MAX_KEY, key_of

WORDS = {
    "{people} left": "còn {people}",
    "{count} person": "{count} người",
    "{a}; {b}": "{b}; {a}",
    "nothing": "không có gì",
    "{number}/s": "{number}/giây",
}


class Vietnamese(Catalogue):
    """A catalogue of five messages."""

    def __init__(self):
        super().__init__(Language.VI)

    def text(self, message, plural="", number=1):
        return WORDS.get(message, message)


VI = Vietnamese()


def test_a_sentence_is_its_english_text():
    sentence = _("{people} left", people=persons(12_000))

    assert sentence == "12\u202f000 people left"
    assert isinstance(sentence, str)
    assert orjson.dumps({"a": sentence}) == '{"a":"12\u202f000 people left"}'.encode()


def test_a_field_that_is_a_phrase_is_said_in_the_language_of_the_sentence():
    assert said_in(_("{people} left", people=persons(12_000)), VI) == "còn 12.000 người"


def test_the_order_of_fields_is_the_languages_own():
    assert said_in(_("{a}; {b}", a=_("nothing"), b="x"), VI) == "x; không có gì"


@pytest.mark.parametrize(
    "keep",
    [
        str,
        copy.copy,
        copy.deepcopy,
        lambda s: pickle.loads(pickle.dumps(s)),
        lambda s: unpack(pack(s)),
        lambda s: str(ValueError(s)),
    ],
    ids=["str", "copy", "deepcopy", "pickle", "pack", "error"],
)
@pytest.mark.parametrize(
    "phrase",
    [
        _("{people} left", people=persons(3)),
        joined((_("nothing"), "x", persons(2)), " · "),
        count(12_345),
        decimal(12.25, 1),
        rate(66.06),
        moment(datetime(2026, 11, 27, 4, 52, tzinfo=UTC), date(2026, 11, 26)),
    ],
    ids=lambda phrase: str.__str__(phrase),
)
def test_a_phrase_keeps_what_it_was_made_from(keep, phrase):
    kept = keep(phrase)

    assert kept == phrase
    assert said_in(kept, VI) == said_in(phrase, VI)


def test_an_error_keeps_its_sentence():
    error = ZaloAlertError(_("nothing"))

    assert said_in(error, VI) == said_in(error.message, VI) == "không có gì"


def test_braces_of_a_message_without_fields_are_text():
    assert _("write {{ name }}") == "write {{ name }}"
    assert said_in(_("write {{ name }}"), VI) == "write {{ name }}"


def test_braces_in_a_field_are_text():
    assert said_in(_("{a}; {b}", a="{0}", b="{x}"), VI) == "{x}; {0}"


@given(st.text(), st.text(), st.integers(-(10**12), 10**12))
def test_whatever_stands_in_a_field_a_packed_sentence_comes_back(a, b, number):
    sentence = _("{a}; {b}", a=_("{people} left", people=a), b=joined((b, count(number))))

    assert unpack(pack(sentence)) == sentence
    assert said_in(unpack(pack(sentence)), VI) == said_in(sentence, VI)


def test_a_plain_text_is_packed_as_it_is():
    assert pack("5 people") == unpack("5 people") == "5 people"


@pytest.mark.parametrize(
    ("number", "english"), [(0, "0 people"), (1, "1 person"), (2, "2 people"), (10_000, "10\u202f000 people")]
)
def test_people_are_counted(number, english):
    assert persons(number) == english


def test_a_count_has_forms_by_language():
    assert _n("{n} line", "{n} lines", 1, n=1) == "1 line"
    assert _n("{n} line", "{n} lines", 7, n=7) == "7 lines"


@pytest.mark.parametrize(
    ("phrase", "english", "vietnamese"),
    [
        (count(999), "999", "999"),
        (count(4_000), "4000", "4.000"),
        (count(1_234_567), "1\u202f234\u202f567", "1.234.567"),
        (decimal(99.05, 1), "99.0", "99,0"),
        (rate(66.1), "66.1/s", "66,1/giây"),
    ],
)
def test_numbers_are_written_by_language(phrase, english, vietnamese):
    assert phrase == english
    assert said_in(phrase, VI) == vietnamese


FRIDAY = datetime(2026, 11, 27, 4, 52, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("today", "english", "vietnamese"),
    [
        (date(2026, 11, 27), "04:52", "04:52"),
        (date(2026, 11, 26), "04:52 Fri 27/11", "04:52 thứ Sáu 27/11"),
        (date(2025, 11, 27), "04:52 Fri 27/11/2026", "04:52 thứ Sáu 27/11/2026"),
    ],
    ids=["today", "this year", "another year"],
)
def test_a_moment_has_its_day_when_it_is_not_today(today, english, vietnamese):
    assert moment(FRIDAY, today) == english
    assert said_in(moment(FRIDAY, today), VI) == vietnamese


def test_a_span_is_a_phrase():
    assert isinstance(span(timedelta(hours=3, minutes=5)), Sentence)
    assert span(timedelta(hours=3, minutes=5)) == "3 h 05 min"


def test_the_key_of_a_sentence_has_its_words_without_the_fields():
    assert key_of("{path} can't be read: {why}") == "can-t-be-read"
    assert len(key_of("word " * 50)) <= MAX_KEY


@pytest.mark.parametrize(
    ("asked", "environ", "config", "language"),
    [
        ("vi", {"ZALO_ALERT_LANG": "en"}, "language: en", "vi"),
        (None, {"ZALO_ALERT_LANG": "vi", "LANG": "en_US.UTF-8"}, "language: en", "vi"),
        (None, {"LANG": "en_US.UTF-8"}, "profile: drill\nlanguage: vi # ours", "vi"),
        (None, {"LANG": "vi_VN.UTF-8"}, 'language: "en"', "en"),
        (None, {"LANG": "vi_VN.UTF-8"}, "", "vi"),
        (None, {"LANG": "vi_VN.UTF-8", "LC_ALL": "C"}, "", "en"),
        (None, {"LC_MESSAGES": "vi_VN", "LANG": "en_US"}, "", "vi"),
        (None, {"LANG": "fr_FR.UTF-8"}, "", "en"),
        (None, {"LANG": "en_US.UTF-8", "LANGUAGE": "vi:en"}, "", "vi"),
        (None, {"ZALO_ALERT_LANG": "french"}, "language: klingon", "en"),
        (None, {}, "", "en"),
    ],
)
def test_the_language_is_chosen_by_option_environment_workspace_and_locale(tmp_path, asked, environ, config, language):
    file = tmp_path / "zalo-alert.yaml"
    file.write_text(config, encoding="utf-8")

    assert choose(asked, environ, file) == language


def test_a_config_that_is_missing_or_no_text_chooses_nothing(tmp_path):
    (tmp_path / "zalo-alert.yaml").write_bytes(b"\xff\xfe language")

    assert choose(None, {}, tmp_path / "zalo-alert.yaml") == "en"
    assert choose(None, {}, tmp_path / "none.yaml") == "en"
    assert choose(None, {}, tmp_path) == "en"
