"""What a look-up costs whoever answers, part by part, in microseconds of CPU: `python -m bench.answer_path [--people N]`.

worker  from the journal to the outbox, as many events in a transaction as the worker takes, or `--at-once` so many
poster  from the outbox to its end, the posts over real sockets to a server that accepts every message, which is another process

Beside `bench.lookups`, which needs both cores, this one is steady on a machine with other work. `--profile worker` and
`--profile poster` say where the time goes.
"""

import argparse
import asyncio
import cProfile
import pstats
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bench.lookups import ASKS, make_workspace, read_candidates
from bench.outbox import Token, Unlimited, server
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.secret import Secret
from zalo_alert.inbound.event import read_event
from zalo_alert.inbound.inbound_store import folder_of, open_store
from zalo_alert.inbound.journal import Arrival, Journal
from zalo_alert.inbound.worker import AT_ONCE
from zalo_alert.operations.inbound_worker import open_worker
from zalo_alert.operations.loop import rare_collections, run_loop
from zalo_alert.outbox.poster import Poster
from zalo_alert.outbox.sender import ZaloSender
from zalo_alert.outbox.turns import MOST_IN_FLIGHT, Turns
from zalo_alert.settings.load import load
from zalo_alert.settings.model import Settings
from zalo_alert.zalo.post_sockets import SocketPost


@contextmanager
def measured(what: str, count: int, profile: str) -> Iterator[None]:
    """Print what a block costs of CPU for each of so many; say where, if it is the one that is asked for."""
    profiler = cProfile.Profile(time.process_time) if profile == what else None
    before_s = time.process_time()
    if profiler:
        profiler.enable()
    yield
    spent_s = time.process_time() - before_s
    if profiler:
        profiler.disable()
        pstats.Stats(profiler).sort_stats("tottime").print_stats(45)
    print(f"{what:7} {spent_s / count * 1e6:6.1f} µs of CPU a look-up", flush=True)


def fill_journal(settings: Settings, people: int) -> None:
    """Store a question of each of so many people, for a candidate of their own."""
    oa, now_ms = settings.accounts[0].oa_id, round(time.time() * 1000)
    with closing(Journal(folder_of(settings.state_dir))) as journal:
        arrivals = []
        for number, row in enumerate(read_candidates(settings.workspace, people)):
            body = (
                f'{{"app_id":"360846524940903967","sender":{{"id":"{10**18 + number}"}},"user_id_by_app":"{2 * 10**18 + number}",'
                f'"recipient":{{"id":"{oa}"}},"event_name":"user_send_text","message":{{"text":"{ASKS.format(**row)}",'
                f'"msg_id":"m{number:020}"}},"timestamp":"{now_ms}"}}'
            ).encode()
            arrivals.append(Arrival(read_event(body, "00"), body, now_ms, 0))
        journal.append(arrivals)


def work(settings: Settings, people: int, at_once: int, profile: str) -> None:
    """Handle all of it."""
    with rare_collections(), closing(open_worker(settings, SystemClock(), print)) as worker, measured("worker", people, profile):
        while worker.step(at_once):
            pass


def post(settings: Settings, people: int, url: str, profile: str) -> None:
    """Post all answers."""
    left = people

    async def main() -> None:
        wire, stop = SocketPost(connections=MOST_IN_FLIGHT), asyncio.Event()

        def count_down() -> None:
            nonlocal left
            left -= 1
            if not left:
                stop.set()

        sender = ZaloSender(url, Token(), wire, Secret(""), lambda reply: count_down())
        pace = Unlimited()
        await Poster(Turns(db, pace), pace, lambda way: sender, SystemClock(), print).run(stop)
        await wire.close()

    with closing(open_store(settings.state_dir)) as db:
        with measured("poster", people, profile):
            run_loop(main())
        done = db.rows("SELECT count(*) FROM outbox WHERE state = 'accepted' AND rule = 'diem-thi/found'")
        if done != [(people,)]:
            raise SystemExit(f"{done} of {people} were answered")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help="events in a transaction of the worker's")
    parser.add_argument("--profile", choices=("worker", "poster"), default="")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zalo-alert-path-") as name, server() as url:
        make_workspace(Path(name), given.people, 100_000_000)
        settings = load(Path(name), {})
        fill_journal(settings, given.people)
        work(settings, given.people, given.at_once, given.profile)
        post(settings, given.people, url, given.profile)


if __name__ == "__main__":
    main()
