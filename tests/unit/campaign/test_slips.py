"""Slips of the pen in campaign files: what would be lost, or read otherwise than it was typed, is told where it stands."""

from datetime import datetime, timedelta

import pytest

from zalo_alert import testing
from zalo_alert.campaign.instants import instant_of
from zalo_alert.campaign.parse import parse, read
from zalo_alert.errors import CampaignInvalid
from zalo_alert.foundation import invisible
from zalo_alert.foundation.clock import VIETNAM, in_vietnam, words
from zalo_alert.foundation.yaml_document import MAX_PROBLEMS
from zalo_alert.testing import FakeClock, drill

_TEXT = f"text: {testing.SOUND}"
SOUND = drill(FakeClock().now())
TEXT_LINE = SOUND.splitlines().index(f"  {_TEXT}") + 1


def typed(old, new):
    assert old in SOUND
    return SOUND.replace(old, new)


def text(value):
    return typed(_TEXT, f"text: {value}")


def faults(source, name="c.yaml"):
    with pytest.raises(CampaignInvalid) as caught:
        parse(source.encode(), name)
    return [str(problem) for problem in caught.value.problems]


def sound(source):
    return parse(source.encode(), "c.yaml")


@pytest.mark.parametrize(
    ("source", "at", "field"),
    [
        (text("DIỄN TẬP, số nhà #5 đường Lê Lợi, gọi 112"), f"{TEXT_LINE}:26", "message.text"),
        (text("DIỄN TẬP\n    #khan_cap gọi 112"), f"{TEXT_LINE + 1}:5", "message.text"),
        (text("|\n      DIỄN TẬP\n    # gọi 112"), f"{TEXT_LINE + 2}:5", "message.text"),
        (typed("headline: DIỄN TẬP", "headline: DIỄN TẬP #khan_cap"), f"{TEXT_LINE - 1}:22", "message.headline"),
        (f"{SOUND}correction:\n  text: Tin #5 sai\n", f"{TEXT_LINE + 3}:13", "correction.text"),
        (f"{SOUND}variants:\n  - areas: [new:46]\n    text: DIỄN TẬP #5\n", f"{TEXT_LINE + 4}:20", "variants[0].text"),
        (
            typed("[{type: cs}]", '\n  - type: template\n    template_id: "311203"\n    data:\n      ma: Tin #5'),
            f"{TEXT_LINE + 1}:15",
            "routes[0].data.ma",
        ),
        (
            typed("[{type: cs}]", "\n  - type: cs\n    buttons:\n      - title: Gọi số #5\n        query: x"),
            f"{TEXT_LINE}:23",
            "routes[0].buttons[0].title",
        ),
    ],
)
def test_a_text_that_a_comment_cuts_is_told_where_it_is_cut(source, at, field):
    (found,) = [line for line in faults(source) if "begins a comment" in line]
    assert found.startswith(f"c.yaml:{at}  {field}  ")
    assert "put the text in quotes" in found


@pytest.mark.parametrize(
    "source",
    [
        text('"DIỄN TẬP, số nhà #5, gọi 112"  # as spoken on the radio'),
        text("|\n    DIỄN TẬP\n    #khan_cap gọi 112"),
        text("DIỄN TẬP, mã#5\n  # what follows is for the loudspeakers"),
        typed("status: Exercise", "status: Exercise  # Actual | Exercise | Test"),
    ],
)
def test_comments_beside_a_text_and_signs_within_one_are_nobody_s_fault(source):
    assert sound(source)


