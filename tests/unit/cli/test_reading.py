"""What is shown while a follower book or a list of ids is read."""

import sys
from contextlib import contextmanager

import pytest

from zalo_alert.cli.display import display
from zalo_alert.cli.plan import reading


@pytest.mark.parametrize(("recipients", "at_keyboard", "moves"), [("-", True, False), ("-", False, True), (None, True, True)])
def test_nothing_moves_on_the_screen_while_ids_are_typed(monkeypatch, capsys, recipients, at_keyboard, moves):
    moved = []

    @contextmanager
    def status(what):
        moved.append(what)
        yield

    monkeypatch.setattr(display, "status", status)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: at_keyboard, raising=False)
    with reading(recipients):
        pass
    assert bool(moved) is moves
    assert ("Ctrl-D ends the list" in capsys.readouterr().err) is not moves
