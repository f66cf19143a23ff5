"""Where links in alerts may lead."""

import pytest

from zalo_alert.errors import SettingsInvalid
from zalo_alert.settings.load import load
from zalo_alert.settings.model import LINKS

CONFIG = 'profile: drill\naccounts: [{id: a, oa_id: "1234567890", app_id: "1234567890"}]\n'


def test_links_lead_to_the_state_and_to_zalo_unless_a_list_says_otherwise(tmp_path):
    (tmp_path / "zalo-alert.yaml").write_text(CONFIG)
    usual = load(tmp_path, {}).links
    (tmp_path / "zalo-alert.yaml").write_text(f"{CONFIG}links: [quangtri.gov.vn, kttv.vn]\n")

    assert usual == LINKS == ("gov.vn", "chinhphu.vn", "zalo.me", "zalo.vn")
    assert load(tmp_path, {}).links == ("quangtri.gov.vn", "kttv.vn")


@pytest.mark.parametrize("host", ["https://gov.vn", "gov", "Gov.VN", "gov.vn/", '"*.gov.vn"', '""'])
def test_a_link_is_a_host_and_nothing_else(tmp_path, host):
    (tmp_path / "zalo-alert.yaml").write_text(f"{CONFIG}links: [{host}]\n")

    with pytest.raises(SettingsInvalid) as excinfo:
        load(tmp_path, {})

    assert "links[0]" in str(excinfo.value.problems[0])
