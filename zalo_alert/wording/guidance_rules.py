"""The rule of guidance: a warning says what to do."""

import re
from collections.abc import Iterator

from zalo_alert.language import _
from zalo_alert.wording.finding import Severity
from zalo_alert.wording.folded import Folded, fold
from zalo_alert.wording.rule import ALL_CLEAR, CORRECTION, Rule, Spot
from zalo_alert.wording.text import Text

# What sounds like guidance and is none: names of offices, where to call for help, what is not so.
_NOT = (
    r"phòng,? chống thiên tai|phòng thủ dân sự|\bcần (?:cứu )?(?:giúp|hỗ trợ|cứu|trợ giúp|thơ|giuộc|giờ)\b|"
    r"(?:tin|lệnh|điểm) sơ tán|không phải (?!rời|sơ tán|di|đi|làm)"
)
# After "không", what is told and not asked for: `không có bão`, `không khí lạnh`, `không còn gió mạnh`.
_TOLD = (
    "có|còn|phải|khả năng|gây|thể|rõ|bị|lớn|xảy|mạnh|nhiều|đáng|kịp|khí|gian|quân|thật|liên|ảnh|thay|mưa|gió|giảm|tăng|loại|xa|"
    "quá|đều|đổi|ít|hề|sao|bằng|rộng|cao|thấp|sâu|may|thuận|lợi|ổn|chắc|biết|nên gây|ngừng|dứt|ngớt"
)
_ASKED = (
    "hãy", "cần", "phải", "đừng", "chớ", "đề nghị", "yêu cầu", "khuyến cáo", "lưu ý", "chú ý", "cảnh giác", "đề phòng",
    "phòng tránh", "chủ động", "sẵn sàng", "khẩn trương", "tuyệt đối", "nghiêm cấm", "cấm", "hạn chế",
    "nên (?:tránh|ở|chuẩn bị|di|kiểm|theo|rời)", rf"không (?!(?:{_TOLD})\b)\w+", "không phải (?:rời|sơ tán|di|đi|làm)",
    "sơ tán", "di dời", "di tản", "tránh (?:xa|trú|ra|đi|vào|tiếp|để|qua|nơi|lại)", "rời (?:nhà|khỏi|lòng|bãi|vùng|đi|ngay)",
    "ra khỏi", "di chuyển (?:người|tài|lồng|gia|đồ|ngay|đi|tàu|thuyền|xe|khỏi)",
    "di chuyển (?:đến|lên|ra) (?:nơi|nhà|điểm|chỗ|cao|tầng|khỏi)", "(?:chạy|đi|lên) (?:ngay|núi|chỗ|nơi|tầng|mái|trụ|bờ)",
    "(?:chạy|đi) (?:lên )?cao", "ở (?:yên|trong|lại|nguyên|tại) (?:trong |chỗ|nhà)", "trú (?:ẩn|tránh|trong)",
    "vào (?:nơi|chỗ)", "đến (?:nơi|điểm sơ|chỗ|nhà văn)", "đưa (?:người|tàu|thuyền|trẻ|gia|đồ|tài|xe)", "mang theo",
    "mang nước", "chằng", "gia cố", "neo (?:đậu|ghe|tàu|thuyền|buộc)", "buộc (?:ghe|xuồng|tàu|chặt)", "che (?:chắn|phủ|đầu)",
    "(?:dự|tích) trữ", "tích nước", "sạc", "kê (?:cao|đồ|kích)", "chuyển (?:lên|đồ|người|tài|gia)", "dắt", "ngắt", "tắt",
    "cắt điện", "khóa (?:van|cửa|ga)", "đóng (?:cửa|kín)", "hạ (?:vật|cây|biển)", "chặt tỉa", "cắt tỉa", "khơi thông",
    "theo dõi", "kiểm tra", "chuẩn bị", "(?<!nước )uống", "mặc ấm", "giữ (?:ấm|chặt|trẻ)", "trông (?:trẻ|giữ)", "tiết kiệm",
    "thu hoạch", "bỏ qua", "quay về", "về nhà", "trở về", "nghe theo", "làm theo", "cúi", "bám", "báo (?:ngay|cho)",
    "gọi hàng xóm", "nhắn da nhan", "chỉ về", "trữ (?:nước|thức|lương)",
)  # fmt: skip
_GUIDANCE = rf"\b(?:{'|'.join(_ASKED)})\b"
_ACCENTED = re.compile(_NOT), re.compile(_GUIDANCE)
_PLAIN = re.compile(fold(_NOT).plain), re.compile(fold(_GUIDANCE).plain)


def tells_what_to_do(words: str) -> bool:
    """Whether words hold anything that is to be done, or not to be done."""
    return _tells(fold(words))


def _tells(folded: Folded) -> bool:
    other, guidance = _PLAIN if folded.is_plain else _ACCENTED
    return guidance.search(other.sub(" ", folded.lowered)) is not None


def _no_guidance(text: Text) -> Iterator[Spot]:
    if not _tells(text.folded):
        yield Spot(
            0,
            0,
            _("says nowhere what people are to do"),
            _("write what to do and by when, such as: SƠ TÁN trước 20 giờ; where nothing is to be done, say that"),
        )


RULES = (Rule("no-guidance", Severity.ERROR, _no_guidance, {CORRECTION: None, ALL_CLEAR: Severity.WARNING}, of_whole=True),)
