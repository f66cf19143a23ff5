"""Telling whoever may approve, by a program of their own: whatever it does, it keeps nobody and nothing waiting."""

import sys
import time

import pytest

from zalo_alert.operations.notify import notify


def python(code):
    return (sys.executable, "-c", code)


def test_the_program_gets_the_text_on_its_stdin(tmp_path):
    copy = "import sys, pathlib; pathlib.Path('told').write_bytes(sys.stdin.buffer.read())"

    assert notify(python(copy), "Huế".encode(), tmp_path) == ""
    assert (tmp_path / "told").read_text(encoding="utf-8") == "Huế"


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (("no-such-program",), "no-such-program can't be run"),
        ((".",), "can't be run"),
        (("a\0b",), "can't be run"),
        (python("raise SystemExit(3)"), "ended with 3"),
        (python("import sys; sys.stdin.close()"), ""),
        (python("print('x' * 10_000_000)"), ""),
        (("echo", "; touch pwned"), ""),
    ],
    ids=["missing", "a-folder", "a-zero", "fails", "reads-nothing", "writes-much", "no-shell"],
)
def test_what_fails_is_said_in_a_sentence(tmp_path, command, why):
    assert why in notify(command, b"x" * 100_000, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_program_that_hangs_is_ended(tmp_path):
    begun_s = time.monotonic()
    said = notify(python("import time; time.sleep(60)"), b"x", tmp_path, patience_s=0.5)

    assert "took longer than 0.5 s" in said
    assert time.monotonic() - begun_s < 30
