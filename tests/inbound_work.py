"""Events that came through the webhook, and a worker that handles them, for tests."""

import itertools
from contextlib import closing
from pathlib import Path

import orjson

from zalo_alert.inbound.event import Unreadable, read_event
from zalo_alert.inbound.inbound_store import find_store, folder_of
from zalo_alert.inbound.journal import Arrival, Journal
from zalo_alert.inbound.stops import StopKind, Stops
from zalo_alert.inbound.worker import Aside, Worker

OA, APP, PERSON = "388613280878808645", "360846524940903967", "246845883529197922"
NOW_MS = 1_796_000_000_000
_numbers = itertools.count()


def body(name: str, at_ms: int = NOW_MS, person: str = PERSON, oa: str = OA, **more: object) -> bytes:
    if name in ("follow", "unfollow"):
        head: dict[str, object] = {"oa_id": oa, "follower": {"id": person}}
    else:
        head = {"sender": {"id": person}, "recipient": {"id": oa}}
    return orjson.dumps({"app_id": APP, "event_name": name, "timestamp": str(at_ms), **head, **more})


def text(words: str, at_ms: int = NOW_MS, person: str = PERSON, oa: str = OA) -> bytes:
    return body("user_send_text", at_ms, person, oa, message={"text": words, "msg_id": f"m{next(_numbers)}"})


def arrival(raw: bytes, arrived_ms: int = NOW_MS + 900) -> Arrival:
    mac = f"{next(_numbers):064x}"
    try:
        event = read_event(raw, mac)
    except Unreadable as exc:
        event = exc.event
    return Arrival(event, raw, arrived_ms, 0)


def keep(state: Path, *bodies: bytes, arrived_ms: int = NOW_MS + 900) -> None:
    with closing(Journal(folder_of(state))) as journal:
        journal.append([arrival(raw, arrived_ms) for raw in bodies])


def work(state: Path, *bodies: bytes, arrived_ms: int = NOW_MS + 900) -> dict[str, int]:
    """Have a worker handle some more events; return how many of each class there are in all."""
    keep(state, *bodies, arrived_ms=arrived_ms)
    with closing(worker_of(state)) as worker:
        while worker.step():
            pass
    return tally(state)


def worker_of(state: Path, asides: list[Aside] | None = None) -> Worker:
    return Worker(state, {OA}.__contains__, (asides if asides is not None else []).append)


def rows(state: Path, sql: str) -> list[tuple[object, ...]]:
    db = find_store(state)
    assert db is not None
    with closing(db):
        return db.rows(sql)


def tally(state: Path) -> dict[str, int]:
    return {
        str(kind): int(str(n)) for kind, n in rows(state, "SELECT class, sum(n) FROM tally GROUP BY class HAVING sum(n) <> 0")
    }


def stops(state: Path) -> dict[tuple[str, StopKind], bool]:
    with closing(Stops(state)) as said:
        return {(stop.user_id, stop.kind): stop.is_stop for stop in said.news()}
