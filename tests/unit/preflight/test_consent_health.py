"""Who of a tree has consented, by province."""

import pytest

from zalo_alert.foundation.clock import SystemClock, instant
from zalo_alert.foundation.secret import Secret
from zalo_alert.models import AccountId
from zalo_alert.operations.scaffold import create
from zalo_alert.preflight.consent_health import ConsentState, by_province, check_consents, consent_statuses, place_of
from zalo_alert.preflight.token_health import Grade
from zalo_alert.settings.load import load
from zalo_alert.settings.model import Account
from zalo_alert.zalo.invitations import Invitation
from zalo_alert.zalo.token_store import TokenRow

NOW_S, DAY_S = 1_800_000_000.0, 86_400.0


@pytest.fixture
def settings(tmp_path):
    create(tmp_path, SystemClock().now())
    return load(tmp_path, {})


def account(number, *areas):
    about = {"name": f"OA {number}"} if number else {}
    return Account(AccountId(f"a{number}"), str(number), "1", areas=areas or ("all",), about=about)


def pair(ends_in_s, refused=""):
    return [TokenRow("", Secret("a"), Secret("r"), NOW_S, NOW_S + 1, NOW_S + ends_in_s, refused=refused)]


def test_states_follow_from_the_refresh_token_alone(settings):
    ways = [account(number) for number in range(5)]
    chains = {"0": pair(90 * DAY_S), "1": pair(5 * DAY_S), "2": pair(-1), "3": pair(90 * DAY_S, "Zalo refused (-14014 x)")}
    link = Invitation("d", "a4", "1", "4", "https://a.vn/c", Secret(""), NOW_S, NOW_S + DAY_S)
    found = list(consent_statuses(settings, ways, chains, [link, link._replace(ends_at_s=NOW_S + 9)], NOW_S))

    assert [one.state for one in found] == ["consented", "soon", "missing", "missing", "missing"]
    assert [one.refresh_s for one in found] == [90 * DAY_S, 5 * DAY_S, None, None, None]
    assert [one.link_until is not None for one in found] == [False] * 4 + [True]
    assert found[4].link_until == instant(NOW_S + DAY_S)
    assert [one.name for one in found][:2] == [found[0].place, "OA 1"]


@pytest.mark.parametrize(
    ("areas", "province"),
    [
        (("all",), ""), (("new:01",), "Hà Nội"), (("old:01",), "Hà Nội"), (("new:01", "new:79"), ""), (("Atlantis",), ""),
        (("ward:00004",), "Hà Nội"),
    ],
)  # fmt: skip
def test_the_province_is_one_or_none(areas, province):
    assert place_of(account(1, *areas))[0] == province


def test_provinces_are_counted_and_a_tree_is_checked(settings):
    ways = [account(number, "new:01" if number % 2 else "new:79") for number in range(12)]
    chains = {str(number): pair(90 * DAY_S) for number in range(11)}
    found = list(consent_statuses(settings, ways, chains, [], NOW_S))
    whole = [one._replace(state=ConsentState.CONSENTED) for one in found]

    assert [(row.oas, row.consented, row.missing) for row in by_province(found)] == [(6, 5, 1), (6, 6, 0)]
    assert [check.grade for check in check_consents(found)] == [Grade.FAIL]
    assert "1 of 12 OAs has not consented" in str(check_consents(found)[0].said)
    assert [check.grade for check in check_consents(whole)] == [Grade.OK]
    assert [check.grade for check in check_consents([one._replace(state=ConsentState.SOON) for one in found])] == [Grade.WARN]
    assert check_consents(found[:9]) == []
