"""Who has practised: counted by person, by run and by month; and who is named for it."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zalo_alert.approval.keys import PublicKey
from zalo_alert.approval.officers import Officer, Role
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.preflight.drills import Part, check_drills, count_drills, months_before
from zalo_alert.preflight.token_health import Grade

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=VIETNAM)


def officer(name, key="a", *, since=NOW - timedelta(days=300), revoked_at=None):
    return Officer(
        name, Role.APPROVER, ("all",), PublicKey("ssh-ed25519", key.encode()), since, NOW + timedelta(days=99), revoked_at
    )


def part(who, days_ago, what="approved", run=None):
    return Part(who, what, run or f"DT-{days_ago}", NOW - timedelta(days=days_ago))


def test_a_run_counts_once_for_each_person_in_the_month_in_which_they_first_signed():
    parts = [part("Lê Hòa", 3, "submitted", "DT-1"), part("Lê Hòa", 2, "rejected", "DT-1"), part("lê hòa", 40), part("An", 1)]
    (row,) = count_drills(parts, [officer("Lê Hòa")], 3, NOW)
    assert (row.drills, row.submitted, row.approved, row.rejected) == (2, 1, 1, 1)
    assert row.by_month == (("2026-08", 0), ("2026-09", 0), ("2026-10", 1), ("2026-11", 1))
    assert not row.is_lapsed


def test_who_has_not_practised_comes_first_and_who_is_new_is_not_named():
    people = [
        officer("Mới", "b", since=NOW - timedelta(days=20)),
        officer("Chăm", "c"),
        officer("Quên", "d"),
        officer("Xưa", "e"),
    ]
    rows = count_drills([part("Chăm", 5), part("Quên", 200)], people, 3, NOW)
    assert [row.officer for row in rows] == ["Quên", "Xưa", "Mới", "Chăm"]
    (check,) = check_drills(rows, 3)
    assert check.grade is Grade.WARN
    assert "Quên (last at 09:00 11/5/2026)" in check.said
    assert "Xưa (never)" in check.said
    assert "Mới" not in check.said


def test_a_second_key_makes_no_second_person_and_a_revoked_one_is_not_asked():
    people = [officer("An", "a"), officer("An", "b", since=NOW - timedelta(days=2)), officer("Ba", "c", revoked_at=NOW)]
    (row,) = count_drills([], people, 3, NOW)
    assert row.officer == "An"
    assert row.is_lapsed


def test_nobody_is_well_where_there_is_nobody():
    assert check_drills([], 3) == []
    (check,) = check_drills(count_drills([part("An", 1)], [officer("An")], 3, NOW), 3)
    assert check.grade is Grade.OK


@pytest.mark.parametrize(
    ("now", "months", "then"),
    [
        ("2026-05-31", 3, "2026-02-28"),
        ("2028-05-31", 3, "2028-02-29"),
        ("2026-01-15", 1, "2025-12-15"),
        ("2026-12-31", 24, "2024-12-31"),
    ],
)
def test_months_are_those_of_the_calendar(now, months, then):
    at = datetime.fromisoformat(f"{now}T23:30:00+07:00")
    assert months_before(at.astimezone(UTC), months) == datetime.fromisoformat(f"{then}T00:00:00+07:00")


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(1, 24))
def test_so_many_months_before_any_day_there_is_a_day(day, months):
    at = datetime.combine(day, time(12), VIETNAM)
    assert timedelta(days=28 * months) <= at - months_before(at, months) <= timedelta(days=31 * months + 4)
