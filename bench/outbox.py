"""What an answer costs from its row to its end, in microseconds of CPU: `python -m bench.outbox [--answers N]`.

One process; the server that accepts posts is another. `put` is the worker's part, 500 in a transaction as it does them. The
poster is run as it is, over real sockets, with nothing but its pace replaced; beside it the same posts alone, and a poster that
commits each answer twice, once before it leaves and once after.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.database import Database
from zalo_alert.foundation.secret import Secret
from zalo_alert.inbound.inbound_store import open_store
from zalo_alert.models import Rank, Scope, State
from zalo_alert.operations.loop import run_loop
from zalo_alert.outbox.answer import Answer, Want
from zalo_alert.outbox.letter import body_of
from zalo_alert.outbox.poster import Poster
from zalo_alert.outbox.sender import ZaloSender
from zalo_alert.outbox.store import Claimed, Outbox, Settled
from zalo_alert.outbox.turns import MOST_IN_FLIGHT, Turns
from zalo_alert.zalo.message_parts import call_headers
from zalo_alert.zalo.post_sockets import SocketPost

OA, PATH = "388613280878808645", "/v3.0/oa/message/cs"
TEXT = "Thí sinh 02001234: Toán 8,25; Ngữ văn 7,50; Ngoại ngữ 9,00; Vật lí 8,75; Hóa học 8,50."
AT_ONCE = 500


class Unlimited:
    """A pace that grants everything."""

    def take(self, wanted: Mapping[Want, int], now_s: float) -> dict[Want, int]:
        return dict(wanted)

    def wait_s(self, wanted: Mapping[Want, int], now_s: float) -> float:
        return 0.0

    def take_back(self, calls: Mapping[Want, int]) -> None: ...

    def heed_throttling(self, way: tuple[str, str], scope: Scope, now_s: float, wall_s: float) -> None: ...

    def heed_refusal(self, way: tuple[str, str], now_s: float, **told: Any) -> bool:
        return False

    def pause(self, now_s: float, seconds: float) -> None: ...


class Token:
    """A token that lasts."""

    token, refusal, is_passing = "t" * 120, "", False

    async def renew(self, stale: str) -> bool:
        return False


class Took(NamedTuple):
    """CPU and wall time of an answer, in microseconds."""

    cpu_us: float
    wall_us: float


def answers(count: int) -> list[Answer]:
    """Make answers to as many people, each as a look-up's."""
    now_ms = round(time.time() * 1000)
    return [
        Answer(
            "2026-11-27.db", number, 0, OA, str(1_002_893_352_839_501_541 + number), Rank.LOOKUP, "diem-thi/found", "diem-thi",
            TEXT, (), now_ms, now_ms + 900_000, is_private=True,
        )
        for number in range(count)
    ]  # fmt: skip


@contextmanager
def timed(count: int, into: list[Took]) -> Iterator[None]:
    """Measure a block that handles so many answers."""
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    yield
    into.append(
        Took(*(1e6 * (now - then) / count for now, then in ((time.process_time(), cpu_s), (time.perf_counter(), wall_s))))
    )


@contextmanager
def server() -> Iterator[str]:
    """Run the server that accepts every message; yield its address."""
    child = subprocess.Popen([sys.executable, "-m", "bench.server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin
    assert child.stdout
    try:
        yield f"http://127.0.0.1:{int(child.stdout.readline())}"
    finally:
        child.stdin.close()
        child.wait()


@contextmanager
def filled(count: int, into: list[Took]) -> Iterator[Database]:
    """Make a database with so many answers in its outbox."""
    made = answers(count)
    with tempfile.TemporaryDirectory() as folder, closing(open_store(Path(folder))) as db:
        outbox = Outbox(db)
        with timed(count, into):
            for first in range(0, count, AT_ONCE):
                with db.transaction():
                    for one in made[first : first + AT_ONCE]:
                        outbox.put(one)
        yield db


def claim_and_settle(count: int, took: dict[str, list[Took]]) -> None:
    """Claim and settle without posting: 60 in a step, as at 4,000 a second."""
    with filled(count, took["put"]) as db, timed(count, took["claim and settle"]):
        turns, verdicts = Turns(db, Unlimited(), 60), list[Settled]()
        while (step := turns.step(verdicts, round(time.time() * 1000), time.monotonic())).claimed or verdicts:
            verdicts = [Settled(row, State.ACCEPTED, "", 0, f"{row.id:032x}") for row in step.claimed]


def post_by_poster(count: int, url: str, took: dict[str, list[Took]]) -> None:
    """Post by the poster as it is."""
    with filled(count, took["put"]) as db:

        async def main() -> None:
            post, stop = SocketPost(connections=MOST_IN_FLIGHT), asyncio.Event()
            sender, left = ZaloSender(url, Token(), post, Secret(""), lambda reply: count_down()), count

            def count_down() -> None:
                nonlocal left
                left -= 1
                if not left:
                    stop.set()

            pace = Unlimited()
            await Poster(Turns(db, pace), pace, lambda way: sender, SystemClock(), print).run(stop)
            await post.close()

        with timed(count, took["poster"]):
            run_loop(main())
        assert db.rows("SELECT count(*) FROM outbox WHERE state = 'accepted'") == [(count,)]


def post_alone(count: int, url: str, took: dict[str, list[Took]]) -> None:
    """Make the same posts and nothing else, 64 at once."""
    rows = iter([_claimed(number) for number in range(count)])

    async def main() -> None:
        post, headers = SocketPost(connections=64), call_headers(Token.token, Secret(""))

        async def send() -> None:
            for row in rows:
                await post(url + PATH, headers, body_of(row))

        await asyncio.gather(*(send() for _ in range(64)))
        await post.close()

    with timed(count, took["post alone"]):
        run_loop(main())


def commit_each(count: int, took: dict[str, list[Took]]) -> None:
    """Claim and settle each answer in a transaction of its own, without posting."""
    with filled(count, took["put"]) as db, timed(count, took["a commit each"]):
        outbox, now_ms = Outbox(db), round(time.time() * 1000)
        for _ in range(count):
            with db.transaction():
                [row] = outbox.claim(outbox.next_of((OA, "", Rank.LOOKUP), 1, now_ms), now_ms)
            with db.transaction():
                outbox.settle([Settled(row, State.ACCEPTED)], (), now_ms)


def _claimed(number: int) -> Claimed:
    return Claimed(number, OA, str(10**18 + number), "", "", 8, "r", TEXT, "", "", 0, 0, "hold", 0, 0, "", 0)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--answers", type=int, default=20_000)
    count = options.parse_args().answers
    took: dict[str, list[Took]] = {
        name: [] for name in ("put", "claim and settle", "poster", "post alone", "a commit each")
    }  # fmt: skip
    claim_and_settle(count, took)
    with server() as url:
        post_by_poster(count, url, took)
        post_alone(count, url, took)
    commit_each(min(count, 3000), took)
    for name, times in took.items():
        best = min(times)
        print(f"{name:17} {best.cpu_us:6.1f} µs of CPU, {best.wall_us:6.1f} µs in all")
    whole, alone = min(took["put"]).cpu_us + min(took["poster"]).cpu_us, min(took["post alone"]).cpu_us
    print(f"an answer, from its row to its end: {whole:.1f} µs of CPU, {whole / alone:.2f} × the post alone")


if __name__ == "__main__":
    main()
