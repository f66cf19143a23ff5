"""`export fallback`: an alert for loudspeakers, phone network and press, from a run or a file, without any network."""

import csv

import pytest

FILES = ["loa-truyen-thanh.txt", "tin-nhan-sms.csv", "tin-gui-bao-chi.txt", "danh-sach-xa.html", "danh-sach-xa.csv"]


@pytest.fixture
def written(desk):
    result = desk.run("export", "fallback", "campaigns/bao-so-7.yaml", "--to", "du-phong", "--json")
    assert result.code == 0
    return result.fact("fallback"), desk.folder / "du-phong"


def test_a_campaign_file_is_enough(written):
    fact, folder = written

    assert (fact["files"], sorted(path.name for path in folder.iterdir())) == (FILES, sorted(FILES))
    assert 0 < fact["longest_s"] <= 60
    assert (fact["places"], fact["communes"]) == (2, 118)


def test_the_loudspeaker_reads_a_script_of_its_own_in_each_place(written):
    text = (written[1] / FILES[0]).read_text(encoding="utf-8")

    assert text.count("=====") == 4
    assert "DIỄN TẬP" in text
    assert "nhắn" not in text


def test_each_place_has_an_sms_that_every_phone_shows_in_one_piece(written):
    rows = list(csv.DictReader((written[1] / FILES[1]).read_text(encoding="utf-8-sig").splitlines()))

    assert len(rows) == 2
    for row in rows:
        assert row["tin_khong_dau"].isascii()
        assert (int(row["so_ky_tu"]) <= 160, row["so_tin"], row["can_sua"]) == (True, "1", "")
        assert int(row["so_tin_co_dau"]) > 1


def test_the_press_is_told_not_to_print_a_drill(written):
    text = (written[1] / FILES[2]).read_text(encoding="utf-8")

    assert text.startswith("DIỄN TẬP – TIN MẪU GỬI BÁO CHÍ, KHÔNG ĐĂNG")
    assert "KIEM TRA" in text


def test_the_list_names_every_commune_once(written):
    rows = list(csv.DictReader((written[1] / FILES[4]).read_text(encoding="utf-8-sig").splitlines()))

    assert len({row["code"] for row in rows}) == len(rows) == 118
    assert {row["province"] for row in rows} == {"Huế", "Quảng Trị"}
    assert "☐" in (written[1] / FILES[3]).read_text(encoding="utf-8")


def test_a_folder_that_is_there_is_left_alone(desk):
    (desk.folder / "du-phong").mkdir()

    result = desk.run("export", "fallback", "campaigns/bao-so-7.yaml", "--to", "du-phong")

    assert result.code == 10
    assert "is there already" in result.said
    assert not list((desk.folder / "du-phong").iterdir())


def test_of_a_run_it_says_whom_zalo_has_reached(desk, sandbox):
    desk.at(sandbox)
    assert desk.run("send", desk.campaign(), "--yes").code == 0

    result = desk.run("export", "fallback", "DT-1", "--json")

    assert (result.code, result.fact("fallback")["run"]) == (0, "DT-1")
    assert (desk.folder / "DT-1-du-phong").is_dir()


def test_what_is_neither_a_run_nor_a_file_is_told(desk):
    assert desk.run("export", "fallback", "DT-9").code == 2
    assert desk.run("export", "fallback", "campaigns/nothing.yaml").code == 2
