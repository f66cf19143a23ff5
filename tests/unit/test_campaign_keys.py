"""docs/campaigns.md names every key of a campaign file."""

import pytest

from tools import write_campaign_keys as tool
from zalo_alert.campaign.form import CampaignForm


def test_the_table_is_current():
    page = tool.PAGE.read_text(encoding="utf-8")
    assert page == tool.page(page), "run `make docs`"


def test_every_part_of_a_file_is_in_it():
    keys = {row.split("`")[1] for row in tool.rows()}

    assert keys >= {
        "code",
        "references",
        "audience.list",
        "audience.from",
        "audience.exclude.tags",
        "correction.text",
        "all_clear.routes",
    }
    assert keys >= {"limits.on_unknown", "variants[].risk_level", "routes[].buttons[].title"}


def test_a_key_that_nobody_has_explained_is_an_error():
    class Newer(CampaignForm):
        brightness: int | None = None

    with pytest.raises(KeyError, match="brightness"):
        list(tool.rows(Newer))
