"""The delivery promise, broken on purpose: `make torture`.

    python -m bench.torture --rounds 200 --people 5000
    python -m bench.torture --minutes 30
    python -m bench.torture --seed 17          # one round again, with the same choices

Each round sends one campaign to a sandbox that counts, through the real command line, while senders are killed, interrupted,
frozen, started twice, robbed of their disk or their clock, and the server breaks, cuts off and refuses. Then everything is well
again, `resume` runs until nobody is left, and every person's state is held against what the sandbox received. One line a round;
a round that fails says so with its seed, leaves its folder, and the program ends with 1.
"""

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from bench.troubles import (
    NEED_MOUNT,
    PATIENCE_S,
    RUN,
    STALL_S,
    START_S,
    TROUBLES,
    UNANSWERED,
    Broken,
    Scene,
    can_mount,
    small_disk,
)
from zalo_alert.audit.log import AuditLog
from zalo_alert.audit.verify import verify
from zalo_alert.book import Book
from zalo_alert.delivery.dispatcher import at_risk
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.ledger.base import Entry
from zalo_alert.models import Reason, State
from zalo_alert.operations.scaffold import create
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs
from zalo_alert.sandbox import synthetic
from zalo_alert.sandbox.agreement import compare
from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.server import running
from zalo_alert.settings import load
from zalo_alert.testing import drill

IN_FLIGHT = 64  # as many calls as a server on this machine is given at once
WHOLE_RUN_S = 2.5  # how long a run would take if it were left alone: long enough to be hit several times
HOUR_S = 3600.0
SPARE_BYTES = 6_000_000  # what a small disk has left for a run


@dataclass(frozen=True)
class Plan:
    """What a round will do, all of it drawn from its seed."""

    seed: int
    people: int
    troubles: tuple[str, ...]
    server: Mapping[str, float]
    on_unknown: str

    @property
    def broken(self) -> str:
        """Name what is broken, for the round's line."""
        return ", ".join([*self.troubles, *self.server])


