"""How long it takes to account for everyone after a great run: `make bench-aftermath`.

A million invented followers are imported, planned and frozen; their shards stand side by side until there are 37 million people,
and a ledger in which all of them are settled is written by SQL, 0.1 % of them unknown or rejected. Then `status`, `report` and
`export` are run by the command line, each in a process of its own.
"""

import argparse
import multiprocessing
import os
import resource
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq

from bench.book import run as timed
from bench.send import book, environ_at, frozen
from zalo_alert.models import Digest, RunId
from zalo_alert.planning.sealing import seal_facts
from zalo_alert.runs import shards
from zalo_alert.runs.new_run import write_new_run
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs
from zalo_alert.settings import load

EXPORTS = ("everyone.csv", "everyone.parquet")
COMMANDS = (("status",), ("status", "--json"), ("report",), ("report", "--html", "report.html"), ("runs",))

_SETTLE = """
INSERT INTO outcome
WITH RECURSIVE person (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM person WHERE n + 1 < :people)
SELECT n, CASE n % 2000 WHEN 0 THEN 'unknown' WHEN 1 THEN 'rejected' ELSE 'accepted' END,
    (SELECT place FROM home WHERE home.n = person.n % :tile), 0, 1, CASE n % 2000 WHEN 1 THEN -213 ELSE 0 END,
    CASE n % 2000 WHEN 0 THEN 'no-answer' WHEN 1 THEN 'dead' ELSE '' END, 0, :at_s + n / 20000, 0,
    CASE WHEN n % 2000 < 2 THEN '' ELSE lower(hex(randomblob(16))) END
FROM person"""


def many(folder: Path, times: int, environ: Mapping[str, str]) -> Run:
    """Let the shards of the only run stand side by side, as a run of so many times its people; the old run goes."""
    settings = load.load(folder, environ)
    all_runs = Runs(settings.state_dir / "runs")
    one = all_runs.likely()[0]
    tile = [shards.Shard(file, first, people, Digest(digest)) for file, first, people, digest in one.shard_rows()]
    people = one.facts.audience
    places = [place._replace(people=place.people * times) for place in one.places()]
    frozen_facts = replace(one.facts, id=RunId(f"{one.id}@{times}"), occurrence=str(times), audience=people * times)

    def fill(target: Path) -> None:
        laid = []
        for number in range(times * len(tile)):
            turn, shard = number // len(tile), tile[number % len(tile)]
            os.link(one.folder / "shards" / shard.file, target / "shards" / f"{number:05}.parquet")
            laid.append(replace(shard, file=f"{number:05}.parquet", first=shard.first + turn * people))
        sealed = seal_facts(frozen_facts, places, laid, settings.around(frozen_facts.accounts))
        write_new_run(target, sealed, one.campaign_path.read_bytes(), places, laid, one.schedule())

    made = all_runs.add(frozen_facts.id, fill)
    shutil.rmtree(one.folder)
    return made


def settle(run: Run) -> None:
    """Write a row for everyone."""
    tile = pq.read_table(run.folder / "shards" / "00000.parquet", columns=["place"])["place"].to_pylist()
    with closing(sqlite3.connect(run.folder / "run.db")) as db, db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("CREATE TEMP TABLE home (n INTEGER PRIMARY KEY, place INTEGER)")
        db.executemany("INSERT INTO home VALUES (?, ?)", enumerate(tile))
        db.execute(_SETTLE, {"people": run.facts.audience, "tile": len(tile), "at_s": int(time.time()) - 3600})
        db.execute("UPDATE progress SET next_number = audience")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--millions", type=int, default=37)
    options.add_argument("--keep", type=Path, help="keep the workspace here, and use what is there already")
    given = options.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp(prefix="aftermath-"))
    try:
        if not (folder / "zalo-alert.yaml").exists():
            # In a process of its own: a child's peak of memory begins with that of whoever started it.
            maker = multiprocessing.get_context("spawn").Process(target=make, args=(folder, given.millions))
            maker.start()
            maker.join()
        measure(folder)
    finally:
        if not given.keep:
            shutil.rmtree(folder)


def make(folder: Path, millions: int) -> None:
    """Make a workspace with a great run in which everyone is settled."""
    book(folder, 1_000_000)
    frozen(folder, environ_at("http://127.0.0.1:9"))
    settle(many(folder, millions, environ_at("http://127.0.0.1:9")))


def measure(folder: Path) -> None:
    made = Runs(load.load(folder, {}).state_dir / "runs").likely()[0]
    ledger, audience = (sum(path.stat().st_size for path in made.folder.glob(what)) for what in ("run.db*", "shards/*"))
    print(f"{made.facts.audience:,} people: ledger {ledger / 1e6:,.0f} MB, shards {audience / 1e6:,.0f} MB", flush=True)
    for words in (*COMMANDS, *(("export", name) for name in EXPORTS)):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        took_s, peak_mb = timed(words, folder)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"{' '.join(words):<28}{took_s:>8.1f} s {cpu_s:>8.1f} s of CPU {peak_mb:>7.0f} MB", flush=True)


if __name__ == "__main__":
    main()
