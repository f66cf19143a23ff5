"""How long an officer takes to answer, in words: by the latest talks of an OA."""

from statistics import median

from zalo_alert.cases.store import Cases

LATEST = 20  # talks that are looked at
_FEWEST = 3  # that say anything
_KEPT_MS = 60_000  # asked of the database once a minute
_MOST_OAS = 20_000
_WORDS = ((15, "15 phút"), (30, "30 phút"), (60, "1 giờ"), (120, "2 giờ"), (240, "4 giờ"))


class Waiting:
    """See the module.

    Args:
        cases: Of the worker's database.
    """

    def __init__(self, cases: Cases) -> None:
        self._cases = cases
        self._known: dict[str, tuple[int, str]] = {}

    def words(self, oa: str, now_ms: int) -> str:
        """Say how long an officer of an OA takes, in Vietnamese, after "trong"; "" where nobody can tell."""
        until_ms, words = self._known.get(oa, (0, ""))
        if now_ms >= until_ms:
            if len(self._known) >= _MOST_OAS:
                self._known.clear()
            words = words_of(self._cases.waits_ms(oa, LATEST))
            self._known[oa] = now_ms + _KEPT_MS, words
        return words


def words_of(waits_ms: list[int]) -> str:
    """Say how long an answer takes of which others took so long."""
    if len(waits_ms) < _FEWEST:
        return ""
    minutes = median(waits_ms) / 60_000
    return next((words for most, words in _WORDS if minutes <= most), "")
