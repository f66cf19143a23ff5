"""Answers to put into an outbox, and an outbox to put them into, for tests."""

import itertools
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from zalo_alert.foundation.database import Database
from zalo_alert.inbound.inbound_store import open_store
from zalo_alert.models import Rank
from zalo_alert.outbox.answer import Answer
from zalo_alert.outbox.store import Outbox

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
