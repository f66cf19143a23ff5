"""The follower book of one Official Account: immutable generations of Parquet, switched in by one rename.

Readers never wait for an import, and see one generation to its end. The only home of duckdb, which keeps memory flat.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from zalo_alert import places
from zalo_alert.book.base import write_ids
from zalo_alert.book.earlier import CappedReach, Earlier, capped_reach, withheld_people, write_capped
from zalo_alert.book.forget import Forgotten, forget, place_anew
from zalo_alert.book.generations import Generation
from zalo_alert.book.importing import ImportReport, ImportSource, import_list
from zalo_alert.book.locate import PlaceReader
from zalo_alert.book.reading import RECENT, BookReader, Stats, numbers, people
from zalo_alert.book.selecting import Cap, Nearer, Selection, Turn
from zalo_alert.book.single_people import known_people, row_of
from zalo_alert.book.stats import PlaceFreshness, PlaceStats, Portrait, StatsReader, Unresolved
from zalo_alert.errors import Cure, InputInvalid
from zalo_alert.foundation.clock import Clock
from zalo_alert.foundation.steps import StepReporter
from zalo_alert.language import _
from zalo_alert.models import STAFF

__all__ = [
    "RECENT", "STAFF", "Book", "Cap", "CappedReach", "Earlier", "Forgotten", "Generation", "ImportReport", "Nearer",
    "PlaceFreshness", "PlaceStats", "Portrait", "Selection", "Stats", "Turn", "Unresolved", "capped_reach", "numbers", "people",
    "withheld_people", "write_capped", "write_ids",
]  # fmt: skip


class Book(BookReader):
    """See the module.

    Args:
        folder: Of one OA; made by the first import.
    """

    def import_rows(
        self,
        source: Path | BinaryIO,
        name: str,
        *,
        rejects: Path,
        clock: Clock,
        origin: str = "",
        aliases: places.Aliases = (),
        on_step: StepReporter = lambda what, done, whole: None,
        events: str = "",
    ) -> ImportReport:
        """Merge a list of people into a new generation and switch it in.

        Args:
            source: CSV, .xlsx, NDJSON, a JSON array, Parquet or bare ids, also in zip or gzip. A file whose import was cut off is
                read on from there.
            name: What to call it in messages.
            rejects: Where bad rows go (line, reason, text), mode 0600; removed when there are none.
            clock: Dates the rows that carry no date, and the generation.
            origin: What people remember as their source; the file's name when it is empty.
            aliases: The office's own names of places.
            on_step: Told what is under way, how much of it is done, and of how much.
            events: Up to which of the webhook's events the book has heard with it; see `events_heard`.

        Raises:
            InputInvalid: Not a list, or not one good row in it, or it changed meanwhile; the book is as before.
            StorageUnusable: It could not be written; the book is as before.
            RunBusy: Another process is changing this book.
        """
        people = ImportSource(source, name, origin or Path(name).name, PlaceReader.knowing(aliases), events)
        return import_list(self._generations, people, rejects=rejects, clock=clock, on_step=on_step)

    def events_heard(self) -> str:
        """Say up to which of the webhook's events the generation in force has heard, as it was told with them; "" for none."""
        current = self._generations.current()
        return self._generations.manifest(current).events if current else ""

    def known(self, people: Path) -> Iterator[tuple[str, str]]:
        """Yield those rows of a list whose person this book knows; see `single_people`."""
        return iter(()) if self.is_empty else known_people(self.folder, self.rows(), people)

    def person(self, user_id: str) -> dict[str, Any]:
        """Return what the generation in force holds of somebody, by column; {} when it does not know them."""
        return {} if self.is_empty else row_of(self.folder, self.rows(), user_id)

    def generations(self) -> list[Generation]:
        """List the generations, the newest first."""
        return self._generations.all()

    def rollback(self, name: str = "") -> Generation:
        """Put an earlier generation in force again.

        Args:
            name: Which; the one made before that in force when it is empty.

        Raises:
            InputInvalid: There is no such generation.
            StorageUnusable: It is damaged.
            RunBusy: Another process is changing this book.
        """
        with self._generations.locked():
            generation = name or self._generations.before(self.generation())
            if generation not in [other.id for other in self.generations()]:
                raise InputInvalid(
                    _("there is no generation {generation}", generation=generation),
                    hint=_("see {generations}", generations=Cure.GENERATIONS()),
                )
            self._generations.verify(generation)
            self._generations.switch(generation)
            return self._generations.manifest(generation)

    def verify(self, name: str = "") -> Generation:
        """Compare every byte of a generation, by default of that in force, with its digests.

        Raises:
            InputInvalid: Nobody was ever imported.
            StorageUnusable: It is damaged.
        """
        generation = name or self.generation()
        self._generations.verify(generation)
        return self._generations.manifest(generation)

    def portrait(self, now: datetime) -> Portrait:
        """Count the book by place, certainty, source and freshness."""
        return StatsReader(self.folder).portrait(self.generation(), now)

    def freshness(self, since: datetime) -> tuple[PlaceFreshness, ...]:
        """Say of each place how many people nothing was heard of since an instant."""
        return StatsReader(self.folder).freshness(self.generation(), since)

    def people_by_place(self) -> dict[str, int]:
        """Count the people by the key of their place: seconds for tens of millions.

        Raises:
            InputInvalid: Nobody was ever imported.
            StorageUnusable: It is damaged.
        """
        return StatsReader(self.folder).by_place(self.generation())

    def unresolved(self, most: int) -> list[Unresolved]:
        """Return the most frequent values that nobody can place."""
        return list(StatsReader(self.folder).unresolved(self.generation(), most))

    def place_anew(
        self,
        clock: Clock,
        aliases: places.Aliases = (),
        on_step: StepReporter = lambda what, done, whole: None,
        *,
        wards: bool = False,
    ) -> Generation:
        """Read every place again, with the office's names as they are now, into a new generation.

        Args:
            clock: Dates the generation.
            aliases: The office's own names of places.
            on_step: Told how far it is.
            wards: Whether to read every address whose ward nobody knows, also of people whose province is certain.

        Raises:
            InputInvalid: Nobody was ever imported.
            StorageUnusable: It could not be written; the book is as before.
            RunBusy: Another process is changing this book.
        """
        self.generation()
        return place_anew(self._generations, PlaceReader.knowing(aliases), clock, on_step, wards=wards)

    def forget(self, user_id: str) -> Forgotten:
        """Take a person out of every generation, and look for them afterwards.

        Raises:
            StorageUnusable: A file could not be written; run it again.
            RunBusy: Another process is changing this book.
        """
        return forget(self._generations, user_id)
