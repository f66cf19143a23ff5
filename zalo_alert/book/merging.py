"""Rows of one person become one, field by field: the newest value that says something wins.

One rule for two rows, written in SQL, does it all: neighbours in a list are merged until each person stands once, and then the
list with the book. Each field carries the date of the row it came from, so the order of imports changes nothing (but which
fields of a place are named as conflicts: they move together, and one may be gone before another meets it).
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from zalo_alert.book.base import GROUPS, PARTS, SCHEMA, fetch_number, files_of, open_duckdb, quote, utc
from zalo_alert.book.engine import duckdb
from zalo_alert.book.generations import Part

PEOPLE_PER_FILE = 1_250_000  # merged in memory at once
ROWS_PER_GROUP = 100_000

_PART = "CAST(right(user_id, 2) AS UTINYINT)"
_LISTS = ("places", "tags", "opted_out")


class Counts(NamedTuple):
    """What a merge did to people."""

    new: int
    replaced: int
    conflicts: int


class Merged(NamedTuple):
    """The files of a new generation (name, people, first and last part), and what was done."""

    files: list[tuple[str, int, int, int]]
    counts: Counts


def merge(
    staged: list[Path],
    old: list[tuple[Path, Part]],
    target: Path,
    now: datetime,
    on_part: Callable[[int, int], object],
    people_per_file: int = PEOPLE_PER_FILE,
) -> Merged:
    """Merge staged rows with a generation into the files of a new one.

    Args:
        staged: Parquet with the columns of the book, `line` and `part`.
        old: The files of the generation in force.
        target: An empty folder.
        now: The date of rows that carry none.
        on_part: The parts done so far, and how many there are.
        people_per_file: As many are merged in memory at once.

    Raises:
        StorageUnusable: It could not be written.
    """
    files, new, replaced, conflicts = [], 0, 0, 0
    with open_duckdb(target) as db:
        rows = fetch_number(db, f"SELECT count(*) FROM {files_of(staged)}") + sum(part.people for _, part in old)
        for number, (first, last) in enumerate(_ranges(rows, people_per_file)):
            file = target / f"{number:05}.parquet"
            dated = f"coalesce(updated_at, TIMESTAMP '{utc(now)}')"
            db.execute(
                f"CREATE OR REPLACE TEMP VIEW listed AS SELECT * EXCLUDE (part) REPLACE ({dated} AS updated_at) "
                f"FROM {files_of(staged)} WHERE part BETWEEN {first} AND {last}"
            )
            before, in_list = _merge_range(db, old, file, first, last)
            people = fetch_number(db, f"SELECT count(*) FROM {files_of([file])}")
            conflicts += fetch_number(db, f"SELECT count(*) FROM {files_of([file])} WHERE len(conflicts) > 0")
            files.append((file.name, people, first, last))
            new += people - before
            replaced += in_list - (people - before)
            on_part(last + 1, PARTS)
    return Merged(files, Counts(new, replaced, conflicts))


def _ranges(rows: int, people_per_file: int) -> Iterator[tuple[int, int]]:
    """Share the parts out to as few files as memory allows."""
    files = min(PARTS, max(1, -(-rows // people_per_file)))
    for number in range(files):
        yield number * PARTS // files, (number + 1) * PARTS // files - 1


def _merge_range(
    db: duckdb.DuckDBPyConnection, old: list[tuple[Path, Part]], file: Path, first: int, last: int
) -> tuple[int, int]:
    """Write the people of some parts; return how many the book held, and how many the list holds."""
    people = _merge_list(db)
    inside = [path for path, part in old if first <= part.first and part.last <= last]
    across = [path for path, part in old if path not in inside and part.first <= last and first <= part.last]
    sources = [f"SELECT * FROM {files_of(inside)}"] if inside else []
    sources += [f"SELECT * FROM {files_of(across)} WHERE {_PART} BETWEEN {first} AND {last}"] if across else []
    query, before = "SELECT * FROM once", 0
    if sources:
        db.execute(f"CREATE OR REPLACE TEMP VIEW book AS {' UNION ALL BY NAME '.join(sources)}")
        before = fetch_number(db, "SELECT count(*) FROM book")
        query = f"SELECT {_pair()} FROM book AS a FULL JOIN once AS b USING (user_id)"
    db.execute(
        f"COPY (SELECT {', '.join(SCHEMA.names)} FROM ({query}) ORDER BY place, user_id) TO '{quote(file)}' "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS_PER_GROUP})"
    )
    return before, people


def _merge_list(db: duckdb.DuckDBPyConnection) -> int:
    """Make the view `once`, in which everyone of the view `listed` stands once; return how many they are."""
    db.execute("CREATE OR REPLACE TEMP TABLE often AS SELECT user_id FROM listed GROUP BY user_id HAVING count(*) > 1")
    people = fetch_number(db, "SELECT count(DISTINCT user_id) FROM listed")
    if not fetch_number(db, "SELECT count(*) FROM often"):
        db.execute("CREATE OR REPLACE TEMP VIEW once AS SELECT * EXCLUDE (line) FROM listed")
        return people
    db.execute(
        "CREATE OR REPLACE TEMP TABLE neighbours AS SELECT * EXCLUDE (line), "
        "row_number() OVER (PARTITION BY user_id ORDER BY line) - 1 AS n FROM listed SEMI JOIN often USING (user_id)"
    )
    while fetch_number(db, "SELECT max(n) FROM neighbours"):
        db.execute(
            f"CREATE OR REPLACE TEMP TABLE fewer AS SELECT {_pair()}, a.n // 2 AS n FROM "
            "(FROM neighbours WHERE n % 2 = 0) AS a LEFT JOIN (FROM neighbours WHERE n % 2 = 1) AS b "
            "ON a.user_id = b.user_id AND b.n = a.n + 1"
        )
        db.execute("CREATE OR REPLACE TEMP TABLE neighbours AS FROM fewer")
    db.execute(
        "CREATE OR REPLACE TEMP VIEW once AS SELECT * EXCLUDE (line) FROM listed ANTI JOIN often USING (user_id) "
        "UNION ALL BY NAME SELECT * EXCLUDE (n) FROM neighbours"
    )
    return people


# --- two rows of a person: a stands earlier than b, and either may be missing -------------------------------------------


def _pair() -> str:
    newest = "greatest(a.updated_at, b.updated_at)"
    columns = [f"{newest} AS updated_at", "greatest(a.last_interaction_at, b.last_interaction_at) AS last_interaction_at"]
    columns += ["CASE WHEN b.updated_at >= a.updated_at OR a.user_id IS NULL THEN b.source ELSE a.source END AS source"]
    columns += ["CASE WHEN a.user_id IS NULL THEN b.user_id ELSE a.user_id END AS user_id", f"{_conflicts()} AS conflicts"]
    for group, fields in GROUPS.items():
        later = _takes_later(group)
        columns += [f"CASE WHEN {later} THEN b.{field} ELSE a.{field} END AS {field}" for field in fields]
        at = f"CASE WHEN {later} THEN {_at('b', group)} WHEN {_says('a', group)} THEN {_at('a', group)} END"
        columns.append(f"nullif({at}, {newest}) AS {group}_at")
    return ", ".join(columns)


def _takes_later(group: str) -> str:
    """Whether b's value of a group holds: a says nothing, or b is not older."""
    older = f"({_says('a', group)} AND {_at('a', group)} > {_at('b', group)})"
    return f"(a.user_id IS NULL OR (b.user_id IS NOT NULL AND {_says('b', group)} AND NOT {older}))"


