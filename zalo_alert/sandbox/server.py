"""The sandbox on a loopback port, in a process of its own that ends with whoever started it. The only home of granian.

granian cannot cut a connection, so when resets are asked for, a small relay stands in front and does.
"""

import asyncio
import os
import secrets
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any
from urllib.request import Request, urlopen

import orjson
from granian.constants import Interfaces
from granian.server.embed import Server

from zalo_alert.errors import RunSuspended, UsageError
from zalo_alert.sandbox.base import RESET_HEADER, Credentials, Options, environ
from zalo_alert.sandbox.state import State

HOST = "127.0.0.1"
START_TIMEOUT_S = 20.0
_RESET = RESET_HEADER.encode()


class App:
    """The state behind granian's own interface: one call per request, no framework between."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        body = await protocol()
        state, path = self._state, scope.path
        if state.is_message(path) and scope.method == "POST":
            answer = state.message(path, scope.headers.get("access_token"), body, time.time())
            if state.options.latency_ms:
                await asyncio.sleep(state.options.latency_ms / 1000)
        else:
            headers = {name: scope.headers.get(name) or "" for name in ("access_token", "secret_key")}
            answer = state.ask(path, scope.query_string, headers, body, time.time())
        protocol.response_bytes(answer.status, answer.headers, answer.body)


class Counter:
    """What a running sandbox tells of itself; enough for whoever did not start it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def stats(self) -> dict[str, Any]:
        """Count what was received."""
        found: dict[str, Any] = orjson.loads(self._get("/_sandbox/stats"))
        return found

    def reached(self) -> dict[str, int]:
        """Return how often each person was reached."""
        return self._people("/_sandbox/reached")

    def lost(self) -> dict[str, int]:
        """Return how often each person was reached by a message whose answer never said so."""
        return self._people("/_sandbox/lost")

    def _people(self, path: str) -> dict[str, int]:
        lines = (orjson.loads(line) for line in self._get(path).splitlines())
        return {line["id"]: line["times"] for line in lines}

    def change(self, **options: Any) -> None:
        """Change faults and limits while it runs."""
        self._get("/_sandbox/options", orjson.dumps(options))

    def _get(self, path: str, body: bytes | None = None) -> bytes:
        with urlopen(Request(self.url + path, data=body), timeout=60) as answer:
            found: bytes = answer.read()
        return found


class Sandbox(Counter):
    """A running sandbox as its owner sees it."""

    def __init__(self, url: str, credentials: Credentials) -> None:
        super().__init__(url)
        self.credentials = credentials

    def consent(self) -> None:
        """Start a new chain of tokens, as an administrator's consent in the browser does."""
        self.credentials = Credentials(**orjson.loads(self._get("/_sandbox/consent")))

    def environ(self, account: str) -> dict[str, str]:
        """Return the environment variables that point a client here."""
        return dict(environ(self.url, account, self.credentials))


@contextmanager
def running(options: Options, *, port: int = 0) -> Iterator[Sandbox]:
    """Run a sandbox for as long as the block lasts.

    Raises:
        UsageError: The port is taken.
        RunSuspended: It does not start.
    """
    credentials = Credentials(*(secrets.token_urlsafe(24) for _ in range(3)))
    chosen = _free_port(port)
    told = {"options": options.as_json(), "credentials": list(credentials), "port": chosen}
    # The child reads its orders from a pipe, not from its arguments: they hold secrets; and it ends when the pipe does.
    child = subprocess.Popen([sys.executable, "-m", "zalo_alert.sandbox"], stdin=subprocess.PIPE)
    assert child.stdin
    try:
        child.stdin.write(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE))
        child.stdin.flush()
        sandbox = Sandbox(f"http://{HOST}:{chosen}", credentials)
        _await(sandbox, child)
        yield sandbox
    finally:
        with suppress(OSError):
            child.stdin.close()
        try:
            child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _free_port(wanted: int) -> int:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except (OSError, OverflowError) as exc:
            raise UsageError(f"port {wanted} can't be used: {exc}", hint="leave --port out to have a free one chosen") from exc
        port: int = probe.getsockname()[1]
        return port


def _await(sandbox: Sandbox, child: "subprocess.Popen[bytes]") -> None:
    limit_s = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < limit_s and child.poll() is None:
        try:
            sandbox.stats()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RunSuspended("the sandbox does not start", hint="see what it printed")


# --- the child ---------------------------------------------------------------------------------------------------------


def serve() -> None:
    """Run the child's side: orders from stdin, and the end with it."""
    told = orjson.loads(sys.stdin.buffer.readline())
    options = Options(**told["options"])
    state = State(options, Credentials(*told["credentials"]))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        import uvloop
    except ImportError:
        asyncio.run(_serve(state, told["port"]))
        return
    uvloop.run(_serve(state, told["port"]))


def _end_with_parent() -> None:
    # Nothing of the sandbox outlives it, so there is nothing to put in order.
    sys.stdin.buffer.read()
    os._exit(0)


async def _serve(state: State, port: int) -> None:
    inner = _free_port(0) if state.options.cuts else port
    server = Server(App(state), address=HOST, port=inner, interface=Interfaces.RSGI, log_enabled=False, backlog=4096)
    tasks = [asyncio.create_task(server.serve())]
    if state.options.cuts:
        relay = await asyncio.start_server(lambda r, w: _relay(r, w, inner), HOST, port, backlog=4096)
        tasks.append(asyncio.create_task(relay.serve_forever()))
    await asyncio.gather(*tasks)


async def _relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    """Pass bytes both ways; an answer that carries the mark cuts the client off with a reset."""
    try:
        inner_reader, inner_writer = await asyncio.open_connection(HOST, port)
    except OSError:  # the imitation is not up yet
        writer.transport.abort()
        return
    upstream = asyncio.create_task(_pump(reader, inner_writer))
    with suppress(OSError):
        while data := await inner_reader.read(65_536):
            if _RESET in data:
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                break
            writer.write(data)
            await writer.drain()
    upstream.cancel()
    inner_writer.close()
    writer.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