@pytest.mark.parametrize(
    "written", ["'DIỄN TẬP\\nGọi 112'", "DIỄN TẬP\\tGọi 112", '"DIỄN TẬP\\\\nGọi 112"', "'DIỄN TẬP \\u00e1'"]
)
def test_an_escape_that_people_would_read_as_it_is_typed_is_told(written):
    (found,) = faults(text(written))
    assert found.startswith(f"c.yaml:{TEXT_LINE}:")
    assert "as two characters" in found
    assert sound(text('"DIỄN TẬP\\nGọi 112"')).text == "DIỄN TẬP\nGọi 112"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("status: Exercise", "status:\u00a0Exercise", r"c.yaml:2:7  after the colon stands U+00A0 (no-break space)"),
        ("status: Exercise", "status：Exercise", "c.yaml:2:7  the colon is U+FF1A (fullwidth colon)"),
        ("audience: {areas: [all]}", "audience:\n  areas:\u00a0[all]", "c.yaml:11:3  audience  after the colon stands U+00A0"),
        ("status: Exercise", "status: Exercise\u00a0", "c.yaml:2:17  status  ends with U+00A0 (no-break space)"),
        ("status: Exercise", 'status: "\u3000Exercise"', "c.yaml:2:9  status  begins with U+3000 (ideographic space)"),
        ("status: Exercise", "status: Exercise\u200b", "c.yaml:2:17  status  holds the invisible character U+200B (zero"),
        ("status: Exercise", 'status: "Exer\\u200bcise"', "c.yaml:2:9  status  holds the invisible character U+200B"),
        ("status: Exercise", "status: Exer\u00a0cise", '"Exer<U+00A0>cise" is none of'),
        ("status: Exercise", "status\u00a0: Exercise", "c.yaml:2:7  ends with U+00A0"),
        ("code: DT-1", "code: 1e3", 'c.yaml:1:7  code  should be text: put it in quotes, "1e3"'),
        ("[{type: cs}]", "[{type: cs, buttons: [{title: Cần giúp?, query: x}]}]", "must stand in quotes"),
        ("[{type: cs}]", "[{type: cs, buttons: [{title: Số #5, query: x}]}]", "c.yaml:11:42  a # after a space begins a comment"),
    ],
)  # fmt: skip
def test_what_looks_like_something_else_is_named_on_its_own_line(old, new, said):
    assert any(said in line for line in faults(typed(old, new)))


@pytest.mark.parametrize("char", ["\u202e", "\u2066", "\u200b", "\u00ad", "\ufeff", "\U000e0041", "\u3164", "\u2800", "\u200d"])
def test_what_a_reviewer_cannot_see_is_refused_in_texts_and_in_comments(char):
    for source in (text(f'"DIỄN TẬP{char} x"'), typed("code: DT-1", f"# a{char}b\ncode: DT-1")):
        assert any(f"holds the invisible character U+{ord(char):04X}" in line for line in faults(source))


def test_signs_that_join_emoji_and_scripts_are_text():
    flag = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
    said = f"DIỄN TẬP 👩\u200d⚕️ 👨\u200d👩\u200d👧 ❤️ 1️⃣ {flag} ශ්\u200dරී می\u200cخواهم"
    assert sound(text(f'"{said}"')).text == said
    assert list(invisible.hidden(said)) == []


def test_a_comment_of_the_template_language_is_refused_like_any_other_statement():
    (found,) = faults(text('"DIỄN TẬP: nhắn {#giúp} rồi {# gọi 112 #} ngay"'))
    assert f"c.yaml:{TEXT_LINE}:" in found
    assert "{# begins a comment" in found


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-09-18T20:00:00+07:00", "2026-09-18T20:00:00+07:00"),
        ("2026-09-18t13:00:00z", "2026-09-18T20:00:00+07:00"),
        ("2026-09-18T24:00:00+07:00", "2026-09-19T00:00:00+07:00"),
        ("2026-09-18T24:00+07:00", "2026-09-19T00:00:00+07:00"),
        ("2026-09-18 20:00:24+07:00", "2026-09-18T20:00:24+07:00"),
    ],
)
def test_instants_are_read_as_the_standards_write_them(written, read):
    assert instant_of(written) == datetime.fromisoformat(read)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2026-09-18T20:00:00-07:00", "is 10:00 19/9/2026 in Vietnam: write it with +07:00"),
        ("2026-09-18T20:00:00+00:70", "has a time zone that does not exist, +00:70"),
        ("2026-09-18T20:00:00+25:00", "has a time zone that does not exist, +25:00"),
        ("9999-12-31T17:00:00Z", "is in the year 9999"),
        ("9999-12-31T24:00:00+07:00", "is in the year 9999"),
        ("0001-01-01T00:00:00+14:00", "is in the year 1"),
        ("2026-09-18T25:00:00+07:00", "is not an instant"),
    ],
)
def test_an_instant_that_cannot_be_meant_is_a_sentence(written, said):
    for key in ("effective", "expires"):
        source = "\n".join(f"{key}: {written}" if line.startswith(f"{key}:") else line for line in SOUND.splitlines())
        assert any(said in line for line in faults(source))
    assert any(said in line for line in faults(f"{SOUND}onset: {written}\n"))


