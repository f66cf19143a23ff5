"""One document for each thing that is found beyond the form of a file, and one next to it in which nothing is."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cap_documents import AREA, EARLIER, INFO_VI, SENT, STORM, storm
from zalo_alert.cap import checks
from zalo_alert.cap.checks import check
from zalo_alert.cap.document import Circle, Named, Point, Resource
from zalo_alert.cap.finding import MAX_ALIKE, Gathered
from zalo_alert.cap.read import read
from zalo_alert.cap.write import write

HOUR = timedelta(hours=1)
ENGLISH = replace(
    INFO_VI, language="en-US", event="Storm", sender_name="Quang Tri Civil Defence", headline="Storm 7, risk level 4/5",
    description="The storm makes landfall on Saturday between 2 and 6 a.m.", instruction="Leave by 8 p.m.",
)  # fmt: skip
HUE = replace(AREA, area_desc="Thành phố Huế", geocodes=(Named("VN-DVHC-2025", "46"),), polygons=())


def outline(text):
    return tuple(Point(*map(Decimal, pair.split(","))) for pair in text.split())


def code(name, value):
    return {"area_geocodes": (Named(name, value),)}


def circle(lat, lon, radius):
    return {"area_circles": (Circle(Decimal(lat), Decimal(lon), Decimal(radius)),)}


def resource(**changes):
    return {"info_resources": (replace(Resource(resource_desc="Loa", mime_type="audio/mpeg"), **changes),)}


def infos(*every):
    return {"infos": every}


# What is changed in the sound alert; the finding and its place below /alert; a change beside it with no finding of that code.
FINDINGS = {
    "E301": ({"sender": "ban chỉ huy"}, "sender", {"sender": "ban-chỉ-huy"}),
    "E302": ({"scope": "Private"}, "addresses", {"scope": "Private", "addresses": ("PCTT Huế",)}),
    "W303": ({"scope": "Restricted"}, "restriction", {"scope": "Restricted", "restriction": "cán bộ"}),
    "W304": ({"restriction": "cán bộ"}, "restriction", {}),
    "E305": ({"references": ()}, "references", {"references": (), "msg_type": "Alert"}),
    "E306": ({"references": (STORM.reference,)}, "references", {}),
    "E307": ({"references": (EARLIER._replace(sent=SENT + HOUR),)}, "references", {"references": (EARLIER._replace(sent=SENT),)}),
    "W308": ({"references": (EARLIER, EARLIER)}, "references", {}),
    "E309": ({"infos": (), "msg_type": "Alert"}, "info", {"infos": (), "msg_type": "Cancel"}),
    "W309": ({"infos": ()}, "info", {"infos": (), "msg_type": "Ack"}),
    "W310": ({"msg_type": "Error", "note": ""}, "note", {"msg_type": "Error"}),
    "W311": ({"status": "Exercise", "note": ""}, "note", {"status": "Actual", "note": ""}),
    "W401": ({"info_language": ""}, "info[1]/language", {"info_language": "vi"}),
    "E402": ({"info_description": ""}, "info[1]/description", {"info_description": "", "msg_type": "Cancel"}),
    "W402": ({"info_description": "", "msg_type": "Cancel"}, "info[1]/description", {}),
    "E403": ({"info_expires": None}, "info[1]/expires", {"info_expires": None, "msg_type": "Cancel"}),
    "W403": ({"info_expires": None, "msg_type": "Cancel"}, "info[1]/expires", {}),
    "E404": ({"info_areas": ()}, "info[1]/area", {"info_areas": (), "msg_type": "Cancel"}),
    "W404": ({"info_areas": (), "msg_type": "Cancel"}, "info[1]/area", {}),
    "W405": ({"info_instruction": ""}, "info[1]/instruction", {}),
    "W406": ({"info_headline": ""}, "info[1]/headline", {}),
    "W407": ({"info_response_types": ()}, "info[1]/responseType", {"info_response_types": ("None",)}),
    "W408": ({"info_sender_name": ""}, "info[1]/senderName", {}),
    "W409": ({"info_contact": ""}, "info[1]/contact", {}),
    "W410": ({"info_certainty": "Unknown"}, "info[1]/certainty", {"info_certainty": "Possible"}),
    "W411": ({"info_effective": SENT - HOUR}, "info[1]/effective", {"info_effective": SENT}),
    "W412": ({"info_onset": SENT - HOUR}, "info[1]/onset", {"info_onset": SENT}),
    "E413": ({"info_expires": SENT}, "info[1]/expires", {"info_expires": SENT + HOUR}),
    "W414": ({"info_headline": "B" * 141}, "info[1]/headline", {"info_headline": "B" * 140}),
    "W415": ({"info_headline": INFO_VI.description}, "info[1]/headline", {}),
    "W416": ({"info_instruction": INFO_VI.description}, "info[1]/instruction", {}),
    "E417": ({"info_web": "/tin/7"}, "info[1]/web", {"info_web": "https://x.gov.vn/tin/7"}),
    "W418": ({"info_web": "http://x.gov.vn"}, "info[1]/web", {"info_web": "HTTPS://x.gov.vn"}),
    "W420": (resource(mime_type="ảnh"), "info[1]/resource[1]/mimeType", resource(mime_type="text/plain; charset=utf-8")),
    "W421": (resource(size=-1), "info[1]/resource[1]/size", resource(size=0)),
    "W422": (resource(uri="b.png"), "info[1]/resource[1]/uri", resource(uri="b.png", deref_uri="iVBORw0KGgo=")),
    "W423": (resource(digest="abc"), "info[1]/resource[1]/digest", resource(digest="0aF1" * 10)),
    "W430": (infos(ENGLISH), "info", infos(ENGLISH, INFO_VI)),
    "W431": (infos(INFO_VI, replace(ENGLISH, categories=("Geo",))), "info[2]/category[1]", infos(INFO_VI, ENGLISH)),
    "W432": (infos(INFO_VI, replace(ENGLISH, event_codes=())), "info[2]/eventCode[1]", infos(INFO_VI, ENGLISH)),
    "W433": (infos(INFO_VI, replace(INFO_VI, event="Lũ")), "info[2]/event", infos(INFO_VI, replace(INFO_VI, areas=(HUE,)))),
    "W434": (infos(INFO_VI, replace(ENGLISH, severity="Minor")), "info[2]/severity",
             infos(INFO_VI, replace(ENGLISH, severity="Minor", areas=(HUE,)))),
    "W435": (infos(INFO_VI, ENGLISH, replace(INFO_VI, areas=(HUE,))), "info[3]",
             infos(INFO_VI, ENGLISH, replace(INFO_VI, areas=(HUE,)), replace(ENGLISH, areas=(HUE,)))),
    "W501": ({"area_polygons": (), "area_geocodes": ()}, "info[1]/area[1]", {"area_polygons": ()}),
    "E502": ({"area_polygons": (outline("16,107 17,107 16,107"),)}, "info[1]/area[1]/polygon[1]", {}),
    "E503": ({"area_polygons": (outline("16,107 17,107 17,108 16,108"),)}, "info[1]/area[1]/polygon[1]",
             {"area_polygons": (outline("16,107 17,107 17,108 16.0,107.00"),)}),
    "E504": ({"area_polygons": (outline("16,107 17,108 16,108 17,107 16,107"),)}, "info[1]/area[1]/polygon[1]", {}),
    "W504": ({"area_polygons": (outline("16,107 17,107 17,108 16.5,107 16,108 16,107"),)}, "info[1]/area[1]/polygon[1]", {}),
    "W505": ({"area_polygons": (outline("16,107 17,107 17,108 " + "16.5,107.5 " * 9_990 + "16,107"),) * 3},
             "info[1]/area[1]/polygon[3]", {}),
    "E506": ({"area_polygons": (outline("16,107 17,107 17,107 16,107"),)}, "info[1]/area[1]/polygon[1]", {}),
    "W507": ({"area_polygons": (outline("26,107 27,107 27,108 26,107"),)}, "info[1]/area[1]/polygon[1]",
             {"area_polygons": (outline("7.4,113.8 9,111 12,117.3 7.4,113.8"),)}),
    "E508": (circle("107", "16", "5"), "info[1]/area[1]/circle[1]", circle("16", "107", "5")),
    "E509": (circle("1070", "16", "5"), "info[1]/area[1]/circle[1]", circle("16", "107", "5")),
    "E510": ({"area_ceiling": Decimal(9)}, "info[1]/area[1]/ceiling", {"area_ceiling": Decimal(9), "area_altitude": Decimal(9)}),
    "E511": ({"area_ceiling": Decimal(8), "area_altitude": Decimal(9)}, "info[1]/area[1]/ceiling", {"area_altitude": Decimal(9)}),
    "E512": (circle("16", "107", "-1"), "info[1]/area[1]/circle[1]", circle("16", "107", "0.1")),
    "W513": (circle("16", "107", "0.0"), "info[1]/area[1]/circle[1]", circle("16", "107", "0.1")),
    "W514": (circle("16", "107", "50000"), "info[1]/area[1]/circle[1]", circle("16", "107", "2000")),
    "W515": (code("ISO-3166-2", "VN-25"), "info[1]/area[1]/geocode[1]/valueName", code("VN-DVHC-2025", "00004")),
    "E516": (code("VN-DVHC-2025", "4"), "info[1]/area[1]/geocode[1]/value", code("VN-DVHC-2025", "04")),
    "E517": (code("VN-DVHC-2025", "99999"), "info[1]/area[1]/geocode[1]/value", code("VN-DVHC-2025", "19900")),
    "W518": (code("VN-DVHC-2025", "48"), "info[1]/area[1]/geocode[1]/value", code("VN-DVHC-2025", "19900")),
    "W601": ({"info_instruction": "Ở trong nhà.<br/>"}, "info[1]/instruction", {"info_instruction": "Gió < cấp 6 & mưa > 9 mm"}),
    "W602": (infos(INFO_VI, replace(ENGLISH, instruction=INFO_VI.instruction)), "info[2]/instruction", infos(INFO_VI, ENGLISH)),
}  # fmt: skip


def findings(alert):
    gathered = Gathered()
    check(alert, gathered)
    return {(one.code, one.place) for one in gathered.sorted({})}


@pytest.mark.parametrize("code", FINDINGS)
def test_what_breaks_a_rule_is_found_at_its_place_and_what_is_next_to_it_is_not(code):
    wrong, place, right = FINDINGS[code]

    assert (code, f"/alert/{place}") in findings(storm(**wrong))
    assert code not in {found for found, _place in findings(storm(**right))}


SENT_AT, REFERRED, CORNERS = "2026-09-18T14:00:00+07:00</sent>", "2026-09-18T11:00:00+07:00", "16.50,107.10 16.90"


def instead(old, *texts, end=""):
    return [(old, text + end) for text in texts]


# What is written instead of something sound, by the code of what is found then.
VALUES = {
    "E210": instead(SENT_AT, "2026-09-18T14:00+07:00", "٢٠٢٦-09-18T14:00:00+07:00", "2026-09-18T14:00:00.5+07:00", end="</sent>"),
    "E213": instead(SENT_AT, *(f"{year}-09-18T14:00:00+07:00" for year in ("0000", "0001", "1969", "9999")), end="</sent>"),
    "E214": instead(SENT_AT, "2026-09-18T14:00:60+07:00</sent>"),
    "E215": instead(SENT_AT, *(f"2026-09-18T14:00:00{offset}" for offset in ("+07:60", "+14:01", "-99:00")), end="</sent>"),
    "E216": instead(SENT_AT, "2026-02-30T14:00:00+07:00", "2026-09-18T24:00:00+07:00", end="</sent>"),
    "E220": [("pctt@example.gov.vn,TW", "TW"), (REFERRED, "")],
    "E221": instead(REFERRED, "2026-09-18", "2026-09-18T11:00:00Z"),
    "E230": instead(CORNERS, *["16.50;107.10", "16.50", "1e309,1", "NaN,1", "١٦,107", "1,2,3", "16.50,107.10\xa0"], end=" 16.90"),
    "E231": instead(CORNERS, "16,107 " * 10_001 + "16.90"),
    "E232": instead("16.50,107.10 16.90,107.10 16.90,107.60 16.50,107.10", " "),
    "E240": instead("<geocode>", *(f"<circle>{wrong}</circle>" for wrong in ("16,107", "16,107 1 2", "16,107 Infinity", "")),
                    end="<geocode>"),
    "E250": instead("120000", "12 kB", "1e3", "1" * 30, "١", ""),
    "E260": instead("vi-VN", "tiếng Việt", "vi_VN", ""),
    "E270": instead("Bão số 7 vào", "x" * 50_001),
    "W203": instead("Likely", "Very Likely"),
    "W280": instead('"bão số 7"', '"bão số 7'),
    "E105": [("<note>", '<note xml:space="preserve">'), ("<note>", '<note a="">'), ("<info>", "<info lang='vi'>")],
    "E106": instead("thay tin", "thay <b>tin</b>"),
    "E107": instead("<note>", '<x xmlns="urn:x"/><note>'),
    "E108": [("<event>Bão<", "<event> <"), ("VN-DVHC-2025", "")],
    "E111": [("<info>", "<info>Bão"), ("</alert>", "Bão</alert>")],
    "E104": instead("<note>", "<source>Tin khác</source><note>"),
    "E012": instead("<note>", "<code>a</code>" * 50_000 + "<note>"),
    "E013": instead("</alert>", "<info/>" * 101 + "</alert>"),
    "E011": instead("<note>", "<a>" * 21 + "<note>"),
    "E014": instead("<note>", "<note " + " ".join(f'a{number}=""' for number in range(101)) + ">"),
}  # fmt: skip
TEXT = write(STORM).decode()


@pytest.mark.parametrize(("code", "old", "new"), [(code, *change) for code, changes in VALUES.items() for change in changes])
def test_what_cannot_be_read_is_named(code, old, new):
    assert TEXT.count(old) == 1 or old in ("<info>", REFERRED)

    alert, found = read(TEXT.replace(old, new, 1).encode(), "tin.xml")

    assert code in {one.code for one in found}
    assert code.startswith("W") or alert is None


def test_a_number_that_could_not_be_read_is_not_complained_of_twice():
    text = TEXT.replace("</geocode>", "</geocode><altitude>x</altitude><ceiling>3</ceiling>")
    text = text.replace("14:00:00+07:00</sent>", "14:00:00Z</sent>").replace("16.50,107.10 ", "16.50 ")

    assert [one.code for one in read(text.encode(), "tin.xml").findings] == ["E211", "E230", "E250"]


def test_thousands_of_faults_of_one_kind_are_counted():
    found = read(TEXT.replace("<code>", "<x/>" * 5_000 + "<code>").encode(), "tin.xml").findings

    assert len(found) == MAX_ALIKE + 1
    assert found[-1].message == "4980 more of E103"
    assert found[-1].is_error


def test_every_code_has_a_test():
    """Codes are what scripts and people look up: each one in the code stands in a table of this folder."""
    room, tests = Path(checks.__file__).parent, Path(__file__).parent
    codes = {code for file in room.glob("*.py") for code in re.findall(r'"([EW][0-9]{3})"', file.read_text(encoding="utf-8"))}
    tested = "".join(file.read_text(encoding="utf-8") for file in tests.glob("*.py"))

    assert len(codes) > 80
    assert {code for code in codes if f'"{code}"' not in tested} == set()
