"""Kills the worker again and again while it answers, and judges by what people were told: `make torture-answers`.

    python -m bench.torture_answers --kills 200
    python -m bench.torture_answers --seed 17 --kills 10    # the same choices again

Each person asks once: by a rule, for an officer, or for a candidate's marks, which are private. The sandbox tells some events
twice, some late, and proves most messages by a receipt. Whoever handles the events also posts the answers, and is killed with
SIGKILL: at any moment of its start, while answers are on their way, or between the two files from which a private question goes.
Sometimes the door dies with it. Before each kill the process is stopped for a moment, so that what is on its way can be counted.
"""

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from bench.door_workspace import door_command, wait_until_it_listens
from bench.judge.answer_books import claimed, is_half_blanked, read_answers
from bench.judge.answers import AnswerVerdict, Asked, Expected, asked_of, judge_answers
from bench.judge.doors import children, free_port, kill, wait_gone
from bench.lookups import ASKS, UNLIMITED, environ, make_workspace
from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.server import Sandbox, running

RULES = """kind: answers
accounts: {ids: [pctt]}
hours: {mon-sun: "00:00-24:00"}
rules:
  - {id: can-cuoc, phrases: [làm căn cước], text: "Cấp căn cước tại công an xã."}
  - {id: cu-tru, phrases: [đăng ký tạm trú], text: "Tạm trú: nộp hồ sơ tại công an xã."}
fallback:
  in_hours: {open: talk, text: "Cán bộ trả lời sau."}
  out_of_hours: {open: talk, text: "Cán bộ trả lời sau."}
"""
TEXTS = {
    "cho hỏi làm căn cước ở đâu": Expected("hoi-dap/can-cuoc", "Cấp căn cước"),
    "muốn đăng ký tạm trú": Expected("hoi-dap/cu-tru", "Tạm trú"),
    "cái cây đổ chắn đường rồi": Expected("hoi-dap/fallback", "Cán bộ", opens_case=True),
}
CANDIDATES = 2_000
MOST_ALONE = 2  # kills of the worker in a row before the door goes, too: it starts its worker later after each death
START_S, SEEN_S, OVER_S, LOOK_S = 60.0, 8.0, 120.0, 0.001
OPTIONS: dict[str, Any] = {
    "app_per_minute": 0, "latency_ms": 20, "duplicates": 0.03, "reordered": 0.03, "receipts": 0.9, "receipt_ms": 50,
    "seen": 0, "ladder": 0.01,
}  # fmt: skip


class When(StrEnum):
    """At which moment a worker is killed."""

    START = "at its start"
    POSTING = "while it posts"
    BLANKING = "while it empties"


@dataclass(frozen=True)
class Plan:
    """What is played.

    Args:
        kills: How many.
        seed: Of all choices.
        people: Who ask in each life.
        whens: The moments to choose from.
    """

    kills: int
    seed: int
    people: int = 100
    whens: Sequence[When] = (When.START, When.POSTING, When.POSTING, When.BLANKING)


