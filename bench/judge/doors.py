"""A door as a process: started, asked for its CPU, killed; what it is made of is not the judge's concern."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Door(NamedTuple):
    """How a door is started, and where it stores.

    Attributes:
        command: Starts it in the foreground.
        folder: Where `journal/` and `receipts/` are.
        port: Of 127.0.0.1.
        environment: What it finds in its environment beside what the judge has itself.
        home: The folder that it starts in.
        shadow: Where the disk of `disk.py` keeps what is synced, if the door has that disk.
    """

    command: Sequence[str]
    folder: Path
    port: int
    environment: Mapping[str, str]
    home: Path
    shadow: Path | None = None

    def start(self) -> "subprocess.Popen[bytes]":
        """Start it, with all that it says in one file."""
        with (self.home / "door.log").open("ab") as log:
            environment = {**os.environ, **self.environment}
            return subprocess.Popen(
                self.command, cwd=self.home, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )


def reference(folder: Path, linked: Path, port: int, fault: str | None = None) -> Door:
    """Return the judge's own door, with a fault or none."""
    command = [sys.executable, "-m", "bench.judge.reference", str(port), str(folder), str(linked)]
    here = str(Path(__file__).parents[2])
    return Door([*command, *(["--fault", fault] if fault else [])], folder, port, {"PYTHONPATH": here}, folder)


def product(workspace: Path, port: int) -> Door:
    """Return the product's door, with its worker, in a workspace that says where it listens."""
    command = [sys.executable, "-m", "zalo_alert", "webhook"]
    here = {"PYTHONPATH": str(Path(__file__).parents[2]), "ZALO_ALERT_LANG": "en"}
    return Door(command, workspace / ".zalo-alert" / "inbound", port, here, workspace)


def free_port() -> int:
    """Find a port that nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def children(pid: int) -> list[int]:
    """Name the processes that one has started and that live still."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


def cpu_s(pid: int) -> float:
    """Return the CPU seconds that a process has taken, all its threads together; to the nanosecond where it is told."""
    try:
        spent = [int((task / "schedstat").read_text().split()[0]) for task in Path(f"/proc/{pid}/task").iterdir()]
        return sum(spent) / 1e9
    except OSError:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def resident_mb(pid: int) -> float:
    """Return the memory that a process has in use, in MB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def wait_gone(pids: Sequence[int], limit_s: float) -> list[int]:
    """Wait until processes are gone; return those that are still there after the limit."""
    until = time.monotonic() + limit_s
    while (left := [pid for pid in pids if _lives(pid)]) and time.monotonic() < until:
        time.sleep(0.01)
    return left


def kill(pids: Sequence[int], how: signal.Signals = signal.SIGKILL) -> None:
    """Send a signal to each that is still there."""
    for pid in pids:
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            continue


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
