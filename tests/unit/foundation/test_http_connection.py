"""Every bound of a connection, on a transport of memory and a clock that moves when told."""

from typing import Any

import pytest
from httptools import HttpParserCallbackError

from tests.http_wire import Wire
from zalo_alert.foundation.http_connection import LINGER_S, Connections, Exchange, Limits, response

LIMITS = Limits(head_bytes=512, body_bytes=1024, head_s=2, body_s=5, idle_s=30, pipelined=4, connections=3, requires_length=True)
OK = response(200, b"ok")


class Keeper:
    """A service that answers at once, or keeps requests until it is told to answer."""

    def __init__(self, *, keeps: bool = False) -> None:
        self.keeps, self.exchanges = keeps, list[Exchange]()
        self.statuses = list[int]()

    def serve(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        if not self.keeps:
            exchange.send(OK)

    def refused(self, status: int) -> bytes:
        self.statuses.append(status)
        return response(status, is_last=True)


class Table:
    """A listener, its service, and the clock."""

    def __init__(self, *, keeps: bool = False, limits: Limits = LIMITS) -> None:
        self.now_s = 1000.0
        self.service = Keeper(keeps=keeps)
        self.connections = Connections(limits, self.service, lambda: self.now_s)

    def connect(self) -> tuple[Any, Wire]:
        wire, connection = Wire(), self.connections.protocol()
        connection.connection_made(wire)  # type: ignore[arg-type]
        return connection, wire

    def pass_s(self, seconds: float) -> None:
        self.now_s += seconds
        self.connections.sweep()


def post(body: bytes = b"{}", *lines: bytes, target: bytes = b"/zalo") -> bytes:
    head = (b"POST %b HTTP/1.1" % target, b"Host: x", b"Content-Length: %d" % len(body), *lines)
    return b"\r\n".join((*head, b"", body))


CHUNKED = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_a_request_is_served_whole_however_it_is_cut():
    whole = post(b'{"a":1}', b"X-Two: b")
    for size in (1, 2, 7, len(whole)):
        table = Table()
        connection, wire = table.connect()
        for at in range(0, len(whole), size):
            connection.data_received(whole[at : at + size])
        (exchange,) = table.service.exchanges

        assert (exchange.method, exchange.target, exchange.body) == (b"POST", b"/zalo", b'{"a":1}')
        assert exchange.headers[b"x-two"] == b"b"
        assert wire.written == OK
        assert not wire.end
        assert table.connections.partial_bytes == 0


def test_answers_go_out_in_the_order_of_their_requests():
    table = Table(keeps=True)
    connection, wire = table.connect()
    connection.data_received(post(b"1") + post(b"2") + post(b"3"))
    first, second, third = table.service.exchanges
    third.send(b"<3>")
    first.send(b"<1>")

    assert wire.written == b"<1>"
    second.send(b"<2>")
    assert wire.written == b"<1><2><3>"


def test_an_empty_answer_resets_the_connection_and_what_comes_later_is_nobodys():
    table = Table(keeps=True)
    connection, wire = table.connect()
    connection.data_received(post(b"1") + post(b"2"))
    first, second = table.service.exchanges
    first.send(b"")
    second.send(OK)

    assert wire.end == "aborted"
    assert not wire.written


REFUSED = {
    "both length and chunks": (b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "chunks and length": (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400),
    "two lengths": (b"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400),
    "the same length twice": (b"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400),
    "a list of lengths": (b"POST / HTTP/1.1\r\nContent-Length: 3, 3\r\n\r\nabc", 400),
    "a length with a sign": (b"POST / HTTP/1.1\r\nContent-Length: +3\r\n\r\nabc", 400),
    "a length past counting": (b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400),
    "bare line feeds": (b"POST / HTTP/1.1\nContent-Length: 3\n\nabc", 400),
    "one bare line feed": (b"POST / HTTP/1.1\r\nContent-Length: 3\n\r\nabc", 400),
    "a folded line": (b"POST / HTTP/1.1\r\nContent-Length: 3\r\nX: a\r\n b\r\n\r\nabc", 400),
    "a space before the colon": (b"POST / HTTP/1.1\r\nContent-Length : 3\r\n\r\nabc", 400),
    "a NUL in a header": (b"GET / HTTP/1.1\r\nX: a\0b\r\n\r\n", 400),
    "coding before chunks": (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400),
    "an unknown coding": (b"POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
    "chunks of HTTP/1.0": (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "bare line feeds in chunks": (CHUNKED + b"3\nabc\n0\n\n", 400),
    "more than a chunk said": (CHUNKED + b"3\r\nabcX\r\n0\r\n\r\n", 400),
    "HTTP/0.9": (b"GET /\r\n\r\n", 400),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "TLS": (b"\x16\x03\x01\x00", 400),
    "a tunnel": (b"CONNECT x:1 HTTP/1.1\r\n\r\n", 400),
    "no length": (b"POST / HTTP/1.1\r\nHost: x\r\n\r\n", 411),
    "a compressed body": (post(b"x", b"Content-Encoding: gzip"), 415),
    "a large body": (post(b"x" * 1025), 413),
    "a large body, said alone": (b"POST / HTTP/1.1\r\nContent-Length: 1025\r\n\r\n", 413),
    "a large body in chunks": (CHUNKED + b"401\r\n" + b"x" * 1025 + b"\r\n0\r\n\r\n", 413),
    "a long head": (post(b"", b"X: " + b"x" * 512), 431),
    "a head without end": (b"POST / HTTP/1.1\r\nX: " + b"x" * 600, 431),
    "many lines": (post(b"", *[b"X: y"] * 90), 431),
    "a long address": (post(b"", target=b"/" + b"x" * 600), 431),
    "empty lines without end": (b"\r\n" * 300, 431),
    "endless extensions of a chunk": (CHUNKED + b"1;" + b"x" * 1600, 413),
    "many trailers": (CHUNKED + b"0\r\n" + b"A: b\r\n" * 90 + b"\r\n", 431),
    "endless trailers": (CHUNKED + b"0\r\n" + b"A: b\r\n" * 300, 413),
}


@pytest.mark.parametrize(("data", "status"), REFUSED.values(), ids=list(REFUSED))
@pytest.mark.parametrize("size", [1, 10_000], ids=["byte by byte", "at once"])
def test_what_is_no_request_or_too_much_is_refused_once_and_closed(data, status, size):
    table = Table()
    connection, wire = table.connect()
    for at in range(0, len(data), size):
        connection.data_received(data[at : at + size])
    connection.data_received(post())  # whatever comes behind it is no request any more

    assert table.service.exchanges == []
    assert table.service.statuses == [status]
    assert wire.written.startswith(b"HTTP/1.1 %d " % status)
    assert wire.has_eof
    assert table.connections.partial_bytes == 0
    table.pass_s(LINGER_S + 1)
    assert wire.end


def test_a_trailer_is_not_taken_for_a_header():
    table = Table()
    connection, _ = table.connect()
    connection.data_received(CHUNKED[:-2] + b"X-One: a\r\n\r\n2\r\n{}\r\n0\r\nX-One: b\r\n\r\n")
    (exchange,) = table.service.exchanges

    assert (exchange.headers[b"x-one"], exchange.body) == (b"a", b"{}")


def test_a_refused_client_is_heard_no_further_than_a_bound():
    table = Table()
    connection, wire = table.connect()
    connection.data_received(b"nonsense\r\n\r\n")
    for _ in range(80):
        connection.data_received(b"x" * 65_536)

    assert wire.end == "aborted"


@pytest.mark.parametrize(
    ("begun", "after_s", "end"),
    [
        (b"", 31, "closed"),
        (b"POST / HT", 3, "408"),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab", 6, "408"),
    ],
    ids=["idle", "slow head", "slow body"],
)
def test_what_takes_too_long_is_ended(begun, after_s, end):
    table = Table()
    connection, wire = table.connect()
    connection.data_received(begun)
    table.pass_s(1)
    assert not wire.end
    assert not wire.written
    table.pass_s(after_s)

    assert end in (wire.end, wire.written[9:12].decode())
    assert table.connections.partial_bytes == 0


def test_a_body_that_drips_is_ended_though_it_never_rests():
    table = Table()
    connection, wire = table.connect()
    connection.data_received(b"POST / HTTP/1.1\r\nContent-Length: 900\r\n\r\n")
    for _ in range(7):
        connection.data_received(b"x")
        table.pass_s(1)

    assert wire.written.startswith(b"HTTP/1.1 408 ")


def test_whoever_waits_for_our_answer_is_not_idle():
    table = Table(keeps=True)
    connection, wire = table.connect()
    connection.data_received(post())
    table.pass_s(100)

    assert not wire.end
    table.service.exchanges[0].send(OK)
    assert wire.written == OK


def test_no_more_is_read_of_one_that_has_many_unanswered():
    table = Table(keeps=True)
    connection, wire = table.connect()
    connection.data_received(post() * 4)

    assert [wire.is_reading, wire.written] == [False, b""]
    for exchange in table.service.exchanges:
        exchange.send(OK)
    assert wire.is_reading
    assert wire.written == OK * 4


def test_one_that_does_not_read_its_answers_is_read_no_more_and_ended():
    table = Table()
    connection, wire = table.connect()
    connection.pause_writing()

    assert not wire.is_reading
    table.pass_s(31)
    assert wire.end == "aborted"


def test_a_paused_listener_reads_nothing_and_calls_nobody_slow():
    table = Table()
    connection, wire = table.connect()
    connection.data_received(post(b"abc")[:-1])
    table.connections.pause()
    _, late = table.connect()
    assert [wire.is_reading, late.is_reading] == [False, False]
    table.pass_s(100)
    table.connections.resume()
    table.pass_s(1)
    connection.data_received(b"c")

    assert wire.is_reading
    assert wire.written == OK


def test_the_idlest_goes_for_a_new_one_and_nobody_who_asks():
    table = Table(keeps=True)
    (first, _), (_, second_wire), (third, _) = table.connect(), table.connect(), table.connect()
    first.data_received(post())
    third.data_received(b"POST")
    _, fourth = table.connect()
    assert second_wire.end == "aborted"
    assert not fourth.end


def test_nobody_comes_in_where_all_are_busy():
    table = Table(keeps=True)
    for _ in range(3):
        table.connect()[0].data_received(post())
    _, fourth = table.connect()

    assert fourth.end == "aborted"
    assert len(table.connections.all) == 3


def test_all_bodies_on_their_way_have_one_bound(monkeypatch):
    monkeypatch.setattr("zalo_alert.foundation.http_connection.MOST_PARTIAL_BYTES", 1500)
    table = Table()
    begun = b"POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n" + b"x" * 900
    (first, _), (second, wire) = table.connect(), table.connect()
    first.data_received(begun)
    second.data_received(begun)

    assert wire.written.startswith(b"HTTP/1.1 503 ")
    assert table.connections.partial_bytes == len(begun)
    first.connection_lost(None)
    assert table.connections.partial_bytes == 0


def test_the_last_request_of_a_client_is_answered_and_closed():
    table = Table()
    connection, wire = table.connect()
    connection.data_received(post(b"{}", b"Connection: close"))

    assert wire.written == OK
    assert wire.end == "closed"
    assert table.service.exchanges[0].is_last


def test_an_offer_to_speak_something_newer_is_passed_over_and_its_body_is_not_taken_for_a_request():
    table = Table()
    connection, wire = table.connect()
    inner = post(b"smuggled")
    offer = post(inner, b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c")
    for size in (1, len(offer)):
        for at in range(0, len(offer), size):
            connection.data_received(offer[at : at + size])

    assert [exchange.body for exchange in table.service.exchanges] == [inner, inner]
    assert wire.written == OK * 2


def test_whoever_asks_before_sending_is_told_to_go_on():
    table = Table()
    connection, wire = table.connect()
    head, body = post(b"{}", b"Expect: 100-continue").split(b"\r\n\r\n")
    connection.data_received(head + b"\r\n\r\n")
    assert wire.written == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.data_received(body)
    assert wire.written.endswith(OK)


def test_finishing_answers_what_was_asked_and_closes_the_rest():
    table = Table(keeps=True)
    (asking, asked), (_, idle) = table.connect(), table.connect()
    asking.data_received(post())
    table.connections.finish()
    assert [idle.end, asked.end] == ["closed", ""]
    table.service.exchanges[0].send(OK)

    assert asked.written == OK
    assert asked.end == "closed"


def test_a_bug_in_what_serves_keeps_its_traceback():
    class Broken(Keeper):
        def serve(self, exchange: Exchange) -> None:
            raise ZeroDivisionError

    connections = Connections(LIMITS, Broken(), lambda: 0.0)
    connection = connections.protocol()
    connection.connection_made(Wire())  # type: ignore[arg-type]
    with pytest.raises(HttpParserCallbackError) as raised:
        connection.data_received(post())
    assert isinstance(raised.value.__context__, ZeroDivisionError)
