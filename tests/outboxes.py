"""Answers to put into an outbox, and an outbox to put them into, for tests."""

import asyncio
import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from zalo_alert.errors import SettingsInvalid
from zalo_alert.foundation.database import Database
from zalo_alert.inbound.inbound_store import open_store
from zalo_alert.models import Accepted, Outcome, Rank, Scope
from zalo_alert.outbox.answer import Answer, Want
from zalo_alert.outbox.holds import Way
from zalo_alert.outbox.sender import Sender
from zalo_alert.outbox.store import Claimed, Outbox

OA, OTHER_OA = "388613280878808645", "2388613280878808646"
NOW_MS = 1_796_000_000_000
MINUTE_MS = 60_000
_numbers = itertools.count(1)


def answer(user_id: str = "100", topic: str = "", **more: Any) -> Answer:
    """Make an answer from an origin of its own."""
    given = {
        "file": "2026-11-27.db", "seq": next(_numbers), "n": 0, "oa": OA, "user_id": user_id, "rank": Rank.RULE,
        "rule": "police-qa/can-cuoc", "topic": topic, "text": "Cấp căn cước tại công an phường.", "buttons": (),
        "made_ms": NOW_MS, "expires_ms": NOW_MS + 10 * MINUTE_MS,
    }  # fmt: skip
    return Answer(**{**given, **more})


@contextmanager
def database(folder: Path) -> Iterator[Database]:
    """Lend the worker's database."""
    with closing(open_store(folder)) as db:
        yield db


def states(db: Database) -> list[tuple[str, str]]:
    """Return state and reason of every answer, in the order in which they were put."""
    return [(state, reason) for state, reason in db.rows("SELECT state, reason FROM outbox ORDER BY id")]


def tallied(db: Database) -> dict[tuple[str, str], int]:
    """Return how many are over, by state and reason."""
    return {(state, reason): n for state, reason, n in db.rows("SELECT state, reason, sum(n) FROM answer_tally GROUP BY 1, 2")}


def put(db: Database, *answers: Answer, most: int = 1000) -> list[bool]:
    """Put answers in one transaction."""
    outbox = Outbox(db, most)
    with db.transaction():
        return [outbox.put(one) for one in answers]


class FreePace:
    """A pace in memory: grants so many each time it is asked, then as many as are wanted, and remembers what it heard."""

    def __init__(self, *grants: int) -> None:
        self._grants, self.heard = list(grants), list[str]()
        self.taken_back = 0

    def take(self, wanted: Mapping[Want, int], now_s: float) -> dict[Want, int]:
        left = self._grants.pop(0) if self._grants else 10**6
        granted = {}
        for want, calls in sorted(wanted.items(), key=lambda pair: pair[0][2]):
            granted[want] = min(left, calls)
            left -= granted[want]
        return granted

    def wait_s(self, wanted: Mapping[Want, int], now_s: float) -> float:
        return 0.05

    def take_back(self, calls: Mapping[Want, int]) -> None:
        self.taken_back += sum(calls.values())

    def heed_throttling(self, way: Way, scope: Scope, now_s: float, wall_s: float) -> None:
        self.heard.append(f"throttled {scope}")

    def heed_refusal(self, way: Way, now_s: float, **told: Any) -> bool:
        self.heard.append(f"refused, asked to wait {told['retry_after_s']}")
        return False

    def pause(self, now_s: float, seconds: float) -> None:
        self.heard.append(f"pause {seconds:g}")


class Zalo:
    """Answers posts as told: the outcome for each text, `Accepted` for all others; remembers who was written to, and what."""

    def __init__(self, **outcomes: Sequence[Outcome]) -> None:
        self._outcomes = {text: list(each) for text, each in outcomes.items()}
        self.posted: list[tuple[str, str]] = []
        self.made: list[Way] = []
        self.mute: set[str] = set()  # OAs for which nobody can speak
        self.mistaken: set[str] = set()  # people at whose answers this makes a mistake
        self.begun = asyncio.Event()
        self.gate: asyncio.Event | None = None  # what answers wait for

    def sender_of(self, way: Way) -> Sender:
        self.made.append(way)
        if way[0] in self.mute:
            raise SettingsInvalid("no account has this OA")
        return self

    async def send(self, row: Claimed) -> Outcome:
        if row.user_id in self.mistaken:
            raise ZeroDivisionError
        self.posted.append((row.user_id, row.text))
        self.begun.set()
        if self.gate:
            await self.gate.wait()
        left = self._outcomes.get(row.text)
        return left.pop(0) if left else Accepted(f"m{len(self.posted)}")
