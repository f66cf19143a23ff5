"""Levels that a text names, and of which scale each is: risk, wind, flood alarm, or none that it says. Pure.

Source: Decision 18/2021/QĐ-TTg, article 4 (five risk levels), Decision 05/2020/QĐ-TTg (three flood alarms).
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from zalo_alert.wording.hazard_words import hazards_in

HIGHEST_ALARM = 3
_HIGHEST_RISK = 5  # a level above can be nothing but a wind's
_WORDS = {"một": 1, "hai": 2, "ba": 3, "bốn": 4, "năm": 5}
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10}
_NUMBER = r"(?:[0-9]{1,2}|[ivx]{1,4}|một|hai|ba|bốn)"
_NO_LEVEL = "".join(rf"(?<!\b{word} )" for word in ("cung", "trợ", "tiếp", "đã", "được", "phải", "khẩn", "khan", "cao", "sơ"))
_LEVEL = re.compile(
    rf"\b(?:{_NO_LEVEL}(?:cấp|cap)(?P<is_risk> (?:độ|do))?[ :]{{0,2}}|(?P<risk>(?:cấp độ |mức độ |mức )?(?:rủi ro|rrtt)"
    r"(?: thiên tai)?(?: là)?[ :]{1,2}(?=[1-5] ?/ ?5)|cấp độ (?:rủi ro(?: thiên tai)?|thiên tai)(?: là)?[ :]{1,2}"
    r"|(?:mức|cấp độ) (?=[1-5] ?/ ?5)))"
    rf"(?P<first>{_NUMBER}|năm(?! [0-9]))\b(?![.,][0-9])(?! ?(?:giờ|gio|h|phút|ngày|tấn|kg|triệu|tỷ|suất|lần)\b)"
    rf"(?:(?P<five> ?/ ?5\b)|\ ?[-–] ?(?:cấp |cap )?(?P<last>{_NUMBER})\b(?![.,/][0-9]))?"
)
_ALARM = re.compile(
    rf"\b(?:(?:báo động|bao dong)(?: lũ| lu)?|(?:mức )?bđ)[ .]?(?:(?:cấp độ|cấp|cap|số|so|mức|muc) ?)?"
    rf"(?P<first>{_NUMBER})\b(?![.,/][0-9])"
    rf"(?! ?(?:c?m|mét|met|giờ|gio|h|%)\b)(?: ?[-–] ?(?:bđ ?)?(?P<last>{_NUMBER})\b(?![.,/][0-9])(?! ?(?:c?m|mét|giờ|h|%)\b))?"
)
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)|\n")
_RISK = re.compile(r"\b(?:rủi ro|rui ro|thiên tai|thien tai|rrtt)\b")
_WIND = re.compile(r"\b(?:gió|gio|giật|giat|mạnh|manh|sức gió|beaufort|bôpho|bô pho)\b")
_AT_WIND = re.compile(r"\b(?:gió|giật|giat)(?: (?:giật|mạnh|nhất|tới|đến|trên|bắc|đông bắc|tây nam)){0,3}\W*$")
_ALARM_WORD = re.compile(r"\b(?:báo động|bao dong|bđ)\b")
_OTHER_SCALE = (
    r"\b(?:nhà|nha|trường|truong|học sinh|đê|kè|công trình|đường|quốc lộ|sông|hồ|đập|rừng|cháy|độ ẩm|chấn động|msk|cán bộ|"
    r"chính quyền|bệnh viện)\b"
)
_OTHER = re.compile(_OTHER_SCALE + r"|\b(?:lũ|ngập|động đất|sóng)\b")
_SCALES = re.compile("|".join((_ALARM_WORD.pattern, _WIND.pattern, _OTHER_SCALE)))
_STORM = re.compile(r"\b(?:bão|áp thấp|atnđ)\b")
_JOINED = re.compile(r"^[\s,/–-]*(?:(?:và|đến|tới|hoặc|lên|xuống|có nơi|có lúc|trên|dưới)[\s,]*)*$")
_CLAUSE = re.compile(r"[,;:()\[\]]| gây ")
_MAY_RISE = re.compile(
    r"(?:có thể|khả năng|nguy cơ|dự kiến|dự báo|sẽ|nếu)\b[^,;]{0,60}\b(?:lên|tăng|nâng|tới|đến|đạt)\b[^,;]{0,20}$"
)
_IS_NOT = re.compile(r"\b(?:không phải|không còn|chưa (?:đến|tới)|dưới|chứ không)\W*(?:là|ở|mức)?\W*$")
_ONCE = re.compile(r"\b(?:từ|thay cho|thay vì)\W*$")
_MOVES = re.compile(r"\s*(?:lên|xuống|sang|thành|còn)\b")


class Scale(StrEnum):
    """Of what a level is."""

    RISK = "risk"
    WIND = "wind"
    ALARM = "alarm"
    OTHER = "other"  # a house, a school, a dyke, a fire: no scale of an alert's own
    BARE = "bare"  # the text doesn't say


class Level(NamedTuple):
    """One level named in a text.

    Args:
        start: Where it stands.
        end: Where it ends.
        scale: See `Scale`.
        first: The level, or the lower of two.
        last: The higher of two; as `first` where one is named.
        hazards: Codes of the hazards that are named as those it is of; none where the text leaves that open.
        is_settled: It is in force, not one that may come, was, or is denied.
    """

    start: int
    end: int
    scale: Scale
    first: int
    last: int
    hazards: frozenset[str]
    is_settled: bool = True


@lru_cache(maxsize=16)  # several rules ask it of one text
def levels_in(lower: str) -> tuple[Level, ...]:
    """Return every "cấp" with a number of a text in lower case, in its order."""
    return tuple(_levels_in(lower))


def _levels_in(lower: str) -> Iterator[Level]:
    ends = [found.end() for found in _SENTENCE_END.finditer(lower)]
    before, since, following = None, 0, iter([*ends, len(lower) + 1])
    sentence_end = next(following)
    for found in _LEVEL.finditer(lower):
        while found.start() >= sentence_end:
            before, since, sentence_end = None, sentence_end, next(following)
        segment = lower[max(since, found.start() - 200) : found.start()]
        before = _level(found, segment, before, lower[found.end() : found.end() + 12])
        since = found.end()
        yield before


def alarms_in(lower: str) -> Iterator[Level]:
    """Yield every flood alarm that a text in lower case names."""
    for found in _ALARM.finditer(lower):
        first = _value(found["first"])
        last = _value(found["last"]) if found["last"] else first
        if first and last:
            yield Level(found.start(), found.end(), Scale.ALARM, first, last, frozenset())


def _level(found: re.Match[str], segment: str, before: Level | None, behind: str) -> Level:
    first = _value(found["first"])
    last = _value(found["last"]) if found["last"] else first
    is_joined = bool(before and _JOINED.match(segment))
    is_carried = is_joined and not (found["five"] or found["is_risk"] or found["risk"])
    scale = before.scale if before and is_carried else _scale(found, segment, first, before)
    hazards = before.hazards if before and is_joined else _hazards(segment)
    is_past = bool(_ONCE.search(segment) and _MOVES.match(behind))
    is_settled = not (is_past or _MAY_RISE.search(segment) or _IS_NOT.search(segment))
    return Level(found.start(), found.end(), scale, first, last, hazards, is_settled)


def _scale(found: re.Match[str], segment: str, first: int, before: Level | None) -> Scale:
    if found["five"] or found["is_risk"] or found["risk"]:
        return Scale.RISK
    if _RISK.search(segment):
        return Scale.WIND if _AT_WIND.search(segment) and " do " not in segment else Scale.RISK
    if before and before.scale is Scale.RISK and not _SCALES.search(segment):
        return Scale.RISK
    for words, scale in ((_ALARM_WORD, Scale.ALARM), (_WIND, Scale.WIND), (_OTHER, Scale.OTHER)):
        if words.search(segment):
            return scale
    goes_on = before is not None and before.scale is Scale.WIND and not _STORM.search(segment)
    return Scale.WIND if goes_on or first > _HIGHEST_RISK else Scale.BARE


def _hazards(segment: str) -> frozenset[str]:
    """Return the hazards of which a level is said: those behind "rủi ro", else those of the same clause before it."""
    risks = list(_RISK.finditer(segment))
    if not risks:
        return hazards_in(segment)
    before = segment[: risks[-1].start()]
    return hazards_in(segment[risks[-1].end() :]) or hazards_in(_CLAUSE.split(before)[-1])


def _value(number: str) -> int:
    """Return a number in digits, as the Romans wrote it or in a word; 0 where it is none, such as `iiii`."""
    return int(number) if number.isdecimal() else _ROMAN.get(number) or _WORDS.get(number, 0)
