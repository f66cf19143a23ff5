"""Files that appear whole, under names that nobody can guess and through no link; a person's own are read with care."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from zalo_alert.errors import SettingsInvalid
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.files import appearing, contents, create_file, draft_name
from zalo_alert.foundation.layout import CONFIG_NAME
from zalo_alert.operations.scaffold import create
from zalo_alert.preflight.doctor import pid_of_draft
from zalo_alert.settings import load

posix = pytest.mark.skipif(os.name != "posix", reason="links, pipes and modes")


@posix
def test_what_appears_goes_through_no_link_that_somebody_has_laid(tmp_path):
    victim, target = tmp_path / "victim.txt", tmp_path / "export.csv"
    victim.write_text("whole", encoding="utf-8")
    victim.chmod(0o644)
    (tmp_path / f".export.csv.{os.getpid()}").symlink_to(victim)  # where every version but this one wrote
    with appearing(target) as draft, create_file(draft) as file:
        file.write(b"new")
    assert (victim.read_text(encoding="utf-8"), stat.S_IMODE(victim.stat().st_mode)) == ("whole", 0o644)
    assert (target.read_bytes(), target.is_symlink(), stat.S_IMODE(target.stat().st_mode)) == (b"new", False, 0o600)


@posix
def test_whatever_writes_the_draft_is_alone_with_it(tmp_path):
    with appearing(tmp_path / "a.parquet") as draft:
        assert stat.S_IMODE(draft.parent.stat().st_mode) == 0o700
        assert draft.parent.parent == tmp_path
        draft.write_bytes(b"by another library")
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


def test_a_block_that_fails_leaves_the_target_and_nothing_else(tmp_path):
    target = tmp_path / "a.csv"
    target.write_bytes(b"old")

    def fail():
        with appearing(target) as draft:
            draft.write_bytes(b"half")
            (draft.parent / "tmp_a.csv").write_bytes(b"what another library leaves")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


@posix
def test_a_new_file_takes_the_place_of_a_link_and_leaves_what_it_points_to(tmp_path):
    victim, path = tmp_path / "victim.txt", tmp_path / "a.rejects.csv"
    victim.write_bytes(b"whole")
    for lay in (path.symlink_to, path.hardlink_to):
        lay(victim)
        with create_file(path) as file:
            file.write(b"new")
        assert (victim.read_bytes(), path.read_bytes()) == (b"whole", b"new")
        path.unlink()


def test_nobody_can_guess_a_drafts_name_and_the_doctor_knows_whose_it_is():
    names = {draft_name("book.csv") for _ in range(100)}
    assert len(names) == 100
    assert {pid_of_draft(name) for name in names} == {os.getpid()}
    assert pid_of_draft(".book.csv.123") == 123  # as earlier versions called them
    assert pid_of_draft(".scratch-abc") is None
    assert pid_of_draft(".book.csv.123.abc") is None


@pytest.mark.kill
@posix
def test_what_a_killed_process_left_is_known_by_its_name(tmp_path):
    code = (
        "import os, signal, sys; from pathlib import Path; from zalo_alert.foundation.files import appearing\n"
        "with appearing(Path(sys.argv[1]) / 'a.csv') as draft: draft.touch(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])
    child.wait()
    assert [pid_of_draft(path.name) for path in tmp_path.iterdir()] == [child.pid]


# --- files of a person's -----------------------------------------------------------------------------------------------------


def pipe(path):
    os.mkfifo(path)


def zero(path):
    path.symlink_to("/dev/zero")


def sparse(path):
    with path.open("wb") as file:
        file.truncate(10 << 30)


odd = pytest.mark.parametrize("lay", [pipe, zero, Path.mkdir, sparse], ids=["pipe", "device", "folder", "ten gigabytes"])


@posix
@odd
def test_what_is_no_plain_file_of_a_sane_size_is_refused_at_once(tmp_path, lay):
    lay(tmp_path / "a")
    with pytest.raises(OSError, match=r"plain file|larger than 1 MiB"):
        contents(tmp_path / "a", 1 << 20)


@posix
@odd
@pytest.mark.parametrize("name", [CONFIG_NAME, "accounts.csv", "secrets.env"])
def test_no_file_of_the_settings_hangs_a_command(tmp_path, lay, name):
    text = "profile: drill\naccounts_file: accounts.csv\nsecrets_file: secrets.env\n"
    for known, content in (
        (CONFIG_NAME, text),
        ("accounts.csv", "id,oa_id,app_id\na,11111,22222\n"),
        ("secrets.env", ""),
    ):
        (tmp_path / known).write_text(content, encoding="utf-8")
        (tmp_path / known).chmod(0o600)
    load.load(tmp_path, {})
    (tmp_path / name).unlink()
    lay(tmp_path / name)
    with pytest.raises(SettingsInvalid, match=rf"can't read .*{name}.*(plain file|larger than)"):
        load.load(tmp_path, {})


def test_a_file_behind_a_link_is_read(tmp_path):
    (tmp_path / "there").write_bytes(b"12345")
    (tmp_path / "here").symlink_to("there")  # as secrets are mounted into containers
    assert contents(tmp_path / "here", 5) == b"12345"


@posix
def test_a_new_workspace_is_nobody_elses_to_write_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        made = create(tmp_path / "deep" / "ws", SystemClock().now())
    finally:
        os.umask(before)
    private = tmp_path / "deep" / "ws" / ".zalo-alert"
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "deep").rglob("*")}
    assert len(made) > 3
    assert {path.name: oct(modes.pop(path)) for path in (private, private / "profile")} == {
        ".zalo-alert": "0o700",
        "profile": "0o600",
    }
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o644}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o755}
    assert stat.S_IMODE((tmp_path / "deep").stat().st_mode) == 0o755
