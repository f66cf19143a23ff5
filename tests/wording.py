"""A campaign round a text, and what the lint finds in it."""

from zalo_alert.campaign import parse
from zalo_alert.foundation import yaml_document
from zalo_alert.planning.run_places import sample_places
from zalo_alert.wording.as_read import as_read
from zalo_alert.wording.lint import lint

EVENING = "2026-09-18T14:00:00+07:00"  # a Friday
SOUND = (
    "[CẢNH BÁO BÃO – RỦI RO CẤP 4/5] {{ place }}\nPhát lúc {{ effective }} – Ban Chỉ huy Phòng thủ dân sự. "
    "SƠ TÁN trước 20 giờ (18/9), tránh xa bờ biển. Mã tin: {{ code }}."
)


def campaign_of(text, *, areas="new:44", effective=EVENING, expires="2026-09-19T12:00:00+07:00", more="", correction=SOUND):
    """Write the file of a campaign with one text, sent as a consultation message."""
    return f"""\
code: QTR-260918-03
status: Actual
msgType: Alert
event: bao
risk_level: 4
urgency: Expected
severity: Extreme
certainty: Likely
effective: {effective}
expires: {expires}
audience: {{areas: [{areas}], uncertain: include}}
routes: [{{type: cs}}]
message:
  headline: "Bão rủi ro cấp 4/5"
  text: |
{_block(text)}
correction:
  text: |
{_block(correction)}
{more}""".encode()


def _block(text):
    return "\n".join(f"    {line}" for line in text.splitlines())


def found_in(campaign, template_texts=None):
    """Return every finding in the bytes of a campaign."""
    value = parse.parse(campaign, "c.yaml")
    return lint(value, yaml_document.load(campaign, "c.yaml"), as_read(value, sample_places(value), template_texts or {}))


def codes_of(text, **campaign):
    """Return the codes of what is found in a text, the alert's own."""
    return {each.code for each in found_in(campaign_of(text, **campaign)) if each.part == "alert" and each.route != "headline"}
