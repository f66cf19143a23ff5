"""Which runs may be archived, what is told of them afterwards, and that no bit of an archive changes unseen."""

import random
import shutil
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.archived_runs import PEOPLE, add_finished, go_live, make_finished
from tests.wall_runs import begin, freeze_run, settle
from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.reading import lines
from zalo_alert.errors import ArchiveInvalid, ArchiveRefused, RunArchived, RunBusy, StorageUnusable, UsageError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.digests import digest_of_file
from zalo_alert.models import RunId, State
from zalo_alert.operations.archive import (
    all_archived,
    archivable,
    archive,
    archived_of,
    candidates,
    remove_archive,
    verify,
)  # fmt: skip
from zalo_alert.operations.run_search import Search, day_typed, find_runs
from zalo_alert.operations.workspace import Workspace
from zalo_alert.runs.facts import Kind
from zalo_alert.runs.lifecycle import RunState
from zalo_alert.runs.run import Run

NOW = SystemClock().now()
LONG_AGO = NOW - timedelta(days=100)
RUN = RunId("DT-1")


@pytest.fixture(scope="module")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drill") / "w"
    make_finished(folder, LONG_AGO)
    return folder


@pytest.fixture(scope="module")
def _archived_template(_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archived") / "w"
    shutil.copytree(_template, folder)
    archive(Workspace(folder), RUN)
    return folder


@pytest.fixture
def drill(_template: Path, tmp_path: Path) -> Workspace:
    """A workspace with a drill that ended long ago."""
    shutil.copytree(_template, tmp_path / "w")
    return Workspace(tmp_path / "w", {})


@pytest.fixture
def put_away(_archived_template: Path, tmp_path: Path) -> Workspace:
    """The same, whose run is archived."""
    shutil.copytree(_archived_template, tmp_path / "w")
    return Workspace(tmp_path / "w", {})


def entry_of(workspace: Workspace) -> Path:
    return workspace.runs.archive.folder / RUN


# --- what is told afterwards -----------------------------------------------------------------------------------------------


def test_states_people_and_places_are_those_of_before(drill: Workspace) -> None:
    before, full = drill.report(RUN), drill.full_report(RUN)
    drill.export(drill.folder / "before.csv", RUN)

    made = archive(drill, RUN)

    assert (made.audience, made.accepted, made.is_removed) == (200, PEOPLE[State.ACCEPTED], False)
    assert drill.runs.ids() == []
    assert drill.runs.ids_to_read() == [RUN] == all_archived(drill)
    assert drill.report(RUN) == before
    assert drill.full_report(RUN).provinces == full.provinces
    drill.export(drill.folder / "after.csv", RUN)
    assert digest_of_file(drill.folder / "before.csv") == digest_of_file(drill.folder / "after.csv")
    assert not list((drill.folder / ".zalo-alert").glob(".unpacked*")), "what was unpacked is gone"


def test_reading_an_archived_run_changes_nothing_of_it(put_away: Workspace) -> None:
    before = {path.name: digest_of_file(path) for path in entry_of(put_away).iterdir()}
    with closing(put_away.run_to_read(RUN)) as run:
        assert sum(run.totals().values()) == run.facts.audience
        assert (run.state, run.standing(), run.is_active, run.is_open()) == (RunState.FINISHED, RunState.FINISHED, False, False)
        with pytest.raises(StorageUnusable):
            run.note("held", "", NOW)
        with pytest.raises(StorageUnusable):
            run.move(RunState.SENDING, "", NOW)
        with pytest.raises(RunArchived):
            run.locked()
        with pytest.raises(RunArchived):
            run.request_stop()

    assert {path.name: digest_of_file(path) for path in entry_of(put_away).iterdir()} == before


def test_nothing_goes_on_with_it_and_nothing_takes_its_name(put_away: Workspace) -> None:
    for go_on in (put_away.run, put_away.stop, put_away.cancel, put_away.resume):
        with pytest.raises(RunArchived, match="archived on"):
            go_on(RUN)
    with pytest.raises(RunArchived):
        archive(put_away, RUN)
    with pytest.raises(RunArchived):
        freeze_run(put_away.folder, NOW, "DT-1")


def test_an_archive_that_lost_its_manifest_keeps_its_name_and_its_people(put_away: Workspace) -> None:
    (entry_of(put_away) / "archive.json").unlink()
    with pytest.raises(ArchiveInvalid):
        put_away.runs.check_free(RUN)
    with pytest.raises(ArchiveInvalid):
        put_away.runs.find_to_read(RUN)


def test_a_month_is_the_same_before_and_after(drill: Workspace) -> None:
    month = f"{LONG_AGO:%Y-%m}"
    before = drill.monthly(month, NOW)

    archive(drill, RUN)

    after = drill.monthly(month, NOW)
    assert (after.drills.total, after.drills.provinces, after.unread) == (before.drills.total, before.drills.provinces, ())
    assert before.drills.total.targeted == 200


def test_somebody_who_is_forgotten_is_found_in_it(put_away: Workspace) -> None:
    there, elsewhere = "100000000007", "100000009999"

    assert put_away.runs.holding(there) == [RUN]
    assert put_away.runs.holding(elsewhere) == []
    assert put_away.forget(there).ended_runs == [RUN]


# --- which may be ----------------------------------------------------------------------------------------------------------


def live(folder: Path, at: datetime) -> Workspace:
    workspace = make_finished(folder, at - timedelta(days=1), "DT-0")
    go_live(folder)
    shutil.rmtree(workspace.runs.folder / "DT-0")
    add_finished(folder, at, "DT-1")
    return Workspace(folder, {})


@pytest.mark.parametrize(
    ("ago", "why"),
    [
        (timedelta(hours=1), "is in force until"),
        (timedelta(days=8), "receipts still come in"),
        (timedelta(days=29), "receipts still come in"),
        (timedelta(days=31), ""),
    ],
    ids=["in force", "a week ago", "29 days ago", "31 days ago"],
)
def test_a_live_run_rests_before_it_is_archived(tmp_path: Path, ago: timedelta, why: str) -> None:
    workspace = live(tmp_path / "w", NOW - ago)
    if why:
        with pytest.raises(ArchiveRefused, match=why):
            archive(workspace, RUN, NOW)
        assert archivable(workspace, timedelta(0), NOW) == []
        assert workspace.runs.ids() == [RUN]
    else:
        assert archivable(workspace, timedelta(days=30), NOW) == [RUN]
        archive(workspace, RUN, NOW)


def test_an_open_run_one_that_is_sent_and_one_that_is_young_stay(drill: Workspace) -> None:
    with closing(freeze_run(drill.folder, NOW, "DT-2")) as open_run:
        begin(open_run, NOW)
        settle(open_run, NOW, {State.ACCEPTED: 10})
        with open_run.locked(), pytest.raises(ArchiveRefused, match="being sent"):
            archive(drill, "DT-2")
        with pytest.raises(ArchiveRefused, match="not over"):
            archive(drill, "DT-2")
    add_finished(drill.folder, NOW, "DT-3")

    assert archivable(drill, timedelta(days=90), NOW + timedelta(days=1)) == [RUN]
    assert {each.run: bool(each.why_not) for each in candidates(drill, timedelta(0), NOW + timedelta(days=1))} == {
        "DT-1": False, "DT-2": True, "DT-3": False,
    }  # fmt: skip


def test_a_run_waits_for_its_correction_and_the_correction_for_its_run(drill: Workspace) -> None:
    settings = Workspace(drill.folder, {})
    with closing(freeze_run(drill.folder, NOW, "DT-4")) as alert:
        begin(alert, NOW)
        settle(alert, NOW, PEOPLE)
        alert.correct("", NOW)
    child = _follow(settings, "DT-4")
    with pytest.raises(ArchiveRefused, match="DT-4@correction follows DT-4, and is not over"):
        archive(drill, "DT-4")
    child_run = drill.run(child)
    child_run.cancel(NOW)
    child_run.close()

    with pytest.raises(ArchiveRefused, match="DT-4, which must be archived first"):
        archive(drill, child)
    assert archivable(drill, timedelta(0), NOW + timedelta(days=1)) == [RUN, "DT-4", child]
    archive(drill, "DT-4")
    archive(drill, child)


def _follow(workspace: Workspace, code: str) -> str:
    """Freeze the correction of a run, as far as its facts go."""
    from zalo_alert.runs.facts import follow_up_id

    name = follow_up_id(code, "", Kind.CORRECTION)
    folder = workspace.runs.folder
    with closing(freeze_run(workspace.folder, NOW + timedelta(seconds=1), "DT-5")):
        pass
    (folder / "DT-5").rename(folder / name)
    import sqlite3

    import orjson

    with closing(sqlite3.connect(folder / name / "run.db")) as db, db:
        for fact, value in (("id", name), ("kind", "correction"), ("parent", [code])):
            db.execute("UPDATE fact SET value = ? WHERE name = ?", (orjson.dumps(value).decode(), fact))
        parts = dict(db.execute("SELECT name, value FROM fact"))
        _seal_anew(db, parts)
    return name


def _seal_anew(db: "object", rows: dict[str, str]) -> None:
    import orjson

    from zalo_alert.runs import seal
    from zalo_alert.runs.facts import facts_part

    parts = dict(orjson.loads(rows["parts"])) | {"facts": facts_part(rows)}
    db.execute("UPDATE fact SET value = ? WHERE name = 'parts'", (orjson.dumps(list(parts.items())).decode(),))  # type: ignore[attr-defined]
    db.execute("UPDATE fact SET value = ? WHERE name = 'digest'", (orjson.dumps(seal.combine(parts)).decode(),))  # type: ignore[attr-defined]


# --- what goes wrong -------------------------------------------------------------------------------------------------------


def test_a_run_that_is_not_what_was_frozen_stays_as_it_is(drill: Workspace) -> None:
    path = drill.runs.folder / RUN / "campaign.yaml"
    path.write_bytes(path.read_bytes() + b"\n# other\n")

    with pytest.raises(ArchiveInvalid, match="was not archived: DT-1 is not what was frozen"):
        archive(drill, RUN)

    assert drill.runs.ids() == [RUN]
    assert not drill.runs.archive.has(RUN)
    assert not list(drill.runs.archive.folder.iterdir())


@pytest.mark.long  # SQLite waits ten seconds for whoever reads
def test_one_that_another_program_reads_stays(drill: Workspace) -> None:
    with closing(drill.run(RUN)) as run:
        run.note("finished", "", LONG_AGO)  # stands in the write-ahead log
        run._db.rows("BEGIN")
        run._db.rows("SELECT 1 FROM fact")
        with suppress(RunBusy):
            archive(drill, RUN)
        run._db.rows("COMMIT")
        assert drill.runs.ids() == [RUN] or not verify(drill, RUN).faults


@pytest.mark.parametrize("name", ["archive.json", "card.db", "campaign.yaml", "pack.zip"])
def test_a_flipped_bit_is_found_and_the_file_is_named(put_away: Workspace, name: str) -> None:
    path, chance = entry_of(put_away) / name, random.Random(20)
    whole = path.read_bytes()
    for offset in [0, len(whole) // 2, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(6))]:
        path.write_bytes(whole[:offset] + bytes([whole[offset] ^ 1 << chance.randrange(8)]) + whole[offset + 1 :])
        faults = verify(put_away, RUN).faults
        assert name in "".join(faults[:1]), offset
    path.write_bytes(whole)
    assert verify(put_away, RUN).faults == ()


def test_the_files_inside_that_differ_are_named(put_away: Workspace) -> None:
    path = entry_of(put_away) / "pack.zip"
    whole = path.read_bytes()
    at = whole.index(b"PAR1") + 20
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])

    assert verify(put_away, RUN).faults[0].endswith("is not what was archived: shards/00000.parquet")
    with pytest.raises(ArchiveInvalid, match=r"shards/00000\.parquet"):
        put_away.report(RUN)


