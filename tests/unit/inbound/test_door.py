"""What the door does with each kind of request; nothing is acknowledged before it is stored."""

import asyncio
import hashlib
import threading
from collections import Counter

import pytest

from tests.http_wire import Wire
from tests.webhook_events import APP, OA, PERSON, receipt, said
from zalo_alert.errors import StorageUnusable
from zalo_alert.inbound.committer import TURNS, Patience
from zalo_alert.inbound.door import Address, Door, DoorHooks, Refusal
from zalo_alert.inbound.event import ReceiptKind
from zalo_alert.inbound.switchboard import Switchboard
from zalo_alert.settings.load import load

CONFIG = f'profile: drill\naccounts:\n  - {{id: pctt, oa_id: "{OA}", app_id: "{APP}"}}\n'
SECRET, NEXT = "of-the-oa", "of-the-oa-next"
PATIENCE = Patience(slow_s=0.2, retry_s=0.01, gives_up_s=5)


class Shelf:
    """A storage of memory that can be told to fail, or to wait."""

    def __init__(self):
        self.arrivals, self.receipts, self.parked, self.opened = [], [], [], 0
        self.sizes, self.fault, self.gate = [], None, threading.Event()
        self.gate.set()

    def open(self):
        self.opened += 1
        return self

    def store(self, group):
        assert self.gate.wait(10)
        if self.fault:
            raise self.fault
        self.sizes.append(group.count)
        self.arrivals += group.arrivals
        self.receipts += group.receipts
        self.parked += group.parked

    def probe(self):
        if self.fault:
            raise self.fault

    def close(self):
        pass


class Office:
    """A door, its storage, and what it told of."""

    def __init__(self, folder, environ, patience=PATIENCE):
        (folder / "zalo-alert.yaml").write_text(CONFIG, encoding="utf-8")
        self.shelf, self.told, self.now_ms = Shelf(), [], 1_787_209_817_300
        self._news = asyncio.Event()
        hooks = DoorHooks(
            lambda app, source, why: self._hear((why, app, source)),
            lambda line: self._hear(("parked", line.account)),
            lambda why: self._hear(("closed", why.message)),
            lambda: self._hear("opened"),
        )
        switchboard = Switchboard(load(folder, environ))
        self.door = Door(switchboard, self.shelf.open, hooks, lambda: self.now_ms, Address("/zalo", "Ab_1"), patience=patience)

    def _hear(self, what):
        self.told.append(what)
        self._news.set()

    async def until_told(self, count):
        """Wait until so many things have been told."""
        while len(self.told) < count:
            self._news.clear()
            await self._news.wait()

    def connect(self, peer="127.0.0.1"):
        connection, wire = self.door.connections.protocol(), Wire(peer)
        connection.connection_made(wire)  # type: ignore[arg-type]
        return connection, wire

    async def ask(self, *requests, peer="127.0.0.1"):
        """Send requests over one connection, and return the statuses of the answers."""
        connection, wire = self.connect(peer)
        connection.data_received(b"".join(requests))
        await self.door.committer.drain(5)
        return statuses(wire)


def statuses(wire):
    return [int(part[:3]) for part in wire.written.split(b"HTTP/1.1 ")[1:]]


def mac(body, secret=SECRET, app=APP, stamp="1787209817225"):
    return hashlib.sha256(app.encode() + body + stamp.encode() + secret.encode()).hexdigest()


def post(body, signature=None, *lines, path=b"/zalo"):
    header = [] if signature == "" else [b"X-ZEvent-Signature: mac=" + (signature or mac(body)).encode()]
    head = (b"POST %b HTTP/1.1" % path, b"Host: x", b"Content-Length: %d" % len(body), *header, *lines)
    return b"\r\n".join((*head, b"", body))


@pytest.fixture
def play(tmp_path):
    """Run a play with an office, inside a loop; the account's secret is right unless the environment says otherwise."""

    def run(scene, environ=None, **settings):
        async def main():
            office = Office(tmp_path, {"ZALO_ALERT_PCTT_OA_SECRET": SECRET} if environ is None else environ, **settings)
            try:
                async with asyncio.timeout(20):
                    return await scene(office)
            finally:
                office.door.committer.close()

        return asyncio.run(main())

    return run


def test_a_signed_event_is_stored_then_acknowledged(play):
    async def scene(office):
        office.shelf.gate.clear()
        connection, wire = office.connect()
        connection.data_received(post(said(), None, b"num_retry: 2"))
        await asyncio.sleep(0)
        assert wire.written == b""
        office.shelf.gate.set()
        await office.door.committer.drain(5)

        (arrival,) = office.shelf.arrivals
        assert statuses(wire) == [200]
        assert (arrival.event.oa, arrival.event.person, arrival.body, arrival.tries) == (OA, PERSON, said(), 2)
        assert (office.door.acknowledged, office.door.retried) == (1, 1)

    play(scene)


