"""A real door, run as `zalo-alert webhook` beside a test, for whoever posts to it from outside."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SECRET = "Bi-mat-cua-OA-123456"


class Door:
    """A running door.

    Args:
        child: Its process.
        facts: What it said of itself as it opened.
    """

    def __init__(self, child: "subprocess.Popen[bytes]", facts: dict[str, Any]) -> None:
        self.child, self.url, self.facts = child, str(facts["url"]), facts
        self.port = int(self.url.rsplit(":", 1)[1].partition("/")[0])
        self.lines: list[dict[str, Any]] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.child.stdout
        self.lines.extend(map(json.loads, self.child.stdout))


@contextmanager
def open_door(desk: Any, *words: str, listen: str = "127.0.0.1:0", worker: bool = False) -> Iterator[Door]:
    """Run a door for a desk; it is stopped as Ctrl-C would when the block ends."""
    words = ("webhook", "--listen", listen, "--json", *([] if worker else ["--no-worker"]), *words)
    child = desk.start(*words, stderr=subprocess.DEVNULL)
    try:
        for line in child.stdout:
            facts = json.loads(line)
            if facts["type"] == "webhook":
                yield Door(child, facts)
                return
        raise AssertionError("the door does not open")
    finally:
        child.terminate()
        child.wait(30)
