"""Everyone in a run with their state, as CSV, NDJSON or Parquet: streamed, one row a person, in the order of sending.

A home of pyarrow. The file appears whole, by one rename, with mode 0600, because it names people.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from zalo_alert.clock import VIETNAM
from zalo_alert.errors import InputInvalid, UsageError
from zalo_alert.files import appearing, created
from zalo_alert.ledger.base import Entry, Ledger
from zalo_alert.models import Campaign, Reason, Recipient, State
from zalo_alert.runs import Run

COLUMNS = ("user_id", "state", "place", "account", "route", "attempts", "code", "reason", "at", "message_id", "unclear")
BATCH = 10_000
_SCHEMA = pa.schema([(name, pa.int32() if name in ("attempts", "code", "unclear") else pa.string()) for name in COLUMNS])


def rows(run: Run, campaign: Campaign, ledger: Ledger, states: Sequence[State] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield a row for each person, of some states or of all; see `COLUMNS`."""
    audience, places = run.audience(), run.places()
    untouched = ledger.untouched_state()
    entries = ledger.entries()
    entry = next(entries, None)
    at_number = 0
    try:
        while at_number < run.facts.audience:
            for person in audience.window(at_number, min(BATCH, run.facts.audience - at_number)):
                found = entry if entry and entry.number == person.number else None
                if found:
                    entry = next(entries, None)
                # Claimed for the first time and not settled: no row yet, and below the mark.
                state = found.state if found else State.CLAIMED if person.number < ledger.next_number else untouched
                if not states or state in states:
                    yield _row(run, campaign, person, state, found, places[person.place].key)
            at_number += BATCH
    finally:
        audience.close()


def _row(run: Run, campaign: Campaign, person: Recipient, state: State, entry: Entry | None, place: str) -> tuple[Any, ...]:
    account = run.facts.accounts[person.account]
    if entry is None:
        return (person.user_id, state.value, place, account, "", 0, 0, "", "", "", 0)
    at = datetime.fromtimestamp(entry.at_s, VIETNAM).isoformat()
    route = campaign.routes[entry.route].type.value
    reason = "" if state is State.ACCEPTED else Reason(entry.reason).value
    return (
        person.user_id, state.value, place, account, route, entry.attempts, entry.code, reason, at, entry.message_id,
        entry.unclear,
    )  # fmt: skip


def write(found: Iterator[tuple[Any, ...]], target: Path) -> int:
    """Write rows to a file whose name says the format; return how many.

    Raises:
        UsageError: The name ends in none of .csv, .ndjson, .jsonl and .parquet.
        InputInvalid: It can't be written.
    """
    writer = {".csv": _csv, ".ndjson": _ndjson, ".jsonl": _ndjson, ".parquet": _parquet}.get(target.suffix.lower())
    if writer is None:
        raise UsageError(f'"{target.name}": which format?', hint="end the name in .csv, .ndjson or .parquet")
    try:
        with appearing(target) as draft, created(draft) as file:
            return writer(found, file)
    except OSError as exc:
        raise InputInvalid(
            f"can't write {target}: {exc.strerror or exc}", hint="check the folder and the disk's free space"
        ) from exc


def write_stream(found: Iterator[tuple[Any, ...]], file: IO[bytes]) -> int:
    """Write rows as NDJSON to an open stream; return how many."""
    return _ndjson(found, file)


def _csv(found: Iterator[tuple[Any, ...]], file: IO[bytes]) -> int:
    class Text:
        def write(self, text: str) -> int:
            return file.write(text.encode())

    writer = csv.writer(Text(), lineterminator="\n")
    writer.writerow(COLUMNS)
    return _counted(found, lambda batch: writer.writerows(batch))


def _ndjson(found: Iterator[tuple[Any, ...]], file: IO[bytes]) -> int:
    def put(batch: list[tuple[Any, ...]]) -> None:
        file.write(
            b"".join(orjson.dumps(dict(zip(COLUMNS, row, strict=True)), option=orjson.OPT_APPEND_NEWLINE) for row in batch)
        )

    return _counted(found, put)


def _parquet(found: Iterator[tuple[Any, ...]], file: IO[bytes]) -> int:
    with pq.ParquetWriter(file, _SCHEMA, compression="zstd") as writer:
        return _counted(
            found,
            lambda batch: writer.write_table(
                pa.table(
                    [pa.array(column, field.type) for column, field in zip(zip(*batch, strict=True), _SCHEMA, strict=True)],
                    _SCHEMA,
                )
            ),
        )


def _counted(found: Iterator[tuple[Any, ...]], put: Callable[[list[tuple[Any, ...]]], object]) -> int:
    count = 0
    while batch := list(islice(found, BATCH)):
        put(batch)
        count += len(batch)
    return count
