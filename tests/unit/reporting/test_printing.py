"""A page as PDF: what is said where nothing can print it, and what of a program that does not do it."""

import os
import stat

import pytest

from zalo_alert.errors import InputInvalid
from zalo_alert.reporting.printing import Printers, pdf_of

PAGE = b"<!DOCTYPE html><html><body>x</body></html>"
posix = pytest.mark.skipif(os.name != "posix", reason="programs are shell scripts here")


def program(folder, name, script):
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def printers(folder, *, weasyprint=False):
    """Return what finds programs in a folder alone."""

    def which(name):
        return str(folder / name) if (folder / name).exists() else None

    return Printers(which, lambda: weasyprint)


def test_without_a_program_it_says_what_to_install(tmp_path):
    with pytest.raises(InputInvalid, match="neither Chromium nor WeasyPrint") as caught:
        pdf_of(PAGE, printers(tmp_path))

    assert "apt install chromium" in caught.value.hint


@posix
def test_without_a_font_of_vietnamese_letters_it_prints_no_boxes(tmp_path):
    program(tmp_path, "fc-list", "exit 0")
    program(tmp_path, "chromium", "exit 0")

    with pytest.raises(InputInvalid, match="no font on this machine has Vietnamese letters"):
        pdf_of(PAGE, printers(tmp_path))


@posix
def test_what_a_chromium_prints_is_returned(tmp_path):
    program(tmp_path, "fc-list", "echo 'DejaVu Sans'")
    program(tmp_path, "chromium", 'for word; do case "$word" in --print-to-pdf=*) printf %%PDF-1.4 > "${word#*=}";; esac; done')

    assert pdf_of(PAGE, printers(tmp_path)) == b"%PDF-1.4"


@posix
@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo 'Missing X server' >&2; exit 1", "no PDF could be made: Missing X server"),
        ("exit 0", "no PDF could be made: the program wrote none"),
    ],
)
def test_a_chromium_that_prints_nothing_is_an_error_with_its_own_words(tmp_path, script, words):
    program(tmp_path, "chromium", script)

    with pytest.raises(InputInvalid, match=words):
        pdf_of(PAGE, printers(tmp_path))


def test_a_weasyprint_that_cannot_be_loaded_is_an_error_with_its_own_words(tmp_path):
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango')\n")
    own = Printers(lambda name: None, lambda: True, {**os.environ, "PYTHONPATH": str(tmp_path)})

    with pytest.raises(InputInvalid, match="cannot load library libpango"):
        pdf_of(PAGE, own)


def test_a_weasyprint_prints_where_there_is_no_chromium(tmp_path):
    (tmp_path / "weasyprint.py").write_text(
        "import pathlib\nclass HTML:\n    def __init__(self, filename): self.page = pathlib.Path(filename).read_bytes()\n"
        "    def write_pdf(self, target): pathlib.Path(target).write_bytes(b'%PDF-1.7 ' + self.page)\n"
    )
    own = Printers(lambda name: None, lambda: True, {**os.environ, "PYTHONPATH": str(tmp_path)})

    assert pdf_of(PAGE, own) == b"%PDF-1.7 " + PAGE