@pytest.mark.parametrize("name", ["card.db", "campaign.yaml", "pack.zip"])
def test_a_missing_file_and_one_too_many_are_found(put_away: Workspace, name: str) -> None:
    (entry_of(put_away) / "more").touch()
    assert "does not belong there" in verify(put_away, RUN).faults[0]
    (entry_of(put_away) / name).unlink()
    assert "is missing" in verify(put_away, RUN).faults[0]


def test_an_archive_of_which_the_log_tells_nothing_is_none(put_away: Workspace) -> None:
    (put_away.folder / ".zalo-alert" / "audit.log").write_bytes(b"")

    assert "the log tells nothing" in verify(put_away, RUN).faults[0]


def test_the_log_binds_the_archive_to_the_seal(put_away: Workspace) -> None:
    (line,) = lines(put_away.folder / ".zalo-alert" / "audit.log", run=RUN, event=AuditEvent.RUN_ARCHIVED)
    with closing(put_away.run_to_read(RUN)) as run:
        assert line.facts["seal"] == run.facts.digest
    assert line.facts["manifest"] == digest_of_file(entry_of(put_away) / "archive.json")


def test_an_archive_left_by_a_kill_is_finished_and_one_of_before_a_change_is_made_anew(drill: Workspace) -> None:
    kept = drill.folder / "kept"
    shutil.copytree(drill.runs.folder / RUN, kept)
    for path in kept.rglob("*"):
        shutil.copystat(drill.runs.folder / RUN / path.relative_to(kept), path)
    archive(drill, RUN)
    first = digest_of_file(entry_of(drill) / "archive.json")
    shutil.copytree(kept, drill.runs.folder / RUN)
    archive(drill, RUN)
    assert digest_of_file(entry_of(drill) / "archive.json") == first

    shutil.copytree(kept, drill.runs.folder / RUN)
    with closing(drill.run(RUN)) as run:
        run.forget(3)
    archive(drill, RUN)
    assert digest_of_file(entry_of(drill) / "archive.json") != first
    assert verify(drill, RUN).faults == ()


