"""Followers who do not exist, with names, phones and cities as messy as real ones; the same person for the same number, always.

For the sandbox, the demo, benchmarks and drills on loopback. No one's data.
"""

import csv
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from zalo_alert import places
from zalo_alert.foundation.clock import VIETNAM

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
# Some districts of former provinces, with their type words; people write them with or without.
_DISTRICTS: Mapping[str, Sequence[str]] = {
    "Hà Nội": ("Quận Ba Đình", "Quận Cầu Giấy", "Huyện Đông Anh", "Thị xã Sơn Tây"),
    "Hồ Chí Minh": ("Quận 1", "Quận Bình Tân", "Huyện Củ Chi", "Huyện Cần Giờ"),
    "Hải Phòng": ("Quận Ngô Quyền", "Huyện Cát Hải"),
    "Đà Nẵng": ("Quận Hải Châu", "Huyện Hòa Vang"),
    "Cần Thơ": ("Quận Ninh Kiều", "Huyện Cờ Đỏ"),
    "Thanh Hóa": ("Thành phố Thanh Hóa", "Huyện Mường Lát", "Thị xã Nghi Sơn"),
    "Nghệ An": ("Thành phố Vinh", "Huyện Kỳ Sơn", "Thị xã Cửa Lò"),
    "Hà Tĩnh": ("Huyện Hương Khê", "Thị xã Kỳ Anh"),
    "Quảng Bình": ("Thành phố Đồng Hới", "Huyện Lệ Thủy"),
    "Quảng Trị": ("Thành phố Đông Hà", "Huyện Hướng Hóa"),
    "Thừa Thiên Huế": ("Thành phố Huế", "Huyện A Lưới"),
    "Quảng Nam": ("Thành phố Hội An", "Huyện Nam Trà My"),
    "Quảng Ngãi": ("Huyện Lý Sơn", "Huyện Trà Bồng"),
    "Bình Định": ("Thành phố Quy Nhơn", "Huyện Hoài Ân"),
    "Phú Yên": ("Thành phố Tuy Hòa", "Huyện Sông Hinh"),
    "Khánh Hòa": ("Thành phố Nha Trang", "Huyện Vạn Ninh"),
    "Gia Lai": ("Thành phố Pleiku", "Huyện Krông Pa"),
    "Lào Cai": ("Thị xã Sa Pa", "Huyện Bát Xát"),
    "Yên Bái": ("Huyện Mù Cang Chải", "Thị xã Nghĩa Lộ"),
    "Cà Mau": ("Huyện Ngọc Hiển", "Huyện Năm Căn"),
    "Tiền Giang": ("Thành phố Mỹ Tho", "Huyện Châu Thành"),
    "Bến Tre": ("Huyện Châu Thành", "Huyện Ba Tri"),
}


def _written(proper: str) -> list[tuple[str, str]]:
    """List a hundred ways in which people give their city and district, each as often as it comes."""
    plain = _without_accents(proper)
    districts = _DISTRICTS.get(proper, ("",))
    ways = [
        *[proper] * 45,
        *[f"{word} {proper}" for word in ("Tỉnh", "TP", "tỉnh", "Thành phố")] * 4,
        *[plain] * 15,
        *[unicodedata.normalize("NFD", proper)] * 10,
        *[proper.upper(), proper.lower(), f" {proper}", f"{proper}, Việt Nam"] * 3,
        *_SHORT.get(proper, (proper,)),
    ]
    written = []
    for number, city in enumerate(ways):
        district = districts[number % len(districts)]
        bare = district.removeprefix("Huyện ").removeprefix("Thị xã ").removeprefix("Thành phố ")
        written.append((city, (district, bare, _without_accents(district), "")[number // len(districts) % 4]))
    return written


def _without_accents(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    return "".join(c for c in plain if not unicodedata.combining(c))


_NAMES = tuple(f"{family} {middle} {given}" for family in _FAMILY for middle in _MIDDLE for given in _GIVEN)
_ADDRESSES = tuple(f"{house} {street}" for house in range(1, 400) for street in _STREETS)
_CITIES = tuple(tuple(_written(name)) for name in (*_TODAY, *_FORMER))
_TAGS = ("", "", "", "", "", "", "doanh-nghiep", "xã;thôn")
_CHANGED = tuple((datetime(2024, 1, 1, tzinfo=VIETNAM) + timedelta(days=day)).date().isoformat() for day in range(1000))
_SEEN = tuple(f"{day:02}/11/2026" for day in range(1, 24))
_WORD = (1 << 64) - 1


def user_id(number: int) -> str:
    """Return the id of person `number`."""
    return str(FIRST_ID + number * STEP)


def number_of(identity: str) -> int | None:
    """Return whose id it is; None when it is nobody's."""
    number, rest = divmod(int(identity) - FIRST_ID, STEP)
    return number if not rest and number >= 0 else None


def person(number: int, seed: int = 1, around: Sequence[int] = ()) -> tuple[str, ...]:
    """Make one person; see `COLUMNS`.

    Two words of SplitMix64 serve as dice: a `random.Random` for each person takes ten times as long.

    Args:
        number: Which.
        seed: Draws another country.
        around: Where most live, as `place_of` numbers places; empty is anywhere.
    """
    first = _mixed(seed * 0x9E3779B97F4A7C15 + number)
    second = _mixed(first)
    first, name = divmod(first, len(_NAMES))
    first, shape = divmod(first, 5)
    phone = f"{('0', '84', '+84')[shape]}9{first % (9 * 10**7):08}" if shape < 3 else ""
    city, district = _home(second, around)
    second, dice = divmod(second >> 24, 100)
    second, at = divmod(second, len(_ADDRESSES))
    address = _ADDRESSES[at] if dice < 30 else ""
    tags = TEST_TAG if dice == 99 else _TAGS[at % 8]
    seen = _SEEN[at % 23] if dice & 1 else ""
    return user_id(number), _NAMES[name], phone, city, district, address, tags, seen, _CHANGED[second % 1000]


def place_of(number: int, seed: int = 1, around: Sequence[int] = ()) -> int | None:
    """Return which place person `number` writes as theirs: today's provinces first, then the former ones; None when none."""
    dice, share = divmod(_mixed(_mixed(seed * 0x9E3779B97F4A7C15 + number)), 100)
    return None if share < 8 else _place(dice, share, around)[0]


def _mixed(state: int) -> int:
    state = (state + 0x9E3779B97F4A7C15) & _WORD
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _WORD
    return state ^ (state >> 31)


def _home(dice: int, around: Sequence[int]) -> tuple[str, str]:
    dice, share = divmod(dice, 100)
    if share < 8:
        return _NOWHERE[dice % len(_NOWHERE)], ""
    place, dice = _place(dice, share, around)
    return _CITIES[place][dice % len(_CITIES[place])]


def _place(dice: int, share: int, around: Sequence[int]) -> tuple[int, int]:
    if around and share % 8:
        dice, place = divmod(dice, len(around))
        return around[place], dice
    if share < 54:
        dice, place = divmod(dice, len(_TODAY))
        return place, dice
    dice, place = divmod(dice, len(_FORMER))
    return place + len(_TODAY), dice


def people(count: int, seed: int = 1) -> Iterator[tuple[str, ...]]:
    """Yield the first `count` people."""
    return (person(number, seed) for number in range(count))


def write_followers(path: Path, count: int, seed: int = 1) -> None:
    """Write the first `count` people as CSV with a header."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(people(count, seed))
