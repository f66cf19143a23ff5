"""The page of a run: well-formed, without a script and without anything from outside, whoever wrote what stands in it."""

import base64
import hashlib
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from tests.full_reports import (
    ALERT,
    BEGAN,
    COURSE,
    full_of,
    minutes,
    place_of,
    province_of,
    receipts_of,
    report_of,
    with_receipts,
)
from tests.sights import totals_of
from zalo_alert.language import Language, catalogue_of, said_in
from zalo_alert.operations.commands import spoken
from zalo_alert.reporting.decisions import Decision, Decisions
from zalo_alert.reporting.full_report import CurveMark, ReadText, ReadyText
from zalo_alert.reporting.page import Reader, draw_page
from zalo_alert.reporting.run_page import run_page

HOSTILE = """<script>alert("x")</script> & 'y' ]]> --> \u202eevil\x00\x1b[31m \\7d } @import url(//x)"""
OUTSIDE = {"src", "srcset", "action", "formaction", "data", "poster", "style", "background", "http-equiv"}


def reader_of(language):
    return Reader(language, lambda phrase: spoken(said_in(phrase, catalogue_of(language))))


def drawn(full, language=Language.EN):
    reader = reader_of(language)
    return draw_page(run_page(full, reader), reader).decode()


def parsed(page):
    """Parse a page, which a browser and a parser of XML read alike, and hold it to what it may be."""
    root = ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>\n"))
    for element in root.iter():
        name = element.tag.rpartition("}")[2]
        assert name not in ("script", "iframe", "object", "embed", "link", "base", "form", "img", "image", "foreignObject"), name
        for key, value in element.attrib.items():
            bare = key.rpartition("}")[2]
            assert not bare.startswith("on"), key
            assert bare != "href" or value.startswith("#"), value
            assert bare not in OUTSIDE or (name, bare) == ("meta", "http-equiv"), key
            assert "url(" not in value or value.startswith("url(#"), value
    return root


def text_of(root):
    return " ".join(" ".join(root.itertext()).split())


def every_text_hostile():
    report = replace(report_of(accepted=90, rejected=10, unknown=5), run=HOSTILE, code=HOSTILE, status=HOSTILE)
    causes = tuple(replace(cause, meaning=HOSTILE, route=HOSTILE) for cause in report.causes)
    return full_of(
        replace(report, causes=causes), alert=replace(ALERT, headline=HOSTILE, event=HOSTILE, accounts=(HOSTILE,)),
        decisions=Decisions((Decision(BEGAN, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, (HOSTILE,)),), (HOSTILE,)),
        texts=(ReadText(HOSTILE, "template", HOSTILE, HOSTILE, HOSTILE, {HOSTILE: HOSTILE}, 5, 0.5),),
        ready=(ReadyText(HOSTILE, HOSTILE, HOSTILE, HOSTILE),), marks=(CurveMark(BEGAN, HOSTILE, HOSTILE),),
        places=(place_of(HOSTILE, "new:44", accepted=5),), provinces=(province_of("new:44", HOSTILE, accepted=5),),
        cures=(HOSTILE,), followers_unknown=HOSTILE, lessons=(HOSTILE,),
    )  # fmt: skip


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    "full",
    [
        full_of(),
        every_text_hostile(),
        full_of(report_of(), places=(), provinces=(), texts=(), course=replace(COURSE, began_at=None, ended_at=None, per_s=None)),
        full_of(report_of(accepted=5, pending=95), is_open=True),
        with_receipts(full_of(), receipts_of(900, 300, unattributed=9, two_candidates=2)),
    ],
    ids=["ordinary", "hostile", "nobody", "open", "receipts"],
)
def test_a_page_is_well_formed_and_needs_nothing(full, language):
    root = parsed(drawn(full, language))

    assert root.attrib["lang"] == language.value
    assert root.findtext("head/title")


def test_a_page_may_do_nothing_but_look_as_it_does():
    root = parsed(drawn(full_of()))
    policy = next(meta for meta in root.iter("meta") if "http-equiv" in meta.attrib)
    style = root.findtext("head/style")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert policy.attrib["http-equiv"] == "Content-Security-Policy"
    assert policy.attrib["content"] == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "http" not in style
    assert "@import" not in style


