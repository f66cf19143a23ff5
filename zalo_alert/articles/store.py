"""What stands of which article on which OA's page. Every change is on the disk before the request that makes it, and after.

A request to make an article whose answer was lost has made one, or has not: it is `unknown`, and nobody repeats it unasked.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from zalo_alert.errors import Cure, RunBusy, StorageUnusable
from zalo_alert.foundation.database import Database
from zalo_alert.foundation.files import private_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _, pack, unpack
from zalo_alert.models import AccountId, Digest

FILE, LOCK = "articles.db", "articles.lock"  # in the workspace's state folder
PATIENCE_S = 0.5  # with a process that is just ending
_SCHEMA = """
CREATE TABLE IF NOT EXISTS standing (
    name TEXT NOT NULL, account TEXT NOT NULL, oa_id TEXT NOT NULL, status TEXT NOT NULL, title TEXT NOT NULL,
    digest TEXT NOT NULL, article_id TEXT NOT NULL, token TEXT NOT NULL, code INTEGER NOT NULL, why TEXT NOT NULL,
    is_shown INTEGER NOT NULL, views INTEGER, asked_s REAL NOT NULL, changed_s REAL NOT NULL, looked_s REAL,
    PRIMARY KEY (name, account)
) WITHOUT ROWID;
"""
_COLUMNS = (
    "name, account, oa_id, status, title, digest, article_id, token, code, why, is_shown, views, asked_s, changed_s, looked_s"
)
_MARKS = ", ".join("?" * (_COLUMNS.count(",") + 1))


class Status(StrEnum):
    """How an article stands on one OA's page; the words never change."""

    ASKED = "asked"  # written before the request: whoever finds it later finds an unknown one
    UNKNOWN = "unknown"  # asked, and no clear answer came: it may stand there
    MAKING = "making"  # Zalo has taken it and makes it; by its token one asks whether it is made
    SHOWN = "shown"
    HIDDEN = "hidden"
    REFUSED = "refused"  # nothing stands there; `why` says why
    GONE = "gone"  # it stood there, and was removed on the OA's page


STANDS = frozenset({Status.SHOWN, Status.HIDDEN})


@dataclass(frozen=True, slots=True)
class Standing:
    """One article on one OA's page.

    Args:
        name: The article's, as its file is called.
        account: The OA's, of ours.
        oa_id: Zalo's.
        status: How it stands.
        title: As it was last asked for.
        digest: Of what stands there, pictures included; "" where an answer was lost and nobody knows which of two texts it is.
        article_id: Zalo's; "" until it is made.
        token: By which one asks whether it is made; "" otherwise.
        code: Of the last refusal; 0 is none.
        why: What went wrong last; "" where nothing did.
        is_shown: Whether it was last asked to be seen; what it comes to once it is made.
        views: How often it was opened, when somebody last looked; None is nobody did.
        asked_s: When it was asked for, in seconds since 1970.
        changed_s: When anything last changed.
        looked_s: When somebody last looked what Zalo says of it; None is never.
    """

    name: str
    account: AccountId
    oa_id: str
    status: Status
    title: str = ""
    digest: str = ""
    article_id: str = ""
    token: str = ""
    code: int = 0
    why: str = ""
    is_shown: bool = True
    views: int | None = None
    asked_s: float = 0.0
    changed_s: float = 0.0
    looked_s: float | None = None

    def is_as(self, digest: Digest) -> bool:
        """Whether just that text is shown to whoever opens the page."""
        return self.status is Status.SHOWN and self.digest == digest


class ArticleStore:
    """See the module.

    Args:
        folder: The workspace's state folder.
    """

    def __init__(self, folder: Path) -> None:
        private_folder(folder)
        self._db = Database(folder / FILE, schema=_SCHEMA)

    def all(self, name: str | None = None, accounts: Iterable[str] | None = None) -> list[Standing]:
        """Return what stands, by article and account; of one article, or on some accounts."""
        rows = self._db.rows(f"SELECT {_COLUMNS} FROM standing WHERE ? IS NULL OR name = ? ORDER BY name, account", (name, name))
        wanted = None if accounts is None else set(accounts)
        return [standing for standing in map(_standing, rows) if wanted is None or standing.account in wanted]

    def find(self, name: str, account: str) -> Standing | None:
        """Return how an article stands on one account; None where it was never asked for."""
        rows = self._db.rows(f"SELECT {_COLUMNS} FROM standing WHERE name = ? AND account = ?", (name, account))
        return _standing(rows[0]) if rows else None

    def put(self, standing: Standing, now_s: float) -> Standing:
        """Write down how it stands now; on the disk when this returns."""
        changed = replace(standing, changed_s=now_s)
        self._db.run(f"INSERT OR REPLACE INTO standing VALUES ({_MARKS})", _row(changed))
        return changed

    def look(self, standings: Iterable[Standing]) -> None:
        """Write down what was seen; that is no change of ours."""
        with self._db.transaction():
            self._db.run_many(f"INSERT OR REPLACE INTO standing VALUES ({_MARKS})", map(_row, standings))

    def recover(self, now_s: float) -> None:
        """Call unknown what an earlier process has asked for without writing down an answer; the caller is alone."""
        sql = "UPDATE standing SET status = ?, why = '', changed_s = ? WHERE status = ?"
        self._db.run(sql, (Status.UNKNOWN, now_s, Status.ASKED))

    def ids(self, account: str) -> set[str]:
        """Return the ids of all articles of ours on an account."""
        return {i for (i,) in self._db.rows("SELECT article_id FROM standing WHERE account = ? AND article_id <> ''", (account,))}

    def close(self) -> None:
        """Close the file."""
        self._db.close()


@contextmanager
def opened(folder: Path) -> Iterator[ArticleStore]:
    """Open the store while a block lasts, to look."""
    store = ArticleStore(folder)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def held(folder: Path, now_s: float) -> Iterator[ArticleStore]:
    """Open the store while a block lasts, alone of all processes that change what stands on pages.

    Raises:
        RunBusy: Another process is changing it.
        StorageUnusable: It can't be held.
    """
    private_folder(folder)
    lock = FileLock(folder / LOCK, mode=0o600, thread_local=False)
    try:
        lock.acquire(timeout=PATIENCE_S)
    except Timeout as exc:
        raise RunBusy(
            _("articles are being published by another process"),
            hint=_("wait until it has ended; {articles} shows how far it is", articles=Cure.ARTICLES()),
        ) from exc
    except OSError as exc:
        raise StorageUnusable(
            _("can't hold {folder}: {why}", folder=folder, why=reason(exc)), hint=_("check the disk and the folder's permissions")
        ) from exc
    try:
        with opened(folder) as store:
            store.recover(now_s)
            yield store
    finally:
        lock.release()


def is_there(folder: Path) -> bool:
    """Whether anything was ever asked for here."""
    return (folder / FILE).exists()


def _standing(row: Sequence[Any]) -> Standing:
    name, account, oa_id, status, title, digest, article_id, token, code, why, is_shown, *rest = row
    said = (title, digest, article_id, token, code, unpack(why))
    return Standing(name, AccountId(account), oa_id, Status(status), *said, bool(is_shown), *rest)


def _row(standing: Standing) -> tuple[Any, ...]:
    return tuple(pack(value) if name == "why" else value for name in Standing.__slots__ for value in (getattr(standing, name),))
