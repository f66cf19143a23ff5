"""The list of those never written to: read whole or not at all, and again while a run goes on."""

from pathlib import Path

import pytest

from zalo_alert.errors import InputInvalid
from zalo_alert.models import Reason
from zalo_alert.planning.refusals import LOOK_EVERY_S, NeverList, RunRefusals, find, problem
from zalo_alert.runs.run import Run
from zalo_alert.testing import FakeClock

ONE, TWO = "1000000000000000001", "1000000000000000002"


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    (tmp_path / "lists").mkdir()
    return tmp_path / "lists"


class Nobody(Run):
    """A run of which nobody asked to be forgotten."""

    def __init__(self) -> None:
        pass

    def forgotten(self) -> list[int]:
        return []


def refusals(never: NeverList, clock: FakeClock) -> RunRefusals:
    return RunRefusals(Nobody(), never, {TWO: Reason.LEFT}, clock)


def test_without_a_list_nobody_is_on_it(tmp_path: Path) -> None:
    assert problem(tmp_path) == ""
    assert find(tmp_path, "never") is None
    assert NeverList(tmp_path).ids == frozenset()


@pytest.mark.parametrize("text", ["", "\n", "\ufeff\n \n"], ids=["empty", "a line", "a mark"])
def test_a_blank_list_is_nobody(lists: Path, text: str) -> None:
    (lists / "never.txt").write_text(text, encoding="utf-8")

    assert NeverList(lists.parent).ids == frozenset()


@pytest.mark.parametrize("name", ["Never.txt", "NEVER.CSV", "never", "never.txt.txt", "never.xlsx"])
def test_a_list_under_another_name_is_named(lists: Path, name: str) -> None:
    (lists / name).write_text(ONE, encoding="utf-8")

    assert name in problem(lists.parent)


@pytest.mark.parametrize("name", ["never.txt~", "never.bak", ".never.txt.swp", "nevermore.txt"])
def test_what_an_editor_leaves_is_no_list(lists: Path, name: str) -> None:
    (lists / name).write_text(ONE, encoding="utf-8")

    assert problem(lists.parent) == ""


def test_the_folder_itself_may_be_what_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "lists").symlink_to(tmp_path / "gone")

    assert "can't be read" in problem(tmp_path)


def test_a_list_that_changes_is_read_again_and_one_that_breaks_stays_in_force(lists: Path) -> None:
    path, clock = lists / "never.txt", FakeClock()
    told: list[str] = []
    path.write_text(ONE, encoding="utf-8")
    found = refusals(NeverList(lists.parent), clock)
    found.on_note = told.append

    def later() -> None:
        clock.move(LOOK_EVERY_S)
        assert found.look()

    assert (found.reason_of(ONE), found.reason_of(TWO)) == (Reason.NEVER, Reason.LEFT)
    path.write_text(f"{ONE}\n1000000000000000003\n", encoding="utf-8")
    later()
    assert found.reason_of("1000000000000000003") is Reason.NEVER
    path.write_text("ông Ba\n", encoding="utf-8")
    later()
    path.unlink()
    later()
    assert found.reason_of("1000000000000000003") is Reason.NEVER
    assert len(told) == 2
    assert all("stays in force" in sentence for sentence in told)
    path.write_text(TWO, encoding="utf-8")
    later()
    assert found.reason_of(ONE) is None


def test_a_line_that_is_no_id_refuses_the_list(lists: Path) -> None:
    (lists / "never.txt").write_text(f"{ONE}\nông Ba\n", encoding="utf-8")

    with pytest.raises(InputInvalid, match="line 2"):
        NeverList(lists.parent)