def test_what_is_removed_keeps_its_figures_and_its_name(put_away: Workspace) -> None:
    remove_archive(put_away, RUN)
    remove_archive(put_away, RUN)  # done again, it changes nothing

    made = archived_of(put_away.runs, RUN)
    assert (made.is_removed, made.audience, made.accepted) == (True, 200, PEOPLE[State.ACCEPTED])
    assert verify(put_away, RUN) == (RUN, (), True)
    assert put_away.runs.holding("100000000007") == []
    with pytest.raises(RunArchived):
        freeze_run(put_away.folder, NOW, "DT-1")
    with pytest.raises(ArchiveInvalid, match="only the figures are kept"):
        put_away.report(RUN)
    for path in entry_of(put_away).iterdir():
        assert b"100000000007" not in path.read_bytes()


@pytest.mark.parametrize("work", [verify, remove_archive], ids=["verify", "remove"])
def test_a_run_that_is_not_archived_is_told_so(drill: Workspace, work: "object") -> None:
    with pytest.raises(UsageError, match="DT-1 is not archived"):
        work(drill, "DT-1")  # type: ignore[operator]
    for name in ("DT-9", "../runs/DT-1", "", "."):
        with pytest.raises(UsageError, match="is archived"):
            work(drill, name)  # type: ignore[operator]


