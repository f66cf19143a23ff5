"""One client, one measurement: `python -m bench.clients NAME URL MESSAGES FOLDER` prints a JSON line. Imports are not counted.

ours       the whole path: frozen run, shards, render, pace, post, classify, durable ledger
pyreqwest  a loop that posts and parses, nothing else
aiohttp    the same
script     what one writes in an afternoon: httpx, a semaphore, tenacity
"""

import asyncio
import itertools
import json
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import orjson
import uvloop
from aiohttp import ClientSession, TCPConnector
from pyreqwest.client import ClientBuilder
from tenacity import retry, stop_after_attempt, wait_exponential

from zalo_alert import State, Workspace
from zalo_alert.sandbox import synthetic

SENDERS = 64
TOKEN = "t" * 512
TEXT = "[DIỄN TẬP – KHÔNG PHẢI TÌNH HUỐNG THẬT] Thành phố Huế. " + "Phát lúc 14:00 18/9/2026. " * 12


def body_for(number: int) -> bytes:
    """What every client sends: rendered and dumped once a message, as the naive ones do."""
    return orjson.dumps({"recipient": {"user_id": synthetic.user_id(number)}, "message": {"text": TEXT}})


async def crowd(messages: int, send: Callable[[int], Awaitable[None]]) -> None:
    """Have `SENDERS` tasks send everyone."""
    numbers = itertools.count()

    async def sender() -> None:
        while (number := next(numbers)) < messages:
            await send(number)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(SENDERS):
            tasks.create_task(sender())


async def bare_pyreqwest(url: str, messages: int) -> None:
    async with ClientBuilder().build() as client:

        async def send(number: int) -> None:
            request = client.post(url).headers({"access_token": TOKEN, "content-type": "application/json"})
            response = await request.body_bytes(body_for(number)).build().send()
            assert orjson.loads(bytes(await response.bytes()))["error"] == 0

        await crowd(messages, send)


async def bare_aiohttp(url: str, messages: int) -> None:
    headers = {"access_token": TOKEN, "content-type": "application/json"}
    async with ClientSession(connector=TCPConnector(limit=SENDERS)) as session:

        async def send(number: int) -> None:
            async with session.post(url, data=body_for(number), headers=headers) as response:
                assert orjson.loads(await response.read())["error"] == 0

        await crowd(messages, send)


async def script(url: str, messages: int) -> None:
    semaphore = asyncio.Semaphore(SENDERS)
    async with httpx.AsyncClient(timeout=30) as client:

        @retry(stop=stop_after_attempt(5), wait=wait_exponential(max=30))
        async def send(number: int) -> None:
            async with semaphore:
                message = {"recipient": {"user_id": synthetic.user_id(number)}, "message": {"text": TEXT}}
                response = await client.post(url, json=message, headers={"access_token": TOKEN})
                response.raise_for_status()
                assert response.json()["error"] == 0

        await asyncio.gather(*(send(number) for number in range(messages)))


def ours(folder: Path) -> int:
    """Send a frozen run as `zalo-alert resume` does; return how many were accepted."""
    return Workspace(folder).resume().report.totals[State.ACCEPTED]


def main() -> None:
    name, url, messages, folder = sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])
    before, begun_s = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    if name == "ours":
        assert ours(folder) == messages
    else:
        uvloop.run({"pyreqwest": bare_pyreqwest, "aiohttp": bare_aiohttp, "script": script}[name](url, messages))
    took_s, after = time.perf_counter() - begun_s, resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"per_s": messages / took_s, "cpu_us": 1e6 * cpu_s / messages, "rss_mb": after.ru_maxrss / 1024}))


if __name__ == "__main__":
    main()
