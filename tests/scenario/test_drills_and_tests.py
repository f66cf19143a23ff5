"""What an Exercise and a Test may send, and to whom: nothing that reads like an alarm, and a Test to nobody who did not ask."""

import csv
import itertools

import pytest

from zalo_alert.models import Status
from zalo_alert.operations.scaffold import examples
from zalo_alert.settings.load import EXAMPLE_TEMPLATES

ALARM = '[{type: template, template_id: "311217", data: {ma_tin: "{{ code }}", tinh: "KHẨN CẤP: SƠ TÁN NGAY"}}]'


def test_an_alarm_by_template_does_not_pass_for_a_drill(desk, sandbox):
    path = desk.at(sandbox).campaign(routes=ALARM)
    checked = desk.run("validate", path)
    assert checked.code == 10
    assert "c.yaml:11:" in checked.said
    assert "routes[0].template_id" in checked.said
    for words in (("plan", path), ("send", path, "--dry-run"), ("send", path, "--yes")):
        result = desk.run(*words)
        assert result.code == 10, words
        assert "template 311217 is not listed as a drill's" in result.said
        assert '{templates: ["311217"]}' in result.said
    assert sandbox.stats()["people"] == 0
    desk.configure("  templates: [", '  templates: ["311217", ')
    assert "is sound" in desk.run("validate", path).said


def test_what_follows_a_drill_is_looked_at_too(desk):
    path = desk.campaign()
    with (desk.folder / path).open("a", encoding="utf-8") as file:
        file.write('correction: {text: x, routes: [{type: cs}, {type: phone, template_id: "311217", data: {ma_tin: a}}]}\n')
    checked = desk.run("validate", path)
    assert "correction.routes[1].template_id" in checked.said


def test_a_drill_workspace_that_says_nothing_may_use_any_and_a_live_one_none(desk):
    config = desk.folder / "zalo-alert.yaml"
    config.write_text(config.read_text(encoding="utf-8").partition("drill:\n")[0].partition("drill:  ")[0], encoding="utf-8")
    path = desk.campaign(routes=ALARM)
    assert "is sound" in desk.run("validate", path).said
    assert desk.go_live().run("validate", path).code == 10


def test_the_templates_that_init_lists_are_those_of_the_shipped_examples():
    used = {line.partition('template_id: "')[2][:6] for text in examples().values() for line in text.decode().splitlines()}
    assert used - {""} == set(EXAMPLE_TEMPLATES)


@pytest.mark.parametrize(
    ("audience", "at"),
    [("{areas: [all]}", ":10:"), ("{areas: [new:46], exclude: {lists: [x]}}", ":10:"), ("{accounts: [pctt]}", "")],
)
def test_a_test_is_never_for_the_public(desk, audience, at):
    path = desk.folder / desk.campaign()
    text = path.read_text(encoding="utf-8").replace("status: Exercise", f"status: {Status.TEST}")
    path.write_text(text.replace("{areas: [all]}", audience), encoding="utf-8")
    checked = desk.run("validate", "c.yaml")
    assert checked.code == 10
    assert f"c.yaml{at}" in checked.said
    assert "a Test goes to people on a list only" in checked.said


@pytest.mark.parametrize(
    ("audience", "words"), [("{areas: [all], list: thu}", ()), ("{from: recipients}", ("--recipients", "r.txt"))]
)
def test_a_test_goes_to_those_on_a_list(desk, sandbox, audience, words):
    (desk.folder / "lists").mkdir(exist_ok=True)
    desk.at(sandbox)
    with (desk.folder / "followers.csv").open(encoding="utf-8", newline="") as file:
        people = [row["user_id"] for row in itertools.islice(csv.DictReader(file), 3)]
    for name in ("lists/thu.txt", "r.txt"):
        (desk.folder / name).write_text("\n".join(people), encoding="utf-8")
    path = desk.folder / desk.campaign()
    text = path.read_text(encoding="utf-8").replace("status: Exercise", "status: Test").replace("{areas: [all]}", audience)
    path.write_text(text, encoding="utf-8")
    assert desk.run("send", "c.yaml", "--yes", *words).code == 0
    assert sandbox.reached() == dict.fromkeys(people, 1)