def drawn(seed: int, people: int, *, mounts: bool) -> Plan:
    """Draw a round."""
    chance = random.Random(seed)
    known = [name for name in TROUBLES if mounts or name not in NEED_MOUNT]
    troubles = tuple(chance.choices(known, k=chance.randint(2, 5)))
    server: dict[str, float] = {}
    for name in chance.sample([*UNANSWERED, "slow_down", "http_429", "http_503", "dead", "token"], k=chance.randint(0, 3)):
        if name == "token":
            server["token_dies_after"] = chance.randrange(1, people)
        else:
            server[name] = round(chance.uniform(0.002, 0.01), 4)
    return Plan(seed, chance.randrange(people * 3 // 5, people + 1), troubles, server, chance.choice(["hold"] * 3 + ["resend"]))


SHORT = (
    Plan(1, 1500, ("killed at a statement", "killed while sending"), {"reset_after": 0.005}, "hold"),
    Plan(2, 1500, ("started twice",), {"http_500": 0.005, "token_dies_after": 500}, "resend"),
)  # for the test suite: the same every time, and within seconds


@dataclass
class Result:
    """How a round ended."""

    kills: int = 0
    accepted: int = 0
    unknown: int = 0
    twice: int = 0
    problems: list[str] = field(default_factory=list)


# --- the stage ---------------------------------------------------------------------------------------------------------


class Workspaces:
    """Workspaces with so many followers: made once for each size, copied for each round."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def made(self, people: int) -> Path:
        """Return a workspace of at least this many people."""
        size = -(-people // 500) * 500
        folder = self._folder / f"book-{size}"
        if not folder.exists():
            create(folder, SystemClock().now(), app_per_minute=1)
            synthetic.write_followers(folder / "followers.csv", size)
            account = load.load(folder, {}).accounts[0]
            book = Book(folder / ".zalo-alert" / "book" / account.oa_id)
            book.import_rows(folder / "followers.csv", "followers.csv", rejects=folder / "r.csv", clock=SystemClock())
        return folder


def set_up(plan: Plan, folder: Path, model: Path, stack: ExitStack) -> int:
    """Lay out a round's workspace; return how many people it has."""
    state = model / ".zalo-alert"
    (folder / ".zalo-alert").mkdir(parents=True, mode=0o700)
    if "disk filled" in plan.troubles:
        size = sum(path.stat().st_size for path in state.rglob("*"))
        stack.enter_context(small_disk(folder / ".zalo-alert", size + SPARE_BYTES))
    shutil.copytree(state, folder / ".zalo-alert", dirs_exist_ok=True)
    people = int(model.name.removeprefix("book-"))
    config = (model / "zalo-alert.yaml").read_text(encoding="utf-8")
    fast = f"app_per_minute: {round(people / WHOLE_RUN_S * 60)}"
    (folder / "zalo-alert.yaml").write_text(config.replace("app_per_minute: 1", fast), encoding="utf-8")
    now = SystemClock().now()
    text = drill(
        now,
        effective=(now - timedelta(hours=12)).isoformat(timespec="seconds"),
        expires=(now + timedelta(days=7)).isoformat(timespec="seconds"),
        on_unknown=plan.on_unknown,
    )
    (folder / "c.yaml").write_text(text, encoding="utf-8")
    return people


def play(plan: Plan, folder: Path, model: Path) -> Result:
    """Play one round in an empty folder."""
    result = Result()
    with ExitStack() as stack:
        people = set_up(plan, folder, model, stack)
        sandbox = stack.enter_context(running(Options(**{"app_per_minute": 0, **plan.server})))  # type: ignore[arg-type]
        scene = Scene(folder, sandbox, random.Random(plan.seed), people, len(plan.troubles))
        stack.callback(scene.close)
        try:
            for name in plan.troubles:
                suffer(scene, name, plan, result)
            recover(scene, plan)
            check(scene, plan, result)
        except Broken as exc:
            result.problems.append(str(exc))
        result.kills = scene.kills
    return result


def suffer(scene: Scene, name: str, plan: Plan, result: Result) -> None:
    """Let one trouble happen; no more people may become doubtful by it than the design says."""
    doubtful, unanswered, kills = scene.doubtful(), scene.unanswered(), scene.kills
    TROUBLES[name](scene)
    if plan.on_unknown == "hold":
        allowed = at_risk(IN_FLIGHT) * max(1, scene.kills - kills) + scene.unanswered() - unanswered
        if (grown := scene.doubtful() - doubtful) > allowed:
            result.problems.append(f"{name}: {grown} people became doubtful, {allowed} at most were at risk")


def recover(scene: Scene, plan: Plan) -> None:
    """Make everything well again and resume until nobody is left; whoever waits for a later hour is given it."""
    faults = {name: 0 for name in plan.server if name not in ("dead", "token_dies_after")}
    scene.sandbox.change(**faults)
    for _ in range(20):
        child = scene.start("resume", RUN) if scene.is_frozen else scene.start("send", "c.yaml", "--yes")
        if at_rest(scene, child) in (0, 3):
            return
        if "consent again" in scene.said(child):  # a death took the only copy of a fresh pair of tokens with it
            scene.sandbox.consent()
        scene.late_s = scene.late_s * 1.5 + 61
    raise Broken(f"`resume` never came to an end; the last one said: {scene.said(child)[-1000:]}")


def at_rest(scene: Scene, child: "subprocess.Popen[bytes]") -> int:
    """Wait for a sender's end; one that waits for a later hour is interrupted."""
    last, moved_s, end_s = scene.accepted(), time.monotonic() + START_S, time.monotonic() + PATIENCE_S
    while child.poll() is None and time.monotonic() < end_s:
        time.sleep(0.02)
        if (now := scene.accepted()) != last:
            last, moved_s = now, time.monotonic()
        if time.monotonic() - moved_s > STALL_S:
            child.send_signal(signal.SIGINT)
            break
    return scene.ended(child)


# --- the account -------------------------------------------------------------------------------------------------------


def check(scene: Scene, plan: Plan, result: Result) -> None:
    """Hold every person's state against what the sandbox received."""
    with closing(Runs(scene.run_folder.parent).open(RUN)) as run:
        entries = dict(everyone(run))
    reached, lost = scene.sandbox.reached(), scene.sandbox.lost()
    states = Counter(entry.state for entry in entries.values())
    result.accepted, result.unknown = states[State.ACCEPTED], states[State.UNKNOWN]
    result.twice = sum(times > 1 for times in reached.values())
    say = result.problems.append
    if sum(states.values()) != scene.people or len(entries) != scene.people:
        say(f"{scene.people} people, and {sum(states.values())} states")
    if left := states[State.PENDING] + states[State.CLAIMED] + states[State.DEFERRED]:
        say(f"{left} people are left after the end")
    result.problems += [fault.message for fault in verify(AuditLog(scene.run_folder.parent.parent).path).faults]
    agreement = compare(((user, entry.state) for user, entry in entries.items()), reached)
    account = Account(scene, entries, agreement.problems, reached, lost)
    result.problems += (_held if plan.on_unknown == "hold" else _resent)(account)


class Account(NamedTuple):
    """What both sides say of everyone: our rows, what disagrees, how often each was reached, and whose answer was lost."""

    scene: Scene
    entries: Mapping[str, Entry]
    disagreements: list[str]
    reached: Mapping[str, int]
    lost: Mapping[str, int]


def everyone(run: Run) -> Iterator[tuple[str, Entry]]:
    """Yield every person's id and row, in order of number."""
    with closing(run.ledger()) as ledger, closing(run.audience()) as audience:
        for entry in ledger.entries():
            yield audience.window(entry.number, 1)[0].user_id, entry


def _held(account: Account) -> Iterator[str]:
    scene, entries, disagreements, _, lost = account
    yield from disagreements
    silent = {user for user in lost if entries[user].state is not State.UNKNOWN}
    if silent:
        yield f"{len(silent)} people whose answer was lost are not unknown"
    crashed = sum(entry.state is State.UNKNOWN and entry.reason is Reason.CRASH for entry in entries.values())
    without = sum(entry.state is State.UNKNOWN for entry in entries.values()) - crashed
    if without > scene.unanswered():
        yield f"{without} people are unknown for want of an answer, and the sandbox left {scene.unanswered()} without one"
    if crashed > (limit := at_risk(IN_FLIGHT) * (scene.kills + 4)):  # 4: senders that ended as hard by another hand
        yield f"{crashed} people are unknown after a crash, {limit} at most were at risk"


def _resent(account: Account) -> Iterator[str]:
    _, entries, disagreements, reached, _ = account
    for problem in disagreements:
        if "more than once" not in problem and "people are said to be rejected" not in problem:
            yield problem
    missed = {user for user, entry in entries.items() if entry.state is not State.REJECTED} - set(reached)
    if missed:
        yield f"{len(missed)} people were never reached"
    unlisted = {user for user, times in reached.items() if times > 1 and not entries[user].unclear}
    if unlisted:
        yield f"{len(unlisted)} people were reached twice and are not listed as possible doubles"


# --- the program -------------------------------------------------------------------------------------------------------


class Tally:
    """Every round's figures together."""

    def __init__(self) -> None:
        self.rounds = self.failed = 0
        self.troubles: Counter[str] = Counter()
        self.figures: Counter[str] = Counter()

    def count(self, plan: Plan, result: Result, people: int) -> None:
        """Add a round."""
        self.rounds += 1
        self.failed += bool(result.problems)
        self.troubles.update([*plan.troubles, *(f"server: {name}" for name in plan.server)])
        kind = plan.on_unknown
        self.figures.update({"kills": result.kills, "people": people, "accepted": result.accepted})
        self.figures.update({f"unknown, {kind}": result.unknown, f"twice, {kind}": result.twice, f"rounds, {kind}": 1})

    def show(self) -> None:
        """Print the sums."""
        print(
            f"\n{self.rounds} rounds, {self.failed} failed; " + "; ".join(f"{n} {v:,}" for n, v in sorted(self.figures.items()))
        )
        for name, times in sorted(self.troubles.items()):
            print(f"  {name}: {times}")


def main() -> int:
    """Play rounds and print a line for each."""
    given = options()
    folder = Path(tempfile.mkdtemp(prefix="torture-", dir=given.folder))
    mounts = can_mount(folder / "mount")
    print(f"in {folder}; " + ("disks are mounted" if mounts else "no right to mount: no full disks, only limited files"))
    tally, workspaces = Tally(), Workspaces(folder)
    print("round   seed people accepted unknown twice kills  verdict, what was broken")
    for number, plan in enumerate(plans(given, mounts=mounts), 1):
        model = workspaces.made(plan.people)
        place = folder / f"round-{plan.seed}"
        result = play(plan, place, model)
        people = int(model.name.removeprefix("book-"))
        tally.count(plan, result, people)
        show(number, plan, people, result, place)
    tally.show()
    if not tally.failed:
        shutil.rmtree(folder)
    return 1 if tally.failed else 0


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, help="start no round after so long")
    parser.add_argument("--rounds", type=int, help="how many; 10 when neither is given, 1 with --seed")
    parser.add_argument("--seed", type=int, help="of the first round; the next ones count on from it")
    parser.add_argument("--people", type=int, default=5000, help="most people in a round")
    parser.add_argument("--short", action="store_true", help="two fixed rounds, as the test suite plays them")
    parser.add_argument("--folder", type=Path, help="where to work; on the disk that is to be tried")
    return parser.parse_args()


def plans(given: argparse.Namespace, *, mounts: bool) -> Iterator[Plan]:
    """Yield rounds for as long as told."""
    if given.short:
        yield from SHORT
        return
    rounds = given.rounds or (None if given.minutes else 10 if given.seed is None else 1)
    end_s = time.monotonic() + given.minutes * 60 if given.minutes else float("inf")
    first = random.randrange(10**6) if given.seed is None else given.seed
    number = 0
    while (rounds is None or number < rounds) and time.monotonic() < end_s:
        yield drawn(first + number, given.people, mounts=mounts)
        number += 1


def show(number: int, plan: Plan, people: int, result: Result, place: Path) -> None:
    """Print a round's line, and keep its folder only when it failed."""
    verdict = "ok" if not result.problems else "FAILED"
    print(
        f"{number:>5} {plan.seed:>6} {people:>6} {result.accepted:>8} {result.unknown:>7} {result.twice:>5} {result.kills:>5}"
        f"  {verdict} ({plan.on_unknown}): {plan.broken}",
        flush=True,
    )
    for problem in result.problems:
        print(f"      {problem}\n      see {place}; again: python -m bench.torture --seed {plan.seed}", flush=True)
    if not result.problems:
        shutil.rmtree(place)


if __name__ == "__main__":
    sys.exit(main())
