"""A new run's folder: everything but its shards, on the disk before anybody sees it. Owns the tables of its database."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from zalo_alert.foundation.database import Database
from zalo_alert.foundation.files import create_file, sync_folder
from zalo_alert.language import persons
from zalo_alert.ledger.base import Withheld
from zalo_alert.ledger.sqlite import SqliteLedger
from zalo_alert.runs.schedule import Planned

if TYPE_CHECKING:
    from zalo_alert.runs.shards import Shard  # pyarrow takes 90 ms to load, which `stop` does without
from zalo_alert.runs.facts import RunFacts, RunPlace, written_facts
from zalo_alert.runs.history import History
from zalo_alert.runs.home import home_of
from zalo_alert.runs.lifecycle import RunState

_SCHEMA = """
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE place (number INTEGER PRIMARY KEY, key TEXT NOT NULL, label TEXT NOT NULL, variant INTEGER, people INTEGER NOT NULL);
CREATE TABLE shard (file TEXT PRIMARY KEY, first INTEGER NOT NULL, people INTEGER NOT NULL, digest TEXT NOT NULL);
CREATE TABLE schedule (
    place INTEGER PRIMARY KEY, first_number INTEGER NOT NULL, last_number INTEGER NOT NULL, starts_at_s REAL NOT NULL,
    finishes_at_s REAL NOT NULL);
CREATE TABLE history (at_s REAL NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL);
"""
YOUNGER_TABLES = """
CREATE TABLE IF NOT EXISTS home (machine TEXT NOT NULL, folder TEXT NOT NULL, file TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS forgotten (number INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS state (name TEXT NOT NULL, at_s REAL NOT NULL);
CREATE TABLE IF NOT EXISTS request (text BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS agreement (purpose TEXT NOT NULL, text TEXT NOT NULL, at_s REAL NOT NULL);
CREATE TABLE IF NOT EXISTS cap_name (sender TEXT NOT NULL, identifier TEXT NOT NULL, sent_s INTEGER NOT NULL);
"""  # younger than the first runs: made when a run is next sent


def write_new_run(
    folder: Path,
    facts: RunFacts,
    campaign: bytes,
    places: Sequence[RunPlace],
    frozen: "Sequence[Shard]",
    schedule: Sequence[Planned],
    files: Sequence[bytes] = (),
    withheld: Sequence[Withheld] = (),
) -> None:
    """Write everything but the shards of a new run into its draft folder; all of it is on the disk when it returns."""
    with create_file(folder / "campaign.yaml") as file:
        file.write(campaign)
    for number, content in enumerate(files):
        with create_file(folder / attachment_file(number)) as file:
            file.write(content)
    SqliteLedger.create(folder / "run.db", facts.audience, withheld).close()
    database = Database(folder / "run.db", schema=_SCHEMA + YOUNGER_TABLES)
    with database.transaction():
        database.run_many("INSERT INTO fact VALUES (?, ?)", written_facts(facts).items())
        database.run_many("INSERT INTO place VALUES (?, ?, ?, ?, ?)", [(i, *place) for i, place in enumerate(places)])
        database.run_many("INSERT INTO schedule VALUES (?, ?, ?, ?, ?)", [(i, *planned) for i, planned in enumerate(schedule)])
        database.run_many(
            "INSERT INTO shard VALUES (?, ?, ?, ?)", [(shard.file, shard.first, shard.people, shard.digest) for shard in frozen]
        )
        database.run("INSERT INTO home VALUES (?, ?, ?)", home_of(folder, folder.parent / facts.id))
        database.run("INSERT INTO state VALUES (?, ?)", (RunState.FROZEN, facts.frozen_at.timestamp()))
    History(database).note("frozen", persons(facts.audience), facts.frozen_at)
    database.close()
    sync_folder(folder)


def attachment_file(number: int) -> str:
    """Name the file that holds the bytes of what messages carry, by its number among the run's."""
    return f"file-{number}"
