"""What people write about where they live: right nearly always, wrong hardly ever, and an honest "not known" for the rest."""

import csv
import io
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zalo_alert import places
from zalo_alert.places import Resolver, Why
from zalo_alert.places.units import districts, old_wards, wards

DATA = Path(__file__).parents[2] / "data"
FILES = [path.read_text(encoding="utf-8") for path in sorted(DATA.glob("addresses*.csv"))]
ROWS = [row for text in FILES for row in csv.DictReader(io.StringIO(text, newline=""))]
TRAPS, THIRD = (
    list(csv.DictReader(io.StringIO((DATA / f"places-{name}.csv").read_text(encoding="utf-8"), newline="")))
    for name in ("traps", "third")
)
SUCCESSOR = {former.code: former.new_code for former in places.FORMER_PROVINCES}
FORMER = {former.code: former.name for former in places.FORMER_PROVINCES}
TODAY = {province.code: province.name for province in places.PROVINCES}
RESOLVER = Resolver()


def codes(found):
    """The former and today's code of an answer, "" for what it does not know."""
    kind, _, code = found.place.partition(":")
    return (code, SUCCESSOR[code]) if kind == "old" else ("", code) if kind == "new" else ("", "")


def score(rows, column):
    """Count right, wrong and blank answers for one of the two maps."""
    counts: Counter[str] = Counter()
    for row in rows:
        got = codes(RESOLVER.text(row["text"]))[column]
        counts["right" if got == row[("old_code", "new_code")[column]] else "wrong" if got else "blank"] += 1
    return counts


def plain(text):
    bare = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in bare if not unicodedata.combining(char))


def test_the_labels_are_many_and_agree_with_the_tables():
    every = [*ROWS, *TRAPS, *THIRD]
    assert len(ROWS) >= 3000
    assert len(TRAPS) >= 300
    assert len(THIRD) >= 1000
    assert len({row["text"] for row in every}) == len(every)
    assert all(not row["old_code"] or SUCCESSOR[row["old_code"]] == row["new_code"] for row in every)
    assert all(row["source"] for row in every)


@pytest.mark.slow
@pytest.mark.parametrize(("column", "right", "wrong"), [(1, 0.98, 0.005), (0, 0.97, 0.007)], ids=["today", "former"])
def test_real_and_hard_addresses_are_read_right_and_hardly_ever_wrong(column, right, wrong):
    counts = score(ROWS, column)
    assert counts["right"] >= right * len(ROWS), counts
    assert counts["wrong"] <= wrong * len(ROWS), counts


@pytest.mark.parametrize(("column", "right"), [(1, 0.975), (0, 0.98)], ids=["today", "former"])
@pytest.mark.parametrize("rows", [TRAPS, THIRD], ids=["traps", "third"])
def test_what_only_looks_like_a_place_is_none(rows, column, right):
    counts = score(rows, column)
    assert counts["right"] >= right * len(rows), counts
    assert counts["wrong"] <= 0.003 * len(rows), counts


def test_places_abroad_are_known_as_such():
    rows = [row for row in (*TRAPS, *THIRD) if row["kind"] == "foreign"]
    assert [RESOLVER.text(row["text"]).place for row in rows] == ["foreign"] * len(rows)


def initials(name):
    """Every way to cut the first syllables of a name short."""
    first, *rest = name.split(" ")
    end = " ".join(rest)
    yield from (f"{first[0]}. {end}", f"{first[0]}.{end}", f"{first[0]} {end}", f"{first[0]}{end}")
    yield from (f"{first[0]}\ufffd {end}", f"{first[0]}? {end}")
    if first[:2] in {"Ch", "Gi", "Kh", "Ng", "Nh", "Ph", "Qu", "Th", "Tr"}:
        yield f"{first[:2]}. {end}"
    if len(rest) > 1:
        yield ". ".join((first[0], rest[0][0], *rest[1:]))


MEANT_SO = {"H. Thuận Bắc", "H. Thuận Nam", "KBang"}  # real districts: not short for Hàm Thuận Bắc, Hàm Thuận Nam, Kim Bảng


@pytest.mark.slow
@pytest.mark.parametrize("change", [str, str.lower, str.upper, plain], ids=["as written", "lower", "upper", "bare"])
def test_a_name_cut_short_is_unknown_or_itself(change):
    masks = [(p.name, p.mask) for p in places.FORMER_PROVINCES] + [(p.name, p.mask) for p in places.PROVINCES]
    masks += [(district.name, district.mask) for district in districts().values()]
    real = {plain(text).lower().replace(". ", "").replace(" ", "") for text in MEANT_SO}
    for name, mask in masks:
        for text in initials(name) if " " in name and name[-1].isalpha() else ():
            found = RESOLVER.text(change(text)).place
            if plain(text).lower().translate(str.maketrans("", "", ".? \ufffd")) not in real:
                assert found in ("unknown", "foreign") or places.mask_of(found) & mask, (name, text, found)


