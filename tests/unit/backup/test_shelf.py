"""How backups are called, and which of them go."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from zalo_alert.backup import shelf
from zalo_alert.backup.age_keys import identities_in, lock_of, make_key, passphrase_of, recipient_of, recipients_in
from zalo_alert.errors import InputInvalid, UsageError

AT = datetime(2026, 11, 26, 19, tzinfo=UTC)


def test_a_name_says_the_workspace_and_the_time_of_vietnam(tmp_path):
    path = shelf.free_path(tmp_path, Path("/srv/PCTT Quảng Trị"), AT)
    assert path.name == "zalo-alert-pctt-qu-ng-tr-20261127-020000.age"
    path.touch()
    second = shelf.free_path(tmp_path, Path("/srv/PCTT Quảng Trị"), AT)
    second.touch()
    assert second.name.endswith("-2.age")
    assert [one.path for one in shelf.shelved(tmp_path)] == [second, path]


def test_the_earlier_ones_of_a_workspace_go_and_nothing_else(tmp_path):
    names = [f"zalo-alert-pctt-202611{day}-020000.age" for day in (20, 21, 22, 23)]
    others = ["zalo-alert-other-20261101-020000.age", "zalo-alert-pctt.age", "notes.txt", "zalo-alert-pctt-20261399-020000.age"]
    for name in (*names, *others):
        (tmp_path / name).touch()
    stale = tmp_path / f".{names[0]}.99.0123456789abcdef"
    fresh = tmp_path / f".{names[1]}.99.0123456789abcdef"
    for draft in (stale, fresh):
        draft.mkdir()
    os.utime(stale, (1, 1))

    gone = shelf.prune(tmp_path, "pctt", 2)

    assert [path.name for path in gone] == names[:2]
    assert {path.name for path in tmp_path.iterdir()} == {*names[2:], *others, fresh.name}


def test_a_key_opens_what_is_for_its_public_half_and_is_never_written_over(tmp_path):
    public = make_key(tmp_path / "k")
    assert (tmp_path / "k").stat().st_mode & 0o777 == 0o600
    assert str(identities_in(tmp_path / "k")[0].to_public()) == public
    (tmp_path / "pub").write_text(f"# office\n\n{public}\n", encoding="utf-8")
    assert [str(one) for one in recipients_in(tmp_path / "pub")] == [public]
    with pytest.raises(UsageError):
        make_key(tmp_path / "k")


@pytest.mark.parametrize(
    "text", ["", "age1", "age1" + "q" * 58, "ssh-ed25519 AAAA", "x" * 9000, "AGE-SECRET-KEY-1ABC", "ssh-dss A"]
)
def test_what_is_no_recipient_is_said_so(text, tmp_path):
    with pytest.raises(InputInvalid):
        recipient_of(text)
    (tmp_path / "pub").write_text(text, encoding="utf-8")
    for read in (recipients_in, identities_in):
        with pytest.raises(InputInvalid):
            read(tmp_path / "pub")


def test_a_private_key_is_not_repeated_in_what_is_said():
    with pytest.raises(InputInvalid) as caught:
        recipient_of("AGE-SECRET-KEY-1QQQQ")
    assert "QQQQ" not in f"{caught.value} {caught.value.hint}"


def test_a_passphrase_is_long_and_the_same_however_its_accents_were_typed():
    assert passphrase_of("năm từ không liên quan").reveal() == passphrase_of("năm từ không liên quan").reveal()
    with pytest.raises(InputInvalid):
        passphrase_of("short")
    with pytest.raises(UsageError):
        lock_of([])
