"""A folder, a home or a volume that can't be written, as of a container without one: a sentence, a code, no traceback."""

import os
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.long, pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")]


# In /sys nobody makes a file, root neither.
def tried(folder, *words, home="/sys/none"):
    """Run a command in a folder where nothing can be written."""
    environ = {"PATH": os.environ["PATH"], "HOME": home, "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        [sys.executable, "-m", "zalo_alert", *words],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("init", "/sys/none"), 11),
        (("demo", "--folder", "/sys/none", "--people", "1000"), 13),
        (("followers", "example", "/sys/none.csv", "--people", "10"), 13),
        (("followers", "example", "/sys/none/deep.csv", "--people", "10"), 13),
        (("--install-completion", "bash"), 13),
    ],
)
def test_a_place_that_cannot_be_written_is_said(tmp_path, words, code):
    done = tried(tmp_path, *words)

    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert "bug" not in done.stderr
    assert "/sys/none" in done.stderr
