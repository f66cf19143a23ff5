"""The pages name every rule that there is, and whether it is an error."""

from pathlib import Path

import pytest

from zalo_alert.wording.finding import Severity
from zalo_alert.wording.rules import RULES

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("page", ["wording.md", "vi/cau-chu.md"])
def test_a_page_has_every_rule_with_its_severity(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    errors = {rule.code for rule in RULES if f"**`{rule.code}`**" in text}

    assert [rule.code for rule in RULES if f"`{rule.code}`" not in text] == []
    assert errors == {rule.code for rule in RULES if rule.severity is Severity.ERROR}
