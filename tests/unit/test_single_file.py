"""The first lines of the single file: unpacked once and whole, or a sentence and a code."""

import json
import os
import platform
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from tools.packages import start

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a file for Linux")
FACTS = {"build": "0123", "python": list(sys.version_info[:2]), "platform": f"linux-{platform.machine()}", "libc": "2.2"}
PROGRAM = "import sys; print(sys.executable, sys.argv[1:], sys.flags.isolated)"


@pytest.fixture
def make(tmp_path):
    """A single file whose program says how it was started."""

    def packed(**facts):
        path = tmp_path / "zalo-alert"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(start.FACTS, json.dumps(FACTS | facts))
            archive.writestr("__main__.py", Path(start.__file__).read_text(encoding="utf-8"))
            archive.writestr("site-packages/zalo_alert/__init__.py", "")
            archive.writestr("site-packages/zalo_alert/__main__.py", PROGRAM)
            archive.writestr("site-packages/share/man/man1/zalo-alert.1", "")
        return path

    return packed


def run(path, root, *words):
    environ = {"PATH": "/usr/bin:/bin", "SHIV_ROOT": str(root), "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        [sys.executable, str(path), *words], env=environ, capture_output=True, text=True, check=False, timeout=60
    )


def test_it_becomes_the_python_of_what_it_unpacked(make, tmp_path):
    root = tmp_path / "cache"
    done = run(make(), root, "send", "a b")

    assert done.stdout == f"{root}/0123/bin/python ['send', 'a b'] 1\n", done.stderr
    assert sorted(path.name for path in root.iterdir()) == [".lock", "0123"]
    assert root.stat().st_mode & 0o777 == 0o700
    assert (root / "0123/share/man/man1/zalo-alert.1").is_file()


def test_what_a_power_cut_left_half_unpacked_is_done_anew(make, tmp_path):
    draft = tmp_path / "cache" / "0123.draft" / "site-packages" / "zalo_alert"
    draft.mkdir(parents=True, mode=0o755)
    (tmp_path / "cache").chmod(0o700)
    (draft / "__main__.py").write_text("print('half')", encoding="utf-8")

    assert run(make(), tmp_path / "cache").stdout.endswith("/0123/bin/python [] 1\n")


def test_first_starts_at_once_unpack_once(make, tmp_path):
    path, codes = make(), []
    starts = [threading.Thread(target=lambda: codes.append(run(path, tmp_path / "cache").returncode)) for _ in range(4)]
    for one in starts:
        one.start()
    for one in starts:
        one.join()

    assert codes == [0] * 4


def refused(done, code, *words):
    lines = done.stderr.splitlines()
    assert done.returncode == code, done.stderr
    assert len(lines) == 2, done.stderr
    assert all(line.startswith("zalo-alert: ") and all(word in line for word in words) for line in lines), done.stderr


@pytest.mark.parametrize(
    ("facts", "code", "word"),
    [({"python": [2, 7]}, 2, "Python 2.7"), ({"platform": "linux-sparc"}, 2, "linux-sparc"), ({"libc": "99.0"}, 2, "glibc 99.0")],
)
def test_a_machine_it_is_not_for_is_said(make, tmp_path, facts, code, word):
    refused(run(make(**facts), tmp_path / "cache"), code, word)
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("place", ["/sys/none", "file", "/dev/full/x"])
def test_a_folder_that_cannot_be_written_is_said(make, tmp_path, place):
    (tmp_path / "file").touch()

    refused(run(make(), tmp_path / place), 13, "SHIV_ROOT=", "450 MB")


def test_a_folder_that_others_may_write_is_not_trusted(make, tmp_path):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache").chmod(0o777)

    refused(run(make(), tmp_path / "cache"), 13, "SHIV_ROOT=")
    assert [path.name for path in (tmp_path / "cache").iterdir()] == []


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_not_trusted(make, tmp_path):
    run(make(), tmp_path / "cache")
    os.chown(tmp_path / "cache" / "0123", 65534, 65534)

    refused(run(make(), tmp_path / "cache"), 13, "SHIV_ROOT=")


def test_a_damaged_file_is_said(make, tmp_path):
    path = make()
    content = bytearray(path.read_bytes())
    where = content.index(PROGRAM.encode())
    content[where] ^= 1
    path.write_bytes(content)

    refused(run(path, tmp_path / "cache"), 13, "SHA256SUMS")
    assert not (tmp_path / "cache" / "0123").exists()


@pytest.mark.mount
def test_a_full_disk_leaves_nothing_behind(make, tmp_path):
    root = tmp_path / "small"
    root.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", root], check=False, capture_output=True
    ).returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        refused(run(make(), root), 13, "No space left on device")
        assert [path.name for path in root.iterdir()] == [".lock"]
    finally:
        subprocess.run(["umount", root], check=True)


@pytest.mark.mount
def test_a_place_where_no_program_may_run_is_said(make, tmp_path):
    root = tmp_path / "small"
    root.mkdir()
    options = "size=1m,mode=700,noexec"
    if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", root], check=False, capture_output=True).returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        refused(run(make(), root), 13, "noexec")
    finally:
        subprocess.run(["umount", root], check=True)
