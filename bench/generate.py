"""Signed events for a webhook at their own time, whether or not it keeps up: how many a second it takes, and how late.

    python -m bench.generate http://127.0.0.1:8080/zalo --oas oas.ndjson --rate 5000 --seconds 60
    python -m bench.generate https://127.0.0.1:8443/zalo --oas - --authority ca.pem --persons 30000 --at-once --messages 1

`--oas` has a line of JSON for each OA, `{"app_id": "…", "oa_id": "…", "secret": "…"}`; "-" reads them from standard input.
Events are made and signed at the moment when they are sent, with the time when they were due. `--rate` is how many come a
second, by chance (Poisson) unless `--even`; `--at-once` has all of them due at the start, as everyone at 08:00 is. Latency
counts from the due time (an open loop), in milliseconds, of those answered with HTTP 200; a tick of the generator is 1 ms.

The last line on standard output is JSON. `--kept FILE` has a line for each event that was settled: number, name, oa_id, person,
msg_id, mac, status, tries and ms.
"""

import argparse
import random
import ssl
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import orjson

from bench.open_loop import Call, OpenLoop, Tally
from bench.signed_events import TEXTS, Events, SignedEvent, read_sent, read_signers, read_texts


def due_times(count: int, per_s: float, dice: random.Random | None) -> Iterator[float]:
    """Yield when each of so many events is due, in seconds; a rate of 0 is all at the start, no dice is evenly spread."""
    at_s = 0.0
    for _ in range(count):
        yield at_s
        if per_s:
            at_s += dice.expovariate(per_s) if dice else 1 / per_s


def calls(times: Iterator[float], dice: random.Random, *, twice: float, forged: float) -> Iterator[Call]:
    """Yield the calls that tell the events, some of them twice at the same instant, and forged ones beside them."""
    for number, due_s in enumerate(times):
        yield Call(due_s, number)
        if twice and dice.random() < twice:
            yield Call(due_s, number)
        if forged and dice.random() < forged:
            yield Call(due_s, number, is_forged=True)


class Requests:
    """Writes calls as requests, and keeps what became of them.

    Args:
        url: Where to.
        events: What they tell.
        kept: Gets a line for each settled call; None keeps none.
        is_fresh: A repeated try has the time of the try, and so other bytes and another signature.
    """

    def __init__(self, url: str, events: Events, kept: IO[bytes] | None, *, is_fresh: bool, first: int = 0) -> None:
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\nUser-Agent: ZaloWebhook\r\n"
            "X-ZEvent-Server: OA OpenAPI\r\n"
        ).encode()
        self._events, self._kept, self._is_fresh = events, kept, is_fresh
        self._dice, self._first = random.Random(0), first

    def write(self, call: Call, at_ms: int) -> bytes:
        """Return a call's request."""
        if self._is_fresh and call.tries:
            at_ms += int(1000 * call.tries)
        event = self._events.event(self._first + call.number, at_ms)
        if self._kept:
            call.event = event
        mac = event.mac if not call.is_forged else f"{self._dice.getrandbits(256):064x}"
        retry = b"num_retry: %d\r\n" % call.tries if call.tries else b""
        return b"%bX-ZEvent-Signature: mac=%b\r\n%bContent-Length: %d\r\n\r\n%b" % (
            self._head, mac.encode(), retry, len(event.body), event.body,
        )  # fmt: skip

    def settled(self, call: Call, status: int, late_s: float) -> None:
        """Keep what became of a call."""
        if not self._kept:
            return
        event = call.event
        row: dict[str, Any] = {
            "number": call.number,
            "status": status,
            "tries": call.tries,
            "ms": round(late_s * 1000, 2),
            "forged": call.is_forged,
        }
        if isinstance(event, SignedEvent) and not call.is_forged:
            row |= {
                "name": event.name,
                "oa_id": event.oa_id,
                "person": event.person,
                "msg_id": event.message_id,
                "mac": event.mac,
            }
        self._kept.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))


