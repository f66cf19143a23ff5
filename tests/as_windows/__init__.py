"""The scenarios on a Python that shows itself to our own code as Windows would: `make windows`; see `sitecustomize.py`."""

import os
import subprocess
import sys
from pathlib import Path

# Each process begins anew with these: a fork has long looked at what it runs on. `PYTHONPATH` leads to `sitecustomize.py`.
ENVIRON = {"PYTHONPATH": str(Path(__file__).parent), "PYTHONIOENCODING": "cp1252", "PYTHONWARNDEFAULTENCODING": "1"}

# What is of other systems alone: modes and links, signals that Windows lacks, terminals, file systems that are mounted.
MARKS = "not english and not mount and not posix"


def main() -> int:
    """Run the scenarios on it."""
    command = [sys.executable, "-m", "pytest", "tests/scenario", "-m", MARKS, *sys.argv[1:]]
    return subprocess.run(command, env=os.environ | {"AS_WINDOWS": "1"}, check=False).returncode
