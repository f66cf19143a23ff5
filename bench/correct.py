"""How long a correction takes until its first message leaves, at a great run: `make bench-correct`.

A million invented followers are imported, planned and frozen; their shards stand side by side until there are `--millions`, and a
ledger in which all of them are settled, in the order of sending, is written by SQL: 0.1 % unknown or rejected, one in thirty in
another order, as those are who were asked again. Then `correct --yes` is run by the command line in a process of its own against
a server that counts. Printed: seconds from the command to the first message, what of it was freezing, and the seconds of CPU.
The stop is measured too: a run is sent slowly, `correct` is given, and the time until the sender's last message is taken.
"""

import argparse
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from bench.aftermath import many, settle
from bench.send import CAMPAIGN, book, environ_at, server
from zalo_alert import Workspace
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.runs.lifecycle import RunState
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs
from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.server import running
from zalo_alert.settings import load

CORRECTION = 'correction: {text: "DIỄN TẬP: đính chính, hãy bỏ qua tin {{ code }}. HẾT TIN DIỄN TẬP."}\n'


def prepare(folder: Path, millions: int, url: str) -> Run:
    """Make a workspace with a great run in which everyone is settled."""
    book(folder, 1_000_000)
    campaign = folder / CAMPAIGN
    text = campaign.read_text(encoding="utf-8")
    if "\ncorrection:" not in text:
        campaign.write_text(text + CORRECTION, encoding="utf-8")
    Workspace(folder, environ_at(url)).freeze(campaign, agree=lambda draft: None).close()
    run = many(folder, millions, environ_at(url))
    settle(run)
    shuffle(run)
    run.move(RunState.SENDING, "", SystemClock().now())
    run.move(RunState.FINISHED, "", SystemClock().now())
    return run


def shuffle(run: Run) -> None:
    """Let one in thirty have been asked again, a minute to an hour later."""
    with closing(sqlite3.connect(run.folder / "run.db")) as db, db:
        db.execute("UPDATE outcome SET at_s = at_s + 60 + number * 7919 % 3600 WHERE number % 30 = 0")


def first_message(folder: Path, url: str, name: str) -> tuple[float, float, float]:
    """Return seconds until a correction's first people are claimed, until its folder is there, and of CPU until the former."""
    words = [sys.executable, "-m", "zalo_alert", "correct", name, "--yes", "--workspace", str(folder)]
    began_s = time.monotonic()
    child = subprocess.Popen(words, env=environ_at(url), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    runs, frozen_s = Runs(load.load(folder, {}).state_dir / "runs"), 0.0
    while child.poll() is None:
        correction = runs.find(f"{name}.correction" if "@" in name else f"{name}@correction")  # type: ignore[arg-type]
        if correction:
            frozen_s = frozen_s or time.monotonic() - began_s
            with closing(correction), closing(correction.ledger()) as ledger:
                if ledger.next_number:
                    break
        time.sleep(0.02)
    took_s, cpu_s = time.monotonic() - began_s, cpu_of(child.pid)
    child.send_signal(signal.SIGINT)
    _out, err = child.communicate(timeout=120)
    if not frozen_s:
        raise SystemExit(err.decode())
    return took_s, frozen_s, cpu_s


def cpu_of(pid: int) -> float:
    """Return the seconds of CPU that a process has used; what a busy machine leaves comparable."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def stop_takes(folder: Path) -> float:
    """Return seconds from the command to the last message of a run that another process sends."""
    with running(Options(app_per_minute=0)) as sandbox:
        home = Workspace(folder, {**os.environ, **sandbox.environ("pctt")})
        environ = {**os.environ, **sandbox.environ("pctt"), "ZALO_ALERT_LANG": "en"}
        config = folder / "zalo-alert.yaml"
        config.write_text(config.read_text(encoding="utf-8").replace("100000000", "60000"), encoding="utf-8")
        run = home.freeze(folder / CAMPAIGN, agree=lambda draft: None, occurrence="slow")
        words = [sys.executable, "-m", "zalo_alert", "resume", run.id, "--workspace", str(folder)]
        sender = subprocess.Popen(words, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while sandbox.stats()["accepted"] < 3000:
            time.sleep(0.02)
        began_s = time.monotonic()
        words = [sys.executable, "-m", "zalo_alert", "correct", run.id, "--workspace", str(folder)]
        asking = subprocess.Popen(words, env=environ, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        last, last_s = sandbox.stats()["accepted"], began_s
        while sender.poll() is None:
            now = sandbox.stats()["accepted"]
            last, last_s = now, time.monotonic() if now != last else last_s
            time.sleep(0.02)
        asking.communicate(b"no\n")
        return last_s - began_s


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--millions", type=int, default=1)
    options.add_argument("--turns", type=int, default=3)
    options.add_argument("--stop", action="store_true", help="measure the stop too")
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="correct-"))
    try:
        with server() as url:
            run = prepare(folder, given.millions, url)
            with closing(run.ledger()) as ledger:
                print(f"{ledger.count_reached():,} people reached, load {os.getloadavg()[0]:.1f}", flush=True)
            for _ in range(given.turns):
                took_s, frozen_s, cpu_s = first_message(folder, url, run.id)
                print(f"first claimed {took_s:6.1f} s, frozen {frozen_s:6.1f} s, CPU {cpu_s:6.1f} s", flush=True)
                for path in (folder / ".zalo-alert" / "runs").glob("*correction"):
                    shutil.rmtree(path)
        if given.stop:
            print(f"the sender's last message came {stop_takes(folder):.2f} s after the command", flush=True)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
