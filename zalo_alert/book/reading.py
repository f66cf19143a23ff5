"""What is asked of a book: how many people where, who they are, all of them in a file. Sees one generation to its end.

Whom a campaign reaches is `segment`'s business.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from zalo_alert import places
from zalo_alert.book.base import GROUPS, IDENTITY, fetch_number, files_of, open_duckdb, quote, utc
from zalo_alert.book.generations import Generations
from zalo_alert.book.selecting import (
    LEFT,
    Nearer,
    Selection,
    Turn,
    key_of,
    refuses,
    shared_phones,
    side_by_side,
    unite,
    wanted_people,
    where,
    without_twins,
)
from zalo_alert.errors import Cure, InputInvalid
from zalo_alert.foundation import cells, invisible
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.foundation.files import appearing
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
from zalo_alert.models import SAME_AS, Reach
from zalo_alert.runs import shards

RECENT = timedelta(days=7)  # Zalo's window for consultation messages
ALSO = "count(*) FILTER (phone <> ''), count(*) FILTER (last_interaction_at >= ?)"
_DATES = ", ".join(f"{group}_at" for group in GROUPS)  # for merging alone
_TEXTS = {
    **{name: name for name in ("name", "city", "district", "ward", "address", "source")},
    **{name: f"array_to_string({name}, ';')" for name in ("tags", "opted_out", "conflicts")},
    "places": "array_to_string([further.purpose || ': ' || further.text FOR further IN places], ';')",
}
_FORMULA = cells.FORMULA.replace("'", "''")
_AS_TEXT = ", ".join(
    (
        *(
            f"CASE WHEN regexp_matches({text}, '{_FORMULA}') THEN '''' || {text} ELSE {text} END AS {name}"
            for name, text in _TEXTS.items()
        ),
        *(f"strftime({name}, '%Y-%m-%dT%H:%M:%SZ') AS {name}" for name in ("last_interaction_at", "updated_at")),
    )
)  # as an import reads them again, and no spreadsheet runs them


class Stats(NamedTuple):
    """A book in numbers; `reach` by place, the largest first."""

    generation: str
    people: int
    reach: list[Reach]


class Homes(NamedTuple):
    """People of a list who have the same places.

    Args:
        keys: Of their places, sorted: of the ward where it is known.
        people: How many.
        some: Ids of the first.
    """

    keys: tuple[str, ...]
    people: int
    some: tuple[str, ...]


class BookReader:
    """See the module.

    Args:
        folder: Of one OA.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._generations = Generations(folder)
        self._padded: dict[str, bool] = {}  # by generation: whether it holds ids with zeros before them

    def generation(self) -> str:
        """Name the generation in force.

        Raises:
            InputInvalid: Nobody was ever imported.
        """
        current = self._generations.current()
        if not current:
            raise InputInvalid(
                _("the follower book is empty"), hint=_("import followers first: {step}", step=Cure.IMPORT("FILE"))
            )
        return current

    def in_force(self) -> str:
        """Name the generation in force; "" when nobody was ever imported."""
        return self._generations.current()

    def reach(self, selection: Selection, now: datetime) -> list[Reach]:
        """Count the selected people by the key of their main place, the largest first."""
        sql = f"""SELECT {key_of(selection)} AS key, count(*), {ALSO} FROM {self.rows()} WHERE {where(selection)}
            GROUP BY key ORDER BY 2 DESC, key"""
        with open_duckdb(self.folder) as db:
            return [Reach(*row) for row in db.execute(sql, [utc(now - RECENT)]).fetchall()]

    def further(self, selection: Selection) -> set[str]:
        """Return the keys of the selected people's further places: work, family."""
        sql = f"SELECT DISTINCT unnest([other.place FOR other IN places]) FROM {self.rows()} WHERE len(places) > 0"
        with open_duckdb(self.folder) as db:
            return {key for (key,) in db.execute(f"{sql} AND {where(selection)}").fetchall()}

    def served(self, selection: Selection, keys: Sequence[str], now: datetime) -> list[Reach]:
        """Count the selected people by the first of some keys that they live, work or have family at; each of them once."""
        people = wanted_people(self.rows(), selection, keys)
        sql = f"SELECT position, count(*), {ALSO} FROM ({people}) GROUP BY position ORDER BY position"
        with open_duckdb(self.folder) as db:
            return [Reach(keys[at], *row) for at, *row in db.execute(sql, [utc(now - RECENT)]).fetchall()]

    def nameless(self, selection: Selection, keys: Sequence[str], now: datetime) -> Reach:
        """Count those of them whose name is missing, or has nothing that anybody sees; see `served`."""
        unnamed = f"NOT regexp_matches(coalesce(name, ''), '[^{invisible.NOTHING}]')"
        sql = f"SELECT '', count(*), {ALSO} FROM ({wanted_people(self.rows(), selection, keys)}) WHERE {unnamed}"
        with open_duckdb(self.folder) as db:
            return Reach(*(db.execute(sql, [utc(now - RECENT)]).fetchone() or ("", 0, 0, 0)))

    def nearer(self, selection: Selection, keys: Sequence[str], *, same_app: bool = True) -> Nearer:
        """Describe whom this book's OA writes to, for the books of OAs further away, of the same app or of another."""
        return Nearer(self.rows(), selection, tuple(keys), same_app)

    def stats(self) -> Stats:
        """Count the book by place."""
        reach = self.reach(Selection(with_left=True), datetime.now(VIETNAM))
        return Stats(self.generation(), sum(row.people for row in reach), reach)

    def lives_at(self, keys: Sequence[str] | None, selection: Selection, wanted_keys: Sequence[str]) -> tuple[int, int]:
        """Count who lives at some keys, None being anywhere, and how many of them a selection does not take at its wanted keys.

        Whoever works or has family at a wanted key is taken, wherever they live.
        """
        homes, wanted = (", ".join(f"'{key}'" for key in some) for some in (keys or (), wanted_keys))
        here = "true" if keys is None else f"place IN ({homes})" if keys else "false"
        further = "[further.place FOR further IN places]"
        there = f"({key_of(selection)} IN ({wanted}) OR list_has_any({further}, [{wanted}]))" if wanted_keys else "false"
        sql = f"SELECT count(*), count(*) FILTER (NOT ({there} AND {where(selection)})) FROM {self.rows()} WHERE {here}"
        with open_duckdb(self.folder) as db:
            row = db.execute(sql).fetchone() or (0, 0)
            return int(row[0]), int(row[1])

    @property
    def is_empty(self) -> bool:
        """Whether nobody was ever imported."""
        return not self._generations.current()

    def size(self) -> int:
        """Return how many people the book holds."""
        return self._generations.manifest(self.generation()).people

    def strangers(self, ids: Path, most: int) -> tuple[int, list[str]]:
        """Count the ids of a list that are not in the book, and name some of them."""
        sql = f"FROM read_parquet('{quote(ids)}') WHERE user_id NOT IN (SELECT {IDENTITY} FROM {self.rows()})"
        with open_duckdb(self.folder) as db:
            rows = db.execute(f"SELECT user_id {sql} ORDER BY user_id LIMIT {most}").fetchall()
            return fetch_number(db, f"SELECT count(*) {sql}"), [user_id for (user_id,) in rows]

    def homes(self, ids: Path, most: int) -> list[Homes]:
        """Say where those on a list live, work and have family, people of the same places together; at most so many are named.

        Args:
            ids: Parquet, as `ids` writes it.
            most: Of a group.
        """
        ward = f"CASE WHEN ward_code <> '' THEN '{places.WARD_PREFIX}' || ward_code ELSE place END"
        keys = f"list_sort(list_distinct(list_concat([{ward}], [other.place FOR other IN places])))"
        sql = f"""SELECT {keys} AS keys, count(*), list_slice(list(user_id ORDER BY user_id), 1, {most}) FROM {self.rows()}
            WHERE {IDENTITY} IN (SELECT {IDENTITY} FROM read_parquet('{quote(ids)}')) GROUP BY keys ORDER BY keys"""
        with open_duckdb(self.folder) as db:
            return [Homes(tuple(keys), people, tuple(some)) for keys, people, some in db.execute(sql).fetchall()]

    def refusing(self, topic: str, audience: Path, account: int) -> list[tuple[str, bool]]:
        """Return who of a frozen audience has left the OA, or opted out of a topic; True for those who left.

        Args:
            topic: "" asks for nobody's opt-out.
            audience: The folder of a run's shards.
            account: The number that the shards give this book's OA.
        """
        condition = f"({LEFT} OR {refuses(topic)})" if topic else LEFT
        people = f"SELECT {IDENTITY} FROM read_parquet('{quote(audience)}/*.parquet') WHERE account = {account}"
        sql = f"SELECT user_id, {LEFT} FROM {self.rows()} WHERE {condition} AND {IDENTITY} IN ({people}) ORDER BY user_id"
        with open_duckdb(self.folder) as db:
            return [(user_id, bool(has_left)) for user_id, has_left in db.execute(sql).fetchall()]

    def unplaced(self, ids: Path) -> Iterator[str]:
        """Yield those ids of a list, one a line, whose place this book does not know; all of them while it is empty."""
        query = f"SELECT user_id FROM read_csv('{quote(ids)}', header = false, columns = {{'user_id': 'VARCHAR'}})"
        if self._generations.current():
            query += f" ANTI JOIN (SELECT user_id FROM {self.rows()} WHERE place <> '{places.UNKNOWN}') USING (user_id)"
        with open_duckdb(self.folder) as db:
            result = db.execute(query)
            while rows := result.fetchmany(10_000):
                yield from (user_id for (user_id,) in rows)

    def ids(self) -> Path:
        """Return the files that hold the ids, for a `Selection`."""
        return self._generations.files(self.generation())[0].with_name("*.parquet")

    def digest(self) -> str:
        """Tell one set of ids from another, whatever order and columns they came with."""
        digest = hashlib.sha256()
        with open_duckdb(self.folder) as db:
            result = db.execute(f"SELECT user_id FROM {self.rows()} ORDER BY 1")
            while rows := result.fetchmany(10_000):
                digest.update("\n".join(row[0] for row in rows).encode() + b"\n")
        return digest.hexdigest()

    def export(self, target: Path) -> int:
        """Write the whole book to a CSV or Parquet file of mode 0600; return how many people."""
        is_parquet, source = target.suffix.lower() == ".parquet", self.rows()
        columns = f"* EXCLUDE ({_DATES})" if is_parquet else f"* EXCLUDE ({_DATES}) REPLACE ({_AS_TEXT})"
        try:
            with appearing(target) as draft, open_duckdb(self.folder) as db:
                draft.touch(mode=0o600)
                query = f"SELECT {columns} FROM {source} ORDER BY user_id"
                db.execute(f"COPY ({query}) TO '{quote(draft)}' (FORMAT {'parquet' if is_parquet else 'csv, HEADER'})")
                return fetch_number(db, f"SELECT count(*) FROM {source}")
        except OSError as exc:
            raise InputInvalid(_("can't write {path}: {why}", path=target, why=reason(exc)), hint=_("check the folder")) from exc

    def rows(self) -> str:
        """Return the generation in force as a source in SQL, everyone once."""
        rows = files_of(self._generations.files(generation := self.generation()))
        if generation not in self._padded:
            with open_duckdb(self.folder) as db:
                self._padded[generation] = fetch_number(db, f"SELECT count(*) FROM {rows} WHERE user_id < '1'") > 0
        return without_twins(rows) if self._padded[generation] else rows


