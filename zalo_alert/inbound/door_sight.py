"""How the door is, seen from outside: what it tells of itself in a file, by rename, while something changes."""

from pathlib import Path
from typing import NamedTuple

import orjson

from zalo_alert.foundation import machine
from zalo_alert.foundation.files import draft_name

SIGHT = "door.json"


class DoorSight(NamedTuple):
    """A door as it last told of itself; times are milliseconds since 1970.

    Args:
        pid: Its process.
        listen: Where, as `HOST:PORT`.
        started_ms: Since when.
        at_ms: When it told this.
        stopped_ms: When it was stopped; 0 while it goes on, or when its process was killed.
        closed_ms: Since when nothing can be stored; 0 while it is open.
        closed_why: Why, in a sentence.
        acknowledged: Events answered 200 since it started; all of them stood on the disk then.
        retried: How many of those Zalo had tried before.
        parked: How many of those wait for the right secret.
        refused: Requests answered 403.
        last_ms: When an event was last acknowledged; 0 if none was.
        commit_p99_ms: How long the slowest hundredth of the last thousand commits took.
    """

    pid: int
    listen: str
    started_ms: int
    at_ms: int
    stopped_ms: int = 0
    closed_ms: int = 0
    closed_why: str = ""
    acknowledged: int = 0
    retried: int = 0
    parked: int = 0
    refused: int = 0
    last_ms: int = 0
    commit_p99_ms: float = 0.0


def door_sight(folder: Path) -> DoorSight | None:
    """Return what the door of a workspace last told of itself; None when there never was one.

    Args:
        folder: `inbound` of the workspace's state.
    """
    try:
        return DoorSight(**orjson.loads((folder / SIGHT).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def tell_sight(folder: Path, sight: DoorSight) -> None:
    """Tell it; worth nothing after a power cut, so it waits for no disk.

    Raises:
        OSError: It can't be written.
    """
    draft = folder / draft_name(SIGHT)
    try:
        draft.touch(mode=0o600)
        draft.write_bytes(orjson.dumps(sight._asdict()))
        machine.replace(draft, folder / SIGHT)
    finally:
        draft.unlink(missing_ok=True)


def slowest(took_s: list[float]) -> float:
    """Return how long the slowest hundredth took at least, in milliseconds."""
    ordered = sorted(took_s)
    return round(1000 * ordered[len(ordered) * 99 // 100], 1) if ordered else 0.0
