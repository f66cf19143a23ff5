"""What is left of a quota, beside what an alert needs and what its correction would."""

import pytest

from zalo_alert.foundation.notices import Level
from zalo_alert.operations.quota_need import QuotaNeed
from zalo_alert.pacing.quotas import Kind


@pytest.mark.parametrize(
    ("left", "needed", "correction", "level", "says"),
    [
        (100, 40, 0, Level.PLAIN, "100 left, up to 40 needed"),
        (100, 40, 60, Level.PLAIN, "100 left, up to 40 needed, 60 kept back for its correction"),
        (
            100, 60, 60, Level.ALARM,
            "the alert goes first, and its correction needs 60 more: 20 would wait until it is there again",
        ),
        (100, 160, 60, Level.ALARM, "100 left, up to 160 needed: 60 must wait until it is there again"),
    ],
)  # fmt: skip
def test_a_correction_is_kept_back_for_where_both_fit_and_said_loudly_where_not(left, needed, correction, level, says):
    notice = QuotaNeed(Kind.CS, left, needed, correction).notice()

    assert notice.level is level
    assert says in str(notice.sentence)
    assert (notice.fields["needed"], notice.fields["correction"]) == (needed, correction)
