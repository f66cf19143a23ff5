"""Make wards.csv, districts.csv and old_wards.csv: `make places`, or `python tools/build_places.py`.

Reads the data files of the package `vietnamadminunits` 1.0.4 (MIT), never its code, and corrects what two other sources and the
decrees contradict, row by row and each with its reason. The same input gives the same bytes.

Source: Decision 19/2025/QĐ-TTg and the statistics office (codes and names), the 34 resolutions of the Standing Committee of
16 June 2025 (1654 to 1687/NQ-UBTVQH15: which ward went where), type_words.csv (what changed since).
"""

import csv
import json
import re
import sqlite3
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, NamedTuple

from zalo_alert.places.tables import FORMER_PROVINCES

HERE = Path(__file__).parent.parent / "zalo_alert" / "places"
PACKAGE = "vietnamadminunits"
READ_VERSION = "1.0.4"
TYPES = ("đặc khu", "phường", "quận", "huyện", "thành phố", "thị trấn", "thị xã", "xã")

# Five districts had no wards, so no old ward says where their special zones lie.
ISLANDS = {
    "11948": "31",  # Bạch Long Vĩ, Hải Phòng
    "19742": "45",  # Cồn Cỏ, the former Quảng Trị
    "20333": "48",  # Hoàng Sa, the former Đà Nẵng
    "21548": "51",  # Lý Sơn, the former Quảng Ngãi
    "26732": "77",  # Côn Đảo, Bà Rịa - Vũng Tàu
}

# The source looked divided wards up by bare name within the new province, so a namesake's part came along.
# Old ward, new ward it never touched, and whose part that is.
NOT_PARTS = (
    ("06079", "06184", "Hồng Phong of Cao Lộc, not of Bình Gia"),
    ("10798", "11911", "Hòa Bình of Vĩnh Bảo, not of Kim Thành"),
    ("11890", "10804", "Hòa Bình of Kim Thành, not of Vĩnh Bảo"),
    ("11890", "10843", "Hòa Bình of Kim Thành, not of Vĩnh Bảo"),
    ("25462", "27694", "phường 4 of Tân An, not of Tây Ninh"),
    ("27691", "25459", "phường 4 of Tây Ninh, not of Tân An"),
    ("28252", "29869", "phường 4 of Cao Lãnh, not of Mỹ Tho"),
    ("28270", "29869", "phường 6 of Cao Lãnh, not of Mỹ Tho"),
    ("28437", "29869", "phường 3 of Cao Lãnh, not of Cai Lậy"),
    ("28439", "29869", "phường 4 of Cao Lãnh, not of Cai Lậy"),
    ("28924", "29734", "Hòa Lộc of Tam Bình, not of Mỏ Cày Bắc"),
    ("29623", "29182", "Mỹ An of Thạnh Phú, not of Mang Thít"),
    ("29734", "28921", "Hòa Lộc of Mỏ Cày Bắc, not of Tam Bình"),
    ("29902", "29869", "phường 3 of Cao Lãnh, not of Sa Đéc"),
    ("29908", "29869", "phường 4 of Cao Lãnh, not of Sa Đéc"),
    ("31246", "31726", "Thạnh Quới of Mỹ Xuyên, not of Vĩnh Thạnh"),
    ("31268", "31666", "Tân Thạnh of Long Phú, not of Thới Lai"),
    ("31378", "31654", "Phú Hữu of Long Phú, not of Châu Thành in Hậu Giang"),
    ("31379", "31582", "Phú Tân of Châu Thành in Sóc Trăng, not in Hậu Giang"),
    ("31438", "31741", "Tân Long of Ngã Năm, not of Phụng Hiệp"),
    ("31474", "31741", "Long Bình of Ngã Năm, not of Long Mỹ"),
    ("31480", "31639", "Long Phú of huyện Long Phú, not of Long Mỹ"),
    ("31483", "31591", "Thuận Hưng of Mỹ Tú, not of huyện Long Mỹ"),
    ("31582", "31378", "Phú Tân of Châu Thành in Hậu Giang, not in Sóc Trăng"),
    ("31606", "31495", "Thuận Hưng of huyện Long Mỹ, not of Mỹ Tú"),
    ("31657", "31378", "Phú Hữu of Châu Thành in Hậu Giang, not of Long Phú"),
    ("31666", "31288", "Tân Thạnh of Thới Lai, not of Long Phú"),
    ("31669", "31480", "Long Phú of Long Mỹ, not of huyện Long Phú"),
    ("31714", "31246", "Thạnh Quới of Vĩnh Thạnh, not of Mỹ Xuyên"),
    ("31741", "31408", "Tân Long of Phụng Hiệp, not of Ngã Năm"),
    ("31744", "31473", "Long Bình of Long Mỹ, not of Ngã Năm"),
)

# Divided wards whose first part is another than the source says.
FIRST = (
    ("00073", "00082", "the new Cửa Nam keeps the name"),
    ("05461", "05467", "the new Gia Sàng keeps the name"),
    ("11371", "11407", "the new An Biên keeps the name"),
    ("22978", "22978", "Tuy Phong keeps the code of Phong Phú"),
    ("27022", "27022", "Phú Thọ Hòa keeps the code of Tân Thành"),
)

