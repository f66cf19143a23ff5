"""The cap on messages, against a count by hand: whoever has had enough is withheld, and everyone else is written to."""

import os
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zalo_alert.book import Book, Selection
from zalo_alert.campaign import parse as campaign_file
from zalo_alert.errors import StorageUnusable
from zalo_alert.foundation.notices import Notice
from zalo_alert.ledger.base import Entry, Window
from zalo_alert.models import MsgType, Reason, Severity, State, Urgency, Variant
from zalo_alert.operations.scaffold import create
from zalo_alert.planning import cap, plan
from zalo_alert.planning.freeze import FreezeRequest, freeze
from zalo_alert.planning.planner import make_plan
from zalo_alert.runs.store import Runs
from zalo_alert.settings import load
from zalo_alert.settings.model import PersonCap
from zalo_alert.testing import FakeClock, drill

pytestmark = pytest.mark.long

CLOCK = FakeClock()
NOW = CLOCK.now()
PEOPLE = 12
CITIES = ["Huế", "Đà Nẵng", "Quảng Trị"]
MAYBE_REACHED = (State.ACCEPTED, State.UNKNOWN, State.CLAIMED)


def person(number):
    return f"{1000000000000000000 + number}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("workspace")
    create(made, NOW)
    rows = [f"{person(number)},{CITIES[number % 3]}" for number in range(PEOPLE)]
    (made / "f.csv").write_text("\n".join(["user_id,city", *rows]), encoding="utf-8")
    Book(made / "book").import_rows(made / "f.csv", "f.csv", rejects=made / "r.csv", clock=CLOCK)
    return made


def campaign(**changes):
    found = campaign_file.parse(drill(NOW, severity="Minor").encode(), "c.yaml")
    return replace(found, **changes)


def sources(folder):
    chosen = load.load(folder, {})
    return chosen, [plan.Source(chosen.accounts[0], Book(folder / "book"), Selection())]


NO_CAP = PersonCap(0, 0)


def frozen(folder, runs, code, capped=False, limits=NO_CAP, notices=None, **changes):
    """Freeze a campaign for everyone."""
    chosen, found = sources(folder)
    chosen = replace(chosen, person_cap=limits)
    own = campaign(code=code, **changes)
    if capped:
        (runs.folder / "draft").mkdir(parents=True, exist_ok=True)
        found = cap.look_back(found, runs, limits, NOW, runs.folder / "draft", (notices if notices is not None else []).append)
    made = make_plan(own, found, chosen, NOW)
    return made, freeze(FreezeRequest(made, drill(NOW).encode(), found, chosen), runs, NOW)


def reach(run, outcomes, now):
    """Write down what became of a run's people: a state and an age in seconds by id; the others are untouched or open."""
    with closing(run.audience()) as audience:
        people = audience.window(0, run.facts.audience)
    with closing(run.ledger()) as ledger:
        ledger.record(window=Window(0, len(people)))
        settled = []
        for one in people:
            state, age_s = outcomes[one.user_id]
            at_s = int(now.timestamp()) - age_s
            settled.append(Entry(one.number, state, one.place, 0, 1, 0, Reason.NONE, 0, at_s, 0, ""))
        ledger.record(settled=settled)


DAY_S, WEEK_S = 86_400, 7 * 86_400
AGES = [0, 3600, DAY_S - 1, DAY_S, DAY_S + 1, 3 * DAY_S, WEEK_S, WEEK_S + 1]
OUTCOMES = st.tuples(st.sampled_from([State.ACCEPTED, State.UNKNOWN, State.REJECTED, State.EXPIRED]), st.sampled_from(AGES))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    history=st.lists(st.lists(OUTCOMES, min_size=PEOPLE, max_size=PEOPLE), min_size=1, max_size=5),
    day=st.integers(0, 3),
    week=st.integers(0, 4),
)
def test_who_is_withheld_is_who_has_had_enough(folder, tmp_path_factory, history, day, week):
    runs = Runs(tmp_path_factory.mktemp("runs") / "runs")
    in_day: Counter[str] = Counter()
    in_week: Counter[str] = Counter()
    for number, outcomes in enumerate(history):
        _, run = frozen(folder, runs, f"OLD-{number}")
        own = {person(at): outcome for at, outcome in enumerate(outcomes)}
        with closing(run):
            reach(run, own, NOW)
        os.utime(run.folder / "run.db", (NOW.timestamp(), NOW.timestamp()))
        for who, (state, age_s) in own.items():
            if state in MAYBE_REACHED:
                in_day[who] += age_s <= DAY_S
                in_week[who] += age_s <= WEEK_S
    everyone = {person(number) for number in range(PEOPLE)}
    by_day = {who for who in everyone if day and in_day[who] >= day}
    by_week = {who for who in everyone if week and in_week[who] >= week} - by_day

    made, run = frozen(folder, runs, "NEW", capped=True, limits=PersonCap(day, week))

    assert (made.people, made.withheld) == (PEOPLE - len(by_day | by_week), len(by_day | by_week))
    with closing(run), closing(run.audience()) as audience, closing(run.ledger()) as ledger:
        people = {one.number: one for one in audience.window(0, PEOPLE)}
        withheld = {people[entry.number].user_id: entry for entry in ledger.entries(states=[State.WITHHELD])}
        assert {who for who, entry in withheld.items() if entry.reason is Reason.DAY_CAP} == by_day
        assert {who for who, entry in withheld.items() if entry.reason is Reason.WEEK_CAP} == by_week
        assert {people[number].user_id for number in range(ledger.claimable)} == everyone - by_day - by_week
        assert sum(ledger.totals().values()) == PEOPLE
        places = Counter(one.place for one in people.values())
        assert [place.people for place in run.places()] == [places[number] for number in range(len(places))]
        assert all(people[number].place == entry.place for number, entry in ((e.number, e) for e in withheld.values()))


