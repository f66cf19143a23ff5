"""The manual pages say every command and option, in a form that every `man` reads; bash completes with the script that ships."""

import gettext
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.main import get_command

from tools import manual
from tools.build_hook import BuildHook
from zalo_alert.cli.app import app, load_commands
from zalo_alert.cli.display import display
from zalo_alert.errors import ExitCode
from zalo_alert.language import Language

OPTION = re.compile(r"(?<![\w-])(?:\\-){2}[a-z\d\\-]+")
EXAMPLE = re.compile(r"^\.EX\n(.*?)^\.EE", re.DOTALL | re.MULTILINE)
SCRIPT = Path(manual.__file__).parent / "shells" / "zalo-alert.bash"


@pytest.fixture(scope="module")
def pages():
    return manual.pages("9.9")


@pytest.fixture(scope="module")
def vietnamese():
    return manual.pages("9.9", Language.VI)


def commands():
    load_commands()
    return dict(manual.walk(get_command(app), manual.NAME))


def shown_as(parameter):
    """What a page shows of a parameter: an option's names, an argument as its usage line calls it."""
    is_argument = parameter.param_type_name == "argument"
    return [parameter.metavar or parameter.name] if is_argument else [*parameter.opts, *parameter.secondary_opts]


def test_every_command_and_option_has_its_place(pages):
    for words, command in commands().items():
        page = pages[f"{words.replace(' ', '-')}.1"]
        for shown in (shown for parameter in command.params for shown in shown_as(parameter)):
            assert shown.replace("-", "\\-") in page, f"{shown} of {words}"
        if words != manual.NAME:
            above = pages[f"{words.rpartition(' ')[0].replace(' ', '-')}.1"]
            assert f".B {words.replace(' ', '-')}(1)".replace("-", "\\-") in above
    assert len(pages) == len(commands())


def test_the_exit_status_is_the_programs_own():
    assert list(manual.EXIT_STATUS) == [int(code) for code in ExitCode]


def test_pages_say_their_version(pages):
    assert '"zalo-alert 9.9"' in pages["zalo-alert-send.1"]


def test_nothing_in_a_sentence_commands_troff(pages, vietnamese):
    requests = {".TH", ".SH", ".PP", ".B", ".TP", ".BR", ".EX", ".EE", '.\\"'}

    for page in [*pages.values(), *vietnamese.values()]:
        assert {line.split()[0] for line in page.splitlines() if line.startswith((".", "'"))} <= requests


def titles(page):
    return [line.removeprefix(".SH ") for line in page.splitlines() if line.startswith(".SH ")]


def test_they_are_in_vietnamese_too_with_the_same_commands_and_options(pages, vietnamese):
    assert vietnamese.keys() == pages.keys()
    for name, page in vietnamese.items():
        # Titles, one for one, and what is never translated.
        assert len(titles(page)) == len(titles(pages[name]))
        assert set(OPTION.findall(page)) >= set(OPTION.findall(pages[name]))
        assert titles(page)[0] == "TÊN"
    assert "VÍ DỤ" in titles(vietnamese["zalo-alert-send.1"])
    assert titles(vietnamese["zalo-alert.1"])[-2:] == ["MÃ THOÁT", "BIẾN MÔI TRƯỜNG"]


def test_no_sentence_of_a_vietnamese_page_is_english(pages, vietnamese):
    """What is the same in both is no sentence of three words: a command, a number, an example."""
    for name, page in vietnamese.items():
        same = {line for line in page.splitlines() if line in pages[name].splitlines()}
        examples = {line for text in EXAMPLE.findall(page) for line in text.splitlines()}
        left = {line for line in same - examples if not line.startswith((".", "zalo\\-alert")) and len(line.split()) > 2}
        assert left == set(), name


def test_writing_them_changes_no_language_of_this_process(pages, vietnamese):
    before = gettext.textdomain(), os.environ.get("LANGUAGE"), display.catalogue

    assert manual.pages("9.9") == pages
    assert manual.pages("9.9", Language.VI) == vietnamese
    assert (gettext.textdomain(), os.environ.get("LANGUAGE"), display.catalogue) == before


def test_they_are_written_where_man_looks_for_them(tmp_path, pages, vietnamese):
    paths = manual.write(tmp_path, "9.9")

    assert sorted(paths) == sorted([f"man1/{name}" for name in pages] + [f"vi/man1/{name}" for name in vietnamese])
    for path, text in (("man1/zalo-alert-send.1", pages), ("vi/man1/zalo-alert-send.1", vietnamese)):
        assert (tmp_path / path).read_text(encoding="utf-8") == text["zalo-alert-send.1"]


def test_a_build_puts_both_into_the_wheel(tmp_path, monkeypatch, pages):
    compiled: list[bool] = []
    monkeypatch.setattr("tools.catalogue.compile_all", lambda: compiled.append(True))
    monkeypatch.setattr(sys, "path", list(sys.path))
    metadata: Any = SimpleNamespace(version="9.9")
    data: dict[str, dict[str, str]] = {"shared_data": {}}

    BuildHook(str(tmp_path), {}, None, metadata, "", "wheel").initialize("standard", data)

    assert compiled
    assert len(data["shared_data"]) == 2 * len(pages)
    assert {"share/man/man1/zalo-alert.1", "share/man/vi/man1/zalo-alert.1"} <= set(data["shared_data"].values())
    assert all(Path(source).is_file() for source in data["shared_data"])


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
def test_groff_reads_them_without_a_word(tmp_path):
    manual.write(tmp_path, "9.9")
    words = ["groff", "-man", "-ww", "-Kutf8", "-Tutf8", *sorted(map(str, tmp_path.rglob("*.1")))]
    done = subprocess.run(words, capture_output=True, text=True, check=True)

    assert done.stderr == ""
    assert "Nguyễn Văn A" in done.stdout


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
@pytest.mark.parametrize(
    ("line", "parted", "replies"),
    [
        ("zalo-alert places show new:4", ["new", ":", "4"], ["40", "42", "44", "46", "48"]),
        ("zalo-alert places show Than", ["Than"], [r"Thanh\ Hóa"]),
        ('zalo-alert places show "Than', ['"Than'], ["Thanh Hóa"]),
        ("zalo-alert report nothing", ["nothing"], []),
    ],
)
def test_bash_is_answered_as_it_parts_words(tmp_path, line, parted, replies):
    program = f'zalo_alert() {{ "{sys.executable}" -m zalo_alert "$@"; }}; source "{SCRIPT}"'
    words = " ".join(f"'{word}'" for word in ("zalo-alert", *line.split()[1:-1], *parted))
    line_of_bash = f"COMP_LINE='{line}' COMP_POINT={len(line)}; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}}-1))"
    ask = f"{program}; {line_of_bash}; _zalo_alert zalo_alert; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    done = subprocess.run(
        ["bash", "--norc", "-c", ask],
        cwd=tmp_path,
        env=os.environ | {"PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split("\n")[:-1] == (replies or [""])
