"""Marks of people: the same in one workspace, another in the next, and no way back."""

import stat

import pytest

from zalo_alert.errors import SettingsInvalid
from zalo_alert.foundation.pseudonyms import KEY_NAME, Marks

PERSON = "1002893352839501541"


def test_a_mark_is_the_same_as_long_as_the_workspace_is(tmp_path):
    assert Marks(tmp_path).of(PERSON) == Marks(tmp_path).of(PERSON)
    assert Marks(tmp_path).of(PERSON) != Marks(tmp_path).of(PERSON[:-1] + "2")
    assert Marks(tmp_path).of(PERSON) != Marks(tmp_path / "other").of(PERSON)


def test_a_mark_shows_nothing_of_the_person(tmp_path):
    assert not set(Marks(tmp_path).of(PERSON).strip("…")) <= set(PERSON)
    assert PERSON not in repr(vars(Marks(tmp_path)))


def test_the_key_is_its_owners_alone(tmp_path):
    Marks(tmp_path)
    assert stat.S_IMODE((tmp_path / KEY_NAME).stat().st_mode) == 0o600


def test_a_damaged_key_is_said_and_never_replaced(tmp_path):
    (tmp_path / KEY_NAME).write_bytes(b"short")
    with pytest.raises(SettingsInvalid, match="damaged"):
        Marks(tmp_path)
    assert (tmp_path / KEY_NAME).read_bytes() == b"short"
