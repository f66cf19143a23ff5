"""What Zalo tells an app: events signed, told again by a ladder when they were not heard, doubled and out of order on request.

Owns the queue; who carries it is the courier. Source: Zalo OA API, webhook rules; headers as captured live (read 2026-11).
"""

import hashlib
import heapq
import random
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence

import orjson

from zalo_alert.sandbox import events
from zalo_alert.sandbox.receipts import HEARD, Receipts
from zalo_alert.sandbox.world import Oa, World

LADDER_S = (30.0, 300.0, 900.0, 1800.0, 3600.0)  # after each failure; then the app is told nothing more
OVERTAKEN_S = 1.0  # how long an event that comes out of order is held back
OPENAPI, ZNS = "OA OpenAPI", "ZNS"

Write = Callable[[str], events.Event]  # makes an event with a timestamp


class Delivery:
    """One event on its way; it is written and signed when it is first told, since most wait for their turn.

    Args:
        oa: Whose.
        name: Of the event.
        at_s: When it happens, in seconds since 1970; nothing is told before.
        write: Makes the event.
        server: As the header names it.
        told: What it tells of `messages`, as `receipts.Told`; 0 for nothing.
        messages: Indices in the receipts; read when the event is heard, so that they may grow until it is told.
    """

    __slots__ = ("at_s", "body", "is_told", "messages", "name", "oa", "server", "signature", "told", "tries", "write")

    def __init__(
        self, oa: Oa, name: str, at_s: float, write: Write, server: str = OPENAPI, told: int = 0, messages: Sequence[int] = ()
    ) -> None:
        self.oa, self.name, self.at_s, self.write, self.server = oa, name, at_s, write, server
        self.told, self.messages = told, messages
        self.tries, self.body, self.signature = 0, b"", ""  # `tries` is how often it was not heard
        self.is_told = False  # it went over the wire at least once

    def copied(self) -> "Delivery":
        """Return the same event, to be told once more."""
        return Delivery(self.oa, self.name, self.at_s, self.write, self.server, self.told, self.messages)

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
        self._due: deque[Delivery] = deque()
        self._later: list[tuple[float, int, Delivery]] = []
        self._made = self._carried = 0
        self._is_cut_off = False
        self._told: Counter[str] = Counter()
        self._heard: Counter[str] = Counter()
        self._unheard: Counter[str] = Counter()
        self._lost = 0
        self.receipts = Receipts()
        self.wake: Callable[[], None] = lambda: None

    @property
    def is_on(self) -> bool:
        """Whether anybody listens."""
        return bool(self._world.options.webhook_url) and not self._is_cut_off

    def enable(self) -> None:
        """Tell events again after the ladder has ended, as somebody does in the console."""
        self._is_cut_off = False

    def stamp(self) -> str:
        """Return the time as events carry it: milliseconds since 1970."""
        return str(int(self._world.now_s() * 1000))

    # --- onto their way ----------------------------------------------------------------------------------------------------

    def tell(self, oa: Oa, event: events.Event, in_s: float = 0.0) -> None:
        """Put an event on its way, so many seconds after its timestamp."""
        at_s = int(event["timestamp"]) / 1000 + in_s
        self.send(Delivery(oa, event["event_name"], at_s, lambda stamp: {**event, "timestamp": stamp}))

    def send(self, delivery: Delivery) -> None:
        """Put an event on its way, twice or after its turn where the options say so."""
        if not self.is_on:
            return
        options, rng, at_s = self._world.options, self._rng, delivery.at_s
        if options.reordered and rng.random() < options.reordered:
            at_s += OVERTAKEN_S
        if options.duplicates and rng.random() < options.duplicates:
            self._queue(at_s, delivery.copied())
        self._queue(at_s, delivery)
        self.wake()

    def _queue(self, at_s: float, delivery: Delivery) -> None:
        if at_s <= self._world.now_s():
            self._due.append(delivery)
            return
        self._made += 1
        heapq.heappush(self._later, (at_s, self._made, delivery))

    # --- carried -----------------------------------------------------------------------------------------------------------

    def due(self) -> Delivery | None:
        """Take the next event whose time has come, written and signed."""
        if self._later and self._later[0][0] <= self._world.now_s():
            delivery = heapq.heappop(self._later)[2]
        elif self._due:
            delivery = self._due.popleft()
        else:
            return None
        self._carried += 1
        self._sign(delivery)
        return delivery

    def _sign(self, delivery: Delivery) -> None:
        options = self._world.options
        if delivery.body and not (delivery.tries and options.fresh_retries):
            return
        stamp = _stamp(self._world.now_s() if delivery.tries else delivery.at_s)
        secret = delivery.oa.secret
        if options.wrong_secret and self._rng.random() < options.wrong_secret:
            secret += "-wrong"
        delivery.body = orjson.dumps(delivery.write(stamp))
        delivery.signature = sign(delivery.oa.app.app_id, delivery.body, stamp, secret)

    def next_in_s(self) -> float | None:
        """Return how long nothing is due; None when nothing waits."""
        if self._due:
            return 0.0
        return max(0.0, self._later[0][0] - self._world.now_s()) if self._later else None

    def told(self, delivery: Delivery) -> None:
        """Keep that an event goes over the wire now."""
        if delivery.is_told:
            return
        delivery.is_told = True
        self._told[delivery.name] += 1
        self.receipts.mark(delivery.messages, delivery.told)

    def settle(self, delivery: Delivery, *, heard: bool, was_told: bool = True) -> None:
        """Keep what became of an event: heard, or told again a step up the ladder.

        Args:
            delivery: Which.
            heard: It was answered with HTTP 200 in time.
            was_told: A connection could be opened; one reading of the documentation repeats only what could not be told.
        """
        self._carried -= 1
        if heard:
            self._heard[delivery.name] += 1
            self.receipts.mark(delivery.messages, delivery.told << HEARD)
            return
        self._unheard[delivery.name] += 1
        options = self._world.options
        if was_told and options.retries == "unopened":
            self._lost += 1
        elif delivery.tries < len(LADDER_S):
            in_s = LADDER_S[delivery.tries] * options.ladder
            delivery.tries += 1
            self._queue(self._world.now_s() + in_s, delivery)
        else:
            self._give_up()

    def _give_up(self) -> None:
        self._is_cut_off = True
        self._lost += 1 + len(self._due) + len(self._later)
        self._due.clear()
        self._later.clear()

    # --- what came of it ---------------------------------------------------------------------------------------------------

    def as_json(self) -> dict[str, object]:
        """Tell how far the events are."""
        waiting = len(self._due) + len(self._later) + self._carried
        names = sorted({*self._told, *self._unheard})
        return {
            "is_on": self.is_on, "told": self._told.total(), "heard": self._heard.total(), "unheard": self._unheard.total(),
            "waiting": waiting, "lost": self._lost,
            "by_name": {
                name: {"told": self._told[name], "heard": self._heard[name], "unheard": self._unheard[name]} for name in names
            },
        }  # fmt: skip

    def lines(self) -> Iterator[bytes]:
        """Yield what was told of each message, and what of it was heard."""
        return self.receipts.lines()


def _stamp(at_s: float) -> str:
    return str(round(at_s * 1000))  # of a stamp in seconds it is that stamp again


def sign(app_id: str, body: bytes, stamp: str, secret: str) -> str:
    """Sign an event: a plain hash of app, body, timestamp and the OA's secret, no HMAC."""
    return hashlib.sha256(app_id.encode() + body + stamp.encode() + secret.encode()).hexdigest()
