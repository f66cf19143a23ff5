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

DATA = Path(__file__).parent.parent / "data"
FILES = [path.read_text(encoding="utf-8") for path in sorted(DATA.glob("addresses*.csv"))]
ROWS = [row for text in FILES for row in csv.DictReader(io.StringIO(text, newline=""))]
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
    counts = Counter()
    for row in rows:
        got = codes(RESOLVER.text(row["text"]))[column]
        counts["right" if got == row[("old_code", "new_code")[column]] else "wrong" if got else "blank"] += 1
    return counts


def plain(text):
    bare = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in bare if not unicodedata.combining(char))


def test_the_labels_are_many_and_agree_with_the_tables():
    assert len(ROWS) >= 3000
    assert len({row["text"] for row in ROWS}) == len(ROWS)
    assert all(not row["old_code"] or SUCCESSOR[row["old_code"]] == row["new_code"] for row in ROWS)
    assert all(row["source"] for row in ROWS)


@pytest.mark.parametrize(("column", "right", "wrong"), [(1, 0.98, 0.005), (0, 0.97, 0.007)], ids=["today", "former"])
def test_real_and_hard_addresses_are_read_right_and_hardly_ever_wrong(column, right, wrong):
    counts = score(ROWS, column)
    assert counts["right"] >= right * len(ROWS), counts
    assert counts["wrong"] <= wrong * len(ROWS), counts


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


texts = st.sampled_from([row["text"] for row in ROWS])
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