# --- looked for ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("search", "names"),
    [
        (Search(), ["DT-2"]),
        (Search(archived=True), ["DT-1", "DT-2"]),
        (Search(is_open=True, archived=True), ["DT-2"]),
        (Search(states=frozenset({RunState.FINISHED}), archived=True), ["DT-1"]),
        (Search(states=frozenset({RunState.FINISHED})), []),
        (Search(since=NOW - timedelta(days=1), archived=True), ["DT-2"]),
    ],
    ids=["live", "all", "open", "finished", "none", "since"],
)
def test_runs_are_found(put_away: Workspace, search: Search, names: list[str]) -> None:
    freeze_run(put_away.folder, NOW, "DT-2").close()
    found: list[str] = []

    find_runs(put_away.runs, search, lambda run, standing: found.append(run.id))

    assert found == names


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("yesterday", "26/11 00:00"), ("hôm qua", "26/11 00:00"), ("today", "27/11 00:00"), ("26/11", "26/11 00:00"),
        ("26/11/2026", "26/11 00:00"), ("2026-11-26", "26/11 00:00"), ("7d", None), ("90m", None), ("nonsense", None),
        ("31/02", None), ("28/11", None), ("", None), ("d", None),
    ],
)  # fmt: skip
def test_a_day_is_read_as_an_officer_says_it(typed: str, day: str | None) -> None:
    read = day_typed(typed, datetime.fromisoformat("2026-11-27T15:00+07:00"))

    assert (f"{read:%d/%m %H:%M}" if read else None) == day


# --- looked for while it moves -------------------------------------------------------------------------------------------


def after_first_look(monkeypatch: pytest.MonkeyPatch, looks: list[tuple[object, str]], move: Callable[[], object]) -> None:
    """Have something happen right after whichever of some looks comes first."""
    moved: list[bool] = []

    def wrap(real: Callable[..., Any]) -> Callable[..., Any]:
        def look(*given: Any) -> Any:
            found = real(*given)
            found = found if isinstance(found, bool | Run | None) else list(found)
            if not moved:
                moved.append(True)
                move()
            return found

        return look

    for owner, name in looks:
        monkeypatch.setattr(owner, name, wrap(getattr(owner, name)))


def test_a_run_that_is_archived_while_runs_are_listed_is_named(drill: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = drill.runs
    after_first_look(monkeypatch, [(runs, "_by_time"), (runs.archive, "by_time")], lambda: archive(Workspace(drill.folder), RUN))

    assert runs.ids_to_read() == [RUN]
    assert runs.archive.has(RUN)


def test_a_run_that_is_archived_while_it_is_looked_for_is_read(drill: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = drill.runs
    real = runs.find

    def find(name: RunId) -> Run | None:
        archive(Workspace(drill.folder), RUN)
        return real(name)

    monkeypatch.setattr(runs, "find", find)
    with closing(runs.open_to_read(RUN)) as run:
        assert run.totals()[State.ACCEPTED] == PEOPLE[State.ACCEPTED]
