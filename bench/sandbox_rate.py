"""How fast the sandbox answers sends with receipts off and on, and how fast it tells them.

    python -m bench.sandbox_rate [--messages N] [--per-s N]

A webhook that stores nothing hears the events. Of three processes on two cores no wall clock is fair: what counts is the
sandbox's own CPU time, for each send and for each event beside it.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from bench.generate import run
from bench.open_loop import Call, OpenLoop, Tally
from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.server import Sandbox, running

FIRST = 1_000_000_000_000_000_000
TEXT = "Bão số 3 đang vào, xin ở trong nhà".encode()


class Sink(asyncio.Protocol):
    """Answers every event with 200."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._data = cast(asyncio.WriteTransport, transport), b""

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, end, body = self._data.partition(b"\r\n\r\n")
        if end and len(body) >= int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]):
            self._data = b""
            self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")


async def sink() -> None:
    """Serve until standard input ends; print the port."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


@contextmanager
def listening() -> Iterator[str]:
    """Run the sink as a process of its own; yield its address."""
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.sandbox_rate", "--sink"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert child.stdout
        yield f"http://127.0.0.1:{int(child.stdout.readline())}/zalo"
    finally:
        child.communicate()


def send(sandbox: Sandbox, messages: int, per_s: float) -> Tally:
    """Send so many messages, at a rate or, at 0, as fast as they are answered."""
    head = (
        f"POST /v3.0/oa/message/cs HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        f"access_token: {sandbox.credentials.access_token}\r\n"
    ).encode()

    def write(call: Call, at_ms: int) -> bytes:
        body = b'{"recipient":{"user_id":"%d"},"message":{"text":"%b"}}' % (FIRST + call.number, TEXT)
        return b"%bcontent-length: %d\r\n\r\n%b" % (head, len(body), body)

    calls = (Call(number / per_s if per_s else 0.0, number) for number in range(messages))
    tally: Tally = run(OpenLoop(sandbox.url, calls, write, lambda *_: None).run())
    assert tally.statuses == {200: messages}
    return tally


def cpu_s(pid: int) -> float:
    """Return the CPU time of a process in seconds; Linux only."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def child_of_ours() -> int:
    """Return the process number of the sandbox: the only child that runs it."""
    tasks = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    children = [int(pid) for task in tasks for pid in task.read_text(encoding="ascii").split()]
    return next(pid for pid in children if b"zalo_alert.sandbox" in Path(f"/proc/{pid}/cmdline").read_bytes())


def measure(url: str, messages: int, per_s: float) -> tuple[float, float, int, float, float]:
    """Return messages a second, CPU µs for each, events heard, events a second, and CPU µs for each message and its events."""
    with running(Options(app_per_minute=0, webhook_url=url)) as sandbox:
        pid, began_s, cpu = child_of_ours(), time.monotonic(), cpu_s(child_of_ours())
        tally = send(sandbox, messages, per_s)
        sent_us = (cpu_s(pid) - cpu) / messages * 1e6
        while url and sandbox.webhooks()["waiting"]:
            time.sleep(0.02)
        heard = sandbox.webhooks()["heard"]
        all_us = (cpu_s(pid) - cpu) / messages * 1e6
        return messages / (tally.ended_s - tally.began_s), sent_us, heard, heard / (time.monotonic() - began_s), all_us


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--per-s", type=float, default=0.0, help="0: as fast as they are answered")
    parser.add_argument("--sink", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.sink:
        run(sink())
        return
    with listening() as url:
        off_per_s, off_us, *_ = measure("", given.messages, given.per_s)
        on_per_s, _, heard, heard_per_s, all_us = measure(url, given.messages, given.per_s)
    print(f"receipts off  {off_per_s:8,.0f} sends/s  {off_us:5.1f} µs CPU each")
    print(f"receipts on   {on_per_s:8,.0f} sends/s  {on_per_s / off_per_s:.2f} x  and {heard_per_s:,.0f} events/s")
    print(f"each event    {(all_us - off_us) * given.messages / heard:5.1f} µs CPU")


if __name__ == "__main__":
    main()