def test_addresses_of_after_the_merger_tell_the_former_province():
    rows = [row for row in ROWS if row["kind"] in {"real-new", "new-made"}]
    counts = score(rows, 0)
    assert counts["right"] >= 0.99 * len(rows), counts


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("", "unknown", Why.EMPTY),
        (" ., ", "unknown", Why.EMPTY),
        ("Bình Định", "old:52", Why.PROVINCE),
        ("Gia Lai", "new:52", Why.NEW_ONLY),
        ("Phường Quy Nhơn, Gia Lai", "old:52", Why.WARD),
        ("Quy Nhơn, Gia Lai", "old:52", Why.DISTRICT),
        ("xã Hòa Thịnh tỉnh Đắk Lắk", "old:54", Why.WARD),
        ("Bình Định, Gia Lai", "old:52", Why.WARD),
        ("huyện Châu Thành", "unknown", Why.AMBIGUOUS),
        ("quận Bình Tân", "old:79", Why.DISTRICT),
        ("huyện Bình Tân", "old:86", Why.DISTRICT),
        ("123 Điện Biên Phủ, Q. Bình Thạnh, TP.HCM", "old:79", Why.DISTRICT),
        ("đường Hà Nội, TP Huế", "old:46", Why.PROVINCE),
        ("12 Nguyễn Huệ", "unknown", Why.UNKNOWN),
        ("Nguyễn Văn Huế", "unknown", Why.UNKNOWN),
        ("Hải Hà, tỉnh Quảng Ninh", "old:22", Why.PROVINCE),
        ("Phường Phú Thọ, Thủ Dầu Một, Bình Dương", "old:74", Why.PROVINCE),
        ("thuathienhue", "old:46", Why.JOINED),
        ("Hải Dươg", "old:30", Why.FUZZY),
        ("Hai Giang", "unknown", Why.AMBIGUOUS),
        ("Hà Nam, Trung Quốc", "foreign", Why.FOREIGN),
        ("Hà Nội - Hải Phòng", "unknown", Why.CONFLICT),
        ("Bến Tre / Trà Vinh", "new:86", Why.NEW_ONLY),
        ("Tây Nguyên", "unknown", Why.UNKNOWN),
        ("Yen Bai Ward, Lao Cai", "old:15", Why.WARD),
        ("43 Nguyễn Thiện Kế, An Hải, TPĐà Nẵng", "old:48", Why.WARD),
        ("xã Bố Hạ, Bắc Ninh", "old:24", Why.WARD),
        ("quê Nghệ An, ở Sài Gòn", "unknown", Why.CONFLICT),
        ("Q. Nam", "unknown", Why.UNKNOWN),
        ("H. Giang", "unknown", Why.UNKNOWN),
        ("H\ufffd Giang", "unknown", Why.UNKNOWN),
        ("H\ufffdm Thuận Bắc", "unknown", Why.UNKNOWN),
        ("N. Giang", "unknown", Why.UNKNOWN),
        ("Tam Kỳ Q. Nam", "old:49", Why.DISTRICT),
        ("Q. 5", "old:79", Why.DISTRICT),
        ("Q. Năm", "old:79", Why.DISTRICT),
        ("Q. Sơn", "unknown", Why.UNKNOWN),
        ("Quan Sơn", "old:38", Why.DISTRICT),
        ("Huế?", "old:46", Why.PROVINCE),
        ("quốc lộ 1A đoạn Quảng Trị – Huế", "unknown", Why.UNKNOWN),
        ("đường Kon Tum - An Giang", "unknown", Why.UNKNOWN),
        ("duong Hoa Binh Di An", "old:74", Why.DISTRICT),
        ("QL1A Bình Chánh TPHCM", "old:79", Why.DISTRICT),
        ("Đ. Bình Dương", "unknown", Why.UNKNOWN),
        ("giáp ranh Quảng Trị và Thừa Thiên Huế", "unknown", Why.UNKNOWN),
        ("Đức Hòa giáp TP.HCM", "old:80", Why.DISTRICT),
        ("biên giới Campuchia", "unknown", Why.UNKNOWN),
        ("xã Biên Giới, Châu Thành, Tây Ninh", "old:72", Why.WARD),
        ("huyện biên giới Đức Cơ, Gia Lai", "old:64", Why.DISTRICT),
        ("Võ Nguyên Giáp TP Huế", "old:46", Why.PROVINCE),
        ("Giáp Bát, Hoàng Mai", "old:01", Why.WARD),
        ("Ấp Bình Định, Gia Lai", "new:52", Why.NEW_ONLY),
        ("Buôn Ma Thuột", "old:66", Why.DISTRICT),
        ("Điện Bàn Quảng Nam", "old:49", Why.PROVINCE),
        ("Cẩm Phả Quảng Ninh", "old:22", Why.PROVINCE),
        ("quán cam Vinh", "unknown", Why.UNKNOWN),
        ("huyện Tân Phú, TP.HCM", "old:79", Why.DISTRICT),
        ("huyện Tân Phú", "old:75", Why.DISTRICT),
        ("Thị trấn Đức Trọng", "old:68", Why.DISTRICT),
        ("thị trấn Bố Trạch, Quảng Trị", "old:44", Why.DISTRICT),
        ("huyện Bắc Ninh", "new:24", Why.NEW_ONLY),
    ],
)
def test_an_answer_says_what_it_rests_on(text, place, reason):
    found = RESOLVER.text(text)
    assert (found.place, found.reason) == (place, reason)


