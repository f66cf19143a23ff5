"""Tables of a workspace: built from lists, checked, switched, asked."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from zalo_alert.errors import InputInvalid
from zalo_alert.foundation.clock import Clock, SystemClock
from zalo_alert.foundation.steps import StepReporter
from zalo_alert.language import _
from zalo_alert.tables.facts import CheckKind, fold, fold_check, year_of
from zalo_alert.tables.generations import Generation, TableFolder, names

if TYPE_CHECKING:
    from zalo_alert.tables.build import Built  # and DuckDB with it, which who only asks does without


class TableState(NamedTuple):
    """A table and its generations, the newest first."""

    name: str
    generations: tuple[Generation, ...]


class WorkspaceTables:
    """See the module.

    Args:
        state_dir: Of the workspace.
        clock: Time.
    """

    def __init__(self, state_dir: Path, clock: Clock | None = None) -> None:
        self._state_dir, self._clock = state_dir, clock or SystemClock()

    def all(self, name: str = "") -> list[TableState]:
        """Return all tables, or one.

        Raises:
            InputInvalid: There is none of that name.
        """
        if name:
            folder = TableFolder(self._state_dir, name)
            folder.open().close()
            return [TableState(name, tuple(folder.all()))]
        return [TableState(found, tuple(TableFolder(self._state_dir, found).all())) for found in names(self._state_dir)]

    def remembered(self) -> dict[str, int]:
        """Return how many questions wait for the opening of a look-up, by its name.

        Raises:
            StorageUnusable: The worker's database can't be used.
        """
        from zalo_alert.answers.lookup_store import LookupStore
        from zalo_alert.inbound.inbound_store import find_store

        db = find_store(self._state_dir)
        if db is None:
            return {}
        with closing(db):
            return LookupStore(db).remembered()

    def build(
        self,
        name: str,
        file: Path,
        key: str,
        check: str,
        on_step: StepReporter,
        *,
        check_kind: CheckKind | None = None,
        key_pattern: str = "",
    ) -> "Built":
        """Build a table from a list, and put it in force; see `tables.build`.

        Args:
            name: Of the table.
            file: CSV, an Excel workbook or Parquet.
            key: The column of the numbers.
            check: The column of the second fact.
            on_step: Told how far it is.
            check_kind: What the second fact is; None is seen from the values.
            key_pattern: What each number looks like, as a regular expression.
        """
        from zalo_alert.tables.build import BuildRequest, build

        request = BuildRequest(file, key, check, check_kind, key_pattern)
        return build(TableFolder(self._state_dir, name), request, self._clock.now(), on_step)

    def check(self, name: str, generation: str = "") -> int:
        """Compare every byte of a generation, or of the one in force, with what was built; return how many bytes."""
        return TableFolder(self._state_dir, name).verify(generation)

    def use(self, name: str, generation: str) -> str:
        """Put a generation in force; return which."""
        folder = TableFolder(self._state_dir, name)
        with folder.locked():
            folder.verify(generation)
            folder.use(generation)
        return generation

    def rollback(self, name: str) -> str:
        """Put the generation before the one in force in force again; return which."""
        folder = TableFolder(self._state_dir, name)
        return self.use(name, folder.before())

    def ask(self, name: str, key: str, check: str) -> Mapping[str, Any] | None:
        """Ask a table as a citizen would, with facts as people type them; None where no row has both.

        Raises:
            InputInvalid: A fact says nothing of its kind, or there is no such table.
        """
        with closing(TableFolder(self._state_dir, name).open()) as table:
            year = year_of(round(self._clock.now().timestamp() * 1000))
            fact = fold_check(table.about.check_kind, check, year)
            if not fact or not fold(key):
                raise InputInvalid(
                    _(
                        '"{text}" is no {column}',
                        text=(check if not fact else key)[:80],
                        column=table.about.check if not fact else table.about.key,
                    ),
                    hint=_("write a date as 15/3/2008") if not fact else "",
                )
            return table.find(fold(key), fact)
