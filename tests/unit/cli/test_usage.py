"""Mistakes in the command line and its help, in the reader's language."""

import os
import subprocess
import sys

import pytest
import typer.main
from typer.exceptions import TyperException

from tools.manual import NAME, walk
from zalo_alert.cli import app, usage
from zalo_alert.cli.display import display
from zalo_alert.language import Language, Sentence, catalogue_of

MISTAKES = {
    "no such command": ("hello",),
    "nearly a command": ("sent",),
    "no such option": ("send", "--nope"),
    "nearly an option": ("send", "--dry-rum"),
    "nothing where an argument must be": ("send",),
    "an option without its value": ("init", "--app-per-minute"),
    "a value for a flag": ("init", "--json=3"),
    "too many words": ("runs", "one", "two"),
    "no number": ("init", "--app-per-minute", "x"),
    "too small": ("init", "--app-per-minute", "0"),
    "too large": ("sandbox", "--port", "65536"),
    "no decimal": ("sandbox", "--latency-ms", "x"),
    "none of them": ("--lang", "fr", "runs"),
    "a file for a folder": ("runs", "--workspace", __file__),
}


@pytest.fixture
def command(monkeypatch):
    def of(language):
        monkeypatch.setattr(display, "catalogue", catalogue_of(language))
        app.load_commands()
        return typer.main.get_command(app.app)

    return of


@pytest.mark.parametrize("words", MISTAKES.values(), ids=MISTAKES)
def test_what_the_library_says_of_a_mistake_is_a_sentence_of_ours(command, words):
    with pytest.raises(usage.Misuse) as caught:
        command(Language.VI).main(list(words), prog_name="zalo-alert", standalone_mode=False)
    assert isinstance(caught.value.__cause__, TyperException)
    english = caught.value.__cause__.format_message()
    sentence = usage.sentence_of(english)
    assert isinstance(sentence, Sentence)
    assert sentence == english
    assert caught.value.format_message() == sentence.said_in(catalogue_of(Language.VI)) != english


def test_why_a_value_is_refused_is_a_sentence_in_a_sentence():
    said = usage.sentence_of("Invalid value for '--workspace' (env var: 'ZALO_ALERT_WORKSPACE'): dir 'x' is a file.")
    assert isinstance(said, Sentence)
    why = said.fields["why"]
    assert isinstance(why, Sentence)
    assert (said.fields["variable"], why.fields["path"]) == ("'ZALO_ALERT_WORKSPACE'", "'x'")
    assert isinstance(why.fields["what"], Sentence)


def test_a_text_that_nobody_knows_stays_as_it_is():
    assert usage.sentence_of("Something quite new.") == "Something quite new."


SAME_WORDS = ("OA", "ID")  # in both languages


def helps(command):
    """Every text of the help, with the command that it is of."""
    for part in (command, *command.params):
        yield from ((command.name, getattr(part, name)) for name in ("help", "metavar") if getattr(part, name, None))
    for below in getattr(command, "commands", {}).values():
        yield from helps(below)


def test_every_help_is_translated(command):
    english, spoken = list(helps(command(Language.EN))), command(Language.VI)
    spoken.make_context("zalo-alert", ["runs"])
    vietnamese = list(helps(spoken))
    same = [text for text, (_, said) in zip(english, vietnamese, strict=True) if text[1] == said not in SAME_WORDS]
    assert not same
    for (name, before), (_, after) in zip(english, vietnamese, strict=True):
        assert examples(before) == examples(after), name


def examples(text):
    return [line.partition(": ")[2] for line in text.splitlines() if line.startswith(("Example: ", "Ví dụ: "))]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--help",), ("Cách dùng: zalo-alert [TÙY CHỌN] LỆNH", "Tùy chọn", "Lệnh", "Xem hướng dẫn này")),
        (("send", "--help"), ("Tham số", "[bắt buộc]", "Ví dụ: zalo-alert send campaigns/dien-tap-bao.yaml", "mặc định")),
        (("send",), ("Cách dùng", "zalo-alert send --help", "Lỗi", "thiếu tham số 'campaign'")),
    ],
)
def test_a_real_process_speaks_vietnamese_from_its_first_word(tmp_path, words, said):
    environ = {"LC_ALL": "vi_VN.UTF-8", "COLUMNS": "100"}
    result = subprocess.run(
        [sys.executable, "-m", "zalo_alert", *words], cwd=tmp_path, env=environ, capture_output=True, check=False
    )
    shown = (result.stdout + result.stderr).decode()
    assert not [text for text in said if text.lower() not in shown.lower()], shown


@pytest.mark.slow
@pytest.mark.parametrize("words", ["send", "accounts check"])
@pytest.mark.parametrize(("language", "said"), [(Language.EN, "Say nothing but warnings"), (Language.VI, "Chỉ báo chú ý và lỗi")])
def test_quiet_is_named_in_the_help_of_every_command(words, language, said):
    line = [sys.executable, "-m", "zalo_alert", "--lang", language.value, *words.split(), "--help"]
    told = subprocess.run(line, capture_output=True, text=True, check=True, env=os.environ | {"COLUMNS": "200"}).stdout

    assert said in next(row for row in told.splitlines() if "--quiet" in row)


@pytest.mark.parametrize("option", ["--quiet", "--verbose", "--log-file"])
def test_what_stands_anywhere_is_an_option_of_every_command_once(command, option):
    everywhere = dict(walk(command(Language.EN), NAME))

    assert len(everywhere) > 30
    for words, one in everywhere.items():
        assert [option for parameter in one.params for option in parameter.opts].count(option) == 1, words
