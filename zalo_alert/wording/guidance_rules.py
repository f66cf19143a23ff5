"""The rule of guidance: a warning says what to do."""

import re
from collections.abc import Iterator

from zalo_alert.language import _
from zalo_alert.wording.finding import Severity
from zalo_alert.wording.folded import Folded, fold
from zalo_alert.wording.rule import SOFTER, Rule, Spot
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
    "(?:kính )?mong (?:bà|quý|các|mọi|anh|người)", "vui lòng", "mời (?:bà|quý|các|mọi|anh|người)",
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
# What is asked for where a sentence or a clause begins, or behind those who are to do it: `Tàu cá: bật đèn`, `Bà con thả bò`.
_DONE = (
    "bật|mở|kéo|giảm|tăng|giữ|bít|bịt|trám|kê|nâng|hạ|dời|dọn|gom|gặt|hái|cắt|tỉa|đốn|đắp|đào|"
    "khơi|nạo|tháo|bơm|xả|tát|lấy|trữ|tích|hứng|mua|sạc|thay|buộc|cột|néo|neo|đậu|tấp|cập|lai|đưa|"
    "đón|dắt|lùa|nhốt|thả|che|phủ|đội|đeo|mặc|mang|cầm|đặt|cất|gửi|cúp|ngắt|tắt|khóa|đóng|chốt|rút|"
    "ngưng|ngừng|dừng|hoãn|lùi|nghỉ|ngủ|đi|chạy|lái|rẽ|quay|vòng|ngồi|nằm|núp|nấp|trú|bám|ôm|tránh|"
    "né|rời|bỏ|bơi|lội|trèo|leo|nghe|canh|cử|bố trí|huy động|tổ chức|tuyên truyền|vận động|trả lời|"
    "góp ý|xác nhận|phản hồi|ăn|uống|đun|nấu|rửa|lau|phun|rắc|tiêm|chăm|sơ cứu|hô hấp|tưới|gieo|cấy|"
    "trồng|bón|vớt|bắt|đánh|câu|chăn|chia|ưu tiên|bàn giao|đăng ký|tập trung|chia sẻ|hủy|cách ly|"
    "cho (?:trẻ|người|gia súc|trâu|học sinh|con)|ra khỏi|lên (?:cao|bờ|tầng|gác|núi|đồi|ghe|xe)|về nhà|"
    "sang (?:ngủ|ở|nhà)|ở (?:nhà|trong|yên|lại)|vào (?:bờ|nhà|nơi|trong)|làm theo|đo (?:độ|mặn|thân)|"
    "để (?:sẵn|cao|xa)"
)
_WHO = (
    "bà con|người dân|nhân dân|các hộ|hộ|mọi người|ai|học sinh|phụ huynh|khách|hành khách|ngư dân|chủ tàu|tàu|thuyền|xe|thôn|tổ|"
    "bản|xã|phường|đội|quý vị|cha mẹ|người già|trẻ em|lái xe|thuyền viên|cán bộ|trưởng thôn|trưởng bản"
)
_CLAUSE = r"(?:^|\n|[:;.,–!-] ?|\b[0-9]{1,2}[./)] ?|\b(?:và|rồi|thì) )"
_BEGUN = rf"(?:{_CLAUSE}(?:(?:{_WHO})\b[^.:;\n]{{0,40}}?[ :,])?(?:{_DONE})\b)"
_GUIDANCE = rf"\b(?:{'|'.join(_ASKED)})\b"
_ACCENTED = re.compile(_NOT), re.compile(f"{_GUIDANCE}|{_BEGUN}")  # without accents, too much looks like a verb
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


RULES = (Rule("no-guidance", Severity.ERROR, _no_guidance, SOFTER, of_whole=True),)
