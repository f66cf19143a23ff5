"""Each check of the doctor over values: well, soon, now; and what they add up to."""

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

import pytest

from zalo_alert.errors import CampaignRefused, ExitCode, RunSuspended
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.language import _
from zalo_alert.models import AccountId
from zalo_alert.pacing.quotas import QuotaLeft
from zalo_alert.preflight import doctor
from zalo_alert.preflight.clock import ServerTime, check_clock, check_zone
from zalo_alert.preflight.doctor import Check
from zalo_alert.preflight.token_health import AccountStatus, Grade
from zalo_alert.settings.model import Account
from zalo_alert.zalo.oa import OaFacts

NOW = datetime(2026, 9, 18, 14, 0, tzinfo=VIETNAM)
ACCOUNT = Account(AccountId("pctt"), "388613280878808645", "360846524940903967", "national", ("all",))
FACTS = OaFacts(ACCOUNT.oa_id, "Phòng, chống thiên tai", 4, True, 100, "Nâng cao", "31/12/2027", True)


@pytest.mark.parametrize(
    ("ahead_s", "grade", "said"),
    [
        (0, Grade.OK, "right to 1 s"),
        (-2, Grade.OK, "right to 2 s"),
        (3, Grade.OK, "right to 3 s"),  # the header tells the second that has begun
        (-3, Grade.WARN, "3 s behind"),
        (4, Grade.WARN, "4 s ahead"),
        (20, Grade.WARN, "20 s ahead of"),
        (-290, Grade.WARN, "5 min behind"),
        (-7200, Grade.FAIL, "2 h 00 min behind"),
    ],
)
def test_the_clock_is_held_against_the_servers(ahead_s, grade, said):
    date = format_datetime(NOW - timedelta(seconds=ahead_s))
    found = check_clock([ServerTime(text, NOW) for text in ("", "nonsense", date)])
    assert (found.grade, said in found.said) == (grade, True), found


def test_one_server_whose_clock_is_wrong_does_not_speak_for_all():
    dates = [format_datetime(NOW - timedelta(hours=3)), format_datetime(NOW)]
    assert check_clock([ServerTime(date, NOW) for date in dates]).grade is Grade.OK


def test_a_slow_answer_says_little_of_the_clock():
    date = format_datetime(NOW - timedelta(seconds=9))
    assert check_clock([ServerTime(date, NOW, took_s=9)]).grade is Grade.OK
    assert check_clock([ServerTime(date, NOW, took_s=1)]).grade is Grade.WARN


@pytest.mark.parametrize(("hours", "is_windows", "said"), [(0, False, "timedatectl"), (9, True, "tzutil"), (-3.5, False, "TZ=")])
def test_a_machine_of_another_zone_is_told_what_goes_by_it(hours, is_windows, said):
    found = check_zone(NOW.astimezone(timezone(timedelta(hours=hours))), is_windows=is_windows)
    assert found.grade is Grade.WARN
    assert "cron" in found.said
    assert said in found.cure
    assert check_zone(NOW, is_windows=is_windows).grade is Grade.OK


@pytest.mark.parametrize("dates", [[], [""], ["yesterday"], ["Mon, 01 Jan 2026 00:00:00"]])
def test_a_clock_that_nobody_speaks_of_is_a_warning(dates):
    assert check_clock([ServerTime(date, NOW) for date in dates]).grade is Grade.WARN


def test_whatever_others_may_read_is_named_with_its_cure():
    found = doctor.check_files([(Path("a"), 0o40755), (Path("a/tokens.db"), 0o100600), (Path("a/rates.db"), 0o100640)])
    assert [(check.grade, check.cure) for check in found] == [(Grade.FAIL, "chmod 700 a"), (Grade.FAIL, "chmod 600 a/rates.db")]
    assert [check.grade for check in doctor.check_files([(Path("a"), 0o40700), (Path("a/tokens.db"), 0o100600)])] == [Grade.OK]


def test_whatever_anybody_may_write_to_is_named(tmp_path):
    well = [(Path("a"), 0o40755), (Path("a/c.yaml"), 0o100664)]  # a group that works together is no fault
    assert doctor.check_writable(well) == []
    (found,) = doctor.check_writable([*well, (Path("lists"), 0o40777), (Path("lists/never.txt"), 0o100666)])
    assert (found.grade, found.cure) == (Grade.WARN, "chmod o-w lists lists/never.txt")


