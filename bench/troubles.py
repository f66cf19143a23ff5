"""What can happen to a sender: each trouble starts one against a sandbox, does its worst, and returns when the sender has ended.

A scene is one workspace, one sandbox and one campaign; every choice is drawn from its seed, though not the machine's timing.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zalo_alert.errors import StorageUnusable
from zalo_alert.models import State
from zalo_alert.runs.history import Hold
from zalo_alert.runs.store import Runs
from zalo_alert.sandbox.server import Sandbox

RUN = "DT-1"
POLL_S = 0.02
PATIENCE_S = 60.0  # for a sender that must end by itself
STALL_S = 1.5  # without an answer for so long, a sender waits for a minute or a back-off: the next one starts with a later clock
START_S = 4.0  # for a sender to start, on a machine with other work
CLEAN = {0, 3, 12, 13, 130, -signal.SIGINT}  # how a sender may end: never by a bug; a shell shows the last one as 130 too
KILLED = -9
UNANSWERED = ("http_500", "html", "truncated", "reset_before", "reset_after")


class Broken(AssertionError):
    """A promise was broken, or something never ended."""


@dataclass
class Scene:
    """One workspace and its sandbox.

    Args:
        folder: The workspace, with a follower book and `c.yaml`.
        sandbox: Counts whom it was given a message for.
        chance: Where every choice comes from.
        people: How many the campaign reaches.
        turns: How many senders will be started, so that each finds some work.
    """

    folder: Path
    sandbox: Sandbox
    chance: random.Random
    people: int
    turns: int
    kills: int = 0
    late_s: float = 0.0  # how far ahead of the machine's the next sender's clock is
    _started: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def run_folder(self) -> Path:
        """Where the run is once it is frozen."""
        return self.folder / ".zalo-alert" / "runs" / RUN

    def send(self, **wrong: Any) -> "subprocess.Popen[bytes]":
        """Start a sender, on a frozen run or on none yet."""
        resumes = (self.chance.random() < 0.5 and self.is_frozen) or self.is_held
        return self.start(*(("resume", RUN) if resumes else ("send", "c.yaml", "--yes")), **wrong)

    @property
    def is_frozen(self) -> bool:
        """Whether there is a run."""
        return (self.run_folder / "run.db").is_file()

    def start(self, *words: str, limits: Callable[[], None] | None = None, **wrong: Any) -> "subprocess.Popen[bytes]":
        """Start the command line, with something wrong inside (see `bench.frail`); what it says goes to a file."""
        wrong["jumps"] = [[0, self.late_s], *wrong.get("jumps", [])]
        begun = [sys.executable, "-m", "bench.frail", json.dumps(wrong), *words]
        environ = {name: value for name, value in os.environ.items() if not name.startswith("ZALO_ALERT_")}
        environ |= {"PYTHONPATH": str(Path(__file__).parent.parent), **self.sandbox.environ("pctt")}
        with (self.folder / f"said-{len(self._started):02}.txt").open("wb") as said:
            child = subprocess.Popen(
                begun, cwd=self.folder, env=environ, stdin=subprocess.DEVNULL, stdout=said, stderr=said, preexec_fn=limits
            )
        self._started.append(child)
        return child

    def said(self, child: "subprocess.Popen[bytes]") -> str:
        """Return what a sender said."""
        return (self.folder / f"said-{self._started.index(child):02}.txt").read_text(encoding="utf-8", errors="replace")

    def accepted(self) -> int:
        """Count what the sandbox has accepted."""
        found: int = self.sandbox.stats()["accepted"]
        return found

    def unanswered(self) -> int:
        """Count the calls that the sandbox left without a clear answer."""
        refused = self.sandbox.stats()["refused"]
        return sum(refused.get(fault, 0) for fault in UNANSWERED)

    @property
    def is_held(self) -> bool:
        """Whether a person has stopped the run: only `resume` goes on with it then."""
        if not self.is_frozen:
            return False
        try:
            with contextlib.closing(Runs(self.run_folder.parent).open(RUN)) as run:
                return run.hold is Hold.HELD
        except StorageUnusable:  # the disk is broken just now, on purpose: `resume` is right in any case
            return True

    def doubtful(self) -> int:
        """Count the people of whom the ledger does not know whether they were reached."""
        if not self.is_frozen:
            return 0
        with contextlib.closing(Runs(self.run_folder.parent).open(RUN)) as run, contextlib.closing(run.ledger()) as ledger:
            totals = ledger.totals()
        return totals[State.UNKNOWN] + totals[State.CLAIMED]

    def until_some_accepted(self, child: "subprocess.Popen[bytes]") -> None:
        """Wait until the sandbox has accepted a random few more, or the sender ended, or it waits for something."""
        last = begun = self.accepted()
        goal = begun + self.chance.randrange(1, max(2, self.people // (self.turns + 1)))
        moved_s = time.monotonic() + START_S
        while child.poll() is None and last < goal and time.monotonic() - moved_s < STALL_S:
            time.sleep(POLL_S)
            now = self.accepted()
            if now != last:
                last, moved_s = now, time.monotonic()

    def kill(self, child: "subprocess.Popen[bytes]") -> None:
        """End a sender as a power cut does."""
        child.send_signal(signal.SIGKILL)
        self.ended(child)

    def ended(self, child: "subprocess.Popen[bytes]", allowed: frozenset[int] | set[int] = frozenset(CLEAN | {KILLED})) -> int:
        """Wait for a sender's end; a bug in it, or another exit code than allowed, breaks the round."""
        try:
            code = child.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            raise Broken(f"a sender did not end in {PATIENCE_S:.0f} s") from None
        self.kills += code == KILLED
        if code not in allowed or ("Traceback" in self.said(child) and code != -signal.SIGINT):
            raise Broken(f"a sender ended with {code}: {self.said(child)[-2000:]}")
        return code

    def close(self) -> None:
        """End what still runs."""
        for child in self._started:
            if child.poll() is None:
                child.kill()
                child.wait()


