"""The outbox seen from outside: who waits, what became of answers, and which OAs are held. Makes no file, changes nothing.

Everything is empty where no worker ever was.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from zalo_alert.foundation.database import Database
from zalo_alert.inbound.inbound_store import find_store
from zalo_alert.models import Rank, State

_HOUR_MS = 3_600_000


class Waiting(NamedTuple):
    """Answers of a rank that wait: how many, since when the first does, and when the first and the last expire.

    Times are milliseconds since 1970.
    """

    rank: Rank
    answers: int
    since_ms: int
    first_expires_ms: int
    last_expires_ms: int


class RuleCount(NamedTuple):
    """Answers of a rule that came to an end in an hour: its begin in milliseconds since 1970, how they ended, and how many."""

    hour_ms: int
    rule: str
    state: State
    reason: str
    answers: int


class HeldOa(NamedTuple):
    """An OA whose answers wait since Zalo refuses it, or nobody can speak for it: `reason` is a word, `code` Zalo's or 0."""

    oa: str
    via_app: str
    since_ms: int
    until_ms: int
    reason: str
    code: int


class OutboxCounts(NamedTuple):
    """What there is to know of a workspace's answers.

    Args:
        waiting: By rank, the most urgent first.
        in_flight: On their way.
        ended: Since the time that was asked for, by state.
        by_rule: The same by hour, rule, state and reason.
        held: OAs whose answers wait for a reason of the OA's own.
    """

    waiting: Sequence[Waiting]
    in_flight: int
    ended: Mapping[State, int]
    by_rule: Sequence[RuleCount]
    held: Sequence[HeldOa]

    @property
    def is_nothing(self) -> bool:
        """Whether nobody waits and nothing has ended."""
        return self == NOTHING


NOTHING = OutboxCounts((), 0, {}, (), ())


def outbox_counts(state_dir: Path, since_ms: int = 0) -> OutboxCounts:
    """Return what there is to know of a workspace's answers.

    Args:
        state_dir: Of the workspace.
        since_ms: Those that ended in the hour of this time or later are counted.

    Raises:
        StorageUnusable: The database can't be read.
    """
    if (db := find_store(state_dir)) is None:
        return NOTHING
    with closing(db), db.snapshot():
        by_rule = _ended(db, since_ms)
        ended: Counter[State] = Counter()
        for each in by_rule:
            ended[each.state] += each.answers
        in_flight = int(db.rows("SELECT count(*) FROM outbox WHERE is_live = 1 AND state = 'claimed'")[0][0])
        held = [HeldOa(*row) for row in db.rows("SELECT oa, via_app, since_ms, until_ms, reason, code FROM outbox_held")]
        return OutboxCounts(_waiting(db), in_flight, ended, by_rule, held)


def _ended(db: Database, since_ms: int) -> list[RuleCount]:
    sql = "SELECT hour, rule, state, reason, n FROM answer_tally WHERE hour >= ? ORDER BY hour, rule, state, reason"
    rows = db.rows(sql, (since_ms // _HOUR_MS,))
    return [RuleCount(hour * _HOUR_MS, rule, State(state), reason, answers) for hour, rule, state, reason, answers in rows]


def _waiting(db: Database) -> list[Waiting]:
    sql = """SELECT rank, sum(n), min(since), min(first), max(last) FROM (
        SELECT rank, count(*) AS n, min(since_ms) AS since, min(expires_ms) AS first, max(expires_ms) AS last
        FROM outbox INDEXED BY outbox_turn WHERE state = 'pending' GROUP BY rank
        UNION ALL
        SELECT rank, count(*), min(since_ms), min(expires_ms), max(expires_ms)
        FROM outbox INDEXED BY outbox_due WHERE state = 'deferred' GROUP BY rank
    ) GROUP BY rank ORDER BY rank"""
    return [Waiting(Rank(rank), *rest) for rank, *rest in db.rows(sql)]
