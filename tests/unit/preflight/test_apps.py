"""What `doctor` says of look-ups that share an app with alerts."""

from zalo_alert.models import AccountId
from zalo_alert.preflight.apps import check_apps
from zalo_alert.preflight.token_health import Grade
from zalo_alert.settings.model import Account

APP, OTHER_APP = "360846524940903967", "460846524940903967"
HUE, PY = (Account(AccountId(name), str(10**17 + n), APP, more_apps=(OTHER_APP,)) for n, name in enumerate(("hue", "phu-yen")))


def test_a_look_up_that_shares_an_app_with_alerts_is_told_once_for_all_accounts():
    found = list(check_apps([("diem-thi", HUE, ""), ("diem-thi", PY, APP), ("khac", PY, "")], has_runs=True))

    assert [check.grade for check in found] == [Grade.WARN, Grade.WARN]
    assert "diem-thi shares an app with the alerts of 2 accounts, the first is hue" in found[0].said
    assert "khac shares an app with the alerts of phu-yen" in found[1].said
    assert all("via_app" in check.cure for check in found)


def test_a_look_up_with_an_app_of_its_own_and_one_where_nobody_alerts_are_well():
    assert list(check_apps([("diem-thi", HUE, OTHER_APP)], has_runs=True)) == []
    assert list(check_apps([("diem-thi", HUE, "")], has_runs=False)) == []
