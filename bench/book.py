"""How fast the follower book is: import, counting and planning, beside DuckDB doing the bare work: `make bench-book`.

Ten million invented followers are imported by the command line in a process of its own; then the book is laid out side by side
until it has 57 million rows, and counted and planned by selector. Each figure stands beside DuckDB's own time for the least that
the work needs, in the same run.

Where the time of an import goes:

    python -m bench.book --people 2000000 --keep /tmp/book
    cd /tmp/book && py-spy record --native --subprocesses -o profile.svg -- zalo-alert followers import followers.csv
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zalo_alert.book.generations import Generations
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.operations.scaffold import create
from zalo_alert.sandbox import synthetic
from zalo_alert.settings import load
from zalo_alert.testing import drill

AREAS = ("all", "new:52", "old:52", "region:coastal - new:46", "ward:19900")


def run(words: Sequence[str], folder: Path) -> tuple[float, float]:
    """Run a command of ours to its end; return seconds and the peak of its own memory in MB."""
    begun_s = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-m", "zalo_alert", *words], cwd=folder, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"zalo-alert {' '.join(words)} ended with {child.returncode}")
    return time.perf_counter() - begun_s, used.ru_maxrss / 1024


def bare(sql: str) -> float:
    """Return DuckDB's seconds for a query, with the cores that we have; in a process of its own, for memory is measured here."""
    code = (
        "import duckdb, sys, time\nbegun_s = time.perf_counter()\n"
        "duckdb.connect(config={'preserve_insertion_order': False}).execute(sys.argv[1]).fetchall()\n"
        "print(time.perf_counter() - begun_s)"
    )
    return float(subprocess.run([sys.executable, "-c", code, sql], capture_output=True, text=True, check=True).stdout.split()[-1])


def show(what: str, ours: tuple[float, float], beside: float) -> None:
    print(f"{what:<46}{ours[0]:>8.1f} s {ours[1]:>7.0f} MB {beside:>8.1f} s bare {ours[0] / beside:>7.1f} x", flush=True)


def importing(folder: Path, people: int) -> None:
    source, copy = folder / "followers.csv", folder / "copy.parquet"
    synthetic.write_followers(source, people)
    print(f"{people:,} people, {source.stat().st_size / 1e6:,.0f} MB of CSV")
    read = f"read_csv('{source}', all_varchar=true, header=true)"
    show("import", run(["followers", "import", source.name], folder), bare(f"COPY (FROM {read}) TO '{copy}' (COMPRESSION zstd)"))
    least = bare(f"SELECT count(*), count(DISTINCT user_id) FROM {read}")
    show("import again: everyone known, merged", run(["followers", "import", source.name], folder), least)
    copy.unlink()


def laid_out(folder: Path, rows: int) -> list[Path]:
    """Let the book's files stand side by side until there are so many rows; return the files."""
    chosen = load.load(folder, {})
    generations = Generations(chosen.state_dir / "book" / chosen.accounts[0].oa_id)
    current = generations.manifest(generations.current())
    files = [(folder_of(generations, current.id) / part.file, part) for part in current.parts]
    with generations.locked(), generations.draft() as draft:
        parts: list[Any] = []
        held = 0
        while held < rows:
            path, part = files[len(parts) % len(files)]
            name = f"{len(parts):05}.parquet"
            os.link(path, draft / name)
            parts.append((name, part.people, part.first, part.last))
            held += part.people
        made = generations.add(draft, parts, "laid out", SystemClock().now())
    print(f"{made.people:,} people in {made.size_bytes / 1e6:,.0f} MB")
    return [folder_of(generations, made.id) / part.file for part in made.parts]


def folder_of(generations: Generations, name: str) -> Path:
    return generations.folder / name


def counting(folder: Path, files: Sequence[Path]) -> None:
    listed = ", ".join(f"'{path}'" for path in files)
    least = bare(f"SELECT place, count(*) FROM read_parquet([{listed}]) GROUP BY place")
    show("stats", run(["followers", "stats"], folder), least)
    for area in AREAS:
        path = folder / "campaigns" / "do.yaml"
        path.write_text(drill(SystemClock().now(), areas=f'["{area}"]'), encoding="utf-8")
        show(f"plan of {area}", run(["plan", "campaigns/do.yaml"], folder), least)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--people", type=int, default=10_000_000)
    options.add_argument("--rows", type=int, default=57_000_000, help="of the book that is counted")
    options.add_argument("--keep", type=Path, help="keep the workspace here")
    given = options.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp(prefix="book-"))
    try:
        create(folder, SystemClock().now())
        importing(folder, given.people)
        counting(folder, laid_out(folder, given.rows))
    finally:
        if not given.keep:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