@dataclass
class Played:
    """What came of it.

    Attributes:
        verdict: The judge's.
        whens: Kills by their moment; those of an emptying were seen to be in the middle of one.
        doors: Kills of the door with its worker.
        on_their_way: Answers on their way at each kill, by their numbers.
        left: Files in which words of private questions or answers are left, in pages or parts of pages that are free.
        faults: What went wrong beside what the judge looks at.
    """

    verdict: AnswerVerdict = field(default_factory=AnswerVerdict)
    whens: Counter[When] = field(default_factory=Counter)
    doors: int = 0
    on_their_way: list[set[int]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def killed(self) -> int:
        """How many answers were on their way at one of the kills."""
        return len(set().union(*self.on_their_way))

    def sentences(self) -> list[str]:
        """Say all that is wrong."""
        unclear, killed = self.verdict.unclear, self.killed
        more = [f"{unclear:,} answers became unknown, {killed:,} were on their way at the kills"] if unclear > killed else []
        return [*self.verdict.sentences(), *self.faults, *more]


class Trial:
    """Plays one plan.

    Args:
        folder: Of the workspace, made by `lay_out`.
        sandbox: Has the people.
        port: At which it tells its events.
        plan: See there.
    """

    def __init__(self, folder: Path, sandbox: Sandbox, port: int, plan: Plan) -> None:
        self._folder, self._sandbox, self._port, self._plan = folder, sandbox, port, plan
        self._inbound = folder / ".zalo-alert" / "inbound"
        self._chance, self._played, self._asked = random.Random(plan.seed), Played(), 0
        self._killed = set[int]()  # or about to be

    def run(self) -> Played:
        """Play it; nothing runs any more when this returns."""
        door, alone = self._start(), 0
        try:
            for _ in range(self._plan.kills):
                worker = self._worker_of(door)
                self._ask()
                self._end(worker, self._chance.choice(self._plan.whens))
                alone += 1
                if alone > MOST_ALONE or self._chance.random() < 0.2:
                    door, alone = self._start_again(door), 0
            self._calm()
        finally:
            self._stop(door)
        self._judge()
        return self._played

    # --- processes ---------------------------------------------------------------------------------------------------------

    def _start(self) -> "subprocess.Popen[bytes]":
        with (self._folder / "door.log").open("ab") as log:
            door = subprocess.Popen(
                door_command(self._folder, self._port, "--quiet"),
                env=environ() | self._sandbox.environ("pctt"), stdout=log, stderr=log,
            )  # fmt: skip
        wait_until_it_listens(door, self._port)
        return door

    def _worker_of(self, door: "subprocess.Popen[bytes]") -> int:
        """Wait for a worker that was not killed before: a dead one stays among the children until the door takes note."""
        found = list[int]()

        def is_there() -> bool:
            found[:] = [pid for pid in children(door.pid) if pid not in self._killed]
            return bool(found)

        if not _comes_true(is_there, START_S):
            raise SystemExit(f"a door has no worker after {START_S:.0f} s; see door.log")
        self._killed.add(found[0])
        return found[0]

    def _end(self, worker: int, when: When) -> None:
        """Kill a worker at a moment; count what it has on its way."""
        match when:
            case When.START:
                time.sleep(self._chance.uniform(0, 2.0))
            case When.POSTING:
                _comes_true(lambda: bool(claimed(self._inbound)), SEEN_S)
                time.sleep(self._chance.uniform(0, 0.1))
            case When.BLANKING:
                _comes_true(lambda: is_half_blanked(self._inbound), SEEN_S)
        kill([worker], signal.SIGSTOP)
        if when is not When.BLANKING or is_half_blanked(self._inbound):
            self._played.whens[when] += 1
        self._played.on_their_way.append(claimed(self._inbound))
        kill([worker])
        if wait_gone([worker], START_S):
            self._played.faults.append("a killed worker is still there")

    def _start_again(self, door: "subprocess.Popen[bytes]") -> "subprocess.Popen[bytes]":
        left = children(door.pid)
        door.kill()
        door.wait()
        self._played.doors += 1
        if wait_gone(left, START_S):
            self._played.faults.append("a worker outlived its door")
        return self._start()

    def _stop(self, door: "subprocess.Popen[bytes]") -> None:
        door.send_signal(signal.SIGTERM)
        try:
            door.wait(30)
        except subprocess.TimeoutExpired:
            self._played.faults.append("a door did not stop within 30 s")
            kill([*children(door.pid), door.pid])

    # --- people ------------------------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        """Have people ask: half of them for marks, the others by texts, in turn."""
        half, per_s = self._plan.people // 2, self._chance.choice((0.0, 50.0, 200.0))
        self._sandbox.crowd(people=half, first=self._asked, per_s=per_s, file=str(self._folder / "diem.csv"), form=ASKS)
        self._sandbox.crowd(people=self._plan.people - half, first=self._asked + half, per_s=per_s, texts=list(TEXTS))
        self._asked += self._plan.people

    def _calm(self) -> None:
        """Wait until all that was asked has come to its end."""

        def is_over() -> bool:
            return self._sandbox.webhooks()["waiting"] == 0 and read_answers(self._inbound).is_over

        if not _comes_true(is_over, OVER_S, 0.5):
            self._played.faults.append(f"not everything came to its end within {OVER_S:.0f} s: {self._sandbox.webhooks()}")

    def _judge(self) -> None:
        people = list(asked_of(self._sandbox.answers()))
        if lost := self._sandbox.webhooks()["lost"]:  # six tries each, and all met a door that was down
            self._played.faults.append(f"the sandbox gave up on {lost:,} events that nobody had heard, and told no more")
        if len(people) != self._asked:
            self._played.faults.append(f"{self._asked:,} people should have asked, and {len(people):,} have")
        books = read_answers(self._inbound)
        self._played.verdict = judge_answers(people, [expected_of(asked) for asked in people], books)
        self._played.left = list(kept_words(self._inbound))


def expected_of(asked: Asked) -> Expected:
    """Return what is right for a question."""
    return TEXTS.get(asked.text) or Expected("diem-thi/found", asked.text.split()[2], is_private=True)


def kept_words(folder: Path) -> Iterator[str]:
    """Say in which files words of private questions or their answers are left, in whatever page."""
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        content = path.read_bytes()
        for words in ("tra điểm 0", "Thí sinh 0"):
            if number := content.count(words.encode()) + content.count(json_of(words)):
                yield f'{path.name} has "{words}" {number} times'


def json_of(words: str) -> bytes:
    """Return words as a JSON text may have them."""
    return "".join(letter if letter.isascii() else f"\\u{ord(letter):04x}" for letter in words).encode()


def _comes_true(claim: Callable[[], bool], limit_s: float, look_s: float = LOOK_S) -> bool:
    until = time.monotonic() + limit_s
    while not (is_true := claim()) and time.monotonic() < until:
        time.sleep(look_s)
    return is_true


def lay_out(folder: Path) -> None:
    """Make the workspace: rules and a table."""
    make_workspace(folder, CANDIDATES, UNLIMITED)
    (folder / "inbound" / "hoi-dap.yaml").write_text(RULES, encoding="utf-8")


def play(folder: Path, plan: Plan) -> Played:
    """Play a plan in an empty folder."""
    port = free_port()
    lay_out(folder)
    with running(Options(webhook_url=f"http://127.0.0.1:{port}/zalo", seed=plan.seed, **OPTIONS)) as sandbox:
        return Trial(folder, sandbox, port, plan).run()


def show(played: Played) -> None:
    """Print what came of it."""
    verdict, states = played.verdict, played.verdict.states
    whens = ", ".join(f"{when} {count}" for when, count in sorted(played.whens.items()))
    most = max(map(len, played.on_their_way), default=0)
    print(f"{len(played.on_their_way)} kills ({whens}), {played.doors} with the door; "
          f"answers on their way then: {played.killed:,}, at most {most} at once")  # fmt: skip
    print(f"{verdict.asked:,} asked, {verdict.reached:,} reached; "
          + ", ".join(f"{state} {count:,}" for state, count in states.most_common()))  # fmt: skip
    print(
        f"unknown at first {verdict.unclear:,}: {states['proven']:,} proven since, "
        f"of the rest {verdict.unknown_reached:,} reached"
    )
    twice, missing = verdict.count("answered twice"), verdict.count("neither answered nor told why")
    print(f"answered twice {twice}, neither answered nor told why {missing}, {len(played.sentences())} kinds of faults")
    print(f"private words left in freed parts of files: {', '.join(played.left) or 'none'}")
    for sentence in played.sentences():
        print(f"FAULT {sentence}")


def main() -> int:
    """Play one trial; 1 when anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 20))
    parser.add_argument("--people", type=int, default=100, help="who ask in each life of a worker")
    parser.add_argument("--keep", type=Path, help="keep the workspace here")
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="zalo-alert-answers-") as name:
        played = play(given.keep or Path(name), Plan(given.kills, given.seed, given.people))
    show(played)
    return 1 if played.sentences() else 0


if __name__ == "__main__":
    sys.exit(main())
