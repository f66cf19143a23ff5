"""What a run takes before and after it is archived, and how long that and reading it takes: `python -m bench.archive 200000`.

So many invented followers are imported, planned and frozen, and everyone is settled by SQL, as in `bench.aftermath`. Then the run
is archived, checked, reported and exported by the command line, each in a process of its own, with its CPU time and peak memory.
"""

import multiprocessing
import resource
import shutil
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from bench.aftermath import settle
from bench.book import run as timed
from bench.send import book, environ_at, frozen
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.operations.workspace import Workspace
from zalo_alert.runs.lifecycle import RunState

EXPORT = ("export", "people", "everyone.csv", "--run")


def make(folder: Path, people: int) -> None:
    """Make a workspace with a run that is over."""
    book(folder, people)
    frozen(folder, environ_at("http://127.0.0.1:9"))
    with closing(Workspace(folder).run()) as run:
        settle(run)
        now = SystemClock().now()
        run.move(RunState.SENDING, "", now)
        run.move(RunState.FINISHED, "", now)


def measure(folder: Path) -> None:
    """Archive the run, and read it back."""
    name = Workspace(folder).runs.ids()[0]
    before = _size(folder / ".zalo-alert" / "runs" / name)
    for words in (("report", name), (*EXPORT, name), ("archive", name), ("archive", "verify"), ("report", name), (*EXPORT, name)):
        begun = resource.getrusage(resource.RUSAGE_CHILDREN)
        took_s, peak_mb = timed(words, folder)
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = ended.ru_utime + ended.ru_stime - begun.ru_utime - begun.ru_stime
        print(f"{' '.join(words[:2]):<28}{took_s:>8.1f} s {cpu_s:>8.1f} s of CPU {peak_mb:>7.0f} MB", flush=True)
    after = _size(folder / ".zalo-alert" / "archive" / name)
    print(f"{before / 1e6:,.1f} MB before, {after / 1e6:,.1f} MB in the archive")


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main(people: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="archive-"))
    try:
        maker = multiprocessing.get_context("spawn").Process(target=make, args=(folder, people))
        maker.start()
        maker.join()
        measure(folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
