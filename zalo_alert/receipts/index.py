"""The folder's index: which message of which run an id is, who has a message that nobody can name, and which receipts wait.

A table of DuckDB without an index of its own: a scan of 37 million hashes beside a batch of receipts takes half a second, and
nine bytes a message, where a sorted index of a row database takes minutes to build and twice the room. All of it can be made
again from the runs and the receipts that are kept, so what is damaged, or was made by another version of DuckDB, whose hashes
differ, is made anew. One process at a time.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any, NamedTuple

import pyarrow as pa

from zalo_alert.book.engine import duckdb
from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.files import private_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.inbound.rolled import Place
from zalo_alert.language import _

NAME = "folding.duckdb"  # in the folder of what came back
MEMORY_MB = 96
THREADS = 2
EARLY_S, LATE_S = 5, 86_400  # how long before and after a claim a receipt of it may be dated

_SCHEMA = """
CREATE TABLE made (version VARCHAR, is_whole BOOLEAN, salt VARCHAR);
CREATE TABLE cursor (file VARCHAR, seq BIGINT, folded BIGINT, until_ms BIGINT);
INSERT INTO cursor VALUES ('', 0, 0, 0);
CREATE TABLE run (key USMALLINT, name VARCHAR, mark VARCHAR, next_number BIGINT, windows VARCHAR, change BIGINT);
CREATE TABLE id (hash UBIGINT, run USMALLINT, number UINTEGER, place SMALLINT);
CREATE TABLE nameless (
    run USMALLINT, number UINTEGER, place SMALLINT, route UTINYINT, oa VARCHAR, person VARCHAR, is_unknown BOOLEAN, from_s BIGINT,
    until_s BIGINT);
CREATE TABLE answers (store VARCHAR, change BIGINT);
CREATE TABLE past (hash UBIGINT);
CREATE TABLE waiting (
    i BIGINT, oa VARCHAR, person VARCHAR, kind VARCHAR, msg_id VARCHAR, tracking_id VARCHAR, at_ms BIGINT, text_digest BLOB,
    arrived_ms BIGINT);
