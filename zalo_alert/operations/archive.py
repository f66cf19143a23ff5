"""Putting runs away that are over: into the workspace's archive, each verified before the run's folder goes.

At every moment there is the run, or the run and a whole archive of it, or the archive: what a kill cuts short, the next `archive`
finishes.
"""

import re
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.log import AuditLog
from zalo_alert.errors import RESTORE_RUN, ArchiveInvalid, ArchiveRefused, Cure, StorageUnusable, UsageError, ZaloAlertError
from zalo_alert.foundation import machine
from zalo_alert.foundation.clock import SystemClock, instant
from zalo_alert.foundation.digests import digest_of_file
from zalo_alert.foundation.files import create_file, draft_name, private_folder, sync_folder
from zalo_alert.foundation.os_errors import reason
from zalo_alert.foundation.suggestions import did_you_mean, nearest
from zalo_alert.language import _, persons
from zalo_alert.models import RunId, State
from zalo_alert.operations.archive_checks import Verified, faults_of, matching_line
from zalo_alert.operations.archive_checks import verify as verify_archived
from zalo_alert.operations.archive_rules import why_not, why_not_yet
from zalo_alert.runs import manifest as manifests
from zalo_alert.runs import pack
from zalo_alert.runs.archived import CARD, write_card
from zalo_alert.runs.manifest import Manifest
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs

if TYPE_CHECKING:
    from zalo_alert.operations.workspace import Workspace

OnStep = Callable[[str], None]
_DRAFT = re.compile(r"\.(.+)\.[0-9]+\.[0-9a-f]{16}")  # see `files.draft_name`


class Archived(NamedTuple):
    """A run that lies in the archive.

    Args:
        run: Its name.
        at: Since when.
        folder: Where.
        size_before: What it took before, in bytes.
        size_bytes: What it takes now.
        audience: How many people it was for.
        accepted: Of how many of them Zalo took the message.
        is_removed: Whether its people and ledger were removed since: its figures are kept.
    """

    run: RunId
    at: datetime
    folder: Path
    size_before: int
    size_bytes: int
    audience: int
    accepted: int
    is_removed: bool = False


class Candidate(NamedTuple):
    """A run that is old enough: its name, its bytes, and why it must stay all the same; "" where it need not."""

    run: RunId
    size_bytes: int
    why_not: str


def archive(workspace: "Workspace", run_id: str, now: datetime | None = None, on_step: OnStep = lambda step: None) -> Archived:
    """Archive a run that is over; what an earlier call has begun is finished.

    Args:
        workspace: Whose run.
        run_id: Its name.
        now: When; None is now.
        on_step: Hears what is done next.

    Raises:
        UsageError: There is no such run.
        RunArchived: It is archived already.
        ArchiveRefused: It is not over, or something may still be owed to its people.
        RunBusy: Another program sends it, or reads it at this moment.
        StorageUnusable: Its files are damaged, or the disk is full; the run is as it was.
    """
    runs, now = workspace.runs, now or SystemClock().now()
    _sweep(runs)
    with closing(runs.open(run_id)) as run:
        _require(run, runs, now)
        with run.locked():
            _require(run, runs, now, is_held=True)  # somebody may have gone on with it a moment ago
            run.close()
            try:
                return _put_away(run.id, run.folder, runs, now, on_step)
            except OSError as exc:
                raise StorageUnusable(
                    _("can't archive {run}: {why}", run=run_id, why=reason(exc)),
                    hint=_("check the disk's free space and permissions; the run is as it was"),
                ) from exc


def _require(run: Run, runs: Runs, now: datetime, *, is_held: bool = False) -> None:
    if why := why_not(run, runs, now, is_held=is_held):
        raise why


def archivable(workspace: "Workspace", older_than: timedelta, now: datetime | None = None) -> list[RunId]:
    """Name the runs that ended so long ago and may be archived, in an order in which they can be: the earliest first."""
    return [found.run for found in candidates(workspace, older_than, now) if not found.why_not]


