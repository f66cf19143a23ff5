"""What the cap on messages costs when a campaign is frozen: `make bench-cap`.

A million invented followers are imported, and the book's other files are theirs with other ids. Four earlier runs of everyone are
laid out, three of them of today: hard links to one run's shards, and ledgers written by SQL in which 3 % were rejected. Then the
same campaign is frozen in processes of its own: with those runs put aside, with them, and with them where it is Immediate and
passes. What the second takes longer, and the memory it takes more, is the cap.

    python -m bench.cap --people 10000000 --keep /tmp/cap     # forty million earlier messages; takes minutes to lay out
"""

import argparse
import multiprocessing
import os
import resource
import shutil
import sqlite3
import tempfile
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.send import book, environ_at
from bench.whole import PART, multiplied
from zalo_alert import testing
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.models import Digest, RunId
from zalo_alert.operations.workspace import Workspace
from zalo_alert.runs.new_run import write_new_run
from zalo_alert.runs.run import Run
from zalo_alert.runs.shards import Shard

NOWHERE = environ_at("http://127.0.0.1:9")
RUNS = 4
HOURS_AGO = (2, 9, 20, 60)  # three within a day: whoever got all of them has had enough

_SETTLE = """
INSERT INTO outcome
WITH RECURSIVE person (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM person WHERE n + 1 < :people)
SELECT n, iif(n % 33 = 0, 'rejected', 'accepted'), 0, 0, 1, 0, iif(n % 33 = 0, 'dead', ''), 0, :at_s + n / 20000, 0,
    'a1b2c3d4e5f60718293a' || n
FROM person"""


def written(folder: Path, code: str, **changes: str) -> Path:
    """Write a campaign of minor severity."""
    path = folder / "campaigns" / f"{code}.yaml"
    path.write_text(testing.drill(SystemClock().now(), code=code, **{"severity": "Minor", **changes}), encoding="utf-8")
    return path


def freeze(folder: Path, path: Path) -> Run:
    return Workspace(folder, NOWHERE).freeze(path, agree=lambda draft: None)


def lay_out(folder: Path, people: int) -> None:
    """Make the workspace with its earlier runs."""
    book(folder, min(people, PART))
    if people > PART:
        multiplied(folder, people)
    for campaign in (folder / "campaigns").glob("*.yaml"):
        campaign.unlink()
    first = freeze(folder, written(folder, "OLD"))
    for number, hours in enumerate(HOURS_AGO, 1):
        copy(first, RunId(f"OLD-{number}"), int(time.time()) - hours * 3600)
    first.close()
    shutil.rmtree(first.folder)
    print(f"{people:,} people, {people * RUNS:,} earlier messages", flush=True)


def copy(run: Run, name: RunId, at_s: int) -> None:
    """Make a run of the same people, in which everyone is settled."""
    target = run.folder.parent / name
    target.mkdir()
    shutil.copytree(run.folder / "shards", target / "shards", copy_function=os.link)
    facts = replace(run.facts, id=name)
    shards = [Shard(file, first, people, Digest(digest)) for file, first, people, digest in run.shard_rows()]
    write_new_run(target, facts, run.campaign_path.read_bytes(), run.places(), shards, run.schedule())
    with closing(sqlite3.connect(target / "run.db")) as db, db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute(_SETTLE, {"people": facts.audience, "at_s": at_s})
        db.execute("UPDATE progress SET next_number = audience")


def frozen(folder: Path, path: str, answer: Any) -> None:
    """Freeze in this process; answer with seconds, CPU seconds, megabytes and how many are withheld."""
    begun_s = time.perf_counter()
    with closing(freeze(folder, Path(path))) as run:
        took_s, used = time.perf_counter() - begun_s, resource.getrusage(resource.RUSAGE_SELF)
        answer.send((took_s, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, run.facts.withheld))
        shutil.rmtree(run.folder)


def measured(what: str, folder: Path, path: Path) -> tuple[float, float]:
    """Freeze in a process of its own, whose peak of memory begins at nothing; return seconds and megabytes."""
    theirs, ours = multiprocessing.Pipe()
    child = multiprocessing.get_context("spawn").Process(target=frozen, args=(folder, str(path), ours))
    child.start()
    ours.close()
    took_s, cpu_s, peak_mb, withheld = theirs.recv()
    child.join()
    print(f"{what:<36}{took_s:>7.1f} s {cpu_s:>7.1f} s of CPU {peak_mb:>6.0f} MB {withheld:>12,} withheld", flush=True)
    return took_s, peak_mb


@contextmanager
def aside(folder: Path):
    runs = folder / ".zalo-alert" / "runs"
    runs.rename(runs.with_name("runs-aside"))
    yield
    shutil.rmtree(runs, ignore_errors=True)
    runs.with_name("runs-aside").rename(runs)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--people", type=int, default=1_000_000)
    options.add_argument("--keep", type=Path, help="keep the workspace here, and use what is there already")
    given = options.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp(prefix="cap-"))
    try:
        if not (folder / "zalo-alert.yaml").exists():
            maker = multiprocessing.get_context("spawn").Process(target=lay_out, args=(folder, given.people))
            maker.start()
            maker.join()
        path = written(folder, "NEW")
        with aside(folder):
            without_s, without_mb = measured("no earlier run", folder, path)
        with_s, with_mb = measured("four earlier runs", folder, path)
        measured("four, and it is Immediate", folder, written(folder, "NOW", urgency="Immediate"))
        print(f"the cap: {with_s - without_s:.1f} s, {with_mb - without_mb:.0f} MB")
    finally:
        if not given.keep:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
