"""The library as it is asked: by name, by what there is, and with an office's own files over it."""

import pytest

from zalo_alert.errors import CampaignInvalid, UsageError
from zalo_alert.library.load import load_library
from zalo_alert.library.template import Stage

OWN = """\
hazard: bao
pieces:
  roi_tau: {text: "KHÔNG ở lại trên đầm Thị Nại.", source: so_nong_nghiep}
sources:
  so_nong_nghiep: {name: "Sở Nông nghiệp và Môi trường", checked: true}
"""


@pytest.fixture
def own(tmp_path):
    folder = tmp_path / "templates"
    folder.mkdir()
    return folder


def test_a_hazard_is_found_by_code_or_name_with_or_without_accents():
    library = load_library(None)

    found = {library.find(name, Stage.WARNING, 4, is_drill=False).name for name in ("bao", "bão", "Bão", "BAO")}

    assert found == {"bao/warning/4"}


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (("baoo", Stage.WARNING, 4), "did you mean bao"),
        (("bão", Stage.WARNING, 2), "levels of bão are 3 to 5"),
        (("bão", Stage.WARNING, None), "needs a risk level: 3 to 5"),
        (("bão", Stage.ALL_CLEAR, 3), "has no risk level: leave it out"),
    ],
)
def test_what_is_not_there_is_refused_with_what_there_is(ask, says):
    with pytest.raises(UsageError, match=says.replace("?", r"\?")):
        load_library(None).find(*ask, is_drill=False)


def test_a_name_leads_back_to_its_template():
    library = load_library(None)
    drill = library.find("bao", Stage.WARNING, 4, is_drill=True)

    assert library.named(drill.name) == drill
    with pytest.raises(UsageError, match="is no name of a template"):
        library.named("bao/later/9")


def test_a_piece_of_the_office_replaces_the_packaged_one(own):
    (own / "bao.yaml").write_text(OWN, encoding="utf-8")
    packaged, ours = (load_library(folder).find("bao", Stage.WARNING, 4, is_drill=False) for folder in (None, own))

    assert "đầm Thị Nại" in ours.text
    assert "đầm Thị Nại" not in packaged.text
    assert "Sở Nông nghiệp và Môi trường" in ours.sources.values()
    assert ours.digest != packaged.digest


def test_every_fault_of_every_own_file_is_told_with_its_place(own):
    (own / "a.yaml").write_text(OWN.replace("source: so_nong_nghiep", "source: so_nong"), encoding="utf-8")
    (own / "b.yaml").write_text("hazard: bão lớn\nstages: {warning: {levels: [9]}}\n", encoding="utf-8")
    (own / "c.yaml").write_text("hazard: lu\nstages: {watch: {people: [{do: [so_tan_ngay]}]}}\n", encoding="utf-8")

    with pytest.raises(CampaignInvalid) as caught:
        load_library(own)

    told = [str(problem) for problem in caught.value.problems]
    assert caught.value.exit_code == 10
    assert any(line.startswith("templates/a.yaml:3:") and 'no source "so_nong"' in line for line in told)
    assert any(line.startswith("templates/b.yaml:2:") and "at most 5" in line for line in told)
    assert any(line.startswith("templates/c.yaml:2:") and 'no piece "so_tan_ngay"' in line for line in told)
