"""What 429 costs: real sends to a server that answers it by chance, beside one that never does; and to servers with a real limit.

    python -m bench.strays                # by chance: 2 in 1,000 without a limit, in turns with none at all
    python -m bench.strays --limits       # 429 above so many a second or a minute, without a word of -32
    python -m bench.strays --silence      # answers for a while, and then no more

The server says nothing but 429, and how much of what it was asked it refused is counted there.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import uvloop

from bench.send import book
from bench.server import Protocol
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.testing import drill

REFUSAL = b"HTTP/1.1 429 Too Many Requests\r\ncontent-type: text/plain\r\ncontent-length: 9\r\n\r\ntry later"
SILENCE = b""

Saying: TypeAlias = Callable[[float, int], bytes | None]  # at an instant, to the so-manieth call; None accepts it


class Counts:
    """What a server was asked, and when first and last."""

    def __init__(self) -> None:
        self.asked = self.refused = 0
        self.first_s = self.last_s = 0.0

    def count(self, now_s: float, *, refused: bool) -> None:
        self.first_s = self.first_s or now_s
        self.last_s = now_s
        self.asked += 1
        self.refused += refused


def by_chance(share: float) -> Saying:
    chance = random.Random(1)
    return lambda now_s, asked: REFUSAL if chance.random() < share else None


def above(most: int, seconds: float) -> Saying:
    used: dict[int, int] = {}

    def answer(now_s: float, asked: int) -> bytes | None:
        window = int(now_s // seconds)
        used[window] = used.get(window, 0) + 1
        return None if used[window] <= most else REFUSAL

    return answer


def until(asked: int) -> Saying:
    return lambda now_s, so_far: None if so_far <= asked else SILENCE


def answering(kind: str) -> Saying:
    """Read what a server does: `chance SHARE`, `above N SECONDS`, `until N`."""
    word, *numbers = kind.split()
    kinds: dict[str, Callable[..., Saying]] = {"chance": by_chance, "above": above, "until": until}
    return kinds[word](*map(float if word == "chance" else int, numbers))


async def serve(kind: str, latency_s: float) -> None:
    answer, counts = answering(kind), Counts()

    class Refusing(Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(_Judged(transport, answer, counts))

    server = await asyncio.get_running_loop().create_server(lambda: Refusing(latency_s), "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)

    def told() -> None:
        sys.stdin.read()
        print(json.dumps(vars(counts)), flush=True)
        os._exit(0)

    threading.Thread(target=told, daemon=True).start()
    await server.serve_forever()


class _Judged(asyncio.BaseTransport):
    """A transport that writes another answer than it is given, or none."""

    def __init__(self, transport: Any, answer: Saying, counts: Counts) -> None:
        self._transport, self._answer, self._counts = transport, answer, counts

    def write(self, data: bytes) -> None:
        now_s, counts = time.time(), self._counts
        said = self._answer(now_s, counts.asked + 1)
        counts.count(now_s, refused=said is REFUSAL)
        self._transport.write(data if said is None else said)


def sent(folder: Path, number: int, kind: str, latency_ms: float, most_s: float) -> dict[str, float]:
    """Send one campaign to one server; return what the server counted."""
    path = folder / "campaigns" / f"strays-{number}.yaml"
    path.write_text(drill(SystemClock().now(), code=f"STRAYS-{number}"), encoding="utf-8")
    words = [sys.executable, "-m", "bench.strays", "--serve", kind, "--latency-ms", str(latency_ms)]
    server = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdout  # piped, as asked for
    url = f"http://127.0.0.1:{int(server.stdout.readline())}"
    environ = os.environ | {f"ZALO_ALERT_{host}_URL": url for host in ("OPENAPI", "BUSINESS", "OAUTH")}
    environ |= {"ZALO_ALERT_PCTT_ACCESS_TOKEN": "t" * 512, "PYTHONPATH": str(Path.cwd())}
    (folder / ".zalo-alert" / "rates.db").unlink(missing_ok=True)  # what the last server did is no news of this one
    command = [sys.executable, "-m", "zalo_alert", "send", str(path), "--yes"]
    child = subprocess.Popen(command, env=environ, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        child.wait(most_s)
    except subprocess.TimeoutExpired:
        child.terminate()
    said = child.communicate()[1].decode()
    counts = json.loads(server.communicate()[0])  # its stdin ends, so it says what it has counted
    counts["seconds"] = counts["last_s"] - counts["first_s"]
    counts["per_s"] = (counts["asked"] - counts["refused"]) / max(1e-9, counts["seconds"])
    counts["said"] = said
    return counts


def show(name: str, found: dict[str, Any]) -> None:
    share = found["refused"] / max(1, found["asked"])
    counted = f"{found['asked']:>10,}{found['refused']:>9,}{share:>9.2%}{found['seconds']:>8.1f}"
    print(f"{name:<34}{found['per_s']:>10,.0f}{counted}", flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--turns", type=int, default=3)
    options.add_argument("--people", type=int, default=40_000)
    options.add_argument("--per-minute", type=int, default=360_000)
    options.add_argument("--latency-ms", type=float, default=5.0)
    options.add_argument("--seconds", type=float, default=40.0, help="at most for each send")
    options.add_argument("--share", type=float, default=0.002)
    options.add_argument("--limits", action="store_true")
    options.add_argument("--silence", action="store_true")
    options.add_argument("--serve", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.serve:
        uvloop.run(serve(given.serve, given.latency_ms / 1000))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        book(folder, given.people, app_per_minute=given.per_minute)
        print(f"{'':<34}{'accepted/s':>10}{'asked':>10}{'refused':>9}{'':>9}{'s':>8}")
        kinds = ["chance 0", f"chance {given.share}"] * given.turns
        if given.limits:
            kinds = ["above 40 1", "above 1000 1", "above 20000 60"]
        if given.silence:
            kinds = ["until 8000"]
        rates: dict[str, list[float]] = {}
        for number, kind in enumerate(kinds):
            found = sent(folder, number, kind, given.latency_ms, given.seconds)
            show(kind, found)
            rates.setdefault(kind, []).append(found["per_s"])
            if given.silence or found["asked"] < 100:
                print(found["said"])
        if len(rates) == 2:
            without, with_strays = map(statistics.median, rates.values())
            print(f"with 429 by chance: {with_strays / without:.2f} x")


if __name__ == "__main__":
    main()
