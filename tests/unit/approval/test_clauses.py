"""Clause by clause: what a standing approval lets out, and what it does not; the clock is an argument."""

import threading
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from zalo_alert.approval.clauses import LONGEST, Use, ill_limited, objections, unfit
from zalo_alert.approval.permission import Limits, make_permission, provinces_meant, read_permission, what_is_permitted
from zalo_alert.approval.request import canonical
from zalo_alert.approval.standing_files import Kept, Standings, Uses
from zalo_alert.campaign import parse as campaign_file
from zalo_alert.errors import InputInvalid, StorageUnusable, UsageError
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.models import AccountId
from zalo_alert.settings.model import Account, Hosts, Profile, Settings
from zalo_alert.testing import drill

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=VIETNAM)
LIMITS = Limits(date(2026, 11, 1), date(2026, 11, 30), 7 * 60, 19 * 60, 100, 1, 3, 10)
HOME = {"machine": "m", "folder": "/srv/pctt"}
SETTINGS = Settings(
    Path("/srv/pctt"),
    Profile.LIVE,
    (Account(AccountId("pctt"), "1234567", "7654321"), Account(AccountId("hue"), "1234568", "7654321")),
    4000,
    Hosts(),
    {},
)
TEXT = drill(NOON, areas="[new:46]").replace("severity: Extreme", "severity: Minor").replace("{areas", "{accounts: [pctt], areas")
CAMPAIGN = campaign_file.parse(TEXT.encode(), "c.yaml")


def what(**changes):
    given: dict[str, Any] = {
        "campaign": CAMPAIGN,
        "digest": "d" * 64,
        "files": {"a.png": "f" * 64},
        "settings": SETTINGS,
        "home": HOME,
    } | changes
    return what_is_permitted(**given)


PERMISSION = make_permission(
    orjson.loads(canonical(what())), LIMITS, {"name": "thu", "by": "Lan", "key": "k", "at": NOON.isoformat(), "approvers": 1}
)
FITS = Use(what(), 100, has_list=False, now=NOON, first_at=NOON)


def says(use, campaign=CAMPAIGN):
    return [str(why) for why in objections(PERMISSION, campaign, use)]


def test_what_fits_meets_no_objection():
    assert says(FITS) == []
    assert says(replace(FITS, people=10, has_list=True)) == []


@pytest.mark.parametrize(
    ("use", "said"),
    [
        (replace(FITS, now=NOON - timedelta(days=20)), "dates: it holds from 01/11/2026"),
        (replace(FITS, now=NOON + timedelta(days=11), first_at=None), "dates: it holds from 01/11/2026 to 30/11/2026"),
        (replace(FITS, first_at=NOON.replace(hour=6, minute=59)), "hours: the first message leaves within 07:00-19:00"),
        (replace(FITS, first_at=NOON.replace(hour=19)), "hours:"),
        (replace(FITS, people=101), "people: 101 people are more than the 100"),
        (replace(FITS, people=11, has_list=True), "recipients: 11 people are more than the 10"),
        (replace(FITS, what=what(digest="e" * 64)), "campaign: its text is not the one"),
        (replace(FITS, what=what(files={"a.png": "0" * 64})), "files: what the messages carry"),
        (replace(FITS, what=what(settings=replace(SETTINGS, profile=Profile.DRILL))), "profile:"),
        (replace(FITS, what=what(settings=replace(SETTINGS, hosts=Hosts(openapi="https://elsewhere.vn")))), "hosts:"),
        (replace(FITS, what=what(settings=replace(SETTINGS, accounts=(Account(AccountId("pctt"), "9", "9"),)))), "accounts:"),
        (replace(FITS, what=what(home={"machine": "m", "folder": "/srv/copy"})), "workspace: it was given for /srv/pctt"),
        (replace(FITS, what=what(home={"machine": "n", "folder": "/srv/pctt"})), "workspace:"),
        (replace(FITS, goes_round_a_rule=True), "rules: nobody has agreed"),
        (replace(FITS, what={**what(), "audience": {**what()["audience"], "only": "vip"}}), "audience:"),
    ],
    ids=[
        "before", "after", "early", "late", "people", "list", "bytes", "files", "profile", "hosts", "accounts", "folder",
        "machine", "overrides", "rule",
    ],
)  # fmt: skip
def test_each_clause_is_said_by_its_name(use, said):
    (why,) = says(use)
    assert why.startswith(said)


def test_no_list_is_part_of_one_that_names_none():
    permission = make_permission(PERMISSION.what, replace(LIMITS, recipients_up_to=0), PERMISSION.signed)
    assert [*objections(permission, CAMPAIGN, replace(FITS, people=1, has_list=True))] == ["recipients: no list is part of it"]


def test_hours_bind_the_first_message_alone():
    night = NOON.replace(hour=23)
    assert says(replace(FITS, now=night, first_at=None)) == []
    assert len(says(replace(FITS, now=night, first_at=night))) == 1
    assert says(replace(FITS, now=NOON.replace(hour=6), first_at=NOON.replace(hour=8))) == [], "it waits for its effective"