def test_the_ends_of_the_calendar_have_an_hour_in_vietnam():
    assert words(datetime.fromisoformat("9999-12-31T17:00:00+00:00")) == "23:59 31/12/9999"
    assert in_vietnam(datetime.fromisoformat("0001-01-01T00:00:00+14:00")) == datetime.min.replace(tzinfo=VIETNAM)


def test_an_instant_of_another_zone_is_worth_a_remark():
    source = typed("+07:00\nexpires", "+07:00\nonset: 2026-09-18T08:00:00Z\nexpires")
    (found,) = read(source.encode(), "c.yaml").remarks
    assert str(found) == "c.yaml:9:8  onset  2026-09-18T08:00:00Z is 15:00 18/9/2026 in Vietnam: better written with +07:00"
    assert read(SOUND.encode(), "c.yaml").remarks == ()


def test_the_places_that_a_file_names_are_told_as_they_stand_there():
    source = typed("{areas: [all]}", "{areas: [Huế, new:44], exclude: {areas: [Đông Hà]}}\norder: [Huế, old:45]")
    assert read(source.encode(), "c.yaml").selectors == ("Huế", "new:44", "Đông Hà", "old:45")


def test_a_headline_and_a_query_are_measured_as_they_are_sent():
    decomposed = "e\u0301"
    assert sound(typed("headline: DIỄN TẬP", f'headline: "DIỄN TẬP {decomposed * 180}"'))
    assert sound(typed("{type: cs}", f'{{type: cs, buttons: [{{title: x, query: "{decomposed * 900}"}}]}}'))


@pytest.mark.parametrize("area", ["Đông Hà", "ward:19333", "new:46 + ward:19333"])
def test_an_immediate_campaign_for_wards_must_say_whom_it_warns(area):
    immediate = SOUND.replace("urgency: Expected", "urgency: Immediate")
    (found,) = faults(immediate.replace("[all]", f'["{area}"]'))
    assert "audience.uncertain" in found
    assert "include" in found
    assert sound(immediate.replace("[all]", f'["{area}"], uncertain: exclude'))
    assert sound(immediate.replace("[all]", "[new:44]"))
    assert sound(SOUND.replace("[all]", f'["{area}"]'))


def test_the_problems_of_several_files_add_up_and_no_line_is_made_up():
    many = typed("[all]", f"[{', '.join(f'x{n}' for n in range(144))}]")
    found = [
        CampaignInvalid(problems.problems)
        for problems in (_caught(many, "a.yaml"), _caught(text('"không phải diễn tập"'), "b.yaml"))
    ]
    assert str(found[0]) == "144 problems in a.yaml"
    assert len(found[0].problems) == MAX_PROBLEMS + 1
    last = found[0].problems[-1]
    assert (last.line, last.message) == (10, "and 44 more from here on: is this the right file?")
    both = CampaignInvalid([problem for one in found for problem in one.problems])
    assert str(both) == f"{144 + len(found[1].problems)} problems in 2 files"


def _caught(source, name):
    with pytest.raises(CampaignInvalid) as caught:
        parse(source.encode(), name)
    return caught.value


def test_a_text_is_measured_with_the_longest_name_of_a_place_that_its_readers_see():
    wards = "[ward:22255, ward:22319, ward:22015]"  # people of whom only the province is known read all three names
    many = text(f'"DIỄN TẬP {"{{ place }}" * 50}"')
    assert sound(many.replace("[all]", "[new:79]"))
    assert any("a consultation message (cs) takes 2000" in line for line in faults(many.replace("[all]", wards)))
    assert sound(many.replace("[all]", f"{wards}, uncertain: exclude"))


@pytest.mark.parametrize(
    ("severity", "urgency", "days", "is_fault"),
    [
        ("Minor", "Expected", 300, False),
        ("Minor", "Future", 367, True),
        ("Minor", "Immediate", 15, True),
        ("Severe", "Expected", 15, True),
        ("Severe", "Expected", 14, False),
    ],
)
def test_only_a_routine_notice_is_in_force_for_longer_than_two_weeks(severity, urgency, days, is_fault):
    now = FakeClock().now()
    expires = (now + timedelta(days=days, minutes=-1)).isoformat(timespec="seconds")
    source = drill(now, severity=severity, urgency=urgency, expires=expires)
    if not is_fault:
        sound(source)
        return

    assert any("is the date right?" in fault for fault in faults(source))
