"""Provinces before and after 1 July 2025, regions and coasts, all as sets of former provinces.

The former province is the atom: bit i of every mask stands for `FORMER_PROVINCES[i]`. Codes are strings that say their list,
because eight codes mean another place in the other one.

Source: Resolution 202/2025/QH15 and Decision 19/2025/QĐ-TTg (the 34 and their codes), the statistics office (the 63),
Zalo's broadcast documentation (`cities` numbers), Resolution 306/NQ-CP of 2025 (the six regions over the 34).
"""

import csv
from functools import cache, reduce
from importlib.resources import files
from operator import or_
from typing import NamedTuple

from zalo_alert.language import _


class FormerProvince(NamedTuple):
    """One of the 63 of before July 2025; `zalo_city` is its number in Zalo's broadcast targets."""

    code: str
    key: str
    name: str
    new_code: str
    zalo_city: int
    region: str
    coastal: bool
    mask: int


class Province(NamedTuple):
    """One of the 34 of today; `mask` holds its predecessors."""

    code: str
    key: str
    name: str
    region: str
    mask: int


class Region(NamedTuple):
    """A named set of former provinces, by the decree that names it."""

    key: str
    name: str
    decree: str
    mask: int


def _rows() -> list[dict[str, str]]:
    text = (files(__package__) / "provinces.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


_ROWS = _rows()

FORMER_PROVINCES: tuple[FormerProvince, ...] = tuple(
    FormerProvince(
        row["old_code"],
        f"old:{row['old_code']}",
        row["old_name"],
        row["new_code"],
        int(row["zalo_city"]),
        row["region_old"],
        row["coastal"] == "1",
        1 << i,
    )
    for i, row in enumerate(_ROWS)
)

_REGION_NAMES = {
    "trung-du-mien-nui-phia-bac": "Trung du và miền núi phía Bắc",
    "dong-bang-song-hong": "Đồng bằng sông Hồng",
    "bac-trung-bo": "Bắc Trung Bộ",
    "duyen-hai-nam-trung-bo": "Duyên hải Nam Trung Bộ",
    "tay-nguyen": "Tây Nguyên",
    "duyen-hai-nam-trung-bo-va-tay-nguyen": "Duyên hải Nam Trung Bộ và Tây Nguyên",
    "dong-nam-bo": "Đông Nam Bộ",
    "dong-bang-song-cuu-long": "Đồng bằng sông Cửu Long",
}

_NEW_REGIONS = {
    "trung-du-mien-nui-phia-bac": ("15", "08", "19", "25", "20", "04", "14", "12", "11"),
    "dong-bang-song-hong": ("01", "31", "33", "37", "24", "22"),
    "bac-trung-bo": ("38", "40", "42", "44", "46"),
    "duyen-hai-nam-trung-bo-va-tay-nguyen": ("48", "51", "52", "66", "56", "68"),
    "dong-nam-bo": ("75", "79", "80"),
    "dong-bang-song-cuu-long": ("92", "86", "82", "91", "96"),
}
_REGION_OF = {code: region for region, codes in _NEW_REGIONS.items() for code in codes}


def _provinces() -> tuple[Province, ...]:
    names = {row["new_code"]: row["new_name"] for row in _ROWS}
    return tuple(
        Province(
            code,
            f"new:{code}",
            names[code],
            _REGION_OF[code],
            reduce(or_, (former.mask for former in FORMER_PROVINCES if former.new_code == code)),
        )
        for code in sorted(names)
    )


PROVINCES: tuple[Province, ...] = _provinces()


def _regions() -> tuple[Region, ...]:
    before = [
        Region(
            f"region:{key}",
            _REGION_NAMES[key],
            _("before July 2025, as bulletins use it"),
            reduce(or_, (former.mask for former in FORMER_PROVINCES if former.region == key)),
        )
        for key in dict.fromkeys(former.region for former in FORMER_PROVINCES)
    ]
    today = [
        Region(
            f"region-2025:{key}",
            _REGION_NAMES[key],
            _("Resolution 306/NQ-CP of 2025"),
            reduce(or_, (province.mask for province in PROVINCES if province.region == key)),
        )
        for key in _NEW_REGIONS
    ]
    coast = reduce(or_, (former.mask for former in FORMER_PROVINCES if former.coastal))
    return (*before, *today, Region("coastal", "các tỉnh ven biển", _("former provinces with a sea coast"), coast))


REGIONS: tuple[Region, ...] = _regions()


@cache
def population() -> dict[str, int]:
    """Return how many people live in each of today's provinces, by key.

    Source: Resolution 202/2025/QH15 for the 23 that were merged; for the other eleven the registered population of the same time,
    as published with the merger.
    """
    text = (files(__package__) / "population.csv").read_text(encoding="utf-8")
    return {f"new:{row['new_code']}": int(row["people"]) for row in csv.DictReader(text.splitlines())}


EVERYWHERE = (1 << len(FORMER_PROVINCES)) - 1
