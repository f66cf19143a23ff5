import pytest

from tests.webhook_events import APP, OA
from zalo_alert.errors import SettingsInvalid
from zalo_alert.inbound.secret_uses import SecretUses
from zalo_alert.inbound.switchboard import LEAST_PATIENCE_MS, PATIENCE_MS, Switchboard
from zalo_alert.settings.load import load

NOON_MS = 1_795_780_800_000
OTHER_OA = "388613280878808646"
OF_APP = f"ZALO_ALERT_APP_{APP}_OA_SECRET"


@pytest.fixture
def settings(tmp_path):
    config = "profile: live\naccounts:\n" + "".join(
        f'  - {{id: {name}, oa_id: "{oa}", app_id: "{APP}"}}\n' for name, oa in (("xa-mot", OA), ("xa-hai", OTHER_OA))
    )
    (tmp_path / "zalo-alert.yaml").write_text(config, encoding="utf-8")
    return lambda **secrets: load(tmp_path, {"ZALO_ALERT_XA_MOT_OA_SECRET": "own"} | secrets)


def found(switchboard, oa):
    line = switchboard.find(oa, APP)
    assert line is not None
    return line


def revealed(line):
    return [secret.reveal() for secret in line.secrets]


def test_an_oa_has_its_own_secrets_and_its_app_s_behind_them(settings):
    switchboard = Switchboard(
        settings(ZALO_ALERT_XA_MOT_OA_SECRET_NEXT="own next", **{OF_APP: "app", f"{OF_APP}_NEXT": "app next"})
    )
    assert revealed(found(switchboard, OA)) == ["own", "own next", "app", "app next"]
    assert revealed(found(switchboard, OTHER_OA)) == ["app", "app next"]


def test_an_oa_that_no_account_names_is_a_stranger_of_its_app(settings):
    switchboard = Switchboard(settings(**{OF_APP: "app"}))
    line = found(switchboard, "1")
    assert (line.account, revealed(line)) == (None, ["app"])
    assert switchboard.find(OA, "1") is None


def test_secrets_change_without_a_restart_and_a_bad_one_changes_nothing(settings):
    switchboard = Switchboard(settings())
    with pytest.raises(SettingsInvalid):
        switchboard.reload(settings(ZALO_ALERT_XA_MOT_OA_SECRET="khóa"))
    assert revealed(found(switchboard, OA)) == ["own"]
    switchboard.reload(settings(ZALO_ALERT_XA_MOT_OA_SECRET="other"))
    assert revealed(found(switchboard, OA)) == ["other"]


def test_a_wrong_signature_may_be_our_fault_until_one_was_right(settings):
    switchboard = Switchboard(settings(**{OF_APP: "app"}))
    one, other = found(switchboard, OA), found(switchboard, OTHER_OA)
    assert switchboard.may_be_ours(one, NOON_MS)
    switchboard.note_right(one, 0, NOON_MS)
    assert not switchboard.may_be_ours(one, NOON_MS + PATIENCE_MS)
    assert switchboard.may_be_ours(one, NOON_MS + PATIENCE_MS + 1)
    assert switchboard.may_be_ours(other, NOON_MS)
    assert not switchboard.may_be_ours(found(switchboard, "1"), NOON_MS)


def test_where_right_ones_come_many_a_second_their_silence_tells_sooner(settings):
    switchboard = Switchboard(settings(**{OF_APP: "app"}))
    line = found(switchboard, OA)
    for number in range(200):
        switchboard.note_right(line, 0, NOON_MS + number * 20)
    last_ms = NOON_MS + 199 * 20
    assert not switchboard.may_be_ours(line, last_ms + LEAST_PATIENCE_MS)
    assert switchboard.may_be_ours(line, last_ms + LEAST_PATIENCE_MS + 1)


def test_which_secret_was_used_is_kept(settings, tmp_path):
    switchboard = Switchboard(settings(ZALO_ALERT_XA_MOT_OA_SECRET_NEXT="next"))
    uses = SecretUses(tmp_path / "inbound")
    line = found(switchboard, OA)
    for which, at_ms in ((0, NOON_MS), (1, NOON_MS + 5)):
        switchboard.note_right(line, which, at_ms)
        uses.keep(switchboard.take_uses())
    uses.keep(switchboard.take_uses())
    assert sorted(uses.all()) == [
        ("xa-mot", "ZALO_ALERT_XA_MOT_OA_SECRET", NOON_MS),
        ("xa-mot", "ZALO_ALERT_XA_MOT_OA_SECRET_NEXT", NOON_MS + 5),
    ]


def test_no_secret_shows_itself(settings):
    line = found(Switchboard(settings()), OA)
    assert "own" not in repr(line).replace("xa-mot", "")
