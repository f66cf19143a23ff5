"""How long a Vietnamese text takes to be read aloud: its syllables, with numbers, signs and abbreviations as a speaker says them.

Source: Vietnamese writes one syllable a word, so words are counted. The speed is that of a slow reader over a loudspeaker in the
open, whose sound comes back from walls; news on television is read half as fast again (general knowledge, not measured).
"""

import re
from itertools import pairwise

SYLLABLES_PER_S = 3.5
PAUSE_S = 0.25  # at the end of a sentence and of a line

_SPOKEN = (  # longest first
    ("m³/giây", "mét khối trên giây"),
    ("m³/s", "mét khối trên giây"),
    ("km/giờ", "ki lô mét một giờ"),
    ("km/h", "ki lô mét một giờ"),
    ("°C", "độ C"),
    ("mm", "mi li mét"),
    ("cm", "xen ti mét"),
    ("km", "ki lô mét"),
    ("m", "mét"),
    ("kg", "ki lô gam"),
    ("%", "phần trăm"),
    ("‰", "phần nghìn"),
    ("UBND", "ủy ban nhân dân"),
    ("BCH", "ban chỉ huy"),
    ("PTDS", "phòng thủ dân sự"),
    ("PCTT", "phòng chống thiên tai"),
    ("TKCN", "tìm kiếm cứu nạn"),
    ("KTTV", "khí tượng thủy văn"),
    ("TP.", "thành phố"),
)
_UNITS = {written: spoken for written, spoken in _SPOKEN if not written[0].isupper()}
_SHORT = {written: spoken for written, spoken in _SPOKEN if written[0].isupper()}
_UNIT = re.compile(rf"(?<=[0-9])\s?({'|'.join(re.escape(written) for written in _UNITS)})(?!\w)")
_SHORT_FORM = re.compile(rf"(?<!\w)({'|'.join(re.escape(written) for written in _SHORT)})(?!\w)")
_DATE = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})(?:/(\d{4}))?(?![\d/])")
_THOUSANDS = re.compile(r"(?<=\d)[.\u202f\u00a0](?=\d{3}(?!\d))")
_FULL_HOUR = re.compile(r"(?<=\bgiờ) 00(?!\d)")
_CALLED = re.compile(r"(?<=\bgọi )[\d .]{3,}\d|(?<!\d)11[2-5](?!\d)")  # a number to dial is said digit by digit
_NUMBER = re.compile(r"\d+(?:,\d+)?")
_WORD = re.compile(r"[^\W\d_]+")
_PAUSES = re.compile(r"[.!?:;](?=\s|$)|\n+")
_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_GROUPS = ("", "nghìn", "triệu", "tỷ")


def seconds_aloud(text: str) -> float:
    """Return how many seconds a text takes to be read aloud."""
    return count_syllables(text) / SYLLABLES_PER_S + PAUSE_S * len(_PAUSES.findall(text.strip()))


def count_syllables(text: str) -> int:
    """Count the syllables that a speaker says."""
    return len(_WORD.findall(spoken(text)))


def spoken(text: str) -> str:
    """Write a text as it is said: numbers, dates, units and the usual short forms in words."""
    text = _CALLED.sub(lambda called: _digit_by_digit(re.sub(r"\D", "", called[0])), _FULL_HOUR.sub("", text))
    text = _DATE.sub(_date_in_words, text)
    text = _UNIT.sub(lambda unit: f" {_UNITS[unit[1]]}", text)
    text = _SHORT_FORM.sub(lambda short: _SHORT[short[1]], text)
    text = re.sub(r"(?<=\d)\s?/\s?(?=\d)", " trên ", _THOUSANDS.sub("", text))
    text = re.sub(r"(?<=\d)\s?[–-]\s?(?=\d)", " đến ", text)
    return _NUMBER.sub(lambda number: f" {_decimal_in_words(number[0])} ", text)


def _date_in_words(date: re.Match[str]) -> str:
    day, month, year = int(date[1]), int(date[2]), date[3]
    if not (1 <= day <= 31 and 1 <= month <= 12) or (year is None and month <= 5 and day <= month):
        return date[0]  # "cấp 4/5" is no day
    return f"{day} tháng {month}" + (f" năm {year}" if year else "")


def _decimal_in_words(number: str) -> str:
    whole, _comma, part = number.partition(",")
    said = _digit_by_digit(whole) if (whole.startswith("0") and len(whole) > 1) or len(whole) > 9 else number_in_words(int(whole))
    return f"{said} phẩy {_digit_by_digit(part)}" if part else said


def _digit_by_digit(number: str) -> str:
    return " ".join(_DIGITS[int(digit)] for digit in number)


def number_in_words(number: int) -> str:
    """Say a whole number below a thousand million: 4.000 is "bốn nghìn", 105 "một trăm lẻ năm"."""
    if not number:
        return _DIGITS[0]
    groups = [number // 1000**power % 1000 for power in range(len(_GROUPS))]
    highest = max(power for power, group in enumerate(groups) if group)
    said = []
    for power in range(highest, -1, -1):
        if groups[power]:
            said.append(_group_in_words(groups[power], is_first=power == highest))
            said.append(_GROUPS[power])
    return " ".join(filter(None, said))


def _group_in_words(group: int, *, is_first: bool) -> str:
    hundreds, tens, ones = group // 100, group // 10 % 10, group % 10
    said = [] if is_first and not hundreds else [_DIGITS[hundreds], "trăm"]
    if tens:
        said += ["mười"] if tens == 1 else [_DIGITS[tens], "mươi"]
    elif ones and said:
        said.append("lẻ")
    if ones:
        said.append(_last_digit(tens, ones))
    return " ".join(said)


def _last_digit(tens: int, ones: int) -> str:
    if ones == 1 and tens > 1:
        return "mốt"
    return "lăm" if ones == 5 and tens else _DIGITS[ones]


def sentences_of(text: str) -> list[str]:
    """Cut a text into what is said in one breath: lines, and the sentences in them; the number of an item stays with it."""
    return [sentence for line in text.splitlines() for sentence in _cut(line.strip()) if sentence]


def _cut(line: str) -> list[str]:
    ends = [
        0,
        *(found.end() for found in re.finditer(r"[.!?](?=\s+[^\W\d_])", line) if not _is_short(line[: found.end()])),
        len(line),
    ]
    return [line[start:end].strip() for start, end in pairwise(ends)]


def _is_short(begun: str) -> bool:
    """Whether a dot ends a number of a list or a short form, not a sentence."""
    return re.search(r"(?:^\s*\d+|(?:^|\s)(?:TP|H|X|P|TX|Q|Tp))\.$", begun) is not None
