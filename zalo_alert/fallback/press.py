"""What is given to newspapers, radio and television: everything that people read, for whom, until when, and how to check it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from zalo_alert.campaign.values import Instant
from zalo_alert.models import Campaign, Status

# Vietnamese whatever the office's language is: editors read it out or print it as it stands.
_HEADS = {
    Status.ACTUAL: "TIN GỬI BÁO CHÍ – ĐỀ NGHỊ PHÁT NGAY",
    Status.EXERCISE: "DIỄN TẬP – TIN MẪU GỬI BÁO CHÍ, KHÔNG ĐĂNG, KHÔNG PHÁT",
    Status.TEST: "THỬ NGHIỆM – TIN MẪU GỬI BÁO CHÍ, KHÔNG ĐĂNG, KHÔNG PHÁT",
}
_REHEARSED = "TẬP TRÊN MÁY – TIN MẪU GỬI BÁO CHÍ, KHÔNG ĐĂNG, KHÔNG PHÁT"
_RULE = "-" * 60


class Wording(NamedTuple):
    """A text, its headline, and the names of the places where it holds."""

    headline: str
    text: str
    labels: tuple[str, ...]


def press_text(campaign: Campaign, wordings: Sequence[Wording], *, is_public: bool) -> str:
    """Write what the press is given.

    Args:
        campaign: Whose.
        wordings: Each text once.
        is_public: False where nobody shall print it, whatever its status says.
    """
    head = _HEADS[campaign.status] if is_public or campaign.status is not Status.ACTUAL else _REHEARSED
    lines = [head, "", *_facts(campaign)]
    for wording in wordings:
        lines += ["", _RULE, f"Nơi áp dụng: {', '.join(wording.labels)}", "", wording.headline, "", wording.text.strip()]
    lines += ["", _RULE, "Đề nghị giữ nguyên địa danh, giờ, ngày và việc cần làm; không rút gọn phần việc cần làm."]
    lines += [f"Kiểm tra tin thật hay giả: nhắn KIEM TRA {campaign.code} tới tài khoản Zalo đã phát tin.", head, ""]
    return "\n".join(lines)


def _facts(campaign: Campaign) -> list[str]:
    fields = campaign.fields
    source = " ".join(str(value) for value in (fields.get("ban_tin"), _hour(fields.get("ban_tin_luc"))) if value)
    rows = {
        "Mã tin": campaign.code,
        "Cơ quan phát tin": fields.get("don_vi"),
        "Theo": source,
        "Hiệu lực từ": Instant(campaign.effective),
        "Hiệu lực đến": Instant(campaign.expires),
        "Thay cho tin": ", ".join(campaign.references),
        "Tin tiếp theo": _hour(fields.get("tin_tiep_theo")),
    }
    return [f"{name}: {value}" for name, value in rows.items() if value]


def _hour(value: object) -> object:
    return Instant(value).gon if isinstance(value, datetime) else value
