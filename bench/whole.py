"""A whole alert on one machine: 37 million people frozen, sent and accounted for, the server included: `make bench-37m`.

A million invented followers are imported; the book's other files are theirs with other ids, so everyone is a person of their own.
Then the command line does what an officer does, and this watches: seconds, memory, disk, and messages a second over time, drawn
into an SVG. The server answers at once, over TLS, and shares the two cores.

    python -m bench.whole --people 2000000          # a smaller one
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import duckdb

from bench.book import run
from bench.send import server
from zalo_alert.book.generations import Generations
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.operations.scaffold import create
from zalo_alert.sandbox import synthetic
from zalo_alert.settings import load
from zalo_alert.testing import drill

PART = 1_000_000

WIDE, HIGH, EDGE = 900, 300, 60


class Sample(NamedTuple):
    """The sender at an instant: people accepted, and its memory in MB."""

    at_s: float
    accepted: int
    rss_mb: float


def multiplied(folder: Path, people: int) -> None:
    """Let the book hold so many people: its one file again and again, each time with ids of its own."""
    chosen = load.load(folder, {})
    generations = Generations(chosen.state_dir / "book" / chosen.accounts[0].oa_id)
    current = generations.manifest(generations.current())
    sources = ", ".join(f"'{generations.folder / current.id / part.file}'" for part in current.parts)
    duckdb.execute("SET enable_progress_bar = false")
    with generations.locked(), generations.draft() as draft:
        parts = []
        for number in range(-(-people // PART)):
            name, rows = f"{number:05}.parquet", min(PART, people - number * PART)
            rest = f"FROM read_parquet([{sources}]) ORDER BY user_id[3:] LIMIT {rows}"
            query = f"SELECT * REPLACE ('{number + 10}' || user_id[3:] AS user_id) FROM ({rest})"
            duckdb.execute(f"COPY ({query}) TO '{draft / name}' (FORMAT parquet, COMPRESSION zstd)")
            count, first, last = duckdb.execute(
                f"SELECT count(DISTINCT user_id), min(user_id), max(user_id) FROM '{draft / name}'"
            ).fetchall()[0]
            parts.append((name, count, first, last))
        made = generations.add(draft, parts, "multiplied", SystemClock().now())
    print(f"{made.people:,} people in {made.size_bytes / 1e6:,.0f} MB", flush=True)


def sent(folder: Path, url: str) -> list[Sample]:
    """Freeze and send, and watch it."""
    environ = os.environ | {f"ZALO_ALERT_{host}_URL": url for host in ("OPENAPI", "BUSINESS", "OAUTH")}
    environ |= {"ZALO_ALERT_PCTT_ACCESS_TOKEN": "t" * 512}
    words = [sys.executable, "-m", "zalo_alert", "send", "campaigns/do.yaml", "--yes", "--json"]
    begun_s, samples = time.perf_counter(), [Sample(0.0, 0, 0.0)]
    with subprocess.Popen(words, cwd=folder, env=environ, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout  # piped, as asked for
        for line in child.stdout:
            fact = json.loads(line)
            if fact["type"] == "frozen":
                print(f"frozen after {time.perf_counter() - begun_s:.0f} s", flush=True)
            if fact["type"] in ("progress", "frozen"):
                samples.append(
                    Sample(time.perf_counter() - begun_s, fact.get("totals", {}).get("accepted", 0), resident(child.pid))
                )
            if fact["type"] == "report":
                samples.append(Sample(time.perf_counter() - begun_s, fact["totals"]["accepted"], samples[-1].rss_mb))
    if child.returncode:
        raise SystemExit(f"send ended with {child.returncode}")
    return samples


def resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return 0.0


def drawn(samples: Sequence[Sample]) -> str:
    """Draw messages a second over time as SVG."""
    rates = [(b.at_s, (b.accepted - a.accepted) / max(0.1, b.at_s - a.at_s)) for a, b in pairwise(samples)]
    end, top = samples[-1].at_s, max(rate for _, rate in rates) * 1.1
    points = " ".join(f"{EDGE + WIDE * at / end:.1f},{EDGE + HIGH * (1 - rate / top):.1f}" for at, rate in rates)
    heights = {f"{top * share:,.0f}": EDGE + HIGH * (1 - share) for share in (0, 0.25, 0.5, 0.75, 1)}
    title = f"{samples[-1].accepted:,} messages: messages a second over {end / 60:.1f} minutes, freezing included"
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE + 2 * EDGE} {HIGH + 2 * EDGE}">',
            '<rect width="100%" height="100%" fill="white"/>',
            f'<text x="{EDGE}" y="{EDGE / 2}">{title}</text>',
            *(f'<path stroke="#ddd" d="M{EDGE} {y}H{EDGE + WIDE}"/>' for y in heights.values()),
            *(f'<text x="4" y="{y}" font-size="12">{label}</text>' for label, y in heights.items()),
            f'<polyline fill="none" stroke="#b3261e" stroke-width="2" points="{points}"/>',
            "</svg>\n",
        )
    )


def size_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--people", type=int, default=37_000_000)
    options.add_argument("--plot", type=Path, help="write the plot here")
    options.add_argument("--keep", type=Path, help="keep the workspace here")
    given = options.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp(prefix="whole-"))
    try:
        create(folder, SystemClock().now(), app_per_minute=100_000_000)
        synthetic.write_followers(folder / "followers.csv", PART)
        run(["followers", "import", "followers.csv"], folder)
        making = get_context("spawn").Process(target=multiplied, args=(folder, given.people))
        making.start()  # apart, because a child's peak memory counts what its parent held when it was forked
        making.join()
        (folder / "campaigns" / "do.yaml").write_text(drill(SystemClock().now()), encoding="utf-8")
        whole(folder, given.plot)
    finally:
        if not given.keep:
            shutil.rmtree(folder)


def whole(folder: Path, plot: Path | None) -> None:
    """Send, account for it, and say what it took."""
    shown = run(["plan", "campaigns/do.yaml"], folder)
    begun_s = time.perf_counter()
    with server() as url:
        samples = sent(folder, url)
    (home,) = (folder / ".zalo-alert" / "runs").iterdir()
    after = {words[0]: run(words, folder) for words in (["status"], ["report"], ["export", "everyone.csv"])}
    total_s = time.perf_counter() - begun_s
    people, sending_s = samples[-1].accepted, samples[-1].at_s - samples[1].at_s
    print(f"plan: {shown[0]:.1f} s, {shown[1]:.0f} MB")
    print(f"freeze: {samples[1].at_s:.0f} s; send: {sending_s:.0f} s, {people / sending_s:,.0f} messages/s")
    for name, (seconds, memory) in after.items():
        print(f"{name}: {seconds:.1f} s, {memory:.0f} MB")
    rss = [sample.rss_mb for sample in samples if sample.rss_mb]
    print(f"memory while sending: {max(rss):.0f} MB at most, {rss[len(rss) // 10]:.0f} MB after a tenth")
    print(f"disk: {size_mb(home):,.0f} MB of ledger and shards")
    print(f"{people:,} people frozen, sent and accounted for in {total_s / 60:.1f} minutes")
    if plot:
        plot.write_text(drawn(samples), encoding="utf-8")


if __name__ == "__main__":
    main()
