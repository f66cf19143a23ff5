"""One trial: events without a pause, the door killed again and again at random moments, and a verdict over what is left."""

import asyncio
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from bench.judge.books import read
from bench.judge.disk import cut_power
from bench.judge.doors import Door, children, cpu_s, kill, wait_gone
from bench.judge.events import Linked, Writer
from bench.judge.post import Memory, Poster
from bench.judge.verdict import Verdict, judge, misclassed

LOOK_S = 0.02  # between two looks at a process
CLASSES_S = 0.5  # between two readings of everything
BACK_S = 60.0  # a door that has not acknowledged anything by then is not coming back
OVER_S = 30.0  # and one that has been told to stop has stopped
CALM_S = 120.0  # for the events of a last life
CHILD_S = 15.0  # in which a killed worker must have a successor


class Way(StrEnum):
    """How a door's life ends, or that of its worker."""

    KILL = "kill"
    EARLY = "early kill"  # while it is starting
    POWER = "power cut"  # and what was not synced is gone, if the door has a disk that knows
    STOP = "stop"  # SIGTERM: it must go in order
    WORKER = "worker"  # its child alone is killed


REFERENCE_WAYS = (Way.KILL,) * 10 + (Way.POWER,) * 5 + (Way.EARLY, Way.STOP, Way.STOP)
PRODUCT_WAYS = (*REFERENCE_WAYS, Way.WORKER, Way.WORKER)


class Plan(NamedTuple):
    """How a trial goes.

    Attributes:
        kills: How many ends there are.
        seed: Chooses events, moments and ways.
        posters: Each holds two connections.
        life_s: The door is let live so long after its first acknowledgement, at most.
        calm: Acknowledgements that the last door gives in peace before the end.
        has_worker: Whether each event must be in a class in the end.
        ways: What is drawn from, each as often as it stands there.
    """

    kills: int
    seed: int
    posters: int = 12
    life_s: float = 0.6
    calm: int = 3000
    ways: Sequence[Way] = REFERENCE_WAYS
    has_worker: bool = False


@dataclass
class Outcome:
    """What came of a trial.

    Attributes:
        back_s: From each start of a door to its first acknowledgement.
        back_cpu_s: The CPU that it has taken by then.
        ways: How often each was drawn.
        faults: What went wrong with a process, as sentences.
    """

    verdict: Verdict = field(default_factory=Verdict)
    back_s: list[float] = field(default_factory=list)
    back_cpu_s: list[float] = field(default_factory=list)
    ways: Counter[Way] = field(default_factory=Counter)
    exits: Counter[int] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    together: int = 0
    unanswered: int = 0
    faults: list[str] = field(default_factory=list)

    def sentences(self) -> list[str]:
        """Say all that is wrong."""
        return [*self.verdict.sentences(), *self.faults]