@pytest.mark.parametrize(
    ("allowed", "rate_per_s", "warns"),
    [(256, 1000.0, True), (256, 66.7, False), (128, 66.7, True), (1024, 500.0, False), (1024, 5000.0, True), (2112, 1e6, False),
     (None, 1e6, False)],
)  # fmt: skip
def test_too_few_open_files_for_the_rate_are_told(allowed, rate_per_s, warns):
    found = doctor.check_open_files(allowed, rate_per_s)
    assert [check.grade for check in found] == [Grade.WARN] * warns
    assert all("ulimit" in check.cure for check in found)


def test_a_list_that_can_not_be_used_fails_and_one_that_is_well_says_nothing():
    assert doctor.check_lists("") == []
    (found,) = doctor.check_lists("lists/never.txt is a folder")
    assert doctor.verdict([found]) is ExitCode.CAMPAIGN_INVALID


@pytest.mark.parametrize(("free", "grade"), [(4e9, Grade.OK), (1e9, Grade.WARN), (7e8, Grade.FAIL)])
def test_a_run_of_ten_million_fits_on_the_disk_or_not(free, grade):
    found = doctor.check_disk(int(free), 10_000_000, "the campaign")
    assert (found.grade, "790 MB" in found.said) == (grade, True)
    assert doctor.verdict([found]) == (ExitCode.SUSPENDED if grade is Grade.FAIL else ExitCode.EVERYONE_ACCEPTED)


@pytest.mark.parametrize(
    ("name", "process"),
    [(".book.csv.4711", 4711), (".scratch.12", 12), (".scratch-abc", None), ("book.4711", None), (".stamps.json", None)],
)
def test_a_draft_names_its_process(name, process):
    assert doctor.pid_of_draft(name) == process


def test_what_is_left_behind_is_named():
    found = doctor.check_leftovers([Path(f".a.{n}") for n in range(9)])
    assert found.grade is Grade.WARN
    assert ".a.4 and 4 more" in found.said
    assert doctor.check_leftovers([]).grade is Grade.OK


@pytest.mark.parametrize(
    ("days", "grade"), [(None, Grade.WARN), (0, Grade.OK), (29, Grade.OK), (31, Grade.WARN)], ids=["none", "new", "month", "old"]
)
def test_a_book_is_there_and_not_old(days, grade):
    made = None if days is None else NOW - timedelta(days=days)
    assert doctor.check_book("pctt", made, 1000, NOW).grade is grade


@pytest.mark.parametrize(("people", "grade"), [(None, Grade.WARN), (0, Grade.WARN), (12, Grade.OK)])
def test_somebody_reads_a_message_first(people, grade):
    assert doctor.check_staff(people).grade is grade


def test_tokens_are_as_their_standing_says():
    well = doctor.check_tokens(AccountStatus(ACCOUNT, Grade.OK, "", "", 3600.0, 86_400.0, 80 * 86_400.0))
    assert (well.grade, well.said) == (Grade.OK, "1 h 00 min old, access for 24 h 00 min, refresh for 80 d 0 h")
    bad = doctor.check_tokens(AccountStatus(ACCOUNT, Grade.FAIL, "has no token", "consent"))
    assert (bad.grade, bad.said, bad.cure, bad.account) == (Grade.FAIL, "has no token", "consent", "pctt")


def test_a_host_that_does_not_answer_is_told_with_the_proxy_between():
    found = doctor.check_host("oauth", "https://oauth.zaloapp.com", "proxy:3128", 0.2, "timed out")
    assert found.grade is Grade.FAIL
    assert "through proxy:3128" in found.said
    assert doctor.verdict([found]) is ExitCode.SUSPENDED
    assert doctor.check_host("oauth", "https://oauth.zaloapp.com", "", 0.2, "").said.endswith("in 200 ms")


