"""Look-ups from end to end: an event is told, kept, understood, looked up, answered and settled: `make bench-lookups`.

    python -m bench.lookups                          # all three parts
    python -m bench.lookups --part most --people 30000
    python -m bench.lookups --part late --per-s 1500 --seconds 30
    python -m bench.lookups --part rate --minutes 3

The sandbox is both sides of Zalo on this machine: its people ask by signed events, and it takes the answers. Each asks once,
for a candidate of their own, with both facts in one message.

most    everyone at the same moment, an app without limit: look-ups a second, beside a program that answers each event at once
        with the same words and keeps nothing (`bench.plain_answers`), by turns
late    so many a second by chance: how long the first answer takes, from the event's time to its execution
rate    everyone at the same moment, 4,000 calls a minute: what share of each whole minute is used

Every answer is compared with its question: nobody is answered twice, with another's marks, or not at all.
"""

import argparse
import csv
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from bench.door_workspace import door_command, wait_until_it_listens
from bench.judge.doors import children, cpu_s, free_port
from bench.sandbox_rate import child_of_ours
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.operations.scaffold import create
from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.server import Sandbox, running

UNLIMITED = 100_000_000
PER_MINUTE = 4000
STALLED_S = 30.0
WARM = 200  # people who ask before it counts: a worker has to start
ASKS = "tra điểm {sbd} {ngay_sinh}"
LOOKUP = r"""kind: lookup
accounts: {ids: [pctt]}
table: diem-thi
ask:
  phrases: [điểm thi, tra cứu điểm, tra điểm]
  key: {name: sbd, prompt: "Số báo danh (8 chữ số)?", pattern: '\d{8}'}
  check: {name: ngay_sinh, prompt: "Ngày sinh (ngày/tháng/năm)?", type: date}
  one_line: "{sbd} {ngay_sinh}"
found: "Thí sinh {{ found.sbd }}: Toán {{ found.toan }}; Ngữ văn {{ found.van }}; Vật lí {{ found.li }}"
missing: "Không có kết quả khớp với hai thông tin này."
limits: {candidates_per_day: 10, wrong: 5, pause: 1h, rank: 7, expires: 15m}
"""


class Turn(NamedTuple):
    """One go: how long first answers took in ms, sorted, and CPU µs a look-up of whoever answers and of the sandbox."""

    waits_ms: Sequence[float]
    cpu_us: float
    sandbox_us: float

    @property
    def per_s(self) -> float:
        """Answers a second, where all were asked at the same moment."""
        return len(self.waits_ms) / self.waits_ms[-1] * 1000

    def at(self, share: float) -> float:
        """Return the wait that this share of the answers did not exceed, in ms."""
        return self.waits_ms[min(len(self.waits_ms) - 1, int(len(self.waits_ms) * share))]


# --- what is set up ----------------------------------------------------------------------------------------------------


