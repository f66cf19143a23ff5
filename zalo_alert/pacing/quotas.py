"""What is left of each OA's quotas, as Zalo last told any process of the workspace. Owns a table of `rates.db`."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from zalo_alert.foundation.database import Database
from zalo_alert.models import RouteType

_SCHEMA = """CREATE TABLE IF NOT EXISTS quota (oa_id TEXT NOT NULL, kind TEXT NOT NULL, left INTEGER NOT NULL, total INTEGER,
at_s REAL NOT NULL, PRIMARY KEY (oa_id, kind)) WITHOUT ROWID"""


class Kind(StrEnum):
    """Which quota: of templates a day, or of consultation messages that the package holds."""

    TEMPLATE = "template"
    CS = "cs"


# Whether templates by user id count into the day's quota is not documented; taken to, so that nobody is surprised.
KINDS: Mapping[RouteType, Kind] = {
    RouteType.TEMPLATE: Kind.TEMPLATE, RouteType.PHONE: Kind.TEMPLATE, RouteType.CS: Kind.CS,
}  # fmt: skip


class QuotaLeft(NamedTuple):
    """How many messages are left, of how many (None where Zalo does not say), as of when (seconds since 1970)."""

    left: int
    total: int | None
    at_s: float


class Quotas:
    """The file's table of quotas; see `rates`.

    Args:
        path: Of `rates.db`; made when it is missing.
    """

    def __init__(self, path: Path) -> None:
        self._db = Database(path, schema=_SCHEMA, survives_power_cut=False)

    def note(self, oa_id: str, kind: Kind, left: QuotaLeft) -> None:
        """Write down what Zalo told."""
        self._db.run("INSERT OR REPLACE INTO quota VALUES (?, ?, ?, ?, ?)", (oa_id, kind.value, *left))

    def of(self, oa_id: str) -> dict[Kind, QuotaLeft]:
        """Return what is known of an OA."""
        rows = self._db.rows("SELECT kind, left, total, at_s FROM quota WHERE oa_id = ?", (oa_id,))
        return {Kind(kind): QuotaLeft(*row) for kind, *row in rows}

    def close(self) -> None:
        """Close the file."""
        self._db.close()