# Names of before July 2025 that the source spells otherwise.
NAMES = {
    "00181": "Văn Miếu - Quốc Tử Giám",  # the dash of Resolution 1286/NQ-UBTVQH15
    "00226": "Phương Liên - Trung Tự",
}


class _NewWard(NamedTuple):
    code: str
    type: str
    name: str
    province: str


class _OldWard(NamedTuple):
    code: str
    type: str
    name: str
    district: str
    province: str


def main() -> None:
    """Write the three tables beside this file."""
    new, old, districts, parts = _read()
    parts = _corrected(parts)
    homes = _homes(old, parts)
    types = _types_of_today()
    _write("wards.csv", "code,type,name,new_code,old_code", (
        (w.code, types.get(w.code, w.type), w.name, w.province, homes[w.code]) for w in new
    ))  # fmt: skip
    _write("districts.csv", "code,type,name,old_code", districts)
    _write("old_wards.csv", "code,type,name,district,new_codes", (
        (w.code, w.type, NAMES.get(w.code, w.name), w.district, "|".join(parts[w.code])) for w in old
    ))  # fmt: skip


def _read() -> tuple[list[_NewWard], list[_OldWard], set[tuple[str, str, str, str]], dict[str, list[str]]]:
    found = distribution(PACKAGE)
    if found.version != READ_VERSION:
        raise SystemExit(f"{PACKAGE} is {found.version}; the corrections here were read against {READ_VERSION}")
    data = Path(str(found.locate_file(f"{PACKAGE}/data")))
    today, before = _rows(data / "dataset.db", "admin_units"), _rows(data / "dataset.db", "admin_units_legacy")
    new = [_NewWard(r["wardCode"], *_split(r["ward"]), r["provinceCode"]) for r in today]
    old = [_OldWard(r["wardCode"], *_split(r["ward"]), r["districtCode"], r["provinceCode"]) for r in before if r["wardCode"]]
    districts = {(r["districtCode"], *_split(r["district"]), r["provinceCode"]) for r in before}
    converter = json.loads((data / "converter_2025.json").read_text(encoding="utf-8"))
    return new, old, districts, _parts(today, before, converter)


def _rows(path: Path, table: str) -> list[dict[str, str]]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(f"SELECT * FROM {table}")]


def _split(full: str) -> tuple[str, str]:
    """Part `Phường Việt Hòa` into type and name; a mere number keeps its word, as people write it: `Quận 1`.

    The source's own column of types is not used: it calls Việt Hòa a xã.
    """
    text = unicodedata.normalize("NFC", full).strip()
    kind = next(kind for kind in TYPES if text.casefold().startswith(kind + " "))
    name = text[len(kind) :].strip()
    return kind, text if re.fullmatch("[0-9]+|[IVX]+", name) else name


def _parts(
    today: Iterable[Mapping[str, str]], before: Iterable[Mapping[str, str]], converter: Mapping[str, Any]
) -> dict[str, list[str]]:
    """Say into which new wards each old one went; of a divided one, the first is the source's default."""
    new = {(row["provinceKey"], row["wardKey"]): row["wardCode"] for row in today}
    old = {f"{row['provinceKey']}_{row['districtKey']}_{row['wardKey'] or ''}": row["wardCode"] for row in before}
    parts: dict[str, list[str]] = defaultdict(list)
    for key, province, ward in _moves(converter):
        if old[key]:
            parts[old[key]].append(new[province, ward])
    return parts


def _moves(converter: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for province, wards in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward, keys in wards.items():
            yield from ((key, province, ward) for key in keys)
    for province, divided in converter["DICT_PROVINCE_WARD_DIVIDED"].items():
        for key, pieces in divided.items():
            ordered = sorted(pieces, key=lambda piece: (not piece["isDefaultNewWard"], piece["newWardKey"]))
            yield from ((key, province, piece["newWardKey"]) for piece in ordered)


def _corrected(parts: Mapping[str, list[str]]) -> dict[str, list[str]]:
    corrected = {code: list(codes) for code, codes in parts.items()}
    for old, new, _ in NOT_PARTS:
        corrected[old].remove(new)
    for old, new, _ in FIRST:
        corrected[old].remove(new)
        corrected[old].insert(0, new)
    return corrected


def _homes(old: Iterable[_OldWard], parts: Mapping[str, list[str]]) -> dict[str, str]:
    """Return the one former province of each new ward; two would break what every mask rests on."""
    homes: dict[str, set[str]] = defaultdict(set)
    for code, province in ISLANDS.items():
        homes[code].add(province)
    for ward in old:
        for code in parts[ward.code]:
            homes[code].add(ward.province)
    astray = {code: sorted(provinces) for code, provinces in homes.items() if len(provinces) != 1}
    if astray or len(FORMER_PROVINCES) != len({province for provinces in homes.values() for province in provinces}):
        raise SystemExit(f"wards of more than one former province, or a province without any: {astray}")
    return {code: provinces.pop() for code, provinces in homes.items()}


def _types_of_today() -> dict[str, str]:
    with (HERE / "type_words.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["valid_from"])
    return {row["key"]: row["type"] for row in rows if row["kind"] == "ward"}


def _write(name: str, header: str, rows: Iterable[tuple[str, ...]]) -> None:
    lines = sorted(rows)
    with (HERE / name).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(header.split(","))
        table.writerows(lines)


if __name__ == "__main__":
    main()
