"""Rules of slips: what a hurried hand leaves behind, and what no longer agrees with the rest of the alert."""

import re
from collections.abc import Iterator
from functools import cache

from zalo_alert import places
from zalo_alert.campaign.drill_marks import drill_word_in
from zalo_alert.foundation.clock import in_vietnam
from zalo_alert.language import _, joined
from zalo_alert.models import Status
from zalo_alert.wording.finding import Severity
from zalo_alert.wording.guidance_rules import tells_what_to_do
from zalo_alert.wording.rule import NOT_THERE, Rule, Spot
from zalo_alert.wording.text import Text
from zalo_alert.wording.written import instant_of

_BLANK = re.compile(
    r"…(?: ?…)+|\.{4,}|_{3,}|\[ ?(?:\.{2,}|…|điền [^\[\]\n]{0,60}|tên [^\[\]\n]{0,60}) ?\]|(?<!\w)(?:…|\.{3})/(?:…|\.{3})"
    r"|(?<![\w./:@-])x{3,}(?![\w./:@-])"
    r"|(?<!\w)ngày (?:…|\.{3})(?!\S)|(?<!/)(?:…|\.{3}) ?/ ?\d",
    re.IGNORECASE,
)
_LIKE_NUMBER = re.compile(r"(?<![\w.,/-])[0O][0-9OoIl]{1,4}(?:[ .][0-9OoIl]{2,4}){1,3}(?!\w)|(?<!\w)[1Il]{2}[2-5](?!\w)")
_LEAST_DIGITS = 4  # of a telephone number, beside the letters that slipped in
# The same syllable twice is a slip but for what Vietnamese doubles itself: nhanh nhanh, từ từ, ầm ầm.
_DOUBLED = re.compile(r"(?<![\w-])([^\W\d_]{2,}) \1(?![\w-])")
_DOUBLES = frozenset((
    "chôm", "ầm", "ào", "đùng", "rầm", "rào", "xa", "gần", "dần", "từ", "luôn", "mãi", "nhanh", "chậm", "đều", "thường",
    "rất", "hay", "hơi", "khẽ", "nhè", "rưng", "sáng", "chiều", "đêm", "ngày", "người", "nhà", "xã", "thôn", "đời", "nơi",
    "chốn", "ai", "gì", "đâu", "lần", "từng", "hàng", "to", "nhỏ", "cao", "dài", "lâu", "sớm", "mau", "vội", "khẩn", "ù", "ì",
    "rì", "vù", "vèo", "lắc", "lay", "rung", "chằm", "trùng", "tầng", "lớp", "đây", "đó", "kia", "quanh", "tất", "mọi", "đủ",
    "đỏ", "xanh", "vàng", "trắng", "đen", "tím", "nâu", "xám", "ba", "cha", "ông", "bà", "chị", "anh", "em", "con", "cháu",
    "chú", "cô", "bác", "mẹ", "song", "đôi", "không", "có", "là", "tối", "trưa", "khuya", "ấm", "lạnh", "mát", "nóng", "âm",
    "oi", "cuồn", "ùn", "tuôn", "đùn", "nhấp", "lấp", "bì", "lõm", "oàm", "ồ", "rả", "tí", "ti", "chút", "thật", "hoài",
    "ngay", "đúng", "lên", "xuống", "đi", "lại", "lác", "râm", "bay", "se", "nao", "tấp", "run", "choáng", "bập", "lăn",
    "ngùn", "ngút", "sừng", "ngập", "phà", "oằn", "mênh", "thấp", "lơ", "lờ", "đu", "hiu", "hùng", "chi", "tầm",
))  # fmt: skip
_MISSPELT = {
    "sơ táng": "sơ tán", "sơ tản": "sơ tán", "sơ tánn": "sơ tán", "di rời": "di dời", "sạc lở": "sạt lở", "sạt lỡ": "sạt lở",
    "sạt nở": "sạt lở", "lủ quét": "lũ quét", "lũ quét quét": "lũ quét", "lũ quết": "lũ quét", "xả lủ": "xả lũ",
    "xã lũ": "xả lũ", "ngập lục": "ngập lụt", "bảo số": "bão số", "cơn bảo": "cơn bão", "cảnh bảo": "cảnh báo",
    "cãnh báo": "cảnh báo", "khẩn cắp": "khẩn cấp", "nguy hiễm": "nguy hiểm", "cứu hô": "cứu hộ", "chằn chống": "chằng chống",
    "neo đâu": "neo đậu", "thũy điện": "thủy điện", "thủy triêu": "thủy triều", "triều cườn": "triều cường",
    "giậc cấp": "giật cấp", "giựt cấp": "giật cấp", "mực nứơc": "mực nước", "hạ lưư": "hạ lưu", "an tòan": "an toàn",
}  # fmt: skip
_DEADLINE = re.compile(r"\b(?:trước|xong trước|chậm nhất|muộn nhất|hạn chót)(?: là| lúc| vào| khoảng)* $")
_BEGINS = re.compile(r"\btừ(?: lúc| khoảng)? $")
_SO_FAR = re.compile(r"\b(?:đến (?:nay|giờ|lúc)|tới (?:nay|giờ)|đã|vừa qua)\b")
_CAPITAL_LINE, _CAPITAL_FIRST_LINE = 20, 30  # words: a title in capitals has fewer
_MOST_CAPITALS = 0.85
_WORD = re.compile(r"[^\W\d_]{2,}")
_NO_LONGER = re.compile(r"\b(?:cũ|trước đây|trước kia|trước sáp nhập|nay (?:là|thuộc)|đã sáp nhập|thuộc)\b")
_EARLIER = re.compile(r"\b(?:như|sau|từ|trước|hơn|so với|thay cho|hai cơn|và|cùng|tiếp theo)(?: cơn| trận| tin)? $")
_TWICE_NO = re.compile(
    r"\b(?:không|đừng|chớ|cấm)(?: được| nên)? (?:không|đừng|chớ)\b(?! (?:những|chỉ|thể|khí|gian|quân|ai|gì|phải))"
)
_STORM = re.compile(r"\bbão số (\d{1,2})\b")
_TEMPLATES = ("template ", "phone ")
_LEAST_WORDS = 5  # of a template's value that may be taken for an alert