def candidates(workspace: "Workspace", older_than: timedelta, now: datetime | None = None) -> list[Candidate]:
    """Find the runs that ended so long ago; those that must stay all the same, with why."""
    runs, now = workspace.runs, now or SystemClock().now()
    found: list[Candidate] = []
    for name in runs.ids():
        try:
            with closing(runs.open(name)) as run:
                if ended_at(run) > now - older_than:
                    continue
                going = {each.run for each in found if not each.why_not}
                why = why_not_yet(run, runs, now, going)
                found.append(Candidate(name, _size_of(run.folder), why.message if why else ""))
        except ZaloAlertError as exc:
            found.append(Candidate(name, 0, exc.message))
    return found


def candidate_of(workspace: "Workspace", run_id: str, now: datetime | None = None) -> Candidate:
    """Find out whether a run may be archived.

    Raises:
        UsageError: There is no such run.
        RunArchived: It is archived already.
    """
    runs, now = workspace.runs, now or SystemClock().now()
    with closing(runs.open(run_id)) as run:
        why = why_not(run, runs, now)
        return Candidate(run.id, _size_of(run.folder), why.message if why else "")


def ended_at(run: Run) -> datetime:
    """Return when something happened to a run last."""
    return instant(run.history()[-1].at_s)


def _size_of(folder: Path) -> int:
    return sum(path.stat().st_size for _name, path in pack.files_of(folder))


# --- putting away ----------------------------------------------------------------------------------------------------------


def _put_away(name: RunId, folder: Path, runs: Runs, now: datetime, on_step: OnStep) -> Archived:
    """Archive a run whose lock the caller holds, step by step, each of which is durable before the next."""
    _clean(runs, name)
    pack.settle_databases(folder)
    entry, log = runs.archive.folder / name, AuditLog(runs.folder.parent)
    if entry.exists() and not _is_of(entry, folder):
        _take_away(entry)  # of a run that was changed since, or damaged: the run is what counts
    if not entry.exists():
        _appear(name, folder, entry, now, on_step)
    made = runs.archive.manifest(name)
    if matching_line(log.path, name, entry) is None:
        _tell(log, entry, made, now)
    _take_away(folder)
    return archived_of(runs, name)


def _is_of(entry: Path, folder: Path) -> bool:
    """Whether an archive that was left by an earlier call is that of the run as it is now, and whole."""
    with suppress(ZaloAlertError):
        made = manifests.read_manifest(entry)
        return not _changed(folder, made) and not faults_of(entry, digest_of_file(entry / manifests.NAME))
    return False


def _changed(folder: Path, made: Manifest) -> bool:
    now = {name: (path.stat().st_size, path.stat().st_mtime_ns) for name, path in pack.files_of(folder)}
    return now != {file.name: (file.size_bytes, file.written_ns) for file in made.files}


def _appear(name: RunId, folder: Path, entry: Path, now: datetime, on_step: OnStep) -> None:
    """Write an archive beside where it belongs, verify it, and have it appear."""
    private_folder(entry.parent)
    draft = entry.with_name(draft_name(name))
    try:
        draft.mkdir(mode=0o700)
        _write(folder, draft, now, on_step)
        on_step(_("reading it back"))
        if faults := faults_of(draft, digest_of_file(draft / manifests.NAME), name):
            raise ArchiveInvalid(_("{run} was not archived: {why}", run=name, why=faults[0]), hint=RESTORE_RUN)
        if _changed(folder, manifests.read_named(draft, name)):
            raise ArchiveRefused(_("{run} was changed while it was archived", run=name), hint=_("try again"))
        machine.rename(draft, entry)
    finally:
        pack.remove(draft)
    sync_folder(entry.parent)


def _write(folder: Path, draft: Path, now: datetime, on_step: OnStep) -> None:
    files = pack.write_pack(folder, draft / pack.NAME, lambda file: on_step(_("packing {file}", file=file)))
    write_card(folder / "run.db", draft / CARD)
    with create_file(draft / "campaign.yaml") as file:
        file.write((folder / "campaign.yaml").read_bytes())
    parts = {part: digest_of_file(draft / part) for part in (pack.NAME, CARD, "campaign.yaml")}
    written_s = (folder / "run.db").stat().st_mtime
    with closing(Run(folder)) as run:
        facts, totals = run.facts, {state: run.totals()[state] for state in State}
    made = Manifest(facts.id, facts.digest, facts.frozen_at, now, written_s, facts.audience, totals, files, parts)
    with create_file(draft / manifests.NAME) as file:
        file.write(made.encoded())
    sync_folder(draft)