def _says(side: str, group: str) -> str:
    """Whether a row says anything about a group."""
    if group == "place":
        return "(" + " OR ".join(f"{side}.{field} <> ''" for field in ("city", "district", "ward", "address")) + ")"
    return _filled(side, group)


def _filled(side: str, field: str) -> str:
    if field == "is_follower":
        return f"{side}.{field} IS NOT NULL"
    return f"len({side}.{field}) > 0" if field in _LISTS else f"{side}.{field} <> ''"


def _at(side: str, group: str) -> str:
    return f"coalesce({side}.{group}_at, {side}.updated_at)"


def _conflicts() -> str:
    """List the fields in which two values met; almost nobody has any, so the list is made for those alone."""
    fields = [field for group, own in GROUPS.items() for field in (own if group != "place" else own[3:])]
    met = {field: f"({_filled('a', field)} AND {_filled('b', field)} AND a.{field} <> b.{field})" for field in fields}
    named = ", ".join(f"CASE WHEN {both} THEN '{field}' END" for field, both in met.items())
    before = "list_concat(coalesce(a.conflicts, []), coalesce(b.conflicts, []))"
    any_ = " OR ".join([*met.values(), "len(a.conflicts) > 0", "len(b.conflicts) > 0"])
    everything = f"list_concat({before}, [{named}])"
    return f"CASE WHEN {any_} THEN list_sort(list_distinct({everything})) ELSE CAST([] AS VARCHAR[]) END"
