"""Carries events to whoever listens on this machine; knows nothing of what they say."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

from zalo_alert.sandbox.webhooks import Delivery, Webhooks
from zalo_alert.sandbox.world import World

WORKERS = 4
ANSWER_S = 2.0  # Zalo's limit


class Courier:
    """Tells what is due, for as long as the sandbox runs.

    Args:
        world: Says where to.
        webhooks: Says what.
    """

    def __init__(self, world: World, webhooks: Webhooks) -> None:
        self._world, self._webhooks = world, webhooks
        self._news = asyncio.Event()
        self._bag: asyncio.Queue[Delivery] = asyncio.Queue(WORKERS)

    async def run(self) -> None:
        """Carry until cancelled."""
        self._webhooks.wake = self._news.set
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._collect())
            for _ in range(WORKERS):
                tasks.create_task(self._carry())

    async def _collect(self) -> None:
        while True:
            self._news.clear()
            while delivery := self._webhooks.due():
                await self._bag.put(delivery)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), self._webhooks.next_in_s())

    async def _carry(self) -> None:
        line = _Line()
        while True:
            delivery = await self._bag.get()
            try:
                async with asyncio.timeout(ANSWER_S):
                    status = await line.post(self._world.options.webhook_url, delivery)
            except (OSError, ValueError, EOFError):  # a time-out is an OSError
                line.close()
                status = 0
            self._webhooks.settle(delivery, heard=status == 200)


class _Line:
    """One connection, kept while the other side keeps it."""

    def __init__(self) -> None:
        self._to = ""
        self._writer: asyncio.StreamWriter | None = None
        self._reader: asyncio.StreamReader

    async def post(self, url: str, delivery: Delivery) -> int:
        """Post an event, and return the status of the answer."""
        parts = urlsplit(url)
        if self._writer is None or self._to != parts.netloc or self._reader.at_eof():
            self.close()
            self._reader, self._writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
            self._to = parts.netloc
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        head = f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: {len(delivery.body)}\r\n"
        self._writer.write(head.encode() + delivery.headers() + b"\r\n" + delivery.body)
        return await self._answer()

    async def _answer(self) -> int:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status, *lines = head.split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines if ": " in line)
        if "content-length" in headers:
            await self._reader.readexactly(int(headers["content-length"]))
        if "content-length" not in headers or headers.get("connection") == "close" or status.startswith("http/1.0"):
            self.close()
        return int(status.split()[1])

    def close(self) -> None:
        """Hang up; safe to call twice."""
        if self._writer:
            self._writer.close()
        self._writer = None
