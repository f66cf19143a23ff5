"""Whatever is written is valid by the schema of OASIS, and read again it is the same."""

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
import xmlschema
from hypothesis import given, settings

from tests.cap_documents import ALERTS, AREA, EARLIER, SENT, SQUARE, STORM, storm
from zalo_alert.cap.document import Named, Point, Reference
from zalo_alert.cap.read import read
from zalo_alert.cap.write import write
from zalo_alert.errors import InputInvalid

SCHEMA = Path(__file__).parent.parent.parent / "data" / "cap" / "CAP-v1.2.xsd"


@cache
def oasis():
    """The schema of OASIS."""
    return xmlschema.XMLSchema(SCHEMA)


def is_valid(data):
    return oasis().is_valid(io.BytesIO(data))


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(ALERTS)
def test_any_alert_is_written_validly_and_read_again_as_it_was(alert):
    data = write(alert)

    assert is_valid(data)
    assert read(data, "x.xml").alert == alert


@pytest.mark.long
@settings(max_examples=1000, deadline=None)
@given(ALERTS)
def test_any_of_very_many_alerts_is_written_validly_and_read_again_as_it_was(alert):
    data = write(alert)

    assert is_valid(data)
    assert read(data, "x.xml").alert == alert


def test_a_sound_alert_has_no_findings():
    assert read(write(STORM), "x.xml") == (STORM, ())


def test_a_file_has_the_schemas_order_no_attributes_but_the_namespace_and_vietnams_whole_seconds():
    data = write(storm(sent=(SENT + timedelta(microseconds=5)).astimezone(UTC)))

    assert data.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">\n')
    assert data.count(b"=") == 3
    assert b"<sent>2026-09-18T14:00:00+07:00</sent>" in data


def test_a_reference_keeps_its_own_offset_because_other_systems_compare_text():
    earlier = [EARLIER, EARLIER._replace(sent=EARLIER.sent.astimezone(UTC))]

    data = write(storm(references=tuple(earlier)))

    name = b"pctt@example.gov.vn,TW-260918-02,"
    assert name + b"2026-09-18T11:00:00+07:00 " + name + b"2026-09-18T04:00:00-00:00<" in data


REFUSED = {
    "a NUL": ({"note": "a\0b"}, "/alert/note has the sign U+0000"),
    "half a pair": ({"info_headline": "\ud800"}, "/alert/info[1]/headline has the sign U+D800"),
    "a strange status": ({"status": "Live"}, '/alert/status says "Live"'),
    "no message type": ({"msg_type": ""}, "/alert/msgType is missing"),
    "a space for a sender": ({"sender": " "}, "/alert/sender is empty"),
    "no category": ({"info_categories": ()}, "/alert/info[1]/category is missing"),
    "a strange language": ({"info_language": "tiếng Việt"}, "/alert/info[1]/language says"),
    "no zone": ({"sent": datetime(2026, 9, 18)}, "/alert/sent is no instant"),  # noqa: DTZ001
    "another age": ({"info_expires": datetime(9999, 12, 31, 23, tzinfo=UTC)}, "/alert/info[1]/expires is no instant"),
    "the turn of an age": ({"sent": datetime(2100, 12, 31, 23, tzinfo=UTC)}, "/alert/sent is no instant"),
    "a comma in a name": ({"references": (Reference("a,b", "c", SENT),)}, "/alert/references names a message"),
    "quotes in a list": ({"addresses": ('a "b',)}, "/alert/addresses has a word"),
    "no corners": ({"area_polygons": (SQUARE, ())}, "/alert/info[1]/area[1]/polygon[2] has no points"),
    "no number": (
        {"area_polygons": ((Point(Decimal("NaN"), Decimal(1)),) * 4,)},
        "/alert/info[1]/area[1]/polygon[1] is no number",
    ),
    "no name of a list": ({"area_geocodes": (Named("", "44"),)}, "/alert/info[1]/area[1]/geocode[1]/valueName is missing"),
    "a long text": ({"info_description": "x" * 50_001}, "/alert/info[1]/description has"),
    "a long file": ({"info_areas": (AREA,) * 6_000}, "the alert has"),
}


@pytest.mark.parametrize(("changes", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_no_file_can_hold_is_refused_with_its_place(changes, sentence):
    with pytest.raises(InputInvalid) as caught:
        write(storm(**changes))

    assert str(caught.value).startswith(sentence)
