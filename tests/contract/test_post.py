"""Both posts against raw sockets: `NotSent` only when no byte of the request can have left, everything else is `NoAnswer`."""

import asyncio
import socket
import struct
from contextlib import asynccontextmanager

import httpx
import pytest
import respx

from zalo_alert.zalo.base import NoAnswer, NotSent, Reply
from zalo_alert.zalo.post import MOST_BYTES, HttpxPost, PyreqwestPost

BODY = b'{"error":0,"data":{"message_id":"1"}}'
OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)
PATIENCE_S = 1.0

posts = pytest.mark.parametrize("make", [PyreqwestPost, HttpxPost], ids=["pyreqwest", "httpx"])


@asynccontextmanager
async def serving(handle):
    """A raw server; each connection is handed over as (reader, writer, number of the connection)."""
    seen = []

    async def on_connection(reader, writer):
        seen.append(writer)
        try:
            await handle(reader, writer, len(seen))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(on_connection, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/message", seen
    finally:
        server.close()


async def request(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.splitlines() if line.lower().startswith(b"content-length"))
    return head, await reader.readexactly(length)


def reset(writer):
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def asked(make, url, *, calls=1, answer_timeout_s=PATIENCE_S):
    """Post to an address; return the last answer or the error."""

    async def go(at):
        post = make(connections=4, connect_timeout_s=PATIENCE_S, answer_timeout_s=answer_timeout_s)
        try:
            for _ in range(calls):
                found = await post(at, (("access_token", "t"),), b'{"a": 1}')
        except (NotSent, NoAnswer) as exc:
            return exc
        finally:
            await post.close()
        return found

    if isinstance(url, str):
        return asyncio.run(go(url))

    async def with_server():
        async with serving(url) as (at, _):
            return await go(at)

    return asyncio.run(with_server())


@posts
def test_an_answer_comes_back_whole(make):
    got = []

    async def handle(reader, writer, _):
        got.append(await request(reader))
        writer.write(OK.replace(b"\r\n\r\n", b"\r\nx-ratelimit-remain: 17\r\n\r\n", 1))
        await writer.drain()

    assert asked(make, handle) == Reply(200, BODY, 17)
    head, body = got[0]
    assert body == b'{"a": 1}'
    assert b"access_token: t" in head.lower()


@posts
@pytest.mark.parametrize("value", [b"", b"-1", b"lots", b"\xb2", "٣".encode(), b"9" * 5000], ids=repr)
def test_a_count_that_is_no_count_does_not_spoil_an_acceptance(make, value):
    async def handle(reader, writer, _):
        await request(reader)
        writer.write(OK.replace(b"\r\n\r\n", b"\r\nx-ratelimit-remain: %b\r\n\r\n" % value, 1))
        await writer.drain()

    assert asked(make, handle) == Reply(200, BODY, None)


@posts
@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_status_is_an_answer_not_an_error(make, status):
    async def handle(reader, writer, _):
        await request(reader)
        writer.write(OK.replace(b"200 OK", b"%d X" % status))
        await writer.drain()

    assert asked(make, handle).status == status


@posts
def test_a_redirect_is_not_followed(make):
    async def handle(reader, writer, _):
        await request(reader)
        writer.write(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/elsewhere\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()

    assert asked(make, handle).status == 302


@posts
def test_an_answer_without_end_is_cut(make):
    written = []

    async def handle(reader, writer, _):
        await request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        while True:  # until the reader hangs up
            writer.write(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
            await writer.drain()
            written.append(65_536)

    reply = asked(make, handle, answer_timeout_s=30)
    assert reply == Reply(200, b"x" * MOST_BYTES, None)
    assert sum(written) < 100_000_000


def test_after_an_odd_answer_the_next_ones_are_read_with_care_again():
    dates = []

    def make(**more):
        return PyreqwestPost(**more, on_date=dates.append)

    with_date = OK.replace(b"\r\n\r\n", b"\r\ndate: Wed, 25 Nov 2026 01:00:00 GMT\r\n\r\n", 1)

    async def dated(reader, writer, number):
        for answer in range(5):
            await request(reader)
            writer.write(with_date.replace(b"200 OK", b"407 X") if answer == 1 else with_date)
            await writer.drain()

    assert asked(make, dated, calls=5).status == 200
    assert len(dates) == 2  # the first, and the one after the odd one


@posts
def test_refused_is_not_sent(make):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert isinstance(asked(make, f"http://127.0.0.1:{port}/"), NotSent)


@posts
def test_a_name_that_does_not_resolve_is_not_sent(make):
    assert isinstance(asked(make, "http://no-such-host.invalid/"), NotSent)


@posts
def test_tls_against_a_server_that_speaks_none_is_not_sent(make):
    async def handle(reader, writer, _):
        await reader.read(100)
        writer.write(b"not tls at all")
        await writer.drain()

    async def go():
        async with serving(handle) as (url, _):
            post = make(connections=1, connect_timeout_s=PATIENCE_S, answer_timeout_s=PATIENCE_S)
            try:
                await post(url.replace("http", "https", 1), (), b"{}")
            finally:
                await post.close()

    with pytest.raises(NotSent):
        asyncio.run(go())


async def close_at_once(reader, writer, _):
    pass


async def read_then_close(reader, writer, _):
    await request(reader)


async def read_then_reset(reader, writer, _):
    await request(reader)
    reset(writer)


async def half_a_body(reader, writer, _):
    await request(reader)
    writer.write(OK[:-10])
    await writer.drain()


async def half_a_head(reader, writer, _):
    await request(reader)
    writer.write(OK[:20])
    await writer.drain()


async def garbage(reader, writer, _):
    await request(reader)
    writer.write(b"\x00\x01\x02 this is no HTTP\r\n\r\n")
    await writer.drain()


async def hang(reader, writer, _):
    await request(reader)
    await reader.read()


async def hang_in_the_body(reader, writer, _):
    await request(reader)
    writer.write(OK[:-10])
    await writer.drain()
    await reader.read()


@posts
@pytest.mark.parametrize(
    "handle", [close_at_once, read_then_close, read_then_reset, half_a_body, half_a_head, garbage, hang, hang_in_the_body]
)
def test_without_proof_that_nothing_left_it_is_no_answer(make, handle):
    assert isinstance(asked(make, handle), NoAnswer)


@posts
def test_a_connection_closed_while_idle_repeats_nothing(make):
    requests = []

    async def handle(reader, writer, _):
        requests.append(await request(reader))
        writer.write(OK)
        await writer.drain()  # and closed, though the client may keep it

    async def go():
        async with serving(handle) as (url, _):
            post = make(connections=1, connect_timeout_s=PATIENCE_S, answer_timeout_s=PATIENCE_S)
            outcomes = []
            for _ in range(20):
                try:
                    outcomes.append(await post(url, (), b'{"a": 1}'))
                except (NotSent, NoAnswer) as exc:
                    outcomes.append(exc)
            await post.close()
            return outcomes

    outcomes = asyncio.run(go())
    answered = sum(isinstance(outcome, Reply) for outcome in outcomes)
    doubtful = sum(isinstance(outcome, NoAnswer) for outcome in outcomes)
    assert answered <= len(requests) <= answered + doubtful  # never one request twice for one call


@posts
def test_connections_are_kept_and_used_again(make):
    numbers = []

    async def handle(reader, writer, number):
        while True:
            await request(reader)
            numbers.append(number)
            writer.write(OK)
            await writer.drain()

    assert asked(make, handle, calls=5).status == 200
    assert numbers == [1] * 5


@respx.mock
def test_httpx_errors_are_told_apart():
    url = "https://openapi.zalo.me/v3.0/oa/message/cs"

    async def go():
        post = HttpxPost(connections=1)
        try:
            return await post(url, (("access_token", "t"),), b"{}")
        finally:
            await post.close()

    route = respx.post(url)
    route.mock(return_value=httpx.Response(200, content=BODY))
    assert asyncio.run(go()) == Reply(200, BODY, None)
    for error, kind in [
        (httpx.ConnectError("refused"), NotSent),
        (httpx.ConnectTimeout("slow"), NotSent),
        (httpx.ReadTimeout("slow"), NoAnswer),
        (httpx.ReadError("cut"), NoAnswer),
        (httpx.RemoteProtocolError("garbage"), NoAnswer),
        (httpx.WriteError("cut"), NoAnswer),
    ]:
        route.mock(side_effect=error)
        with pytest.raises(kind):
            asyncio.run(go())
