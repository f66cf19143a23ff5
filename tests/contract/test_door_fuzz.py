"""Whatever comes over a connection: no exception, no byte past the bounds, nothing left behind, and nobody taken for another.

What is sent is drawn from a seed, so a fault is played again by its number.
"""

import gzip
import random
import re

import pytest

from tests.conftest import until
from tests.http_wire import Wire
from tests.open_door import open_door, signed
from tests.webhook_events import said
from zalo_alert.foundation.http_connection import LINGER_S, Connections, Exchange, Limits, response
from zalo_alert.inbound.door import LIMITS

TIGHT = Limits(head_bytes=600, body_bytes=2000, head_s=2, body_s=5, idle_s=30, pipelined=4, connections=8, requires_length=True)
ANSWER = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r\n]*\r\n(?:[a-z-]+: [^\r\n]*\r\n)*\r\n")


class Listed:
    """Keeps what was served, and answers at once or when the clock next moves."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self.bodies: list[bytes] = []
        self.waiting: list[Exchange] = []

    def serve(self, exchange: Exchange) -> None:
        assert len(exchange.body) <= TIGHT.body_bytes
        assert sum(len(name) + len(value) for name, value in exchange.headers.items()) <= TIGHT.head_bytes
        self.bodies.append(exchange.body)
        if self._draw.random() < 0.7:
            exchange.send(response(200, is_last=exchange.is_last))
        else:
            self.waiting.append(exchange)

    def refused(self, status: int) -> bytes:
        return response(status, is_last=True)


def body_of(draw):
    return draw.choice((b"", b"{}", said(), draw.randbytes(draw.randrange(1, 300)), b"GET / HTTP/1.1\r\n\r\n", b"0\r\n\r\n"))


def plain(draw, body):
    more = draw.choice((b"", b"X-A: b\r\n", b"Accept: */*\r\nUser-Agent: ZaloWebhook\r\n", b"Connection: keep-alive\r\n"))
    return b"POST /zalo HTTP/1.1\r\nHost: x\r\n%bContent-Length: %d\r\n\r\n%b" % (more, len(body), body)


def chunked(draw, body):
    pieces, at = [], 0
    while at < len(body):
        size = draw.randrange(1, 120)
        piece = body[at : at + size]
        pieces.append(b"%x\r\n%b\r\n" % (len(piece), piece))
        at += size
    return b"POST /zalo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n%b0\r\n\r\n" % b"".join(pieces)


def upgrading(draw, body):
    return plain(draw, body).replace(b"Host: x\r\n", b"Host: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n")


WELL_MADE = (plain, plain, plain, chunked, upgrading)


def bomb(draw, body):
    """Write what no client of ours sends."""
    return draw.choice(
        (
            b"POST /zalo HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\n" + gzip.compress(b"\0" * 100_000),
            b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + plain(draw, body),
            b"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabc" + plain(draw, body),
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1;" + b"x" * draw.randrange(5000) + b"\r\na\r\n",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"ffffffffffffffff\r\n" + b"x" * 4000,
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * draw.randrange(900),
            b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % draw.randrange(1 << 40) + b"x" * draw.randrange(5000),
            b"GET /" + b"x" * draw.randrange(3000) + b" HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * draw.randrange(500),
            b"GET / HTTP/1.1\r\nA" + b"\r\n" * draw.randrange(500),
            draw.randbytes(draw.randrange(1, 2000)),
        )
    )


def spoil(draw, data):
    """Change a few bytes, or cut some out."""
    data = bytearray(data)
    for _ in range(draw.randrange(1, 4)):
        at = draw.randrange(len(data))
        if draw.random() < 0.5:
            data[at] = draw.choice((0, 10, 13, 32, 58, 255, draw.randrange(256)))
        else:
            del data[at : at + draw.randrange(1, 9)]
        if not data:
            break
    return bytes(data)


def feed(draw, connection, table, data, *, pauses):
    """Let bytes arrive in pieces, with time between some of them."""
    at = 0
    while at < len(data):
        size = draw.choice((1, 3, 40, 700, 65_536))
        connection.data_received(data[at : at + size])
        at += size
        assert table.connections.partial_bytes <= TIGHT.connections * (TIGHT.head_bytes + TIGHT.body_bytes + 65_536)
        if pauses and draw.random() < 0.02:
            table.pass_s(draw.choice((0.5, 3, 40)))


class Table:
    """A listener with tight limits, and its clock."""

    def __init__(self, draw):
        self.now_s = 0.0
        self.service = Listed(draw)
        self.connections = Connections(TIGHT, self.service, lambda: self.now_s)

    def pass_s(self, seconds):
        self.now_s += seconds
        for exchange in self.service.waiting:
            exchange.send(response(200))
        self.service.waiting.clear()
        self.connections.sweep()


class Hearing(Wire):
    """A wire that tells its connection when it has ended, as a loop does."""

    def ends(self, connection):
        if self.end:
            connection.connection_lost(None)
        return bool(self.end)


def play(seed, *, is_well_made):
    """Play one client; return the bodies that it sent whole and well, and those that were served."""
    draw = random.Random(seed)
    table = Table(draw)
    connection, wire = table.connections.protocol(), Hearing()
    connection.connection_made(wire)  # type: ignore[arg-type]
    sent = [body_of(draw) for _ in range(draw.randrange(1, 6))]
    for body in sent:
        data = draw.choice(WELL_MADE)(draw, body)
        if not is_well_made:
            data = draw.choice((bomb(draw, body), spoil(draw, data), data))
        if not wire.end:
            feed(draw, connection, table, data, pauses=not is_well_made)
        if draw.random() < 0.2:
            table.pass_s(0.1)
    for _ in range(3):
        table.pass_s(max(TIGHT.body_s, LINGER_S) + 1)
    table.pass_s(TIGHT.idle_s + 1)

    assert ANSWER.sub(b"", wire.written).replace(b"HTTP/1.1 100 Continue\r\n\r\n", b"") == b""
    statuses = [int(status) for status in ANSWER.findall(wire.written)]
    assert all(status == 200 for status in statuses[:-1])  # a refusal is the last word
    assert wire.ends(connection), "it is still open after everything has timed out"
    assert table.connections.partial_bytes == 0
    assert not table.connections.all
    return sent, table.service.bodies, statuses


SHORT, WHOLE = range(300), range(300, 10_300)


def check_all(seeds):
    for seed in seeds:
        try:
            play(seed, is_well_made=False)
        except AssertionError as exc:
            raise AssertionError(f"seed {seed}: {exc}") from exc


def test_whatever_comes_stays_within_its_bounds_and_leaves_nothing_behind():
    check_all(SHORT)


@pytest.mark.long
def test_ten_thousand_of_them_do():
    check_all(WHOLE)


def test_well_made_requests_are_served_as_they_were_sent_however_they_arrive():
    for seed in SHORT:
        sent, served, statuses = play(seed, is_well_made=True)
        assert served == sent, f"seed {seed}"
        assert statuses == [200] * len(sent), f"seed {seed}"


def test_a_flood_of_idle_and_slow_clients_keeps_nobody_out(tmp_path):
    limits = LIMITS._replace(head_s=0.5, body_s=0.5, connections=32)
    begun = (b"", b"POST /zalo HT", b"POST /zalo HTTP/1.1\r\nContent-Length: 900000\r\n\r\n" + b"x" * 5000)
    with open_door(tmp_path, limits=limits) as door:
        flood = []
        try:
            for number in range(200):
                flood.append(door.connect())
                flood[-1].sendall(begun[number % 3])
                assert len(door.door.connections.all) <= 32
            until(lambda: answers(door))
            until(lambda: door.door.connections.partial_bytes == 0)
        finally:
            for client in flood:
                client.close()
        until(lambda: not door.door.connections.all)


def answers(door):
    try:
        return door.ask(signed(said())).startswith(b"HTTP/1.1 200 ")
    except (TimeoutError, ConnectionError):
        return False  # every place was taken by one that is not overdue yet
