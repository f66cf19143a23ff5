"""The panel: the verdict first, the worst next, and nothing cut at any width, in either language."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from rich.cells import cell_len
from sights import NOW, drift_of, place_of, sight_of, totals_of

from tests.full_reports import receipts_of
from zalo_alert.cli import panel
from zalo_alert.language import Language, catalogue_of
from zalo_alert.ledger.broadcasts import BroadcastStatus
from zalo_alert.models import Reason, State
from zalo_alert.pacing.slowness import Cause as Slow
from zalo_alert.pacing.slowness import Slowed
from zalo_alert.reporting.arrived import Arrived
from zalo_alert.reporting.release import Release
from zalo_alert.reporting.report import Cause
from zalo_alert.runs.lifecycle import RunState

from .test_display import on_terminal

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")
LATE = place_of("Quảng Trị", 8424, 1200, drift_of(30, 18 * 60), NOW + timedelta(minutes=40))
DONE_LATE = place_of("Đà Nẵng", 900, 900, drift_of(-30, 300, is_done=True))
ON_TIME = [place_of(f"Nơi {number}", 100, 50) for number in range(35)]
REFUSED = Cause(State.REJECTED, "template", -213, Reason.DEAD, "người này đã bỏ quan tâm", 671)


def everything(**changes):
    slowed = (Slowed(Slow.LOWERED, NOW, NOW + timedelta(days=2)), Slowed(Slow.FILES, NOW))
    given = {
        "totals": totals_of(pending=26_727, accepted=39_494, rejected=671, unknown=12, deferred=300),
        "drift": drift_of(412, 18 * 60),
        "places": (*ON_TIME[:30], LATE, DONE_LATE, *ON_TIME[30:]),
        "causes": (REFUSED,),
        "status": {"slowed": slowed, "release": Release("An", "no time")},
        "granted_per_s": 1100.0,
        "rate_per_s": 983.0,
        "onset": NOW + timedelta(hours=2),
        "due_at": NOW + timedelta(minutes=7),
        "receipts": receipts_of(30_000, 9_000, two_candidates=2),
    }
    return sight_of(**(given | changes))


@pytest.fixture
def drawn(monkeypatch):
    def draw(sight, width=80, language=Language.EN, **options):
        display, shown = on_terminal(width)
        display.catalogue = catalogue_of(language)
        monkeypatch.setattr(panel, "display", display)
        display.out.print(panel.draw(sight, **options), soft_wrap=False)
        return [line.rstrip() for line in CONTROL.sub("", shown()).splitlines()]

    return draw


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("language", Language)
def test_nothing_is_cut_or_broken_within_a_word(drawn, width, language):
    lines = drawn(everything(), width, language, foot="p d ?")
    said = " ".join(" ".join(lines).split())
    numbers = {Language.EN: ("67 204", "39 494", "18 min late"), Language.VI: ("67.204", "39.494", "chậm 18 phút")}[language]

    assert max(map(cell_len, lines)) <= width
    wanted = (
        "983/",
        "ulimit -n",
        "Quảng Trị",
        "-213",
        "671",
        "`zalo-alert export unknown.csv --state unknown --run DT-1`",
    )
    assert [text for text in (*numbers, *wanted) if text not in said.replace("\u202f", " ")] == []


def test_the_verdict_is_the_first_line_and_says_its_kind_without_a_colour(drawn):
    assert drawn(everything(), 120)[0].startswith("! 18 min late: last person 05:10 Fri 27/11, goes slower")
    assert drawn(sight_of())[0] == "✓ on time: last person 04:52 Fri 27/11"
    assert drawn(sight_of(RunState.STOPPED))[0] == "· stopped; 60\u202f000 people left"


def test_done_of_planned_rate_of_granted_and_time_left_stand_in_one_line(drawn):
    assert "40\u202f177 of 67\u202f204 settled (59.8 %) · 983/s of 1100/s granted · 7 h 10 min left" in drawn(everything(), 120)


def test_the_worst_places_come_first_and_those_on_time_are_one_line(drawn):
    lines = drawn(everything(), 120)
    worst = next(number for number, line in enumerate(lines) if line.startswith("Quảng Trị"))

    assert lines[worst].split("  ")[-1] == "22:48, 18 min late"
    assert lines[worst + 1].startswith("Đà Nẵng")
    assert lines[worst + 2] == "35 places on time"


def test_no_more_than_some_places_are_named(drawn):
    places = tuple(place_of(f"Nơi {n}", 10, 0, drift_of(30, 60 + n)) for n in range(34))
    lines = drawn(sight_of(places=places), most_places=3)

    assert [line.split("  ")[0] for line in lines if line.startswith("Nơi")] == ["Nơi 33", "Nơi 32", "Nơi 31"]
    assert "31 more places late" in lines


def test_what_threatens_a_place_is_said_with_its_name(drawn):
    late = drawn(everything(), 120)
    unsent = drawn(everything(expires=NOW + timedelta(minutes=20)), 120)

    assert "the last person is reached after the onset in Quảng Trị" in late
    assert any(line.startswith("not everyone is reached before it expires in Nơi 0, Nơi 1, Nơi 2 and 33 more") for line in unsent)


def test_unknown_people_come_with_what_to_do(drawn):
    lines = drawn(everything(), 120)

    assert "12 people unknown: perhaps reached, and not asked again by itself" in lines
    assert any("`zalo-alert resume DT-1 --retry-unknown`" in line for line in lines)


def test_success_is_green_and_never_red(monkeypatch):
    display, shown = on_terminal(80)
    monkeypatch.setattr(panel, "display", display)
    display.out.print(panel.draw(sight_of(places=tuple(ON_TIME))), soft_wrap=False)

    assert "\x1b[1;32m✓ on time" in shown()
    assert "\x1b[31m" not in shown()
    assert "\x1b[1;31m" not in shown()


@pytest.mark.parametrize(
    "sight",
    [
        sight_of(RunState.HALTED, last=("halted", "the run halted: no money")),
        sight_of(RunState.WAITING, last=("waiting", "everyone left must wait")),
        sight_of(RunState.FINISHED, totals_of(accepted=9), drift=drift_of(-9, 0, is_done=True)),
        sight_of(RunState.SUBMITTED, totals_of(pending=9)),
        sight_of(RunState.FINISHED, totals_of()),
        sight_of(status={"audience": 0, "drift": None, "broadcasts": (BroadcastStatus("oa", State.ACCEPTED),)}),
        sight_of(drift=drift_of(9, None), rate_per_s=0.0, places=(place_of("Huế", 9, 0, drift_of(9, None)),)),
        sight_of(RunState.SENDING, totals_of(claimed=3, accepted=1), status={"is_active": False}),
    ],
    ids=["halted", "waiting", "finished", "submitted", "nobody", "broadcast", "stuck", "cut off"],
)
def test_every_state_can_be_drawn(drawn, sight):
    lines = drawn(sight, 60)

    assert max(map(cell_len, lines)) <= 60
    assert "DT-1" in lines[1]


def test_delivered_and_seen_are_told_of_those_accepted_and_that_none_proves_nothing(drawn):
    place = replace(LATE, arrived=Arrived(900, 100))
    told = sight_of(totals=totals_of(pending=10, accepted=1_200), receipts=receipts_of(900, 100), places=(place,))
    lines = drawn(told, 120)

    assert lines[4] == (
        "delivered 900 of 1200 accepted (75.0 %) · seen 100 (8.3 %) · receipts until 21:00:00; that none came proves nothing"
    )
    assert [line for line in lines if "Quảng Trị" in line and "delivered 75.0 %" in line] != []


def test_that_nobody_keeps_receipts_is_told_once_nobody_sends_any_more(drawn):
    words = "delivered and seen: not kept, no receipts have been taken"

    assert words in drawn(sight_of(RunState.FINISHED, totals_of(accepted=9)))
    assert not any("delivered" in line for line in drawn(sight_of()))
    later = receipts_of(0, 0, is_kept=False)
    assert "delivered and seen: not known, of the receipts taken until 21:00:00 none is of this run" in drawn(
        sight_of(RunState.FINISHED, totals_of(accepted=9), receipts=later), 120
    )
