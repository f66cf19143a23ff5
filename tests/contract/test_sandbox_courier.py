"""How events go over the wire: on kept connections, one at a time on each, over TLS too, whatever the other side answers."""

import asyncio
import ssl
from typing import Any

import pytest
import trustme

from tests.contract.event_office import Office
from zalo_alert.errors import UsageError
from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.courier import Courier

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Door(asyncio.Protocol):
    """Answers each event with what `answers` has next, OK at the end; b"" cuts the connection off, None says nothing at all."""

    def __init__(self, seen):
        self.seen = seen

    def connection_made(self, transport):
        self.transport = transport
        self.seen["connections"] += 1
        self.seen["transports"].append(transport)

    def data_received(self, data):
        assert data.count(b"POST ") == 1, "one event at a time"
        self.seen["events"] += 1
        answer = self.seen["answers"].pop(0) if self.seen["answers"] else OK
        if answer == b"":
            self.transport.abort()
        elif answer is not None:
            half = len(answer) // 2  # in pieces, as it may well come
            self.transport.write(answer[:half])
            asyncio.get_running_loop().call_soon(self.transport.write, answer[half:])
            if b"length" not in answer.lower():
                asyncio.get_running_loop().call_soon(self.transport.close)


def carry(office, *, messages, answers=(), tls=None, answer_s=2.0):
    """Send messages, and have their receipts carried to a door on loopback until none waits; return what it saw."""
    seen: dict[str, Any] = {"connections": 0, "events": 0, "answers": list(answers), "transports": []}

    async def main():
        loop, settled = asyncio.get_running_loop(), Settled(office.hooks)
        async with await loop.create_server(lambda: Door(seen), "127.0.0.1", 0, ssl=tls) as server:
            port = server.sockets[0].getsockname()[1]
            office.change(webhook_url=f"http{'s' if tls else ''}://127.0.0.1:{port}/zalo")
            courier = loop.create_task(Courier(office.world, office.hooks, answer_s).run())
            await asyncio.sleep(0)
            for number in range(messages):
                office.send(str(number + 1))
            await asyncio.wait_for(settled.event.wait(), 20)
            courier.cancel()
            await asyncio.wait([courier])
            for transport in seen["transports"]:
                transport.abort()

    asyncio.run(main())
    return seen


class Settled:
    """Sets `event` when no event waits any longer."""

    def __init__(self, hooks):
        self.event, self._hooks, self._settle = asyncio.Event(), hooks, hooks.settle
        hooks.settle = self.settle

    def settle(self, delivery, **what):
        self._settle(delivery, **what)
        if not self._hooks.as_json()["waiting"]:
            self.event.set()


def test_a_connection_that_is_lost_before_anything_is_told_is_opened_again(tmp_path, monkeypatch):
    office, connected, lost = Office(ladder=0.001), Courier._connected, [1]

    async def lost_once(courier, peer):
        line = await connected(courier, peer)
        if lost and lost.pop():
            line.close()  # as when the other side dies between its kernel's yes and its first read
        return line

    monkeypatch.setattr(Courier, "_connected", lost_once)
    seen = carry(office, messages=3)
    assert seen["events"] == 3


def test_events_go_on_when_all_connections_are_refused_at_one_instant(monkeypatch):
    office, connected, refusals = Office(ladder=0.001, webhook_connections=2), Courier._connected, [1, 1]

    async def refused_at_first(courier, peer):
        if refusals:
            refusals.pop()
            raise ConnectionRefusedError
        return await connected(courier, peer)

    monkeypatch.setattr(Courier, "_connected", refused_at_first)
    seen = carry(office, messages=3)
    assert seen["events"] == 3


@pytest.mark.parametrize(("most", "opened"), [(1, 1), (8, 8), (64, 40)])
def test_as_many_connections_as_there_are_events_up_to_the_options_number(most, opened):
    office = Office(webhook_connections=most)
    seen = carry(office, messages=40)

    assert seen | {"connections": opened, "events": 40} == seen
    assert all(row["delivered_heard"] for row in office.receipts())


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\n\r\nto the end of the connection",
        b"HTTP/1.0 200 OK\r\ncontent-length:3\r\n\r\nyes",
    ],
)
def test_an_answer_of_200_is_one_however_it_is_framed(answer):
    office = Office(webhook_connections=1)
    seen = carry(office, messages=3, answers=[answer] * 3)

    assert seen["events"] == 3
    assert office.counts()["heard"] == 3


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"],
)
def test_any_other_is_unheard_and_told_again(answer):
    office = Office(webhook_connections=1, ladder=0)
    carry(office, messages=2, answers=[answer], answer_s=0.2)
    told = office.counts()

    assert (told["told"], told["heard"], told["unheard"]) == (2, 2, 1)


@pytest.mark.parametrize("most", [1, 2, 64])
def test_what_is_due_later_is_told_when_it_is_due_though_all_connections_were_busy(most):
    office = Office(webhook_connections=most, ladder=0.001)
    carry(office, messages=6, answers=[b"HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n", b""] * 2)

    assert (office.counts()["heard"], office.counts()["unheard"]) == (6, 4)


def test_whoever_says_nothing_is_left():
    office = Office(ladder=0)
    seen = carry(office, messages=1, answers=[None], answer_s=0.05)

    assert seen["connections"] == seen["events"] == 2


def test_an_https_webhook_is_trusted_by_its_authority(tmp_path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    right, wrong = (
        Office(webhook_ca=str(tmp_path / "ca.pem")),
        Office(webhook_ca=str(tmp_path / "other.pem"), retries="unopened", ladder=0),
    )
    seen = carry(right, messages=5, tls=tls)
    carry(wrong, messages=1, tls=tls)

    assert seen["events"] == 5
    assert right.counts()["heard"] == 5
    assert wrong.counts()["is_on"] is False  # never opened, so never told, up to the ladder's end
    assert wrong.counts()["told"] == 0


def test_an_authority_that_is_not_there_is_said(tmp_path):
    with pytest.raises(UsageError, match="there is no file"):
        Options(webhook_ca=str(tmp_path / "none.pem"))
    with pytest.raises(UsageError, match="below 1"):
        Options(webhook_connections=0)
