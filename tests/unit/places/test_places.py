"""Places: two lists that collide, names as people write them, and no guess."""

import unicodedata

import pytest

from zalo_alert import places
from zalo_alert.language import Language, catalogue_of, said_in


def test_the_tables_are_whole() -> None:
    assert len(places.PROVINCES) == 34
    assert len(places.FORMER_PROVINCES) == 63
    assert sorted(f.zalo_city for f in places.FORMER_PROVINCES) == list(range(63))
    masks = [province.mask for province in places.PROVINCES]
    assert sum(masks) == places.EVERYWHERE  # every former province in exactly one of today's


def test_every_province_has_a_population_and_the_country_a_hundred_million() -> None:
    people = places.population()
    assert set(people) == {province.key for province in places.PROVINCES}
    assert 100_000_000 < sum(people.values()) < 120_000_000


@pytest.mark.parametrize("decree", ["region:", "region-2025:"])
def test_the_regions_of_a_decree_cover_the_country_once(decree: str) -> None:
    assert sum(region.mask for region in places.REGIONS if region.key.startswith(decree)) == places.EVERYWHERE


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Bình Định", "old:52"),
        ("binh dinh", "old:52"),
        ("TỈNH BÌNH ĐỊNH", "old:52"),
        (unicodedata.normalize("NFD", "Bình Định"), "old:52"),
        ("Ðồng Nai", "new:75"),
        ("Gia Lai", "new:52"),
        ("Hà Nội", "old:01"),
        ("TP.HCM", "new:79"),
        ("Thành phố Hồ Chí Minh", "new:79"),
        ("TP\u00a0Huế", "old:46"),
        ("Thanh Hoá", "old:38"),
        ("BR-VT", "old:77"),
        ("\u200bHà Tĩnh", "old:42"),
        ("Nghệ An, Việt Nam", "old:40"),
        ("ĐN", "unknown"),
        ("QN", "unknown"),
        ("", "unknown"),
        ("Atlantis", "unknown"),
        ("Hàn Quốc", "foreign"),
    ],
    ids=lambda value: repr(value),
)
def test_a_city_field_is_placed_or_left_unknown(written: str, key: str) -> None:
    assert places.resolve(written, "", "", "", before_merger=False).place == key


@pytest.mark.parametrize(
    ("written", "key"), [("Gia Lai", "old:64"), ("TP.HCM", "old:79"), ("Đà Nẵng", "old:48"), ("Huế", "old:46")]
)
def test_a_record_from_before_the_merger_means_the_former_province(written: str, key: str) -> None:
    assert places.resolve(written, "", "", "", before_merger=True).place == key


def test_every_proper_name_is_its_own_key_or_todays_namesake() -> None:
    for former in places.FORMER_PROVINCES:
        key = places.resolve(former.name, "", "", "", before_merger=False).place
        assert places.mask_of(key) & former.mask


def test_the_same_number_means_two_places() -> None:
    assert places.name_of("old:52") == "Bình Định"
    assert places.name_of("new:52") == "Gia Lai"
    assert not places.area("old:64").mask & places.area("old:52").mask
    assert places.area("new:52").mask == places.area("old:64").mask | places.area("old:52").mask


@pytest.mark.parametrize(
    ("selector", "said"),
    [
        ("52", r"old:52 \(Bình Định\) or new:52 \(Gia Lai\)"),
        ("Gia Lai", "more than one place: write new:52"),
        ("Thanh Hoaa", r"Thanh Hóa \(new:38\)"),
        ("old:5", "not a valid code of the 63"),
        ("new:99", "not a valid code of the 34"),
        ("region:tay-nguen", "there are region:"),
        ("ward:1990", "not a valid code of the 3321 wards"),
        ("ward:4606", r"did you mean ward:04606 \(Xã Trạm Tấu, Lào Cai\)"),
        ("19900", r"write ward:19900 \(Phường Thuận An, Huế\)"),
        ("Phường Thuận An", r"means 2 wards: write ward:19900 .*ward:25978"),
        ("Hạnh Phúc", r"ward:01618 .*ward:04585"),
        ("old:46 - new:46", "nothing is left"),
        ("old:46 - Hếu", "Huế"),
        ("", "neither a province nor a ward"),
    ],
)
def test_an_unclear_selector_names_what_may_be_meant(selector: str, said: str) -> None:
    with pytest.raises(places.PlaceUnknown, match=said):
        places.area(selector)


@pytest.mark.parametrize(
    ("selector", "former", "wards", "out"),
    [
        ("region:coastal - new:46", 27, 0, 0),
        ("new:52 - old:64", 1, 0, 0),
        ("Phường Thuận An, Huế", 0, 1, 0),
        ("Thuận An, Huế", 0, 1, 0),
        ("xã Trạm Tấu", 0, 1, 0),
        ("xa tram tau", 0, 1, 0),
        ("new:46 - ward:19900", 1, 0, 1),
        ("new:46 - ward:19900 + ward:19900", 1, 0, 0),
        ("ward:19900 + ward:25978 - old:74", 0, 1, 0),
        ("ward:19900 + new:46", 1, 0, 0),
        ("new:46 - ward:19900 - ward:25978", 1, 0, 1),
        ("Bà Rịa - Vũng Tàu", 1, 0, 0),
    ],
)
def test_selectors_are_sets(selector: str, former: int, wards: int, out: int) -> None:
    found = places.area(selector)
    assert (found.mask.bit_count(), len(found.wards), len(found.without)) == (former, wards, out)
    assert found.label == selector


def test_only_all_is_everyone() -> None:
    assert places.area("all").everyone
    assert not any(places.area(row.key).everyone for row in places.list_areas())


