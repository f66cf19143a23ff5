"""Which officers have taken part in drills, how often, and who has not for too long.

Whoever has not signed for months finds a lost key or a forgotten passphrase on the night when it matters. The measure is that
of the USA's IPAWS, which takes live access from whoever missed three months.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from zalo_alert.approval.officers import Officer, same_name
from zalo_alert.foundation.clock import in_vietnam, words
from zalo_alert.language import _, _n, count, joined
from zalo_alert.preflight.doctor import Check
from zalo_alert.preflight.token_health import Grade

NAMED = 8  # officers in one warning


@dataclass(frozen=True, slots=True)
class Part:
    """That an officer signed for something in a drill.

    Args:
        who: The officer.
        what: "submitted", "approved" or "rejected".
        run: Which run, with its workspace where that is another one.
        at: When.
    """

    who: str
    what: str
    run: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OfficerDrills:
    """What an officer did in drills within some months.

    Args:
        officer: Who.
        since: From when on a key of theirs has counted.
        submitted: Runs that they submitted.
        approved: Runs that they approved.
        rejected: Runs that they rejected.
        by_month: Of each calendar month, the earliest first: its name, such as 2026-11, and how many runs they took part in.
        last_at: When they last did; None where they never did, as far back as the log goes.
        is_new: Whether they have been an officer for a shorter time than the months that count.
    """

    officer: str
    since: datetime
    submitted: int
    approved: int
    rejected: int
    by_month: tuple[tuple[str, int], ...]
    last_at: datetime | None
    is_new: bool

    @property
    def drills(self) -> int:
        """In how many runs they took part."""
        return sum(number for _month, number in self.by_month)

    @property
    def is_lapsed(self) -> bool:
        """Whether they took part in none for all of that time, though they were there."""
        return not self.drills and not self.is_new


def months_before(at: datetime, months: int) -> datetime:
    """Return the beginning of the day, in Vietnam's time, so many calendar months before an instant."""
    day = in_vietnam(at).replace(hour=0, minute=0, second=0, microsecond=0)
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return day.replace(year=years, month=month + 1, day=min(day.day, last))
        except ValueError:  # 31 February
            continue
    raise AssertionError  # every month has a 28th


def count_drills(parts: Iterable[Part], officers: Sequence[Officer], months: int, now: datetime) -> tuple[OfficerDrills, ...]:
    """Count what each officer whose key counts did in drills, those first who have done nothing for the longest time.

    Args:
        parts: Of anybody, of any time.
        officers: Of the list; who has several keys is one person.
        months: How many count, back from now.
        now: When.
    """
    begins_at = months_before(now, months)
    of_whom: dict[str, list[Part]] = {}
    for part in parts:
        of_whom.setdefault(same_name(part.who), []).append(part)
    names = dict.fromkeys(officer.name for officer in officers if officer.is_active(now))
    rows = []
    for name in names:
        since = min(officer.since for officer in officers if officer.name == name)
        rows.append(_count(name, since, of_whom.get(same_name(name), []), begins_at, now))
    return tuple(sorted(rows, key=lambda row: (not row.is_lapsed, row.drills, row.officer)))


def _count(name: str, since: datetime, parts: Sequence[Part], begins_at: datetime, now: datetime) -> OfficerDrills:
    own = [part for part in parts if begins_at <= part.at <= now]

    def runs(what: str) -> int:
        return len({part.run for part in own if part.what == what})

    first: dict[str, str] = {}  # a run counts once, in the month in which somebody first signed for it
    for part in sorted(own, key=lambda part: part.at):
        first.setdefault(part.run, f"{in_vietnam(part.at):%Y-%m}")
    counts = Counter(first.values())
    by_month = tuple((month, counts[month]) for month in _months(begins_at, now))
    last_at = max((part.at for part in parts if part.at <= now), default=None)
    return OfficerDrills(name, since, runs("submitted"), runs("approved"), runs("rejected"), by_month, last_at, since > begins_at)


def _months(begins_at: datetime, now: datetime) -> list[str]:
    first, last = (at.year * 12 + at.month - 1 for at in (in_vietnam(begins_at), in_vietnam(now)))
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(first, last + 1)]


def check_drills(rows: Sequence[OfficerDrills], months: int) -> list[Check]:
    """Name the officers who have taken part in no drill for so many months; nothing where there are no officers."""
    if not rows:
        return []
    lapsed = [row for row in rows if row.is_lapsed]
    if not lapsed:
        said = _n(
            "every officer has taken part in a drill within {months} month, or is new",
            "every officer has taken part in a drill within {months} months, or is new",
            months,
            months=count(months),
        )
        return [Check("drills", Grade.OK, said)]
    names = joined([_since(row) for row in lapsed[:NAMED]], "; ")
    if len(lapsed) > NAMED:
        names = _("{named} and {others} more", named=names, others=count(len(lapsed) - NAMED))
    said = _n(
        "no drill for {months} month: {names}", "no drill for {months} months: {names}", months, months=count(months), names=names
    )
    return [Check("drills", Grade.WARN, said, _("have each submit or approve a run in a drill, with their own key"))]


def _since(row: OfficerDrills) -> str:
    if row.last_at is None:
        return _("{name} (never)", name=row.officer)
    return _("{name} (last at {at})", name=row.officer, at=words(row.last_at))
