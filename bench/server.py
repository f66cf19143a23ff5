"""A server that answers every message at once and keeps no state, so that a client, not the server, is what is measured.

Run as a program it prints its port, and ends when its standard input does:

    python -m bench.server [--certificate FILE] [--latency-ms N]
"""

import argparse
import asyncio
import os
import socket
import ssl
import sys
import threading
from typing import cast

import uvloop

BODY = b'{"data":{"message_id":"0123456789abcdef0123456789abcdef","user_id":"%b"},"error":0,"message":"Success"}'
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
_LENGTH, _USER, _QUOTE = b"content-length:", b'"user_id":"', ord('"')


class Protocol(asyncio.Protocol):
    """One connection: an answer for each whole request, so many seconds later."""

    def __init__(self, latency_s: float) -> None:
        self._latency_s = latency_s

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._data = cast(asyncio.WriteTransport, transport), b""

    def data_received(self, data: bytes) -> None:
        data = self._data + data if self._data else data
        answers = b""
        while (end := data.find(b"\r\n\r\n")) >= 0:
            at = data[:end].lower().find(_LENGTH)
            length = int(data[at + len(_LENGTH) : data.find(b"\r\n", at)]) if at >= 0 else 0
            if len(data) < end + 4 + length:
                break
            answers += answer_to(data[end + 4 : end + 4 + length])
            data = data[end + 4 + length :]
        self._data = data
        if answers and self._latency_s:
            asyncio.get_running_loop().call_later(self._latency_s, self._transport.write, answers)
        elif answers:
            self._transport.write(answers)


def answer_to(request: bytes) -> bytes:
    """Accept a message, and name whom it was for, as Zalo does; a message by phone names nobody."""
    at = request.find(_USER) + len(_USER)
    body = BODY % (request[at : request.find(_QUOTE, at)] if at >= len(_USER) else b"")
    return ANSWER % (len(body), body)


async def main(certificate: str | None, latency_s: float) -> None:
    tls = None
    if certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    server = await asyncio.get_running_loop().create_server(lambda: Protocol(latency_s), sock=listener, ssl=tls)
    print(listener.getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    options = argparse.ArgumentParser()
    options.add_argument("--certificate", help="key and chain in one PEM file: answer over TLS")
    options.add_argument("--latency-ms", type=float, default=0.0)
    given = options.parse_args()
    uvloop.run(main(given.certificate, given.latency_ms / 1000))
