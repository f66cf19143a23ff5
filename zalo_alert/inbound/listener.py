"""Where the door listens: opened and closed as often as the storage fails, always at the same port; over TLS if it is told to."""

import asyncio
import errno
import ssl
from pathlib import Path
from typing import NamedTuple

from zalo_alert.errors import Cure, UsageError
from zalo_alert.foundation.http_connection import Connections
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _

BACKLOG = 1024
HANDSHAKE_S = 5.0


class ListenAddress(NamedTuple):
    """Where to listen; port 0 takes a free one."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "ListenAddress":
        """Read `HOST:PORT` or `[HOST]:PORT`.

        Raises:
            UsageError: It is none.
        """
        host, colon, port = text.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not (host and colon and port.isascii() and port.isdigit() and int(port) <= _MOST_PORT):
            raise UsageError(
                _('"{address}" is no address to listen on', address=text[:100]), hint=_("write it like 127.0.0.1:8080")
            )
        return cls(host, int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


_MOST_PORT = 65_535


class Certificate:
    """A certificate and its key, which may be replaced while the door is open: new connections have the new one.

    Args:
        chain: PEM file of the certificate and what vouches for it.
        key: PEM file of its key, without a passphrase.

    Raises:
        UsageError: A file can't be read, is no PEM, or they don't belong together.
    """

    def __init__(self, chain: Path, key: Path) -> None:
        self._chain, self._key = chain, key
        self.context = self._load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2

    def reload(self) -> None:
        """Read the files anew; the old ones go on when they are none.

        Raises:
            UsageError: See above.
        """
        self._load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))  # half a pair would be left in the context that is in use
        self._load(self.context)

    def _load(self, context: ssl.SSLContext) -> ssl.SSLContext:
        try:
            context.load_cert_chain(self._chain, self._key, password="")
        except (OSError, ValueError) as exc:
            why = reason(exc) if isinstance(exc, OSError) else str(exc)
            raise UsageError(
                _("can't use the certificate {chain} with the key {key}: {why}", chain=self._chain, key=self._key, why=why),
                hint=_("both must be PEM files that belong together, the key without a passphrase"),
            ) from exc
        return context


class Listener:
    """Accepts connections.

    Args:
        connections: Make what reads each of them.
        address: Where.
        certificate: Speak TLS with it; None is plain HTTP, for a proxy.
    """

    def __init__(self, connections: Connections, address: ListenAddress, certificate: Certificate | None) -> None:
        self._connections, self.address, self._certificate = connections, address, certificate
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Begin to accept.

        Raises:
            UsageError: The port is taken, or the address is not this machine's.
        """
        try:
            server = await self._create()
        except (OSError, OverflowError) as exc:
            raise _explain(exc, self.address) from exc
        port: int = server.sockets[0].getsockname()[1]
        self.address = self.address._replace(port=port)
        self._connections.is_open = True
        self._server = server

    async def _create(self) -> asyncio.Server:
        loop, (host, port) = asyncio.get_running_loop(), self.address
        if self._certificate is None:
            return await loop.create_server(self._connections.protocol, host, port, backlog=BACKLOG)
        return await loop.create_server(
            self._connections.protocol, host, port, backlog=BACKLOG, ssl=self._certificate.context,
            ssl_handshake_timeout=HANDSHAKE_S,
        )  # fmt: skip

    def close(self) -> None:
        """Accept nobody any more: whoever comes is refused by the system."""
        if self._server is not None:
            self._server.close()
            self._server = None


def _explain(exc: OSError | OverflowError, address: ListenAddress) -> UsageError:
    number = exc.errno if isinstance(exc, OSError) else None
    option = Cure.OPTION(listen=f"{address.host}:{address.port + 1}")
    if number == errno.EADDRINUSE:
        return UsageError(
            _("port {port} on {host} is taken by another program", port=address.port, host=address.host),
            hint=_("end it, or listen elsewhere: {option}", option=option),
        )
    if number == errno.EADDRNOTAVAIL:
        return UsageError(
            _("{address} is no address of this machine", address=address.host),
            hint=_("the system's network settings show which it has (`ip address`, `ipconfig`)"),
        )
    if number in (errno.EACCES, errno.EPERM):
        return UsageError(
            _("port {port} on {address} needs rights that this process has not", port=address.port, address=address.host),
            hint=_("choose one above 1023, and let a proxy pass on what comes to 443"),
        )
    why = reason(exc) if isinstance(exc, OSError) else str(exc)
    return UsageError(_("can't listen on {address}: {why}", address=str(address), why=why))
