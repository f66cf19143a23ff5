"""The manual pages say every command and option, in a form that every `man` reads; bash completes with the script that ships."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from tools import manual
from zalo_alert.cli.app import app, load_commands
from zalo_alert.errors import ExitCode

SCRIPT = Path(manual.__file__).parent / "shells" / "zalo-alert.bash"


@pytest.fixture(scope="module")
def pages():
    return manual.pages("9.9")


def commands():
    load_commands()
    return dict(manual.walk(get_command(app), manual.NAME))


def test_every_command_and_option_has_its_place(pages):
    for words, command in commands().items():
        page = pages[f"{words.replace(' ', '-')}.1"]
        for option in (option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)):
            assert option.replace("-", "\\-") in page, f"{option} of {words}"
        if words != manual.NAME:
            above = pages[f"{words.rpartition(' ')[0].replace(' ', '-')}.1"]
            assert f".B {words.replace(' ', '-')}(1)".replace("-", "\\-") in above
    assert len(pages) == len(commands())


def test_the_exit_status_is_the_programs_own():
    assert list(manual.EXIT_STATUS) == [int(code) for code in ExitCode]


def test_pages_say_their_version(pages):
    assert '"zalo-alert 9.9"' in pages["zalo-alert-send.1"]


def test_nothing_in_a_sentence_commands_troff(pages):
    requests = {".TH", ".SH", ".PP", ".B", ".TP", ".BR", ".EX", ".EE", '.\\"'}

    for page in pages.values():
        assert {line.split()[0] for line in page.splitlines() if line.startswith((".", "'"))} <= requests


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
def test_groff_reads_them_without_a_word(pages, tmp_path):
    for name, page in pages.items():
        (tmp_path / name).write_text(page, encoding="utf-8")
    words = ["groff", "-man", "-ww", "-Kutf8", "-Tutf8", *sorted(map(str, tmp_path.glob("*.1")))]
    done = subprocess.run(words, capture_output=True, text=True, check=True)

    assert done.stderr == ""
    assert "Nguyễn Văn A" in done.stdout


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
