"""The outbox: answers that wait, are on their way, or are over. One table of the worker's database.

Five things hold at every instant, also after a kill:

1. From one origin comes one answer at most: `put` says whether there was one before.
2. Nobody is asked without a durable claim; after a crash a claimed answer is unknown, or is posted again where its rule says so.
3. Of a person one answer at most is claimed; within an OA, an app and a rank theirs are claimed in the order of their turns.
4. Within an OA, an app and a rank people take turns: whoever asks fifty times waits behind those who ask once.
5. Whatever is over has no words left, and is counted by hour, rule, state and reason in the transaction that ended it.

Knows no clock and no network; every method but those that only read is called inside a transaction of its caller's.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any, NamedTuple

from zalo_alert.foundation.ahead import Theirs
from zalo_alert.foundation.database import Database
from zalo_alert.inbound.event import text_digest
from zalo_alert.models import OnUnknown, Rank, State
from zalo_alert.outbox.answer import Answer, Want, Why
from zalo_alert.outbox.line import Live, row_of
from zalo_alert.outbox.proven import changes_from

MOST_WAITING = 200_000  # answers; beyond it the least urgent are shed
SHED_SHARE = 100  # and one in so many with them, so that counting who waits is rare
_EXPIRED_AT_ONCE = 5_000

_PENDING = "outbox INDEXED BY outbox_turn WHERE state = 'pending'"  # of millions that are over, none is looked at
_DEFERRED = "outbox INDEXED BY outbox_due WHERE state = 'deferred'"
_CLAIMED = "outbox INDEXED BY outbox_live WHERE is_live = 1 AND state = 'claimed'"
_LIVE = "is_live = 1"  # pending, deferred or claimed: its index is spared when an answer is claimed
_ENDED = "is_live = 0, text = '', buttons = '', quote = ''"

_PUT = """INSERT INTO outbox (file, seq, n, oa, user_id, rank, rule, topic, text, buttons, made_ms, expires_ms, on_unknown,
via_app, quote, is_private, conversation, since_ms, state, is_live, due_ms, attempts, unclear, code, reason, message_id,
text_digest, settled_ms, turn)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', 1, 0, 0, 0, 0, '', '', x'', 0, max(?, ifnull((
    SELECT turn FROM outbox INDEXED BY outbox_turn WHERE state = 'pending' AND oa = ? AND via_app = ? AND rank = ?
    ORDER BY turn LIMIT 1), 0)))
ON CONFLICT (file, seq, n) DO NOTHING"""

_COLUMNS = """id, oa, user_id, conversation, via_app, rank, rule, text, buttons, quote, attempts, unclear, on_unknown, expires_ms,
is_private, file, seq"""
_NEXT = f"""SELECT {_COLUMNS} FROM outbox AS o INDEXED BY outbox_turn
WHERE state = 'pending' AND oa = ? AND via_app = ? AND rank = ? AND expires_ms > ?
AND NOT EXISTS (SELECT 1 FROM outbox AS b WHERE b.{_LIVE} AND b.oa = o.oa AND b.user_id = o.user_id AND (b.state = 'claimed'
    OR (b.state = 'deferred' AND b.rank = o.rank AND b.via_app = o.via_app AND b.turn < o.turn)))