def test_what_strangers_wrote_is_text_and_cannot_leave_its_place():
    page = drawn(every_text_hostile())
    root = parsed(page)

    assert "<script>alert" in text_of(root)
    assert not set("\u202e\x00\x1b") & set(page)
    style = root.findtext("head/style")
    edge = re.search(r'@top-left\{content:"((?:\\[0-9a-f]+ |\w)*)"\}', style)
    assert edge, style[-600:]


def test_totals_and_what_stands_out_are_told():
    text = text_of(parsed(drawn(full_of(report_of(accepted=12_000, rejected=300, unknown=45), lessons=("keep to the plan",)))))

    for words in ("12 000", "300", "45 people held back as unknown", "zalo-alert resume DT-1 --retry-unknown",
                  "keep to the plan", "delivered and seen: not kept, no receipts have been taken", "EXERCISE",
                  "a" * 64, "Resolution 202/2025/QH15"):  # fmt: skip
        assert words in text


def test_what_arrived_is_told_beside_what_that_proves_and_leaves_open():
    counts = receipts_of(800, 240, unattributed=3, settled_by_receipt=5, settled_by_echo=2, two_candidates=1)
    text = text_of(parsed(drawn(with_receipts(full_of(report_of(accepted=960, unknown=1)), counts))))

    for words in ("delivered 800 of 960 accepted (83.3 %) · seen 240 (25.0 %) · receipts until 21:00 26/11/2026",
                  "none proves nothing", "Quảng Trị 960 800 83.3 240 25.0",
                  "7 people were unknown and are accepted now: 5 by a",
                  "1 person stays unknown although something arrived",
                  "3 receipts to its accounts belong to no message"):  # fmt: skip
        assert words in text


def test_a_run_that_is_not_over_says_so_first():
    root = parsed(drawn(full_of(report_of(accepted=5, pending=95), is_open=True)))
    first = root.find("body/main/section/p")

    assert first.attrib["class"] == "red"
    assert text_of(first) == "The run is not over: 95 people may still be written to. All figures are those of 22:00 26/11/2026."


@pytest.mark.parametrize(
    ("status", "changes", "words", "look"),
    [
        ("Actual", {}, "ACTUAL ALERT", "actual"),
        ("Exercise", {}, "EXERCISE", "exercise"),
        ("Test", {"profile": "drill"}, "in the drill workspace: nobody was reached", "drill"),
    ],
)
def test_what_was_real_looks_like_nothing_else(status, changes, words, look):
    full = full_of(replace(report_of(accepted=9), status=status), alert=replace(ALERT, **changes))
    body = parsed(drawn(full)).find("body")

    assert body.attrib["class"] == look
    assert words in text_of(body.find("header"))


def test_a_rehearsal_of_a_real_alert_reached_nobody():
    body = parsed(drawn(full_of(replace(report_of(accepted=9), status="Actual", is_rehearsal=True)))).find("body")

    assert body.attrib["class"] == "rehearsal"


def test_the_latest_place_comes_first_and_thousands_are_cut_short():
    many = [place_of(f"Xã {n}", f"ward:{n}", minutes(30 + n), accepted=2) for n in range(1_000)]
    text = text_of(parsed(drawn(full_of(places=tuple(reversed(many))))))
    listed = re.findall(r"Xã (\d+) 2 ", text)

    assert listed[:3] == ["0", "1", "2"]
    assert len(listed) == 200
    assert "800 more places are in the CSV file" in text


def test_a_province_tells_of_followers_and_population():
    row = province_of("new:44", "Quảng Trị", 200, 1_000, accepted=90, rejected=10)
    table = text_of(
        parsed(drawn(full_of(provinces=(row, replace(row, key="unknown", name="?", followers=None, population=None)))))
    )

    assert "Quảng Trị 100 90 90.0 10 0 0 200 45.0 1000 9.0" in table
    assert "? 100 90 90.0 10 0 0 – – – –" in table
    assert totals_of(accepted=90, rejected=10) == row.totals
