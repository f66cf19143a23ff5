"""What `make dist` has built, each installed where nothing else is, and tried to the end of the demo: `make dist-check`."""

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tools.packages.stage import LOCK, OUTPUT, version_of

pytestmark = pytest.mark.packages
BARE = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}  # no HOME, no PYTHONPATH
FILE = OUTPUT / "zalo-alert"
PYTHON = f"python{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture(scope="module")
def wheel():
    (path,) = OUTPUT.glob("*.whl")
    return path


def run(folder, *words, **environ):
    return subprocess.run(
        list(map(str, words)), cwd=folder, env=BARE | environ, capture_output=True, text=True, check=False, timeout=300
    )


# Each in one worker of its own, so that it is installed once.
EACH = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("wheel", "file")]


@pytest.fixture(scope="module", params=EACH)
def program(request, wheel, tmp_path_factory):
    """The command of an environment that holds the wheel and what it needs; or the single file, in a cache of its own."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "file":
        BARE["SHIV_ROOT"] = str(folder / "cache")
        BARE["PATH"] = f"{Path(os.path.realpath(sys.executable)).parent}:/usr/bin:/bin"
        assert run(folder, FILE, "--version").returncode == 0
        (unpacked,) = (path for path in (folder / "cache").iterdir() if path.is_dir())
        return FILE, unpacked
    assert run(folder, sys.executable, "-m", "venv", folder / "venv").returncode == 0
    pip = (folder / "venv/bin/python", "-m", "pip", "install", "--quiet")
    for words in (("--require-hashes", "-r", LOCK), ("--no-deps", wheel)):
        done = subprocess.run([*pip, *words], cwd=folder, capture_output=True, text=True, check=False)  # its index as configured
        assert done.returncode == 0, done.stderr
    return folder / "venv/bin/zalo-alert", folder / "venv"


def test_it_says_its_version_and_brings_pages_and_completion(program, wheel, tmp_path):
    command, home = program

    assert run(tmp_path, command, "--version").stdout == f"zalo-alert {version_of(wheel)}\n"
    for name in ("man/man1/zalo-alert-send.1", "man/vi/man1/zalo-alert-send.1", "bash-completion/completions/zalo-alert"):
        assert (home / "share" / name).is_file()
    shown = run(tmp_path, command, _ZALO_ALERT_COMPLETE="complete_bash", COMP_WORDS="zalo-alert vali", COMP_CWORD="1")
    assert "validate" in shown.stdout


def test_the_demo_runs_to_its_end(program, tmp_path):
    command, _ = program
    done = run(tmp_path, command, "demo", "--people", "2000", "--lang", "en")

    assert done.returncode == 0, done.stderr
    assert "the report and the sandbox agree, person by person" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def test_a_workspace_is_made_and_its_campaigns_are_sound(program, tmp_path):
    command, _ = program

    assert run(tmp_path, command, "init", "ws").returncode == 0
    done = run(tmp_path / "ws", command, "validate", "campaigns/bao-so-7.yaml")
    assert done.returncode == 0, done.stderr


def test_what_extras_bring_is_there(program, tmp_path):
    _, home = program
    words = "import apprise, keyring, python_calamine, starlette, uvicorn"

    assert run(tmp_path, home / "bin/python", "-I", "-c", words).returncode == 0


def test_sums_are_of_what_was_built():
    for line in (OUTPUT / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((OUTPUT / name).read_bytes()).hexdigest() == digest


def test_nothing_of_the_machine_that_built_is_in_the_single_file():
    with zipfile.ZipFile(FILE) as archive:
        assert not [name for name in archive.namelist() if name.endswith("direct_url.json")]
        for name in archive.namelist():
            if name.endswith(("RECORD", ".json", ".txt", "METADATA")):
                assert str(OUTPUT.parent.parent).encode() not in archive.read(name), name


def test_the_package_holds_what_a_machine_of_an_office_needs():
    packages = list(OUTPUT.glob("*.deb"))
    if not packages:
        pytest.skip("there is no dpkg-deb here")
    listed = subprocess.run(["dpkg-deb", "--contents", packages[0]], capture_output=True, text=True, check=True).stdout
    rows = {row[5]: row for row in (line.split(None, 5) for line in listed.splitlines())}

    for path in (
        "lib/systemd/system/zalo-alert-refresh.timer",
        "lib/sysusers.d/zalo-alert.conf",
        "share/man/vi/man1/zalo-alert.1.gz",
    ):
        assert f"./usr/{path}" in rows
    assert f"./opt/zalo-alert/bin/python -> /usr/bin/{PYTHON}" in rows
    assert rows["./etc/sudoers.d/zalo-alert"][0] == "-r--r-----"
    assert {row[1] for row in rows.values()} == {"root/root"}
    assert not [path for path, row in rows.items() if row[0][0] != "l" and "w" in (row[0][5], row[0][8])]
