"""The library as it is asked: by name, by what there is, and with an office's own files over it."""

from datetime import UTC, datetime

import pytest

from zalo_alert.errors import CampaignInvalid, UsageError
from zalo_alert.library.load import load_library
from zalo_alert.library.template import Stage, instant_of

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


def test_what_an_own_stage_leaves_out_stays_as_it_is(own):
    (own / "bao.yaml").write_text("hazard: bao\nstages: {warning: {levels: [4, 5], lasts_h: 12}}\n", encoding="utf-8")
    packaged, ours = load_library(None), load_library(own)

    template = ours.find("bao", Stage.WARNING, 4, is_drill=False)

    assert ours.levels("bao", Stage.WARNING) == (4, 5)
    assert template.lasts_h == 12
    assert template.text == packaged.find("bao", Stage.WARNING, 4, is_drill=False).text


def test_every_fault_of_every_own_file_is_told_with_its_place(own):
    (own / "a.yaml").write_text(OWN.replace("source: so_nong_nghiep", "source: so_nong"), encoding="utf-8")
    (own / "b.yaml").write_text("hazard: bão lớn\nstages: {warning: {levels: [9]}}\n", encoding="utf-8")
    (own / "c.yaml").write_text("hazard: lu\nstages: {watch: {people: [{do: [so_tan_gap]}]}}\n", encoding="utf-8")

    with pytest.raises(CampaignInvalid) as caught:
        load_library(own)

    told = [str(problem) for problem in caught.value.problems]
    assert caught.value.exit_code == 10
    assert any(line.startswith("templates/a.yaml:3:") and 'no source "so_nong"' in line for line in told)
    assert any(line.startswith("templates/b.yaml:2:") and "at most 5" in line for line in told)
    assert any(line.startswith("templates/c.yaml:2:") and 'no piece "so_tan_gap"' in line for line in told)


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("hazard: bao\npieces: {moi: {text: 'TIN {{ x', source: whatnow}}\n", "is not a sound template"),
        ("hazard: bao\npieces: {moi: {text: 'Mực {{ muc }}', source: whatnow}}\n", "muc"),
        ("hazard: bao\nquestions: {tu_luc: {kind: text, asks: Bao giờ}}\n", "gon"),
        ("hazard: bao\nquestions: {tu_luc: {kind: instant, asks: Bao giờ, default: mai}}\n", "+6h, -1h or next 17:00"),
        ("hazard: bao\nquestions: {place: {kind: text, asks: Ở đâu}}\n", "has this field already"),
        ("hazard: bao\nquestions: {a: {kind: choice, asks: Gì}}\n", "needs its choices"),
        (
            "hazard: bao\nstages: {warning: {levels: [1], urgency: Expected, certainty: Likely, lasts_h: 9, people: []}}\n",
            "level 1",
        ),
        ("hazard: bao\nstages: {update: {like: update}}\n", "stands by itself"),
        ("hazard: suong-mu\nstages: {watch: {levels: [3]}}\n", "is missing"),
        ("hazard: bao\npieces: {mat_bao: {text: '" + "Ở trong nhà. " * 150 + "', source: whatnow}}\n", "at most 1800"),
        ("hazard: bao\nwarning: {}\n", "is not a key of this file"),
        ("hazard: [bao\n", "is not closed with ]"),
    ],
)
def test_a_fault_of_an_own_file_is_told_in_words(own, file, says):
    (own / "bao.yaml").write_text(file, encoding="utf-8")

    with pytest.raises(CampaignInvalid) as caught:
        load_library(own)

    assert any(says in str(problem) for problem in caught.value.problems), [str(problem) for problem in caught.value.problems]


def test_two_own_files_of_one_hazard_are_one_too_many(own):
    for name in ("a.yaml", "b.yml"):
        (own / name).write_text(OWN, encoding="utf-8")

    with pytest.raises(CampaignInvalid) as caught:
        load_library(own)

    assert "stands in templates/a.yaml already" in str(caught.value.problems[0])


def test_what_is_no_plain_file_and_too_many_files_are_refused(own):
    (own / "a.yaml").mkdir()
    with pytest.raises(CampaignInvalid) as caught:
        load_library(own)
    assert "can't be read: a folder" in str(caught.value.problems[0])

    for number in range(101):
        (own / f"{number}.yaml").write_text(OWN, encoding="utf-8")
    with pytest.raises(CampaignInvalid) as caught:
        load_library(own)
    assert "at most 100 are read" in str(caught.value.problems[0])


def test_a_folder_that_is_not_there_and_texts_of_zalo_in_it_are_no_library(own, tmp_path):
    (own / "311203.txt").write_text("<ma_tin>", encoding="utf-8")

    assert load_library(own).own == {}
    assert load_library(tmp_path / "none").own == {}


@pytest.mark.parametrize(
    ("default", "at", "moment"),
    [
        ("+6h by onset", "2026-09-18T09:10:00+07:00", "2026-09-18T15:00:00+07:00"),
        ("+6h by onset", "2026-09-18T14:37:00+07:00", "2026-09-18T15:30:00+07:00"),  # a quarter of the time left
        ("+6h by onset", "2026-09-18T15:50:00+07:00", "2026-09-18T16:00:00+07:00"),
        ("+1h by onset", "2026-09-18T14:37:00+07:00", "2026-09-18T15:30:00+07:00"),
        ("+6h by onset", "2026-09-18T16:10:00+07:00", "2026-09-18T17:00:00+07:00"),  # the danger is there already
        ("+6h", "2026-09-18T14:37:00+07:00", "2026-09-18T20:00:00+07:00"),
        ("+1h", "2026-09-18T14:37:00+07:00", "2026-09-18T15:30:00+07:00"),
        ("-0h", "2026-09-18T14:37:00+07:00", "2026-09-18T14:00:00+07:00"),
        ("next 17:00", "2026-09-18T17:00:00+07:00", "2026-09-19T17:00:00+07:00"),
        ("next 05:30", "2026-09-17T20:00:00+00:00", "2026-09-18T05:30:00+07:00"),
    ],
)
def test_a_default_instant_is_round_and_never_late(default, at, moment):
    onset = datetime(2026, 9, 18, 9, 0, tzinfo=UTC)

    assert instant_of(default, datetime.fromisoformat(at), onset) == datetime.fromisoformat(moment)