def test_receipts_go_to_their_own_lane(play):
    async def scene(office):
        body = receipt("user_seen_message", {"msg_ids": ["a", "b"]})
        assert await office.ask(post(body)) == [200]

        assert [(one.kind, one.msg_id) for one in office.shelf.receipts] == [(ReceiptKind.SEEN, "a"), (ReceiptKind.SEEN, "b")]
        assert office.shelf.arrivals == []

    play(scene)


def test_both_secrets_are_right_while_one_replaces_the_other(play):
    async def scene(office):
        assert (
            await office.ask(post(said()), post(said(), mac(said(), NEXT)), post(said(), mac(said(), SECRET).upper()))
            == [200] * 3
        )

    play(scene, {"ZALO_ALERT_PCTT_OA_SECRET": SECRET, "ZALO_ALERT_PCTT_OA_SECRET_NEXT": NEXT})


def test_an_apps_secret_serves_where_the_oa_has_none(play):
    async def scene(office):
        assert await office.ask(post(said())) == [200]
        assert len(office.shelf.arrivals) == 1

    play(scene, {f"ZALO_ALERT_APP_{APP}_OA_SECRET": SECRET})


def test_what_is_not_signed_or_not_ours_is_refused_and_counted(play):
    async def scene(office):
        other = said(app_id="111111111111")
        requests = (post(said()), post(said(), ""), post(said(), "0" * 64), post(other), post(b"{}"), post(b"\xff\0"))
        assert await office.ask(*requests) == [200] + [403] * 5

        assert Counter(why for why, _, _ in office.told) == {Refusal.UNSIGNED: 1, Refusal.FORGED: 1, Refusal.UNKNOWN: 3}
        assert office.door.refusals == 5
        assert len(office.shelf.arrivals) == 1

    play(scene)


def test_a_refusal_names_its_source_behind_a_proxy_of_ours_alone(play):
    async def scene(office):
        line = b"X-Forwarded-For: 10.0.0.1, 203.0.113.9"
        await office.ask(post(said(), ""), post(said(), "", line))
        await office.ask(post(said(), "", line), peer="198.51.100.7")

        assert [source for _, _, source in office.told] == ["127.0.0.1", "203.0.113.9", "198.51.100.7"]

    play(scene)


def test_while_no_secret_was_ever_right_wrong_ones_are_parked_and_told(play):
    async def scene(office):
        assert await office.ask(post(said(), mac(said(), "another"))) == [200]
        (parked,) = office.shelf.parked
        assert (parked.oa, parked.body, parked.reason) == (OA, said(), "wrong secret")
        assert office.told == [("parked", "pctt")]

    play(scene)


def test_one_right_signature_makes_the_next_wrong_one_a_forgery_for_ten_minutes(play):
    async def scene(office):
        wrong = post(said(), mac(said(), "another"))
        assert await office.ask(post(said())) == [200]
        assert await office.ask(wrong) == [403]
        office.now_ms += 600_001
        assert await office.ask(wrong) == [200]
        assert len(office.shelf.parked) == 1

    play(scene)


def test_an_account_without_a_secret_has_its_events_parked(play):
    async def scene(office):
        assert await office.ask(post(said())) == [200]
        assert office.shelf.parked[0].reason == "no secret"

    play(scene, {})


def test_a_rightly_signed_event_of_an_oa_that_no_account_names_is_kept(play):
    async def scene(office):
        body = said(recipient={"id": "999999999999"})
        assert await office.ask(post(body)) == [200]
        assert office.shelf.arrivals[0].event.oa == "999999999999"

    play(scene, {f"ZALO_ALERT_APP_{APP}_OA_SECRET": SECRET})


def test_it_may_be_signed_with_the_secret_of_another_account_of_its_app(play):
    async def scene(office):
        body = said(recipient={"id": "999999999999"})
        assert await office.ask(post(body), post(body, "0" * 64)) == [200, 403]
        assert [arrival.event.oa for arrival in office.shelf.arrivals] == ["999999999999"]

    play(scene)


def test_what_cannot_be_checked_for_want_of_any_secret_is_parked(play):
    async def scene(office):
        assert await office.ask(post(said(recipient={"id": "999999999999"}))) == [200]
        assert [parked.reason for parked in office.shelf.parked] == ["no secret"]

    play(scene, {})


BROKEN = [
    said(event_name=None), said(message={"text": "?"}).replace(b"?", b"\\ud800"), said().replace(b"text", b"\\ud800"),
    said(sender=[1, 2]), said(message={"msg_id": "a\0b"}), said(message={"msg_id": "?"}).replace(b"?", b"\xff"),
    said()[:-1], said() + b"]", b"[" * 5000 + said(), said(event_name={"a": 1}), said(user_id_by_app=2**63),
]  # fmt: skip


