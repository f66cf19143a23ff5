"""The worker's own database, `inbound.db`: its tables, and what they are told in one transaction. Knows no event.

Whoever has asked to be forgotten and had opted out is kept as a keyed mark: the opt-out goes on, and nobody can tell whose it is.
"""

import secrets
import zlib
from pathlib import Path

from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.database import Database
from zalo_alert.foundation.files import private_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _

FOLDER = "inbound"  # below the workspace's state
NAME = "inbound.db"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cursor (lane TEXT PRIMARY KEY, file TEXT NOT NULL, seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS person (
    oa TEXT NOT NULL, user_id TEXT NOT NULL, by_app TEXT NOT NULL, first_ms INTEGER NOT NULL, last_in_ms INTEGER NOT NULL,
    followed INTEGER, at_ms INTEGER NOT NULL, changed INTEGER NOT NULL,
    spare REAL NOT NULL, spare_ms INTEGER NOT NULL, minute INTEGER NOT NULL, in_minute INTEGER NOT NULL,
    PRIMARY KEY (oa, user_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS person_changed ON person (oa, changed);
CREATE TABLE IF NOT EXISTS info (
    oa TEXT NOT NULL, user_id TEXT NOT NULL, at_ms INTEGER NOT NULL, name TEXT NOT NULL, phone TEXT NOT NULL,
    city TEXT NOT NULL, district TEXT NOT NULL, ward TEXT NOT NULL, address TEXT NOT NULL,
    PRIMARY KEY (oa, user_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stop (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, oa TEXT NOT NULL, user_id TEXT NOT NULL, mark TEXT NOT NULL, by_app TEXT NOT NULL,
    kind TEXT NOT NULL, at_ms INTEGER NOT NULL, is_stop INTEGER NOT NULL,
    UNIQUE (oa, user_id, mark, kind)
);
CREATE TABLE IF NOT EXISTS tally (
    minute INTEGER NOT NULL, oa TEXT NOT NULL, class TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (minute, oa, class)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen (
    oa TEXT NOT NULL, name TEXT NOT NULL, last_ms INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (oa, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS trouble (
    file TEXT NOT NULL, seq INTEGER NOT NULL, oa TEXT NOT NULL, name TEXT NOT NULL, why TEXT NOT NULL, at_ms INTEGER NOT NULL,
    PRIMARY KEY (file, seq)
) WITHOUT ROWID;
-- conversations (answers/conversation.py) and cases (cases/store.py)
CREATE TABLE IF NOT EXISTS conversation (
    oa TEXT NOT NULL, person TEXT NOT NULL, handled_ms INTEGER NOT NULL, step TEXT NOT NULL, held TEXT NOT NULL,
    step_until_ms INTEGER NOT NULL, by_hand_ms INTEGER NOT NULL, fallback_ms INTEGER NOT NULL,
    PRIMARY KEY (oa, person)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS asked (
    hour INTEGER NOT NULL, rule TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (hour, rule)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS case_day (
    prefix TEXT NOT NULL, day TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (prefix, day)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cases (
    id INTEGER PRIMARY KEY, no TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, oa TEXT NOT NULL, person TEXT NOT NULL,
    conversation TEXT NOT NULL, state TEXT NOT NULL, officer TEXT NOT NULL, version INTEGER NOT NULL,
    opened_ms INTEGER NOT NULL, heard_ms INTEGER NOT NULL, answered_ms INTEGER NOT NULL, spoke_ms INTEGER NOT NULL,
    closed_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL, done_due_ms INTEGER NOT NULL, file TEXT NOT NULL, seq INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS cases_person ON cases (oa, person, kind);
CREATE INDEX IF NOT EXISTS cases_event ON cases (file, seq);
CREATE TABLE IF NOT EXISTS entry (
    case_id INTEGER NOT NULL, n INTEGER NOT NULL, at_ms INTEGER NOT NULL, who TEXT NOT NULL, officer TEXT NOT NULL,
    what TEXT NOT NULL, text TEXT NOT NULL, msg_id TEXT NOT NULL, file TEXT NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (case_id, n)
) WITHOUT ROWID;

-- Answers: one row each, emptied of words once it is over. Who waits in an OA, an app and a rank goes by turn,
-- then by since when its person waits.
CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY, file TEXT NOT NULL, seq INTEGER NOT NULL, n INTEGER NOT NULL,
    oa TEXT NOT NULL, user_id TEXT NOT NULL, conversation TEXT NOT NULL, via_app TEXT NOT NULL, rank INTEGER NOT NULL,
    turn INTEGER NOT NULL, state TEXT NOT NULL, is_live INTEGER NOT NULL, rule TEXT NOT NULL, topic TEXT NOT NULL,
    text TEXT NOT NULL, buttons TEXT NOT NULL, quote TEXT NOT NULL, made_ms INTEGER NOT NULL, since_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL, on_unknown TEXT NOT NULL, is_private INTEGER NOT NULL,
    attempts INTEGER NOT NULL, unclear INTEGER NOT NULL, code INTEGER NOT NULL, reason TEXT NOT NULL,
    message_id TEXT NOT NULL, text_digest BLOB NOT NULL, settled_ms INTEGER NOT NULL,
    claimed_ms INTEGER NOT NULL DEFAULT 0, change INTEGER NOT NULL DEFAULT 0,
    UNIQUE (file, seq, n)
);
CREATE INDEX IF NOT EXISTS outbox_turn ON outbox (oa, via_app, rank, turn, since_ms, id, expires_ms)
    WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS outbox_live ON outbox (oa, user_id) WHERE is_live = 1;
CREATE INDEX IF NOT EXISTS outbox_due ON outbox (due_ms) WHERE state = 'deferred';
CREATE INDEX IF NOT EXISTS outbox_nameless ON outbox (settled_ms) WHERE state IN ('unknown', 'claimed') OR unclear > 0;
CREATE INDEX IF NOT EXISTS outbox_change ON outbox (change) WHERE change > 0;
CREATE INDEX IF NOT EXISTS outbox_unknown ON outbox (oa, user_id) WHERE state = 'unknown';
CREATE TABLE IF NOT EXISTS answer_tally (
    hour INTEGER NOT NULL, rule TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY (hour, rule, state, reason)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox_held (
    oa TEXT NOT NULL, via_app TEXT NOT NULL, since_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL, reason TEXT NOT NULL,
    code INTEGER NOT NULL, PRIMARY KEY (oa, via_app)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS to_blank (file TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (file, seq)) WITHOUT ROWID;
-- Look-ups: which numbers a person has asked for on a day, as keyed hashes; how often without a result; and the questions of
-- those who asked before the opening, kept until they are answered.
CREATE TABLE IF NOT EXISTS lookup_candidate (
    lookup TEXT NOT NULL, oa TEXT NOT NULL, person TEXT NOT NULL, day INTEGER NOT NULL, mark TEXT NOT NULL,
    PRIMARY KEY (oa, person, lookup, day, mark)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lookup_wrong (
    lookup TEXT NOT NULL, oa TEXT NOT NULL, person TEXT NOT NULL, day INTEGER NOT NULL, n INTEGER NOT NULL,
    paused_until_ms INTEGER NOT NULL, PRIMARY KEY (oa, person, lookup)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lookup_asked (
    id INTEGER PRIMARY KEY AUTOINCREMENT, lookup TEXT NOT NULL, oa TEXT NOT NULL, person TEXT NOT NULL,
    conversation TEXT NOT NULL, mark TEXT NOT NULL, number TEXT NOT NULL, fact TEXT NOT NULL, asked_ms INTEGER NOT NULL,
    UNIQUE (lookup, oa, person, mark)
);
CREATE VIEW IF NOT EXISTS ready AS SELECT 1;
"""
_EDITION = zlib.crc32(_SCHEMA.encode()) >> 1  # of the tables: a database of another one gains those that it lacks


def folder_of(state_dir: Path) -> Path:
    """Return the folder of everything that comes back."""
    return state_dir / FOLDER


def require_readable(folder: Path) -> None:
    """Check that a folder, if there is one, may be looked into: nothing would be seen of it otherwise, as if nothing had come.

    Raises:
        StorageUnusable: It may not.
    """
    try:
        (folder / NAME).stat()
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as exc:
        raise StorageUnusable(
            _("can't use {path}: {why}", path=folder, why=reason(exc)), hint=_("check the disk and the folder's permissions")
        ) from exc


def open_store(state_dir: Path) -> Database:
    """Open the worker's database, and make it where there is none.

    Raises:
        StorageUnusable: It can't be opened or made.
    """
    folder = folder_of(state_dir)
    private_folder(folder)
    db = Database(folder / NAME, schema=_SCHEMA, takes_turns=True)
    _keep_edition(db)
    db.run("PRAGMA secure_delete = ON")  # whoever is forgotten is not to be read off a freed page
    db.run("PRAGMA temp_store = MEMORY")  # nor off a file that nobody knows of
    db.run("INSERT OR IGNORE INTO about VALUES ('id', ?)", (secrets.token_hex(8),))
    return db


def find_store(state_dir: Path) -> Database | None:
    """Open the worker's database if there is one: a workspace without a webhook has none.

    Raises:
        StorageUnusable: There is one, and it can't be opened.
    """
    require_readable(folder_of(state_dir))
    path = folder_of(state_dir) / NAME
    if not path.is_file():
        return None
    db = Database(path)
    db.run("PRAGMA secure_delete = ON")
    if not db.rows("SELECT 1 FROM sqlite_master WHERE name = 'ready'"):
        db.close()  # a worker makes it at this moment
        return None
    if db.rows("PRAGMA user_version") != [(_EDITION,)]:
        db.run_script(_SCHEMA)
        _keep_edition(db)
    return db


def _keep_edition(db: Database) -> None:
    if db.rows("PRAGMA user_version") != [(_EDITION,)]:
        db.run(f"PRAGMA user_version = {_EDITION}")


def forgotten(db: Database) -> int:
    """Return how often somebody has been forgotten: whoever read events before that must look at them again."""
    rows = db.rows("SELECT value FROM about WHERE name = 'forgotten'")
    return int(rows[0][0]) if rows else 0


def note_forgotten(db: Database) -> None:
    """Count that somebody is being forgotten, in the transaction that does it."""
    db.run("INSERT OR REPLACE INTO about VALUES ('forgotten', ?)", (str(forgotten(db) + 1),))
