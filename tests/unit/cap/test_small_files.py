"""Small files as they come from elsewhere: each is read, or refused by name, with the place of its fault."""

import pytest

from tests.cap_documents import storm
from zalo_alert.cap.read import read
from zalo_alert.cap.write import write

TEXT = write(storm()).decode()
NAMESPACE = ' xmlns="urn:oasis:names:tc:emergency:cap:1.2"'
BOMB = '<!DOCTYPE alert [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>\n<alert'
OUTSIDE = '<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<alert'
REFERENCES = "    <references>pctt@example.gov.vn,TW-260918-02,2026-09-18T11:00:00+07:00</references>\n".strip(" ")
OPEN = ("16.90,107.60 16.50,107.10<", "16.90,107.60<")
SWAPPED = (
    "16.50,107.10 16.90,107.10 16.90,107.60 16.50,107.10",
    "107.10,16.50 107.10,16.90 107.60,16.90 107.10,16.50",
)

# What is changed in the sound file, and then what is found: code, place, line.
FAULTS = {
    "a word that there is not": (">Update<", ">Amendment<", "E201", "/alert/msgType", 7),
    "a status that there is not": (">Actual<", ">Live<", "E201", "/alert/status", 6),
    "another order": ("<scope>Public</scope>\n  <code>VN-zalo-1</code>", "<code>VN-zalo-1</code>\n  <scope>Public</scope>",
                      "E102", "/alert/scope", 10),
    "Z": ("14:00:00+07:00</sent>", "07:00:00Z</sent>", "E211", "/alert/sent", 5),
    "no offset": ("14:00:00+07:00</sent>", "14:00:00</sent>", "E212", "/alert/sent", 5),
    "a cancellation of nothing": (REFERENCES, "", "E305", "/alert/references", 2),
    "an end before the message": ("2026-09-19T12:00:00+07:00</expires>", "2026-09-18T13:59:59+07:00</expires>",
                                  "E413", "/alert/info[1]/expires", 29),
    "a space in a name": (">TW-260918-03<", ">TW 260918 03<", "E301", "/alert/identifier", 3),
    "an open outline": (*OPEN, "E502", "/alert/info[1]/area[1]/polygon[1]", 49),
    "latitude and longitude exchanged": (*SWAPPED, "E508", "/alert/info[1]/area[1]/polygon[1]", 49),
    "an element that there is not": ("<note>", "<remark/><note>", "E103", "/alert/remark", 11),
    "an element too many": ("<note>", "<source/><note>", "E102", "/alert/source[2]", 11),
    "no sender": ("  <sender>pctt@example.gov.vn</sender>\n", "", "E101", "/alert/sender", 2),
    "CAP 1.1": ("cap:1.2", "cap:1.1", "E008", "/", 2),
    "CAP 1.0": ("urn:oasis:names:tc:emergency:cap:1.2", "http://www.incident.com/cap/1.0", "E008", "/", 2),
    "no namespace": (NAMESPACE, "", "E009", "/", 2),
    "entities that swell": ("<alert", BOMB, "E007", "/", 2),
    "an entity from elsewhere": ("<alert", OUTSIDE, "E007", "/", 2),
    "a web page": ("<alert", "<!DOCTYPE html><html><body><p>403<br></body></html><alert", "E003", "/", 0),
    "an Atom feed": ("<alert" + NAMESPACE, '<feed xmlns="http://www.w3.org/2005/Atom"', "E010", "/", 2),
    "an envelope": ("<alert" + NAMESPACE, '<EDXLDistribution xmlns="urn:oasis:names:tc:emergency:EDXL:DE:1.0"', "E010", "/", 2),
    "an answer in SOAP": ("<alert" + NAMESPACE, '<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"', "E010", "/", 2),
    "something else": ("<alert" + NAMESPACE, "<note", "E010", "/", 2),
    "a cut file": ("</info>\n</alert>", "</inf", "E006", "/", 55),
    "a bare &": ("Quảng Trị, Huế<", "Quảng Trị & Huế<", "E006", "/", 31),
    "an entity of HTML": ("Quảng Trị, Huế<", "Quảng Trị&nbsp;Huế<", "E006", "/", 31),
    "a declared encoding": ("UTF-8", "TCVN-5712", "E004", "/", 1),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "place", "line"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_named_with_its_place_and_its_line(old, new, code, place, line):
    assert TEXT.count(old) >= 1

    findings = read(TEXT.replace(old, new).encode(), "tin.xml").findings

    assert (code, place, line) in [(one.code, one.place, one.line) for one in findings]


BYTES = {
    "nothing": (b"", "E002"),
    "white space": (b" \n\t", "E002"),
    "UTF-16": (TEXT.encode("utf-16"), "E004"),
    "UTF-16 without a mark": (TEXT.encode("utf-16-le"), "E004"),
    "UTF-32": (TEXT.encode("utf-32"), "E004"),
    "Latin-1": ("<alert>Hu\xea</alert>".encode("latin-1"), "E005"),
    "a page in Latin-1": (b"<html><body>\xe9", "E005"),
    "JSON": (b'\n{"error": 404}', "E003"),
    "a picture": (b"\x89PNG\r\n\x1a\n\xff\xff", "E003"),
    "packed": (b"\x1f\x8b\x08\0", "E003"),
    "a line before the declaration": (b"\n" + TEXT.encode(), "E006"),
    "half a surrogate": (b"<alert>\xed\xa0\x80</alert>", "E005"),
    "a megabyte and one byte": (TEXT.encode().ljust(2**20 + 1), "E001"),
}


@pytest.mark.parametrize(("data", "code"), BYTES.values(), ids=BYTES)
def test_bytes_that_are_something_else_are_named(data, code):
    alert, findings = read(data, "tin.xml")

    assert alert is None
    assert [one.code for one in findings] == [code]
    assert findings[0].message.startswith("tin.xml ")


def test_a_signature_stands_at_the_end():
    text = TEXT.replace("<info>", '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/><info>')

    assert {one.code for one in read(text.encode(), "tin.xml").findings} == {"W109", "E102"}


def test_references_by_instants_in_z_are_taken_when_asked_for():
    data = TEXT.replace("2026-09-18T11:00:00+07:00", "2026-09-18T04:00:00Z").encode()

    alert, findings = read(data, "tin.xml", is_lenient_time=True)

    assert alert == storm()
    assert [one.code for one in findings] == ["W211"]


READ = {
    "prefixes": (TEXT.replace("<", "<c:").replace("<c:/", "</c:").replace("<c:?", "<?").replace("xmlns=", "xmlns:c="), ()),
    "a mark of byte order": ("\ufeff" + TEXT, ("W004",)),
    "a place of the schema": (TEXT.replace(NAMESPACE, NAMESPACE + ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
                                           'xsi:schemaLocation="urn:x x.xsd"'), ()),
    "a style sheet": (TEXT.replace("<alert", '<?xml-stylesheet href="x.xsl"?><!-- hm --><alert'), ()),
    "CDATA": (TEXT.replace("<note>thay tin lúc 11 giờ<", "<note><![CDATA[thay tin]]> lúc 11 giờ<"), ()),
    "line breaks in an outline": (TEXT.replace("16.90,107.10 ", "\r\n  16.90,107.10\t"), ()),
    "spaces round an instant": (TEXT.replace("<sent>", "<sent>\n  "), ()),
    "spaces round a word": (TEXT.replace(">Met<", "> Met <"), ("W202",)),
    "a comment in a text": (TEXT.replace(">thay tin", ">thay<!-- mới --> tin"), ("W110",)),
    "a signature": (TEXT.replace("</alert>", '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><X/></Signature></alert>'),
                    ("W109",)),
}  # fmt: skip


@pytest.mark.parametrize(("text", "codes"), READ.values(), ids=READ)
def test_other_ways_to_write_the_same_are_read_the_same(text, codes):
    alert, findings = read(text.encode(), "tin.xml")

    assert alert == storm()
    assert tuple(one.code for one in findings) == codes


def test_every_fault_of_a_file_is_found_at_once():
    text = TEXT
    for name in (
        "a word that there is not",
        "Z",
        "a space in a name",
        "an open outline",
        "no sender",
        "an element that there is not",
    ):
        text = text.replace(*FAULTS[name][:2])

    found = {(one.code, one.place) for one in read(text.encode(), "tin.xml").findings}

    assert {(FAULTS[name][2], FAULTS[name][3]) for name in ("Z", "a space in a name", "an open outline", "no sender")} <= found
    assert {("E201", "/alert/msgType"), ("E103", "/alert/remark")} <= found


@pytest.mark.parametrize(
    ("wrong", "code", "taken"), [("07:00:00Z", "W211", "07:00:00+00:00"), ("14:00:00", "W212", "14:00:00+07:00")]
)
def test_instants_without_an_offset_are_taken_when_asked_for_with_a_warning(wrong, code, taken):
    data = TEXT.replace("14:00:00+07:00</sent>", f"{wrong}</sent>").encode()

    assert read(data, "tin.xml").alert is None

    alert, findings = read(data, "tin.xml", is_lenient_time=True)

    assert alert == storm()
    assert [one.code for one in findings] == [code]
    assert taken in findings[0].message