def summary(tally: Tally, connections: int) -> dict[str, Any]:
    """Return what came of it as plain values."""
    lasted_s = tally.ended_s - tally.began_s
    late = {name: tally.percentile(share) for name, share in (("p50", 0.5), ("p99", 0.99), ("p999", 0.999), ("max", 1.0))}
    answered = len(tally.latencies)
    return {
        "offered": tally.offered, "answered_200": answered, "given_up": tally.given_up,
        "statuses": {str(status): times for status, times in sorted(tally.statuses.items())},
        "lasted_s": round(lasted_s, 3), "per_s": round(answered / lasted_s, 1),
        "cpu_us": round(tally.cpu_s / max(1, sum(tally.statuses.values())) * 1e6, 1),
        "connections": connections, "most_waiting": tally.most_waiting,
        **{f"{name}_ms": round(value * 1000, 2) if answered else None for name, value in late.items()},
    }  # fmt: skip


def run(main: Any) -> Any:
    """Run a coroutine on uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        import asyncio

        return asyncio.run(main)
    return uvloop.run(main)


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m bench.generate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url")
    parser.add_argument(
        "--oas", default="-", metavar="FILE", help="OAs and their secrets, a line of JSON each; - is standard input"
    )
    parser.add_argument("--sent", metavar="FILE", help="what receipts tell of: lines of JSON with oa_id, user_id, msg_id")
    parser.add_argument("--rate", type=float, default=1000.0, help="events a second")
    parser.add_argument(
        "--seconds", type=float, default=10.0, help="how long they come, unless --persons says how many there are"
    )
    parser.add_argument("--persons", type=int, default=0, help="how many people; each writes once or --times")
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--at-once", action="store_true", help="everyone at 08:00: all are due at the start")
    parser.add_argument("--even", action="store_true", help="evenly spread instead of by chance")
    parser.add_argument("--messages", type=float, default=0.0, help="share that are texts of people's; the rest are receipts")
    parser.add_argument("--texts", metavar="FILE", help="what people write, in turn: a CSV with a column text, or a text a line")
    parser.add_argument("--twice", type=float, default=0.0, help="share told twice at the same instant")
    parser.add_argument("--forged", type=float, default=0.0, help="forged ones beside them, as a share of them")
    parser.add_argument("--again-s", default="", metavar="S,S,…", help="what was not answered 200 is told again so much later")
    parser.add_argument("--fresh", action="store_true", help="a repeated try has a timestamp and signature of its own")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--authority", metavar="FILE", help="trusts the webhook's certificate")
    parser.add_argument("--kept", metavar="FILE", help="what became of each event")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the first one's number: others than those of before")
    return parser.parse_args(words)


def main(words: Sequence[str]) -> None:
    given = _options(words)
    events_in_all = given.persons * given.times or int(given.rate * given.seconds)
    events = Events(
        read_signers(given.oas), given.persons or events_in_all, given.messages, read_sent(given.sent) if given.sent else (),
        read_texts(given.texts) if given.texts else TEXTS,
    )  # fmt: skip
    dice = random.Random(given.seed)
    times = due_times(events_in_all, 0 if given.at_once else given.rate, None if given.even else dice)
    tls = ssl.create_default_context(cafile=given.authority) if given.url.startswith("https:") else None
    kept = Path(given.kept).open("wb") if given.kept else None  # noqa: SIM115 - closed below
    requests = Requests(given.url, events, kept, is_fresh=given.fresh, first=given.first)
    loop = OpenLoop(
        given.url, calls(times, dice, twice=given.twice, forged=given.forged), requests.write, requests.settled,
        connections=given.connections, again_s=tuple(float(s) for s in given.again_s.split(",") if s), tls=tls,
    )  # fmt: skip
    tally = run(loop.run())
    if kept:
        kept.close()
    print(orjson.dumps(summary(tally, given.connections)).decode(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
