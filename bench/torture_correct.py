"""Corrections and all-clears killed at random moments: part of `make torture`.

    python -m bench.torture_correct --rounds 30
    python -m bench.torture_correct --seed 17     # one round again, with the same choices

Each round sends a part of a campaign to a sandbox that counts, perhaps kills its sender, then gives `correct` or `all-
clear` again and again, each killed with SIGKILL after a random while, also beside a second one, until one is left
alone. Then the states must be legal, nobody outside those who were reached may have the follow-up, and nobody may have
it twice. A round that fails names its seed.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from zalo_alert.book import Book
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.models import RunId, State
from zalo_alert.operations.scaffold import create
from zalo_alert.runs.lifecycle import RunState
from zalo_alert.runs.store import Runs
from zalo_alert.sandbox import synthetic
from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.server import Sandbox, running
from zalo_alert.testing import drill

OA = "388613280878808645"
PEOPLE = 2000
LONGEST_S = 2.5  # from the start of a command to its end, where nobody disturbs it
FOLLOW_UPS = '\ncorrection: {text: "DIỄN TẬP: sai"}\nall_clear: {text: "DIỄN TẬP: hết"}\n'


def make(folder: Path) -> None:
    """Make a workspace with a campaign that takes a few seconds to send."""
    create(folder, SystemClock().now(), app_per_minute=30_000)
    synthetic.write_followers(folder / "f.csv", PEOPLE)
    book = Book(folder / ".zalo-alert" / "book" / OA)
    book.import_rows(folder / "f.csv", "f.csv", rejects=folder / "r.csv", clock=SystemClock())
    (folder / "c.yaml").write_text(drill(SystemClock().now()) + FOLLOW_UPS, encoding="utf-8")


def start(folder: Path, environ: Mapping[str, str], *words: str) -> "subprocess.Popen[bytes]":
    """Start a command."""
    command = [sys.executable, "-m", "zalo_alert", *words, "--workspace", str(folder)]
    return subprocess.Popen(command, env=dict(environ), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def play(seed: int) -> str:
    """Play one round; return what is wrong, or ""."""
    chance, folder = random.Random(seed), Path(tempfile.mkdtemp(prefix=f"torture-correct-{seed}-"))
    make(folder)
    with running(Options(app_per_minute=0)) as sandbox:
        environ = {**os.environ, **sandbox.environ("pctt"), "ZALO_ALERT_LANG": "en"}
        sender = start(folder, environ, "send", str(folder / "c.yaml"), "--yes")
        goal, limit_s = chance.randrange(1, PEOPLE), time.monotonic() + 60
        while sandbox.stats()["accepted"] < goal and sender.poll() is None and time.monotonic() < limit_s:
            time.sleep(0.005)
        if chance.random() < 0.5:
            sender.kill()
        command = chance.choice(("correct", "all-clear"))
        for _ in range(chance.randrange(1, 6)):
            children = [start(folder, environ, command, "DT-1", "--yes") for _ in range(chance.choice((1, 1, 2)))]
            time.sleep(chance.random() * LONGEST_S)
            for child in children:
                child.kill()
                child.communicate()
        sender.communicate()
        wrong = finish(folder, environ, command) or judge(folder, sandbox, command)
    if not wrong:
        shutil.rmtree(folder)
    return wrong and f"{wrong} ({command}, {folder})"


def finish(folder: Path, environ: Mapping[str, str], command: str) -> str:
    """Let the follow-up go out undisturbed; return what keeps it from that."""
    name = "DT-1@correction" if command == "correct" else "DT-1@all-clear"
    exists = (folder / ".zalo-alert" / "runs" / name / "run.db").exists()
    child = start(folder, environ, *(("resume", name) if exists else (command, "DT-1", "--yes")))
    _out, err = child.communicate(timeout=120)
    return "" if child.returncode in (0, 3) else f"ended with {child.returncode}: {err.decode()}"


def judge(folder: Path, sandbox: Sandbox, command: str) -> str:
    """Hold what the ledgers say against what people have."""
    runs, got = Runs(folder / ".zalo-alert" / "runs"), sandbox.reached()
    alert, name = runs.open("DT-1"), RunId("DT-1@correction" if command == "correct" else "DT-1@all-clear")
    wanted = {RunState.CORRECTED} if command == "correct" else {RunState.STOPPED, RunState.FINISHED}
    if alert.state not in wanted:
        return f"DT-1 is {alert.state}"
    before, after = states(runs, RunId("DT-1")), states(runs, name)
    if others := set(after) - {user_id for user_id, state in before.items() if state in (State.ACCEPTED, State.UNKNOWN)}:
        return f"{len(others)} outside those reached are in {name}"
    if twice := [user_id for user_id, times in got.items() if times > 1 + (user_id in after)]:
        return f"{len(twice)} were written to once too often"
    if missed := [user_id for user_id, state in before.items() if state is State.ACCEPTED and user_id not in after]:
        return f"{len(missed)} have the alert and are not in {name}"
    if lost := [user_id for user_id, state in after.items() if state is State.ACCEPTED and not got.get(user_id)]:
        return f"{len(lost)} count as accepted and have nothing"
    return ""


def states(runs: Runs, name: RunId) -> dict[str, State]:
    """Return everybody's state in a run; whoever has no row is pending."""
    run = runs.open(name)
    with closing(run.ledger()) as ledger, closing(run.audience()) as audience:
        entries = {entry.number: entry.state for entry in ledger.entries()}
        return {person.user_id: entries.get(person.number, State.PENDING) for person in audience.window(0, run.facts.audience)}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=30)
    options.add_argument("--seed", type=int, help="play this round alone")
    given = options.parse_args()
    seeds = [given.seed] if given.seed is not None else [random.randrange(10**6) for _ in range(given.rounds)]
    for number, seed in enumerate(seeds, 1):
        wrong = play(seed)
        print(f"round {number}: seed {seed}: {wrong or 'well'}", flush=True)
        if wrong:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
