"""A file that stays open between two looks: what came meanwhile is seen, and so is another file with its name."""

from contextlib import closing
from pathlib import Path

import pytest

from tests.inbound_work import keep, text
from zalo_alert.inbound.held_file import HeldFile
from zalo_alert.inbound.inbound_store import folder_of
from zalo_alert.inbound.journal import JOURNAL, read_journal
from zalo_alert.inbound.rolled import side_files


def seen(state: Path, held: HeldFile) -> list[bytes]:
    return [event.body for event in read_journal(folder_of(state), None, 10, held.opened)]


def test_what_came_since_the_last_look_is_seen(tmp_path: Path) -> None:
    first, second = text("một"), text("hai")
    held = HeldFile()
    with closing(held):
        keep(tmp_path, first)
        assert seen(tmp_path, held) == [first]
        keep(tmp_path, second)
        assert seen(tmp_path, held) == [first, second]


def test_another_file_with_the_same_name_is_the_one_that_is_read(tmp_path: Path) -> None:
    old, new = text("cũ"), text("mới")
    held = HeldFile()
    with closing(held):
        keep(tmp_path, old)
        assert seen(tmp_path, held) == [old]
        [path] = (folder_of(tmp_path) / JOURNAL).glob("*.db")
        for each in (path, *side_files(path)):
            each.unlink(missing_ok=True)
        keep(tmp_path, new)
        assert seen(tmp_path, held) == [new]


def test_a_look_that_fails_leaves_nothing_open(tmp_path: Path) -> None:
    keep(tmp_path, text("một"))
    [path] = (folder_of(tmp_path) / JOURNAL).glob("*.db")
    held = HeldFile()
    with closing(held):
        with pytest.raises(RuntimeError), held.opened(path) as failed:
            raise RuntimeError
        with held.opened(path) as database:
            assert database is not failed
            assert database.rows("SELECT count(*) FROM event") == [(1,)]
