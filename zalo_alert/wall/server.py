"""Serves the wall screen: how long a connection may take to say what it wants, how many there may be, and a clean end."""

import asyncio
import logging
import ssl
from socket import socket
from typing import Any

import h11
import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

ASKING_S = 10.0  # for a request to be whole: whoever takes longer holds a connection for its own sake
MOST_CONNECTIONS = 160
MOST_OF_ONE = 64  # from one address: a browser takes six, and ten of them may stand on one machine
MOST_HEADERS = 16 << 10  # bytes
IDLE_S = 5  # between two requests
END_S = 2  # for what is being answered when the end is asked for


class BoundedProtocol(H11Protocol):
    """A connection that must ask within its time, and is one of so many."""

    _overdue: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Take a connection, or hang up where there are too many."""
        super().connection_made(transport)
        clients = [other.client for other in self.connections if isinstance(other, BoundedProtocol)]
        own = sum(self.client is not None and client is not None and client[0] == self.client[0] for client in clients)
        if len(self.connections) > MOST_CONNECTIONS or own > MOST_OF_ONE:
            transport.abort()
        else:
            self._expect_request()

    def data_received(self, data: bytes) -> None:
        """Read on; a request that is whole has all the time it needs."""
        super().data_received(data)
        state, is_begun = self.conn.their_state, bool(self.conn.trailing_data[0])
        if state is h11.SEND_BODY or (state is h11.IDLE and is_begun):
            self._expect_request()
        else:
            self._expect_nothing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._expect_nothing()
        super().connection_lost(exc)

    def _expect_request(self) -> None:
        if self._overdue is None:
            self._overdue = self.loop.call_later(ASKING_S, self.transport.abort)

    def _expect_nothing(self) -> None:
        if self._overdue is not None:
            self._overdue.cancel()
            self._overdue = None


class _Server(uvicorn.Server):
    """A server whose streams end when it does, and which takes a signal for a wish and not for an accident."""

    def __init__(self, config: uvicorn.Config, app: Starlette) -> None:
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, frame: Any) -> None:
        """End; asked again, at once."""
        self.force_exit = self.should_exit
        self.should_exit = True

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """End every stream, then the rest."""
        self._app.state.feed.close()
        await super().shutdown(sockets)


async def serve(app: Starlette, listening: socket, tls: ssl.SSLContext | None = None) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        app: See `make_app`.
        listening: Closed at the end.
        tls: What TLS is spoken with; None is plain HTTP.
    """
    logging.getLogger("uvicorn").setLevel(logging.ERROR)  # what strangers send that is no HTTP is nobody's news
    config = uvicorn.Config(
        app, http=BoundedProtocol, ws="none", lifespan="on", log_config=None, access_log=False, server_header=False,
        proxy_headers=False, timeout_keep_alive=IDLE_S, timeout_graceful_shutdown=END_S,
        h11_max_incomplete_event_size=MOST_HEADERS,
    )  # fmt: skip
    config.load()
    config.ssl = tls
    await _Server(config, app).serve([listening])