class Trial:
    """Plays one plan against one door.

    Args:
        door: Is started by this, and by nobody else.
        linked: OAs in the accounts of the door.
        strangers: OAs of the same apps that are not.
    """

    def __init__(self, door: Door, linked: Sequence[Linked], strangers: Sequence[Linked], plan: Plan) -> None:
        self._door, self._plan, self._chance = door, plan, random.Random(plan.seed)
        self._memory, self._outcome = Memory(), Outcome()
        address = ("127.0.0.1", door.port)
        writers = [Writer(linked, strangers, plan.seed * 1000 + number, f"p{number}-") for number in range(plan.posters)]
        self._posters = [Poster(self._memory, writer, address, number) for number, writer in enumerate(writers)]

    async def run(self) -> Outcome:
        """Play it; the door is down when this returns, after a stop in order."""
        over = asyncio.Event()
        posting = [asyncio.create_task(poster.run(over)) for poster in self._posters]
        process = await self._start()
        for _ in range(self._plan.kills):
            if process is None:
                break
            process = await self._end(process, self._chance.choice(self._plan.ways))
        await self._calm(process)
        over.set()
        await self._finish(posting, process)
        books = read(self._door.folder)
        self._outcome.verdict, self._outcome.classes = judge(self._memory, books), books.classes
        if self._plan.has_worker:
            self._outcome.faults += misclassed(self._memory, books)
        self._outcome.together, self._outcome.unanswered = self._memory.together, self._memory.unanswered
        return self._outcome

    async def _calm(self, process: "subprocess.Popen[bytes] | None") -> None:
        enough = self._memory.acknowledged + self._plan.calm
        if process and not await _comes_true(lambda: self._memory.acknowledged >= enough, CALM_S):
            self._outcome.faults.append(
                f"a door left in peace did not acknowledge {self._plan.calm} events within {CALM_S:.0f} s"
            )

    async def _finish(self, posting: "list[asyncio.Task[None]]", process: "subprocess.Popen[bytes] | None") -> None:
        if process is None:  # nobody answers: whoever is still waiting to connect waits for nothing
            for task in posting:
                task.cancel()
            await asyncio.gather(*posting, return_exceptions=True)
            return
        await asyncio.gather(*posting)
        await asyncio.gather(*(poster.post_rest() for poster in self._posters))
        if self._plan.has_worker:
            await self._wait_for_classes()
        await self._stop(process)

    async def _wait_for_classes(self) -> None:
        """Wait until the worker has put each event into a class, and into one only."""
        if not await _comes_true(self._add_up, CALM_S, CLASSES_S):
            books = read(self._door.folder)
            self._outcome.faults.append(f"{books.events:,} events in the journal, {sum(books.classes.values()):,} in classes")

    def _add_up(self) -> bool:
        books = read(self._door.folder)
        return sum(books.classes.values()) == books.events

    async def _start(self) -> "subprocess.Popen[bytes] | None":
        """Start a door; return it when it acknowledges, or None when it never does."""
        self._memory.begin_life()
        began = time.monotonic()
        process = await asyncio.to_thread(self._door.start)
        waiting = asyncio.create_task(self._memory.first_ack.wait())
        ended = asyncio.create_task(asyncio.to_thread(_wait, process, BACK_S, waiting))
        await asyncio.wait({waiting, ended}, timeout=BACK_S, return_when=asyncio.FIRST_COMPLETED)
        if not self._memory.first_ack.is_set():
            self._outcome.faults.append(
                f"a door did not acknowledge within {BACK_S:.0f} s; exit code {process.poll()}; see door.log"
            )
            waiting.cancel()
            await self._bury(process, await asyncio.to_thread(children, process.pid))
            return None
        self._outcome.back_s.append(self._memory.acknowledged_at - began)
        self._outcome.back_cpu_s.append(cpu_s(process.pid))
        return process

    async def _end(self, process: "subprocess.Popen[bytes]", way: Way) -> "subprocess.Popen[bytes] | None":
        """End a life, and begin the next."""
        await asyncio.sleep(self._chance.uniform(0, self._plan.life_s))
        self._outcome.ways[way] += 1
        if way is Way.WORKER:
            await self._kill_worker(process)
            return process
        if way is Way.STOP:
            await self._stop(process)
            return await self._start()
        await self._kill(process, way)
        if way is Way.EARLY:
            self._memory.begin_life()
            early = await asyncio.to_thread(self._door.start)
            await asyncio.sleep(self._chance.uniform(0, 0.5))
            await self._kill(early, way)
        return await self._start()

    async def _kill(self, process: "subprocess.Popen[bytes]", way: Way) -> None:
        workers = children(process.pid)
        if way is Way.POWER:
            kill(workers)
        await self._bury(process, workers)
        if way is Way.POWER and self._door.shadow:
            await asyncio.to_thread(cut_power, self._door.folder, self._door.shadow)

    async def _kill_worker(self, process: "subprocess.Popen[bytes]") -> None:
        before = children(process.pid)
        if not before:
            self._outcome.faults.append("a door had no worker to kill")
        kill(before)
        if not await _comes_true(lambda: bool(set(children(process.pid)) - set(before)), CHILD_S):
            self._outcome.faults.append(f"a killed worker had no successor after {CHILD_S:.0f} s")

    async def _bury(self, process: "subprocess.Popen[bytes]", orphans: Sequence[int]) -> None:
        """Kill a door alone; its worker must notice, and go by itself."""
        process.kill()
        await asyncio.to_thread(process.wait)
        if left := await asyncio.to_thread(wait_gone, orphans, CHILD_S):
            self._outcome.faults.append(f"{len(left)} workers outlived their door by {CHILD_S:.0f} s")
            kill(left)

    async def _stop(self, process: "subprocess.Popen[bytes]") -> None:
        orphans = children(process.pid)
        process.send_signal(signal.SIGTERM)
        try:
            self._outcome.exits[await asyncio.to_thread(process.wait, OVER_S)] += 1
        except subprocess.TimeoutExpired:
            self._outcome.faults.append(f"a door did not stop within {OVER_S:.0f} s")
        await self._bury(process, orphans)


async def _comes_true(claim: Callable[[], bool], limit_s: float, look_s: float = LOOK_S) -> bool:
    for _ in range(int(limit_s / look_s)):
        if claim():
            return True
        await asyncio.sleep(look_s)
    return claim()


def _wait(process: "subprocess.Popen[bytes]", limit_s: float, waiting: "asyncio.Task[bool]") -> None:
    """Wait for a process that should not end, in a thread, until what one waits for is there."""
    until = time.monotonic() + limit_s
    while process.poll() is None and not waiting.done() and time.monotonic() < until:
        time.sleep(LOOK_S)
