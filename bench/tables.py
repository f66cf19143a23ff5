"""What a table of scores costs: building it, and asking it, beside DuckDB over Parquet in the same run: `make bench-tables`.

    python -m bench.tables                      # ten million invented candidates
    python -m bench.tables --rows 1200000       # a year's
    python -m bench.tables --write diem.csv     # write the list alone, to try the rest by hand

Building is a process of its own (wall clock, CPU, memory), as is asking: random candidates by both facts, and wrong ones. How
long a wrong number and a wrong date take is compared by the medians of many; that they do the same work is a unit test.
"""

import argparse
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from zalo_alert.sandbox.candidates import write_csv

ROWS = 10_000_000
ASKED = 200_000
ASKED_DUCKDB = 200


def main() -> None:
    """Build, ask, compare."""
    options = _options()
    if options.write:
        with options.write.open("w", encoding="utf-8") as target:
            write_csv(target, options.rows)
        return
    if options.part:
        _PARTS[options.part](options.folder, options.rows)
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        _run(Path(folder), options.rows)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--write", type=Path, help="write the list and end")
    parser.add_argument("--folder", type=Path, help="where files are made")
    parser.add_argument("--part", choices=("build", "ask", "parquet"), help=argparse.SUPPRESS)
    return parser.parse_args()


def _run(folder: Path, rows: int) -> None:
    file = folder / "diem.csv"
    begun = time.perf_counter()
    with file.open("w", encoding="utf-8") as target:
        write_csv(target, rows)
    print(f"{rows:,} candidates written in {time.perf_counter() - begun:.0f} s, {file.stat().st_size / 1e6:.0f} MB", flush=True)
    for part in ("build", "ask", "parquet"):
        subprocess.run(
            [sys.executable, "-m", "bench.tables", "--part", part, "--folder", str(folder), "--rows", str(rows)], check=True
        )


def _build(folder: Path, rows: int) -> None:
    from zalo_alert.operations.tables import WorkspaceTables

    begun, cpu = time.perf_counter(), time.process_time()
    built = WorkspaceTables(folder).build(
        "diem", folder / "diem.csv", "sbd", "ngay_sinh", lambda *_step: None, key_pattern=r"\d{8}"
    )
    wall_s, cpu_s = time.perf_counter() - begun, time.process_time() - cpu
    payload = _payload_bytes(folder / "diem.csv")
    size = built.size_bytes / rows
    print(
        f"build: {wall_s:.0f} s ({cpu_s:.0f} s of CPU), {rows / wall_s:,.0f} rows/s, {_rss_mb():.0f} MB of memory; "
        f"{size:.0f} bytes a row, of them {payload:.0f} of values: {size - payload:.0f} more",
        flush=True,
    )


def _payload_bytes(file: Path) -> float:
    with file.open("rb") as lines:
        next(lines)
        sample = [line.rstrip(b"\n").split(b",") for line, _n in zip(lines, range(10_000), strict=False)]
    return statistics.mean(len(b",".join([row[1], *row[3:]])) for row in sample)


def _sampled(folder: Path, rows: int, number: int) -> list[tuple[str, str]]:
    """Return the facts of candidates from all over the list, in no order."""
    chosen = random.Random(7)
    step = max(1, rows // number)
    facts = []
    with (folder / "diem.csv").open(encoding="utf-8") as lines:
        next(lines)
        for at, line in enumerate(lines):
            if at % step == 0:
                key, _name, born, *_marks = line.split(",", 3)
                day, month, year = born.split("/")
                facts.append((key, f"{year}-{month}-{day}"))
    chosen.shuffle(facts)
    return facts


def _ask(folder: Path, rows: int) -> None:
    from zalo_alert.tables.generations import TableFolder

    facts = _sampled(folder, rows, ASKED)
    before_mb = _rss_mb()
    table = TableFolder(folder, "diem").open()
    for key, check in facts[:1000]:
        assert table.find(key, check)
    begun = time.process_time()
    for key, check in facts:
        assert table.find(key, check)
    taken_s = time.process_time() - begun
    print(
        f"ask: {len(facts) / taken_s:,.0f} rows/s and core ({1e6 * taken_s / len(facts):.1f} µs), {_rss_mb():.0f} MB of memory "
        f"({before_mb:.0f} before)"
    )
    _compare_wrong(table.find, facts)


def _compare_wrong(find: Callable[[str, str], object], facts: Sequence[tuple[str, str]]) -> None:
    numbers: list[int] = []
    dates: list[int] = []
    for turn, (key, check) in enumerate(facts[:50_000]):
        asked, times = ((key, "1999-01-01"), dates) if turn % 2 else ((f"99{key[2:]}", check), numbers)
        begun = time.perf_counter_ns()
        found = find(*asked)
        times.append(time.perf_counter_ns() - begun)
        assert found is None
    medians = [statistics.median(times) / 1000 for times in (numbers, dates)]
    spread = statistics.quantiles(numbers, n=10)
    print(
        f"wrong number: {medians[0]:.2f} µs, wrong date: {medians[1]:.2f} µs (medians of {len(numbers):,}; nine in ten of the "
        f"first lie between {spread[0] / 1000:.2f} and {spread[-1] / 1000:.2f})",
        flush=True,
    )


def _parquet(folder: Path, rows: int) -> None:
    from zalo_alert.book.base import open_duckdb

    facts = _sampled(folder, rows, ASKED_DUCKDB)
    with open_duckdb(folder) as db:
        source = f"read_csv('{folder / 'diem.csv'}', all_varchar=true)"
        db.execute(f"COPY (SELECT * FROM {source} ORDER BY sbd) TO '{folder / 'diem.parquet'}' (FORMAT parquet)")
        sql = f"SELECT * FROM read_parquet('{folder / 'diem.parquet'}') WHERE sbd = ? AND ngay_sinh = ?"
        begun = time.process_time()
        for key, check in facts:
            year, month, day = check.split("-")
            assert db.execute(sql, [key, f"{day}/{month}/{year}"]).fetchall()
        taken_s = time.process_time() - begun
    print(f"DuckDB on Parquet, sorted by number: {1e6 * taken_s / len(facts):,.0f} µs of CPU a row", flush=True)


def _rss_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


_PARTS: dict[str, Callable[[Path, int], None]] = {"build": _build, "ask": _ask, "parquet": _parquet}

if __name__ == "__main__":
    main()