# --- the troubles ------------------------------------------------------------------------------------------------------


def killed_any_time(scene: Scene) -> None:
    """While it starts, freezes, reads its books, sends."""
    child = scene.send()
    with suppress(subprocess.TimeoutExpired):
        child.wait(scene.chance.uniform(0.02, 2.0))
    scene.kill(child)


def killed_while_sending(scene: Scene) -> None:
    """With calls in flight."""
    child = scene.send()
    scene.until_some_accepted(child)
    scene.kill(child)


def killed_as_the_log_grows(scene: Scene) -> None:
    """Inside a commit, as seen from outside: the write-ahead log has just grown."""
    child = scene.send()
    log = scene.run_folder / "run.db-wal"
    left, size, end_s = scene.chance.randrange(1, 25), 0, time.monotonic() + 4.0
    while child.poll() is None and left and time.monotonic() < end_s:
        with suppress(OSError):
            now = log.stat().st_size
            left -= now > size
            size = now
        time.sleep(0.0001)
    scene.kill(child)


_STATEMENTS = (
    ("run.db", "INSERT INTO outcome", 2000, 0),  # between two rows of one step
    ("run.db", "INSERT INTO claim_window", 12, 0),  # settled and not yet claimed
    ("run.db", "UPDATE progress", 12, 0),
    ("run.db", "UPDATE outcome SET state = 'claimed'", 12, 0),
    ("run.db", "COMMIT", 25, 0),  # all written, nothing durable
    ("run.db", "COMMIT", 25, 2_000),  # inside the commit, or just after
    ("run.db", "COMMIT", 25, 20_000),  # claimed, and some of them posted
    ("run.db", "BEGIN IMMEDIATE", 25, 0),
    ("tokens.db", "INSERT OR REPLACE INTO pair", 2, 0),  # about to ask for a new pair, or given one and it is not kept
)


def killed_at_a_statement(scene: Scene) -> None:
    """At an exact place of a ledger's step: in a transaction, in its commit, between claim and post."""
    file, statement, most, within_us = scene.chance.choice(_STATEMENTS)
    death = {
        "file": file,
        "statement": statement,
        "times": scene.chance.randint(1, most),
        "after_us": scene.chance.randint(1, within_us) if within_us else 0,
    }
    child = scene.send(death=death)
    scene.until_some_accepted(child)
    if child.poll() is None:
        child.send_signal(signal.SIGINT)
    scene.ended(child)


def interrupted(scene: Scene) -> None:
    """Ctrl-C or SIGTERM: it drains."""
    child = scene.send()
    scene.until_some_accepted(child)
    child.send_signal(scene.chance.choice([signal.SIGINT, signal.SIGTERM]))
    scene.ended(child, CLEAN | {-signal.SIGTERM, 128 + signal.SIGTERM})  # it may not be listening yet


