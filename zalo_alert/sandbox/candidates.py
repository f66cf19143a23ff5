"""Invented candidates of an examination, for look-ups to be tried with: the same number is always the same candidate.

Numbers have the two digits of one of the 63 former provinces (as examination boards count them, 01 to 64 without 20) and
six more.
Names, dates and marks are made of the number alone; nobody real is among them.
"""

from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple, TextIO

PROVINCES = tuple(f"{code:02d}" for code in range(1, 65) if code != 20)
SUBJECTS = (
    "Toán", "Ngữ văn", "Ngoại ngữ", "Vật lí", "Hóa học", "Sinh học", "Lịch sử", "Địa lí", "GDKT&PL", "Tin học", "Công nghệ",
)  # fmt: skip
NATIONAL = 1_200_000  # candidates of a year
COLUMNS = ("sbd", "ho_ten", "ngay_sinh", *(f"mon.{subject}" for subject in SUBJECTS))
_CHOSEN = 2  # subjects beside the two that everybody has
_FAMILIES = (
    "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý", "Đinh",
    "Lò", "Giàng", "Thạch", "Rơ Châm",
)  # fmt: skip
_MIDDLES = ("Văn", "Thị", "Đức", "Ngọc", "Minh", "Thanh", "Gia", "Hữu", "Quốc", "Thùy", "Bảo", "Xuân", "Hoài", "Khánh")
_GIVEN = (
    "An", "Anh", "Bình", "Châu", "Chi", "Cường", "Dũng", "Dương", "Đạt", "Giang", "Hà", "Hân", "Hiếu", "Hoa", "Hùng", "Huy",
    "Khang", "Khoa", "Lan", "Linh", "Long", "Mai", "My", "Nam", "Nga", "Ngân", "Nhi", "Oanh", "Phong", "Phúc", "Quân", "Quỳnh",
    "Sơn", "Tâm", "Thảo", "Thắng", "Trang", "Tú", "Tuấn", "Uyên", "Việt", "Vy", "Yến",
)  # fmt: skip
_SHARES = tuple(8 if code in ("01", "02") else 3 if code in ("03", "28", "29", "32", "48") else 1 for code in PROVINCES)
_ENDS = tuple(accumulate(_SHARES))
_MASK = (1 << 64) - 1


class Candidate(NamedTuple):
    """One candidate; `marks` stand in the order of `SUBJECTS`, "" for a subject not taken."""

    sbd: str
    name: str
    born: str
    marks: tuple[str, ...]

    def row(self) -> str:
        """Write it as a line of CSV."""
        return f"{self.sbd},{self.name},{self.born},{','.join(self.marks)}\n"


def candidates(total: int = NATIONAL) -> Iterator[Candidate]:
    """Yield so many candidates, province by province.

    Args:
        total: At most 10 million: of the largest province six digits are enough.
    """
    begun = 0
    for code, end in zip(PROVINCES, _ENDS, strict=True):
        until = total * end // _ENDS[-1]
        for number in range(1, until - begun + 1):
            yield candidate(code, number)
        begun = until


def candidate(province: str, number: int) -> Candidate:
    """Return the candidate of a province with a number, from 1."""
    bits = _mixed(int(province) * 1_000_003 + number)
    name = f"{_pick(_FAMILIES, bits)} {_pick(_MIDDLES, bits >> 9)} {_pick(_GIVEN, bits >> 17)}"
    year = 2008 - (bits >> 26 & 7 == 0)
    born = f"{1 + (bits >> 29) % 28:02d}/{1 + (bits >> 36) % 12:02d}/{year}"
    return Candidate(f"{province}{number:06d}", name, born, _marks(bits))


def _marks(bits: int) -> tuple[str, ...]:
    first = 2 + (bits >> 42) % (len(SUBJECTS) - 2)
    second = 2 + (first - 2 + 1 + (bits >> 46) % (len(SUBJECTS) - 3)) % (len(SUBJECTS) - 2)
    more = _mixed(bits)
    marks = [""] * len(SUBJECTS)
    for turn, subject in enumerate((0, 1, first, second)):
        marks[subject] = _MARKS[(more >> 13 * turn) % len(_MARKS)]
    return tuple(marks)


_MARKS = tuple(f"{quarter / 4:g}" for quarter in range(8, 40))


def _pick(choices: tuple[str, ...], bits: int) -> str:
    return choices[bits % len(choices)]


def _mixed(number: int) -> int:
    """Mix a number so that each bit depends on all (SplitMix64, by Sebastiano Vigna, public domain)."""
    number = (number + 0x9E3779B97F4A7C15) & _MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _MASK
    return number ^ (number >> 31)


def write_csv(target: TextIO, total: int = NATIONAL) -> None:
    """Write so many candidates as CSV with a header."""
    target.write(",".join(COLUMNS) + "\n")
    target.writelines(one.row() for one in candidates(total))
