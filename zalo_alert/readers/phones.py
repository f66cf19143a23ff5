"""Vietnam's mobile numbers: which can exist, what became of those of eleven digits, and every way in which people write them.

Owns the numbering plan. Knows no list.
"""

import re
import unicodedata

# What a mobile number begins with, behind its zero; nine digits in all. Land lines and services are no one's Zalo account.
# Source: libphonenumber 9.0.43, metadata of VN, "mobile", which follows Circular 22/2014/TT-BTTTT (the plan of numbers) with its
# changes; a test compares every prefix of three digits with it.
PREFIXES = (
    *(f"3{digit}" for digit in range(10)),  # Viettel
    "51", "522", "523", "528", "559", "56", "58", "59",  # Vietnamobile, Gmobile, and networks without masts
    "70", "76", "77", "78", "79",  # MobiFone
    *(f"8{digit}" for digit in range(1, 9)), "896", "897", "898", "899",  # VinaPhone, Viettel, MobiFone
    *(f"9{digit}" for digit in range(9)), "990", "991", *(f"99{digit}" for digit in range(3, 10)),
)  # fmt: skip

# Since 15 September 2018 the numbers of eleven digits have ten: the last seven stayed.
# Source: the plan of the Ministry of Information and Communications of 2018, as in SGGP News, "Mobile phone numbers conversion to
# affect 60 million subscribers nationwide".
SINCE_2018 = {
    "162": "32", "163": "33", "164": "34", "165": "35", "166": "36", "167": "37", "168": "38", "169": "39",
    "120": "70", "121": "79", "122": "77", "126": "76", "128": "78",
    "123": "83", "124": "84", "125": "85", "127": "81", "129": "82",
    "186": "56", "188": "58",
    "199": "59",
}  # fmt: skip
# Before that, numbers of ten digits that begin so were land lines, and are strangers' mobiles today: 08 was Hồ Chí Minh City.
LAND_LINES_ONCE = tuple(sorted({f"84{prefix}" for prefix in PREFIXES if prefix[0] in "357" or prefix in SINCE_2018.values()}))

MOBILE = "(?:" + "|".join(f"{prefix}[0-9]{{{9 - len(prefix)}}}" for prefix in PREFIXES) + ")"
_OLD = f"({'|'.join(SINCE_2018)})([0-9]{{7}})"
_ABROAD = r"(?:(?:00)?840?|0)?"  # 0084…, 84…, +84 (0)…, 0…, or the zero that a spreadsheet ate
_NEW_NUMBER = re.compile(f"{_ABROAD}({MOBILE})")
_OLD_NUMBER = re.compile(_ABROAD + _OLD)
_LETTER_O = re.compile(r"(?<![^\W\d_])[oO](?=[0-9oO])|(?<=[0-9])[oO](?![^\W\d_])")
_FLOATING = re.compile(r"\s*\+?([0-9]{9,13})\.0+\s*")
_RUN = re.compile(r"[+(]*[0-9][0-9 .()\u2010-\u2015-]*")
_GAP = re.compile(r"[ .()\u2010-\u2015-]+")
_GIVEN_AS_ID = re.compile(f"(?:84|0)(?:{MOBILE}|{_OLD})")


def phone_of(text: str) -> str:
    """Return `84…` with nine digits, or nothing for what holds no Vietnamese mobile number; of several it is the first."""
    return _read(text)[0]


def is_old(text: str) -> bool:
    """Whether the number was given as it was before 15 September 2018, with eleven digits."""
    return _read(text)[1]


def is_given_as_id(digits: str) -> bool:
    """Whether digits where an id should be are a telephone number: with its zero or 84, for nine digits may be anything."""
    return bool(_GIVEN_AS_ID.fullmatch(digits))


def _read(text: str) -> tuple[str, bool]:
    for run in _RUN.findall(_tidy(text)):  # digits behind a word are another number, or none
        digits, number = _GAP.sub("", run), ("", False)
        if "+" not in run or digits.startswith("+84"):
            number = _read_number(digits.lstrip("+"))
        number = number if number[0] else _first_of_two(_GAP.split(run.strip("+( -")))
        if number[0]:
            return number
    return "", False


def _tidy(text: str) -> str:
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    if floating := _FLOATING.fullmatch(plain):
        return floating[1]
    plain = re.sub(r"\s", " ", plain)
    return _LETTER_O.sub("0", plain) if "o" in plain or "O" in plain else plain


def _read_number(digits: str) -> tuple[str, bool]:
    if match := _NEW_NUMBER.fullmatch(digits):
        return f"84{match[1]}", False
    if match := _OLD_NUMBER.fullmatch(digits):
        return f"84{SINCE_2018[match[1]]}{match[2]}", True
    return "", False


def _first_of_two(words: list[str]) -> tuple[str, bool]:
    """Read two numbers with nothing but a gap between them; one with a digit too many is not a number."""
    for at in range(1, len(words)):
        first = _read_number("".join(words[:at]))
        if first[0] and _read_number("".join(words[at:]))[0]:
            return first
    return "", False
