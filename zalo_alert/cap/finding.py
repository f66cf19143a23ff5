"""What is found in a CAP file: a code that never changes, its place, and a sentence; gathered with a bound."""

from collections import Counter
from typing import NamedTuple

from zalo_alert.language import _, _n, count

MAX_ALIKE = 20  # findings of one code that are told one by one: a file with thousands has one cause


class Finding(NamedTuple):
    """One thing to look at.

    Args:
        code: `E` and three digits for an error, `W` for a warning; the same for as long as it means the same.
        place: Like `/alert/info[1]/area[2]/polygon[1]`: elements that may stand several times are numbered from 1.
        message: Why, one sentence.
        is_error: Whether nothing may be made of the file.
        line: In the file, from 1; 0 where it is not known.
        fix: What to do, one sentence.
    """

    code: str
    place: str
    message: str
    is_error: bool
    line: int = 0
    fix: str = ""


class Gathered:
    """Findings as they come; more than `MAX_ALIKE` of one code are counted only."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []
        self._numbers: Counter[str] = Counter()

    def add(self, code: str, place: str, message: str, fix: str, line: int = 0) -> None:
        """Take one; the code says whether it is an error."""
        self._numbers[code] += 1
        if self._numbers[code] <= MAX_ALIKE:
            self._findings.append(Finding(code, place, message, code.startswith("E"), line, fix))

    def skips(self, code: str) -> bool:
        """Tell whether one more of a code would be counted only; then count it."""
        if self._numbers[code] < MAX_ALIKE:
            return False
        self._numbers[code] += 1
        return True

    @property
    def has_errors(self) -> bool:
        """Whether any is an error."""
        return any(code.startswith("E") for code in self._numbers)

    def sorted(self, lines: dict[str, int]) -> tuple[Finding, ...]:
        """Return them in the order of the file, and what was counted only at the end.

        Args:
            lines: The line of each place; a finding about what is missing has that of what it is missing from.
        """
        placed = [one._replace(line=one.line or _line(one.place, lines)) for one in self._findings]
        return (*sorted(placed, key=lambda one: one.line), *self._left_out())

    def _left_out(self) -> list[Finding]:
        return [
            Finding(
                code,
                "/alert",
                _n(
                    "{left} more of {code}",
                    "{left} more of {code}",
                    number - MAX_ALIKE,
                    left=count(number - MAX_ALIKE),
                    code=code,
                ),
                code.startswith("E"),
                fix=_("they probably have the same cause: mend the first of them, and check again"),
            )
            for code, number in self._numbers.items()
            if number > MAX_ALIKE
        ]


def _line(place: str, lines: dict[str, int]) -> int:
    """Return the line of a place, or of the nearest one around it that there is."""
    while place and place not in lines:
        place = place.rpartition("/")[0]
    return lines.get(place, 0)
