"""What lies in a run's folder, digested anew from the bytes: the parts of its seal that are not of the workspace around it."""

from zalo_alert.errors import RESTORE_RUN, StorageUnusable
from zalo_alert.foundation.digests import digest_of, digest_of_json
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
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
