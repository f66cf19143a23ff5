"""Campaigns to send through CAP and back, and what an officer does to a draft before it is one."""

import re
from datetime import timedelta
from pathlib import Path

from hypothesis import strategies as st

from tests.cap_documents import SENT
from zalo_alert.campaign import parse
from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.cap.document import Reference
from zalo_alert.cap.exporting import Envelope, Reading, alert_of
from zalo_alert.cap.importing import Known, draft_of
from zalo_alert.cap.read import read
from zalo_alert.cap.write import write
from zalo_alert.foundation import yaml_document
from zalo_alert.wording.guidance_rules import tells_what_to_do

READING = Reading(tells_what_to_do, lambda text: "")
KNOWN = Known(lambda name: "", lambda reference: "")

SHIPPED = sorted((Path(__file__).parent.parent / "campaigns").glob("*.yaml"))


def export(campaign, **changes):
    """Return the alert of a campaign, agreed to and sent when it takes effect, unless said otherwise."""
    references = tuple(Reference("pctt.example.vn", f"id-{code}", SENT - timedelta(days=9)) for code in campaign.references)
    envelope = Envelope("id-1", "pctt.example.vn", campaign.effective, True, "Văn phòng trực ban", references=references)
    return alert_of(campaign, envelope._replace(**changes), READING)


def completed(draft):
    """Return a draft as it is when an officer has filled in what the alert could not say."""
    text = (
        draft.replace("  # list: nhan-vien", "  list: nhan-vien")
        .replace('nguoi_soat: "…"', 'nguoi_soat: "Nguyễn An"')
        .replace('checked_by: ""', 'checked_by: "Thạch Sơn"')
    )
    return re.sub(r'^(correction:.*\n)  text: "".*$', r"\1  text: Hãy bỏ qua tin trước.", text, flags=re.MULTILINE)


def there_and_back(alert):
    """Return the campaign that an alert becomes, by way of its file."""
    sound = read(write(alert), "x.xml").alert
    assert sound is not None
    return parse.parse(completed(draft_of(sound, KNOWN).text).encode(), "draft.yaml")


_AREAS = st.lists(
    st.sampled_from([
        "new:44", "new:46", "old:52", "old:64", "ward:19900", "ward:25978", "ward:04606", "region:tay-nguyen",
        "new:46 + new:48", "new:52 - ward:21730", "all",
    ]),
    min_size=1, max_size=3, unique=True,
)  # fmt: skip
_SENTENCES = st.sampled_from([
    "[CẢNH BÁO] {{ event }}, {{ place }}", "Phát lúc {{ effective }}.", "SƠ TÁN trước 20 giờ.", "Gió cấp 11–12, giật cấp 14",
    "KHÔNG ra ngoài!", "Mưa to đến {{ don_vi }}…", "  1. Chằng chống nhà cửa;   ", "Gọi 112: nước > 3 m & còn lên <nhanh>?",
    "Mã tin: {{ code }}", "\"Chỉ tin\" tài khoản có dấu \\ xác thực # này", "Cấp {{ risk_level }}/5",
])  # fmt: skip
_TEXTS = st.lists(st.tuples(_SENTENCES, st.sampled_from([" ", "\n", "\n\n", "\n \n\n"])), min_size=1, max_size=7).map(
    lambda parts: "".join(sentence + gap for sentence, gap in parts)
)
_HOURS = st.integers(1, 20).map(lambda hours: (SENT + timedelta(hours=hours)).isoformat())


@st.composite
def campaign_files(draw):
    """Any campaign that may be exported, as its file's bytes."""
    hazard = draw(st.sampled_from(list(HAZARDS.values())))
    levels = st.sampled_from(list(hazard.levels)) if hazard.levels else st.none()
    languages = draw(st.lists(st.sampled_from(["km", "hmn", "en", "cjm"]), max_size=2, unique=True))
    status = draw(st.sampled_from(["Actual", "Exercise", "Test"]))
    msg_type = draw(st.sampled_from(["Alert", "Update", "Cancel"]))
    has_level = draw(levels)
    texts = _TEXTS if has_level else _TEXTS.map(lambda text: text.replace("{{ risk_level }}", "3"))

    def said():
        text = draw(texts)
        spoken = {code: {"text": f"{code}: {text}", "checked_by": "Thạch Sơn"} for code in languages}
        return {"text": text, **({"languages": spoken} if languages else {})}

    def variant():
        level = draw(levels) if has_level else None
        onset = draw(st.none() | _HOURS)
        return {
            "areas": draw(_AREAS),
            **said(),
            **({"risk_level": level} if level else {}),
            **({"onset": onset} if onset else {}),
        }

    listed = {"list": "nhan-vien"} if status == "Test" else {}
    whole = {
        "code": "DT-261124-01", "status": status, "msgType": msg_type, "event": hazard.code,
        "urgency": draw(st.sampled_from(["Immediate", "Expected", "Future", "Past"])),
        "severity": draw(st.sampled_from(["Extreme", "Severe", "Moderate", "Minor"])),
        "certainty": draw(st.sampled_from(["Observed", "Likely", "Possible", "Unlikely"])),
        "effective": SENT.isoformat(), "expires": (SENT + timedelta(hours=22)).isoformat(),
        "audience": {"areas": draw(_AREAS), "uncertain": "include", **listed}, "routes": [{"type": "cs"}],
        "fields": {"don_vi": draw(st.sampled_from(["Ban Chỉ huy", "Sở A & B, \"trực\""]))},
        "message": {"headline": draw(st.sampled_from(["Bão ở {{ place }}", "Tin {{ code }} " + "dài " * 34])), **said()},
        "limits": {"on_unknown": "hold"},
    }  # fmt: skip
    if has_level:
        whole["risk_level"] = has_level
    if draw(st.booleans()):
        whole["fields"] |= {"ban_tin": "tin bão khẩn cấp", "ban_tin_luc": (SENT - timedelta(hours=1)).isoformat()}
    if draw(st.booleans()):
        whole["responseType"] = draw(st.lists(st.sampled_from(["Evacuate", "Shelter", "None"]), min_size=1, unique=True))
    if onset := draw(st.none() | _HOURS):
        whole["onset"] = onset
    if msg_type != "Alert":
        whole["references"] = draw(st.sampled_from([["DT-261124-00"], ["DT-261124-00", "DT-261123-07"]]))
    if status == "Actual" and msg_type != "Cancel":
        whole["correction"] = {"text": "Hãy bỏ qua tin trước."}
    if variants := [variant() for _ in range(draw(st.integers(0, 3)))]:
        whole["variants"] = variants
    return yaml_document.write(whole).encode()