def interrupted_twice(scene: Scene) -> None:
    """The second Ctrl-C ends it at once, whatever is in flight."""
    child = scene.send()
    scene.until_some_accepted(child)
    for _ in range(2):
        child.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            child.wait(scene.chance.uniform(0.0, 0.05))
    scene.ended(child, CLEAN)


def frozen_for_a_while(scene: Scene) -> None:
    """A laptop's lid, a debugger, a virtual machine that moves: stopped, gone on, killed later."""
    child = scene.send()
    scene.until_some_accepted(child)
    child.send_signal(signal.SIGSTOP)
    time.sleep(scene.chance.uniform(0.1, 0.8))
    child.send_signal(signal.SIGCONT)
    scene.until_some_accepted(child)
    scene.kill(child)


def started_twice(scene: Scene) -> None:
    """Two at the same moment: one is refused or waits; the other is killed."""
    children = [scene.send() for _ in range(2)]
    scene.until_some_accepted(children[0])
    for child in children:
        scene.kill(child)


def clock_jumped(scene: Scene) -> None:
    """Set right by an hour, forwards, backwards or both, while it sends."""
    jumps = [[scene.chance.uniform(0.5, 2.0), scene.chance.uniform(-3600, 3600)] for _ in range(scene.chance.randint(1, 3))]
    child = scene.send(jumps=jumps)
    scene.until_some_accepted(child)
    scene.until_some_accepted(child)
    child.send_signal(scene.chance.choice([signal.SIGKILL, signal.SIGINT]))
    scene.ended(child)


def files_limited(scene: Scene) -> None:
    """No file may grow beyond a size: writing fails as on a full disk, at any place."""
    size = scene.chance.randrange(20_000, 800_000)
    child = scene.send(limits=lambda: _limit_files(size))
    scene.until_some_accepted(child)
    child.send_signal(scene.chance.choice([signal.SIGKILL, signal.SIGINT]))
    scene.ended(child)


def _limit_files(size: int) -> None:
    import resource  # POSIX only, as mounts are

    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def disk_filled(scene: Scene) -> None:
    """Somebody else's file takes the last byte while it sends; later it is gone."""
    child = scene.send()
    scene.until_some_accepted(child)
    filler = scene.folder / ".zalo-alert" / "filler"
    _fill(filler)
    scene.until_some_accepted(child)
    if child.poll() is None:
        child.send_signal(scene.chance.choice([signal.SIGKILL, signal.SIGINT]))
    scene.ended(child)
    filler.unlink()


def _fill(path: Path) -> None:
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)


def disk_read_only(scene: Scene) -> None:
    """Remounted read-only, as Linux does with a disk that fails: a sender started now says so, and calls nobody."""
    before = scene.sandbox.stats()["requests"]
    with read_only(scene.folder / ".zalo-alert"):
        scene.ended(scene.send(), {11, 13})
    if scene.sandbox.stats()["requests"] != before:
        raise Broken("people were written to without a ledger")


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Make a folder read-only, even for root."""
    _mount("--bind", str(folder), str(folder))
    try:
        _mount("-o", "remount,bind,ro", str(folder))
        yield
    finally:
        unmount(folder)


@contextmanager
def small_disk(folder: Path, size_bytes: int) -> Iterator[None]:
    """Put a disk of so many bytes under an empty folder."""
    _mount("-t", "tmpfs", "-o", f"size={size_bytes}", "tmpfs", str(folder))
    try:
        yield
    finally:
        unmount(folder)


def can_mount(folder: Path) -> bool:
    """Whether this machine lets us."""
    folder.mkdir(exist_ok=True)
    try:
        with small_disk(folder, 1_000_000):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True, capture_output=True)


def unmount(folder: Path) -> None:
    """Take a mount away, even from whoever still has a file open there."""
    subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)


Trouble = Callable[[Scene], None]
TROUBLES: Mapping[str, Trouble] = {
    function.__name__.replace("_", " "): function
    for function in (
        killed_any_time, killed_while_sending, killed_as_the_log_grows, killed_at_a_statement, interrupted, interrupted_twice,
        frozen_for_a_while, started_twice, clock_jumped, files_limited, disk_filled, disk_read_only,
    )
}  # fmt: skip
NEED_MOUNT = {"disk filled", "disk read only"}
