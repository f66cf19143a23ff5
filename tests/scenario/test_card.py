"""`preview --card`: a message as a picture."""

import xml.etree.ElementTree as ET

import pytest

from zalo_alert.reporting.printing import Printers


def test_what_a_place_reads_is_drawn(desk):
    result = desk.run("preview", "campaigns/bao-so-7.yaml", "--place", "new:46", "--card", "tin.svg", "--json")

    assert (result.code, result.fact("card-drawn")["name"]) == (0, "Huế")
    text = " ".join(ET.parse(desk.folder / "tin.svg").getroot().itertext())
    for words in ("DIỄN TẬP – KHÔNG PHẢI", "XEM TRƯỚC", "TW-260918-03", "KIEM TRA"):
        assert words in " ".join(text.split())


@pytest.mark.skipif(Printers().chromium() is None, reason="no Chromium is installed")
@pytest.mark.long
def test_it_is_a_png_where_a_browser_is_there(desk):
    assert desk.run("preview", "campaigns/bao-so-7.yaml", "--card", "tin.png").code == 0

    assert (desk.folder / "tin.png").read_bytes().startswith(b"\x89PNG")


def test_another_ending_is_refused_and_nothing_is_written(desk):
    result = desk.run("preview", "campaigns/bao-so-7.yaml", "--card", "tin.jpg")

    assert result.code == 2
    assert "ends neither with .svg nor with .png" in result.said
    assert not (desk.folder / "tin.jpg").exists()
