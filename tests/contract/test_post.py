"""Every post against raw sockets: `NotSent` only when no byte of the request can have left, everything else is `NoAnswer`."""

import asyncio
import socket
import ssl
import struct
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trustme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zalo_alert.models import Reason, Unknown
from zalo_alert.zalo.base import MOST_BYTES, Host, NoAnswer, NotSent, Reply
from zalo_alert.zalo.codes import classify
from zalo_alert.zalo.post_pyreqwest import PyreqwestPost
from zalo_alert.zalo.post_sockets import SocketPost

BODY = b'{"error":0,"data":{"message_id":"1"}}'
OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)
PATIENCE_S = 0.5
LOOPS = [asyncio.run]
try:
    import uvloop
except ImportError:  # Windows
    pass
else:
    LOOPS.append(uvloop.run)

posts = pytest.mark.parametrize("make", [SocketPost, PyreqwestPost], ids=["socket", "pyreqwest"])


@asynccontextmanager
async def serving(handle, *, tls=None):
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

    server = await asyncio.start_server(on_connection, "127.0.0.1", 0, ssl=tls)
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}/message", seen
    finally:
        server.close()


async def request(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.splitlines() if line.lower().startswith(b"content-length"))
    return head, await reader.readexactly(length)


def reset(writer):
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@pytest.fixture(autouse=True, params=LOOPS, ids=lambda run: run.__module__)
def loop(request, monkeypatch):
    """Every loop that a machine may have: their transports differ."""
    monkeypatch.setattr(asyncio, "run", request.param)


def asked(make, url, *, calls=1, answer_timeout_s=PATIENCE_S):
    """Post to an address; return the last answer or the error."""

    async def go(at):
        post = make(connections=4, connect_timeout_s=PATIENCE_S, answer_timeout_s=answer_timeout_s)
        try:
            for _ in range(calls):
                found = (await post(at, (("access_token", "t"),), b'{"a": 1}'))._replace(line=None)
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
@pytest.mark.parametrize(("status", "wait_s"), [(429, 7.0), (503, 7.0), (200, None), (500, None)])
def test_what_a_refusal_asks_to_wait_is_read_and_is_no_other_answers(make, status, wait_s):
    first = OK.replace(b"200 OK", b"%d X" % status).replace(b"\r\n\r\n", b"\r\nRetry-After: 7\r\n\r\n", 1)
    answers = [first, first, OK.replace(b"200 OK", b"429 X")]

    async def handle(reader, writer, _):
        while True:
            await request(reader)
            writer.write(answers.pop(0))
            await writer.drain()

    assert asked(make, handle).retry_after_s == wait_s
    assert asked(make, handle, calls=2).retry_after_s is None


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
    dates: list[Any] = []

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
            post = make(connections=1, connect_timeout_s=60, answer_timeout_s=60)  # it is answered, however slow the machine
            try:
                await post(url.replace("http", "https", 1), (), b"{}")
            finally:
                await post.close()

    with pytest.raises(NotSent):
        asyncio.run(go())


@posts
@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK,
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n"
        % (BODY[:5], len(BODY) - 5, BODY[5:]),
        b"HTTP/1.0 200 OK\r\n\r\n" + BODY,
        b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + BODY,
    ],
    ids=["announced", "in chunks", "until the end", "until the end, and said so"],
)
def test_an_answer_may_come_in_any_form_of_http(make, answer):
    async def handle(reader, writer, _):
        await request(reader)
        writer.write(answer)
        await writer.drain()

    assert asked(make, handle) == Reply(200, BODY, None)


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


@pytest.mark.parametrize("start", [b"ICE/1.0", b"RTSP/1.0", b"HTTP/2.0", b"\r\nHTTP/1.1"])
def test_what_is_no_http_of_ours_is_no_answer(start):
    async def handle(reader, writer, _):
        await request(reader)
        writer.write(OK.replace(b"HTTP/1.1", start))
        await writer.drain()

    assert isinstance(asked(SocketPost, handle), NoAnswer)


@posts
def test_an_answer_that_was_cut_says_so_by_its_length(make):
    async def handle(reader, writer, _):
        await request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (MOST_BYTES + 7) + BODY.ljust(MOST_BYTES) + b"garbage")
        await writer.drain()

    assert classify(Host.OPENAPI, asked(make, handle)) == Unknown(Reason.UNREADABLE, 200)


# --- what only our own sockets must prove ----------------------------------------------------------------------------------


async def calls(post, url, times):
    """What so many calls in a row bring."""
    found = []
    for _ in range(times):
        try:
            found.append((await post(url, (), b"{}"))._replace(line=None))
        except (NotSent, NoAnswer) as exc:
            found.append(exc)
    await post.close()
    return found


