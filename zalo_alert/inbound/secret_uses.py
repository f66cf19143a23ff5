"""Which secret has signed an account's events, and when last: so that a rotation ends by seeing, and not by hoping."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from zalo_alert.foundation.database import Database
from zalo_alert.foundation.files import private_folder

SECRETS_USED = "secrets-used.db"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS use (
    whose TEXT NOT NULL, variable TEXT NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (whose, variable)
) WITHOUT ROWID;
"""


class SecretUse(NamedTuple):
    """That a secret signed an event: `whose` is an account, or an app where no account has the OA; `variable` names it."""

    whose: str
    variable: str
    at_ms: int


class SecretUses:
    """What is kept of it; holds no secret.

    Args:
        folder: `inbound` of the workspace's state; made when it is missing.

    Raises:
        StorageUnusable: It can't be used; so with every method.
    """

    def __init__(self, folder: Path) -> None:
        private_folder(folder)
        self._database = Database(folder / SECRETS_USED, schema=_SCHEMA, survives_power_cut=False)

    def keep(self, uses: Mapping[tuple[str, str], int]) -> None:
        """Keep the last time of some accounts' secrets, by account and variable."""
        with self._database.transaction():
            self._database.run_many(
                "INSERT INTO use VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at_ms = max(at_ms, excluded.at_ms)",
                ((*use, at_ms) for use, at_ms in uses.items()),
            )

    def all(self) -> list[SecretUse]:
        """Return the last time of each secret, by account."""
        return [SecretUse(*row) for row in self._database.rows("SELECT whose, variable, at_ms FROM use")]

    def close(self) -> None:
        """Close the file."""
        self._database.close()
