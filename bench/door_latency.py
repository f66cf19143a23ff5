"""How late the door answers when events come whether or not it keeps up: `python -m bench.door_latency [--rate 5000]`.

Three servers, in turns: the door, the same door that keeps nothing, and the door on a disk that takes 20 ms more a sync, where
there is a C compiler. Latency counts from when an event was due, in milliseconds; half the events are messages, half receipts.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from bench.door import server
from bench.door_workspace import OAS, make_workspace
from bench.judge import disk

SLOW_MS = 20
CONNECTIONS = 768  # 5,000 a second that wait a tenth of a second each need 500
SHOWN = ("p50_ms", "p99_ms", "p999_ms", "max_ms")


def play(kind: str, rate: float, seconds: float) -> Mapping[str, Any]:
    """Offer events to a server for a while; return what the generator has to say."""
    with tempfile.TemporaryDirectory(prefix="zalo-alert-latency-") as name:
        folder = Path(name)
        make_workspace(folder, OAS)
        is_slow = kind.endswith("slow disk")
        environment = disk.environment(folder, SLOW_MS) if is_slow else {}
        with server(kind.partition(",")[0], folder, environment=environment) as (_process, port):
            offer(port, folder, rate, 2, first=1_000_000)  # files are made, caches are warm
            return offer(port, folder, rate, seconds, first=0)


def offer(port: int, folder: Path, rate: float, seconds: float, *, first: int) -> Mapping[str, Any]:
    """Run the generator on its core."""
    url, oas = f"http://127.0.0.1:{port}/zalo", str(folder / "oas.ndjson")
    command = [sys.executable, "-m", "bench.generate", url, "--oas", oas, "--messages", "0.5"]
    command += ["--rate", str(rate), "--seconds", str(seconds), "--connections", str(CONNECTIONS), "--first", str(first)]
    ours = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {0})
    try:
        out = subprocess.run(command, check=True, capture_output=True).stdout
    finally:
        os.sched_setaffinity(0, ours)
    told: Mapping[str, Any] = orjson.loads(out.splitlines()[-1])
    return told


def show(taken: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Print each server's latencies, the median of its turns."""
    for kind, turns in taken.items():
        late = {name: statistics.median(turn[name] for turn in turns) for name in SHOWN}
        answered, offered = sum(turn["answered_200"] for turn in turns), sum(turn["offered"] for turn in turns)
        print(
            f"{kind:16}"
            + "  ".join(f"{name[:-3]} {value:7.1f}" for name, value in late.items())
            + f" ms  ({answered:,} of {offered:,})"
        )
    ratio = statistics.median(turn["p99_ms"] for turn in taken["door"]) / statistics.median(
        turn["p99_ms"] for turn in taken["nothing"]
    )
    print(f"p99 of the door: {ratio:.2f} × that of keeping nothing")


def main() -> None:
    parser = argparse.ArgumentParser(description="How late the door answers.")
    parser.add_argument("--rate", type=float, default=5000.0)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--turns", type=int, default=3)
    given = parser.parse_args()
    kinds = ["door", "nothing", *(["door, slow disk"] if disk.can_make() else [])]
    taken = defaultdict(list)
    for _ in range(given.turns):
        for kind in kinds:
            taken[kind].append(play(kind, given.rate, given.seconds))
    show(taken)


if __name__ == "__main__":
    main()
