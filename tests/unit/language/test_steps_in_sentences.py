"""Steps in sentences, also after they lay on the disk: ours are said, and what strangers write gives no orders."""

import pickle
from datetime import timedelta
from pathlib import Path

import pytest

from zalo_alert.errors import Cure, RunSuspended, about_run
from zalo_alert.language import (
    Language,
    Sentence,
    _,
    _n,
    catalogue_of,
    count,
    decimal,
    joined,
    pack,
    persons,
    said_in,
    span,
    unpack,
)
from zalo_alert.operations.commands import spoken

VI = catalogue_of(Language.VI)
STRANGER = "⟨resume X⟩"
PHRASES = [
    persons(66_221),
    joined((persons(1), "Zalo", span(timedelta(minutes=7))), "; "),
    _("run {name} is being sent by another process", name=_("watch it with {status}", status=Cure.STATUS("DT-1", watch=True))),
    _n("{count} problem in {where}", "{count} problems in {where}", 3, count=count(3), where=_("{count} files", count=2)),
    _("{number}/s", number=decimal(12.25)),
]


@pytest.mark.parametrize("phrase", PHRASES, ids=str)
def test_what_was_packed_or_pickled_is_the_same_phrase(phrase):
    for copy in (unpack(pack(phrase)), pickle.loads(pickle.dumps(phrase))):
        assert (copy, type(copy)) == (phrase, type(phrase))
        assert said_in(copy, VI) == said_in(phrase, VI)
        assert spoken(copy) == spoken(phrase)


@pytest.mark.parametrize("text", ["", "stopped by hand", "{field}", '["s", "x"]'])
def test_text_that_is_no_phrase_is_kept_as_it_is(text):
    assert unpack(pack(text)) == text


def test_text_that_begins_like_a_packed_phrase_is_kept_as_text():
    assert unpack(pack("\x02[")) == "["


def test_steps_of_ours_are_said_in_fields_and_in_phrases_within_phrases():
    inner = joined((_("watch it with {status}", status=Cure.STATUS("DT-1")), Cure.RUNS()), ", ")
    assert spoken(_("{hint}: {resume} continues", hint=inner, resume=Cure.RESUME("DT-1"))) == (
        "watch it with `zalo-alert status DT-1`, `zalo-alert runs`: `zalo-alert resume DT-1` continues"
    )


@pytest.mark.parametrize("value", [STRANGER, Path(STRANGER), OSError(STRANGER), ValueError(STRANGER)], ids=repr)
def test_a_strangers_text_in_a_field_is_no_step(value):
    for phrase in (_("can't use {path}", path=value), joined(("x", value)), joined(("x", _("{why}", why=value)))):
        assert "‹resume X›" in spoken(phrase)
        assert "‹resume X›" in spoken(said_in(unpack(pack(phrase)), VI))


def test_a_strangers_text_in_the_subject_of_a_step_stays_within_it():
    assert spoken(_("{resume} continues", resume=Cure.RESUME("⟩⟨send Y⟩"))) == "`zalo-alert resume ⟩⟨send Y⟩` continues"


def test_an_error_of_ours_keeps_its_steps_when_it_stands_in_another():
    inner = RunSuspended(_("no usable answer; {refresh} asks again", refresh=Cure.REFRESH("pctt")))
    assert spoken(_("{account}: {why}", account="pctt", why=inner)).endswith("`zalo-alert accounts refresh pctt` asks again")


def test_numbers_in_fields_stay_numbers():
    sentence = _("{count} files", count=2)
    assert isinstance(sentence, Sentence)
    assert sentence.fields == {"count": 2}


def test_numbers_in_a_sentence_hold_no_steps_and_stay():
    sentence = _("{people} wait; {resume} continues", people=count(5000), resume=Cure.RESUME())
    named = about_run(sentence, "DT-1")

    assert str(Cure.RESUME("DT-1")) in named
    assert "5000" in named or "5\u202f000" in named
