"""Who of a tree has not consented, by province and by name, for a phone call; and the same as a file."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from zalo_alert.errors import UsageError
from zalo_alert.foundation.cells import guard
from zalo_alert.foundation.clock import VIETNAM, SystemClock
from zalo_alert.language import _
from zalo_alert.operations.consent_standings import consent_standings, within
from zalo_alert.preflight.consent_health import ConsentState, ConsentStatus, ProvinceConsents, by_province
from zalo_alert.reporting.sheet import write_whole
from zalo_alert.settings.model import Settings

COLUMNS = ("account", "oa_id", "app_id", "name", "place", "province", "level", "phone", "state", "ends_at", "link_until")


class MissingOas(NamedTuple):
    """Who is missing: each, those that must consent soon again among them, and the counts by province."""

    oas: int
    missing: list[ConsentStatus]
    provinces: list[ProvinceConsents]


def look_for_missing(settings: Settings, areas: Sequence[str], by: str, output: Path | None) -> MissingOas:
    """Find out who is missing, and write it to a file where one is named; links can't be in it, as they are kept nowhere.

    Raises:
        InputInvalid: The file can't be written, or an area is none.
        UsageError: It is to be counted by something else than provinces.
    """
    if by not in ("", "province"):
        raise UsageError(_('it can\'t be counted by "{what}"', what=by), hint=_("say province"))
    now_s = SystemClock().now().timestamp()
    statuses = consent_standings(settings, settings.ways(within(settings.accounts, areas)), now_s)
    lacking = sorted((one for one in statuses if one.state is not ConsentState.CONSENTED), key=_order)
    if output:
        write_whole(_as_csv(lacking, now_s), output)
    return MissingOas(len(statuses), lacking, by_province(statuses))


def _order(one: ConsentStatus) -> tuple[str, str, str]:
    return one.province, one.name, one.account.id


def _as_csv(rows: Sequence[ConsentStatus], now_s: float) -> bytes:
    text = io.StringIO()
    lines = [[guard(cell) for cell in _row(one, now_s)] for one in rows]
    csv.writer(text, lineterminator="\r\n").writerows([COLUMNS, *lines])
    return text.getvalue().encode("utf-8-sig")


def _row(one: ConsentStatus, now_s: float) -> tuple[str, ...]:
    account = one.account
    ends = "" if one.refresh_s is None else _minute(datetime.fromtimestamp(now_s + one.refresh_s, VIETNAM))
    link = "" if one.link_until is None else _minute(one.link_until)
    return (
        account.id, account.oa_id, account.app_id, one.name, one.place, one.province, account.level, one.phone, one.state, ends,
        link,
    )  # fmt: skip


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