@pytest.mark.parametrize("body", BROKEN, ids=range(len(BROKEN)))
def test_whatever_is_rightly_signed_is_kept_and_acknowledged(play, body):
    async def scene(office):
        assert await office.ask(post(body)) == [200]
        assert office.shelf.arrivals[0].body == body

    play(scene, {f"ZALO_ALERT_APP_{APP}_OA_SECRET": SECRET, "ZALO_ALERT_PCTT_OA_SECRET": SECRET})


def test_a_browser_and_zalos_check_of_the_domain_get_the_code(play):
    async def scene(office):
        connection, wire = office.connect()
        for path in (b"/", b"/zalo", b"/zalo_verifierAb_1.html", b"/other", b"/zalo_verifier.html"):
            connection.data_received(b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % path)
        assert statuses(wire) == [200, 200, 200, 404, 404]
        assert wire.written.count(b'<meta name="zalo-platform-site-verification" content="Ab_1">') == 3

    play(scene)


def test_other_addresses_and_methods_are_none(play):
    async def scene(office):
        assert await office.ask(
            post(said(), path=b"/elsewhere"), b"PUT /zalo HTTP/1.1\r\nContent-Length: 0\r\n\r\n", b"HEAD / HTTP/1.1\r\n\r\n"
        ) == [404, 405, 200]

    play(scene)


def test_events_that_come_while_a_commit_runs_are_the_next_group(play):
    async def scene(office):
        sizes = office.shelf.sizes
        office.shelf.gate.clear()
        wires = []
        for number in range(10):
            connection, wire = office.connect()
            connection.data_received(post(said(message={"msg_id": str(number)})))
            wires.append(wire)
            for _ in range(TURNS if number == 0 else 1):
                await asyncio.sleep(0)
        office.shelf.gate.set()
        await office.door.committer.drain(5)

        assert sizes == [1, 9]
        assert all(statuses(wire) == [200] for wire in wires)

    play(scene, patience=PATIENCE._replace(slow_s=5))


def test_what_cannot_be_stored_is_not_acknowledged_and_everybody_is_cut_off(play):
    async def scene(office):
        office.shelf.fault = StorageUnusable("the disk is full")
        (first, wire), (_, idle) = office.connect(), office.connect()
        first.data_received(post(said()))
        await office.until_told(1)
        assert office.told == [("closed", "the disk is full")]
        late = office.connect()[1]

        assert (wire.written, wire.end, idle.end, late.end) == (b"", "aborted", "aborted", "aborted")
        office.shelf.fault = None
        await office.until_told(2)
        assert office.told[1] == "opened"
        assert [arrival.body for arrival in office.shelf.arrivals] == [said()]
        assert office.door.acknowledged == 0

    play(scene)


def test_a_commit_that_takes_too_long_is_as_good_as_none(play):
    async def scene(office):
        office.shelf.gate.clear()
        connection, wire = office.connect()
        connection.data_received(post(said()))
        await office.until_told(1)
        assert (wire.written, wire.end) == (b"", "aborted")
        office.shelf.gate.set()
        await office.until_told(2)
        assert office.told[1] == "opened"

        assert office.told[0][1].startswith("the disk takes more than")
        assert office.door.acknowledged == 0

    play(scene, patience=Patience(slow_s=0.02, retry_s=0.01, gives_up_s=5))


def test_it_gives_up_when_the_storage_stays_broken(play):
    async def scene(office):
        office.shelf.fault = StorageUnusable("the disk is full")
        office.connect()[0].data_received(post(said()))
        with pytest.raises(StorageUnusable, match="the disk is full"):
            await office.door.committer.ended

    play(scene, patience=Patience(slow_s=1, retry_s=0.01, gives_up_s=0.05))


def test_a_disk_that_never_answers_ends_it_all_the_same(play):
    async def scene(office):
        office.shelf.gate.clear()
        office.connect()[0].data_received(post(said()))
        with pytest.raises(StorageUnusable, match="store events"):
            await office.door.committer.ended
        office.shelf.gate.set()

    play(scene, patience=Patience(slow_s=0.01, retry_s=0.01, gives_up_s=0.05))


def test_it_reads_no_more_when_too_much_waits_to_be_stored(play, monkeypatch):
    monkeypatch.setattr("zalo_alert.inbound.committer.MOST_UNCOMMITTED_BYTES", 10_000)

    async def scene(office):
        office.shelf.gate.clear()
        connection, wire = office.connect()
        for number in range(16):
            connection.data_received(post(said(message={"msg_id": str(number)})))
        assert not wire.is_reading
        office.shelf.gate.set()
        await office.door.committer.drain(5)

        assert statuses(wire) == [200] * 16
        assert wire.is_reading
        assert office.door.committer.uncommitted_bytes == 0

    play(scene, patience=PATIENCE._replace(slow_s=5))
