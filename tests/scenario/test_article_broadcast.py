"""A campaign whose broadcast is an article's own file: read, frozen with its pictures, sent, told."""

import pytest
from article_files import ARTICLE, write_article
from daytime import DAY, Office

pytestmark = pytest.mark.long


ROUTES = "[{type: broadcast, article: articles/phong-tranh-bao.md}]"


@pytest.fixture
def office(desk, sandbox_with):
    office = Office(desk, sandbox_with(at=DAY.isoformat()))
    write_article(desk.folder)
    return office


def test_the_files_article_goes_out_as_it_was_frozen(office):
    campaign = office.campaign(routes=ROUTES)
    previewed = office.run("preview", campaign).fact("preview-article")
    sent = office.run("send", campaign, "--yes")
    write_article(office.desk.folder, text="nothing of use")
    again = office.run("send", campaign, "--yes")

    assert previewed["title"] == "[DIỄN TẬP] Phòng tránh bão [DIỄN TẬP]"
    assert previewed["text"].startswith("[DIỄN TẬP] Chằng chống nhà cửa")
    assert sent.code == 0, sent.err
    assert sent.fact("report")["broadcast"][0]["state"] == "accepted"
    assert again.code in (0, 10)
    assert len(office.sandbox.broadcasts()) == 1


FAULTS = {
    "no file": (None, "can't read"),
    "no head": ("Chằng chống nhà cửa.", "articles/phong-tranh-bao.md:1:1"),
    "no picture": (ARTICLE.format(title="Bão").replace("mai.jpg", "khac.jpg"), "there is no such picture"),
}


@pytest.mark.long
@pytest.mark.parametrize(("text", "said"), FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("command", ["validate", "send"])
def test_faults_of_the_article_are_told_before_anything_is_frozen(command, text, said, office):
    if text is None:
        (office.desk.folder / "articles" / "phong-tranh-bao.md").unlink()
    else:
        write_article(office.desk.folder, text=text)
    result = office.desk.run(command, office.campaign(routes=ROUTES), *(["--yes"] if command == "send" else []))

    assert result.code == 10, result.err
    assert said in result.said
    assert not list((office.desk.folder / ".zalo-alert" / "runs").glob("*"))


def test_an_article_may_lie_in_the_workspace_beside_campaigns(office):
    (office.desk.folder / "campaigns").mkdir(exist_ok=True)
    office.campaign(routes=ROUTES)
    (office.desk.folder / "c.yaml").rename(office.desk.folder / "campaigns" / "c.yaml")

    assert office.desk.run("validate", "campaigns/c.yaml").code == 0