def filled(folder, runs, times):
    """Let everyone have had so many messages an hour ago."""
    for number in range(times):
        _, run = frozen(folder, runs, f"OLD-{number}")
        with closing(run):
            reach(run, {person(at): (State.ACCEPTED, 3600) for at in range(PEOPLE)}, NOW)
        os.utime(run.folder / "run.db", (NOW.timestamp(), NOW.timestamp()))


@pytest.fixture(scope="module")
def tired(folder, tmp_path_factory):
    """Runs by which everyone has had three messages."""
    runs = Runs(tmp_path_factory.mktemp("runs") / "runs")
    filled(folder, runs, 3)
    return runs


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, ""),
        ({"severity": Severity.MODERATE}, ""),
        ({"urgency": Urgency.IMMEDIATE}, "Immediate"),
        ({"severity": Severity.SEVERE}, "Severe"),
        ({"severity": Severity.EXTREME}, "Extreme"),
        ({"severity": Severity.EXTREME, "risk_level": 3}, ""),
        ({"risk_level": 4}, "risk level 4"),
        ({"msg_type": MsgType.CANCEL}, "a correction"),
        ({"msg_type": MsgType.UPDATE}, ""),
        ({"msg_type": MsgType.UPDATE, "urgency": Urgency.PAST}, "an all-clear"),
    ],
    ids=str,
)
def test_what_passes_the_cap_and_why(folder, tired, tmp_path, changes, why):
    chosen, found = sources(folder)
    found = cap.look_back(found, tired, PersonCap(), NOW, tmp_path, print)
    made = make_plan(campaign(**changes), found, chosen, NOW)

    assert made.over_cap_why == why
    assert (made.people, made.withheld, made.over_cap) == ((PEOPLE, 0, PEOPLE) if why else (0, PEOPLE, 0))


def test_a_variant_of_a_higher_risk_passes_where_it_holds(folder, tired, tmp_path):
    chosen, found = sources(folder)
    found = cap.look_back(found, tired, PersonCap(), NOW, tmp_path, print)
    own = campaign(risk_level=2)
    hue = campaign_file.parse(drill(NOW, areas="[new:46]").encode(), "c.yaml").audience.areas
    made = make_plan(replace(own, variants=(Variant(hue, own.text, risk_level=4),)), found, chosen, NOW)

    assert (made.people, made.withheld, made.over_cap, made.over_cap_why) == (4, 8, 4, "risk level 4")
    assert made.finishes_at < make_plan(own, sources(folder)[1], chosen, NOW).finishes_at


def test_nothing_is_read_where_too_few_runs_could_have_reached_anybody(folder, tmp_path):
    runs = Runs(tmp_path / "runs")
    filled(folder, runs, 3)
    _, found = sources(folder)

    def looked(limits, now):
        (tmp_path / cap.NAME).unlink(missing_ok=True)
        cap.look_back(found, runs, limits, now, tmp_path, print)
        return (tmp_path / cap.NAME).exists()

    assert looked(PersonCap(3, 8), NOW)
    assert not looked(PersonCap(4, 8), NOW)
    assert not looked(PersonCap(0, 0), NOW)
    assert not looked(PersonCap(3, 8), NOW + timedelta(days=1, seconds=1))
    assert looked(PersonCap(3, 3), NOW + timedelta(days=1, seconds=1))
    assert not looked(PersonCap(3, 3), NOW + timedelta(days=7, seconds=1))


def test_another_oas_messages_do_not_count(folder, tired, tmp_path):
    _, found = sources(folder)
    other = replace(found[0], account=replace(found[0].account, id="khac", oa_id="111111"))
    assert cap.look_back([other], tired, PersonCap(), NOW, tmp_path, print) == (other,)


def test_a_run_that_cannot_be_read_keeps_no_alert_back(folder, tmp_path):
    runs = Runs(tmp_path / "runs")
    filled(folder, runs, 4)
    (runs.folder / "OLD-0" / "run.db").write_bytes(b"no database at all, though its name says so" * 100)
    for shard in (runs.folder / "OLD-1" / "shards").iterdir():
        shard.write_bytes(b"no Parquet")
    os.utime(runs.folder / "OLD-0" / "run.db", (NOW.timestamp(), NOW.timestamp()))
    notices: list[Notice] = []

    made, run = frozen(folder, runs, "NEW", capped=True, limits=PersonCap(), notices=notices)
    run.close()

    assert (made.people, made.withheld) == (PEOPLE, 0)
    assert [("OLD-0" in str(notice.sentence), "OLD-1" in str(notice.sentence)) for notice in notices] == [
        (True, False),
        (False, True),
    ]


def test_a_ledger_that_withholds_others_than_were_frozen_is_refused(folder, tired, tmp_path):
    made, run = frozen(folder, tired, "NEW", capped=True, limits=PersonCap())
    assert made.withheld == PEOPLE
    run._db.run("DELETE FROM withheld")

    with closing(run), pytest.raises(StorageUnusable, match="withholds 0 people from the start, and was frozen with 12"):
        run.ledger()
