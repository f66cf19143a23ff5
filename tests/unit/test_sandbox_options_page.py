"""docs/sandbox.md lists every option as it is, and the fields of what the sandbox tells."""

import re
from dataclasses import dataclass, fields
from typing import Any

import pytest
from typer.main import get_command

from tools import sandbox_page as tool
from zalo_alert.cli.app import app, load_commands
from zalo_alert.sandbox.articles import Broadcast
from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.state import State
from zalo_alert.sandbox.world import accounts

PAGE = tool.PAGE.read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)


def section(path):
    """Return the fields of the table below the line that begins with a call."""
    return ROW.findall(PAGE.partition(f"\n`GET /_sandbox/{path}` is ")[2].partition("\n\n")[2].partition("\n\n")[0])


def test_the_table_is_current():
    assert tool.page(PAGE) == PAGE, "run `make docs`"


def test_the_table_has_every_option_with_its_flag_and_whether_it_may_change():
    lines = [line for line in PAGE.partition(tool.BEGIN)[2].partition(tool.END)[0].splitlines() if line.startswith("| `")]
    rows = {line.split("`")[1]: line for line in lines}
    load_commands()
    root: Any = get_command(app)
    flags = {one.name: one.opts[0] for one in root.commands["sandbox"].params}

    assert list(rows) == [field.name for field in fields(Options)]
    settled = {name for name, row in rows.items() if "settled at the start" in row}
    assert settled == {"oas", "apps", "seed", "unconsented", "oa_secrets"}
    assert {name for name, row in rows.items() if "`--" in row} == flags.keys() & rows.keys()
    assert "`--stop-after`" in rows["stop_after"]
    assert "since the sandbox started" in rows["stop_after"]


def test_an_option_that_nobody_has_explained_is_an_error():
    @dataclass(frozen=True)
    class Newer(Options):
        __doc__ = Options.__doc__
        brightness: int = 3

    with pytest.raises(KeyError, match="brightness"):
        tool.page(PAGE, Newer)


def test_what_it_tells_has_the_fields_that_the_page_names():
    state = State(Options(), accounts(Options()))

    assert section("stats") == list(state.stats())
    assert section("webhooks") == list(state.webhooks.as_json())


def test_the_fields_of_a_broadcast_are_named(sandbox_with_a_broadcast):
    assert section("broadcasts") == list(sandbox_with_a_broadcast.articles.as_json()[0])


@pytest.fixture
def sandbox_with_a_broadcast():
    state = State(Options(), accounts(Options()))
    state.articles.broadcasts.append(Broadcast("1", state.world.oas[0], {}, state.world.now_s() + 60))
    return state