def numbers(sources: Sequence[tuple[BookReader, Selection]], keys: Sequence[str]) -> dict[str, int]:
    """Count the phone numbers of the selected people of some books, each once, by the first key at which somebody has it."""
    everyone = unite([(book.rows(), selection) for book, selection in sources], keys)
    first = f"SELECT min(position) AS position FROM ({everyone}) WHERE phone <> '' GROUP BY hash(phone)"
    with open_duckdb(sources[0][0].folder) as db:
        counts = db.execute(f"SELECT position, count(*) FROM ({first}) GROUP BY position").fetchall()
        return {keys[at]: count for at, count in counts}


def people(
    sources: Sequence[tuple[BookReader, Selection]], turns: Sequence[Turn], *, by_phone: bool = False
) -> Iterator[pa.RecordBatch]:
    """Stream the selected people of some books as `shards.SCHEMA`, in the order of sending; see `side_by_side`.

    Where they may be written to by phone, a number belongs to the first who has it; see `Recipient`.
    """
    books = [(book.rows(), selection) for book, selection in sources]
    with open_duckdb(sources[0][0].folder) as db:
        further = ""
        if by_phone:
            db.execute(f"CREATE TEMP TABLE shared AS {shared_phones(unite(books, [turn.key for turn in turns]))}")
            further = ", phone <> '' AND hash(phone) IN (SELECT number FROM shared) AS is_shared"
        batches: Iterable[pa.RecordBatch] = db.sql(side_by_side(books, turns, further)).to_arrow_reader(shards.ROWS_PER_GROUP)
        for batch in _owned(batches) if by_phone else batches:
            yield batch.cast(shards.SCHEMA)


def _owned(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Leave every number with the first who has it, and name that person with everyone else."""
    owners: dict[str, str] = {}
    for batch in batches:
        is_shared, people = batch.column("is_shared"), batch.select(shards.SCHEMA.names)
        if is_shared.true_count:
            phones, ids = (people.column(name).to_pylist() for name in ("phone", "user_id"))
            for at in (at for at, flag in enumerate(is_shared.to_pylist()) if flag):
                owner = owners.get(phones[at])
                owners.setdefault(phones[at], ids[at])
                phones[at] = phones[at] if owner is None else SAME_AS + owner
            people = people.set_column(people.schema.names.index("phone"), "phone", pa.array(phones, pa.string()))
        yield people
