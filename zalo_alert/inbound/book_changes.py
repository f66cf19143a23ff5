"""What has changed about an OA's people since its follower book heard of it last, from what the worker remembers of them.

A mark says up to which change a book has heard, and when: of which database (another one begins anew), up to which number, and
the second since 1970. Knows no book.
"""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from zalo_alert.inbound.inbound_store import find_store

_INFO = ("name", "phone", "city", "district", "ward", "address")
_PEOPLE = f"""
SELECT person.user_id, by_app, last_in_ms, followed, person.at_ms, info.at_ms, {", ".join(f"info.{part}" for part in _INFO)}
FROM person LEFT JOIN info USING (oa, user_id) WHERE oa = ? AND changed > ? AND changed <= ? ORDER BY changed
"""


class ChangedPerson(NamedTuple):
    """One person of whom something has changed.

    Args:
        rows: As an import takes them, by column, each as old as what it says; none where they have only been heard.
        user_id: Who.
        last_at: When they did anything last, as an import takes it; "" where they never did.
    """

    user_id: str
    last_at: str
    rows: tuple[dict[str, Any], ...]


class BookChanges:
    """See the module.

    Args:
        state_dir: Of the workspace.
        oa: Zalo's id of the OA.
        mark: Up to where the book has heard; "" for nothing.
        now: When.

    Attributes:
        until: The mark of a book that has heard all this; "" where there is nothing to hear of.
        age_s: How long ago the book heard last, in seconds.

    Raises:
        StorageUnusable: The worker's database can't be read; so with every method.
    """

    def __init__(self, state_dir: Path, oa: str, mark: str, now: datetime) -> None:
        self._state_dir, self._oa, self._since, self._last = state_dir, oa, 0, 0
        self.until, self.age_s = "", float("inf")
        if db := find_store(state_dir):
            with closing(db):
                about = dict(db.rows("SELECT name, value FROM about"))
            heard = _read(mark, about["id"])
            self._since, self._last = heard.number, int(about.get("changes", "0"))
            self.until = f"{about['id']}:{self._last}:{int(now.timestamp())}"
            self.age_s = now.timestamp() - heard.at_s

    def is_anything(self) -> bool:
        """Whether anything has changed; one question."""
        if not (db := find_store(self._state_dir)):
            return False
        with closing(db):
            sql = "SELECT EXISTS (SELECT 1 FROM person WHERE oa = ? AND changed > ?)"
            return bool(db.rows(sql, (self._oa, self._since))[0][0])

    def people(self) -> Iterator[ChangedPerson]:
        """Yield everyone of whom something has changed, until the moment at which this was made."""
        if db := find_store(self._state_dir) if self.until else None:
            with closing(db):
                for row in db.stream(_PEOPLE, (self._oa, self._since, self._last)):
                    if row[0].isdecimal():  # what is no id stands in no book
                        yield _person(*row)


class _Heard(NamedTuple):
    number: int = 0
    at_s: int = 0


def _read(mark: str, store: str) -> _Heard:
    of_store, _, rest = mark.partition(":")
    number, _, at_s = rest.partition(":")
    return _Heard(int(number), int(at_s)) if of_store == store and number.isdecimal() and at_s.isdecimal() else _Heard()


def _person(
    user_id: str, by_app: str, last_in_ms: int, followed: int | None, followed_ms: int, told_ms: int | None, *told: str
) -> ChangedPerson:
    last_at = _instant(last_in_ms) if last_in_ms else ""
    rows: list[dict[str, Any]] = []
    if followed is not None:
        rows.append({"is_follower": bool(followed), "updated_at": _instant(followed_ms)})
    if told_ms is not None:
        info = {part: value for part, value in zip(_INFO, told, strict=True) if value}
        rows.append({**info, "updated_at": _instant(told_ms)})
    whose = {"user_id": user_id, "user_id_by_app": by_app} if by_app else {"user_id": user_id}
    seen = {"last_interaction_at": last_at} if last_at else {}
    return ChangedPerson(user_id, last_at, tuple({**whose, **seen, **row} for row in rows))


def _instant(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")