def test_a_machine_without_an_identity_is_taken_at_its_word():
    assert says(replace(FITS, what=what(home={"machine": "", "folder": "/srv/pctt"}))) == []


@pytest.mark.parametrize("change", ["severity: Minor>severity: Moderate", "urgency: Expected>urgency: Immediate"])
def test_what_is_grave_goes_out_by_none(change):
    grave = campaign_file.parse(TEXT.replace(*change.split(">")).encode(), "c.yaml")
    assert len(list(unfit(grave))) == 1
    assert len(says(FITS, grave)) == 1


@pytest.mark.parametrize(
    "limits",
    [
        replace(LIMITS, last=LIMITS.first - timedelta(days=1)),
        replace(LIMITS, last=LIMITS.first + LONGEST + timedelta(days=1)),
        replace(LIMITS, opens_min=LIMITS.closes_min),
        replace(LIMITS, closes_min=24 * 60 + 1),
        replace(LIMITS, most_a_day=4),
        replace(LIMITS, most_people=0, recipients_up_to=0),
        replace(LIMITS, recipients_up_to=101),
    ],
    ids=["backwards", "too-long", "no-hours", "beyond-midnight", "more-a-day-than-in-all", "nobody", "list"],
)
def test_limits_that_make_no_sense_are_refused(limits):
    assert len(list(ill_limited(limits, CAMPAIGN))) == 1
    assert list(ill_limited(LIMITS, CAMPAIGN)) == []


def test_the_provinces_meant_are_counted():
    assert provinces_meant(CAMPAIGN) == 1
    assert provinces_meant(campaign_file.parse(TEXT.replace("[new:46]", "[all]").encode(), "c.yaml")) == 34


# --- the text --------------------------------------------------------------------------------------------------------------


def test_it_reads_back_byte_for_byte():
    read = read_permission(PERMISSION.text + b"\n")
    assert (read.text, read.limits, read.name, read.code) == (PERMISSION.text, LIMITS, "thu", "DT-1")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff\xd8\xff",
        b"[]",
        PERMISSION.text.replace(b'"most_people":100', b'"most_people": 100'),
        PERMISSION.text.replace(b'"most_people":100', b'"most_people":"100"'),
        PERMISSION.text.replace(b'"most_people":100', b'"most_people":true'),
        PERMISSION.text.replace(b'"type":"standing"', b'"type":"request"'),
        PERMISSION.text.replace(b'"format":1', b'"format":2'),
        b" " * (300 << 10) + b"x" * (300 << 10),
    ],
    ids=["empty", "jpeg", "list", "blank", "text", "bool", "type", "format", "long"],
)
def test_anything_else_is_refused(text):
    with pytest.raises(InputInvalid):
        read_permission(text)


# --- uses ------------------------------------------------------------------------------------------------------------------


def test_a_run_is_counted_once_and_each_day_anew(tmp_path):
    standings, seen = Standings(tmp_path / "standing"), list[Any]()

    def use(run, at=NOON):
        return str(standings.use(PERMISSION, run, 5, at, seen.append))

    assert [use("a"), use("a")] == ["", ""]
    assert use("b").startswith("sends a day: 1 are allowed")
    assert use("b", NOON + timedelta(hours=12)) == ""
    assert use("c", NOON + timedelta(days=2)) == ""
    assert use("d", NOON + timedelta(days=4)).startswith("sends in all: 3 are allowed")
    assert use("a", NOON + timedelta(days=4)) == "", "what goes on is not counted again"
    assert seen == [Uses(1, 1), Uses(1, 2), Uses(1, 3)]


def test_of_many_at_once_one_takes_the_last_use(tmp_path):
    together, said = threading.Barrier(8), []

    def use(number):
        standings = Standings(tmp_path / "standing")
        together.wait()
        said.append(str(standings.use(PERMISSION, f"run-{number}", 5, NOON, lambda uses: None)))

    threads = [threading.Thread(target=use, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert said.count("") == 1
    assert Standings(tmp_path / "standing").uses(PERMISSION.digest, NOON) == Uses(1, 1)


def test_nothing_is_counted_that_the_log_does_not_tell(tmp_path):
    def fail(uses):
        raise StorageUnusable("the disk is full")

    standings = Standings(tmp_path / "standing")
    with pytest.raises(StorageUnusable):
        standings.use(PERMISSION, "a", 5, NOON, fail)

    assert standings.uses(PERMISSION.digest, NOON) == Uses(0, 0)


def test_a_file_that_is_no_standing_approval_is_told(tmp_path):
    standings = Standings(tmp_path / "standing")
    standings.keep(Kept(PERMISSION, TEXT.encode(), "proposal"))
    path = tmp_path / "standing" / "approval-thu.json"

    assert [kept.permission for kept in standings.all()] == [PERMISSION]
    assert path.stat().st_mode & 0o77 == 0
    with pytest.raises(UsageError, match="there is no standing approval"):
        standings.open("thuu")
    path.write_bytes(b"{}")
    with pytest.raises(StorageUnusable, match="is damaged"):
        standings.open("thu")
