"""Which refusals by 429 follow each other, limit by limit: one that stands alone speaks of one call, several of a wall."""

from zalo_alert.pacing.braking import FOLLOWING, WALL, YOUNG


class Refusals:
    """Counts refusals in a row, by key of the limit."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, int]] = {}  # at which answer the last one came, and how many in a row

    def in_a_row(self, key: str, answers: int, apps: int) -> int:
        """Count one more; return how many have followed each other.

        Args:
            key: Of the limit.
            answers: How many this process has had by now, of any kind.
            apps: Over how many apps together those are counted.
        """
        following = FOLLOWING * apps
        last, in_a_row = self._last.get(key, (-following, 0))
        in_a_row = in_a_row + 1 if answers - last < following else 1
        self._last[key] = answers, in_a_row
        return in_a_row


def concerns_all(in_a_row: int, answers: int) -> bool:
    """Whether a refusal speaks of more than its own call; before the first few answers nobody knows what is an accident."""
    return in_a_row >= WALL or answers < YOUNG