def test_search_finds_by_part_and_by_alias() -> None:
    assert [row.key for row in places.search("binh dinh")] == ["old:52", "ward:13186", "ward:21907"]
    assert "new:79" in [row.key for row in places.search("sai gon")]
    with pytest.raises(places.PlaceUnknown):
        places.search("zzz")


def test_a_town_that_was_larger_than_the_ward_of_its_name_is_told() -> None:
    (meaning,) = places.meanings("Đông Hà")
    assert (meaning.kind, meaning.key, meaning.name) == (places.Kind.WARD, "ward:19333", "Phường Đông Hà, Quảng Trị")
    assert (meaning.sign, meaning.wards) == ("+", 1)
    town = meaning.namesakes[0]
    assert (town.kind, town.type, town.name, town.place) == (places.Kind.FORMER_DISTRICT, "thành phố", "Đông Hà", "old:45")
    assert (town.former_wards, town.wards, town.is_larger, town.is_covered) == (9, ("19333", "19351"), True, False)
    assert {other.place for other in meaning.namesakes[1:]} == {"old:02", "old:60"}  # communes of the name, far away


@pytest.mark.parametrize("written", ["ward:19333", "phường Đông Hà", "new:44", "old:45", "all", "coastal", "region:tay-nguyen"])
def test_what_is_said_without_doubt_has_no_namesakes(written: str) -> None:
    assert [meaning.namesakes for meaning in places.meanings(written)] == [()]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("Bình Định", [("+", "former-province", "old:52", "Bình Định", 58)]),
        ("Huế", [("+", "province", "new:46", "Huế", 40)]),
        ("all", [("+", "all", "all", "cả nước", 3321)]),
        ("Bà Rịa - Vũng Tàu", [("+", "former-province", "old:77", "Bà Rịa - Vũng Tàu", 30)]),
        (
            "region:tay-nguyen - old:68",
            [("+", "region", "region:tay-nguyen", "Tây Nguyên", 264), ("-", "former-province", "old:68", "Lâm Đồng", 51)],
        ),
    ],
)
def test_each_step_of_a_selector_says_what_it_was_taken_for(written: str, told: list[tuple[object, ...]]) -> None:
    found = places.meanings(written)
    assert [(m.sign, m.kind.value, m.key, m.name, m.wards) for m in found] == told


def test_a_ward_inside_the_province_of_its_name_is_covered_and_one_elsewhere_is_not() -> None:
    (meaning,) = places.meanings("Bình Định")
    wards = {other.place: other.is_covered for other in meaning.namesakes if other.kind is places.Kind.WARD}
    assert wards == {"old:52": True, "old:34": False}
    assert not any(other.is_larger for other in meaning.namesakes)


def test_a_province_beside_the_name_leaves_its_own_namesakes() -> None:
    (meaning,) = places.meanings("Đông Hà, Quảng Trị")
    assert [other.place for other in meaning.namesakes] == ["old:45"]


@pytest.mark.parametrize(
    ("written", "town"),
    [("Vinh", "thành phố Vinh (former Nghệ An)"), ("TP Vinh", "thành phố Vinh"), ("Quận 1", "quận 1 (former Hồ Chí Minh)")],
)
def test_a_town_that_no_ward_is_named_after_leads_to_its_wards(written: str, town: str) -> None:
    with pytest.raises(places.PlaceUnknown, match="is neither a province nor a ward; the former") as caught:
        places.area(written)
    assert town in str(caught.value)
    wards = str(caught.value).split(" is ")[-1]
    assert wards.count("ward:") > 1
    assert len(places.area(wards).wards) == wards.count("ward:")  # what it says to write can be written


def test_what_is_no_place_has_no_meaning() -> None:
    with pytest.raises(places.PlaceUnknown):
        places.meanings("Atlantis")


@pytest.mark.parametrize(
    "selector", ["all", "new:44", "old:45", "Hà Nôi", "region:tay-nguyen", "ward:19333", "Đông Hà", "new:44 - Đông Hà"]
)
def test_what_a_selector_was_taken_for_is_told_at_less_cost(selector):
    quick, whole = places.taken_for(selector), places.meanings(selector)
    assert [(one.sign, one.text, one.kind, one.key, one.name) for one in quick] == [
        (one.sign, one.text, one.kind, one.key, one.name) for one in whole
    ]
    larger = [[other for other in one.namesakes if other.is_larger] for one in whole]
    assert [[other for other in one.namesakes if other.is_larger] for one in quick] == larger


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Tây Nguyên", '"Tây Nguyên" là một vùng: hãy ghi region:tay-nguyen'),
        ("45", '"45": mã phải ghi rõ thuộc danh sách nào; hãy ghi old:45 (Quảng Trị)'),
        ("new:1", '"new:1" không phải mã của 34 tỉnh, thành phố hiện nay; có phải là new:01 (Hà Nội) không?'),
        ("ward:1", '"ward:1" không phải mã của 3321 phường, xã hiện nay; tìm theo tên bằng ⟨places search⟩'),
        ("Vinh", "thành phố Vinh cũ (tỉnh cũ Nghệ An) nay là ward:16681"),
        ("Quảng Trị", "new:44 (hiện nay, gồm tỉnh cũ Quảng Bình, Quảng Trị); old:45 (tỉnh cũ Quảng Trị)"),
    ],
)
def test_what_names_no_place_is_said_in_vietnamese_with_what_to_write(typed: str, said: str) -> None:
    with pytest.raises(places.PlaceUnknown) as caught:
        places.area(typed)
    assert said in said_in(str(caught.value), catalogue_of(Language.VI))
