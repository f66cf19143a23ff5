"""Links by which administrators of OAs are asked to consent: what is kept of each, until long after it has ended.

Of a link's `state` there is a digest here, by which the answer is known, and the verifier of its PKCE is made of the state and of
a salt that is kept here: who finds the link alone, or this file alone, has half of it. What a consent has given is put aside here
until Zalo has said whose it is, and only then among the tokens that speak.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from zalo_alert.foundation.database import Database
from zalo_alert.foundation.secret import Secret
from zalo_alert.zalo.base import TokenPair
from zalo_alert.zalo.token_store import NAME

KEPT_S = 180 * 86_400.0  # after its end a link is told from one that never was
STATE = re.compile("[A-Za-z0-9_-]{43}")

_SCHEMA = """CREATE TABLE IF NOT EXISTS invitation (digest TEXT PRIMARY KEY, account TEXT NOT NULL, app_id TEXT NOT NULL,
oa_id TEXT NOT NULL, callback TEXT NOT NULL, salt TEXT NOT NULL, made_at_s REAL NOT NULL, ends_at_s REAL NOT NULL,
code TEXT NOT NULL, outcome TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS unproven (digest TEXT PRIMARY KEY, access TEXT NOT NULL, refresh TEXT NOT NULL,
lifetime_s REAL NOT NULL, refresh_lifetime_s REAL NOT NULL, came_at_s REAL NOT NULL) WITHOUT ROWID"""
_COLUMNS = "digest, account, app_id, oa_id, callback, salt, made_at_s, ends_at_s, code, outcome"


class Outcome(StrEnum):
    """What became of an answer to a link."""

    NONE = ""
    RECEIVED = "received"  # the tokens are kept
    UNPROVEN = "unproven"  # they are put aside: Zalo has not said yet whose they are
    WRONG_OA = "wrong-oa"  # the administrator chose another OA
    SPENT = "spent"  # Zalo says that the code is used up or too old


class Invitation(NamedTuple):
    """One link, as it is kept. Instants are seconds since 1970.

    Args:
        digest: Of its state.
        account: Whose consent, by our id.
        app_id: For which app.
        oa_id: The OA that must consent.
        callback: Where the answer comes to.
        salt: What its verifier is made with; empty where the app has one of its own.
        made_at_s: When it was made.
        ends_at_s: From when on it is taken no more.
        code: Digest of the last code that Zalo was asked about; "" for none.
        outcome: What became of that.
    """

    digest: str
    account: str
    app_id: str
    oa_id: str
    callback: str
    salt: Secret
    made_at_s: float
    ends_at_s: float
    code: str = ""
    outcome: Outcome = Outcome.NONE

    @property
    def path(self) -> str:
        """The path that its answer comes to."""
        return urlsplit(self.callback).path or "/"


class AsidePair(NamedTuple):
    """Tokens of which nobody knows yet whose they are; `came_at_s` is when Zalo gave them."""

    digest: str
    pair: TokenPair
    came_at_s: float


def new_state() -> Secret:
    """Make what nobody can guess: 256 bits."""
    return Secret(secrets.token_urlsafe(32))


def digest_of(text: str) -> str:
    """Return the digest by which a state or a code is known again."""
    return hashlib.sha256(text.encode()).hexdigest()


def verifier_of(salt: Secret, state: Secret) -> Secret:
    """Return the PKCE verifier of a link (RFC 7636: 43 letters of base64url)."""
    made = hmac.digest(salt.reveal().encode(), state.reveal().encode(), "sha256")
    return Secret(base64.urlsafe_b64encode(made).rstrip(b"=").decode())


class InvitationStore:
    """The links of a workspace, in the file of its tokens; on the disk when a method returns.

    Args:
        folder: The workspace's own.
    """

    def __init__(self, folder: Path) -> None:
        self._db = Database(folder / NAME, schema=_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def add(self, invitations: Iterable[Invitation], now_s: float) -> None:
        """Keep new links, all or none of them; older ones of the same OAs hold on, as they may be in somebody's mail."""
        rows = [(*one[:5], one.salt.reveal(), *one[6:]) for one in invitations]
        with self._db.transaction():
            self._db.run("DELETE FROM invitation WHERE ends_at_s < ?", (now_s - KEPT_S,))
            self._db.run_many("INSERT INTO invitation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def find(self, state: str) -> Invitation | None:
        """Find the link that a state is of. By its digest, so how long that takes tells nothing of any state."""
        digest = digest_of(state)
        found = self.get(digest)
        return found if found and hmac.compare_digest(found.digest, digest) else None

    def get(self, digest: str) -> Invitation | None:
        """Return a link by the digest of its state."""
        rows = self._db.rows(f"SELECT {_COLUMNS} FROM invitation WHERE digest = ?", (digest,))
        return _read(rows[0]) if rows else None

    def open_ones(self, now_s: float) -> list[Invitation]:
        """Return the links that are still taken, the oldest first."""
        sql = f"SELECT {_COLUMNS} FROM invitation WHERE ends_at_s > ? ORDER BY made_at_s, digest"
        return [_read(row) for row in self._db.rows(sql, (now_s,))]

    def settle(self, digest: str, code: str, outcome: Outcome) -> None:
        """Write down what became of a code; tokens that were put aside for this link are gone with it."""
        with self._db.transaction():
            self._db.run("UPDATE invitation SET code = ?, outcome = ? WHERE digest = ?", (code, outcome, digest))
            self._db.run("DELETE FROM unproven WHERE digest = ?", (digest,))

    def note_spent(self, digest: str, code: str) -> None:
        """Write down a code that Zalo refuses for good, unless the link has had a better one: anybody may make codes up."""
        sql = "UPDATE invitation SET code = ?, outcome = ? WHERE digest = ? AND outcome IN (?, ?)"
        self._db.run(sql, (code, Outcome.SPENT, digest, Outcome.NONE, Outcome.SPENT))

    def put_aside(self, digest: str, code: str, pair: TokenPair, now_s: float) -> AsidePair:
        """Keep the tokens that a code has given until it is known whose they are."""
        values = (digest, pair.access.reveal(), pair.refresh.reveal(), pair.lifetime_s, pair.refresh_lifetime_s, now_s)
        with self._db.transaction():
            self._db.run("UPDATE invitation SET code = ?, outcome = ? WHERE digest = ?", (code, Outcome.UNPROVEN, digest))
            self._db.run("INSERT OR REPLACE INTO unproven VALUES (?, ?, ?, ?, ?, ?)", values)
        return AsidePair(digest, pair, now_s)

    def aside(self, digest: str | None = None) -> list[AsidePair]:
        """Return what is put aside, for every link or for one."""
        where, values = ("", ()) if digest is None else ("WHERE digest = ?", (digest,))
        sql = f"SELECT digest, access, refresh, lifetime_s, refresh_lifetime_s, came_at_s FROM unproven {where}"
        return [
            AsidePair(found, TokenPair(Secret(access), Secret(refresh), lifetime_s, refresh_lifetime_s), at_s)
            for found, access, refresh, lifetime_s, refresh_lifetime_s, at_s in self._db.rows(sql, values)
        ]


def _read(row: Sequence[object]) -> Invitation:
    digest, account, app_id, oa_id, callback, salt, made_at_s, ends_at_s, code, outcome = row
    texts = (str(digest), str(account), str(app_id), str(oa_id), str(callback))
    instants = (float(made_at_s), float(ends_at_s))  # type: ignore[arg-type]  # the schema's types
    return Invitation(*texts, Secret(str(salt)), *instants, str(code), Outcome(str(outcome)))
