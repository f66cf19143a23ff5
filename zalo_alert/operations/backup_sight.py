"""What `doctor` knows of backups: when the last one was made, and whether this workspace came out of one."""

from datetime import datetime, timedelta
from pathlib import Path

from zalo_alert.errors import ZaloAlertError
from zalo_alert.operations.backup import last_backup
from zalo_alert.preflight import doctor as checks
from zalo_alert.preflight.backups import check_backup, check_rest
from zalo_alert.preflight.doctor import Check
from zalo_alert.settings.model import Settings
from zalo_alert.settings.rest_mark import read_rest, read_woken, rests


def look_at_backups(settings: Settings, now: datetime) -> list[Check]:
    """Judge whether the workspace may send, and the age of its last backup."""
    try:
        mark, woken = read_rest(settings.state_dir), read_woken(settings.state_dir)
    except ZaloAlertError as exc:
        return [checks.fail("rest", exc)]
    last, rule = last_backup(settings.state_dir), settings.backup
    return [
        *check_rest(rests(mark) if mark else None, woken),
        *check_backup(
            last["made_at"] if last else None,
            Path(last["file"]) if last else None,
            now,
            timedelta(days=rule.warn_after_days),
            is_due=mark is None and (rule.is_set or not settings.direct),
        ),
    ]
