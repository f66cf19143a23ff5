"""An alert while everybody writes back, on two cores: `make bench-storm`.

    python -m bench.storm --minutes 10            # 1.2 million people at 2,000 a second, of 2,100 that are granted
    python -m bench.storm --part scarce --peak 3  # 4,000 calls a minute

The sandbox is both sides of Zalo. While an Immediate alert is sent, its receipts come back (90 % received, 30 % seen: 2,400 a
second), 330 people a second write (most of them in talks that officers have; 90 a second ask what a rule answers, 5 whether
the alert is real), 200 a second look something up, and an officer answers once a second.

ample   the same alert alone, then with everything: what it loses; how late the door is; who waits how long
scarce  the same people for a few minutes at 4,000 calls a minute: who waits how long, and what `webhook status` says meanwhile

Nothing is dropped silently: every text is in the journal, in one class, and every question has one answer that was sent or says
why not. Whoever looks something up waits for the end of the alert, or until that is worth nothing any more, and is counted.
"""

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from bench.alert_with_receipts import send
from bench.door_workspace import door_command, wait_until_it_listens
from bench.judge.answer_books import opened, read_answers
from bench.judge.doors import children, cpu_s, free_port
from bench.lookups import ASKS, LOOKUP, add_lookup, environ
from bench.sandbox_rate import child_of_ours
from bench.send import book
from bench.storm_sums import CHECK, GOES_ON, OFFICERS_WORDS, OPENS, RULES, Fate, Kind, fates, faults
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.operations.inbox import Inbox
from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.server import Sandbox, running
from zalo_alert.settings.load import load

SENT_PER_S, GRANTED_PER_MINUTE = 2_000, 126_000
SCARCE_PER_MINUTE = 4_000
RULES_PER_S, CHECKS_PER_S, MORE_PER_S, LOOKUPS_PER_S = 90.0, 5.0, 235.0, 200.0
PROBES_PER_S = 20
TIMES = 10  # how often each says more in a talk: fewer than what counts as a flood
STATUS_EVERY_S = 20.0
WARM_S, OVER_S = 120.0, 1500.0
HOI_DAP = """kind: answers
accounts: {ids: [pctt]}
hours: {mon-sun: "00:00-24:00"}
rules:
  - {id: can-cuoc, phrases: [làm căn cước], text: "Cấp căn cước tại công an xã."}
  - {id: cu-tru, phrases: [đăng ký tạm trú], text: "Tạm trú: nộp hồ sơ tại công an xã."}
fallback:
  in_hours: {open: talk, text: "Cán bộ trả lời sau."}
  out_of_hours: {open: talk, text: "Cán bộ trả lời sau."}
"""


class Storm(NamedTuple):
    """How much of everything.

    Args:
        people: Whom the alert goes to.
        per_s: The alert's own ceiling.
        per_minute: What is granted.
        seconds: For how long people write.
        lookups_expire_s: After so long a look-up is worth nothing.
    """

    people: int
    per_s: float
    per_minute: int
    seconds: float
    lookups_expire_s: int


@dataclass
class Weathered:
    """What came of it.

    Attributes:
        alone_per_s: People a second of the alert alone; 0 where it was not sent alone.
        per_s: The same with everything.
        answers_per_s: Answers a second beside it.
        fates: Of those who wrote.
        officers_ms: How long officers' answers waited, sorted.
        door: What the generator of probes says of the door.
        statuses: What `webhook status` said of those who wait.
        cpu_s: CPU seconds by process.
        faults: What does not add up.
    """

    alone_per_s: float = 0.0
    per_s: float = 0.0
    answers_per_s: float = 0.0
    fates: dict[Kind, Fate] = field(default_factory=dict)
    officers_ms: list[int] = field(default_factory=list)
    door: Mapping[str, Any] = field(default_factory=dict)
    statuses: list[str] = field(default_factory=list)
    cpu_s: dict[str, float] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


# --- what is set up ----------------------------------------------------------------------------------------------------


