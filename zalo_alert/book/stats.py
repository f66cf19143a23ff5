"""A book in numbers: where its people live and how surely, who told us, when they were seen; and what nobody can place."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from zalo_alert import places
from zalo_alert.book.base import fetch_number, files_of, open_duckdb, utc
from zalo_alert.book.generations import Generations

UNSEEN_DAYS = (30, 90, 365)
SOURCES_TOLD = 20


class PlaceStats(NamedTuple):
    """The people of one place key: all, with a phone number, and seen within 30, 90 and 365 days."""

    place: str
    people: int
    phones: int
    seen: tuple[int, int, int]


class PlaceFreshness(NamedTuple):
    """How old what is known of the people of one place key is.

    Args:
        place: The key.
        people: All of them.
        stale: Of whom nothing was updated, and who were not seen, since the instant that was asked for.
        updated_at: When something of any of them was updated last.
        seen_at: When any of them was seen last; None where none ever was.
    """

    place: str
    people: int
    stale: int
    updated_at: datetime | None
    seen_at: datetime | None


class Portrait(NamedTuple):
    """A book in numbers; every list is ordered, the largest first.

    Args:
        generation: Which state of the book.
        people: All of them.
        wards: Those whose ward is known.
        conflicts: Those of whom two values met in some field.
        by_place: By the key of their main place.
        by_reason: By what their place rests on.
        by_source: By the list they came from.
    """

    generation: str
    people: int
    wards: int
    conflicts: int
    by_place: tuple[PlaceStats, ...]
    by_reason: tuple[tuple[str, int], ...]
    by_source: tuple[tuple[str, int], ...]

    def certainty(self) -> dict[str, int]:
        """Count the people whose former province is certain, only today's, who live abroad, and of whom nothing is known."""
        people = {"certain": 0, "new-only": 0, places.FOREIGN: 0, places.UNKNOWN: 0}
        for row in self.by_place:
            kind = {"old": "certain", "new": "new-only"}.get(row.place[:3], row.place)
            people[kind] += row.people
        return people

    def unseen(self) -> dict[int, int]:
        """Count the people not seen for 30, 90 and 365 days, those never seen included."""
        return {days: self.people - sum(row.seen[at] for row in self.by_place) for at, days in enumerate(UNSEEN_DAYS)}


class Unresolved(NamedTuple):
    """A value that nobody can place, how many people have it, and why it can't be placed."""

    text: str
    people: int
    reason: str


_LARGEST = "GROUP BY 1 ORDER BY 2 DESC, 1"
# What an alias file can cure: the city as it is written, or what stands where it should.
_TEXT = "coalesce(nullif(city, ''), nullif(district, ''), nullif(ward, ''), address)"


def _zoned(instant: datetime | None) -> datetime | None:
    return instant.replace(tzinfo=UTC) if instant else None


class StatsReader:
    """See the module.

    Args:
        folder: Of one OA.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._generations = Generations(folder)

    def portrait(self, generation: str, now: datetime) -> Portrait:
        """Count a generation."""
        rows = files_of(self._generations.files(generation))
        seen = ", ".join("count(*) FILTER (last_interaction_at >= ?)" for _ in UNSEEN_DAYS)
        since = [utc(now - timedelta(days=days)) for days in UNSEEN_DAYS]
        with open_duckdb(self._folder) as db:
            by_place = db.execute(
                f"SELECT place, count(*), count(*) FILTER (phone <> ''), {seen} FROM {rows} GROUP BY place ORDER BY 2 DESC, 1",
                since,
            ).fetchall()
            by_reason = db.execute(f"SELECT reason, count(*) FROM {rows} GROUP BY 1 ORDER BY 2 DESC, 1").fetchall()
            by_source = db.execute(
                f"SELECT source, count(*) FROM {rows} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {SOURCES_TOLD}"
            ).fetchall()
            wards = fetch_number(db, f"SELECT count(*) FROM {rows} WHERE ward_code <> ''")
            conflicts = fetch_number(db, f"SELECT count(*) FROM {rows} WHERE len(conflicts) > 0")
        counts = tuple(PlaceStats(place, people, phones, (a, b, c)) for place, people, phones, a, b, c in by_place)
        people = sum(row.people for row in counts)
        return Portrait(generation, people, wards, conflicts, counts, tuple(by_reason), tuple(by_source))

    def freshness(self, generation: str, since: datetime) -> tuple[PlaceFreshness, ...]:
        """Say of each place how old what is known of its people is, the place with the most people first."""
        rows = files_of(self._generations.files(generation))
        last = "greatest(updated_at, coalesce(last_interaction_at, updated_at))"
        sql = f"""SELECT place, count(*), count(*) FILTER ({last} IS NULL OR {last} < ?),
            max(updated_at), max(last_interaction_at) FROM {rows} GROUP BY place ORDER BY 2 DESC, 1"""
        with open_duckdb(self._folder) as db:
            counts = db.execute(sql, [utc(since)]).fetchall()
        return tuple(PlaceFreshness(place, people, stale, _zoned(a), _zoned(b)) for place, people, stale, a, b in counts)

    def by_place(self, generation: str) -> dict[str, int]:
        """Count a generation by the key of their main place, and nothing else."""
        rows = files_of(self._generations.files(generation))
        with open_duckdb(self._folder) as db:
            return dict(db.execute(f"SELECT place, count(*) FROM {rows} GROUP BY place").fetchall())

    def unresolved(self, generation: str, most: int) -> Iterator[Unresolved]:
        """Yield the most frequent values that nobody can place."""
        rows = files_of(self._generations.files(generation))
        sql = f"""SELECT {_TEXT} AS text, count(*), any_value(reason) FROM {rows}
            WHERE place = '{places.UNKNOWN}' AND {_TEXT} <> '' GROUP BY text ORDER BY 2 DESC, 1 LIMIT {most}"""
        with open_duckdb(self._folder) as db:
            yield from (Unresolved(*row) for row in db.execute(sql).fetchall())