@pytest.mark.parametrize(
    ("fields", "place", "ward"),
    [
        (("Thừa Thiên Huế", "Phú Vang", "Thuận An", ""), "old:46", "19900"),
        (("Huế", "", "Thuận An", ""), "old:46", "19900"),
        (("Quận 1", "Hồ Chí Minh", "", ""), "old:79", ""),
        (("", "", "", "Phường Thuận An, TP HCM"), "old:74", "25978"),
        (("Gia Lai", "", "", "12 Lê Lợi, phường Quy Nhơn"), "old:52", "21583"),
        (("Seoul", "", "", ""), "foreign", ""),
        (("Hà Nội", "", "", "Tokyo"), "old:01", ""),
        (("", "", "", ""), "unknown", ""),
    ],
)
def test_the_fields_of_a_record_are_read_together(fields, place, ward):
    found = places.resolve(*fields, before_merger=False)
    assert (found.place, found.ward) == (place, ward)


def test_a_record_of_before_the_merger_means_the_province_of_then():
    assert RESOLVER.text("Gia Lai", before_merger=True) == ("old:64", "", Why.BEFORE)
    assert RESOLVER.text("Quy Nhơn, Gia Lai", before_merger=True).place == "old:52"


def test_the_office_has_the_last_word():
    own = Resolver({places.alias_key("Vùng 4 Hải quân"): "old:56"})
    assert own.text("vung 4 hai quan") == ("old:56", "", Why.ALIAS)
    assert own.text("Vùng 5").place == "unknown"


def test_every_ward_of_today_is_known_by_its_name_and_province():
    missed = []
    for ward in wards().values():
        found = RESOLVER.text(f"{ward.type} {ward.name}, {TODAY[ward.new_code]}")
        if found[:2] != (f"old:{ward.old_code}", ward.code):
            missed.append((ward, found))
    assert all(found.place == f"old:{ward.old_code}" for ward, found in missed), missed
    assert len(missed) <= 15  # in one province twice of one name and type, or divided between


@pytest.mark.slow
def test_every_former_ward_leads_to_its_former_province():
    for old in old_wards().values():
        district = districts()[old.district]
        if district.name in {*TODAY.values(), *FORMER.values()}:
            continue  # "Lào Cai" and "Hòa Bình" alone are the provinces
        for text in (f"{old.name}, {district.name}, {FORMER[district.old_code]}", f"{old.type} {old.name}, {district.name}"):
            found = RESOLVER.text(text)
            assert found.place in (f"old:{district.old_code}", f"new:{SUCCESSOR[district.old_code]}", "unknown"), text


def test_without_accents_a_ward_is_still_known_in_all_but_a_few_cases():
    known = [
        RESOLVER.text(plain(f"{w.type} {w.name}, {TODAY[w.new_code]}")).place == f"old:{w.old_code}" for w in wards().values()
    ]
    assert known.count(False) <= 8


texts = st.sampled_from([row["text"] for row in (*ROWS, *TRAPS, *THIRD)])
SPACES = st.sampled_from([" ", "  ", "\t", "\u00a0"])


@settings(max_examples=300)
@given(texts, SPACES)
def test_case_composition_and_spacing_change_nothing(text, space):
    answer = RESOLVER.text(text).place
    assert RESOLVER.text(unicodedata.normalize("NFD", text)).place == answer
    assert RESOLVER.text(f"  {text} ").place == answer
    if "\t" not in space:
        assert RESOLVER.text(text.replace(" ", space)).place == answer


@settings(max_examples=300)
@given(texts)
def test_dropped_accents_never_lead_elsewhere(text):
    said, bare = codes(RESOLVER.text(text)), codes(RESOLVER.text(plain(text)))
    for known, other in zip(said, bare, strict=True):
        assert not other or not known or known == other


@pytest.mark.slow
@settings(max_examples=500)
@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from(["Hà", "Nội", "Huế", ",", "-", ".", "/", "phường", "xã", "P.", "Q1", "(", ")", "12"])).map(
        " ".join
    )
)
def test_no_text_makes_it_stumble(text):
    for before in (False, True):
        found = RESOLVER.text(text, before_merger=before)
        assert found.place in ("unknown", "foreign") or places.mask_of(found.place)
        assert not found.ward or found.ward in wards()
