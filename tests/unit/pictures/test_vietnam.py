"""The map: what it says of each province, and that no map comes without the islands."""

from xml.etree import ElementTree

import pytest

from zalo_alert.language import Language
from zalo_alert.pictures import Shade, map_of_vietnam
from zalo_alert.places.tables import FORMER_PROVINCES, PROVINCES

SVG = "{http://www.w3.org/2000/svg}"
EVERYONE = {province.key: Shade(0.5, "") for province in PROVINCES}
NAMES = [
    "Q.đ. Hoàng Sa", "Q.đ. Trường Sa", "BIỂN ĐÔNG", "Phú Quốc", "Thổ Châu", "Kiên Hải", "Côn Đảo", "Phú Quý", "Lý Sơn",
    "Cù Lao Chàm", "Cồn Cỏ", "Bạch Long Vĩ", "Cát Bà", "Cô Tô", "Vân Đồn",
]  # fmt: skip


def areas(svg):
    """Return class, title and number of dots by code."""
    return {
        area.attrib["data-code"]: (
            area.attrib["class"].split()[-1],
            area.findtext(f"{SVG}title"),
            len(area.findall(f"{SVG}circle")),
        )
        for area in ElementTree.fromstring(svg).iter(f"{SVG}g")
        if area.get("data-code")
    }


def words(svg):
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("compact", [False, True], ids=["full", "compact"])
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("numbers", [False, True], ids=["plain", "numbers"])
@pytest.mark.parametrize("shades", [{}, EVERYONE, {"new:01": Shade(1.0, "x")}], ids=["nobody", "everyone", "one"])
def test_every_map_names_both_archipelagos_and_every_island_district(shades, numbers, language, compact):
    svg = map_of_vietnam(shades, numbers=numbers, compact=compact, language=language)

    said = " ".join(words(svg))
    assert [name for name in NAMES if name not in said] == []
    assert areas(svg)["48"][2] == 16
    assert areas(svg)["56"][2] == 35


def test_all_63_are_drawn_and_a_former_province_goes_before_that_of_today():
    shades = {"new:44": Shade(0.9, ""), "old:45": Shade(0.1, "seen"), "new:56": Shade(0.3, "")}

    drawn = areas(map_of_vietnam(shades))

    assert sorted(drawn) == [former.code for former in FORMER_PROVINCES]
    assert drawn["44"][:2] == ("za-t4", "Quảng Bình: 90 % reached")
    assert drawn["45"][:2] == ("za-t0", "seen")
    assert drawn["58"][0] == drawn["56"][0] == "za-t1"
    assert drawn["01"][:2] == ("za-tnone", "Hà Nội: not in this run")


@pytest.mark.parametrize("compact", [False, True], ids=["full", "compact"])
def test_a_map_is_small_enough_for_a_page_that_is_loaded_every_second(compact):
    shades = {former.key: Shade(0.5, f"{former.name}: 1.234.567 người, 50 % đã nhận") for former in FORMER_PROVINCES}

    assert len(map_of_vietnam(shades, compact=compact).encode()) < 110_000


def test_numbers_are_rounded_down_and_shares_out_of_range_are_brought_into_it():
    shades = {"new:01": Shade(0.999, ""), "new:40": Shade(1.5, ""), "new:38": Shade(-1, ""), "new:14": Shade(float("nan"), "")}
    svg = map_of_vietnam(shades)

    assert [word for word in words(svg) if word.isdigit()] == ["99", "0", "100"]
    assert areas(svg)["14"][0] == "za-tnone"


def test_a_province_of_today_has_one_number_and_its_parts_one_each_where_one_is_named():
    whole, parts = {"new:44": Shade(0.5, "")}, {"new:44": Shade(0.5, ""), "old:45": Shade(0.2, "")}

    assert [word for word in words(map_of_vietnam(whole)) if word.isdigit()] == ["50"]
    assert sorted(word for word in words(map_of_vietnam(parts)) if word.isdigit()) == ["20", "50"]


def test_a_phone_has_numbers_only_where_there_is_room():
    shades = {province.key: Shade(0.5, "") for province in PROVINCES}

    assert words(map_of_vietnam(shades)).count("50") == 34
    assert 10 < words(map_of_vietnam(shades, compact=True)).count("50") < 34


def test_a_reader_who_sees_nothing_hears_the_least_reached_first():
    svg = map_of_vietnam({"new:44": Shade(0.5, ""), "old:45": Shade(0.2, "")})

    assert ElementTree.fromstring(svg).findtext(f"{SVG}desc") == (
        "Former provinces, the least reached first: Quảng Trị: 20 % reached, Quảng Bình: 50 % reached."
    )
    assert ElementTree.fromstring(map_of_vietnam({})).findtext(f"{SVG}desc") == "No province is in this run."


def test_keys_that_name_no_province_are_passed_over():
    assert map_of_vietnam({"ward:19333": Shade(0.5, "")}).count("za-tnone") == map_of_vietnam({}).count("za-tnone")