def write_candidates(path: Path, count: int) -> None:
    """Write invented candidates: number, date of birth, marks."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("sbd", "ngay_sinh", "toan", "van", "li"))
        for n in range(count):
            born = f"{n % 28 + 1:02}/{n % 12 + 1:02}/{2007 + n % 3}"
            rows.writerow((f"{2_000_000 + n:08}", born, n % 41 / 4, n % 37 / 4, n % 39 / 4))


def read_candidates(folder: Path, count: int) -> "Iterator[dict[str, str]]":
    """Yield the first candidates of a workspace made here."""
    with (folder / "diem.csv").open(encoding="utf-8", newline="") as file:
        yield from itertools.islice(csv.DictReader(file), count)


def make_workspace(folder: Path, people: int, per_minute: int) -> None:
    """Make a workspace with a look-up form, and build its table."""
    create(folder, SystemClock().now(), app_per_minute=per_minute)
    add_lookup(folder, people)


def add_lookup(folder: Path, people: int, form: str = LOOKUP) -> None:
    """Write a look-up form into a workspace, and build its table."""
    write_candidates(folder / "diem.csv", people)
    (folder / "inbound").mkdir(exist_ok=True)
    (folder / "inbound" / "diem-thi.yaml").write_text(form, encoding="utf-8")
    build = ["tables", "build", "diem-thi", "diem.csv", "--key", "sbd", "--check", "ngay_sinh"]
    subprocess.run([sys.executable, "-m", "zalo_alert", *build], cwd=folder, env=environ(), check=True, capture_output=True)


def environ() -> dict[str, str]:
    """Return the environment of the product: this tree, in English."""
    return os.environ | {"PYTHONPATH": str(Path(__file__).parents[1]), "ZALO_ALERT_LANG": "en"}


@contextmanager
def product(folder: Path, sandbox: Sandbox, port: int) -> "Iterator[subprocess.Popen[bytes]]":
    """Run the door with its worker."""
    with (folder / "door.log").open("ab") as log:
        door = subprocess.Popen(
            door_command(folder, port, "--quiet"), env=environ() | sandbox.environ("pctt"), stdout=log, stderr=log
        )
    yield from _while_it_listens(door, port)


@contextmanager
def plain(folder: Path, sandbox: Sandbox, port: int) -> "Iterator[subprocess.Popen[bytes]]":
    """Run what answers at once and keeps nothing."""
    words = [sys.executable, "-m", "bench.plain_answers", str(port), sandbox.url]
    server = subprocess.Popen(words, stdin=subprocess.PIPE)
    assert server.stdin
    with server.stdin as token:
        token.write(sandbox.credentials.access_token.encode() + b"\n")
    yield from _while_it_listens(server, port)


def _while_it_listens(process: "subprocess.Popen[bytes]", port: int) -> "Iterator[subprocess.Popen[bytes]]":
    try:
        wait_until_it_listens(process, port)
        yield process
    finally:
        process.terminate()
        process.wait(60)


Server = Callable[[Path, Sandbox, int], Any]

# --- one go ------------------------------------------------------------------------------------------------------------


def turn(folder: Path, server: Server, people: int, per_s: float) -> Turn:
    """Have everyone ask, all at once or so many a second, with a sandbox of its own; return once all are answered."""
    port = free_port()
    options = Options(app_per_minute=0, receipts=0, webhook_url=f"http://127.0.0.1:{port}/zalo")
    with running(options) as sandbox, server(folder, sandbox, port) as process:
        ask(sandbox, folder, WARM, 0.0)
        wait_until_answered(sandbox, WARM)
        imitation = child_of_ours()
        before, before_imitation = _spent_s(process.pid), cpu_s(imitation)
        ask(sandbox, folder, people, per_s, first=WARM)
        wait_until_answered(sandbox, WARM + people)
        ours_us, imitation_us = (
            (spent / people * 1e6) for spent in (_spent_s(process.pid) - before, cpu_s(imitation) - before_imitation)
        )
        waits_ms = judge(sandbox, is_looked_up=server is product)[WARM:]
        return Turn(sorted(waits_ms), ours_us, imitation_us)


def ask(sandbox: Sandbox, folder: Path, people: int, per_s: float, first: int = 0) -> None:
    """Have so many people ask, each for a candidate."""
    sandbox.crowd(people=people, first=first, per_s=per_s, file=str(folder / "diem.csv"), form=ASKS)


def _spent_s(pid: int) -> float:
    return sum(cpu_s(each) for each in (pid, *children(pid)))


def wait_until_answered(sandbox: Sandbox, people: int) -> None:
    """Wait until each question has an answer, or nothing has moved for a while."""
    answered, since = -1, time.monotonic()
    while answered < people and time.monotonic() - since < STALLED_S:
        now = int(sandbox.stats()["accepted"])
        if now != answered:
            answered, since = now, time.monotonic()
        time.sleep(0.25)


def judge(sandbox: Sandbox, *, is_looked_up: bool) -> list[float]:
    """Return how long each question waited for its answer, in ms, as they were asked.

    Raises:
        SystemExit: A question was not answered, or more than once, or with another candidate's marks.
    """
    people = sandbox.answers()
    questions = [question for person in people for question in person["questions"]]
    missed = sum(not question["answers"] for question in questions)
    twice = sum(len(question["answers"]) > 1 for question in questions) + sum(len(person["others"]) for person in people)
    wrong = [
        (question["text"], answer["text"])
        for question in questions
        for answer in question["answers"]
        if is_looked_up and question["text"].split()[2] not in answer["text"]
    ]
    if missed or twice or wrong:
        raise SystemExit(f"{missed} not answered, {twice} answered twice or beside, {len(wrong)} wrongly: {wrong[:1]}")
    return [question["answers"][0]["ms"] for question in questions]


# --- the parts ---------------------------------------------------------------------------------------------------------


def most(given: argparse.Namespace) -> None:
    """How many a second, beside what keeps nothing."""
    taken: dict[str, list[Turn]] = {"look-ups": [], "plain": []}
    for number in range(given.turns):
        for name, server in (("look-ups", product), ("plain", plain)):
            with tempfile.TemporaryDirectory(prefix="zalo-alert-lookups-") as folder:
                make_workspace(Path(folder), given.people, UNLIMITED)
                taken[name].append(turn(Path(folder), server, given.people, 0.0))
            one = taken[name][-1]
            print(f"turn {number + 1}  {name:9} {one.per_s:8,.0f}/s  {one.cpu_us:6.0f} µs of CPU each, "
                  f"the sandbox {one.sandbox_us:.0f}", flush=True)  # fmt: skip
    pairs = list(zip(taken["look-ups"], taken["plain"], strict=True))
    rate = statistics.median(ours.per_s for ours, _ in pairs)
    print(f"look-ups: {rate:,.0f}/s, {statistics.median(a.per_s / b.per_s for a, b in pairs):.2f} × plain answers; "
          f"CPU {statistics.median(a.cpu_us / b.cpu_us for a, b in pairs):.1f} ×")  # fmt: skip


def late(given: argparse.Namespace) -> None:
    """How late first answers are."""
    people = int(given.per_s * given.seconds)
    with tempfile.TemporaryDirectory(prefix="zalo-alert-lookups-") as folder:
        make_workspace(Path(folder), people, UNLIMITED)
        one = turn(Path(folder), product, people, given.per_s)
    print(f"{given.per_s:,.0f}/s for {given.seconds:.0f} s: median {one.at(0.5):,.0f} ms, p99 {one.at(0.99):,.0f} ms, "
          f"at most {one.at(1.0):,.0f} ms; {one.cpu_us:.0f} µs of CPU each")  # fmt: skip


def rate(given: argparse.Namespace) -> None:
    """What share of the app's rate is used, minute by minute: the first whole one comes first."""
    people, port = PER_MINUTE * (given.minutes + 2), free_port()
    options = Options(app_per_minute=PER_MINUTE, receipts=0, webhook_url=f"http://127.0.0.1:{port}/zalo")
    with tempfile.TemporaryDirectory(prefix="zalo-alert-lookups-") as name, running(options) as sandbox:
        folder = Path(name)
        make_workspace(folder, people, PER_MINUTE)
        with product(folder, sandbox, port):
            ask(sandbox, folder, people, 0.0)
            before = _at_the_minutes_end(sandbox)
            for _ in range(given.minutes):
                now = _at_the_minutes_end(sandbox)
                used, refused = (now[each] - before[each] for each in range(2))
                print(f"{used:,} of {PER_MINUTE:,} calls: {used / PER_MINUTE:.1%}, {refused:,} refused", flush=True)
                before = now


def _at_the_minutes_end(sandbox: Sandbox) -> tuple[int, int]:
    time.sleep(60.0 - time.time() % 60.0)
    stats = sandbox.stats()
    return stats["accepted"], sum(stats["refused"].values())


PARTS = {"most": most, "late": late, "rate": rate}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=sorted(PARTS))
    parser.add_argument("--people", type=int, default=30_000, help="of a turn of the first part")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--per-s", type=float, default=1500.0)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--minutes", type=int, default=3)
    given = parser.parse_args()
    for name in [given.part] if given.part else PARTS:
        PARTS[name](given)


if __name__ == "__main__":
    main()