CREATE TABLE given_up (oa VARCHAR, receipts BIGINT);
"""
_TEMPORARY = """
CREATE TEMP TABLE batch AS SELECT * FROM waiting LIMIT 0;
CREATE TEMP TABLE open_id AS SELECT * FROM id LIMIT 0;
CREATE TEMP TABLE hit (i BIGINT, run USMALLINT, number UINTEGER, place SMALLINT);
"""
RECEIPT = pa.schema(
    [
        ("oa", pa.string()), ("person", pa.string()), ("kind", pa.string()), ("msg_id", pa.string()),
        ("tracking_id", pa.string()), ("at_ms", pa.int64()), ("text_digest", pa.binary()), ("arrived_ms", pa.int64()),
    ]
)  # fmt: skip
NAMELESS = pa.schema(
    [
        ("run", pa.uint16()), ("number", pa.uint32()), ("place", pa.int16()), ("route", pa.uint8()), ("oa", pa.string()),
        ("person", pa.string()), ("is_unknown", pa.bool_()), ("from_s", pa.int64()), ("until_s", pa.int64()),
    ]
)  # fmt: skip
GONE = (1 << 16) - 1  # stands for every run that is followed no more, among those who may have a message that nobody can name
ANSWERS = GONE - 1  # stands for the outbox, whose answers are found and settled as the people of a run are
_VERSION = f"{duckdb.__version__} 4"  # of DuckDB and of the tables
_HASH = "hash(oa || ' ' || msg_id)"
_HIDDEN = 24  # characters that stand for a person: no two of them look alike
_DAMAGE = ("not a valid", "corrupt", "checksum", "serializ", "deserializ", "replay", "version number")  # in DuckDB's own words
_WAITS = "kind <> 'feedback' AND msg_id <> ''"  # a rating names nobody, and what names no message fits none


class Tailed(NamedTuple):
    """How far a run has been read: its key in the index, its name and mark, and where its ledger stood."""

    key: int
    name: str
    mark: str
    next_number: int
    windows: str
    change: int


class Cursor(NamedTuple):
    """How far the receipts have been folded: the last one, how many in all, and when the latest had come."""

    place: Place | None
    folded: int
    until_ms: int


class Index:
    """See the module.

    Args:
        folder: `inbound` of the workspace's state; made when it is missing. The caller holds its lock.

    Raises:
        StorageUnusable: It can't be used, nor made anew.
    """

    def __init__(self, folder: Path) -> None:
        self._path, self._wal = folder / NAME, folder / f"{NAME}.wal"
        private_folder(folder)
        self._db = self._open()
        self.has_news = True  # whether ids or people came in that receipts which wait were not compared with
        self._db.execute(_TEMPORARY)
        self._salt = str(self.rows("SELECT salt FROM made")[0][0])

    def _open(self) -> Any:
        with _translated(self._path):
            if (earlier := self._earlier()) is not None:
                return earlier
        for path in (self._path, self._wal):
            path.unlink(missing_ok=True)
        with _translated(self._path):
            database = self._connect()
            database.begin()
            database.execute(_SCHEMA)
            database.execute("INSERT INTO made VALUES (?, false, ?)", [_VERSION, token_hex(16)])
            database.commit()
        return database

    def _earlier(self) -> Any:
        """Open what is there; None where it is damaged, of another version, or nothing."""
        try:
            with self._connect() as database:  # closed before its file goes: or the next one opened would be the same again
                is_own = database.execute("SELECT version FROM made").fetchall() == [(_VERSION,)]
            if is_own:
                return self._connect()
        except duckdb.Error as exc:
            if not isinstance(exc, duckdb.CatalogException) and not any(word in str(exc).lower() for word in _DAMAGE):
                raise
        return None

    def _connect(self) -> Any:
        options: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{MEMORY_MB}MB", "threads": THREADS, "preserve_insertion_order": False,
            "temp_directory": str(self._path.with_name("folding.tmp")),
        }  # fmt: skip
        return duckdb.connect(str(self._path), config=options)

    def hidden(self, person: str) -> str:
        """Return what stands for a person here: whoever is forgotten can't be read off this file, which keeps what is deleted."""
        return sha256((self._salt + person).encode()).hexdigest()[:_HIDDEN]

    def close(self) -> None:
        """Close the file."""
        self._db.close()
        self._make_private()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; on the disk when the block ends."""
        with _translated(self._path):
            self._db.begin()
            try:
                yield
                self._db.commit()
                self._make_private()
            except BaseException:
                self._db.rollback()
                raise

    def _make_private(self) -> None:
        """Keep others out of files that DuckDB makes when it wants to; the folder keeps them out before."""
        for path in (self._path, self._wal):
            with suppress(FileNotFoundError):
                path.chmod(0o600)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return every row of a query."""
        with _translated(self._path):
            rows: list[tuple[Any, ...]] = self._db.execute(sql, list(parameters)).fetchall()
        return rows

    def pieces(self, sql: str, people: int) -> Iterator[list[list[Any]]]:
        """Yield the answer to a query by column, so many rows at a time at most, more or less."""
        with _translated(self._path):
            reader = self._db.sql(sql).to_arrow_reader(people)
            for batch in reader:
                yield [column.to_pylist() for column in batch.columns]

    # --- the runs ------------------------------------------------------------------------------------------------------------

    def tailed(self) -> dict[str, Tailed]:
        """Return how far each run has been read, by name."""
        rows = self.rows("SELECT key, name, mark, next_number, windows, change FROM run")
        return {row[1]: Tailed(*row) for row in rows}

    def keep_tailed(self, tailed: Tailed) -> None:
        """Write down how far a run has been read."""
        self._db.execute("DELETE FROM run WHERE key = ?", [tailed.key])
        self._db.execute("INSERT INTO run VALUES (?, ?, ?, ?, ?, ?)", list(tailed))

    def forget_run(self, key: int) -> None:
        """Take a run out of the index, to be read anew."""
        for table, column in (("id", "run"), ("nameless", "run"), ("run", "key")):
            self._db.execute(f"DELETE FROM {table} WHERE {column} = ?", [key])

    def retire_run(self, key: int, now_s: float) -> None:
        """Follow a run no more. That its messages are its own stays known: a receipt of one settles nobody else.

        Whoever may have a message of it that nobody can name stays a possible owner of receipts for as long as the rule asks.
        """
        self._db.execute("INSERT INTO past SELECT hash FROM id WHERE run = ? AND hash NOT IN (SELECT hash FROM past)", [key])
        self._db.execute(
            "INSERT INTO nameless SELECT ?, number, place, route, oa, person, false, from_s, least(until_s, ?) FROM nameless "
            "WHERE run = ?",
            [GONE, int(now_s), key],
        )
        self.forget_run(key)
        self._db.execute("DELETE FROM nameless WHERE run = ? AND until_s < ?", [GONE, int(now_s) - 2 * LATE_S])

    @property
    def is_whole(self) -> bool:
        """Whether every run that was there when the index was made has been read, also those of long ago."""
        return bool(self.rows("SELECT is_whole FROM made")[0][0])

    def be_whole(self) -> None:
        """Write down that they have."""
        self._db.execute("UPDATE made SET is_whole = true")

    def add_ids(
        self, run: int, oas: Any, numbers: Sequence[int], places: Sequence[int], ids: Sequence[str], *, is_open: bool
    ) -> None:
        """Take in the messages of some people, by column; `oas` is one OA or one for each person."""
        if numbers:
            self.has_news = True
            piece = pa.table(
                [pa.array(numbers, pa.uint32()), pa.array(places, pa.int16()), pa.array(ids, pa.string())],
                names=["number", "place", "msg_id"],
            )
            is_one = isinstance(oas, str)
            oa = "?" if is_one else "oa"
            if not is_one:
                piece = piece.append_column("oa", oas)
            self._db.register("piece", piece)
            table = "open_id" if is_open else "id"
            sql = f"INSERT INTO {table} SELECT hash({oa} || ' ' || msg_id), {run}, number, place FROM piece"
            self._db.execute(sql, [oas] if is_one else [])
            self._db.unregister("piece")

    def add_answers(self, numbers: Sequence[int], oas: Sequence[str], ids: Sequence[str]) -> None:
        """Take in the messages of some answers, by column."""
        self.add_ids(ANSWERS, pa.array(oas, pa.string()), numbers, [0] * len(numbers), ids, is_open=False)

    def answers_from(self, store: str) -> int:
        """Return up to which change the outbox has been read; where it is another one, forget the one before."""
        rows = self.rows("SELECT change FROM answers WHERE store = ?", [store])
        if not rows:
            self.forget_run(ANSWERS)
            self.keep_answers(store, 0)
        return int(rows[0][0]) if rows else 0

    def keep_answers(self, store: str, change: int) -> None:
        """Write down up to which change the outbox has been read."""
        self._db.execute("DELETE FROM answers")
        self._db.execute("INSERT INTO answers VALUES (?, ?)", [store, change])

    def clear_open(self) -> None:
        """Forget whoever stood in an open window."""
        self._db.execute("DELETE FROM open_id")

    def replace_nameless(self, run: int, numbers: Sequence[int], rows: Sequence[Sequence[Any]]) -> None:
        """Take some people off those whose message nobody can name, and take in others."""
        if numbers:
            self._db.register("gone", pa.table([pa.array(numbers, pa.uint32())], names=["number"]))
            self._db.execute("DELETE FROM nameless WHERE run = ? AND number IN (SELECT number FROM gone)", [run])
            self._db.unregister("gone")
        if rows:
            self.has_news = True
            self._insert("nameless", NAMELESS, rows)

    def replace_run(self, run: int, rows: Sequence[Sequence[Any]]) -> None:
        """Take in others in place of all in a run whose message nobody can name."""
        self._db.execute("DELETE FROM nameless WHERE run = ?", [run])
        self.replace_nameless(run, (), rows)

    def _insert(self, table: str, schema: pa.Schema, rows: Sequence[Sequence[Any]]) -> None:
        columns = zip(*rows, strict=True)
        arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
        self._db.register("fresh", pa.Table.from_arrays(arrays, schema=schema))
        self._db.execute(f"INSERT INTO {table} SELECT * FROM fresh")
        self._db.unregister("fresh")

    # --- the receipts ----------------------------------------------------------------------------------------------------------

    def cursor(self) -> Cursor:
        """Say how far the receipts are folded."""
        file, seq, folded, until_ms = self.rows("SELECT file, seq, folded, until_ms FROM cursor")[0]
        return Cursor(Place(file, seq) if file else None, folded, until_ms)

    def move(self, cursor: Cursor) -> None:
        """Write down how far the receipts are folded."""
        place = cursor.place or Place("", 0)
        self._db.execute(
            "UPDATE cursor SET file = ?, seq = ?, folded = ?, until_ms = ?", [*place, cursor.folded, cursor.until_ms]
        )

    def begin_batch(self) -> None:
        """Empty the batch."""
        self._db.execute("DELETE FROM batch")

    def add_waiting(self) -> None:
        """Add the receipts that wait to the batch."""
        self._db.execute("INSERT INTO batch SELECT * FROM waiting")

    def add_to_batch(self, first: int, columns: Sequence[Sequence[Any]]) -> None:
        """Add receipts to the batch, by column as `RECEIPT` has them; the first is so-manieth of all."""
        arrays = [pa.array(column, field.type) for column, field in zip(columns, RECEIPT, strict=True)]
        self._db.register("fresh", pa.Table.from_arrays(arrays, schema=RECEIPT))
        hidden = f"CASE WHEN tracking_id = '' THEN left(sha256('{self._salt}' || person), {_HIDDEN}) ELSE person END"
        columns_sql = f"{first} + (row_number() OVER ()) - 1, * REPLACE ({hidden} AS person)"
        self._db.execute(f"INSERT INTO batch SELECT {columns_sql} FROM fresh WHERE {_WAITS}")
        self._db.unregister("fresh")

    def find(self) -> None:
        """Find the messages of the batch, by their ids and by what messages by phone carry."""
        self._db.execute("DELETE FROM hit")
        self._db.execute(
            f"""INSERT INTO hit SELECT i, run, number, place FROM (SELECT i, {_HASH} AS hash FROM batch) JOIN
            (SELECT * FROM id UNION ALL SELECT * FROM open_id) USING (hash)"""
        )

    def hits(self, people: int) -> Iterator[list[list[Any]]]:
        """Yield what was found, a message once: run, number, message id, place, delivered and seen (seconds since 1970).

        Of a message with an echo alone neither is known.
        """
        return self.pieces(
            """SELECT run, number, msg_id, any_value(place), (min(at_ms) FILTER (kind <> 'echo')) // 1000,
            (min(at_ms) FILTER (kind = 'seen')) // 1000
            FROM hit JOIN batch USING (i) GROUP BY run, number, msg_id ORDER BY run, number""",
            people,
        )

    def drop_hits(self, wrong: Sequence[tuple[int, int, str]]) -> None:
        """Take back what was found and is not so: run, number, message id."""
        for run, number, msg_id in wrong:
            self._db.execute(
                "DELETE FROM hit WHERE run = ? AND number = ? AND i IN (SELECT i FROM batch WHERE msg_id = ?)",
                [run, number, msg_id],
            )

    def tracked(self) -> list[tuple[Any, ...]]:
        """Return the receipts of the batch that were not found and name a run and a number themselves, in order of time.

        By row: i, run, number, OA, person, kind, message id, time in ms.
        """
        return self.rows(
            """SELECT i, key, TRY_CAST(split_part(tracking_id, '-', 2) AS UINTEGER) AS number, oa, person, kind, msg_id, at_ms
            FROM batch JOIN run ON mark = split_part(tracking_id, '-', 1)
            WHERE tracking_id <> '' AND kind <> 'echo' AND number IS NOT NULL
            AND i NOT IN (SELECT i FROM hit) ORDER BY at_ms, i"""
        )

    def strays(self) -> list[tuple[Any, ...]]:
        """Return the receipts of the batch that were not found and may settle somebody, in order of time.

        By row: i, OA, person, kind, message id, time in ms, digest of the text.
        """
        return self.rows(
            f"""SELECT i, oa, person, kind, msg_id, at_ms, text_digest FROM batch
            WHERE tracking_id = '' AND i NOT IN (SELECT i FROM hit)
            AND (oa, person) IN (SELECT (oa, person) FROM nameless WHERE is_unknown)
            AND {_HASH} NOT IN (SELECT hash FROM past)
            ORDER BY at_ms, i"""
        )

    def echoed(self, msg_ids: Sequence[str]) -> Mapping[tuple[str, str], bytes]:
        """Return the digest of the text of messages that wait with an echo or are in the batch with one; by OA and message id."""
        self._db.register("asked", pa.table([pa.array(msg_ids, pa.string())], names=["msg_id"]))
        rows = self.rows(
            """SELECT oa, msg_id, text_digest FROM (SELECT * FROM batch UNION ALL SELECT * FROM waiting)
            SEMI JOIN asked USING (msg_id) WHERE kind = 'echo' AND text_digest <> ''::BLOB"""
        )
        self._db.unregister("asked")
        return {(oa, msg_id): bytes(digest) for oa, msg_id, digest in rows}

    def nameless(self, persons: Sequence[tuple[str, str]]) -> list[tuple[Any, ...]]:
        """Return the rows of `NAMELESS` of some people, each by OA and person."""
        oas, ids = zip(*persons, strict=True) if persons else ((), ())
        self._db.register("asked", pa.table([pa.array(oas, pa.string()), pa.array(ids, pa.string())], names=["oa", "person"]))
        rows = self.rows("SELECT nameless.* FROM nameless SEMI JOIN asked USING (oa, person)")
        self._db.unregister("asked")
        return rows

    def take_hits(self, hits: Sequence[tuple[int, int, int, int]]) -> None:
        """Take as found: i, run, number, place."""
        if hits:
            self._db.executemany("INSERT INTO hit VALUES (?, ?, ?, ?)", hits)

    def keep_waiting(self) -> None:
        """Have everything in the batch that was not found wait, and nothing that was."""
        self._db.execute("DELETE FROM waiting WHERE i IN (SELECT i FROM hit)")
        self._db.execute(
            "INSERT INTO waiting SELECT * FROM batch WHERE i NOT IN (SELECT i FROM hit) AND i NOT IN (SELECT i FROM waiting)"
        )

    def give_up(self, before_ms: int, most: int) -> None:
        """Give up on receipts that came before an instant, and on the oldest where more than `most` wait."""
        waiting = self.rows("SELECT COUNT(*), COUNT(*) FILTER (arrived_ms < ?) FROM waiting", [before_ms])[0]
        if waiting[0] - waiting[1] > most:
            before_ms = self.rows("SELECT arrived_ms FROM waiting ORDER BY arrived_ms DESC LIMIT 1 OFFSET ?", [most])[0][0] + 1
        elif not waiting[1]:
            return
        self._db.execute(
            "INSERT INTO given_up SELECT oa, COUNT(*) FROM waiting WHERE arrived_ms < ? AND kind <> 'echo' GROUP BY oa",
            [before_ms],
        )
        self._db.execute("DELETE FROM waiting WHERE arrived_ms < ?", [before_ms])

    def waiting(self) -> int:
        """Count the receipts that wait, echoes too."""
        receipts: int = self.rows("SELECT COUNT(*) FROM waiting")[0][0]
        return receipts

    def unattributed(self) -> tuple[Mapping[str, int], Mapping[str, int]]:
        """Count by OA the receipts that wait, and those that were given up."""
        waiting = self.rows("SELECT oa, COUNT(*) FROM waiting WHERE kind <> 'echo' GROUP BY oa")
        return dict(waiting), dict(self.rows("SELECT oa, SUM(receipts)::BIGINT FROM given_up GROUP BY oa"))


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as exc:
        raise StorageUnusable(
            _("can't use {path}: {why}", path=path, why=str(exc).partition("\n")[0][:200]),
            hint=_("free some space; when it is damaged, delete it: it is made again from the runs and the receipts"),
        ) from exc
    except OSError as exc:
        raise StorageUnusable(
            _("can't use {path}: {why}", path=path, why=reason(exc)), hint=_("check the disk and the folder's permissions")
        ) from exc
