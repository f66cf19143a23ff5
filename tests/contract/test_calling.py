"""Calls that ask, against real sockets: bounded while they are read, and whatever a broken connection throws is no answer."""

import asyncio
import gzip
import itertools
import os
import socket
import struct
import threading
import tracemalloc
import zlib
from collections import Counter
from contextlib import closing, contextmanager, suppress

import httpx
import pytest

from zalo_alert.zalo.base import NoAnswer, NotSent
from zalo_alert.zalo.calling import MOST_ANSWER_BYTES, call

BODY = b'{"error":0,"data":{"oaid":"1"}}'
OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)
RESETS = int(
    os.environ.get("RESETS", "150")
)  # 2,000 by hand: RESETS=2000 python -m pytest tests/contract/test_calling.py -k reset
LOOPS = [asyncio.run]
try:
    import uvloop
except ImportError:  # Windows
    pass
else:
    LOOPS.append(uvloop.run)
loops = pytest.mark.parametrize("run", LOOPS, ids=lambda run: run.__module__)


@contextmanager
def serving(handle):
    """A server of blocking sockets in a thread of its own; `handle` is given each connection and its number."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=256)) as listening:
        # What is accepted inherits this: a close without more ado is a reset, even before the client knows that it is connected.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        def serve():
            for number in itertools.count():
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with closing(connection), suppress(OSError):
                    handle(connection, number)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=5)


async def asked(client, url, **more):
    try:
        return await call(client, "GET", url, **{"timeout_s": 5.0} | more)
    except (NotSent, NoAnswer) as exc:
        return exc


def once(handle, run=asyncio.run, **more):
    async def go(url):
        async with httpx.AsyncClient(trust_env=False) as client:
            return await asked(client, url, **more)

    with serving(handle) as url:
        return run(go(url))


@loops
def test_a_server_that_resets_at_every_moment_is_no_answer_and_never_a_traceback(run):
    """As it opens, after so many bytes of the request, before, within and after the answer."""
    moments = [("open", 0), *(("request", size) for size in (0, 1, 16, 60)), *(("answer", size) for size in range(len(OK) + 1))]

    def handle(connection, number):
        moment, size = moments[number % len(moments)]
        if moment == "open":
            return
        if moment == "request":
            connection.recv(size) if size else connection.recv(1, socket.MSG_PEEK)
            return
        connection.recv(65_536)
        connection.sendall(OK[:size])

    async def many(url):
        found = []
        async with httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)) as client:
            for _ in range(-(-RESETS // len(moments))):  # many at once: opening is what once ended in a traceback
                found += await asyncio.gather(*(asked(client, url) for _ in moments))
        return found

    with serving(handle) as url:
        found = run(many(url))
    print(Counter(f"{type(one).__name__} {one if isinstance(one, Exception) else one.status}" for one in found))  # shown with -s
    assert len(found) >= RESETS
    assert {type(one).__name__ for one in found} <= {"NoAnswer", "NotSent", "Answer"}
    assert any(isinstance(one, NoAnswer) for one in found)
    assert all(one.content == BODY for one in found if not isinstance(one, Exception))


@pytest.mark.parametrize(
    "thrown",
    [
        AttributeError("'NoneType' object has no attribute 'getpeername'"),  # seen out of anyio, over uvloop
        RuntimeError("unable to perform operation on <TCPTransport closed=True>"),
        ExceptionGroup("anyio", [OSError("cut"), AttributeError("x")]),
        OSError("cut"),
        httpx.ReadError("cut"),
        httpx.RemoteProtocolError("garbage"),
        httpx.StreamClosed(),
        httpx.ProxyError("403"),
        EOFError(),
        zlib.error("bad"),
    ],
    ids=lambda exc: type(exc).__name__,
)
def test_whatever_is_thrown_is_no_answer(thrown):
    class Broken(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request):
            raise thrown

    async def go():
        async with httpx.AsyncClient(transport=Broken()) as client:
            await call(client, "GET", "http://127.0.0.1:1/", timeout_s=1)

    with pytest.raises(NoAnswer, match=type(thrown).__name__):
        asyncio.run(go())


@pytest.mark.parametrize("thrown", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("full")])
def test_only_what_comes_before_a_connection_is_not_sent(thrown):
    class Away(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request):
            raise thrown

    async def go():
        async with httpx.AsyncClient(transport=Away()) as client:
            await call(client, "GET", "http://127.0.0.1:1/", timeout_s=1)

    with pytest.raises(NotSent):
        asyncio.run(go())


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("http://127.0.0.1\x7f:1/", {}),
        ("http://[::1/", {}),
        ("ftp://127.0.0.1/", {}),
        ("http://127.0.0.1:1/", {"access_token": "ă"}),
    ],
)
def test_what_can_not_be_written_is_not_sent(url, headers):
    async def go():
        async with httpx.AsyncClient(trust_env=False) as client:
            return await asked(client, url, headers=headers)

    assert isinstance(asyncio.run(go()), NotSent)


def flood(head, piece, pieces):
    def handle(connection, number):
        connection.recv(65_536)
        connection.sendall(head)
        for _ in range(pieces):
            connection.sendall(piece)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65_536):
            pass

    return handle


def bomb(levels=1):
    body = b" " * 200_000_000
    for _ in range(levels):
        body = gzip.compress(body, 1)
    return b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "handle",
    [
        flood(b"HTTP/1.1 200 OK\r\ncontent-length: 400000000\r\n\r\n", b" " * 65_536, 6000),
        flood(CHUNKED, b"10000\r\n" + b" " * 65_536 + b"\r\n", 6000),
        flood(b"HTTP/1.1 200 OK\r\n\r\n", b" " * 65_536, 6000),
        flood(bomb(), b"", 0),
        # Behind the end of what is packed: unpacked it is nothing, and read it is without end.
        flood(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n" + gzip.compress(b"{}"), b"\0" * 65_536, 6000),
    ],
    ids=["length", "chunks", "no end", "bomb", "tail"],
)
def test_an_answer_without_end_is_given_up_while_it_is_read(handle):
    tracemalloc.start()
    try:
        found = once(handle)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(found, NoAnswer)
    assert "more than 1 MiB" in str(found)
    assert peak < 12 * MOST_ANSWER_BYTES


def test_an_answer_as_long_as_one_may_be_is_read():
    body = b" " * MOST_ANSWER_BYTES
    found = once(flood(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body), body, 1))
    assert found.content == body


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_what_a_proxy_packed_unasked_is_unpacked(pack):
    body = pack(BODY)
    kind = b"gzip" if pack is gzip.compress else b"deflate"
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: %b\r\ncontent-length: %d\r\n\r\n" % (kind, len(body))
    assert once(flood(head, body, 1)).content == BODY


def test_a_packing_that_nobody_asked_for_is_no_answer():
    found = once(flood(b"HTTP/1.1 200 OK\r\ncontent-encoding: br\r\ncontent-length: 2\r\n\r\n", b"{}", 1))
    assert isinstance(found, NoAnswer)
    assert "br" in str(found)


def test_a_server_that_trickles_is_given_up_when_its_time_is_over():
    over = threading.Event()

    def handle(connection, number):
        connection.recv(65_536)
        connection.sendall(CHUNKED)
        while not over.wait(0.02):
            connection.sendall(b"1\r\n \r\n")

    try:
        found = once(handle, timeout_s=0.3)  # each piece comes long before
    finally:
        over.set()
    assert isinstance(found, NoAnswer)
    assert "within 0.3 s" in str(found)


def test_a_head_may_be_all_that_is_wanted():
    found = once(flood(b"HTTP/1.1 200 OK\r\ndate: today\r\ncontent-length: 400000000\r\n\r\n", b" " * 65_536, 6000), reads=False)
    assert (found.status, found.headers["date"], found.content) == (200, "today", b"")
