"""A line of a log holds no id, no secret, and sentences that can be said in the reader's language; any bytes can be read."""

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zalo_alert.errors import Cure
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.foundation.log_line import MOST_BYTES, MOST_TEXT, Hiding, LogLine, decode, encode
from zalo_alert.foundation.notices import Level
from zalo_alert.foundation.pseudonyms import Marks
from zalo_alert.language import Language, _, catalogue_of, joined, persons, said_in

AT = datetime(2026, 11, 26, 22, 10, 3, 5678, tzinfo=VIETNAM)
NOBODY = Hiding(None)
PERSON, PHONE = "1002893352839501541", "84912345678"
TOKEN = "kT9x" * 30


@pytest.fixture
def state(tmp_path):
    folder = tmp_path / ".zalo-alert"
    folder.mkdir()
    return folder


def back(line: LogLine, hide: Hiding = NOBODY) -> LogLine:
    read = decode(encode(line, hide))
    assert read is not None
    return read


def test_a_line_is_json_with_the_instant_to_the_millisecond_in_vietnam():
    raw = encode(LogLine(AT.astimezone(UTC), "note", "xong", Level.WARNING, 7, {"people": 3}), NOBODY)

    assert raw.endswith(b"\n")
    assert orjson.loads(raw) == {
        "at": "2026-11-26T22:10:03.005+07:00", "kind": "note", "level": "warning", "process": 7, "text": "xong",
        "facts": {"people": 3},
    }  # fmt: skip


def test_a_sentence_is_said_in_the_language_of_whoever_reads_it_later():
    resume = _("{resume} continues", resume=Cure.RESUME("DT-1"))
    read = back(LogLine(AT, "note", joined((persons(66_221), resume), "; "), facts={"cure": resume}))

    catalogue = catalogue_of(Language.VI)
    assert said_in(read.text, catalogue) == "66.221 người; gửi tiếp bằng ⟨resume DT-1⟩"
    assert said_in(read.facts["cure"], catalogue) == "gửi tiếp bằng ⟨resume DT-1⟩"
    assert read.text == "66\u202f221 people; ⟨resume DT-1⟩ continues"


@pytest.mark.parametrize(
    "text",
    [
        PERSON,
        f"+{PHONE}",
        "0912345678",
        "0912 345 678",
        "+84 912.345.678",
        "084-912-345-678".removeprefix("0"),
        f"same-phone:{PERSON}",
    ],
)
def test_a_person_is_a_mark_wherever_they_are_named(state, text):
    raw = encode(LogLine(AT, "note", f"of {text} nothing", facts={"who": [text], "inner": {text: 1}}), Hiding(state)).decode()

    digits = "".join(sign for sign in text if sign.isdigit())
    assert text.rpartition(":")[2] not in raw
    assert raw.count(Marks(state).of(digits)) == 3


def test_a_person_in_a_sentence_is_a_mark_in_every_language(state):
    sentence = _("can't read {path}: {why}", path=PERSON, why=_("No such file or directory"))
    raw = encode(LogLine(AT, "error", sentence), Hiding(state))

    read = decode(raw)
    assert PERSON.encode() not in raw
    assert read is not None
    assert Marks(state).of(PERSON) in said_in(read.text, catalogue_of(Language.VI))
    assert said_in(read.text, catalogue_of(Language.VI)) != read.text


def test_where_no_key_is_a_person_is_a_sign_and_no_folder_is_made(tmp_path):
    for hide in (Hiding(None), Hiding(tmp_path / "none")):
        assert hide(f"of {PERSON}.") == "of …."
    (tmp_path / "privacy.key").write_bytes(b"damaged")
    assert Hiding(tmp_path)(PERSON) == "…"
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "text",
    [
        TOKEN, f"access_token={TOKEN[:20]}", f'"refresh_token": "{TOKEN[:20]}"', f"app_secret: {TOKEN[:20]}",
        f"http://user:{TOKEN[:20]}@proxy:8080",
    ],
)  # fmt: skip
def test_a_secret_gets_into_no_line(text):
    raw = encode(LogLine(AT, "error", f"refused {text}, so", facts={"why": text}), NOBODY)

    assert TOKEN[:20].encode() not in raw
    assert b", so" in raw


@pytest.mark.parametrize(
    "text", ["DT-TW-261124-01", "DT-202611270001", "66 221 of 37 000 000", "14:00 18/9/2026", "298001", "a" * 64]
)
def test_names_of_runs_numbers_and_days_stay_what_they_are(text):
    assert NOBODY(text) == text


def test_what_is_far_too_long_is_cut_and_says_so():
    long = back(LogLine(AT, "note", "dài " * 3000))
    sentence = back(LogLine(AT, "note", _("{cure}; see whether the proxy is right", cure="dài " * 3000)))
    wide = encode(LogLine(AT, "note", "xong", facts={f"f{number}": "dài " * 900 for number in range(30)}), NOBODY)

    assert (len(long.text), long.text[-1]) == (MOST_TEXT, "…")
    assert (len(sentence.text), sentence.text[-1]) == (MOST_TEXT, "…")
    assert len(wide) <= MOST_BYTES
    assert orjson.loads(wide)["facts"]["left_out"][0] == "f0"


def test_a_message_that_reckons_is_not_filled_in_again():
    raw = encode(LogLine(AT, "note", "x"), NOBODY)
    wide = {"text": ["s", "{n:>1000000000}", {"n": "1"}, "", 1]}
    line = decode(orjson.dumps(orjson.loads(raw) | {"sentences": wide}))

    assert line is not None
    assert line.text == "x"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes() | st.binary() | st.just(Path("x")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.integers(), inner, max_size=4),
    max_leaves=12,
)


@given(st.text(st.characters(), max_size=200), st.dictionaries(st.text(), values, max_size=5))
def test_anything_that_can_be_said_can_be_written_and_read(text, facts):
    raw = encode(LogLine(AT, "note", text, facts=facts), NOBODY)

    assert raw.count(b"\n") == 1
    assert decode(raw) is not None


json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.text(max_size=5)
    | st.sampled_from(["s", "j", "k", "n", "d", "m", "{a}", "{a.b}"]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(["a", "text"]), inner, max_size=2),
    max_leaves=20,
)


@given(json)
def test_whatever_stands_for_a_sentence_is_said_without_a_fault(packed):
    body = {"at": AT.isoformat(), "kind": "note", "text": "a", "facts": {"a": "b"}, "sentences": {"text": packed, "a": packed}}
    line = decode(orjson.dumps(body))

    assert line is not None
    assert (str(line.text), line.facts["a"]) == ("a", "b")
    said_in(line.text, catalogue_of(Language.VI))


@given(
    st.binary(max_size=200)
    | st.dictionaries(st.sampled_from(["at", "kind", "text", "facts", "level", "process", "sentences"]), json).map(orjson.dumps)
)
def test_bytes_that_are_no_line_are_none(raw):
    line = decode(raw)

    assert line is None or line.at.tzinfo is not None
