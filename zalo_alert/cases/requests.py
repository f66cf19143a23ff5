"""By when a request about somebody's own data must be answered, and done.

Source: Decree 356/2025/NĐ-CP as law firms sum it up (read 2026-11); a lawyer must confirm the numbers.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from zalo_alert.cases.working_days import due_after

ANSWER_WORKING_DAYS = 2
DONE_DAYS = 15


def due_of(at: datetime, holidays: Collection[date] = ()) -> tuple[datetime, datetime]:
    """Return by when a request of an instant is answered, and by when it is done."""
    return due_after(at, ANSWER_WORKING_DAYS, holidays), due_after(at + timedelta(days=DONE_DAYS), 0)
