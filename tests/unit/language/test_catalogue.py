"""The Vietnamese catalogue is whole: no sentence without a translation, no field lost, no word for a word of the glossary."""

import re
import subprocess
import sys
import unicodedata

from babel.messages.mofile import write_mo

from tools import catalogue
from zalo_alert.language import Language
from zalo_alert.language.catalogue import catalogue_of
from zalo_alert.language.keys import KEPT

MESSAGES = [message for message in catalogue.extracted() if message.id]
IDS: list[tuple[str, ...]] = [(m.id,) if isinstance(m.id, str) else tuple(m.id) for m in MESSAGES]
VI = catalogue.read("vi")
FIELD = re.compile(r"\{[^{} ]*\}|%\([a-z_]+\)[sd]")


def translation(id_):
    message = VI.get(id_)
    string = message.string if message else ""
    return string if isinstance(string, str) else "".join(string or ())


def test_the_messages_were_found():
    assert len(MESSAGES) > 1000
    assert ("{count} person", "{count} people") in IDS


def test_no_sentence_lacks_its_translation():
    assert catalogue.missing("vi") == []


def test_the_catalogue_holds_no_sentence_that_nobody_says_any_more():
    kept = {message.id[0] if isinstance(message.id, list | tuple) else message.id for message in VI if message.id}

    assert kept - {id_[0] for id_ in IDS} == set()


def test_every_field_of_a_message_stands_in_its_translation():
    differing = [id_[-1] for id_ in IDS if set(FIELD.findall(id_[-1])) != set(FIELD.findall(translation(id_[0])))]

    assert differing == []


def test_translations_are_composed_and_end_as_their_sentences_do():
    faults = [
        id_[0]
        for id_ in IDS
        for text in [translation(id_[0])]
        if text != unicodedata.normalize("NFC", text)
        or [text[:1].isspace(), text[-1:].isspace()] != [id_[0][:1].isspace(), id_[0][-1:].isspace()]
        or (id_[0].rstrip().endswith(("?", ":")) and not text.rstrip().endswith(("?", ":", "}")))
    ]

    assert faults == []


def test_commands_and_keys_in_a_sentence_are_left_as_they_are():
    quoted = re.compile(r"`[^`]+`|--[a-z][a-z-]+|\b[a-z]+_[a-z_]+\b")
    changed = [id_[0] for id_ in IDS if not set(quoted.findall(id_[0])) <= set(quoted.findall(translation(id_[0])))]

    assert changed == []


def test_the_catalogue_in_use_is_the_one_in_the_repository():
    subprocess.run([sys.executable, "tools/catalogue.py", "compile"], check=True, cwd=catalogue.PACKAGE.parent)
    catalogue_of.cache_clear()

    said = catalogue_of(Language.VI).text("{count} person", "{count} people", 3)

    assert said == translation("{count} person")
    assert "người" in said


def test_whoever_reads_a_catalogue_while_it_is_compiled_has_a_whole_one(monkeypatch):
    compiled = catalogue.po_file("vi").with_suffix(".mo")
    before = compiled.read_bytes()
    read_meanwhile = []

    def write(target, messages):
        target.write(b"half")
        target.flush()
        read_meanwhile.append(compiled.read_bytes())
        target.seek(0)
        write_mo(target, messages)

    monkeypatch.setattr(catalogue, "write_mo", write)
    catalogue.compile_all()

    assert read_meanwhile == [before]


def test_every_kept_key_belongs_to_a_sentence():
    assert set(KEPT) - {id_[0] for id_ in IDS} == set()


def test_a_key_that_scripts_may_know_does_not_go():
    """A reworded sentence keeps its key in `language/keys.py`; one that nobody says any more is taken out of the list by hand."""
    known, now = catalogue.known_keys(), catalogue.keys()

    assert known - now == set()
    assert now - known == set(), "make catalogue writes the new ones"
