"""What came lately, for whoever looks after a webhook: which kinds of events and when, for which strangers, and what is odd.

Reads what the door and the worker write, beside them. Of the receipts, which may be millions an hour, it looks at the latest.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from zalo_alert.foundation.database import Database
from zalo_alert.inbound.event import EventClass, ReceiptKind
from zalo_alert.inbound.inbound_store import find_store, folder_of
from zalo_alert.inbound.journal import JOURNAL
from zalo_alert.inbound.receipt_lane import RECEIPTS
from zalo_alert.inbound.rolled import files_of

LATEST = 20_000  # rows of a file that are looked at
FILES = 48  # of receipts: so many hours in which some came
SELF_ANSWER_MS = 5_000  # a person's words and an echo within so long that is of no answer of ours: Zalo's own answer
_MINUTE_MS = 60_000
# What a receipt's event was called; of an echo only that it was one is kept.
_NAMES = {
    ReceiptKind.RECEIVED: "user_received_message",
    ReceiptKind.SEEN: "user_seen_message",
    ReceiptKind.ECHO: "oa_send_text",
    ReceiptKind.FEEDBACK: "user_feedback",
}
_LATEST_KINDS = """
SELECT oa, kind, MAX(arrived_ms) FROM (SELECT oa, kind, arrived_ms FROM receipt ORDER BY seq DESC LIMIT ?) GROUP BY oa, kind"""
_LATEST_ECHOES = """
SELECT oa, person, at_ms, msg_id FROM (SELECT oa, person, at_ms, kind, msg_id FROM receipt ORDER BY seq DESC LIMIT ?)
WHERE kind = ?"""
_LATEST_WORDS = """
SELECT oa, person, event_ms FROM (SELECT oa, person, event_ms, name FROM event ORDER BY seq DESC LIMIT ?)
WHERE name LIKE 'user_send_%' AND person <> ''"""
_LATEST_ANSWERS = "SELECT oa, user_id, message_id, state FROM outbox ORDER BY id DESC LIMIT ?"
_AHEAD = "SELECT MAX(event_ms - arrived_ms) FROM (SELECT event_ms, arrived_ms FROM event ORDER BY seq DESC LIMIT ?)"


def last_seen_ms(state_dir: Path) -> Mapping[tuple[str, str], int]:
    """Return when each kind of event last came, by OA and name, in milliseconds since 1970.

    Raises:
        StorageUnusable: A file can't be read; so with the others.
    """
    seen: dict[tuple[str, str], int] = {}
    if store := find_store(state_dir):
        with closing(store):
            seen |= {(oa, name): last_ms for oa, name, last_ms in store.rows("SELECT oa, name, last_ms FROM seen")}
    for path in files_of(folder_of(state_dir) / RECEIPTS)[-FILES:]:
        with closing(Database(path)) as database:
            for oa, kind, at_ms in database.rows(_LATEST_KINDS, (LATEST,)):
                seen[oa, _NAMES[ReceiptKind(kind)]] = at_ms
    return seen


def strangers(state_dir: Path, since_ms: int) -> Mapping[str, int]:
    """Return the OAs that no account names and whose events came since a time, with how many."""
    store = find_store(state_dir)
    if store is None:
        return {}
    sql = "SELECT oa, SUM(n) FROM tally WHERE class = ? AND minute >= ? GROUP BY oa ORDER BY 2 DESC, oa"
    with closing(store):
        return {oa: int(n) for oa, n in store.rows(sql, (EventClass.STRANGER, since_ms // _MINUTE_MS))}


def furthest_ahead_ms(state_dir: Path) -> int:
    """Return how far the latest events were ahead of this machine's clock, in milliseconds; 0 where none was."""
    for path in files_of(folder_of(state_dir) / JOURNAL)[-1:]:
        with closing(Database(path)) as database:
            return max(0, database.rows(_AHEAD, (LATEST,))[0][0] or 0)
    return 0


def self_answered(state_dir: Path) -> Sequence[str]:
    """Return the OAs in whose name somebody was answered at once lately: not by this tool, and no officer is so fast."""
    folder = folder_of(state_dir)
    spoken: dict[tuple[str, str], list[int]] = {}
    for path in files_of(folder / JOURNAL)[-1:]:
        with closing(Database(path)) as database:
            for oa, person, at_ms in database.rows(_LATEST_WORDS, (LATEST,)):
                spoken.setdefault((oa, person), []).append(at_ms)
    echoes: list[tuple[str, str, str]] = []
    for path in files_of(folder / RECEIPTS)[-2:] if spoken else ():
        with closing(Database(path)) as database:
            for oa, person, at_ms, msg_id in database.rows(_LATEST_ECHOES, (LATEST, ReceiptKind.ECHO)):
                if any(0 <= at_ms - said_ms <= SELF_ANSWER_MS for said_ms in spoken.get((oa, person), ())):
                    echoes.append((oa, person, msg_id))
    return _not_ours(state_dir, echoes) if echoes else []


def _not_ours(state_dir: Path, echoes: Sequence[tuple[str, str, str]]) -> Sequence[str]:
    """Return the OAs of echoes that are of no answer of this tool.

    One that has had no clear answer may be any echo to its person, and so may one that is on its way: nobody is accused by it.
    """
    store = find_store(state_dir)
    if store is None:
        return list(dict.fromkeys(oa for oa, _, _ in echoes))
    with closing(store):
        rows = store.rows(_LATEST_ANSWERS, (LATEST,))
    ours = {(oa, person, message_id) for oa, person, message_id, _ in rows}
    maybe = {(oa, person) for oa, person, _, state in rows if state in ("claimed", "unknown")}
    return list(dict.fromkeys(echo[0] for echo in echoes if echo not in ours and echo[:2] not in maybe))