def _unfilled(text: Text) -> Iterator[Spot]:
    for found in _BLANK.finditer(text.seen):
        message = _('holds a blank that nobody has filled in: "{words}"', words=_around(text.seen, *found.span()))
        yield Spot(*text.place(*found.span()), message, _("fill it in, or take the line away"))


def _around(seen: str, start: int, end: int) -> str:
    return seen[max(0, start - 16, seen.rfind("\n", 0, start) + 1) : min(end, start + 16)].strip()


def _number_letters(text: Text) -> Iterator[Spot]:
    for found in _LIKE_NUMBER.finditer(text.seen):
        words = found[0]
        digits = sum(sign.isdecimal() for sign in words)
        if digits < len(words.replace(" ", "").replace(".", "")) and (digits >= _LEAST_DIGITS or len(words) == 3):
            right = words.translate(str.maketrans("OoIl", "0011"))
            message = _('"{words}" holds letters in place of digits: nobody can dial it', words=words)
            yield Spot(*text.place(*found.span()), message, _("write the number: {right}", right=right))


def _deadline_past(text: Text) -> Iterator[Spot]:
    effective = in_vietnam(text.campaign.effective)
    for hour in text.hours:
        if hour.is_span or not _DEADLINE.search(text.lowered[max(0, hour.start - 24) : hour.start]):
            continue
        at = instant_of(text, hour)
        if at is not None and at <= effective:
            message = _('"{words}" was over when the alert takes effect', words=text.seen[hour.start : hour.end])
            yield Spot(*text.place(hour.start, hour.end), message, _("write a time that is still to come, or leave it out"))


def _start_past(text: Text) -> Iterator[Spot]:
    onset, effective = text.campaign.onset_of(text.as_read.variant), in_vietnam(text.campaign.effective)
    if onset is None or onset <= effective:
        return
    danger = in_vietnam(onset)
    for hour in text.hours:
        at = None if hour.is_span or hour.part else instant_of(text, hour)
        is_begun = _BEGINS.search(text.lowered[max(0, hour.start - 16) : hour.start])
        if (
            at
            and is_begun
            and at < effective
            and at.date() == danger.date()
            and not _SO_FAR.search(text.lowered, hour.end, hour.end + 40)
        ):
            message = _(
                '"{words}" lies before the alert takes effect, and the onset in the file is {hour} giờ',
                words=text.seen[hour.start : hour.end],
                hour=danger.hour,
            )
            yield Spot(*text.place(hour.start, hour.end), message, _("write the hour of the 24-hour clock, or mend onset"))


def _capitals_line(text: Text) -> Iterator[Spot]:
    for number, line in enumerate(text.lines):
        words, least = _WORD.findall(text.seen[line.start : line.end]), _CAPITAL_LINE if number else _CAPITAL_FIRST_LINE
        if len(words) >= least and sum(word.isupper() for word in words) > _MOST_CAPITALS * len(words):
            yield Spot(
                *text.place(line.start, line.end),
                _("a paragraph in capitals: slow to read, and nothing stands out"),
                _("keep capitals for a few key words, such as SƠ TÁN, KHÔNG"),
            )


