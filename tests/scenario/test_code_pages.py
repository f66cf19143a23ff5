"""Output of any encoding, or of none: every letter where it can be, marks where not, never a traceback."""

import os
import pty
import subprocess
import sys
from itertools import cycle

import pytest

pytestmark = pytest.mark.english

COMMANDS = [
    ("--help",),
    ("--version",),
    ("send", "--help"),
    ("places", "search", "Huế"),
    ("places", "list", "--json"),
    ("validate", "campaigns/bao-so-7.yaml"),
    ("validate", "đâu.yaml"),
    ("preview", "campaigns/bao-so-7.yaml"),
    ("plan", "campaigns/bao-so-7.yaml"),
    ("followers", "stats"),
    ("doctor", "--offline"),
    ("sandbox", "--scenario", "đêm"),
    ("plan", "--Đ"),
    ("schema", "-"),
]
ENCODINGS = ["cp1252", "cp1258", "ascii:strict", "latin-1", "utf-16"]


@pytest.mark.parametrize(("words", "encoding"), [*zip(COMMANDS, cycle(ENCODINGS), strict=False)], ids=str)
def test_what_is_redirected_is_utf_8_whatever_the_code_page(desk_read_only, words, encoding):
    desk_read_only.environ["PYTHONIOENCODING"] = encoding
    result = desk_read_only.run(*words)
    del desk_read_only.environ["PYTHONIOENCODING"]

    assert result.code in (0, 2, 10, 11)
    assert result.out + result.err
    assert "\\u" not in result.out + result.err, "no letter is spelled out"


@pytest.fixture(scope="module")
def desk_read_only(_books):
    from tests.conftest import Desk

    desk = Desk(_books(1000))
    yield desk
    desk.close()


@pytest.mark.parametrize(("words", "encoding"), [*zip(COMMANDS, cycle(ENCODINGS[:4]), strict=False)], ids=str)
def test_a_terminal_of_another_code_page_shows_what_it_can(desk_read_only, words, encoding):
    desk_read_only.environ["PYTHONIOENCODING"] = encoding
    ours, theirs = pty.openpty()
    child = desk_read_only.start(*words, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b"".join(_read_all(ours))
    del desk_read_only.environ["PYTHONIOENCODING"]

    assert child.wait(60) in (0, 2, 10, 11)
    assert b"Traceback" not in shown
    assert shown


def _read_all(handle):
    while True:
        try:
            piece = os.read(handle, 1 << 16)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        yield piece
    os.close(handle)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "closed"),
    [(("--version",), "1>&-"), (("places", "search", "Huế"), "<&- 1>&- 2>&-"), (("plan", "đâu.yaml"), "2>&-")],
    ids=str,
)
def test_closed_streams_end_no_command_in_a_traceback(desk_read_only, words, closed):
    script = f'exec "$@" {closed}'
    command = ["sh", "-c", script, "sh", sys.executable, "-m", "zalo_alert", *words]
    done = subprocess.run(command, cwd=desk_read_only.folder, capture_output=True, text=True, check=False)

    assert done.returncode not in (1, 120)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.slow
def test_a_locale_that_knows_no_letter_of_ours_ends_no_command(desk_read_only):
    environ = {"PATH": os.environ["PATH"], "LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    words = [sys.executable, "-m", "zalo_alert", "places", "search", "old:46"]
    done = subprocess.run(words, cwd=desk_read_only.folder, env=environ, capture_output=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "Thừa Thiên Huế" in done.stdout.decode()
