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
SELF_ANSWER_MS = 5_000  # a person's words and an echo within so long, while this tool answers nobody: Zalo's own answer
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
SELECT oa, person, at_ms FROM (SELECT oa, person, at_ms, kind FROM receipt ORDER BY seq DESC LIMIT ?) WHERE kind = ?"""
_LATEST_WORDS = """
SELECT oa, person, event_ms FROM (SELECT oa, person, event_ms, name FROM event ORDER BY seq DESC LIMIT ?)
WHERE name LIKE 'user_send_%' AND person <> ''"""
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
    """Return the OAs in whose name somebody was answered at once lately, which this tool does not do, nor any officer so fast."""
    folder = folder_of(state_dir)
    spoken: dict[tuple[str, str], list[int]] = {}
    for path in files_of(folder / JOURNAL)[-1:]:
        with closing(Database(path)) as database:
            for oa, person, at_ms in database.rows(_LATEST_WORDS, (LATEST,)):
                spoken.setdefault((oa, person), []).append(at_ms)
    found: dict[str, None] = {}
    for path in files_of(folder / RECEIPTS)[-2:] if spoken else ():
        with closing(Database(path)) as database:
            for oa, person, at_ms in database.rows(_LATEST_ECHOES, (LATEST, ReceiptKind.ECHO)):
                if any(0 <= at_ms - said_ms <= SELF_ANSWER_MS for said_ms in spoken.get((oa, person), ())):
                    found[oa] = None
    return list(found)
