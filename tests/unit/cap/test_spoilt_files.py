"""Files spoilt at random and files made to do harm: each ends in an alert or in sentences, with bounded work."""

import sys

import pytest

from tests.cap_documents import AREA, INFO_VI, spoilt, storm
from tests.unit.cap.test_round_trip import is_valid
from zalo_alert.cap.document import Area, Named
from zalo_alert.cap.read import read
from zalo_alert.cap.write import write
from zalo_alert.places.units import wards

DATA = write(storm())
TWO = write(storm(infos=(INFO_VI, INFO_VI)))
WORK = 60  # calls of functions, ours and Python's own, for each byte


def calls_of(data):
    """Read a file; return what came of it, and how many functions were called for it."""
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        found = read(data, "tin.xml")
    finally:
        sys.setprofile(before)
    return found, calls


def check(seed):
    data = spoilt(TWO if seed % 3 else DATA, seed)

    (alert, findings), calls = calls_of(data)

    assert alert is not None or any(one.is_error for one in findings)
    assert all(one.message and one.fix and one.place.startswith("/") for one in findings)
    assert calls < WORK * (len(data) + 1_000)
    taken_all_the_same = {"W202", "W203"}  # spaces round a word, a word of CAP 1.0
    if alert is not None and not taken_all_the_same & {one.code for one in findings}:
        assert is_valid(data), data
        assert read(write(alert), "tin.xml").alert == alert


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_spoilt_files_are_read_or_named_and_what_is_read_is_valid(first):
    for seed in range(first, first + 50):
        check(seed)


@pytest.mark.long
@pytest.mark.parametrize("first", range(0, 10_000, 500))
def test_ten_thousand_spoilt_files_are_read_or_named_and_what_is_read_is_valid(first):
    for seed in range(first, first + 500):
        check(seed)


def within(text, *, old="<note>"):
    return DATA.replace(old.encode(), (text + old).encode(), 1)


def texted(text):
    return DATA.replace("thay tin lúc 11 giờ".encode(), text.encode(), 1)


MIB = 2**20 - len(DATA) - 100
WARDS = [Area(area_desc=f"{ward.type} {ward.name}", geocodes=(Named("VN-DVHC-2025", code),)) for code, ward in wards().items()]
AREAS = (AREA,) * 10 + (*WARDS, *WARDS)[:4_990]
HOSTILE = {
    "billion laughs": (b'<!DOCTYPE l [<!ENTITY a "ha">' + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a;" * 10) for n in range(99))
                       + b"]>" + DATA[39:], "E007"),
    "an entity of half a megabyte, ten thousand times": (b'<!DOCTYPE l [<!ENTITY a "%s">]>' % (b"x" * 500_000) + b"<l>"
                                                         + b"&a;" * 10_000 + b"</l>", "E007"),
    "a DOCTYPE that fetches": (b'<!DOCTYPE alert SYSTEM "http://127.0.0.1/x.dtd">' + DATA[39:], "E007"),
    "attributes by the ten thousand": (within("<note " + " ".join(f'a{n}="{n}"' for n in range(70_000)) + "/>"), "E014"),
    "namespaces by the ten thousand": (within("<note " + " ".join(f'xmlns:a{n}="u{n}"' for n in range(40_000)) + "/>"), "E104"),
    "one text of a megabyte": (texted("x" * MIB), "E270"),
    "one text of references": (DATA.replace(b"pctt@example.gov.vn,TW-260918-02", b"a,b,c " * 8_000), "E220"),
    "a megabyte of <area>": (within("<area>" * (MIB // 6)), "E011"),
    "a megabyte of areas": (within("<area/>" * 49_000, old="<geocode>"), "E103"),
    "a megabyte of areas in an info": (DATA.replace(b"</info>", b"<area/>" * 49_000 + b"</info>"), "E101"),
    "a megabyte of strangers": (within("<areas/>" * 49_000), "E103"),
    "a megabyte of wrong categories": (DATA.replace(b"<event>", b"<category>x</category>" * 45_000 + b"<event>"), "E201"),
    "a megabyte of quotation marks": (DATA.replace('"bão số 7"'.encode(), b'"' * 40_001), "W280"),
    "a megabyte of <": (texted("&lt;a " * 8_000), "W110"),
    "a megabyte of ampersands": (texted("&#38;" * 9_000), "W110"),
    "a hundred thousand corners": (DATA.replace(b"16.50,107.10 16.90", b"16.5,107.1 " * 90_000 + b"16.90"), "E231"),
    "outlines by the thousand": (DATA.replace(b"<geocode>", b"<polygon>1,1 2,2 1,2 2,1 1,1</polygon>" * 20_000 + b"<geocode>", 1),
                                 "E504"),
    "instructions to programs": (texted("<?p x?>" * (MIB // 8)), "W110"),
    "comments": (texted("x" + "<!---->" * (MIB // 8)), "W110"),
    "CDATA": (texted("x<![CDATA[]]>" * (MIB // 14)), "E270"),
    "a name of a megabyte": (within("<" + "a" * MIB + "/>"), "E103"),
    "a NUL": (texted("\0"), "E006"),
    "a NUL by number": (texted("&#0;"), "E006"),
    "infos by the hundred thousand": (within("<info/>" * 149_000), "E013"),
}  # fmt: skip
# Counting calls makes each take long.
LONG = {
    "a megabyte of areas", "a megabyte of areas in an info", "a megabyte of strangers", "a megabyte of wrong categories",
    "outlines by the thousand", "one text of references",
}  # fmt: skip


@pytest.mark.parametrize(
    ("data", "code"), [pytest.param(*case, id=name, marks=[pytest.mark.long] * (name in LONG)) for name, case in HOSTILE.items()]
)
def test_files_made_to_do_harm_cost_no_more_than_their_length(data, code):
    assert len(data) <= 2**20

    (_alert, findings), calls = calls_of(data)

    assert len(findings) < 300
    assert sum(len(one.message) for one in findings) < 50_000
    assert calls < WORK * len(data)
    if code != "W110":
        assert code in {one.code for one in findings}


@pytest.mark.slow
def test_five_thousand_areas_are_taken():
    data = write(storm(info_areas=AREAS))

    alert, findings = read(data, "tin.xml")

    assert len(data) < 2**20
    assert findings == ()
    assert alert is not None
    assert len(alert.infos[0].areas) == 5_000
