"""A small honest door, and dishonest ones, to try the judge with: `python -m bench.judge.reference PORT FOLDER LINKED`.

LINKED is a file of JSON: a list of OA, app and secret, strangers among them with `stranger` in a fourth place. What a fault does
stands in `FAULTS`; a judge that misses one is no judge.
"""

import argparse
import asyncio
import json
import queue
import signal
import sqlite3
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, cast

FAULTS: Mapping[str, str] = {
    "early": "answers before the commit",
    "twice": "stores a copy as one more event",
    "some": "acknowledges every 250th and forgets it",
    "first": "stores the first message id of several",
    "anyone": "checks no signature",
    "uncounted": "passes over copies without counting them",
    "rewritten": "stores what it has read, not what came",
    "strict": "refuses what comes from an OA in no account",
    "unsynced": "has committed before the disk has it",
    "reserved": "parks what is right",
}
JOURNAL = """CREATE TABLE IF NOT EXISTS event (seq INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB UNIQUE, oa, person, by_app, name,
 event_ms, arrived_ms, tries, repeats INTEGER DEFAULT 0, body BLOB)"""
RECEIPTS = """CREATE TABLE IF NOT EXISTS receipt (seq INTEGER PRIMARY KEY, part, oa, person, kind, msg_id, tracking_id, at_ms,
 text_digest)"""
PARKED = "CREATE TABLE IF NOT EXISTS parked (seq INTEGER PRIMARY KEY, body BLOB)"
STORE = """INSERT INTO event (key, oa, name, event_ms, arrived_ms, tries, body) VALUES (?, ?, ?, ?, ?, 0, ?)
 ON CONFLICT (key) DO UPDATE SET repeats = repeats + 1"""
IS_RECEIPT = {"user_received_message", "user_seen_message", "oa_send_text"}


class Arrival(NamedTuple):
    """An event whose signature is right, and what answers it."""

    event: dict[str, Any]
    oa: str
    body: bytes
    answer: Callable[[int], None]


class Books:
    """The files, written by one thread, a group of arrivals in one transaction."""

    def __init__(self, folder: Path, fault: str | None) -> None:
        self._folder, self._fault, self._count, self._is_over = folder, fault, 0, False
        self.arrivals: queue.SimpleQueue[Arrival | None] = queue.SimpleQueue()

    def run(self, loop: asyncio.AbstractEventLoop) -> None:
        journal = self._open("journal/2026-11-27.db", JOURNAL)
        receipts = self._open("receipts/2026-11-27T08.db", RECEIPTS)
        parked = self._open("parked.db", PARKED)
        while not self._is_over:
            group = self._group()
            for arrival in group:
                self._store(arrival, journal, receipts, parked)
            for database in (journal, receipts, parked):
                database.commit()
            loop.call_soon_threadsafe(self._answer, group)

    def _open(self, name: str, table: str) -> sqlite3.Connection:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(path)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(f"PRAGMA synchronous = {'NORMAL' if self._fault == 'unsynced' else 'FULL'}")
        database.execute(table)
        database.commit()
        return database

    def _group(self) -> list[Arrival]:
        group = [self.arrivals.get()]
        while not self.arrivals.empty():
            group.append(self.arrivals.get())
        self._is_over = None in group
        return [arrival for arrival in group if arrival]

    def _answer(self, group: Sequence[Arrival]) -> None:
        for arrival in group if self._fault != "early" else ():
            arrival.answer(200)

    def _store(
        self, arrival: Arrival, journal: sqlite3.Connection, receipts: sqlite3.Connection, parked: sqlite3.Connection
    ) -> None:
        self._count += 1
        if self._fault == "some" and self._count % 250 == 0:
            return
        if self._fault == "reserved" and self._count % 250 == 0:
            parked.execute("INSERT INTO parked (body) VALUES (?)", (arrival.body,))
            return
        if arrival.event["event_name"] in IS_RECEIPT and "admin_id" not in arrival.event["sender"]:
            self._store_receipts(arrival, receipts)
        else:
            self._store_message(arrival, journal)

    def _store_receipts(self, arrival: Arrival, receipts: sqlite3.Connection) -> None:
        message = arrival.event["message"]
        ids = message.get("msg_ids") or [message["msg_id"]]
        rows = [(part, arrival.oa, message) for part, message in enumerate(ids if self._fault != "first" else ids[:1])]
        receipts.executemany("INSERT INTO receipt (part, oa, msg_id) VALUES (?, ?, ?)", rows)

    def _store_message(self, arrival: Arrival, journal: sqlite3.Connection) -> None:
        event, body = arrival.event, arrival.body
        if self._fault == "rewritten":
            body = json.dumps(event).encode()
        key = _key(event, arrival) + (str(self._count) if self._fault == "twice" else "")
        values = (
            sha256(key.encode()).digest()[:16],
            arrival.oa,
            event["event_name"],
            int(event["timestamp"]),
            time.time_ns() // 10**6,
            body,
        )
        stored = STORE if self._fault != "uncounted" else STORE.partition("ON CONFLICT")[0].replace("INSERT", "INSERT OR IGNORE")
        journal.execute(stored, values)


