"""False alarms over texts as offices write them; see the file for where they come from. Held texts have a test of their own."""

from pathlib import Path

import pytest

from tests.wording import campaign_of, found_in
from zalo_alert.foundation import yaml_document
from zalo_alert.wording.finding import Severity

FILE = Path(__file__).parents[2] / "data" / "wording" / "as-offices-write.yaml"
TEXTS = yaml_document.load(FILE.read_bytes(), FILE.name).data
# These need what stands beside the text in the file, and are looked at by rules of their own.
OTHERS = {"level-differs", "no-code", "no-sender"}


@pytest.mark.parametrize("each", TEXTS, ids=[each["text"][:30] for each in TEXTS])
def test_a_text_as_offices_write_has_no_error(each):
    areas = ", ".join(f'"{area}"' for area in each["areas"])
    campaign = campaign_of(each["text"], areas=areas, effective=each["effective"], expires=each["expires"])
    if "DIỄN TẬP" in each["text"]:
        campaign = campaign.replace(b"status: Actual", b"status: Exercise")
    errors = {finding.code for finding in found_in(campaign) if finding.part == "alert" and finding.severity is Severity.ERROR}

    assert errors - OTHERS == set()