ORDER BY turn, since_ms, id LIMIT ?"""

_LAST = f"""SELECT id, rule, is_private, file, seq FROM outbox WHERE id IN (
    SELECT id FROM {_PENDING} ORDER BY rank DESC, turn DESC, since_ms DESC, id DESC LIMIT ?)"""

# Of posts whose end nobody knows the first one's time is kept: a receipt of any of them is later.
_CLAIM = """UPDATE outbox SET state = 'claimed', attempts = attempts + 1,
claimed_ms = CASE WHEN unclear = 0 THEN ? ELSE claimed_ms END WHERE id = ? AND state = 'pending'"""
_SETTLE = f"""UPDATE outbox SET state = ?, code = ?, reason = ?,
message_id = iif(user_id = '', '', ?), change = ?, text_digest = ?, settled_ms = ?, {_ENDED}
WHERE id = ? AND state = 'claimed'"""
_AGAIN = """UPDATE outbox SET state = 'deferred', code = ?, reason = ?, due_ms = ?, unclear = unclear + ?
WHERE id = ? AND state = 'claimed' AND user_id <> ''"""
_OVER = f"UPDATE outbox SET state = ?, reason = ?, settled_ms = ?, {_ENDED} WHERE id = ?"
_FORGOTTEN = f"{_OVER} AND state = 'claimed' AND user_id = ''"
_TALLY = """INSERT INTO answer_tally VALUES (?, ?, ?, ?, ?)
ON CONFLICT (hour, rule, state, reason) DO UPDATE SET n = n + excluded.n"""
_HOUR_MS = 3_600_000


class Claimed(NamedTuple):
    """An answer that may be posted now; `buttons` are as JSON, "" for none; `unclear` counts posts whose end nobody knows."""

    id: int
    oa: str
    user_id: str
    conversation: str
    via_app: str
    rank: int
    rule: str
    text: str
    buttons: str
    quote: str
    attempts: int
    unclear: int
    on_unknown: str
    expires_ms: int
    is_private: int
    file: str
    seq: int

    @property
    def want(self) -> Want:
        """What the pace granted a call for."""
        return self.oa, self.via_app, Rank(self.rank)


class Settled(NamedTuple):
    """What became of a claimed answer: it is over.

    `state` is accepted, rejected, unknown or expired; `reason` "" or a word; `text_digest` tells its echo, and is b"" where
    none is kept.
    """

    claimed: Claimed
    state: State
    reason: str = ""
    code: int = 0
    message_id: str = ""
    text_digest: bytes = b""


class Again(NamedTuple):
    """A claimed answer that is tried again at a time; `is_unclear`: it may have reached its person."""

    claimed: Claimed
    due_ms: int
    reason: str = ""
    code: int = 0
    is_unclear: bool = False


class Outbox:
    """See the module.

    Args:
        db: The worker's database: a connection of the caller's.
        most: So many may wait.
    """

    def __init__(self, db: Database, most: int = MOST_WAITING) -> None:
        self._db, self._most = db, most
        self._theirs = Theirs(db, ", ".join(Live._fields), "outbox INDEXED BY outbox_live", "user_id", _LIVE)
        self._room = 0  # so many more may be put before those who wait are counted again
        self._has_shed = False

    def put(self, answer: Answer) -> bool:
        """Have an answer posted, once the caller's transaction is over; False where there was one from its origin before."""
        theirs = [Live(*row) for row in self._theirs.rows(answer.oa, answer.user_id)]
        replaced = [row for row in theirs if row.is_replaced_by(answer)]
        self._theirs.changed(answer.oa, answer.user_id)
        if not self._db.run(_PUT, row_of(answer, theirs, replaced)):
            return False
        if replaced:
            self._end([row.head for row in replaced], State.WITHHELD, Why.REPLACED, answer.made_ms)
        self._room -= 1
        self._has_shed = False
        if self._room < 0:
            self._shed(answer.made_ms)
        return True

    def was_shed(self, answer: Answer) -> bool:
        """Whether the answer that was put last had to go at once, since too many wait and all are more urgent."""
        sql = "SELECT 1 FROM outbox WHERE file = ? AND seq = ? AND n = ? AND reason = ?"
        return self._has_shed and bool(self._db.rows(sql, (*answer[:3], Why.SHED)))

    def next_of(self, want: Want, most: int, now_ms: int) -> list[Claimed]:
        """Return who may be answered next of an OA, an app and a rank; of one person one at most, and nobody who is asked now."""
        oa, via_app, rank = want
        chosen: dict[str, Claimed] = {}
        for row in self._db.rows(_NEXT, (oa, via_app, int(rank), now_ms, most)):
            chosen.setdefault(row[2], Claimed(*row))
        return list(chosen.values())

    def claim(self, chosen: Sequence[Claimed], now_ms: int) -> Sequence[Claimed]:
        """Take what may be posted now, as `next_of` returned it; those are left out that have changed since."""
        self._theirs.all_changed()
        changed = self._db.run_many(_CLAIM, [(now_ms, row.id) for row in chosen]) if chosen else 0
        if changed == len(chosen):
            return chosen
        claimed = {number for (number,) in self._db.rows(f"SELECT id FROM {_CLAIMED}")}
        return [row for row in chosen if row.id in claimed]

    def settle(self, settled: Sequence[Settled], again: Sequence[Again], now_ms: int) -> None:
        """Write down what became of claimed answers."""
        self._theirs.all_changed()
        named = sum(bool(s.message_id) for s in settled)
        change = count(changes_from(self._db, named) if named else 0)
        rows = [
            (s.state.value, s.code, str(s.reason), s.message_id, next(change) if s.message_id else 0, s.text_digest, now_ms,
             s.claimed.id)
            for s in settled
        ]  # fmt: skip
        changed = self._db.run_many(_SETTLE, rows) if rows else 0
        changed += self._defer(again, now_ms) if again else 0
        if changed != len(rows) + len(again):
            raise RuntimeError("an answer was settled that is not claimed")
        self._count(now_ms, ((s.claimed.rule, s.state, s.reason) for s in settled))
        self._blank((s.claimed.file, s.claimed.seq) for s in settled if s.claimed.is_private)

    def revive(self, now_ms: int) -> set[Want]:
        """Let those wait for their turn again whose time has come; return whose they are."""
        wants = self._wants(f"SELECT DISTINCT oa, via_app, rank FROM {_DEFERRED} AND due_ms <= ?", now_ms)
        if wants:
            self._theirs.all_changed()
            self._db.run("UPDATE outbox SET state = 'pending' WHERE state = 'deferred' AND due_ms <= ?", (now_ms,))
        return wants

    def expire(self, now_ms: int) -> int:
        """End those who have waited too long, some thousands at most; return how many."""
        found = [
            row
            for place in (_PENDING, _DEFERRED)
            for row in self._db.rows(
                f"SELECT id, rule, is_private, file, seq FROM {place} AND expires_ms <= ? LIMIT ?", (now_ms, _EXPIRED_AT_ONCE)
            )
        ]
        return self._end(found, State.EXPIRED, Why.EXPIRED, now_ms)

    def give_up(self, now_ms: int) -> int:
        """Call all unknown that wait or are on their way: another machine may have posted them since; return how many."""
        rows = self._db.rows(f"SELECT id, rule, is_private, file, seq FROM outbox WHERE {_LIVE}")
        return self._end(rows, State.UNKNOWN, Why.RESTORED, now_ms)

    def count_expired(self, rule: str, number: int, now_ms: int) -> None:
        """Count answers that were promised and have expired before they could be made."""
        self._count(now_ms, [(rule, State.EXPIRED, Why.EXPIRED)] * number)

    def blank(self, origin: tuple[str, int]) -> None:
        """Have the journal's body of a private question emptied that has no answer."""
        self._blank([origin])

    def recover(self, now_ms: int) -> Counter[State]:
        """End what a process that died had claimed, or let it be posted again; return how many became what. At the start."""
        sql = f"SELECT id, text FROM {_CLAIMED} AND on_unknown = ? AND NOT is_private AND user_id <> ''"
        digests = [(text_digest(text), number) for number, text in self._db.rows(sql, (OnUnknown.HOLD,))]
        self._db.run_many("UPDATE outbox SET text_digest = ? WHERE id = ?", digests)  # the words go, and an echo may come
        sql = f"SELECT id, rule, is_private, file, seq FROM {_CLAIMED} AND (on_unknown = ? OR user_id = '')"
        held = self._end(self._db.rows(sql, (OnUnknown.HOLD,)), State.UNKNOWN, Why.CRASH, now_ms)
        resent = self._db.run(
            f"UPDATE outbox SET state = 'pending', unclear = unclear + 1 WHERE id IN (SELECT id FROM {_CLAIMED})"
        )
        return +Counter({State.UNKNOWN: held, State.PENDING: resent})

    def _defer(self, again: Sequence[Again], now_ms: int) -> int:
        """Let answers be tried again; those to somebody who was forgotten meanwhile are not."""
        rows = [(a.code, str(a.reason), a.due_ms, a.is_unclear, a.claimed.id) for a in again]
        changed = self._db.run_many(_AGAIN, rows)
        if changed == len(rows):
            return changed
        over = [a.claimed for a in again if self._db.run(_FORGOTTEN, (State.WITHHELD, Why.FORGOTTEN, now_ms, a.claimed.id))]
        self._count(now_ms, ((row.rule, State.WITHHELD, Why.FORGOTTEN) for row in over))
        return changed + len(over)

    def due_ms(self) -> int | None:
        """Return when the first of those that are tried again is due; None when there is none."""
        due_ms: int | None = self._db.rows(f"SELECT min(due_ms) FROM {_DEFERRED}")[0][0]
        return due_ms

    def last(self) -> int:
        """Return the number of the last answer ever put."""
        return int(self._db.rows("SELECT max(id) FROM outbox")[0][0] or 0)

    def wants(self, after: int = 0) -> set[Want]:
        """Return of which OAs, apps and ranks answers wait for their turn; with a number, of those put after it."""
        if after:
            return self._wants("SELECT DISTINCT oa, via_app, rank FROM outbox WHERE id > ?", after)
        return self._wants(f"SELECT DISTINCT oa, via_app, rank FROM {_PENDING} AND id > ?", 0)

    def _wants(self, sql: str, after: int) -> set[Want]:
        return {(oa, via_app, Rank(rank)) for oa, via_app, rank in self._db.rows(sql, (after,))}

    def _shed(self, now_ms: int) -> None:
        """Count who waits; where they are too many, let the last of the least urgent go."""
        waiting = sum(int(self._db.rows(f"SELECT count(*) FROM {place}")[0][0]) for place in (_PENDING, _DEFERRED))
        if waiting > self._most:
            many = waiting - self._most + self._most // SHED_SHARE
            waiting -= self._end(self._db.rows(_LAST, (many,)), State.WITHHELD, Why.SHED, now_ms)
            self._has_shed = True
        self._room = self._most - waiting

    def _end(self, rows: Sequence[tuple[Any, ...]], state: State, why: Why, now_ms: int) -> int:
        """End answers that are not on their way: (number, rule, whether private, file, number there)."""
        if rows:
            self._theirs.all_changed()
            self._db.run_many(_OVER, [(state, why, now_ms, row[0]) for row in rows])
            self._count(now_ms, ((row[1], state, why) for row in rows))
            self._blank(row[3:5] for row in rows if row[2])
        return len(rows)

    def _count(self, now_ms: int, whats: Iterable[tuple[str, str, str]]) -> None:
        counts = Counter(whats)
        if counts:
            self._db.run_many(_TALLY, [(now_ms // _HOUR_MS, *what, n) for what, n in counts.items()])

    def _blank(self, places: Iterable[tuple[str, int]]) -> None:
        """Have the journal's bodies of private questions emptied: another file, so it is only noted here."""
        self._db.run_many("INSERT OR IGNORE INTO to_blank VALUES (?, ?)", places)
