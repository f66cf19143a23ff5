"""The door on a real port, with real files: what a client sees, and what stands on the disk then."""

import asyncio
import json
import socket
import ssl
import threading
from typing import Any

import pytest
import trustme

from tests.conftest import until
from tests.open_door import Frail, open_door, signed
from tests.webhook_events import APP, OA, receipt, said
from zalo_alert.errors import StorageUnusable, UsageError
from zalo_alert.inbound.journal import read_journal
from zalo_alert.inbound.listener import Certificate, ListenAddress, Listener
from zalo_alert.inbound.receipt_lane import read_receipts


def numbered(number):
    return said(message={"text": "x", "msg_id": f"m{number}"})


def test_what_is_acknowledged_stands_in_the_journal(tmp_path):
    with open_door(tmp_path) as door:
        assert door.ask(signed(said())).startswith(b"HTTP/1.1 200 ")
        assert [event.body for event in read_journal(door.inbound, None, 10)] == [said()]
        assert door.ask(signed(receipt("user_received_message", {"msg_id": "a"}))).startswith(b"HTTP/1.1 200 ")
        assert [one.msg_id for one in read_receipts(door.inbound, None, 10)] == ["a"]


def test_many_clients_at_once_have_each_event_stored_once(tmp_path):
    def call(first):
        with door.connect() as connection:
            for number in range(first, first + 50):
                connection.sendall(signed(numbered(number)))
                answers.append(connection.recv(1000)[9:12])

    answers: list[bytes] = []
    with open_door(tmp_path) as door:
        callers = [threading.Thread(target=call, args=(first,)) for first in (0, 0, 50, 100)]  # two of them send the same
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join(30)
        stored = read_journal(door.inbound, None, 1000)

    assert answers == [b"200"] * 200
    assert len({event.body for event in stored}) == len(stored) == 150


def test_a_door_that_cannot_store_refuses_connections_and_comes_back_at_the_same_port(tmp_path):
    with open_door(tmp_path) as door:
        Frail.fault = StorageUnusable("the disk is full")
        with door.connect() as connection, door.connect() as idle:
            connection.sendall(signed(said()))
            for cut in (connection, idle):
                with pytest.raises(ConnectionResetError):
                    assert cut.recv(100) == b"never"
        until(lambda: door.told == ["the disk is full"])
        with pytest.raises(ConnectionRefusedError):
            door.connect()
        assert read_journal(door.inbound, None, 10) == []
        Frail.fault = None
        until(lambda: door.told == ["the disk is full", "opened"])
        assert door.ask(signed(numbered(2))).startswith(b"HTTP/1.1 200 ")
        assert [event.body for event in read_journal(door.inbound, None, 10)] == [said(), numbered(2)]


@pytest.fixture
def authority():
    return trustme.CA()


def certify(authority, folder):
    issued = authority.issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(str(folder / "chain.pem"))
    issued.private_key_pem.write_to_path(str(folder / "key.pem"))
    return folder / "chain.pem", folder / "key.pem"


def speak(door, authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with door.connect() as plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as connection:
        connection.sendall(signed(said()))
        return connection.recv(1000)


def test_it_speaks_tls_by_itself_and_takes_a_new_certificate_while_it_is_open(tmp_path, authority):
    certificate = Certificate(*certify(authority, tmp_path))
    with open_door(tmp_path, certificate) as door:
        assert speak(door, authority).startswith(b"HTTP/1.1 200 ")
        newer = trustme.CA()
        certify(newer, tmp_path)
        certificate.reload()
        assert speak(door, newer).startswith(b"HTTP/1.1 200 ")
        with pytest.raises(ssl.SSLCertVerificationError):
            speak(door, authority)
        (tmp_path / "key.pem").write_text("nonsense", encoding="ascii")
        with pytest.raises(UsageError, match=r"can't use the certificate .*chain\.pem with the key"):
            certificate.reload()
        assert speak(door, newer).startswith(b"HTTP/1.1 200 ")


def test_plain_http_at_a_door_with_a_certificate_gets_nowhere(tmp_path, authority):
    with open_door(tmp_path, Certificate(*certify(authority, tmp_path))) as door:
        try:
            answer = door.ask(signed(said()))
        except ConnectionResetError:
            answer = b""
        assert not answer.startswith(b"HTTP/1.1 200")
        assert read_journal(door.inbound, None, 10) == []


def test_a_taken_port_is_said_with_a_way_out(tmp_path):
    with open_door(tmp_path) as door:
        second = Listener(door.door.connections, ListenAddress("127.0.0.1", door.port), None)
        with pytest.raises(UsageError, match=f"port {door.port} on 127.0.0.1 is taken") as raised:
            asyncio.run(second.open())

    assert "listen elsewhere" in raised.value.hint


@pytest.mark.parametrize(
    ("text", "address"),
    [("127.0.0.1:8080", ("127.0.0.1", 8080)), ("[::1]:0", ("::1", 0)), ("localhost:1", ("localhost", 1))],
)
def test_an_address_is_read(text, address):
    assert ListenAddress.parse(text) == address
    assert str(ListenAddress.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:x", "127.0.0.1:-1", ""]
)
def test_what_is_no_address_is_said(text):
    with pytest.raises(UsageError, match="no address to listen on"):
        ListenAddress.parse(text)


def test_a_client_that_leaves_before_its_answer_hurts_nobody(tmp_path):
    with open_door(tmp_path) as door:
        for number in range(20):
            with door.connect() as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # reset as it leaves
                connection.sendall(signed(numbered(number)))
        assert door.ask(signed(said())).startswith(b"HTTP/1.1 200 ")
        until(lambda: len(door.door.connections.all) == 0)


HOSTILE: tuple[Any, ...] = (
    "", "\0", "\x1b[31m", "=cmd", "a" * 5000, "\u202e", "\ud800", "', ''); DROP TABLE event; --", "-1", "9" * 30, "1e999", "\n",
    None, True, -1, 2**63, 2**70, 1.5, [], {}, [[["a"]]], {"id": {"id": "1"}},
)  # fmt: skip
PLACES = ("event_name", "sender", "recipient", "message", "user_id_by_app", "msg_ids", "num_retry", "delivery_time", "oa_id")
SHAPES = (lambda value: value, lambda value: {"id": value}, lambda value: {"msg_id": value, "text": value, "msg_ids": [value]})
BODIES = {
    json.dumps(
        {"app_id": APP, "event_name": name, "sender": {"id": OA}, "recipient": {"id": OA}, "timestamp": "1787209817225"}
        | {place: shape(value)}
    ).encode()
    for name in ("user_send_text", "user_seen_message", "oa_send_text")
    for place in PLACES
    for value in HOSTILE
    for shape in SHAPES
}


def test_whatever_is_rightly_signed_is_acknowledged_and_never_brings_the_door_down(tmp_path):
    bodies = sorted(BODIES)
    with open_door(tmp_path) as door, door.connect() as connection:
        for first in range(0, len(bodies), 50):
            some = bodies[first : first + 50]
            connection.sendall(b"".join(map(signed, some)))
            answered = b""
            while answered.count(b"HTTP/1.1 ") < len(some):
                answered += connection.recv(65_536)
            assert answered.count(b"HTTP/1.1 200 ") == len(some)
        assert door.told == []
        until(lambda: door.door.acknowledged == len(bodies))  # counted behind the last answer
