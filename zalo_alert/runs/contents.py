"""What lies in a run's folder, digested anew from the bytes: the parts of its seal that are not of the workspace around it."""

from collections import Counter
from contextlib import closing
from itertools import accumulate

from zalo_alert.errors import RESTORE_RUN, StorageUnusable
from zalo_alert.foundation.digests import digest_of, digest_of_json
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _, persons
from zalo_alert.models import Digest
from zalo_alert.runs import seal
from zalo_alert.runs.facts import facts_part
from zalo_alert.runs.run import Run

DIGESTERS = 2  # threads: as many as the smallest machine has cores


def digest_parts(run: Run) -> dict[str, Digest]:
    """Digest every part of a run that lies in its folder anew, from the bytes; see `seal`.

    Raises:
        StorageUnusable: A file is missing or can't be read.
    """
    return {
        "campaign": digest_of(run.campaign_bytes()),
        "audience": digest_of_json(_shards_now(run)),
        "places": digest_of_json([list(place) for place in run.places()]),
        "files": digest_of_json([[name, digest_of(run.attachment(name))] for name, _ in run.facts.files]),
        "facts": facts_part(run.fact_rows),
    }


def earlier_digest(run: Run) -> Digest:
    """Digest a run anew by the rule of before parts were kept."""
    digests = [digest for *_, digest in _shards_now(run)]
    files = [(name, digest_of(run.attachment(name))) for name, _ in run.facts.files]
    return seal.combine_as_before(digest_of(run.campaign_bytes()), digests, run.places(), run.facts.profile, files)


def altered_shards(run: Run) -> list[str]:
    """Name the files of a run's audience that are not those that were frozen."""
    frozen = {file: digest for file, *_, digest in run.shard_rows()}
    return [f"{run.folder / 'shards' / file}" for file, *_, digest in _shards_now(run) if frozen[file] != digest]


def check_counts(run: Run) -> None:
    """Count the people of the shards: whoever approves reads numbers from tables, and the shards are who is written to.

    Raises:
        StorageUnusable: The tables tell of others, or a shard can't be read.
    """
    from zalo_alert.runs import shards

    rows, places = run.shard_rows(), Counter[int]()
    for file, *_rest in rows:
        places.update(shards.count_places(run.folder / "shards" / file))
    told = {number: place.people for number, place in enumerate(run.places()) if place.people}
    firsts = accumulate((people for _file, _first, people, _digest in rows), initial=0)
    is_in_order = all(row[1] == first for row, first in zip(rows, firsts, strict=False))
    with closing(run.ledger()) as ledger:
        totals = {ledger.audience, run.facts.audience, sum(row[2] for row in rows), places.total()}
    if places != told or len(totals) > 1 or not is_in_order:
        raise StorageUnusable(
            _("{run} tells of other people than those it is for: its shards hold {people}", run=run.id,
              people=persons(places.total())),
            hint=RESTORE_RUN,
        )  # fmt: skip


def _shards_now(run: Run) -> list[tuple[str, int, int, str]]:
    """Return each shard's file, first person, people and digest as it is now."""
    from concurrent.futures import ThreadPoolExecutor

    rows = run.shard_rows()
    with ThreadPoolExecutor(DIGESTERS) as pool:  # hashing leaves Python's lock alone
        digests = pool.map(lambda file: _digest_shard(run, file), [file for file, *_ in rows])
        return [(file, first, people, digest) for (file, first, people, _), digest in zip(rows, digests, strict=True)]


def _digest_shard(run: Run, file: str) -> Digest:
    from zalo_alert.runs import shards  # pyarrow behind it takes 90 ms to load

    path = run.folder / "shards" / file
    try:
        return shards.digest_of(path)
    except OSError as exc:
        raise StorageUnusable(
            _("can't read {path}, and with it a part of the audience: {why}", path=path, why=reason(exc)), hint=RESTORE_RUN
        ) from exc
