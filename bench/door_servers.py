"""What the door is measured beside, each a program that prints its port: `python -m bench.door_servers KIND FOLDER`.

nothing      the door itself, with a storage that keeps nothing: what reading, checking and answering cost
starlette    what one would write first: starlette under uvicorn, a commit for each event
"""

import asyncio
import hashlib
import json
import socket
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvloop

from zalo_alert.inbound.door import Address, Door, DoorHooks
from zalo_alert.inbound.storage import FileStorage, Group, Storage
from zalo_alert.inbound.switchboard import Switchboard
from zalo_alert.operations.loop import run_loop
from zalo_alert.settings.load import load


def listening() -> socket.socket:
    one = socket.create_server(("127.0.0.1", 0), backlog=1024)
    print(one.getsockname()[1], flush=True)
    return one


def serve_starlette(folder: Path) -> None:
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    signers = {line["oa_id"]: line for line in map(json.loads, (folder / "oas.ndjson").read_text().splitlines())}
    database = sqlite3.connect(folder / "starlette.db")
    database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE event (seq INTEGER PRIMARY KEY, key TEXT UNIQUE, oa TEXT, name TEXT, body BLOB)")

    async def take(request: Request) -> Response:
        body = await request.body()
        event = json.loads(body)
        signer = signers[oa_of(event)]
        mac = hashlib.sha256(
            event["app_id"].encode() + body + event["timestamp"].encode() + signer["secret"].encode()
        ).hexdigest()
        if request.headers["x-zevent-signature"] != f"mac={mac}":
            return Response(status_code=403)
        row = (mac, signer["oa_id"], event["event_name"], body)
        with database:
            database.execute("INSERT OR IGNORE INTO event (key, oa, name, body) VALUES (?, ?, ?, ?)", row)
        return Response()

    app = Starlette(routes=[Route("/zalo", take, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, loop="uvloop", http="httptools", access_log=False, log_level="warning"))
    uvloop.run(server.serve(sockets=[listening()]))


def oa_of(event: dict[str, Any]) -> str:
    return str(event["recipient" if event["event_name"] == "user_send_text" else "sender"]["id"])


class Nowhere:
    """A storage that keeps nothing."""

    def store(self, group: Group) -> None:
        group.arrivals, group.receipts, group.parked = [], [], []

    def probe(self) -> None:
        pass

    def close(self) -> None:
        pass


def serve_nothing(folder: Path) -> None:
    run_loop(serve_door(folder, Nowhere))


def serve_files(folder: Path) -> None:
    run_loop(serve_door(folder, lambda: FileStorage(folder / ".zalo-alert" / "inbound", lambda phone: phone)))


async def serve_door(folder: Path, storage: Callable[[], Storage]) -> None:
    """Serve as the product does, without its settings' reload, its status and its worker."""
    hooks = DoorHooks(lambda *said: None, lambda *said: None, lambda *said: None, lambda *said: None)
    switchboard = Switchboard(load(folder, {}))
    door = Door(switchboard, storage, hooks, lambda: time.time_ns() // 1_000_000, Address("/zalo", ""))
    server = await asyncio.get_running_loop().create_server(door.connections.protocol, sock=listening(), backlog=1024)
    async with server:
        await server.serve_forever()


KINDS = {"nothing": serve_nothing, "files": serve_files, "starlette": serve_starlette}

if __name__ == "__main__":
    KINDS[sys.argv[1]](Path(sys.argv[2]))