def _doubled_word(text: Text) -> Iterator[Spot]:
    for found in _DOUBLED.finditer(text.lowered):
        words = text.seen[found.start() : found.end()]
        if found[1] not in _DOUBLES and words.islower():  # capitals: Đông Đông Bắc, of the Phòng Phòng cháy
            yield Spot(*text.place(*found.span()), _('"{words}": the same word twice', words=words), _("take one away"))


def _misspelt(text: Text) -> Iterator[Spot]:
    for wrong, right in _MISSPELT.items():
        if wrong in text.lowered and (found := re.search(rf"\b{wrong}\b", text.lowered)):  # to look for a text first is quick
            message = _('"{words}" is misspelt', words=text.seen[found.start() : found.end()])
            yield Spot(*text.place(*found.span()), message, _("write {right}", right=right))


def _twice_no(text: Text) -> Iterator[Spot]:
    for found in _TWICE_NO.finditer(text.lowered):
        words = text.seen[found.start() : found.end()]
        yield Spot(*text.place(*found.span()), _('"{words}" says no twice, so yes', words=words), _("say it once"))


@cache
def _gone() -> re.Pattern[str]:
    today = {province.name for province in places.PROVINCES}
    names = "|".join(re.escape(former.name.lower()) for former in places.FORMER_PROVINCES if former.name not in today)
    return re.compile(rf"(?:\btỉnh |\()({names})(?=\)|(?!\w))")


def _former_name(text: Text) -> Iterator[Spot]:
    for found in _gone().finditer(text.lowered):
        before, after = text.lowered[max(0, found.start() - 24) : found.start()], text.lowered[found.end() : found.end() + 24]
        if not _NO_LONGER.search(before) and not _NO_LONGER.search(after):
            now = _now(text.seen[found.start(1) : found.end(1)])
            message = _('"{words}" has been part of {now} since July 2025', words=text.seen[found.start() : found.end()], now=now)
            yield Spot(*text.place(*found.span()), message, _("write the name of today, or say that it is the former one: (cũ)"))


def _now(name: str) -> str:
    mask = next((former.mask for former in places.FORMER_PROVINCES if former.name.lower() == name.lower()), 0)
    return next((province.name for province in places.PROVINCES if province.mask & mask), name)


def _storm_differs(text: Text) -> Iterator[Spot]:
    above = set(_STORM.findall(text.as_read.headline.lower()))
    own = {found[1]: found for found in _STORM.finditer(text.lowered) if not _EARLIER.search(text.lowered[: found.start()][-24:])}
    first = next(iter(own), "")
    for number, found in own.items():
        if number != first and number not in above:
            message = _(
                'says "{words}", and "bão số {number}" before', words=text.seen[found.start() : found.end()], number=first
            )
            yield Spot(*text.place(*found.span()), message, _("write the same storm in both"))
    if above and own and not above & own.keys():
        found = next(iter(own.values()))
        headline = joined([f"bão số {number}" for number in sorted(above)], ", ")
        message = _(
            'says "{words}", and the headline "{headline}"', words=text.seen[found.start() : found.end()], headline=headline
        )
        yield Spot(*text.place(*found.span()), message, _("write the same storm in both"))


def _drill_unmarked(text: Text) -> Iterator[Spot]:
    is_template = text.as_read.route.startswith(_TEMPLATES)
    if text.campaign.status is Status.ACTUAL or not is_template or drill_word_in(text.words):
        return
    for line in text.lines:
        words = text.seen[line.start : line.end]
        if len(words.split()) >= _LEAST_WORDS and tells_what_to_do(words):
            yield Spot(
                *text.place(line.start, line.end),
                _('a drill\'s template reads "{words}", and nothing beside it says that it is a drill', words=words.strip()[:60]),
                _("begin the value with DIỄN TẬP, or keep the template's own text where it says so in templates/"),
            )


RULES = (
    Rule("unfilled", Severity.ERROR, _unfilled),
    Rule("number-letters", Severity.ERROR, _number_letters, of_languages=True),
    Rule("misspelt", Severity.WARNING, _misspelt),
    Rule("twice-no", Severity.WARNING, _twice_no),
    Rule("doubled-word", Severity.WARNING, _doubled_word),
    Rule("deadline-past", Severity.WARNING, _deadline_past, NOT_THERE),
    Rule("start-past", Severity.WARNING, _start_past, NOT_THERE),
    Rule("capitals-line", Severity.WARNING, _capitals_line),
    Rule("former-name", Severity.WARNING, _former_name),
    Rule("storm-differs", Severity.WARNING, _storm_differs),
    Rule("drill-unmarked", Severity.WARNING, _drill_unmarked),
)
