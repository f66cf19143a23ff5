"""A server that answers every message at once and keeps no state, so that a client, not the server, is what is measured.

Run as a program it prints its port, and ends when its standard input does.
"""

import asyncio
import os
import socket
import sys
import threading

import uvloop

BODY = b'{"data":{"message_id":"0123456789abcdef0123456789abcdef","user_id":"1002893352839501541"},"error":0,"message":"Success"}'
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)
_LENGTH = b"content-length:"


class Protocol(asyncio.Protocol):
    """One connection: an answer for each whole request."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._data = transport, b""

    def data_received(self, data: bytes) -> None:
        data = self._data + data if self._data else data
        answers = 0
        while (end := data.find(b"\r\n\r\n")) >= 0:
            at = data[:end].lower().find(_LENGTH)
            length = int(data[at + len(_LENGTH) : data.find(b"\r\n", at)]) if at >= 0 else 0
            if len(data) < end + 4 + length:
                break
            data = data[end + 4 + length :]
            answers += 1
        self._data = data
        if answers:
            self._transport.write(ANSWER * answers)


async def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    server = await asyncio.get_running_loop().create_server(Protocol, sock=listener)
    print(listener.getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    uvloop.run(main())