@pytest.mark.parametrize(
    ("changes", "live", "grade", "said"),
    [
        ({}, True, Grade.OK, "state agency"),
        ({"oa_id": "1"}, True, Grade.FAIL, "belongs to OA 1"),
        ({"oa_type": 2}, True, Grade.WARN, "state agency"),
        ({"oa_type": 2}, False, Grade.OK, "business"),
        ({"is_verified": False}, True, Grade.FAIL, "not verified"),
        ({"is_verified": False}, False, Grade.WARN, "not verified"),
        ({"has_billing": False}, True, Grade.WARN, "billing"),
        ({"package_until": "17/09/2026"}, True, Grade.FAIL, "ended"),
        ({"package_until": "18/09/2026"}, True, Grade.WARN, "ends on"),
        ({"package_until": "2/10/2026"}, True, Grade.WARN, "ends on"),
        ({"package_until": "3/10/2026"}, True, Grade.OK, ""),
        ({"package_until": "31/02/2027"}, True, Grade.WARN, "no end"),
        ({"package_until": ""}, True, Grade.WARN, "no end"),
    ],
)
def test_an_oa_is_what_an_alert_needs(changes, live, grade, said):
    (found,) = doctor.check_oa(ACCOUNT, FACTS._replace(**changes), NOW, is_live=live)
    assert (found.grade, said in found.said) == (grade, True), found


@pytest.mark.parametrize(
    ("left", "needed", "grade"),
    [(None, 10, Grade.OK), (100, 0, Grade.OK), (0, 0, Grade.WARN), (100, 101, Grade.WARN), (101, 101, Grade.OK)],
)
def test_a_quota_suffices_or_not(left, needed, grade):
    assert doctor.check_quota("pctt", left if left is None else QuotaLeft(left, 500, 0.0), needed).grade is grade


def test_of_many_accounts_the_good_ones_are_one_line():
    many = [Check("tokens", Grade.OK, "new", account=f"xa-{n}") for n in range(3000)]
    many[7:9] = [Check("tokens", Grade.FAIL, "ended", "consent", "xa-7"), Check("tokens", Grade.WARN, "ends", "soon", "xa-8")]
    found = doctor.shorten([Check("config", Grade.OK, "sound"), *many])
    assert [check.said for check in found] == ["sound", "2998 of 3000 accounts are well", "ended", "ends"]
    assert len(doctor.shorten(many[:5])) == 5


def test_one_trouble_of_a_thousand_accounts_is_a_few_lines_and_a_number():
    trouble = [Check("book", Grade.WARN, _("{n} never imported", n=n), "import", f"xa-{n}") for n in range(1000)]
    other = [Check("book", Grade.FAIL, "damaged", "restore", "xa-7")]
    found = doctor.shorten([*trouble, *other])

    assert [check.account for check in found] == [*(f"xa-{n}" for n in range(doctor.FEW)), "xa-7", ""]
    assert (found[-1].said, found[-1].grade) == ("the same of 995 more accounts", Grade.WARN)
    assert doctor.shorten(trouble[: doctor.FEW]) == trouble[: doctor.FEW]


def test_settings_and_tokens_speak_louder_than_the_network():
    away = doctor.fail("hosts", RunSuspended("away"))
    refused = doctor.fail("campaign", CampaignRefused("over"))
    lost = Check("tokens", Grade.FAIL, "lost")
    assert doctor.verdict([Check("staff", Grade.WARN, "none")]) is ExitCode.EVERYONE_ACCEPTED
    assert doctor.verdict([away]) is ExitCode.SUSPENDED
    assert doctor.verdict([refused, away]) is ExitCode.CAMPAIGN_INVALID
    assert doctor.verdict([away, refused, lost]) is ExitCode.SETTINGS


@pytest.mark.parametrize(
    ("missing", "kept", "grades"), [([], 0, []), ([], 2, [Grade.OK]), (["311203"], 1, [Grade.WARN]), (["1"] * 9, 0, [Grade.WARN])]
)
def test_texts_of_templates_that_nobody_kept_are_a_remark(missing, kept, grades):
    found = doctor.check_template_texts(missing, kept, is_live=True)

    assert [check.grade for check in found] == grades
    assert all(len(check.said) < 100 for check in found)
    assert all(check.grade is Grade.OK for check in doctor.check_template_texts(missing, kept, is_live=False))
