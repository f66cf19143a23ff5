"""What Zalo tells an app: events signed, told again by a ladder when they were not heard, doubled and out of order on request.

Owns the queue; who carries it is the courier. Source: Zalo OA API, webhook rules; headers as captured live (read 2026-11).
"""

import hashlib
import heapq
import random
from collections.abc import Callable
from typing import NamedTuple

import orjson

from zalo_alert.sandbox import events
from zalo_alert.sandbox.world import Oa, World

LADDER_S = (30.0, 300.0, 900.0, 1800.0, 3600.0)  # after each failure; then the app is told nothing more
OVERTAKEN_S = 1.0  # how long an event that comes out of order is held back
OPENAPI, ZNS = "OA OpenAPI", "ZNS"


class Delivery(NamedTuple):
    """One event on its way; `tries` is how often it was not heard."""

    body: bytes
    signature: str
    server: str
    tries: int = 0

    def headers(self) -> bytes:
        """Return the header lines that go with it."""
        retry = f"num_retry: {self.tries}\r\n" if self.tries else ""
        return (
            f"Content-Type: application/json\r\nUser-Agent: ZaloWebhook\r\nX-ZEvent-Server: {self.server}\r\n"
            f"X-ZEvent-Signature: mac={self.signature}\r\n{retry}"
        ).encode()


class Webhooks:
    """Events on their way.

    Args:
        world: Whose.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._rng = random.Random(world.options.seed)
        self._waiting: list[tuple[float, int, Delivery]] = []
        self._made = 0
        self._is_cut_off = False
        self.told = self.unheard = 0
        self.wake: Callable[[], None] = lambda: None

    @property
    def is_on(self) -> bool:
        """Whether anybody listens."""
        return bool(self._world.options.webhook_url) and not self._is_cut_off

    def enable(self) -> None:
        """Tell events again after the ladder has ended, as somebody does in the console."""
        self._is_cut_off = False

    def stamp(self) -> str:
        """Return the time as events carry it."""
        return str(int(self._world.now_s() * 1000))

    def tell(self, oa: Oa, event: events.Event, server: str = OPENAPI) -> None:
        """Put an event on its way."""
        if not self.is_on:
            return
        options = self._world.options
        body = orjson.dumps(event)
        delivery = Delivery(body, sign(oa.app.app_id, body, event["timestamp"], oa.secret), server)
        at_s = self._world.now_s()
        if options.reordered and self._rng.random() < options.reordered:
            at_s += OVERTAKEN_S
        for _ in range(2 if options.duplicates and self._rng.random() < options.duplicates else 1):
            self._queue(at_s, delivery)
        self.wake()

    def accepted(self, oa: Oa, user: str, message_id: str, tracking_id: str) -> None:
        """Tell of the receipts of a message, for most of them; by phone it has a `tracking_id`."""
        options, stamp = self._world.options, self.stamp()
        if self._rng.random() >= options.receipts:
            return
        if tracking_id:
            self.tell(oa, events.delivered(oa, user, message_id, tracking_id, stamp), ZNS)
            return
        self.tell(oa, events.received(oa, user, message_id, stamp))
        if self._rng.random() < options.seen:
            self.tell(oa, events.seen(oa, user, message_id, stamp))

    def _queue(self, at_s: float, delivery: Delivery) -> None:
        self._made += 1
        heapq.heappush(self._waiting, (at_s, self._made, delivery))

    def due(self) -> Delivery | None:
        """Take the next event whose time has come."""
        if self._waiting and self._waiting[0][0] <= self._world.now_s():
            return heapq.heappop(self._waiting)[2]
        return None

    def next_in_s(self) -> float | None:
        """Return how long nothing is due; None when nothing waits."""
        return max(0.0, self._waiting[0][0] - self._world.now_s()) if self._waiting else None

    def settle(self, delivery: Delivery, *, heard: bool) -> None:
        """Keep what became of an event: told, or told again a step up the ladder."""
        if heard:
            self.told += 1
            return
        self.unheard += 1
        if delivery.tries < len(LADDER_S):
            self._queue(self._world.now_s() + LADDER_S[delivery.tries], delivery._replace(tries=delivery.tries + 1))
        else:
            self._is_cut_off = True
            self._waiting.clear()

    def as_json(self) -> dict[str, object]:
        """Tell how far the events are."""
        return {"is_on": self.is_on, "told": self.told, "unheard": self.unheard, "waiting": len(self._waiting)}


def sign(app_id: str, body: bytes, stamp: str, secret: str) -> str:
    """Sign an event: a plain hash of app, body, timestamp and the OA's secret, no HMAC."""
    return hashlib.sha256(app_id.encode() + body + stamp.encode() + secret.encode()).hexdigest()