def _tell(log: AuditLog, entry: Path, made: Manifest, now: datetime) -> None:
    """Bind the archive to the log: from here on nobody can change either unseen."""
    facts = {"manifest": digest_of_file(entry / manifests.NAME), "seal": made.seal, "audience": made.audience}
    log.append(AuditEvent.RUN_ARCHIVED, now, run=made.run, why=persons(made.audience), facts=facts)


def _take_away(folder: Path) -> None:
    """Have a folder go in one moment, and its bytes after that."""
    draft = folder.with_name(draft_name(folder.name))
    folder.rename(draft)
    sync_folder(folder.parent)
    pack.remove(draft)


def _clean(runs: Runs, name: RunId) -> None:
    """Remove what a kill has left of an earlier call for this run, whose lock the caller holds."""
    for folder in (runs.folder, runs.archive.folder):
        for path, run in _drafts(folder):
            if run == name:
                pack.remove(path)


def _sweep(runs: Runs) -> None:
    """Remove what a kill has left of runs that were archived by then: their people are to stand in one place alone."""
    for path, run in _drafts(runs.folder):
        if runs.archive.has(run) and not (runs.folder / run).exists():
            pack.remove(path)


def _drafts(folder: Path) -> list[tuple[Path, str]]:
    """Find the drafts in a folder, each with the name that it was to have, or had."""
    found = [(path, _DRAFT.fullmatch(path.name)) for path in (folder.iterdir() if folder.is_dir() else ())]
    return [(path, match[1]) for path, match in found if match]


# --- what lies there -------------------------------------------------------------------------------------------------------


def archived_of(runs: Runs, name: RunId) -> Archived:
    """Say what an archived run is.

    Raises:
        ArchiveInvalid: It is not what was archived.
    """
    made = runs.archive.manifest(name)
    entry = runs.archive.folder / name
    return Archived(
        name, made.archived_at, entry, made.size_bytes, runs.archive.size_bytes(name), made.audience,
        made.totals[State.ACCEPTED], not (entry / pack.NAME).exists(),
    )  # fmt: skip


def all_archived(workspace: "Workspace") -> list[RunId]:
    """Name the archived runs, the earliest frozen first; see `archived_of`."""
    return workspace.runs.archive.ids()


def verify(workspace: "Workspace", run_id: str) -> Verified:
    """Check an archived run, down to the last bit: against the log, its seal, and its sums.

    Raises:
        UsageError: No such run is archived.
        StorageUnusable: The log can't be read, or the disk is full.
    """
    _require_archived(workspace.runs, run_id)
    return verify_archived(workspace.runs, RunId(run_id))


def _require_archived(runs: Runs, run_id: str) -> None:
    if runs.archive.has(run_id):
        return
    archived = runs.archive.ids()
    if run_id in runs.ids():
        raise UsageError(_("{run} is not archived", run=run_id), hint=_("{archive} does that", archive=Cure.ARCHIVE(run_id)))
    raise UsageError(
        _('no run "{name}" is archived', name=run_id[:80]),
        hint=did_you_mean(nearest(run_id, archived, likeness=0.5)) or _("{archives} lists them", archives=Cure.ARCHIVES()),
    )


def remove_archive(workspace: "Workspace", run_id: str, now: datetime | None = None) -> None:
    """Remove the people and the ledger of an archived run for good.

    Its figures, facts and text stay: its name is never given again, and what speaks of it is understood. Done again, it finishes.

    Raises:
        UsageError: No such run is archived.
        StorageUnusable: The log or the disk can't be written.
    """
    runs, now = workspace.runs, now or SystemClock().now()
    _require_archived(runs, run_id)
    path = runs.archive.folder / run_id / pack.NAME
    if not path.exists():
        return
    made = runs.archive.manifest(RunId(run_id))
    AuditLog(runs.folder.parent).append(
        AuditEvent.ARCHIVE_REMOVED, now, run=run_id, why=persons(made.audience), facts={"seal": made.seal}
    )
    try:
        path.unlink()
        sync_folder(path.parent)
    except OSError as exc:
        raise StorageUnusable(
            _("can't remove {path}: {why}", path=path, why=reason(exc)), hint=_("check the folder's permissions")
        ) from exc
