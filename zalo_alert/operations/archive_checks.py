"""Whether archived runs are what was archived: files against digests, digests against the log, the run against its seal."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.line import Line
from zalo_alert.audit.reading import lines
from zalo_alert.errors import ZaloAlertError
from zalo_alert.foundation.digests import digest_of_file
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _, joined, persons
from zalo_alert.models import Digest, RunId
from zalo_alert.operations.audit import log_of
from zalo_alert.runs import contents, pack, seal
from zalo_alert.runs import manifest as manifests
from zalo_alert.runs.archived import CARD, Unpacked, card_rows
from zalo_alert.runs.manifest import Manifest
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs

_BESIDE = ("-wal", "-shm")  # of a card that somebody reads now


class Verified(NamedTuple):
    """An archived run that was checked: its name, each fault as a sentence, and whether its people were removed."""

    run: RunId
    faults: tuple[str, ...]
    is_removed: bool = False


def matching_line(log: Path, run: str, entry: Path) -> Line | None:
    """Return the line of the log that tells of an archive; None where none does.

    Raises:
        StorageUnusable: The log can't be read.
    """
    digest = digest_of_file(entry / manifests.NAME)
    told = lines(log, run=run, event=AuditEvent.RUN_ARCHIVED)
    return next((line for line in told if line.facts.get("manifest") == digest), None)


def verify(runs: Runs, name: RunId) -> Verified:
    """Check an archived run.

    Raises:
        StorageUnusable: The log can't be read, or the disk is full.
    """
    entry, log = runs.archive.folder / name, log_of(runs).path
    told = list(lines(log, run=name, event=AuditEvent.RUN_ARCHIVED))
    if not told:
        return Verified(name, (_("{run}: the log tells nothing of its being archived", run=name),))
    was_removed = any(lines(log, run=name, event=AuditEvent.ARCHIVE_REMOVED))
    is_removed = was_removed and not (entry / pack.NAME).exists()
    return Verified(name, tuple(faults_of(entry, Digest(str(told[-1].facts.get("manifest"))), is_removed=is_removed)), is_removed)


def faults_of(entry: Path, manifest: Digest, name: str = "", *, is_removed: bool = False) -> list[str]:
    """Find what is wrong with an archive: each fault a sentence, the gravest first.

    Args:
        entry: Its folder.
        manifest: The digest that its manifest must have.
        name: Of the run; "" is the folder's.
        is_removed: Its pack was removed on purpose.

    Raises:
        StorageUnusable: The disk is full.
    """
    try:
        found = list(_of_files(entry, manifest, is_removed=is_removed))
        return found or ([] if is_removed else list(_of_run(entry, manifests.read_named(entry, name or entry.name))))
    except OSError as exc:
        return [_("can't read {path}: {why}", path=exc.filename or entry, why=reason(exc))]
    except ZaloAlertError as exc:
        return [exc.message]


def _of_files(entry: Path, digest: Digest, *, is_removed: bool) -> Iterator[str]:
    if digest_of_file(entry / manifests.NAME) != digest:
        yield _not_as_archived(entry / manifests.NAME)
        return
    made = manifests.read_named(entry, "")
    for name, expected in made.parts.items():
        path = entry / name
        if name == pack.NAME and is_removed:
            continue
        if not path.is_file():
            yield _("{path} is missing", path=path)
        elif digest_of_file(path) != expected:
            inside = list(pack.differing(path, made.files)) if name == pack.NAME else []
            yield (
                _("{path} is not what was archived: {files}", path=path, files=joined(inside))
                if inside
                else _not_as_archived(path)
            )
    known = {manifests.NAME, *made.parts}
    for path in sorted(entry.iterdir()):
        if path.name not in known and not path.name.endswith(_BESIDE):
            yield _("{path} does not belong there", path=path)


def _not_as_archived(path: Path) -> str:
    return _("{path} is not what was archived", path=path)


def _of_run(entry: Path, made: Manifest) -> Iterator[str]:
    """Compare the run with its seal, its states with its audience, its card with its database."""
    unpacked = Unpacked(entry, made)
    try:
        with closing(Run(unpacked.folder)) as run:
            yield from _of_seal(run, made)
            yield from _of_figures(run, made)
        if card_rows(unpacked.folder / "run.db") != card_rows(entry / CARD):
            yield _not_as_archived(entry / CARD)
    finally:
        unpacked.remove()


def _of_seal(run: Run, made: Manifest) -> Iterator[str]:
    facts = run.facts
    if facts.digest != made.seal:
        yield _("{run} has another seal than the one that was archived", run=run.id)
    if not facts.parts:
        if contents.earlier_digest(run) != facts.digest:
            yield _("{run} is not what was frozen", run=run.id)
        return
    frozen = dict(facts.parts)
    around = {name: frozen[name] for name in seal.AROUND if name in frozen}
    now = {**contents.digest_parts(run), **around}
    if differing := seal.differing_parts(frozen, now):
        yield _(
            "{run} is not what was frozen: {what} differ from it", run=run.id, what=joined(seal.PARTS[part] for part in differing)
        )
    elif seal.combine(now) != facts.digest:
        yield _("{run} is not what was frozen", run=run.id)


def _of_figures(run: Run, made: Manifest) -> Iterator[str]:
    totals = run.totals()
    if dict(totals) != dict(made.totals) or run.facts.audience != made.audience:
        yield _("{run} has other figures than those that were archived", run=run.id)
    if sum(totals.values()) != run.facts.audience:
        yield _("the states of {run} add up to {people}, and it was for {audience}", run=run.id,
                people=persons(sum(totals.values())), audience=persons(run.facts.audience))  # fmt: skip
