"""CAP documents to test with: a sound one, any one, and files spoilt at random."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import strategies as st

from zalo_alert.cap.document import Alert, Area, Circle, Info, Named, Point, Reference, Resource
from zalo_alert.cap.shape import ALERT, INFO
from zalo_alert.foundation.clock import VIETNAM

SENT = datetime(2026, 9, 18, 14, 0, tzinfo=VIETNAM)
EARLIER = Reference("pctt@example.gov.vn", "TW-260918-02", SENT - timedelta(hours=3))

CORNERS = "16.50,107.10 16.90,107.10 16.90,107.60 16.50,107.10"
SQUARE = tuple(Point(*map(Decimal, pair.split(","))) for pair in CORNERS.split())

AREA = Area(area_desc="Tỉnh Quảng Trị; thành phố Huế", polygons=(SQUARE,), geocodes=(Named("VN-DVHC-2025", "44"),))

INFO_VI = Info(
    language="vi-VN",
    categories=("Met",),
    event="Bão",
    response_types=("Evacuate", "Shelter"),
    urgency="Expected",
    severity="Extreme",
    certainty="Likely",
    event_codes=(Named("VN-THIEN-TAI", "bao"),),
    effective=SENT,
    onset=SENT + timedelta(hours=6),
    expires=SENT + timedelta(hours=22),
    sender_name="Ban Chỉ huy Phòng thủ dân sự tỉnh Quảng Trị",
    headline="Bão số 7, rủi ro cấp 4/5: Quảng Trị, Huế",
    description="Bão số 7 vào bờ từ 2 giờ đến 6 giờ sáng thứ Bảy 19/9.\nGió cấp 11–12, giật cấp 14.",
    instruction="Sơ tán trước 20 giờ (18/9). Từ 20 giờ ở trong nhà kiên cố.",
    web="https://phongchongthientai.example.gov.vn/bao-7",
    contact="112",
    parameters=(Named("VN-CAP-DO-RUI-RO", "4"),),
    resources=(Resource(resource_desc="Bản đồ", mime_type="image/png", size=120_000, uri="https://example.gov.vn/b.png"),),
    areas=(AREA,),
)

STORM = Alert(
    identifier="TW-260918-03",
    sender="pctt@example.gov.vn",
    sent=SENT,
    status="Actual",
    msg_type="Update",
    source="Tin bão khẩn cấp 13 giờ",
    scope="Public",
    codes=("VN-zalo-1",),
    note="thay tin lúc 11 giờ",
    references=(EARLIER,),
    incidents=("bão số 7",),
    infos=(INFO_VI,),
)


def storm(**changes):
    """Return the sound alert with other values; those of an info, of its area or its resource are named `info_…`, `area_…`."""
    info = {name.removeprefix("info_"): changes.pop(name) for name in list(changes) if name.startswith("info_")}
    area = {name.removeprefix("area_"): changes.pop(name) for name in list(changes) if name.startswith("area_")}
    if area:
        info["areas"] = (replace(AREA, **area),)
    if info:
        changes["infos"] = (replace(INFO_VI, **info),)
    return replace(STORM, **changes)


def _words(table, field):
    return st.sampled_from(next(slot.words for slot in table.slots if slot.field == field))


_SIGNS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff", include_characters="\t\n\r")
TEXTS = st.text(_SIGNS, max_size=30).map(lambda text: text.strip(" \t\r\n"))
SAID = TEXTS.filter(bool)
_NAMES = st.text(_SIGNS.filter(lambda sign: sign not in " \t\r\n,"), min_size=1, max_size=12)
_LISTED = SAID.filter(lambda word: not word.startswith('"') and not ('"' in word and any(gap in word for gap in " \t\r\n")))
_OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.builds(
    lambda at, zone: at.replace(microsecond=0, tzinfo=UTC).astimezone(zone),
    st.datetimes(datetime(1970, 1, 2), datetime(2100, 12, 30)),  # noqa: DTZ001 hypothesis wants the bounds without a zone
    _OFFSETS,
)
_DEGREES = st.decimals(-1000, 1000, places=6) | st.integers(-1000, 1000).map(Decimal)
_POLYGONS = st.lists(st.builds(Point, _DEGREES, _DEGREES), min_size=1, max_size=6).map(tuple)
_NAMED = st.builds(Named, SAID, SAID)
_NUMBERS = st.none() | st.decimals(-(10**9), 10**9, places=2)


def _several(one, least=0):
    return st.lists(one, min_size=least, max_size=2).map(tuple)


_RESOURCES = st.builds(
    Resource, resource_desc=SAID, mime_type=SAID, size=st.none() | st.integers(-(10**12), 10**12), uri=TEXTS, deref_uri=TEXTS,
    digest=TEXTS,
)  # fmt: skip
_AREAS = st.builds(
    Area, area_desc=SAID, polygons=_several(_POLYGONS), circles=_several(st.builds(Circle, _DEGREES, _DEGREES, _DEGREES)),
    geocodes=_several(_NAMED), altitude=_NUMBERS, ceiling=_NUMBERS,
)  # fmt: skip
_INFOS = st.builds(
    Info, language=st.sampled_from(["", "vi-VN", "en", "x-abc-12345678"]), categories=_several(_words(INFO, "categories"), 1),
    event=SAID, response_types=_several(_words(INFO, "response_types")), urgency=_words(INFO, "urgency"),
    severity=_words(INFO, "severity"), certainty=_words(INFO, "certainty"), audience=TEXTS, event_codes=_several(_NAMED),
    effective=st.none() | INSTANTS, onset=st.none() | INSTANTS, expires=st.none() | INSTANTS, sender_name=TEXTS, headline=TEXTS,
    description=TEXTS, instruction=TEXTS, web=TEXTS, contact=TEXTS, parameters=_several(_NAMED), resources=_several(_RESOURCES),
    areas=_several(_AREAS),
)  # fmt: skip
ALERTS = st.builds(
    Alert, identifier=SAID, sender=SAID, sent=INSTANTS, status=_words(ALERT, "status"), msg_type=_words(ALERT, "msg_type"),
    source=TEXTS, scope=_words(ALERT, "scope"), restriction=TEXTS, addresses=_several(_LISTED), codes=_several(TEXTS), note=TEXTS,
    references=_several(st.builds(Reference, _NAMES, _NAMES, INSTANTS)), incidents=_several(_LISTED), infos=_several(_INFOS),
)  # fmt: skip


def _flip(data, chance):
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ (1 << chance.randrange(8))]) + data[place + 1 :]


def _cut(data, chance):
    start = chance.randrange(len(data))
    return data[:start] + data[start + chance.randrange(1, 200) :]


def _tags(data):
    """Return where the elements of one line each stand."""
    lines = data.split(b"\n")
    return lines, [number for number, line in enumerate(lines) if b"</" in line and not line.strip().startswith(b"</")]


def _double(data, chance):
    lines, tags = _tags(data)
    number = chance.choice(tags) if tags else 0
    return b"\n".join([*lines[:number], *[lines[number]] * chance.choice([2, 3, 60]), *lines[number + 1 :]])


def _swap(data, chance):
    lines, tags = _tags(data)
    if len(tags) > 1:
        one, other = chance.sample(tags, 2)
        lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def _nest(data, chance):
    lines, tags = _tags(data)
    if tags:
        number = chance.choice(tags)
        lines[number] = b"<area>" * (depth := chance.choice([1, 3, 40])) + lines[number] + b"</area>" * depth
    return b"\n".join(lines)


def _lengthen(data, chance):
    lines, tags = _tags(data)
    if tags:
        number = chance.choice(tags)
        start, end = lines[number].rsplit(b"</", 1) if b"</" in lines[number] else (lines[number], b"")
        lines[number] = start + chance.choice(_STRANGE) * chance.choice([1, 1, 50, 3000]) + b"</" + end
    return b"\n".join(lines)


_STRANGE = [b"x", b"1,1 ", b"&amp;", b"&lt;b&gt;", b"<!-- -->", b"<?p ?>", b"<![CDATA[<]]>", b" ", "ữ".encode(), b"9", b'"',
            b"\0", b"Z", b"1e309", b"NaN", "٤".encode(), b"</info><info>", b"&#13;", b"&nbsp;", b"-"]  # fmt: skip
_WAYS = [_flip, _cut, _double, _swap, _nest, _lengthen]


def spoilt(data, seed):
    """Return a file with one to four faults put into it at random; the same for the same seed."""
    chance = random.Random(seed)
    for _number in range(chance.choice([1, 1, 2, 4])):
        data = chance.choice(_WAYS)(data, chance) if data else data
    return data
