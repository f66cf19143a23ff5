"""Nothing that a follower, a campaign or a server wrote commands the terminal that it is shown on."""

import io

import orjson
import pytest
from rich.panel import Panel

from zalo_alert.cli.display import Display, plain
from zalo_alert.errors import Cure
from zalo_alert.language import _, count

EVIL = "\x1b]0;title\x07\x1b[2J\x9b31m\u202egnuh\u202c\x08\x7f\r"
OBEYED = set("\x1b\x07\x9b\u202e\u202c\x08\x7f\r\x00")


@pytest.fixture
def shown(capsysbinary):
    return lambda: "".join(part.decode() for part in capsysbinary.readouterr())


def on_terminal(width=None):
    display = Display(json=False)
    terminal = io.StringIO()
    display.out = display.err = type(display.out)(
        file=terminal, force_terminal=True, color_system="standard", soft_wrap=True, width=width, highlight=False
    )
    return display, terminal.getvalue


def everything(display):
    display.say(f"a {EVIL}", style="yellow")
    display.show(f"b {EVIL}".replace("[", ""))
    display.show(Panel(f"c {EVIL}".replace("[", ""), title="d"))
    display.table(f"e {EVIL}", ("f", "g"), [(EVIL, 1), ("Huế", 2)], total=(EVIL, 3))
    display.error(f"h {EVIL}", hint=EVIL)


def test_whatever_is_printed_holds_nothing_that_a_terminal_obeys(shown):
    everything(Display(json=False))
    said = shown()
    assert not OBEYED & set(said)
    assert "␛" in said
    assert "Huế" in said


def test_on_a_terminal_the_colours_are_ours_alone():
    display, said = on_terminal()
    everything(display)
    text = said()
    assert "\x1b[33m" in text  # yellow
    assert "\x1b]" not in text
    assert "\x1b[2J" not in text
    assert not {"\x07", "\x9b", "\u202e"} & set(text)


def test_json_keeps_every_sign_as_an_escape(shown):
    display = Display(json=True)
    display.fact("x", text=EVIL, name="Nguyễn Văn An 👩‍⚕️")
    line = shown()
    assert not OBEYED & set(line)
    assert orjson.loads(line).items() >= {"type": "x", "text": EVIL, "name": "Nguyễn Văn An 👩‍⚕️"}.items()
    assert "👩‍⚕️" in line


def test_data_for_another_program_is_left_as_it_is(shown):
    Display(json=False).data([f"x{EVIL}\n"])
    assert shown() == f"x{EVIL}\n"


@pytest.mark.parametrize("text", ["", "Huế", "a\nb\tc", "👩‍⚕️", "17\u202f000", "Ti\u0309nh"])
def test_ordinary_text_is_shown_as_it_is(text):
    assert plain(text) == text


def test_a_terminal_breaks_a_sentence_between_words_and_never_within_a_number():
    display, said = on_terminal(20)
    display.say(_("the plan writes to {people} today", people=count(66_221)))
    assert [line.rstrip() for line in said().splitlines()] == ["the plan writes to", "66\u202f221 today"]


def test_a_command_is_not_broken_where_it_has_room_on_a_line_of_its_own():
    display, said = on_terminal(40)
    display.error("stopped with 3 people left", hint=f"{Cure.RESUME('DT-MT-01')} continues")
    assert "`zalo-alert resume DT-MT-01`" in said()
    display.error("the list of those who stand on the list: is", hint=f"it goes on with {Cure.RESUME('DT-MT-02')}")
    assert "`zalo-alert resume DT-MT-02`" in said()


def test_a_pipe_has_every_sentence_on_one_line(shown):
    display = Display(json=False)
    display.tell("word " * 100 + "end")
    assert shown() == "word " * 100 + "end\n"


RUNS = [("TW-261127-01@correction", "approved", 143), ("DT-QTR-261014-01", "finished", 64)]


@pytest.mark.parametrize("width", [30, 40, 60, 80])
def test_a_name_that_is_typed_again_is_whole_in_a_table_however_narrow(width):
    display, said = on_terminal(width)

    display.table("", ("run", "state", "people"), RUNS, whole=1)

    assert all(word in said() for row in RUNS for word in map(str, row))


@pytest.mark.parametrize("width", range(26, 40))
def test_words_are_whole_in_a_table_of_any_width(width):
    display, said = on_terminal(width)

    display.table("", ("case", "kind", "until"), [("TD-0001N", "trao đổi với cán bộ", "16:41 29/11")], whole=1)

    assert all(word in said().split() for word in ("TD-0001N", "trao", "16:41", "29/11"))


def test_a_title_breaks_between_words():
    title = "đợt gửi TW-261127-01 (TIN THẬT – CHẠY THỬ, không ai nhận được tin)"
    display, said = on_terminal(60)

    display.table(title, ("state", "people"), [("pending", 60)])

    assert all(word in said() for word in title.split())


def test_a_command_that_is_wider_than_the_terminal_is_broken_between_its_words():
    display, said = on_terminal(width=40)
    display.say("nothing yet; `zalo-alert schedule install campaigns/storm.yaml --at daily` begins")
    lines = said().splitlines()
    assert all(word in " ".join(lines).split() for word in ("install", "campaigns/storm.yaml", "--at"))
    assert max(map(len, lines)) <= 40


def test_a_row_under_its_name_leaves_out_what_is_empty():
    display, said = on_terminal(width=30)
    display.table("", ("article", "pages", "broadcasts", "people there"), [("phong-tranh-bao", 8, "", "")], whole=1)
    assert "pages 8" in said()
    assert "broadcasts" not in said()
