"""The lines of a report: for a person on a terminal, and for whoever pastes them."""

from io import StringIO

import pytest
from rich.console import Console

from zalo_alert.cli.display import display
from zalo_alert.cli.report_reader import tell_lines

LONG = " ".join(f"từ{number}" for number in range(40))


def on_terminal(monkeypatch):
    told = StringIO()
    monkeypatch.setattr(display, "out", Console(file=told, force_terminal=True, color_system=None, width=40))
    tell_lines([LONG, "", "end"])
    return told.getvalue()


def test_on_a_terminal_no_word_is_broken(monkeypatch):
    lines = on_terminal(monkeypatch).splitlines()

    assert [line for line in lines if len(line) > 40] == []
    assert " ".join(lines).split() == [*LONG.split(), "end"]
    assert "" in lines


def test_into_a_pipe_a_line_stays_one(capsysbinary):
    tell_lines([LONG, "end"])
    assert capsysbinary.readouterr().out.decode().splitlines() == [LONG, "end"]


@pytest.fixture
def machine(monkeypatch):
    monkeypatch.setattr(display, "json", True)


@pytest.mark.usefixtures("machine")
def test_a_machine_is_spared_them(capsysbinary):
    tell_lines([LONG])
    assert capsysbinary.readouterr().out == b""
