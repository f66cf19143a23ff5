"""A table from a list: looked through for faults, sorted on the disk, written as a generation, and only then in force.

Killed at any instant, it leaves the generation in force that was; what it had written is cleared by the next one.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from zalo_alert.errors import InputInvalid, TableRefused
from zalo_alert.foundation import machine
from zalo_alert.foundation.digests import digest_of_file
from zalo_alert.foundation.files import create_file, private_folder, sync, sync_folder
from zalo_alert.foundation.fixed_database import TwoInOnePlace, write_fixed
from zalo_alert.foundation.steps import StepReporter
from zalo_alert.language import _
from zalo_alert.tables.checks import Facts, count_rows, find_faults, kind_of_check
from zalo_alert.tables.engine import opened_engine
from zalo_alert.tables.facts import CheckKind, fold
from zalo_alert.tables.generations import DATA, DIGEST, DRAFT, KEY, TableFolder
from zalo_alert.tables.source import Source, opened_source
from zalo_alert.tables.table import KEY_BYTES, SCHEMA, About

if TYPE_CHECKING:
    from zalo_alert.book.engine import duckdb

_ROWS_AT_ONCE = 20_000
_TRIES = 3  # with a key each: of ten million rows two stand in one place once in two hundred thousand builds
_INSERT = "INSERT INTO row VALUES (?, ?, ?)"


class BuildRequest(NamedTuple):
    """What a table is to be built from.

    `check_kind` is None where it is to be seen from the values; `key_pattern` is what each number must look like whole, as a
    regular expression, "" for anything.
    """

    file: Path
    key: str
    check: str
    check_kind: CheckKind | None = None
    key_pattern: str = ""


class Built(NamedTuple):
    """What was built: the generation, what it says of itself, its size, and which old generations were removed."""

    generation: str
    about: About
    size_bytes: int
    removed: tuple[str, ...]


def build(folder: TableFolder, request: BuildRequest, now: datetime, on_step: StepReporter) -> Built:
    """Build a generation and put it in force; it is on the disk when this returns.

    Args:
        folder: Of the table.
        request: From what.
        now: When.
        on_step: Told how far it is.

    Raises:
        InputInvalid: The list is none, or has no such columns.
        TableRefused: Rows of it are faulty; nothing is changed.
        RunBusy: Another process is changing the table.
        StorageUnusable: The disk refused.
    """
    with folder.locked():
        draft = folder.path / DRAFT
        private_folder(draft)
        number = max((int(id_[:6]) for id_ in folder.ids() if id_[:6].isdigit()), default=0) + 1
        generation = f"{number:06d}-{now:%Y%m%dT%H%M%S}"
        about = _write(draft / f"{generation}{DATA}", request, now, on_step)
        size = (draft / f"{generation}{DATA}").stat().st_size
        for suffix in (KEY, DIGEST, DATA):  # the data last: with it the generation is there
            machine.rename(draft / f"{generation}{suffix}", folder.path / f"{generation}{suffix}")
        shutil.rmtree(draft, ignore_errors=True)
        sync_folder(folder.path)
        folder.use(generation)
        return Built(generation, about, size, tuple(folder.prune()))


def _write(file: Path, request: BuildRequest, now: datetime, on_step: StepReporter) -> About:
    try:
        return _from_source(file, request, now, on_step, is_direct=True)
    except _NotDirect:
        return _from_source(file, request, now, on_step, is_direct=False)


class _NotDirect(Exception):
    """Some lines of a plain file are no rows: it is read with care, which tells of them."""


def _from_source(file: Path, request: BuildRequest, now: datetime, on_step: StepReporter, *, is_direct: bool) -> About:
    wanted = (request.key, request.check)
    if fold(request.key) == fold(request.check):
        raise InputInvalid(_("the number and the second fact are one column"), hint=_("name two"))
    stamp = _stamp(request.file)
    with (
        opened_source(request.file, wanted, file.parent, on_step, _("reading the list"), is_direct=is_direct) as source,
        opened_engine(file.parent, request.file.name) as db,
    ):
        on_step(_("looking for faults"), 0, None)
        facts, rows = _checked(db, source, request)
        about = _about(source, facts, request, rows, now)
        for attempt in range(1, _TRIES + 1):
            try:
                _fill(file, db, source, facts, about, on_step)
                break
            except TwoInOnePlace:
                file.unlink()
                if attempt == _TRIES:
                    raise
        if _stamp(request.file) != stamp:
            raise InputInvalid(_("{name} was changed while it was read", name=request.file.name), hint=_("build again"))
    return about


def _stamp(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except OSError:
        return 0, 0  # says so itself when it is opened
    return status.st_size, status.st_mtime_ns


def _checked(db: "duckdb.DuckDBPyConnection", source: Source, request: BuildRequest) -> tuple[Facts, int]:
    folded = [fold(column) for column in source.columns]
    key, check = (f"c{folded.index(fold(column))}" for column in (request.key, request.check))
    kind = request.check_kind or kind_of_check(db, source.plain, check)
    facts = Facts(key, check, kind, request.key_pattern)
    counted = count_rows(db, source.plain, facts)
    if source.rows is not None and counted.rows != source.rows:
        raise _NotDirect if source.is_direct else _lost_rows(request.file.name)
    if not counted.rows:
        raise InputInvalid(
            _("{name} holds a header and no row under it", name=request.file.name), hint=_("was it exported to the end?")
        )
    if not counted.is_clean:
        problems, number = find_faults(db, source.plain, source.numbered, facts, request.file.name)
        if problems:
            raise TableRefused(request.file.name, problems, number)
    return facts, counted.rows


def _lost_rows(name: str) -> InputInvalid:
    return InputInvalid(_("{name} could not be read whole", name=name), hint=_("export it again"))


def _about(source: Source, facts: Facts, request: BuildRequest, rows: int, now: datetime) -> About:
    columns = tuple(column for _at, column in _payload_columns(source, facts))
    key, check = (source.columns[int(fact[1:])] for fact in (facts.key, facts.check))
    return About(key, check, facts.kind, columns, rows, request.file.name, now.isoformat(timespec="seconds"))


def _payload_columns(source: Source, facts: Facts) -> list[tuple[str, str]]:
    named = ((f"c{at}", column) for at, column in enumerate(source.columns))
    return [(at, column) for at, column in named if column and at not in (facts.key, facts.check)]


def _fill(file: Path, db: "duckdb.DuckDBPyConnection", source: Source, facts: Facts, about: About, on_step: StepReporter) -> None:
    secret = os.urandom(KEY_BYTES)
    payload = ", ".join(at for at, _column in _payload_columns(source, facts)) or "''"
    view = facts.view(f"SELECT *, concat_ws(chr(31), {payload}) AS payload FROM ({source.plain})", also="payload")
    hashed = f"SELECT payload, sha256(? || chr(31) || key || chr(31) || fact) AS digest FROM ({view})"
    sql = (
        "SELECT ('0x' || substr(digest, 1, 16))::UBIGINT >> 1 AS id, unhex(substr(digest, 17, 16)) AS mark, payload "
        f"FROM ({hashed}) ORDER BY id"
    )
    on_step(_("sorting"), 0, None)
    result = db.execute(sql, [secret.hex()])
    about_sql = f"INSERT INTO about VALUES ('{about.encode().replace(chr(39), chr(39) * 2)}');"
    write_fixed(file, SCHEMA + about_sql, _INSERT, _batches(result, about.rows, on_step))
    sync(file)
    with create_file(file.with_suffix(KEY)) as target:
        target.write(secret)
    with create_file(file.with_suffix(DIGEST)) as target:
        target.write(f"{digest_of_file(file)}  {file.name}\n".encode())


def _batches(result: "duckdb.DuckDBPyConnection", rows: int, on_step: StepReporter) -> Iterator[Sequence[Sequence[Any]]]:
    done = 0
    while batch := result.fetchmany(_ROWS_AT_ONCE):
        yield batch
        done += len(batch)
        on_step(_("writing the table"), done, rows)
