"""A workspace whose OAs the benches' events come from, and how a door is started in it."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.judge.workspace import write
from bench.judge.world import world
from bench.signed_events import Signer

OAS = 100
WAIT_S = 30.0


def make_workspace(folder: Path, oas: int, port: int = 8080) -> Sequence[Signer]:
    """Write a workspace and, beside it, `oas.ndjson` for whoever signs."""
    people = world(oas, 1)
    write(folder, people, port)
    signers = [Signer(each.app, each.oa, each.secret) for each in people.linked]
    lines = (json.dumps(signer._asdict()) for signer in signers)
    (folder / "oas.ndjson").write_text("\n".join(lines) + "\n")
    return signers


def door_command(folder: Path, port: int, *more: str) -> list[str]:
    """Return what starts the product's door."""
    return [sys.executable, "-m", "zalo_alert", "webhook", "--workspace", str(folder), "--listen", f"127.0.0.1:{port}", *more]


def wait_until_it_listens(process: "subprocess.Popen[bytes]", port: int) -> None:
    """Wait for a door that has just been started."""
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise SystemExit("the door does not listen")
