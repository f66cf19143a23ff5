"""Reports of several runs as pages: in the reader's language, and with nothing in them that a stranger could run."""

import pytest

pytestmark = pytest.mark.long  # whole runs and pages; the figures have unit tests

REPORTS = (("sitrep", "SITUATION REPORT"), ("aar", "AFTER-ACTION REPORT"), ("month", "Report of the month"))


@pytest.fixture
def sent(desk, sandbox_with):
    desk.at(sandbox_with(dead=0.1))
    desk.run("send", desk.campaign(), "--yes")
    return desk


@pytest.mark.parametrize(("report", "title"), REPORTS)
def test_a_page_has_the_numbers_of_the_text_and_loads_nothing(sent, report, title):
    result = sent.run("report", report, "--html", "page.html")
    page = (sent.folder / "page.html").read_text(encoding="utf-8")
    accepted = sent.run("report", "DT-1", "--json").fact("report")["totals"]["accepted"]

    assert result.code == 0
    assert title in page
    assert str(accepted) in page
    assert "<script" not in page
    assert "default-src" in page
    assert not any(f'{name}="http' in page for name in ("src", "href"))


@pytest.mark.parametrize(
    ("report", "title"), [("sitrep", "BÁO CÁO NHANH"), ("aar", "RÚT KINH NGHIỆM"), ("month", "Báo cáo tháng")]
)
def test_a_page_speaks_the_reader_s_language(sent, report, title):
    sent.environ["ZALO_ALERT_LANG"] = "vi"
    sent.run("report", report, "--html", "page.html")

    assert title in (sent.folder / "page.html").read_text(encoding="utf-8")


def test_hostile_names_are_escaped(sent):
    words = "<script>alert(1)</script>"
    sent.run("audit", "note", words)
    sent.run("report", "sitrep", "--event", words, "--by", words, "--problem", words, "--wanted", words, "--html", "1.html")
    sent.run("report", "aar", "--html", "2.html")

    for name in ("1.html", "2.html"):
        page = (sent.folder / name).read_text(encoding="utf-8").lower()
        assert "<script" not in page
        assert "&lt;script&gt;" in page


@pytest.mark.parametrize("report", ["sitrep", "aar", "month"])
@pytest.mark.parametrize("option", ["--html", "--csv"])
def test_a_file_that_cannot_be_written_is_told(sent, report, option):
    result = sent.run("report", report, option, "nowhere/page")

    assert (result.code, "can't write nowhere/page" in result.said) == (10, True)
