"""How well several processes keep one limit together: real sends to the sandbox, counted by the sandbox, minute by minute.

    python -m bench.pace --processes 3 --minutes 3

The first process may be made urgent with `--urgent`: it then has the rate, and the others what it leaves.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.send import CAMPAIGN, book
from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.server import Sandbox, running
from zalo_alert.settings import model

MINUTE_S = 60.0


def campaign(folder: Path, number: int, urgency: str) -> Path:
    """Write one of several campaigns that differ by their code."""
    text = (folder / CAMPAIGN).read_text(encoding="utf-8")
    text = re.sub(r"^code: \S+", f"code: PACE-{number}", text, flags=re.MULTILINE)
    text = re.sub(r"^urgency: \S+", f"urgency: {urgency}", text, flags=re.MULTILINE)
    path = folder / "campaigns" / f"pace-{number}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def until_next_minute() -> None:
    time.sleep(MINUTE_S - time.time() % MINUTE_S + 0.005)  # a sleep may end a little early


def watch(sandbox: Sandbox, children: Sequence["subprocess.Popen[bytes]"], minutes: int, per_minute: int) -> None:
    """Print what the sandbox counted in each of its minutes; the first and the last are no whole ones."""
    print(f"{'minute':<10}{'requests':>10}{'of limit':>10}{'refused':>10}", flush=True)
    requests = refused = 0
    for _ in range(minutes + 1):
        minute = time.strftime("%H:%M")
        until_next_minute()
        stats = sandbox.stats()
        told = sum(stats["refused"].values())
        share = (stats["requests"] - requests) / per_minute
        print(f"{minute:<10}{stats['requests'] - requests:>10}{share:>10.1%}{told - refused:>10}", flush=True)
        requests, refused = stats["requests"], told
    print("still sending:", sum(child.poll() is None for child in children))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--processes", type=int, default=3)
    options.add_argument("--minutes", type=int, default=3)
    options.add_argument("--per-minute", type=int, default=model.DEFAULT_APP_PER_MINUTE)
    options.add_argument("--urgent", action="store_true")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary, running(Options(app_per_minute=given.per_minute)) as sandbox:
        folder = Path(temporary)
        book(folder, given.per_minute * (given.minutes + 1) // given.processes, app_per_minute=given.per_minute)
        environ = os.environ | sandbox.environ("pctt") | {"PYTHONPATH": str(Path.cwd())}
        urgencies = ["Immediate" if given.urgent and not number else "Expected" for number in range(given.processes)]
        paths = [campaign(folder, number, urgency) for number, urgency in enumerate(urgencies)]
        children = [
            subprocess.Popen([sys.executable, "-m", "zalo_alert", "send", path, "--yes"], env=environ, cwd=folder)
            for path in paths
        ]
        watch(sandbox, children, given.minutes, given.per_minute)
        for child in children:
            child.terminate()
            child.wait()


if __name__ == "__main__":
    main()
