"""`new`: from a hazard's name to a campaign that is sound; asked in a terminal, told what is missing elsewhere."""

import shlex

import pytest
import terminals

GIVEN = (
    "bão", "--areas", "new:46", "--stage", "warning", "--level", "4", "--set", "ten_bao=bão số 7", "--set", "tu_luc=+12h",
    "--set", "suc_gio=gió cấp 11–12, giật cấp 14",
)  # fmt: skip


def campaigns(desk):
    return {path.name for path in (desk.folder / "campaigns").iterdir()}


def test_a_campaign_of_the_library_is_sound_and_its_words_are_clean(desk):
    made = desk.run("new", *GIVEN, "--out", "bao.yaml")
    checked = desk.run("validate", "bao.yaml", "--json")

    assert made.code == 0, made.err
    assert "bao.yaml is written and sound: DT-HUE-" in made.out
    assert "zalo-alert preview bao.yaml` shows it as a phone does" in made.said
    assert checked.code == 0, checked.out
    assert checked.fact("wording")["error_count"] == 0
    assert (checked.fact("distance")["distance"], checked.fact("distance")["template"]) == (0.0, "bao/warning/4")
    assert desk.run("preview", "bao.yaml", "--place", "new:46").code == 0
    assert desk.run("plan", "bao.yaml").code == 0


def test_without_anybody_to_ask_all_that_is_missing_is_named_with_a_command_that_would_do(desk):
    before = campaigns(desk)
    refused = desk.run("new", "bão", "--areas", "new:46", "--set", "ten_bao=bão số 7", "--json")
    missing = {(fact["option"], fact["field"]) for fact in refused.facts}

    assert refused.code == 2
    assert missing == {("level", ""), ("set", "tu_luc"), ("set", "suc_gio")}
    assert campaigns(desk) == before
    told = desk.run("new", "bão", "--areas", "new:46", "--set", "ten_bao=bão số 7")
    assert "3 answers are missing, and nobody is here to be asked" in told.err
    words = shlex.split(told.err.rpartition("`zalo-alert ")[2].partition("`")[0])
    assert words[:6] == ["new", "bao", "--areas", "new:46", "--set", "ten_bao=bão số 7"]
    assert words[6:10] == ["--stage", "warning", "--level", "5"]
    assert desk.run(*words).code == 0


def test_a_hazard_of_two_words_needs_no_quotes(desk):
    refused = desk.run("new", "lũ", "quét", "--areas", "ward:04585", "--stage", "cảnh báo", "--level", "2")

    assert "zalo-alert new lu-quet --areas ward:04585" in refused.err


def test_a_script_reads_what_came_of_it(desk):
    fact = desk.run("new", *GIVEN, "--code", "BAO-7", "--json").fact("new")

    assert (fact["code"], fact["file"], fact["status"]) == ("BAO-7", "campaigns/bao-bao-7.yaml", "Exercise")
    assert (fact["template"], fact["areas"]) == ("bao/warning/4", ["new:46"])
    assert "don_vi" in fact["guessed"]


def test_no_file_is_written_over(desk):
    (desk.folder / "c.yaml").write_text("mine", encoding="utf-8")
    refused = desk.run("new", *GIVEN, "--out", "c.yaml")

    assert refused.code == 2
    assert "--out c-2.yaml is free" in refused.err
    assert (desk.folder / "c.yaml").read_text(encoding="utf-8") == "mine"


def test_a_live_office_writes_a_real_alert_and_a_drill_where_it_says_so(live_desk):
    real = live_desk.run("new", *GIVEN, "--json").fact("new")
    drill = live_desk.run("new", "bao", "--areas", "new:46", "--level", "4", "--drill", "--json").fact("new")

    assert (real["status"], real["code"][:4]) == ("Actual", "HUE-")
    assert (drill["status"], drill["template"]) == ("Exercise", "bao/warning/4/drill")


def test_an_all_clear_follows_a_run(desk, sandbox):
    desk.at(sandbox)
    desk.run("new", *GIVEN, "--code", "DT-7", "--out", "w.yaml")
    assert desk.run("send", "w.yaml", "--yes").code == 0
    cleared = desk.run("new", "--from", "DT-7", "--stage", "all-clear", "--out", "clear.yaml", "--json")

    assert cleared.code == 0, cleared.err
    assert cleared.fact("new")["areas"] == ["new:46"]
    assert "references: [DT-7]" in (desk.folder / "clear.yaml").read_text(encoding="utf-8")
    assert desk.run("validate", "clear.yaml").code == 0


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (["new"], 2, "which hazard is it for? there are "),
        (["new", "stomr"], 2, "did you mean bao (bão)?"),
        (["new", "bao", "--areas", "Quảng Trị"], 10, '"Quảng Trị" means more than one place: write new:44'),
        (["new", "bao", "--set", "so_tan_truoc"], 2, "is not a field and its value"),
        (["new", "--from", "nothing"], 2, 'there is no run "nothing"'),
        (["templates", "show", "bao/warning/9"], 2, "is no name of a template"),
        (["templates", "show", "tuyết"], 2, "is not a known hazard"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(desk, words, code, why):
    refused = desk.run(*words)

    assert refused.code == code
    assert why in refused.said


def test_the_library_is_shown(desk):
    listed = desk.run("templates", "list", "--json").facts
    shown = desk.run("templates", "show", "Bão")

    assert {"hazard": "bao", "stage": "warning", "levels": [3, 4, 5]}.items() <= next(
        fact for fact in listed if (fact["hazard"], fact["stage"]) == ("bao", "warning")
    ).items()
    assert "bao/warning/5" in shown.out
    assert "Quyết định 18/2021/QĐ-TTg" in shown.out
    assert desk.run("templates", "show", "bao/evacuate/4", "--drill", "--json").fact("library-template")["level"] == 4


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("zalo-alert new lu-", ["lu-quet"]),
        ("zalo-alert new bao --stage e", ["evacuate"]),
        ("zalo-alert templates show song", ["song-than"]),
    ],
)
def test_tab_offers_hazards_and_stages(desk, line, words):
    desk.environ |= {"_ZALO_ALERT_COMPLETE": "complete_bash", "COMP_LINE": line}

    assert desk.run().out.split("\n")[:-1] == words


def test_in_a_terminal_six_answers_make_a_campaign(desk, wait_until):
    screen = terminals.Screen(desk, "new", "bão", "--out", "bao.yaml")
    answers = {"1. ": "sơ tán 4", "2. ": "Quảng Trị", "write new:44": "new:44, Huế", "3. ": "bão số 7", "4. ": "+12h",
               "5. ": "gió cấp 11", "6. ": ""}  # fmt: skip
    for wanted, typed in answers.items():
        wait_until(lambda wanted=wanted: wanted in screen.text)
        screen.type(f"{typed}\n")

    assert screen.end() == 0
    assert "= bao/evacuate/4" in screen.text
    assert "= new:44 Quảng Trị; new:46 Huế" in screen.text
    assert desk.run("validate", "bao.yaml").code == 0


def test_ctrl_c_leaves_nothing_behind(desk, wait_until):
    before = campaigns(desk)
    screen = terminals.Screen(desk, "new", "bão")
    wait_until(lambda: "1. " in screen.text)
    screen.type("\x03")

    assert screen.end() == 130
    assert "nothing was written" in screen.text
    assert campaigns(desk) == before
