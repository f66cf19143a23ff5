"""An OA of a province writes to people of its province, also when they come as a list."""

import csv

import pytest

pytestmark = pytest.mark.long

PEOPLE = "user_id,city\n1000000000000000001,Huế\n1000000000000000002,Quảng Trị\n1000000000000000003,\n"
STRANGER = "1000000000000000009"


@pytest.fixture
def province(empty_desk, sandbox):
    """A desk whose OA is Huế's."""
    desk = empty_desk.at(sandbox)
    assert desk.run("init").code == 0
    desk.configure("level: national, areas: [all]", "level: province, areas: [new:46]")
    (desk.folder / "people.csv").write_text(PEOPLE, encoding="utf-8")
    assert desk.run("followers", "import", "people.csv").code == 0
    path = desk.folder / desk.campaign()
    path.write_text(path.read_text(encoding="utf-8").replace("{areas: [all]}", "{from: recipients}"), encoding="utf-8")
    return desk


def listed(desk, *numbers):
    rows = list(csv.DictReader(PEOPLE.splitlines()))
    ids = [rows[number]["user_id"] if isinstance(number, int) else number for number in numbers]
    (desk.folder / "r.txt").write_text("\n".join(ids), encoding="utf-8")
    return ("send", "c.yaml", "--yes", "--recipients", "r.txt")


def test_people_of_another_province_are_refused_with_their_number(province, sandbox):
    result = province.run(*listed(province, 0, 1))
    assert result.code == 10
    assert "account pctt may not write to 1 person of the list, who live elsewhere" in result.said
    assert "1000000000000000002" not in result.said, "people are named by marks"
    assert sandbox.stats()["people"] == 0


def test_people_of_its_own_go_and_those_nobody_knows_are_told(province, sandbox):
    result = province.run(*listed(province, 0, 2, STRANGER))
    assert result.code in (0, 3)
    assert "1 person on the list are not in the follower book" in result.said
    assert sandbox.stats()["requests"] > 0


def test_who_works_there_lives_there_enough(province, sandbox):
    (province.folder / "more.csv").write_text("user_id,city,city_work\n1000000000000000002,Quảng Trị,Huế\n", encoding="utf-8")
    assert province.run("followers", "import", "more.csv").code == 0
    assert province.run(*listed(province, 1)).code in (0, 3)
    assert sandbox.stats()["requests"] > 0
