"""From a campaign and a book to a frozen run, and from its ledger to a report."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from zalo_alert import places
from zalo_alert.book import Book, Selection
from zalo_alert.campaign import parse as campaign_file
from zalo_alert.campaign.lifecycle import ahead_s
from zalo_alert.delivery import checks
from zalo_alert.delivery.channels.zalo import Composer
from zalo_alert.errors import CampaignRefused, StorageUnusable
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.language import Language, catalogue_of, persons, said_in
from zalo_alert.ledger.base import Entry, Window
from zalo_alert.ledger.memory import MemoryLedger
from zalo_alert.models import Reach, Reason, Rejected, Route, RouteType, State, Status, Uncertain, Variant
from zalo_alert.operations.commands import spoken
from zalo_alert.operations.scaffold import create, examples
from zalo_alert.planning import plan
from zalo_alert.planning.freeze import FreezeRequest, freeze
from zalo_alert.planning.planner import make_plan
from zalo_alert.planning.template_fit import CURE, Gap
from zalo_alert.reporting import export, report
from zalo_alert.runs.facts import run_id
from zalo_alert.runs.store import Runs
from zalo_alert.sandbox import synthetic
from zalo_alert.settings import load
from zalo_alert.testing import FakeClock, drill

CLOCK = FakeClock()
NOW = CLOCK.now()
PEOPLE = 3000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("workspace")
    create(made, NOW)
    synthetic.write_followers(made / "f.csv", PEOPLE)
    book(made).import_rows(made / "f.csv", "f.csv", rejects=made / "r.csv", clock=CLOCK)
    return made


class Said:
    """What a message says, to everyone alike."""

    personal, edition = False, 0

    def __call__(self, recipient):
        return {}


def book(folder):
    return Book(folder / "book")


def campaign(**changes):
    text = campaign_file.redate(examples()["dien-tap-bao.yaml"], NOW)
    return replace(campaign_file.parse(text, "c.yaml"), **changes)


def sources(folder, **account):
    chosen = load.load(folder, {})
    found = replace(chosen.accounts[0], **account)
    return chosen, [plan.Source(found, book(folder), Selection(frozenset({"thu-nghiem"})))]


def made(folder, **changes):
    chosen, given = sources(folder)
    return make_plan(campaign(**changes), given, chosen, NOW)


def frozen(folder, where, found=None):
    chosen, given = sources(folder)
    text = campaign_file.redate(examples()["dien-tap-bao.yaml"], NOW)
    return freeze(FreezeRequest(found or made(folder), text, given, chosen), Runs(where / "runs"), NOW)


def test_a_plan_counts_everyone_once_and_ends_at_the_granted_rate(folder):
    found = made(folder)
    assert found.people + found.left_out == PEOPLE
    assert found.people == sum(row.place.people for row in found.places)
    assert found.finishes_at - NOW == pytest.approx(
        timedelta(seconds=found.requests / found.rate_per_s), abs=timedelta(seconds=1)
    )
    assert found.rate_per_s == pytest.approx(4000 / 60, rel=0.03)
    assert [row.finishes_at for row in found.places] == sorted(row.finishes_at for row in found.places)


def test_a_plan_that_ends_after_the_storm_says_so(folder):
    late = made(folder, onset=NOW + timedelta(seconds=10), expires=NOW + timedelta(seconds=20))
    assert any("AFTER the onset" in warning for warning in late.warnings)
    assert any("expires" in warning for warning in late.warnings)
    said = [said_in(warning, catalogue_of(Language.VI)) for warning in late.warnings]
    assert any(warning.endswith("SAU khi thiên tai bắt đầu xảy ra") for warning in said)
    assert any(warning.startswith("bản tin hết hiệu lực") for warning in said)


def test_the_order_of_the_campaign_is_the_order_of_sending(folder):
    labels = [row.place.label for row in made(folder).places]
    assert labels.index("Hà Tĩnh") < labels.index("Hà Nội")


def test_what_is_over_is_refused(folder):
    with pytest.raises(CampaignRefused):
        made(folder, expires=NOW - timedelta(seconds=1))


def test_a_real_alert_can_be_planned(folder):
    assert made(folder, status=Status.ACTUAL).people == made(folder).people


def test_an_account_writes_to_its_own_areas_only(folder):
    chosen, given = sources(folder, areas=("old:45",))
    with pytest.raises(CampaignRefused, match="may write to old:45"):
        make_plan(campaign(), given, chosen, NOW)


def test_a_frozen_run_holds_exactly_the_plan(folder, tmp_path):
    found = made(folder)
    run = frozen(folder, tmp_path, found)
    people = run.audience().window(0, found.people)
    assert len({person.user_id for person in people}) == found.people == run.facts.audience
    assert [person.number for person in people] == list(range(found.people))
    numbers = [[person.number for person in people if person.place == place] for place in range(len(found.places))]
    assert [(own[0], own[-1]) for own in numbers] == [(row.first_number, row.last_number) for row in found.places]


def test_places_of_a_tier_advance_side_by_side_and_tiers_one_after_the_other(folder, tmp_path):
    found = made(folder)
    sizes, tiers = [row.place.people for row in found.places], [row.tier for row in found.places]
    done = [0] * len(sizes)
    for person in frozen(folder, tmp_path, found).audience().window(0, found.people):
        own = person.place
        done[own] += 1
        for other, tier in enumerate(tiers):
            if tier == tiers[own]:
                assert abs(done[other] / sizes[other] - done[own] / sizes[own]) <= 1 / sizes[other] + 1 / sizes[own] + 1e-9
            else:
                assert done[other] == (sizes[other] if tier < tiers[own] else 0)
    assert len(set(tiers)) > 2


def test_a_plan_says_when_each_place_begins_and_ends(folder):
    found = made(folder)
    for tier in {row.tier for row in found.places}:
        rows = [row for row in found.places if row.tier == tier]
        each = (found.finishes_at - found.starts_at) / found.people
        assert max(row.starts_at for row in rows) - min(row.starts_at for row in rows) < len(rows) * each
        large = [row.finishes_at for row in rows if row.place.people > 1]
        assert max(large) - min(large) < len(rows) * each
    assert found.places[0].starts_at == NOW


def test_a_plan_of_what_takes_effect_later_begins_then(folder):
    found = made(folder, effective=(NOW + timedelta(minutes=10)).astimezone(UTC))
    assert found.starts_at == found.places[0].starts_at == NOW + timedelta(minutes=10)
    assert found.finishes_at > found.starts_at
    assert f"{found.starts_at:%z}" == "+0700"  # as it is shown


def test_the_onset_of_a_variant_is_what_its_people_are_late_for(folder):
    areas = (places.area("old:42"),)
    early = Variant(areas, "DIỄN TẬP", onset=NOW + timedelta(seconds=1))
    assert any("in Hà Tĩnh" in warning and "AFTER" in warning for warning in made(folder, variants=(early,)).warnings)
    assert not made(folder).warnings


def test_the_same_campaign_frozen_twice_is_one_run(folder, tmp_path):
    assert frozen(folder, tmp_path).facts.digest == frozen(folder, tmp_path).facts.digest
    assert Runs(tmp_path / "runs").ids() == ["DT-TW-261124-01"]


def test_a_book_that_changed_since_the_plan_is_refused(folder, tmp_path):
    found = replace(made(folder), generation="another")
    with pytest.raises(CampaignRefused, match="changed"):
        frozen(folder, tmp_path, found)
    assert Runs(tmp_path / "runs").ids() == []


@pytest.mark.parametrize("occurrence", ["../x", "a b", "", "x" * 65, ".", "a/b"])
def test_an_occurrence_is_a_name_and_no_path(occurrence):
    if not occurrence:
        assert run_id("C-1", "") == "C-1"
        return
    with pytest.raises(Exception, match="occurrence"):
        run_id("C-1", occurrence)


SHARED = """user_id,phone,city
1002893352839501541,0912345678,Huế
1002893352839501542,+84912345678,Huế
1002893352839501543,84 912 345 678,Huế
1002893352839501544,0987654321,Huế
1002893352839501545,,Huế
"""


def by_phone(tmp_path, *lists, further=()):
    """Plan and freeze a campaign by phone, and then by consultation message, for a book of an OA each."""
    create(tmp_path, NOW)
    chosen = load.load(tmp_path, {})
    given = []
    for number, (text, app) in enumerate(zip((SHARED, *lists), ("", *further), strict=True)):
        path = tmp_path / f"{number}.csv"
        path.write_text(text, encoding="utf-8")
        own = Book(tmp_path / f"book-{number}")
        own.import_rows(path, path.name, rejects=tmp_path / "r.csv", clock=CLOCK)
        account = chosen.accounts[0]
        given.append(plan.Source(replace(account, app_id=app or account.app_id, id=account.id), own, Selection()))
    text = drill(NOW, routes="[{type: phone, template_id: '1', data: {a: x}}, {type: cs}]").encode()
    found = make_plan(campaign_file.parse(text, "c.yaml"), given, chosen, NOW)
    return found, freeze(FreezeRequest(found, text, given, chosen), Runs(tmp_path / "runs"), NOW)


def test_a_plan_counts_numbers_and_a_run_writes_to_each_once(tmp_path):
    found, run = by_phone(tmp_path)

    assert (found.people, found.routes[0].asked, found.routes[0].reachable, found.same_phone) == (5, 2, 2, 2)
    assert any("2 people have the phone number of somebody else" in warning for warning in found.warnings)
    first, second, third, other, none = run.audience().window(0, 5)
    assert (first.phone, other.phone, none.phone) == ("84912345678", "84987654321", "")
    assert second.phone == third.phone == f"={first.user_id}"


def test_only_the_owner_of_a_number_is_written_to_by_phone_and_the_others_by_the_next_route(tmp_path):
    _, run = by_phone(tmp_path)
    route = Route(RouteType.PHONE, "1")
    compose = Composer(route, Said(), "run").compile()
    made = [compose(person) for person in run.audience().window(0, 5)]

    assert [type(body) for body in made] == [bytes, Rejected, Rejected, bytes, Rejected]
    assert made[1] == made[2] == Rejected(Reason.SAME_PHONE)
    assert made[4] == Rejected(Reason.NO_ADDRESS)


def test_an_export_says_whose_number_it_is(tmp_path):
    _, run = by_phone(tmp_path)
    ledger = run.ledger()
    ledger.record(window=Window(0, 5))
    refused = Entry(1, State.REJECTED, 0, 0, 1, 0, Reason.SAME_PHONE, 0, 1, 0, "")
    ledger.record(
        settled=[refused, refused._replace(number=0, reason=Reason.DEAD), refused._replace(number=4, reason=Reason.NO_ADDRESS)]
    )
    campaign = checks.frozen_campaign(run)
    reasons = [row["reason"] for table in export.tables(run, campaign, ledger) for row in table.to_pylist()]
    causes = {cause.reason: cause.meaning for cause in report.make(run, campaign, ledger).causes}
    ledger.close()

    assert reasons == ["dead", "same-phone:1002893352839501541", "", "", "no-address"]
    assert "another person's" in causes[Reason.SAME_PHONE]


@pytest.mark.slow
@pytest.mark.parametrize("app", ["", "99"], ids=["one app", "two apps"])
def test_one_phone_at_two_oas_is_one_person_whatever_the_apps(tmp_path, app):
    other = "user_id,phone,city\n2002893352839501541,0912345678,Huế\n2002893352839501549,0911111111,Huế\n"

    found, run = by_phone(tmp_path, other, further=(app,))

    assert (found.people, found.left_out, found.routes[0].reachable) == (6, 1, 3)
    assert {person.user_id for person in run.audience().window(0, 6)} >= {"1002893352839501541", "2002893352839501549"}
    assert "2002893352839501541" not in {person.user_id for person in run.audience().window(0, 6)}


def test_a_campaign_without_a_route_by_phone_leaves_the_numbers_alone(folder, tmp_path):
    assert made(folder).same_phone == 0
    assert not [person for person in frozen(folder, tmp_path).audience().window(0, 50) if person.phone.startswith("=")]


def test_a_report_adds_up_by_state_place_and_cause(folder, tmp_path):
    run = frozen(folder, tmp_path)
    ledger = run.ledger()
    people = run.audience().window(0, 100)
    at_s = int(NOW.timestamp())
    states = [State.ACCEPTED, State.REJECTED, State.UNKNOWN, State.DEFERRED]
    settled = [
        Entry(p.number, states[p.number % 4], p.place, 0, 1, -213, Reason.DEAD, 0, at_s, at_s if p.number % 4 == 3 else 0, "m")
        for p in people
    ]
    ledger.record(settled=[], window=Window(0, 100), again=[])
    ledger.record(settled=settled, window=None, again=[])
    found = report.make(run, campaign(), ledger)
    assert sum(found.totals.values()) == found.audience
    assert found.totals[State.ACCEPTED] == found.totals[State.REJECTED] == 25
    assert sum(sum(place.states.values()) for place in found.places) == found.audience
    assert sum(cause.people for cause in found.causes if cause.state is not State.DEFERRED) == 50
    assert found.first_at
    assert found.last_at
    assert found.first_at.astimezone(VIETNAM) <= found.last_at
    ledger.close()


def test_a_report_that_does_not_add_up_is_refused(folder, tmp_path):
    run = frozen(folder, tmp_path)

    class Losing(MemoryLedger):
        def totals(self):
            return dict.fromkeys(State, 1)

    with pytest.raises(StorageUnusable, match="add up"):
        report.make(run, campaign(), Losing(run.facts.audience))


def warned(folder, **changes):
    return made(folder, **changes).warnings


def meaning(*selectors, uncertain=Uncertain.INCLUDE):
    areas = tuple(places.area(selector) for selector in selectors)
    return replace(campaign().audience, areas=areas, target=places.all_of(areas), uncertain=uncertain)


def test_people_who_may_live_in_a_ward_stand_in_a_sentence(folder):
    (sentence,) = [text for text in warned(folder, audience=meaning("ward:19333")) if "only known to live" in text]
    people = made(folder, audience=meaning("ward:19333")).people
    assert sentence.startswith(f"{people} of {people} people are only known to live somewhere in Quảng Trị")
    assert "Phường Đông Hà, Quảng Trị" in sentence
    left_out = warned(folder, audience=meaning("ward:19333", "old:42", uncertain=Uncertain.EXCLUDE))
    assert any(f"{people} people of whom only the province is known are left out" in text for text in left_out)
    assert not any("only" in text for text in warned(folder, audience=meaning("old:45")))


@pytest.mark.parametrize(
    ("selectors", "key", "label"),
    [
        (["ward:19333"], "ward:19333", "Phường Đông Hà, Quảng Trị"),
        (["ward:19333"], "old:45", "Phường Đông Hà, Quảng Trị"),
        (["ward:19333"], "new:44", "Phường Đông Hà, Quảng Trị"),
        (["ward:04606", "ward:04585"], "old:15", "Xã Hạnh Phúc, Xã Trạm Tấu (Lào Cai)"),
        (["ward:04606", "old:10"], "new:15", "Lào Cai, Xã Trạm Tấu (Lào Cai)"),
        (["ward:19333"], "new:46", "Huế"),
        (["ward:19333", "ward:19351", "ward:19360", "ward:19366"], "old:45", "4 xã, phường (Quảng Trị)"),
        (["old:44"], "old:44", "Quảng Bình (Quảng Trị)"),
        (["old:44"], "new:44", "Quảng Bình (Quảng Trị)"),
        (["old:45"], "new:44", "Quảng Trị"),
        (["new:44"], "old:44", "Quảng Trị"),
        (["new:44"], "new:44", "Quảng Trị"),
        (["old:79", "old:77"], "new:79", "Bà Rịa - Vũng Tàu, Hồ Chí Minh (Hồ Chí Minh)"),
        (["all"], "old:52", "Gia Lai"),
        (["all"], "unknown", "cả nước"),
    ],
)
def test_a_place_is_called_what_the_warning_is_about(selectors, key, label):
    assert places.label_of(key, meaning(*selectors)) == label


def test_a_campaign_that_begins_later_says_what_sending_it_does(folder):
    assert not any("takes effect" in text for text in warned(folder))
    soon, late = NOW + timedelta(minutes=10), NOW + timedelta(hours=13)
    assert any("in 10 min: `zalo-alert send` waits" in spoken(text) for text in warned(folder, effective=soon))
    assert any(
        "in 13 h 00 min: `zalo-alert send` refuses" in spoken(text)
        for text in warned(folder, effective=late, expires=late + timedelta(days=1))
    )
    assert [ahead_s(campaign(effective=NOW + timedelta(seconds=s)), NOW) for s in (-5, 0, 7)] == [0, 0, 7]


GAP = {"text": "DIỄN TẬP {{ name }}"}


def test_people_without_a_name_are_counted_by_route_where_a_message_has_a_gap_for_them(folder):
    assert made(folder).nameless is None
    found = made(folder, **GAP)
    assert found.nameless is not None
    people = sum(1 for line in (folder / "f.csv").read_text(encoding="utf-8").splitlines()[1:] if not line.split(",")[1].strip())
    assert found.nameless.people <= found.people
    assert (found.nameless.people > 0) == (people > 0)
    told = replace(found, nameless=Reach("", 60, 20, 7))
    who = f"7 of {persons(found.people)} have no name"
    assert told.gaps == [(Gap(1, ()), f"{who}: by route 2 (cs) they would read a gap where their name should stand; {CURE}")]
    assert told.gaps[0][1] in told.warnings
    assert not replace(found, nameless=Reach("", 60, 20, 0)).gaps