def each(handle, times, **options):
    async def go():
        async with serving(handle) as (url, seen):
            found = await calls(SocketPost(connections=4, **options), url, times)
            return found, len(seen)

    return asyncio.run(go())


@given(cuts=st.lists(st.integers(1, 40), max_size=12), padding=st.binary(max_size=30).map(bytes.hex))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_answer_may_be_cut_anywhere(cuts, padding):
    answer = OK.replace(b"\r\n\r\n", b"\r\nx-padding: %b\r\nX-RateLimit-Remain: 3\r\n\r\n" % padding.encode(), 1)

    async def handle(reader, writer, _):
        while True:
            await request(reader)
            left = answer
            for cut in cuts:
                writer.write(left[:cut])
                left = left[cut:]
                await asyncio.sleep(0)
            writer.write(left)

    found, connections = each(handle, 2)
    assert found == [Reply(200, BODY, 3)] * 2
    assert connections == 1


def test_an_answer_that_nobody_asked_for_is_not_the_next_persons():
    async def handle(reader, writer, number):
        while True:
            await request(reader)
            writer.write(OK.replace(b'"1"', b'"%d"' % number) + OK.replace(b'"1"', b'"x"'))

    found, connections = each(handle, 3)
    assert [reply.body for reply in found] == [BODY.replace(b'"1"', b'"%d"' % number) for number in (1, 2, 3)]
    assert connections == 3


def test_the_answer_to_a_call_that_was_given_up_is_nobodys():
    arrived, given_up = asyncio.Event(), asyncio.Event()

    async def handle(reader, writer, number):
        await request(reader)
        if number == 1:
            arrived.set()
            await given_up.wait()
        writer.write(OK.replace(b'"1"', b'"%d"' % number))
        await writer.drain()

    async def go():
        async with serving(handle) as (url, _):
            post = SocketPost(connections=4)
            first = asyncio.create_task(post(url, (), b"{}"))
            await arrived.wait()
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
            given_up.set()
            return await calls(post, url, 1)

    assert asyncio.run(go()) == [Reply(200, BODY.replace(b'"1"', b'"2"'), None)]


def test_headers_without_end_are_no_answer():
    async def handle(reader, writer, _):
        await request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nx: ")
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    (found,), _ = each(handle, 1)
    assert isinstance(found, NoAnswer)
    assert "too long" in str(found)


def test_a_connection_that_was_idle_for_long_is_not_used_again():
    async def handle(reader, writer, _):
        while True:
            await request(reader)
            writer.write(OK)

    found, connections = each(handle, 3, idle_s=0.0)
    assert found == [Reply(200, BODY, None)] * 3
    assert connections == 3


def test_a_header_with_a_line_break_goes_nowhere():
    async def go():
        async with serving(read_then_close) as (url, seen):
            with pytest.raises(NotSent, match="line break"):
                await SocketPost(connections=1)(url, (("access_token", "a\r\nx: y"),), b"{}")
            return len(seen)

    assert asyncio.run(go()) == 0


def test_the_next_address_is_tried():
    async def handle(reader, writer, _):
        await request(reader)
        writer.write(OK)
        await writer.drain()

    async def go():
        async with serving(handle) as (url, _):
            post = SocketPost(connections=1)
            site, _ = post._target(url, ())
            site._addresses, site._believed_until_s = ["::1", "127.0.0.1"], asyncio.get_running_loop().time() + 9
            return await calls(post, url, 1), site._addresses

    replies, addresses = asyncio.run(go())
    assert replies == [Reply(200, BODY, None)]
    assert addresses == ["127.0.0.1", "::1"]


def test_a_date_is_passed_on_now_and_then():
    dates: list[Any] = []

    async def handle(reader, writer, _):
        while True:
            await request(reader)
            writer.write(OK.replace(b"\r\n\r\n", b"\r\ndate: Wed, 25 Nov 2026 01:00:00 GMT\r\n\r\n", 1))

    found, _ = each(handle, 5, on_date=dates.append)
    assert found == [Reply(200, BODY, None)] * 5
    assert dates == ["Wed, 25 Nov 2026 01:00:00 GMT"]


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.mark.parametrize("name", ["127.0.0.1", "somebody.else"])
def test_tls_is_for_the_host_that_was_meant(authority, name, tmp_path, monkeypatch):
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(tls)

    async def handle(reader, writer, _):
        while True:
            await request(reader)
            writer.write(OK)

    async def go():
        async with serving(handle, tls=tls) as (url, _):
            return await calls(SocketPost(connections=1, connect_timeout_s=5), url, 2)

    found = asyncio.run(go())
    if name == "127.0.0.1":
        assert found == [Reply(200, BODY, None)] * 2
    else:
        assert [type(each) for each in found] == [NotSent] * 2
