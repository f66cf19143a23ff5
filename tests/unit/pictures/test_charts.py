"""Bars, the curve and the time line: what is drawn of few and of many, and that nothing of a stranger's breaks a picture."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zalo_alert.language import Language, persons
from zalo_alert.pictures import Bar, Lane, Mark, Shade, bars, map_of_vietnam, rate_curve, stylesheet, time_line
from zalo_alert.pictures.stylesheet import DARK, LIGHT

SVG = "{http://www.w3.org/2000/svg}"
EVENING_S = 1_795_780_800  # 27 November 2026, 19:00 in Vietnam
HOSTILE = '<script>alert("x")</script>&\x00\x1b[2J\ud800\ufffe‮ "onload=\'x\' ]]> <!-- -->'


def tree(svg):
    """Return the picture as XML, after the rules that hold for all of them."""
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root.get("aria-label") == root.findtext(f"{SVG}title") != ""
    ids = {one.get("id") for one in root.iter() if one.get("id")}
    assert root.get("aria-describedby") in ids
    for one in root.iter():
        assert one.tag.removeprefix(SVG) in TAGS
        assert "style" not in one.attrib
        assert not [name for name in one.attrib if name.startswith("on") or "href" in name]
        assert not [value for value in one.attrib.values() if value in ("nan", "inf", "-inf")]
        assert one.get("fill", "")[:5] != "url(#" or one.get("fill", "")[5:-1] in ids
    return root


TAGS = {"svg", "title", "desc", "defs", "pattern", "g", "path", "rect", "circle", "text", "tspan"}


def said(svg):
    return ["".join(text.itertext()) for text in tree(svg).iter(f"{SVG}text")]


def titles(svg):
    return [title.text for title in tree(svg).iter(f"{SVG}title")]


def widths(svg, tone):
    return [float(rect.attrib["width"]) for rect in tree(svg).iter(f"{SVG}rect") if rect.get("class") == f"za-s-{tone}"][1:]


texts = st.text(max_size=60) | st.just(HOSTILE)
instants = st.floats() | st.integers(-(10**12), 10**12) | st.integers(EVENING_S, EVENING_S + 10**6)
mark_lists = st.lists(
    st.builds(Mark, instants, texts, st.sampled_from(["halt", "stop", "onset", "expiry", "half"]) | texts), max_size=9
)
sizes = st.booleans()


@settings(max_examples=20, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["new:44", "old:45", "old:44", "new:01", "x"]) | texts, st.builds(Shade, st.none() | st.floats(), texts)
    ),
    sizes,
    sizes,
)
def test_a_map_is_well_formed_whatever_it_is_given(shades, numbers, compact):
    tree(map_of_vietnam(shades, numbers=numbers, compact=compact))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.builds(Bar, texts, st.lists(st.tuples(texts, st.integers(-5, 10**8)), max_size=5).map(tuple), texts), max_size=6),
    sizes,
)
def test_bars_are_well_formed_whatever_they_are_given(rows, compact):
    tree(bars(rows, compact=compact))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-(10**13), 10**13) | st.integers(EVENING_S, EVENING_S + 10**6), st.integers(-5, 10**8)), max_size=20
    ),
    st.lists(
        st.tuples(st.integers(-(10**13), 10**13) | st.integers(EVENING_S, EVENING_S + 10**6), st.integers(-5, 10**8)), max_size=20
    ),
    mark_lists,
    st.none() | st.floats(),
    sizes,
)
def test_a_curve_is_well_formed_whatever_it_is_given(by_minute, delivered, marks, planned, compact):
    tree(rate_curve(by_minute, marks, planned, delivered=delivered, compact=compact))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.builds(Lane, texts, instants, instants, mark_lists.map(tuple)), max_size=5), mark_lists, sizes)
def test_a_time_line_is_well_formed_whatever_it_is_given(lanes, marks, compact):
    tree(time_line(lanes, marks, compact=compact))


def test_a_hostile_name_is_shown_as_text_without_what_nobody_sees():
    svg = bars([Bar(HOSTILE, (("accepted", 3),))])

    assert "<script" not in svg
    assert titles(svg)[1].startswith('<script>alert("x")</script>&')
    assert not {"\x00", "\x1b", "\u202e"} & set(svg)


def test_one_person_among_millions_is_seen_and_counted():
    svg = bars([Bar("TP. Hồ Chí Minh", (("accepted", 37_000_000), ("unknown", 1)))])

    assert widths(svg, "unknown") == [2.0]
    assert sum(widths(svg, "accepted")) + 2.0 == pytest.approx(420, abs=0.2)
    assert "TP. Hồ Chí Minh: accepted: 37\u202f000\u202f000, unknown: 1" in titles(svg)


def test_bars_are_told_in_the_language_of_the_page():
    svg = bars([Bar("Huế", (("accepted", 12_345), ("odd word", 1)), persons(12_346))], language=Language.VI)

    assert said(svg) == ["Zalo đã nhận", "odd word", "Huế", "12.346 người"]


def test_bars_of_nobody_say_so():
    assert said(bars([])) == ["No places."]
    assert said(bars([Bar("Huế", (("accepted", 0),))])) == ["Huế", "0 people"]


def test_bars_keep_the_order_given():
    rows = [Bar(name, (("accepted", 1),)) for name in ("B", "A", "C")]

    assert [text for text in said(bars(rows)) if len(text) == 1] == ["B", "A", "C"]


def test_a_curve_says_where_nobody_was_accepted_and_marks_what_happened():
    minutes = [(EVENING_S + 60 * at, 100) for at in range(60) if not 20 <= at < 30]
    svg = rate_curve(minutes, [Mark(EVENING_S + 1200, "halted", "halt"), Mark(EVENING_S + 5400, "onset", "onset")], 120)
    gaps = [one.attrib["d"] for one in tree(svg).iter(f"{SVG}path") if one.get("class") == "za-nobody"]

    assert len(gaps) == 1
    assert {"halted", "onset", "planned: 120/min", "19:00", "27/11", "20:30"} <= set(said(svg))
    assert tree(svg).findtext(f"{SVG}desc") == "5000 people accepted from 19:00 to 20:00; at most 100 a minute."


def test_what_was_delivered_is_a_line_beside_the_curve_and_ends_soon_after_it():
    accepted = [(EVENING_S + 60 * at, 100) for at in range(60)]
    delivered = [(EVENING_S + 60 * at, 90) for at in range(2, 62)]
    late = (EVENING_S + 86_400 * 3, 5)  # a phone that was switched on three days later

    svg, same = (rate_curve(accepted, delivered=[*delivered, *others]) for others in ((), (late,)))
    [line] = [one for one in tree(svg).iter(f"{SVG}path") if one.get("class") == "za-arrived"]

    assert line.findtext(f"{SVG}title") == "delivered a minute"
    assert line.attrib["d"] == next(one.attrib["d"] for one in tree(same).iter(f"{SVG}path") if one.get("class") == "za-arrived")
    assert (tree(svg).findtext(f"{SVG}desc") or "").endswith("at most 100 a minute. 5400 messages delivered.")
    assert "za-arrived" not in rate_curve(accepted)


@pytest.mark.parametrize("minutes", [[], [(0, 0)], [(EVENING_S, 0)]], ids=["none", "no instant", "nobody"])
def test_a_curve_of_nobody_says_so(minutes):
    assert said(rate_curve(minutes)) == ["Nobody has been accepted yet."]


def test_a_curve_of_one_minute_is_a_bar_and_not_the_whole_width():
    svg = rate_curve([(EVENING_S, 7)])
    [path] = [one.attrib["d"] for one in tree(svg).iter(f"{SVG}path") if one.get("class") == "za-curve"]
    left, right = float(path[1:].split()[0]), float(path.split("H")[1].split("V")[0])

    assert 30 < right - left < 100


def test_a_curve_of_seven_days_is_coarser_and_says_so():
    svg = rate_curve([(EVENING_S + 60 * at, 3600) for at in range(10_080)], [Mark(EVENING_S + 86_400 * 40, "expires", "expiry")])

    assert "mean of 30 min" in said(svg)
    assert "expires →" in said(svg)
    assert len(svg) < 20_000
    assert "3000" in said(svg)


def test_a_time_line_draws_what_ends_before_it_begins_as_an_instant():
    svg = time_line([Lane("alert", EVENING_S, EVENING_S + 3600, ()), Lane("all-clear", EVENING_S + 7200, EVENING_S + 60, ())])

    assert [float(one.attrib["width"]) for one in tree(svg).iter(f"{SVG}rect")][1] == 3.0
    assert "alert: 19:00 to 20:00" in titles(svg)
    assert "all-clear: 21:00 to 21:00" in titles(svg)


def test_a_time_line_of_nothing_says_so():
    assert said(time_line([])) == ["Nothing has happened yet."]


def test_marks_with_little_room_keep_their_names_apart():
    marks = [Mark(EVENING_S + at, f"mark {at}", "halt") for at in range(9)]
    svg = rate_curve([(EVENING_S, 1), (EVENING_S + 60_000, 1)], marks)
    heights = [text.attrib["y"] for text in tree(svg).iter(f"{SVG}text") if (text.text or "").startswith("mark")]

    assert len(heights) == len(set(heights)) == 6
    assert {f"mark {at}" for at in range(9)} <= set(titles(svg))


def test_the_style_sheet_knows_every_class_that_has_a_colour():
    drawn = [
        map_of_vietnam({"new:01": Shade(0.1, "")}),
        bars([Bar("x", tuple((word, 1) for word in ("accepted", "rejected", "unknown", "expired", "withheld", "x")))]),
        rate_curve([(EVENING_S, 1), (EVENING_S + 600, 1)], [Mark(EVENING_S, "x", "halt")], 5),
    ]
    classes = {
        name
        for svg in drawn
        for one in tree(svg).iter()
        if one.get("fill") or one.get("stroke")
        for name in one.get("class", "").split()
    }

    assert [name for name in classes - PLAIN if f".{name}" not in stylesheet()] == []


PLAIN = {
    "za-area",
    "za-names",
    "za-legend",
    "za-numbers",
    "za-map",
    "za-bars",
    "za-rate",
    "za-archipelago",
    "za-of",
    "za-t0",
    "za-t1",
}


def test_a_picture_without_its_style_sheet_has_the_light_colours():
    rows = [Bar("x", tuple((word, 1) for word in ("accepted", "rejected", "withheld", "pending", "claimed", "deferred", "x")))]
    shares = {f"new:{code}": Shade(share, "") for code, share in (("01", 0.5), ("04", 0.7), ("08", 0.9))}
    drawn = [*tree(bars(rows)).iter(f"{SVG}rect"), *tree(map_of_vietnam(shares)).iter(f"{SVG}g")]
    classes = ("za-s-", "za-area ")
    coloured = [one for one in drawn if one.get("class", "").startswith(classes) and "url" not in one.attrib["fill"]]
    fills = {one.attrib["class"].split()[-1]: one.attrib["fill"] for one in coloured}

    assert {tone for tone, colour in fills.items() if colour != LIGHT[tone.removeprefix("za-s-").removeprefix("za-t")]} == set()
    assert len(fills) == 11


def test_light_and_dark_have_the_same_colours():
    assert LIGHT.keys() == DARK.keys()
    assert [name for name in re.findall(r"var\(--za-([a-z0-9-]+)\)", stylesheet()) if name not in LIGHT] == []


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_what_is_written_can_be_read_and_shares_differ_in_lightness(palette):
    assert all(contrast(palette[ink], palette["page"]) > 4.5 for ink in ("ink", "dim", "alarm"))
    assert all(contrast(palette["on-low"], palette[tone]) > 4.5 for tone in "012")
    assert all(contrast(palette["on-high"], palette[tone]) > 4.5 for tone in "34")
    assert all(contrast(palette[one], palette[other]) > 1.2 for one, other in pairwise("01234"))


def contrast(one, other):
    """Return the contrast of two colours as WCAG 2 reckons it: 4.5 is enough for text."""
    low, high = sorted((lightness(one), lightness(other)))
    return (high + 0.05) / (low + 0.05)


def lightness(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
