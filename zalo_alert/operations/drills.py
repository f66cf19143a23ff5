"""Who has practised: the log of the workspace, and of others where drills are held, read for what officers signed in drills."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from zalo_alert.approval.roster import Officer, read_roster
from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.line import Line, decode
from zalo_alert.audit.log import NAME
from zalo_alert.audit.reading import raw_lines
from zalo_alert.errors import CampaignRefused, Cure, InputInvalid, ZaloAlertError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.layout import STATE_DIR, runs_of
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.language import _, _n, count
from zalo_alert.models import Status
from zalo_alert.preflight.drills import OfficerDrills, Part, check_drills, count_drills
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Lapsed, Profile, Settings
from zalo_alert.settings.profile_mark import kept_profile

if TYPE_CHECKING:
    from zalo_alert.preflight.doctor import Check

MOST_MONTHS = 24
_WHAT = {
    AuditEvent.RUN_SUBMITTED: "submitted",
    AuditEvent.APPROVE: "approved",
    AuditEvent.RUN_APPROVED: "approved",
    AuditEvent.RUN_REJECTED: "rejected",
}
_MARKS = tuple(f'"event":"{event}"'.encode() for event in _WHAT)  # other lines are not even taken apart


def drills_of_officers(
    settings: Settings, months: int, also: Sequence[Path] = (), now: datetime | None = None
) -> tuple[OfficerDrills, ...]:
    """Count what each officer did in drills.

    Args:
        settings: The workspace's, whose officers are counted.
        months: How many count, back from now.
        also: Further workspaces whose drills count, beside those that the settings name.
        now: When; None is now.

    Raises:
        InputInvalid: A folder that is named is no workspace.
        RosterInvalid: The list of officers was edited by hand.
        StorageUnusable: A log can't be read.
    """
    folders = [settings.workspace, *settings.drill_rule.also, *also]
    officers = read_roster(settings.state_dir).officers
    if not officers:
        return ()
    parts = [part for folder in dict.fromkeys(path.resolve() for path in folders) for part in _parts(folder)]
    return count_drills(parts, officers, months, now or SystemClock().now())


def look_at_drills(settings: Settings) -> "list[Check]":
    """Have the doctor name who has not practised; nothing where nobody is counted."""
    months = settings.drill_rule.every_months
    return check_drills(drills_of_officers(settings, months), months) if months else []


def _parts(workspace: Path) -> Iterator[Part]:
    """Yield who signed for what in the drills of a workspace."""
    if not (workspace / STATE_DIR).is_dir():
        raise InputInvalid(_("{path} is no workspace", path=workspace), hint=_("name the folder with its zalo-alert.yaml"))
    runs, is_practice = _Drills(workspace), kept_profile(workspace / STATE_DIR) == Profile.DRILL
    for raw in raw_lines(workspace / STATE_DIR / NAME):
        line = decode(raw) if any(mark in raw for mark in _MARKS) else None
        if line and line.who and line.event in _WHAT and (is_practice or runs.holds(line)):
            yield Part(line.who, _WHAT[AuditEvent(line.event)], f"{workspace} {line.run}", line.at)


class _Drills:
    """Which runs of a workspace are drills: by the log, and for a line of before it said so, by the run itself."""

    def __init__(self, workspace: Path) -> None:
        self._runs, self._known = Runs(runs_of(workspace)), dict[str, bool]()

    def holds(self, line: Line) -> bool:
        if "drill" in line.facts:
            return bool(line.facts["drill"])
        if line.run not in self._known:
            self._known[line.run] = self._look_up(line.run)
        return self._known[line.run]

    def _look_up(self, name: str) -> bool:
        try:
            with closing(self._runs.open(name)) as run:
                return run.facts.is_drill
        except ZaloAlertError:  # put away since, or damaged: it is not said to be one
            return False


# --- who may sign though they have not practised -------------------------------------------------------------------------


def check_practice(officer: Officer, status: str, settings: Settings, now: datetime | None = None) -> Notice | None:
    """Say, or refuse, that somebody signs for an alert to the public who has taken part in no drill for months.

    Args:
        officer: Who signs.
        status: CAP's: only what is Actual counts; a drill is what makes up for it.
        settings: The workspace's: they say whether it is told, refused, or the doctor's affair alone.
        now: When; None is now.

    Returns:
        What to tell whoever signs; None where there is nothing.

    Raises:
        CampaignRefused: The settings refuse it.
    """
    rule = settings.drill_rule
    if rule.lapsed is Lapsed.DOCTOR or not rule.every_months or settings.direct or status != Status.ACTUAL.value:
        return None
    try:
        rows = drills_of_officers(settings, rule.every_months, now=now)
    except InputInvalid as exc:  # a folder of drills that is gone keeps nobody from an alert
        return Notice(exc.message, "", Level.WARNING)
    if not any(row.officer == officer.name and row.is_lapsed for row in rows):
        return None
    said = _n(
        "{name} has taken part in no drill for {months} month",
        "{name} has taken part in no drill for {months} months",
        rule.every_months,
        name=officer.name,
        months=count(rule.every_months),
    )
    if rule.lapsed is Lapsed.WARN:
        return Notice(said, "", Level.ALARM)
    raise CampaignRefused(
        said,
        hint=_(
            "another officer signs, or {name} submits or approves an Exercise first; when nobody can, {break_glass} stays open",
            name=officer.name,
            break_glass=Cure.BREAK_GLASS(),
        ),
    )
