"""What the door costs, beside the same door that keeps nothing, and what one would write first: `make bench-door`.

    python -m bench.door                # rates and CPU of both lanes
    python -m bench.door --turns 5 --events 40000 --lane receipt

The server has one core, whoever asks the other: 64 connections, one signed event at a time on each, in turns. What counts is the
CPU of the server an event (all its threads), and how it compares with the others in the same minutes; a second of the clock says
little on a busy machine.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import orjson
import uvloop

from bench.blast import blast
from bench.door_workspace import OAS, door_command, make_workspace, wait_until_it_listens
from bench.judge.doors import cpu_s, free_port, resident_mb
from bench.signed_events import Events, SignedEvent, Signer

CONNECTIONS = 64
HEAD = b"POST /zalo HTTP/1.1\r\nHost: alerts.example\r\nUser-Agent: ZaloWebhook\r\nContent-Type: application/json\r\n"
LANES: Mapping[str, float] = {"message": 1.0, "receipt": 0.0}  # the share of texts
KINDS = ("door", "nothing", "starlette")
LESS = {"starlette": 40}  # it is asked for so many times fewer


class Turn(NamedTuple):
    """One go at one server."""

    cpu_us: float
    per_s: float
    rss_mb: float


def request(event: SignedEvent) -> bytes:
    """Write an event as a request."""
    return b"%bX-ZEvent-Signature: mac=%b\r\nContent-Length: %d\r\n\r\n%b" % (
        HEAD,
        event.mac.encode(),
        len(event.body),
        event.body,
    )


def requests(signers: Sequence[Signer], lane: str, first: int, count: int) -> list[bytes]:
    """Write as many requests of one lane."""
    events, now_ms = Events(signers, 40_000, LANES[lane]), int(time.time() * 1000)
    return [request(events.event(number, now_ms)) for number in range(first, first + count)]


@contextmanager
def server(
    kind: str, folder: Path, *, core: int = 1, environment: Mapping[str, str] = {}
) -> "Iterator[tuple[subprocess.Popen[bytes], int]]":
    """Start a server on a core of its own, with more in its environment; yield it and its port."""
    ours = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        process, port = _started(kind, folder, {**os.environ, **environment})
    finally:
        os.sched_setaffinity(0, ours)
    try:
        yield process, port
    finally:
        process.terminate()
        process.wait(30)


def _started(kind: str, folder: Path, environment: Mapping[str, str]) -> "tuple[subprocess.Popen[bytes], int]":
    if kind == "door":
        port = free_port()
        command = door_command(folder, port, "--no-worker", "--quiet")
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        wait_until_it_listens(process, port)
        return process, port
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.door_servers", kind, str(folder)], stdout=subprocess.PIPE, env=environment
    )
    assert process.stdout
    return process, int(process.stdout.readline())


def play(process: "subprocess.Popen[bytes]", port: int, asked: Sequence[bytes]) -> Turn:
    """Ask a server for everything."""
    ours = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {0})
    before = cpu_s(process.pid)
    result = uvloop.run(blast(port, asked, CONNECTIONS))
    spent, rss = cpu_s(process.pid) - before, resident_mb(process.pid)
    os.sched_setaffinity(0, ours)
    if result.statuses[b"200"] != len(asked):
        raise SystemExit(f"not everything was acknowledged: {dict(result.statuses)}")
    return Turn(spent / len(asked) * 1e6, len(asked) / result.lasted_s, rss)


def compare(lane: str, turns: int, count: int) -> dict[str, list[Turn]]:
    """Measure all servers in turns, each of them up all the time; what they take before the first turn warms them up."""
    taken: dict[str, list[Turn]] = {kind: [] for kind in KINDS}
    with ExitStack() as up:
        served = {}
        for kind in KINDS:
            folder = Path(up.enter_context(tempfile.TemporaryDirectory(prefix="zalo-alert-door-")))
            signers = make_workspace(folder, OAS)
            served[kind] = up.enter_context(server(kind, folder))
        for turn in range(turns + 1):
            for kind in KINDS:
                each = count // LESS.get(kind, 1)
                asked = requests(signers, lane, turn * each, each)
                taken[kind].append(play(*served[kind], asked))
    return {kind: found[1:] for kind, found in taken.items()}


def show(lane: str, taken: Mapping[str, Sequence[Turn]]) -> None:
    """Print what each took, and how they compare: the median of the pairs of one turn."""
    for kind, turns in taken.items():
        cost = statistics.median(turn.cpu_us for turn in turns)
        spread = f"{min(turn.cpu_us for turn in turns):.1f} to {max(turn.cpu_us for turn in turns):.1f}"
        rate = statistics.median(turn.per_s for turn in turns)
        print(f"{lane:8} {kind:10} {cost:6.1f} µs of CPU ({spread}), {1e6 / cost:,.0f}/s and core; "
              f"{rate:,.0f}/s by the clock, {turns[-1].rss_mb:.0f} MB")  # fmt: skip
    print(f"{lane:8} the door: {ratio(taken, 'nothing'):.2f} × the rate of keeping nothing, "
          f"{ratio(taken, 'starlette'):.1f} × that of starlette")  # fmt: skip


def ratio(taken: Mapping[str, Sequence[Turn]], other: str) -> float:
    """Return the door's rate by that of another."""
    return statistics.median(theirs.cpu_us / ours.cpu_us for ours, theirs in zip(taken["door"], taken[other], strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description="What the door costs an event.")
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--events", type=int, default=10_000, help="of a turn")
    parser.add_argument("--lane", choices=sorted(LANES))
    parser.add_argument("--json", action="store_true", help="one line for each turn instead")
    given = parser.parse_args()
    for lane in [given.lane] if given.lane else LANES:
        taken = compare(lane, given.turns, given.events)
        if given.json:
            for kind, turns in taken.items():
                print(*(orjson.dumps({"lane": lane, "kind": kind, **turn._asdict()}).decode() for turn in turns), sep="\n")
        else:
            show(lane, taken)


if __name__ == "__main__":
    main()