def _key(event: dict[str, Any], arrival: Arrival) -> str:
    if "message" in event and "msg_id" in event["message"]:
        return f"{arrival.oa} {event['event_name']} {json.dumps(event['message'])}"
    return sha256(arrival.body).hexdigest()


class Protocol(asyncio.Protocol):
    """One connection; answers go out in the order of the requests."""

    def __init__(self, secrets: Mapping[tuple[str, str], str], strangers: set[str], books: Books, fault: str | None) -> None:
        self._secrets, self._strangers, self._books, self._fault = secrets, strangers, books, fault
        self._data = b""
        self._due: deque[list[int]] = deque()  # of each request its answer, as soon as there is one

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._data += data
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            headers = dict(line.split(": ", 1) for line in self._data[:end].decode().split("\r\n")[1:])
            whole = end + 4 + int(headers["Content-Length"])
            if len(self._data) < whole:
                return
            self._take(self._data[end + 4 : whole], headers.get("X-ZEvent-Signature", ""))
            self._data = self._data[whole:]

    def _take(self, body: bytes, mac: str) -> None:
        due: list[int] = []
        self._due.append(due)
        event = json.loads(body)
        oa = event.get("oa_id") or event["recipient" if event["event_name"].startswith("user_") else "sender"]["id"]
        if event["event_name"] in ("user_received_message", "user_seen_message"):
            oa = event["sender"]["id"]
        if self._is_forged(event, oa, body, mac) or (self._fault == "strict" and oa in self._strangers):
            self._answer(due, 403)
            return
        self._books.arrivals.put(Arrival(event, oa, body, lambda status: self._answer(due, status)))
        if self._fault == "early":
            self._answer(due, 200)

    def _is_forged(self, event: dict[str, Any], oa: str, body: bytes, mac: str) -> bool:
        secret = self._secrets.get((oa, event["app_id"]))
        right = (
            secret
            and "mac=" + sha256(event["app_id"].encode() + body + event["timestamp"].encode() + secret.encode()).hexdigest()
        )
        return mac != right and self._fault != "anyone"

    def _answer(self, due: list[int], status: int) -> None:
        due.append(status)
        while self._due and self._due[0]:
            self._transport.write(b"HTTP/1.1 %d OK\r\ncontent-length: 0\r\n\r\n" % self._due.popleft()[0])


async def main(port: int, folder: Path, linked: Sequence[Sequence[str]], fault: str | None) -> None:
    secrets = {(oa, app): secret for oa, app, secret, *_ in linked}
    books = Books(folder, fault)
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    thread = threading.Thread(target=books.run, args=(loop,))
    thread.start()
    strangers = {oa for oa, _, _, *more in linked if more}
    server = await loop.create_server(lambda: Protocol(secrets, strangers, books, fault), "127.0.0.1", port, backlog=512)
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    server.close()
    books.arrivals.put(None)
    await asyncio.to_thread(thread.join)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A small door to try the judge with.")
    parser.add_argument("port", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("linked", type=Path)
    parser.add_argument("--fault", choices=sorted(FAULTS))
    given = parser.parse_args()
    sys.exit(asyncio.run(main(given.port, given.folder, json.loads(given.linked.read_text()), given.fault)))
