"""A door on a loopback port, in a thread of its own, with files on the disk; and those who call at it."""

import asyncio
import hashlib
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.webhook_events import APP, OA
from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.http_connection import Limits
from zalo_alert.inbound.committer import Patience
from zalo_alert.inbound.door import LIMITS, Address, Door, DoorHooks
from zalo_alert.inbound.listener import Certificate, ListenAddress, Listener
from zalo_alert.inbound.storage import FileStorage, Group
from zalo_alert.inbound.switchboard import Switchboard
from zalo_alert.settings.load import load

SECRET = "of-the-oa"
CONFIG = f'profile: drill\naccounts:\n  - {{id: pctt, oa_id: "{OA}", app_id: "{APP}"}}\n'
ANSWER_S = 10.0


class Frail(FileStorage):
    """Files that can be told to fail."""

    fault: StorageUnusable | None = None

    def store(self, group: Group) -> None:
        if Frail.fault is not None:
            raise Frail.fault
        super().store(group)


class OpenDoor:
    """A door, and its listener; `told` is what the door has said of its storage."""

    def __init__(self, folder: Path, certificate: Certificate | None, limits: Limits, patience: Patience) -> None:
        self.inbound = folder / ".zalo-alert" / "inbound"
        (folder / "zalo-alert.yaml").write_text(CONFIG, encoding="utf-8")
        self._settings = load(folder, {"ZALO_ALERT_PCTT_OA_SECRET": SECRET})
        self._certificate, self._limits, self._patience = certificate, limits, patience
        self.told: list[str] = []
        self.loop = asyncio.new_event_loop()

    async def open(self) -> None:
        hooks = DoorHooks(lambda *_: None, lambda line: None, self._close, self._open)
        storage = lambda: Frail(self.inbound, str)  # noqa: E731
        now_ms = lambda: time.time_ns() // 1_000_000  # noqa: E731
        address = Address("/zalo", "Ab_1")
        self.door = Door(Switchboard(self._settings), storage, hooks, now_ms, address, self._limits, self._patience)
        self.listener = Listener(self.door.connections, ListenAddress("127.0.0.1", 0), self._certificate)
        await self.listener.open()
        self.port = self.listener.address.port
        self._sweeping = asyncio.ensure_future(self.door.connections.keep_sweeping(0.02))

    async def close(self) -> None:
        self.listener.close()
        self.door.connections.reset()
        self._sweeping.cancel()
        await asyncio.gather(self._sweeping, return_exceptions=True)
        self.door.committer.close()

    def _close(self, why: StorageUnusable) -> None:
        self.listener.close()
        self.told.append(str(why.message))

    def _open(self) -> None:
        self._opening = asyncio.ensure_future(self.listener.open())
        self._opening.add_done_callback(lambda _: self.told.append("opened"))

    def connect(self) -> socket.socket:
        """Connect over plain HTTP."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=ANSWER_S)

    def ask(self, request: bytes) -> bytes:
        """Send bytes on a connection of their own, and return all that comes back until it is closed or `200` has come."""
        with self.connect() as connection:
            connection.sendall(request)
            return connection.recv(65_536)


@contextmanager
def open_door(
    folder: Path, certificate: Certificate | None = None, limits: Limits = LIMITS, patience: Patience | None = None
) -> Iterator[OpenDoor]:
    """Have a door open for as long as the block lasts."""
    opened = OpenDoor(folder, certificate, limits, patience or Patience(slow_s=5, retry_s=0.02, gives_up_s=30))
    thread = threading.Thread(target=opened.loop.run_forever, daemon=True)
    thread.start()

    def do(step: Callable[[], Coroutine[Any, Any, None]]) -> None:
        asyncio.run_coroutine_threadsafe(step(), opened.loop).result(ANSWER_S)

    do(opened.open)
    try:
        yield opened
    finally:
        Frail.fault = None
        do(opened.close)
        opened.loop.call_soon_threadsafe(opened.loop.stop)
        thread.join(ANSWER_S)
        opened.loop.close()


def signed(body: bytes, secret: str = SECRET, stamp: bytes = b"1787209817225") -> bytes:
    """Write a request with an event, signed."""
    mac = hashlib.sha256(APP.encode() + body + stamp + secret.encode()).hexdigest()
    head = f"POST /zalo HTTP/1.1\r\nHost: x\r\nX-ZEvent-Signature: mac={mac}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
