"""What was read of articles, through the command line: asked of Zalo, kept, laid beside followers and broadcasts."""

from datetime import timedelta

import pytest
from article_files import write_article, write_calendar
from daytime import DAY, Office

pytestmark = pytest.mark.long


@pytest.fixture
def office(desk, sandbox_with):
    office = Office(desk, sandbox_with(at=DAY.isoformat()))
    write_article(desk.folder)
    file = write_calendar(desk.folder, "article: phong-tranh-bao.md, at: 2026-09-18 14:00, broadcast: true, event: bao")
    assert office.run("articles", "calendar", file, "--due").code == 0
    return office


def test_reads_are_asked_for_kept_and_told_by_month(office):
    before = office.run("articles", "reads", "--offline").fact("article-reads")
    office.move(DAY + timedelta(hours=2))
    asked = office.run("articles", "reads", "--month", "2026-09")
    kept = office.run("articles", "reads", "--offline").fact("article-reads")
    page = asked.fact("page-reads")

    assert (before["views"], before["looked_at"]) == (None, None)
    assert asked.code == 0, asked.err
    assert asked.fact("article-reads") | {"at": ""} == kept | {"at": ""}
    assert (kept["views"] > 0, kept["broadcasts"], kept["pages"]) == (True, 1, 1)
    assert (page["account"], page["views"], page["province"]) == ("pctt", kept["views"], "")
    assert office.run("articles", "reads", "--month", "2026-10", "--offline").facts == []


WRONG = {
    "no month": ("--month", "2026-13"),
    "no day": ("--since", "31/12"),
    "both": ("--month", "2026-12", "--since", "2026-12-01"),
}


@pytest.mark.parametrize("words", WRONG.values(), ids=WRONG)
def test_a_wrong_period_is_told(desk, words):
    assert desk.run("articles", "reads", *words).code == 2
