"""What `webhook:` of a config may say."""

import pytest

from zalo_alert.errors import SettingsInvalid
from zalo_alert.settings.load import load
from zalo_alert.settings.model import WebhookRule

CONFIG = 'profile: drill\naccounts:\n  - {id: pctt, oa_id: "388613280878808645", app_id: "360846524940903967"}\n'


def settings(folder, webhook=""):
    (folder / "zalo-alert.yaml").write_text(CONFIG + (f"webhook: {webhook}\n" if webhook else ""), encoding="utf-8")
    return load(folder, {})


def test_without_a_word_the_door_is_on_loopback_alone(tmp_path):
    assert settings(tmp_path).webhook == WebhookRule("127.0.0.1:8080", "/zalo", "", None, None)


def test_files_are_in_the_workspace(tmp_path):
    rule = settings(
        tmp_path, '{listen: "[::1]:443", path: /a/b, certificate: c.pem, key: k.pem, site_verification: Ab_1-x}'
    ).webhook

    assert rule == WebhookRule("[::1]:443", "/a/b", "Ab_1-x", tmp_path / "c.pem", tmp_path / "k.pem")


@pytest.mark.parametrize(
    "webhook",
    [
        "{listen: 8080}", '{listen: "8080"}', '{listen: "127.0.0.1:"}', '{listen: "127.0.0.1:65536"}', '{listen: "a b:80"}',
        "{path: zalo}", '{path: "/a?b"}', '{site_verification: "<meta>"}', "{certificate: c.pem}", "{key: k.pem}", "{port: 1}",
    ],
)  # fmt: skip
def test_what_can_be_no_door_is_said_with_its_place(tmp_path, webhook):
    with pytest.raises(SettingsInvalid) as raised:
        settings(tmp_path, webhook)

    assert [problem.field.startswith("webhook") for problem in raised.value.problems] == [True]