def lay_out(folder: Path, storm: Storm) -> None:
    """Make the workspace: a book of followers, rules, and a table."""
    book(folder, storm.people, app_per_minute=storm.per_minute)
    (folder / "inbound").mkdir()
    (folder / "inbound" / "hoi-dap.yaml").write_text(HOI_DAP, encoding="utf-8")
    form = LOOKUP.replace("expires: 15m", f"expires: {storm.lookups_expire_s}s")
    add_lookup(folder, max(1, round(LOOKUPS_PER_S * storm.seconds)), form)


@contextmanager
def door_up(folder: Path, port: int, sandbox: Sandbox) -> "Iterator[subprocess.Popen[bytes]]":
    """Run the door with its worker."""
    with (folder / "door.log").open("ab") as log:
        door = subprocess.Popen(
            door_command(folder, port, "--quiet"), env=environ() | sandbox.environ("pctt"), stdout=log, stderr=log
        )
    try:
        wait_until_it_listens(door, port)
        yield door
    finally:
        door.terminate()
        door.wait(60)


def alert(folder: Path, sandbox: Sandbox, code: str, storm: Storm) -> float:
    """Send the alert; return the sender's CPU seconds."""
    limits = f"hold, rate_per_s: {storm.per_s}"
    return send(folder, sandbox, code, storm.people, urgency="Immediate", on_unknown=limits)[1]


def rates_of(folder: Path, code: str) -> tuple[float, float]:
    """Return people a second whom an alert reached in the middle four fifths of it, and answers a second beside them."""
    with closing(opened(folder / ".zalo-alert" / "runs" / code / "run.db")) as db:
        seconds = db.execute("SELECT at_s, count(*) FROM outcome WHERE state = 'accepted' GROUP BY at_s ORDER BY at_s").fetchall()
    people, done, middle = sum(n for _, n in seconds), 0, list[tuple[int, int]]()
    for at_s, n in seconds:
        middle += [(at_s, n)] if 0.1 * people <= done <= 0.9 * people else []
        done += n
    first_s, last_s = middle[0][0], middle[-1][0] + 1
    return sum(n for _, n in middle) / (last_s - first_s), _answers(folder, first_s, last_s) / (last_s - first_s)


def _answers(folder: Path, first_s: int, last_s: int) -> int:
    path = folder / ".zalo-alert" / "inbound" / "inbound.db"
    if not path.exists():
        return 0
    with closing(opened(path)) as db:
        during = "SELECT count(*) FROM outbox WHERE state = 'accepted' AND settled_ms BETWEEN ? AND ?"
        return int(db.execute(during, (first_s * 1000, last_s * 1000)).fetchone()[0])


def alone(folder: Path, storm: Storm) -> float:
    """Send the alert with nobody listening; return people a second."""
    with running(Options(app_per_minute=storm.per_minute)) as sandbox:
        alert(folder, sandbox, "ALONE-1", storm)
    (folder / ".zalo-alert" / "rates.db").unlink()  # what that sandbox granted is no news of the next
    return rates_of(folder, "ALONE-1")[0]


# --- one storm ---------------------------------------------------------------------------------------------------------


def weather(folder: Path, storm: Storm) -> Weathered:
    """Send the alert while everybody writes; return once all of it is over."""
    port, came = free_port(), Weathered()
    options = Options(app_per_minute=storm.per_minute, webhook_url=f"http://127.0.0.1:{port}/zalo", webhook_connections=256)
    with running(options) as sandbox, door_up(folder, port, sandbox) as door:
        talks = open_talks(sandbox, storm)
        before = sandbox.stats()["accepted"] + 100  # of which officers' answers are a few
        began = {name: cpu_s(pid) for name, pid in _processes(door).items()}
        with (
            ThreadPoolExecutor(1) as threads,
            probing(sandbox, port, storm.seconds, came),
            repeated(1.0, officer(folder, sandbox)),
            repeated(STATUS_EVERY_S, lambda: came.statuses.append(status(folder, sandbox))),
        ):
            sending = threads.submit(alert, folder, sandbox, "STORM-1", storm)
            _until(lambda: sandbox.stats()["accepted"] > before or sending.done(), WARM_S)
            write(folder, sandbox, storm, talks)
            came.cpu_s["sender"] = sending.result()
            wait_until_over(folder, sandbox, came)
        came.per_s, came.answers_per_s = rates_of(folder, "STORM-1")
        came.cpu_s |= {name: cpu_s(pid) - began[name] for name, pid in _processes(door).items()}
        judge(folder, sandbox, came)
    return came


