"""What the picture of a message shows, and when there is none to draw."""

import pytest

from tests.wording import SOUND, campaign_of
from zalo_alert.campaign import parse
from zalo_alert.errors import InputInvalid
from zalo_alert.operations.message_card import card_text
from zalo_alert.planning.run_places import sample_places


def test_a_file_alone_is_no_picture():
    campaign = parse.parse(campaign_of(SOUND).replace(b"[{type: cs}]", b"[{type: cs, file: a.pdf}]"), "c.yaml")
    with pytest.raises(InputInvalid, match="sends a file alone"):
        card_text(campaign, sample_places(campaign)[0], "", None)
