"""Who has how much of one rate while everybody wants it: two runs and a worker with answers of every rank, against the sandbox.

    python -m bench.ranks --minutes 3

Three processes: an Immediate run, an Expected one, and the poster of the worker. The sandbox counts minute by minute; what the
ranks had is read off the outbox and the ledgers.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from bench.pace import campaign, until_next_minute
from bench.send import book
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.inbound.inbound_store import find_store, open_store
from zalo_alert.models import OnUnknown, Rank, State
from zalo_alert.operations.answering import answering
from zalo_alert.outbox.answer import Answer
from zalo_alert.outbox.store import Outbox
from zalo_alert.runs.run import Run
from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.server import Sandbox, running
from zalo_alert.settings import model
from zalo_alert.settings.load import load

OA, FIRST_PERSON = "388613280878808645", 10**12
ANSWERS = (Rank.HELP, Rank.STEP, Rank.OFFICER, Rank.RULE, Rank.LOOKUP)


def fill(state_dir: Path, each: int) -> None:
    """Put so many answers of every rank into the outbox."""
    now_ms = round(time.time() * 1000)
    state_dir.mkdir(mode=0o700, exist_ok=True)
    with closing(open_store(state_dir)) as db, db.transaction():
        outbox = Outbox(db, most=10 * each)
        for rank in ANSWERS:
            for n in range(each):
                person = str(FIRST_PERSON + int(rank) * 10**6 + n)
                made = Answer(
                    "bench", int(rank) * 10**6 + n, 0, OA, person, rank, "bench/rank", "", "Cơ quan trả lời.", (), now_ms,
                    now_ms + 86_400_000, OnUnknown.HOLD,
                )  # fmt: skip
                outbox.put(made)


def answer(folder: Path) -> None:
    """Be the worker's poster until the parent ends this."""
    with answering(load(folder, os.environ), SystemClock(), print) as wake:
        wake()
        sys.stdin.read()


def had(folder: Path) -> Counter[str]:
    """Return what every rank has had so far."""
    state_dir = folder / ".zalo-alert"
    counts: Counter[str] = Counter()
    if (db := find_store(state_dir)) is not None:
        with closing(db):
            for rank, n in db.rows("SELECT rank, count(*) FROM outbox WHERE state = 'accepted' GROUP BY rank"):
                counts[Rank(rank).name] = n
    for path in sorted((state_dir / "runs").glob("PACE-*")):
        with closing(Run(path)) as run, closing(run.ledger()) as ledger:
            counts[path.name] = ledger.totals()[State.ACCEPTED]
    return counts


def watch(sandbox: Sandbox, folder: Path, minutes: int, per_minute: int) -> None:
    """Print what was let through in each whole minute, and the share of each rank in it."""
    until_next_minute()
    requests, before = sandbox.stats()["requests"], had(folder)
    for _ in range(minutes):
        minute = time.strftime("%H:%M")
        until_next_minute()
        stats, now = sandbox.stats(), had(folder)
        shares = {name: f"{(n - before[name]) / per_minute:.1%}" for name, n in now.items()}
        print(
            f"{minute}  {(stats['requests'] - requests) / per_minute:.1%} of the rate; {shares}; refused: {stats['refused']}",
            flush=True,
        )
        requests, before = stats["requests"], now


def start(words: list[str], folder: Path, environ: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", *words], env=environ, cwd=folder, stdin=subprocess.PIPE)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minutes", type=int, default=3)
    options.add_argument("--per-minute", type=int, default=model.DEFAULT_APP_PER_MINUTE)
    options.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.answer:
        answer(given.answer)
        return
    with tempfile.TemporaryDirectory() as temporary, running(Options(app_per_minute=given.per_minute)) as sandbox:
        folder = Path(temporary)
        book(folder, given.per_minute * (given.minutes + 3), app_per_minute=given.per_minute)
        fill(folder / ".zalo-alert", given.per_minute * (given.minutes + 2) // 2)
        environ = os.environ | sandbox.environ("pctt") | {"PYTHONPATH": str(Path.cwd())}
        children = []
        for number, urgency in enumerate(("Immediate", "Expected")):
            words = ["zalo_alert", "send", str(campaign(folder, number, urgency)), "--yes"]
            children.append(start(words, folder, environ))
        while not had(folder)["PACE-0"]:  # or calls for help would have been answered before anybody sends
            time.sleep(1.0)
        children.append(start(["bench.ranks", "--answer", str(folder)], folder, environ))
        watch(sandbox, folder, given.minutes, given.per_minute)
        for child in children:
            child.terminate()
            child.wait()


if __name__ == "__main__":
    main()
