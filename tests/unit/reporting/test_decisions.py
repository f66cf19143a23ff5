"""Who decided what: the log, the run's own history and its signatures make one list, and what is missing of one is told."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from tests.full_reports import BEGAN, NOW
from tests.office import make_key
from zalo_alert.approval.envelope import Namespace
from zalo_alert.approval.keys import read_public_key
from zalo_alert.approval.signer import open_signer
from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.log import NAME, AuditLog
from zalo_alert.reporting.decisions import decisions_of
from zalo_alert.runs.history import Event
from zalo_alert.runs.run import Agreement


@pytest.fixture
def state_folder(tmp_path):
    folder = tmp_path / ".zalo-alert"
    (folder / "runs" / "DT-1").mkdir(parents=True)
    return folder


def run_in(state_folder, agreements=(), overrides=None):
    """Return what of a run decisions are read from."""
    facts = SimpleNamespace(frozen_at=BEGAN, overrides=overrides or {})
    return SimpleNamespace(folder=state_folder / "runs" / "DT-1", id="DT-1", facts=facts, agreements=lambda: list(agreements))


def signed(tmp_path, purpose, at):
    key = tmp_path / "key" if (tmp_path / "key").exists() else make_key(tmp_path / "key")
    return Agreement(purpose, open_signer(key, find_tool=lambda: None).sign(b"x", purpose), at.timestamp())


def event_at(at, what, detail=""):
    return Event(at.timestamp(), what, detail)


def test_the_log_tells_of_one_run_and_no_other(state_folder):
    log = AuditLog(state_folder)
    log.append(AuditEvent.RUN_SENDING, BEGAN, run="DT-1")
    log.append(AuditEvent.RUN_SENDING, BEGAN, run="DT-10", why="DT-1 is named")
    log.append(AuditEvent.EXPORT, NOW, run="DT-1", why="5 people to x.csv")
    decisions = decisions_of(run_in(state_folder), [event_at(BEGAN, "started")])

    assert [(row.event, row.why) for row in decisions.rows] == [("run-sending", ""), ("export", "5 people to x.csv")]
    assert all(row.user for row in decisions.rows)
    assert decisions.remarks == ()


def test_a_signature_stands_beside_what_it_brought_about(state_folder, tmp_path):
    log = AuditLog(state_folder)
    log.append(AuditEvent.RUN_SUBMITTED, BEGAN, who="Dung", run="DT-1")
    log.append(AuditEvent.RUN_APPROVED, NOW, who="Cuc", run="DT-1")
    kept = [signed(tmp_path, Namespace.SUBMIT, BEGAN), signed(tmp_path, Namespace.APPROVE, NOW)]
    rows = decisions_of(run_in(state_folder, [*kept, Agreement("notified", "told", NOW.timestamp())]), []).rows

    key = read_public_key((tmp_path / "key.pub").read_text(encoding="utf-8")).fingerprint
    assert [(row.who, row.keys) for row in rows] == [("Dung", (key,)), ("Cuc", (key,))]


def test_a_signature_that_nothing_tells_of_is_told_by_itself(state_folder, tmp_path):
    decisions = decisions_of(run_in(state_folder, [signed(tmp_path, Namespace.BREAK_GLASS, NOW)]), [])

    assert [(row.event, row.who, len(row.keys)) for row in decisions.rows] == [("break-glass", "", 1)]


def test_what_is_no_signature_names_no_key(state_folder):
    decisions = decisions_of(run_in(state_folder, [Agreement(Namespace.APPROVE, "<script>", NOW.timestamp())]), [])

    assert decisions.rows == ()


def test_rules_gone_round_when_it_was_frozen_are_decisions(state_folder):
    (row,) = decisions_of(run_in(state_folder, overrides={"hours": "chờ đến sáng thì muộn"}), []).rows

    assert (row.at, row.event, row.words, row.why) == (BEGAN, "override", "went round a rule (hours)", "chờ đến sáng thì muộn")


def test_what_only_the_run_tells_of_is_told_and_the_gap_is_named(state_folder):
    history = [event_at(BEGAN, "started"), event_at(NOW, "held"), event_at(NOW, "cure", "resume it")]
    decisions = decisions_of(run_in(state_folder), history)

    assert [row.event for row in decisions.rows] == ["started", "held"]
    assert "the audit log does not tell of sending began" in " ".join(decisions.remarks)


@pytest.mark.parametrize(
    "spoil", [lambda raw: raw[:-9], lambda raw: raw.replace(b'"why":""', b'"why":"x"')], ids=["cut", "edited"]
)
def test_a_damaged_line_is_counted(state_folder, spoil):
    log = AuditLog(state_folder)
    log.append(AuditEvent.RUN_SENDING, BEGAN, run="DT-1")
    log.append(AuditEvent.RUN_FINISHED, BEGAN + timedelta(hours=1), run="DT-1")
    path = state_folder / NAME
    first, last = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + spoil(last))

    assert "1 line of the audit log is cut short or was changed" in " ".join(decisions_of(run_in(state_folder), []).remarks)
