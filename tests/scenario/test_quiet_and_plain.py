"""What a pipe gets, and what cron hears when all is well."""

import os
import pty


def test_a_pipe_gets_a_line_a_row_with_tabs_and_plain_digits(desk, sandbox):
    desk.at(sandbox).environ["COLUMNS"] = "40"
    assert desk.run("send", desk.campaign(), "--yes", "--occurrence", "ngay-mot-rat-dai-khong-gap").code == 0
    header, row = desk.run("runs").out.splitlines()

    assert header.split("\t")[:4] == ["run", "status", "state", "audience"]
    assert row.split("\t")[:4] == ["DT-1@ngay-mot-rat-dai-khong-gap", "Exercise", "finished", "1000"]


def test_numbers_in_a_pipe_have_nothing_between_their_digits(desk):
    assert desk.run("followers", "example", "many.csv", "--people", "12345").said.endswith("12345 people invented in many.csv")
    result = desk.run("followers", "import", "many.csv")

    assert "12345 rows read" in result.said
    assert "\u202f" not in result.out + result.err


def test_a_terminal_gets_tables_with_numbers_that_can_be_read(desk):
    ours, theirs = pty.openpty()
    child = desk.start("places", "list", stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 1 << 16)
        except OSError:  # the other end is closed
            break
        shown += piece
    os.close(ours)

    assert child.wait(60) == 0
    assert b"\t" not in shown


def test_quiet_cron_hears_nothing_when_everyone_was_accepted(desk, sandbox):
    desk.at(sandbox)
    template = '[{type: template, template_id: "311203", data: {ma_tin: "{{ code }}"}}]'
    result = desk.run("send", desk.campaign(routes=template), "--yes", "--quiet")

    assert (result.code, result.out, result.err) == (0, "", "")
    assert sandbox.stats()["people"] == 1000


def test_quiet_is_not_silent_about_what_went_wrong(desk, sandbox_with):
    desk.at(sandbox_with(dead=0.2))
    result = desk.run("-q", "send", desk.campaign(), "--yes")

    assert result.code == 3
    assert "error: finished" in result.err
    assert "rejected" in result.out


def test_quiet_leaves_data_where_it_is(desk):
    path = desk.campaign()
    assert "turn\tplace\tpeople" in desk.run("plan", path, "--quiet").out
    assert desk.run("places", "search", "Huế", "-q").out == desk.run("places", "search", "Huế").out
    assert desk.run("validate", path, "-q").out == ""
    assert desk.run("plan", "nowhere.yaml", "-q").err


def test_quiet_and_json_are_json(desk):
    assert desk.run("places", "search", "Huế", "--json", "-q").fact("place")["name"]


def test_a_word_after_two_dashes_is_no_option(desk):
    assert desk.run("places", "search", "--", "-q").code in (0, 10)


def test_what_is_wrong_with_a_command_line_stands_in_the_last_json_line(desk):
    desk.environ["ZALO_ALERT_LANG"] = "vi"
    result = desk.run("plan", "--json")

    assert result.code == 2
    assert "Missing argument" in result.err


def test_places_are_resolved_for_machines_too(desk):
    result = desk.run("places", "resolve", "-", "--json", stdin="Huế\n???\n")

    assert [(fact["text"], fact["place"]) for fact in result.facts] == [("Huế", "old:46"), ("???", "unknown")]
