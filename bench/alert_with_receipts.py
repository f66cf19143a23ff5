"""What an alert loses when its own receipts come back at the same time, on the same two cores: pairs of sends, by turns.

    python -m bench.alert_with_receipts --people 40000 --pairs 3

Each pair sends the same drill to a sandbox that grants 2,100 messages a second: once with nobody listening, once with the
door, its worker and its folder taking a receipt for nine in ten and word of being seen for a quarter.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from bench.door_workspace import door_command, wait_until_it_listens
from bench.judge.doors import cpu_s, free_port
from bench.send import book
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.server import Sandbox, running
from zalo_alert.testing import drill

GRANT_PER_MINUTE = 126_000
CAUGHT_UP_S = 60.0


class Sent(NamedTuple):
    """One send: people a second, the sender's CPU for each in µs, the door's; and events that were told, heard."""

    per_s: float
    sender_us: float
    door_us: float
    told: int


def send(folder: Path, sandbox: Sandbox, code: str, people: int, **changes: str) -> tuple[float, float]:
    """Send a drill to everyone, with changes to its file; return its seconds and the sender's CPU seconds."""
    path = folder / "campaigns" / f"{code.lower()}.yaml"
    path.write_text(drill(SystemClock().now(), code=code, **changes), encoding="utf-8")
    command = [sys.executable, "-m", "zalo_alert", "send", str(path), "--yes", "--quiet"]
    before, begun = os.times(), time.perf_counter()
    subprocess.run(command, check=True, cwd=folder, env=os.environ | sandbox.environ("pctt"), stdout=subprocess.DEVNULL)
    took_s, after = time.perf_counter() - begun, os.times()
    assert sandbox.stats()["accepted"] >= people
    return took_s, after.children_user + after.children_system - before.children_user - before.children_system


def turn(folder: Path, people: int, code: str, *, listened: bool) -> Sent:
    """Send once, with a sandbox of its own, and with the door or without."""
    (folder / ".zalo-alert" / "rates.db").unlink(missing_ok=True)  # what the last sandbox granted is no news of this one
    port = free_port()
    options = Options(app_per_minute=GRANT_PER_MINUTE, webhook_url=f"http://127.0.0.1:{port}/zalo" if listened else "")
    with ExitStack() as up:
        sandbox = up.enter_context(running(options))
        door = up.enter_context(_door(folder, port, os.environ | sandbox.environ("pctt"))) if listened else None
        if door:
            wait_until_it_listens(door, port)
        before_s = cpu_s(door.pid) if door else 0.0
        took_s, sender_s = send(folder, sandbox, code, people)
        told = _wait_until_told(sandbox) if door else 0
        door_s = cpu_s(door.pid) - before_s if door else 0.0
        if door:
            door.terminate()
    return Sent(people / took_s, sender_s / people * 1e6, door_s / max(1, told) * 1e6, told)


def _door(folder: Path, port: int, environ: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        door_command(folder, port, "--quiet"), env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _wait_until_told(sandbox: Sandbox) -> int:
    """Wait until every event has been heard; return how many there were."""
    until = time.monotonic() + CAUGHT_UP_S
    while (state := sandbox.webhooks())["waiting"] and time.monotonic() < until:
        time.sleep(0.2)
    if state["waiting"]:
        raise SystemExit(f"after {CAUGHT_UP_S:.0f} s the door has not heard everything: {state}")
    return int(state["heard"])


def main() -> None:
    parser = argparse.ArgumentParser(description="What an alert loses to its own receipts.")
    parser.add_argument("--people", type=int, default=40_000)
    parser.add_argument("--pairs", type=int, default=3)
    given = parser.parse_args()
    pairs: list[tuple[Sent, Sent]] = []
    with tempfile.TemporaryDirectory(prefix="zalo-alert-receipts-") as name:
        folder = Path(name)
        book(folder, given.people, app_per_minute=GRANT_PER_MINUTE)
        for number in range(given.pairs):
            alone = turn(folder, given.people, f"ALONE-{number}", listened=False)
            beside = turn(folder, given.people, f"BESIDE-{number}", listened=True)
            pairs.append((alone, beside))
            print(f"alone {_said(alone)}; with receipts {_said(beside)}", flush=True)
            print(f"  {beside.told:,} events, {beside.door_us:.0f} µs of the door's CPU each", flush=True)
    lost = 1 - statistics.median(beside.per_s / alone.per_s for alone, beside in pairs)
    print(f"with its receipts the alert loses {lost:.1%} of its rate")


def _said(sent: Sent) -> str:
    return f"{sent.per_s:,.0f}/s, {sent.sender_us:.0f} µs of CPU each"


if __name__ == "__main__":
    main()
