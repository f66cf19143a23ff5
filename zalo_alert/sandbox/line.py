"""One kept connection to a webhook: an event posted, its status read; small, since ten thousand a second go over it."""

import asyncio
import ssl
from collections.abc import Callable
from typing import NamedTuple, cast
from urllib.parse import urlsplit

from zalo_alert.sandbox.webhooks import Delivery

_END, _LENGTH = b"\r\n\r\n", b"content-length:"
_MOST_HEAD = 64 * 1024


class Peer(NamedTuple):
    """Where events are told."""

    url: str
    authority: str
    host: str
    port: int
    is_tls: bool
    head: bytes  # of every request, up to the event's own lines

    @classmethod
    def of(cls, url: str, authority: str) -> "Peer":
        """Read an address; `authority` is the file by which its certificate is trusted, empty for the machine's own."""
        parts = urlsplit(url)
        is_tls = parts.scheme == "https"
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        head = f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n".encode()
        return cls(url, authority, parts.hostname or "", parts.port or (443 if is_tls else 80), is_tls, head)

    def tls(self) -> ssl.SSLContext | None:
        """Return what trusts the other side; None for plain HTTP."""
        return ssl.create_default_context(cafile=self.authority or None) if self.is_tls else None


class Line(asyncio.Protocol):
    """One connection.

    Args:
        peer: Where to.
        answered: Called with what was carried and its status, 0 for no answer; with None when it closes and carries nothing.
    """

    def __init__(self, peer: Peer, answered: "Callable[[Line, Delivery | None, int], None]") -> None:
        self.peer, self._answered = peer, answered
        self._delivery: Delivery | None = None
        self._data = b""
        self.since_s = 0.0  # by the loop's clock, when the event that it carries was posted
        self.is_closed = False

    def post(self, delivery: Delivery) -> None:
        """Post an event; the connection must carry nothing."""
        self._delivery, self.since_s = delivery, asyncio.get_running_loop().time()
        self._transport.write(
            b"%b%bContent-Length: %d\r\n\r\n%b" % (self.peer.head, delivery.headers(), len(delivery.body), delivery.body)
        )

    def close(self) -> None:
        """Hang up; what it carries has no answer then. Safe to call twice."""
        self._transport.abort()
        self.connection_lost(None)  # over TLS a connection whose other side was killed may never say so

    # --- asyncio calls these -----------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Read an answer, and hand back what it answers."""
        if self._data:
            data = self._data + data
        end = data.find(_END)
        if end < 0:
            self._data = data
            if len(data) > _MOST_HEAD:
                self.close()
            return
        head = data[:end].lower()
        at = head.find(_LENGTH)
        length = _number(head[at + len(_LENGTH) :]) if at >= 0 else -1
        if length >= 0 and len(data) < end + len(_END) + length:
            self._data = data
            return
        self._data = b""
        # An answer without a length ends with its connection: its status is all that is wanted of it.
        self._over(
            _number(head[head.find(b" ") + 1 :]), keep=length >= 0 and b"connection: close" not in head and head[7:8] == b"1"
        )

    def connection_lost(self, exc: Exception | None) -> None:
        """Hand back what had no answer."""
        if not self.is_closed:
            self.is_closed = True
            self._hand_back(0)

    def _over(self, status: int, *, keep: bool) -> None:
        if not keep:
            self.is_closed = True
            self._transport.close()
        self._hand_back(status)

    def _hand_back(self, status: int) -> None:
        delivery, self._delivery = self._delivery, None
        self._answered(self, delivery, status)


def _number(text: bytes) -> int:
    """Read the number that a text begins with, 0 where there is none."""
    digits = text.lstrip()[:10]
    end = next((n for n, sign in enumerate(digits) if not 48 <= sign <= 57), len(digits))
    return int(digits[:end] or b"0")
