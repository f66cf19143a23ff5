"""What it costs to watch a great run while it is being sent: `make bench-watch`.

A run of ten million people is laid out as in `bench.aftermath`, all of them settled but the last ones, who are sent as fast as
one core can, in turns: with nobody watching, and with a process that looks every two seconds, as the wall screen and
`status --watch` do. After each turn the ledger is put back. The median pair counts; the watcher's first look, which reads
everything, is told apart.

    python -m bench.watch --millions 2 --keep /tmp/watch     # a smaller one; the workspace stays for the next time
"""

import argparse
import json
import multiprocessing
import resource
import select
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.aftermath import many, settle
from bench.send import book, environ_at, frozen, pinned, server
from zalo_alert import Workspace
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.operations.run_watch import open_watch

LOOK_EVERY_S = 2.0
LEFT = 200_000  # people who are sent in a turn


def make(folder: Path, millions: int) -> None:
    """Make a workspace with a great run in which everyone is settled, frozen for a server like the one of `measure`."""
    nowhere = environ_at("https://127.0.0.1:9")
    book(folder, 1_000_000)
    frozen(folder, nowhere)
    settle(many(folder, millions, nowhere))


def used_s() -> float:
    """Return the CPU seconds of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def put_back(folder: Path) -> None:
    """Have the last people of the run untouched again."""
    path = Workspace(folder).run().folder / "run.db"
    with closing(sqlite3.connect(path)) as db, db:
        audience = db.execute("SELECT audience FROM progress").fetchone()[0]
        db.execute("DELETE FROM outcome WHERE number >= ?", (audience - LEFT,))
        db.execute("UPDATE progress SET next_number = ?, untouched = 'pending'", (audience - LEFT,))


def send(folder: Path) -> dict[str, float]:
    """Send whoever is left; return people a second and CPU microseconds each."""
    begun_s, before_s = time.perf_counter(), used_s()
    result = Workspace(folder).resume()
    took_s, cpu_s = time.perf_counter() - begun_s, used_s() - before_s
    assert not any(people for state, people in result.report.totals.items() if state in ("pending", "claimed", "deferred"))
    return {"per_s": LEFT / took_s, "cpu_us": 1e6 * cpu_s / LEFT}


def look(folder: Path) -> dict[str, float]:
    """Look every two seconds until stdin ends; say when the first look is over."""
    workspace, clock, looks = Workspace(folder), SystemClock(), []
    with open_watch(workspace.run(), workspace) as watch:
        begun_s = time.perf_counter()
        watch.look(clock.now())
        first_s = time.perf_counter() - begun_s
        print("ready", flush=True)
        begun_s, before_s = time.perf_counter(), used_s()
        while not select.select([sys.stdin], [], [], LOOK_EVERY_S)[0]:
            look_s = time.perf_counter()
            watch.look(clock.now())
            looks.append(time.perf_counter() - look_s)
        share = (used_s() - before_s) / (time.perf_counter() - begun_s)
    return {"first_s": first_s, "core": share, "looks": len(looks), "look_ms": 1000 * max(looks, default=0.0)}


def child(what: str, folder: Path, url: str, core: int, **pipes: Any) -> "subprocess.Popen[str]":
    words = [sys.executable, "-m", "bench.watch", "--child", what, "--keep", str(folder)]
    return subprocess.Popen(words, env=environ_at(url), stdout=subprocess.PIPE, text=True, preexec_fn=pinned(core), **pipes)


def turn(folder: Path, url: str, *, watched: bool) -> tuple[dict[str, float], dict[str, float]]:
    """Send once; return what the sender and the watcher took."""
    put_back(folder)
    watcher = child("look", folder, url, 0, stdin=subprocess.PIPE) if watched else None
    if watcher and watcher.stdout:
        watcher.stdout.readline()  # its first look is over
    sender = child("send", folder, url, 1)
    sent = json.loads(sender.communicate()[0])
    seen = json.loads(watcher.communicate()[0]) if watcher else {}
    return sent, seen


def measure(folder: Path, pairs: int) -> None:
    alone: list[dict[str, float]] = []
    beside: list[dict[str, float]] = []
    seen: list[dict[str, float]] = []
    with server() as url:
        for number in range(pairs):
            for watched in (False, True) if number % 2 else (True, False):
                sent, looked = turn(folder, url, watched=watched)
                (beside if watched else alone).append(sent)
                seen += [looked] if watched else []
            a, b, w = alone[-1], beside[-1], seen[-1]
            print(
                f"pair {number + 1}: {a['per_s']:,.0f}/s alone, {b['per_s']:,.0f}/s watched ({b['per_s'] / a['per_s']:.2f} x), "
                f"CPU {a['cpu_us']:.1f} and {b['cpu_us']:.1f} µs each; watcher {100 * w['core']:.1f} % of a core, "
                f"{w['looks']:.0f} looks, {w['look_ms']:.0f} ms at most, the first {w['first_s']:.1f} s",
                flush=True,
            )
    by_rate = statistics.median(b["per_s"] / a["per_s"] for a, b in zip(alone, beside, strict=True))
    by_cpu = statistics.median(a["cpu_us"] / b["cpu_us"] for a, b in zip(alone, beside, strict=True))
    core = statistics.median(w["core"] for w in seen)
    print(f"sender watched: {by_rate:.2f} x by rate, {by_cpu:.2f} x by CPU; watcher {100 * core:.1f} % of a core")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--millions", type=int, default=10)
    options.add_argument("--pairs", type=int, default=5)
    options.add_argument("--keep", type=Path, help="keep the workspace here, and use what is there already")
    options.add_argument("--child", choices=("send", "look"), help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.child:
        print(json.dumps({"send": send, "look": look}[given.child](given.keep)))
        return
    folder = given.keep or Path(tempfile.mkdtemp(prefix="watch-"))
    try:
        if not (folder / "zalo-alert.yaml").exists():
            maker = multiprocessing.get_context("spawn").Process(target=make, args=(folder, given.millions))
            maker.start()
            maker.join()
        measure(folder, given.pairs)
    finally:
        if not given.keep:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
