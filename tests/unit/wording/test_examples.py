"""The shipped examples mislead nobody, whenever `init` sets them to now."""

from datetime import datetime

import pytest

from zalo_alert.campaign import parse
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.operations.scaffold import examples
from zalo_alert.operations.wording import lint_campaign

NOWS = [
    datetime(2026, 12, 31, 23, 52, tzinfo=VIETNAM),  # they speak of next year
    datetime(2028, 2, 29, 6, 3, tzinfo=VIETNAM),
    datetime(2027, 5, 2, 19, 40, tzinfo=VIETNAM),  # a Sunday evening: what was tonight is tomorrow
]


@pytest.mark.parametrize("now", NOWS, ids=lambda now: f"{now:%Y-%m-%dT%H:%M}")
@pytest.mark.parametrize("name", examples())
def test_an_example_is_free_of_findings_on_any_day(name, now):
    found = lint_campaign(parse.redate(examples()[name], now))

    assert [(each.code, str(each.problem)) for each in found if each.code != "template-unknown"] == []
