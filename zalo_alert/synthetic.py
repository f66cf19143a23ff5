"""Followers who do not exist, with names, phones and cities as messy as real ones; the same person for the same number, always.

For the sandbox, the demo, benchmarks and drills on loopback. No one's data.
"""

import csv
import random
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from zalo_alert import places
from zalo_alert.clock import VIETNAM

FIRST_ID = 1_002_893_352_839_501_541
STEP = 1_000_003  # so that ids look like no sequence, and a number can be had back from an id
COLUMNS = ("user_id", "name", "phone", "city", "district", "address", "tags", "last_interaction_at", "updated_at")
TEST_TAG = "thu-nghiem"

_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý")
_MIDDLE = ("Văn", "Thị", "Hữu", "Đức", "Minh", "Ngọc", "Thanh", "Quang", "Kim", "Xuân")
_GIVEN = (
    "An",
    "Bình",
    "Châu",
    "Dung",
    "Hà",
    "Hải",
    "Hạnh",
    "Hiếu",
    "Hoa",
    "Hùng",
    "Lan",
    "Linh",
    "Long",
    "Mai",
    "Nam",
    "Phúc",
    "Tú",
)
_STREETS = ("Lê Lợi", "Nguyễn Huệ", "Trần Phú", "Hai Bà Trưng", "Quốc lộ 1A", "Điện Biên Phủ", "Hùng Vương", "Phan Đình Phùng")
_SHORT = {
    "Hồ Chí Minh": ("TP.HCM", "HCM", "Sài Gòn", "tphcm"),
    "Hà Nội": ("HN", "Hanoi"),
    "Bà Rịa - Vũng Tàu": ("BR-VT", "Vũng Tàu"),
}
_TODAY = tuple(province.name for province in places.PROVINCES)
_FORMER = tuple(former.name for former in places.FORMER_PROVINCES)
_NOWHERE = ("", "", "", "", "ĐN", "QN", "Hàn Quốc", "quê ngoại", "Lào")


def user_id(number: int) -> str:
    """Return the id of person `number`."""
    return str(FIRST_ID + number * STEP)


def number_of(identity: str) -> int | None:
    """Return whose id it is; None when it is nobody's."""
    number, rest = divmod(int(identity) - FIRST_ID, STEP)
    return number if not rest and number >= 0 else None


def person(number: int, seed: int = 1) -> tuple[str, ...]:
    """Make one person; see `COLUMNS`."""
    rng = random.Random(seed * 1_000_000_007 + number)
    name = f"{rng.choice(_FAMILY)} {rng.choice(_MIDDLE)} {rng.choice(_GIVEN)}"
    phone = rng.choice(("0", "84", "+84")) + f"9{rng.randrange(10**8):08}" if rng.random() < 0.6 else ""
    city = _city(rng)
    address = f"{rng.randrange(1, 400)} {rng.choice(_STREETS)}" if rng.random() < 0.3 else ""
    tags = TEST_TAG if rng.random() < 0.01 else rng.choice(("", "", "", "", "", "", "doanh-nghiep", "xã;thôn"))
    seen = f"{rng.randrange(1, 24):02}/11/2026" if rng.random() < 0.5 else ""
    updated = datetime(2024, 1, 1, tzinfo=VIETNAM) + timedelta(days=rng.randrange(1000))
    return user_id(number), name, phone, city, "", address, tags, seen, updated.date().isoformat()


def _city(rng: random.Random) -> str:
    if rng.random() < 0.08:
        return rng.choice(_NOWHERE)
    proper = rng.choice(_TODAY if rng.random() < 0.5 else _FORMER)
    mess = rng.random()
    if mess < 0.45:
        return proper
    if mess < 0.6:
        return f"{rng.choice(('Tỉnh', 'TP', 'tỉnh', 'Thành phố'))} {proper}"
    if mess < 0.75:
        plain = unicodedata.normalize("NFD", proper.replace("Đ", "D").replace("đ", "d"))
        return "".join(c for c in plain if not unicodedata.combining(c))
    if mess < 0.85:
        return unicodedata.normalize("NFD", proper)
    if mess < 0.95:
        return rng.choice((proper.upper(), proper.lower(), f" {proper}", f"{proper}, Việt Nam"))
    return rng.choice(_SHORT.get(proper, (proper,)))


def people(count: int, seed: int = 1) -> Iterator[tuple[str, ...]]:
    """Yield the first `count` people."""
    return (person(number, seed) for number in range(count))


def write_followers(path: Path, count: int, seed: int = 1) -> None:
    """Write the first `count` people as CSV with a header."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(people(count, seed))
