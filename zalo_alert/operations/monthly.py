"""Making the report of a month: its runs, the OAs' followers off the books' generations, who has practised off the runs."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from zalo_alert.approval.roster import read_roster
from zalo_alert.errors import UsageError, ZaloAlertError
from zalo_alert.foundation.clock import VIETNAM, SystemClock, in_vietnam, instant
from zalo_alert.language import _
from zalo_alert.operations.records import read_named, sort_by_time
from zalo_alert.reporting.monthly import Monthly, OaMonth, apart, practice_of
from zalo_alert.reporting.sheet import ALERT, COLUMNS, Row, alert_row, province_row, total_row, write_sheet

if TYPE_CHECKING:
    from zalo_alert.book.generations import Generation
    from zalo_alert.runs.run import Run
    from zalo_alert.runs.store import Runs
    from zalo_alert.settings.model import Settings


def make_monthly(runs: "Runs", settings: "Settings", month: str = "", at: datetime | None = None) -> Monthly:
    """Make the report of a month.

    Args:
        runs: The workspace's.
        settings: The workspace's: whose books are counted.
        month: `2026-11`; "" is that of now.
        at: When it is made; None is now.

    Raises:
        UsageError: That is no month, or one that has not begun.
    """
    now = at or SystemClock().now()
    begins_at, ends_at = _month(month, now)
    names = [name for name, _written_s in runs.written_since_to_read(begins_at.timestamp())]
    found = read_named(runs, names, now, wants=lambda run: begins_at <= _begun_at(run) < ends_at)
    records = sort_by_time(found.read)
    real, drills = apart(records)
    officers, trouble = _officers(settings, min(now, ends_at))
    oas = [_oa(settings, account.id, account.oa_id, begins_at, ends_at) for account in settings.accounts]
    unread = [*found.unread, *(oa.trouble for oa in oas if oa.trouble), *filter(None, (trouble,))]
    return Monthly(begins_at, ends_at, now, real, drills, tuple(oas), practice_of(officers, records), tuple(unread))


def _month(text: str, now: datetime) -> tuple[datetime, datetime]:
    try:
        begins_at = datetime.strptime(text, "%Y-%m").replace(tzinfo=VIETNAM) if text else _first_day(now)
        ends_at = _first_day(begins_at.replace(day=28), months=1)
    except ValueError as exc:
        raise UsageError(_('"{text}" is no month', text=text[:20]), hint=_("write it like 2026-11")) from exc
    if begins_at > now:
        raise UsageError(_("{month} has not begun", month=text), hint=_("name an earlier month"))
    return begins_at, ends_at


def _first_day(at: datetime, months: int = 0) -> datetime:
    local = in_vietnam(at)
    years, month = divmod(local.month - 1 + months, 12)
    return datetime(local.year + years, month + 1, 1, tzinfo=VIETNAM)


def _begun_at(run: "Run") -> datetime:
    """Return when a run was begun; of one that never was, when it was frozen."""
    started = (instant(event.at_s) for event in run.history() if event.what == "started")
    return next(started, run.facts.frozen_at)


def _officers(settings: "Settings", at: datetime) -> tuple[list[str], str]:
    """Name the officers whose keys count at an instant; and say why the list can't be read, where it can't."""
    try:
        officers = read_roster(settings.state_dir).officers
    except ZaloAlertError as exc:
        return [], exc.message
    return list(dict.fromkeys(officer.name for officer in officers if officer.is_active(at))), ""


# --- followers -------------------------------------------------------------------------------------------------------------


def _oa(settings: "Settings", account: str, oa_id: str, begins_at: datetime, ends_at: datetime) -> OaMonth:
    from zalo_alert.book.generations import Generations

    try:
        generations = Generations(settings.state_dir / "book" / oa_id).all()
    except ZaloAlertError as exc:
        return OaMonth(account, trouble=_("{account}: {why}", account=account, why=exc.message))
    return _over_month(account, generations, begins_at, ends_at)


def _over_month(account: str, generations: "Sequence[Generation]", begins_at: datetime, ends_at: datetime) -> OaMonth:
    """Compare the last count before a month, or the first in it, with the last of it."""
    known = sorted((each for each in generations if each.made_at < ends_at), key=lambda each: (each.made_at, each.number))
    if not known:
        return OaMonth(account)
    first = next((each for each in reversed(known) if each.made_at < begins_at), known[0])
    return OaMonth(account, first.made_at, first.people, known[-1].made_at, known[-1].people)


# --- as a table ------------------------------------------------------------------------------------------------------------

_COLUMNS = ("part", "alerts", "begins_at", "before", "ends_at", "after", "change", "submitted", "approved", "submitted_real",
            "approved_real")  # fmt: skip


def write_table(made: Monthly, target: Path) -> None:
    """Write a month's numbers as a table: what is real, then drills, each as a whole, by level, province and run.

    Raises:
        InputInvalid: It can't be written.
    """
    write_sheet(_rows(made), target, ("part", *COLUMNS, *(name for name in _COLUMNS if name not in ("part", *ALERT))))


def _rows(made: Monthly) -> Iterator[Row]:
    for name, part in (("real", made.real), ("drill", made.drills)):
        yield {**total_row(part.total), "part": name, "alerts": len(part.counted)}
        for level, (alerts, reach) in part.levels.items():
            yield {**total_row(reach), "row": "level", "part": name, "risk_level": level or None, "alerts": alerts}
        yield from ({**province_row(row), "part": name} for row in part.provinces)
        yield from ({**alert_row(record), "part": name} for record in part.records)
    yield from ({"row": "oa", "name": oa.account, **oa.as_json()} for oa in made.oas)
    yield from ({"row": "officer", "name": each.officer, **each.as_json()} for each in made.practice)