def open_talks(sandbox: Sandbox, storm: Storm) -> int:
    """Have people begin talks before the alert; return how many they are."""
    talks = max(1, round(MORE_PER_S * storm.seconds / TIMES))
    sandbox.crowd(people=talks, texts=[OPENS])
    _until(lambda: sandbox.questions()["answered"] == talks, WARM_S + talks * 60 / storm.per_minute)
    return talks


def write(folder: Path, sandbox: Sandbox, storm: Storm, talks: int) -> None:
    """Have everybody write, by chance, for as long as the storm lasts."""
    first = talks
    sandbox.crowd(people=talks, times=TIMES, per_s=MORE_PER_S, texts=[GOES_ON])
    for per_s, texts in ((RULES_PER_S, [*RULES]), (CHECKS_PER_S, [CHECK])):
        people = round(per_s * storm.seconds)
        sandbox.crowd(people=people, first=first, per_s=per_s, texts=texts)
        first += people
    people = round(LOOKUPS_PER_S * storm.seconds)
    sandbox.crowd(people=people, first=first, per_s=LOOKUPS_PER_S, file=str(folder / "diem.csv"), form=ASKS)


def officer(folder: Path, sandbox: Sandbox) -> Callable[[], None]:
    """Return what answers one more talk."""
    inbox = Inbox(load(folder, environ() | sandbox.environ("pctt")), SystemClock())
    waiting = iter([case.no for case in inbox.listed()])

    def answer() -> None:
        if no := next(waiting, None):
            inbox.answer(no, "lan", OFFICERS_WORDS)

    return answer


def status(folder: Path, sandbox: Sandbox) -> str:
    """Return what `webhook status` says of those who wait."""
    command = [sys.executable, "-m", "zalo_alert", "webhook", "status", "--workspace", str(folder)]
    said = subprocess.run(command, env=environ() | sandbox.environ("pctt"), capture_output=True, text=True, timeout=60)
    return next((line for line in said.stdout.splitlines() if line.startswith("worker")), said.stderr.strip()[-200:])


@contextmanager
def repeated(every_s: float, what: Callable[[], None]) -> Iterator[None]:
    """Do something now and then while the block lasts."""
    over = threading.Event()

    def run() -> None:
        while not over.wait(every_s):
            what()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def probing(sandbox: Sandbox, port: int, seconds: float, came: Weathered) -> Iterator[None]:
    """Ask the door now and then, from a process that does nothing else: how late it is."""
    account, secret = sandbox.accounts[0], sandbox.environ("pctt")["ZALO_ALERT_PCTT_OA_SECRET"]
    url, rate = f"http://127.0.0.1:{port}/zalo", ["--rate", str(PROBES_PER_S), "--seconds", str(seconds)]
    command = [sys.executable, "-m", "bench.generate", url, "--oas", "-", "--messages", "0", "--connections", "16", *rate]
    probe = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert probe.stdin
    probe.stdin.write(orjson.dumps({"app_id": account.app_id, "oa_id": account.oa_id, "secret": secret}) + b"\n")
    probe.stdin.close()
    probe.stdin = None
    yield
    came.door = orjson.loads(probe.communicate()[0].splitlines()[-1])


def wait_until_over(folder: Path, sandbox: Sandbox, came: Weathered) -> None:
    """Wait until every event is handled and every answer has come to its end."""
    inbound = folder / ".zalo-alert" / "inbound"

    def is_over() -> bool:
        with closing(opened(inbound / "inbound.db")) as db:
            ((live,),) = db.execute("SELECT count(*) FROM outbox WHERE is_live = 1")
        return not live and sandbox.webhooks()["waiting"] == 0 and read_answers(inbound).is_over

    if not _until(is_over, OVER_S):
        came.faults.append(f"not everything is over after {OVER_S:.0f} s: {sandbox.webhooks()}")


