"""The door: whose event it is, by its signature; then it is stored, then acknowledged, and nothing else is done with it here.

What can be told before an event is trusted is refused with 403 and counted. What is signed is kept, whatever it is: Zalo drops a
webhook that does not acknowledge.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.http_connection import Connections, Exchange, Limits, response
from zalo_alert.inbound.committer import PATIENCE, Committer, Hooks, Patience
from zalo_alert.inbound.event import Event, Lane, Unreadable, read_whole, receipts_in
from zalo_alert.inbound.journal import Arrival
from zalo_alert.inbound.parked import ParkedEvent
from zalo_alert.inbound.signature import is_right, mac_in
from zalo_alert.inbound.site_pages import site_page
from zalo_alert.inbound.storage import Storage
from zalo_alert.inbound.switchboard import Line, Switchboard

LIMITS = Limits(
    head_bytes=16 * 1024, body_bytes=1024 * 1024, head_s=5.0, body_s=5.0, idle_s=75.0, pipelined=64, connections=1024,
    requires_length=True,
)  # fmt: skip
_SIGNATURE, _TRIES, _FORWARDED = b"x-zevent-signature", b"num_retry", b"x-forwarded-for"
_LOOPBACK = ("127.", "::1")


class Refusal(StrEnum):
    """Why an event is not even kept."""

    UNSIGNED = "unsigned"  # no signature in its head
    UNKNOWN = "unknown"  # neither its OA nor its app is ours, or it does not say
    FORGED = "forged"  # signed with none of our secrets


class Address(NamedTuple):
    """Where events come in: `path` of the address, and the `code` that says whose domain it is."""

    path: str
    code: str


class DoorHooks(NamedTuple):
    """Who hears what.

    Args:
        on_refused: An app of ours or "", a source, and why.
        on_parked: The line whose secret is perhaps wrong.
        on_closed: Nothing can be stored, and why; every connection has been cut off.
        on_opened: It works again.
    """

    on_refused: Callable[[str, str, Refusal], None]
    on_parked: Callable[[Line], None]
    on_closed: Callable[[StorageUnusable], None]
    on_opened: Callable[[], None]


class Door:
    """What stands behind the listener's connections; made inside a running loop.

    Args:
        switchboard: Knows the secrets.
        open_storage: Opens where events go.
        hooks: See there.
        now_ms: The time, in milliseconds since 1970.
        address: See there; may be changed at any time.
        limits: Of the connections.
        patience: With the disk.
    """

    def __init__(
        self,
        switchboard: Switchboard,
        open_storage: Callable[[], Storage],
        hooks: DoorHooks,
        now_ms: Callable[[], int],
        address: Address,
        limits: Limits = LIMITS,
        patience: Patience = PATIENCE,
    ) -> None:
        self._switchboard, self._hooks, self._now_ms = switchboard, hooks, now_ms
        self.address = address
        self.connections = Connections(limits, self)
        self.committer = Committer(
            open_storage, Hooks(self._count_stored, self._pause, self._shut_out, hooks.on_opened), patience
        )
        self.acknowledged = self.refusals = self.parked = self.retried = self.last_ms = 0

    # --- requests ------------------------------------------------------------------------------------------------------

    def serve(self, exchange: Exchange) -> None:
        """See `Service`."""
        path = exchange.target.partition(b"?")[0].decode("latin-1")
        if exchange.method == b"POST" and path == self.address.path:
            self._take(exchange)
        elif exchange.method in (b"GET", b"HEAD"):
            page = site_page(path, *self.address, is_last=exchange.is_last)
            exchange.send(page if exchange.method == b"GET" else page.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
        else:
            exchange.send(response(404 if exchange.method == b"POST" else 405, is_last=exchange.is_last))

    def refused(self, status: int) -> bytes:
        """See `Service`."""
        return response(status, is_last=True)

    def _take(self, exchange: Exchange) -> None:
        headers, body = exchange.headers, exchange.body
        header = headers.get(_SIGNATURE, b"").decode("latin-1")
        whole: dict[str, Any] = {}
        try:
            event, whole = read_whole(body, mac_in(header))
        except Unreadable as exc:  # an event without a name is kept in the messages' lane, as it came
            event = exc.event
        line = self._switchboard.find(event.oa, event.app_id)
        if line is None or not header:
            self._refuse(exchange, line, Refusal.UNKNOWN if line is None else Refusal.UNSIGNED)
            return
        which = is_right(header, event.app_id, body, event.stamp, line.secrets)
        if which is None:
            self._doubt(exchange, line, event, header)
            return
        now_ms = self._now_ms()
        self._switchboard.note_right(line, which, now_ms)
        tries = _tries(exchange)
        group = self.committer.group_for(body)
        if event.lane is Lane.RECEIPT:
            group.receipts += receipts_in(event, whole)
            group.arrived_ms = now_ms
        else:
            group.arrivals.append(Arrival(event, body, now_ms, tries))
        group.exchanges.append(exchange)
        self.retried += tries > 0

    def _doubt(self, exchange: Exchange, line: Line, event: Event, header: str) -> None:
        """Keep an event that can't be checked, or is wrongly signed by what may be our own fault; refuse others."""
        now_ms = self._now_ms()
        if line.secrets and not self._switchboard.may_be_ours(line, now_ms):
            self._refuse(exchange, line, Refusal.FORGED)
            return
        reason = "wrong secret" if line.secrets else "no secret"
        group = self.committer.group_for(exchange.body)
        group.parked.append(
            ParkedEvent(event.app_id, event.oa, reason, header[:_MOST_HEADER], _tries(exchange), now_ms, exchange.body)
        )
        group.exchanges.append(exchange)
        self.parked += 1
        self._hooks.on_parked(line)

    def _refuse(self, exchange: Exchange, line: Line | None, why: Refusal) -> None:
        self.refusals += 1
        exchange.send(response(403, is_last=exchange.is_last))
        self._hooks.on_refused(line.app_id if line else "", _source(exchange), why)

    # --- what the committer says ---------------------------------------------------------------------------------------

    def _count_stored(self, count: int) -> None:
        self.acknowledged += count
        self.last_ms = self._now_ms()

    def _pause(self, is_full: bool) -> None:
        (self.connections.pause if is_full else self.connections.resume)()

    def _shut_out(self, why: StorageUnusable) -> None:
        self.connections.reset()
        if self.connections.is_paused:
            self.connections.resume()
        self._hooks.on_closed(why)


_MOST_HEADER = 200  # characters: a signature has 68


def _tries(exchange: Exchange) -> int:
    text = exchange.headers.get(_TRIES, b"0")
    return int(text) if text.isdigit() and len(text) < _MOST_DIGITS else 0


_MOST_DIGITS = 6


def _source(exchange: Exchange) -> str:
    """Return who sent it: behind a proxy of ours, whom that names last."""
    peer = exchange.peer
    if peer.startswith(_LOOPBACK) or not peer:
        forwarded = exchange.headers.get(_FORWARDED, b"").decode("latin-1").rpartition(",")[2].strip()
        return forwarded[:_MOST_ADDRESS] or peer
    return peer


_MOST_ADDRESS = 45  # characters: an IPv6 address with an IPv4 one in it
