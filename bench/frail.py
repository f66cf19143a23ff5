"""The command line with something wrong inside: a clock that jumps, or death at a chosen statement of a database.

    python -m bench.frail '{"jumps": [[0.7, 3600]]}' send c.yaml --yes
    python -m bench.frail '{"death": {"file": "run.db", "statement": "COMMIT", "times": 9}}' send c.yaml --yes

The machine's clock belongs to everyone on it, so the jumps are put where the program reads it: `SystemClock.now`.
"""

import json
import os
import signal
import sqlite3
import sys
import threading
import time
from datetime import datetime, timedelta
from typing import Any

from zalo_alert.cli.app import run
from zalo_alert.foundation import database
from zalo_alert.foundation.clock import VIETNAM, SystemClock
from zalo_alert.language import Language


def let_clock_jump(jumps: list[list[float]]) -> None:
    """Let the clock be off by the sum of all jumps so far; each is (seconds after the start, seconds forward)."""
    started_s = time.monotonic()

    def now(self: SystemClock) -> datetime:
        elapsed_s = time.monotonic() - started_s
        return datetime.now(VIETNAM) + timedelta(seconds=sum(by_s for at_s, by_s in jumps if elapsed_s >= at_s))

    SystemClock.now = now  # type: ignore[method-assign]


def die_at(file: str, statement: str, times: int, after_us: int = 0) -> None:
    """Kill this process, as `kill -9` does, so long after a statement has begun for the n-th time on a file."""
    left = [times]

    def traced(sql: str) -> None:
        if sql.lstrip().startswith(statement):
            left[0] -= 1
            if left[0] == 0:
                threading.Thread(target=_die, args=(after_us,)).start() if after_us else _die(0)

    class Traced(sqlite3.Connection):
        def __init__(self, path: str, *words: Any, **more: Any) -> None:
            super().__init__(path, *words, **more)
            if f"/{file}?" in path:
                self.set_trace_callback(traced)

    real = sqlite3.connect

    def connect(path: str, **more: Any) -> sqlite3.Connection:
        return real(path, factory=Traced, **more)

    database.sqlite3.connect = connect  # type: ignore[attr-defined]


def _die(after_us: int) -> None:
    end_s = time.perf_counter() + after_us / 1e6
    while time.perf_counter() < end_s:
        pass  # a sleep is coarser than a commit
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Read what is wrong from the first word; the others are the command line's."""
    wrong = json.loads(sys.argv.pop(1))
    if wrong.get("jumps"):
        let_clock_jump(wrong["jumps"])
    if wrong.get("death"):
        die_at(**wrong["death"])
    run(Language.EN)


if __name__ == "__main__":
    main()