def judge(folder: Path, sandbox: Sandbox, came: Weathered) -> None:
    """Hold what people were told against what the worker has written."""
    inbound = folder / ".zalo-alert" / "inbound"
    books = read_answers(inbound)
    came.fates = fates(sandbox.answers(), books)
    came.faults += faults(came.fates, books)
    with closing(opened(inbound / "inbound.db")) as db:
        took = "SELECT settled_ms - made_ms FROM outbox WHERE rule = 'case' AND state = 'accepted' ORDER BY 1"
        came.officers_ms = [ms for (ms,) in db.execute(took)]
    if lost := sandbox.webhooks()["lost"]:
        came.faults.append(f"{lost:,} events were told to nobody")


def _processes(door: "subprocess.Popen[bytes]") -> dict[str, int]:
    return {"sandbox": child_of_ours(), "door": door.pid, "worker": children(door.pid)[0]}


def _until(claim: Callable[[], bool], limit_s: float) -> bool:
    until = time.monotonic() + limit_s
    while not (is_true := claim()) and time.monotonic() < until:
        time.sleep(0.5)
    return is_true


# --- the parts ---------------------------------------------------------------------------------------------------------


def ample(given: argparse.Namespace) -> Weathered:
    """Send the alert alone, then with everything."""
    seconds = given.minutes * 60
    storm = Storm(round(given.per_s * seconds), given.per_s, round(given.per_s * 63), seconds, max(5, round(seconds / 5)))
    with tempfile.TemporaryDirectory(prefix="zalo-alert-storm-") as name:
        folder = given.keep or Path(name)
        lay_out(folder, storm)
        alone_per_s = alone(folder, storm)
        came = weather(folder, storm)
    came.alone_per_s = alone_per_s
    return came


def scarce(given: argparse.Namespace) -> Weathered:
    """Send an alert with everything at what an app is granted."""
    seconds = given.peak * 60
    storm = Storm(round(seconds * SCARCE_PER_MINUTE / 60), 1e6, SCARCE_PER_MINUTE, seconds, 900)
    with tempfile.TemporaryDirectory(prefix="zalo-alert-storm-") as name:
        folder = given.keep or Path(name)
        lay_out(folder, storm)
        return weather(folder, storm)


def show(came: Weathered) -> bool:
    """Print what came of it; return whether all adds up."""
    if came.alone_per_s:
        print(f"the alert: {came.alone_per_s:,.0f}/s alone, {came.per_s:,.0f}/s with everything: "
              f"{1 - came.per_s / came.alone_per_s:.1%} less; {came.answers_per_s:,.0f}/s answers beside it")  # fmt: skip
    else:
        print(f"the alert: {came.per_s:,.1f}/s with everything, {came.answers_per_s:,.1f}/s answers beside it")
    door = came.door
    print(f"the door: p50 {door['p50_ms']:.1f} ms, p99 {door['p99_ms']:.1f} ms, at most {door['max_ms']:.1f} ms "
          f"({door['answered_200']:,} of {door['offered']:,} probes)")  # fmt: skip
    for kind, fate in sorted(came.fates.items()):
        print(f"{kind:20} {fate}")
    if waits := came.officers_ms:
        print(f"officers' answers    {len(waits):,} sent after {waits[len(waits) // 2]:,} ms, p99 "
              f"{waits[int(len(waits) * 0.99)]:,} ms, at most {waits[-1]:,} ms")  # fmt: skip
    print("CPU s: " + ", ".join(f"{name} {spent:.1f}" for name, spent in came.cpu_s.items()))
    for line in came.statuses:
        print(f"status: {line}")
    for fault in came.faults:
        print(f"FAULT {fault}")
    return not came.faults


PARTS = {"ample": ample, "scarce": scarce}


def main() -> int:
    """Play the parts; 1 where something does not add up."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=sorted(PARTS))
    parser.add_argument("--minutes", type=float, default=1.0, help="how long the alert is sent with everything")
    parser.add_argument("--per-s", type=float, default=SENT_PER_S, help="how fast it is sent; a twentieth more is granted")
    parser.add_argument("--peak", type=float, default=0.5, help="minutes of writing at 4,000 calls a minute")
    parser.add_argument("--keep", type=Path, help="keep the workspace here")
    given = parser.parse_args()
    is_right = True
    for name in [given.part] if given.part else PARTS:
        print(f"--- {name}", flush=True)
        is_right &= show(PARTS[name](given))
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
