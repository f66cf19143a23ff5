"""When something is due."""

from datetime import date, datetime

import pytest

from zalo_alert.cases.working_days import due_after
from zalo_alert.foundation.clock import VIETNAM


@pytest.mark.parametrize(
    ("at", "due"),
    [
        (datetime(2026, 11, 25, 9, tzinfo=VIETNAM), date(2026, 11, 27)),  # Wednesday to Friday
        (datetime(2026, 11, 26, 23, tzinfo=VIETNAM), date(2026, 11, 30)),  # Thursday to Monday
        (datetime(2026, 11, 28, 9, tzinfo=VIETNAM), date(2026, 12, 1)),  # Saturday to Tuesday
        (datetime(2026, 12, 30, 9, tzinfo=VIETNAM), date(2027, 1, 4)),  # over a weekend and New Year
    ],
)
def test_weekends_and_holidays_do_not_count(at: datetime, due: date) -> None:
    end = due_after(at, 2, {date(2027, 1, 1)})
    assert (end.date(), end.hour, end.minute) == (due, 23, 59)
