"""Counts when people were accepted, in little memory: a number for each second of a run, and for each minute of a place."""

from collections import Counter

from zalo_alert.ledger.base import AcceptedTimes

_MINUTE_S = 60


class Times:
    """What is counted so far."""

    def __init__(self) -> None:
        self._seconds: Counter[int] = Counter()
        self._minutes: dict[int, Counter[int]] = {}

    def add(self, place: int, at_s: int, people: int) -> None:
        """Count some people of a place who were accepted in one second."""
        self._seconds[at_s] += people
        self._minutes.setdefault(place, Counter())[at_s // _MINUTE_S * _MINUTE_S] += people

    def merge(self, other: "Times") -> None:
        """Add what somebody else has counted."""
        self._seconds += other._seconds
        for place, minutes in other._minutes.items():
            self._minutes.setdefault(place, Counter()).update(minutes)

    def sorted(self) -> AcceptedTimes:
        """Return all of it in order of time."""
        by_place = {place: sorted(minutes.items()) for place, minutes in sorted(self._minutes.items())}
        return AcceptedTimes(sorted(self._seconds.items()), by_place)
