"""Names of places as people write them: normalised, with aliases, and never guessed.

Owns what counts as the same name. A name that fits two places fits none.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from zalo_alert.places.tables import FORMER_PROVINCES, PROVINCES

FOREIGN = "foreign"
UNKNOWN = "unknown"

_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_TYPE_WORDS = re.compile(r"^(tinh|thanh pho|tp|t)[\s.]+|^(tp|t\.)(?=\S)")
_TAIL = re.compile(r"[\s,]+(viet ?nam|vn)$")
_SPACE = re.compile(r"[\s\-–—_.,/]+")
_TONES = str.maketrans({"đ": "d", "Đ": "d", "Ð": "d", "ð": "d"})

# Abbreviations that name one place only. "ĐN" (Đà Nẵng, Đồng Nai), "QN" (three) and "BD" (two) stay unknown.
_ALIASES = {
    "new:01": ("hn", "ha noi city", "hanoi", "thu do ha noi"),
    "new:79": ("hcm", "tphcm", "tp hcm", "sai gon", "saigon", "sg", "ho chi minh city", "hcmc"),
    "new:46": ("hue",),
    "old:46": ("thua thien hue", "tt hue", "tth"),
    "old:77": ("br vt", "brvt", "vung tau", "ba ria"),
    "new:31": ("hp", "haiphong"),
    "new:48": ("da nang city", "danang"),
    "new:92": ("ct", "cantho"),
    "old:66": (),
    "new:66": ("daklak", "dac lac", "dak lac", "darlac"),
    "old:67": ("daknong", "dac nong"),
    "old:62": ("kontum",),
    "old:06": ("bac can",),
    "old:51": (),
}
_FOREIGN_NAMES = frozenset(
    {"trung quoc", "dai loan", "nhat ban", "han quoc", "south korea", "phnom penh", "thai lan", "hoa ky", "united states",
     "united kingdom", "ba lan", "cong hoa sec", "nuoc ngoai"}
    | {"china", "taiwan", "japan", "korea", "lao", "laos", "campuchia", "cambodia", "thailand", "singapore", "malaysia", "my",
       "usa", "canada", "uc", "australia", "duc", "germany", "phap", "france", "nga", "russia", "anh", "uk", "poland", "czech",
       "foreign", "overseas"}
)  # fmt: skip


def plain(text: str) -> str:
    """Fold a name: compatibility forms, accents, đ, case, punctuation and spaces; `Thành phố Hồ Chí Minh` stays recognisable."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).translate(_TONES).casefold()
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return _SPACE.sub(" ", bare.translate(_TONES)).strip()


def _without_type(name: str) -> str:
    return _TYPE_WORDS.sub("", _TAIL.sub("", name)).strip()


def _table() -> dict[str, set[str]]:
    """Every folded name with the keys it may mean: former and present provinces both."""
    table: dict[str, set[str]] = {}

    def add(names: Iterable[str], key: str) -> None:
        for name in names:
            table.setdefault(plain(name), set()).add(key)

    for former in FORMER_PROVINCES:
        add((former.name,), former.key)
    for province in PROVINCES:
        add((province.name,), province.key)
    for key, aliases in _ALIASES.items():
        add(aliases, key)
    return table


NAMES = _table()
MASKS: dict[str, int] = {FOREIGN: 0, UNKNOWN: 0}
MASKS |= {former.key: former.mask for former in FORMER_PROVINCES} | {province.key: province.mask for province in PROVINCES}
PROPER: dict[str, str] = {FOREIGN: "ngoài Việt Nam", UNKNOWN: "chưa rõ nơi ở"}
PROPER |= {former.key: former.name for former in FORMER_PROVINCES} | {province.key: province.name for province in PROVINCES}


def keys_named(text: str) -> set[str]:
    """Return the keys that a name may mean: several when it is both a former and a present province, none when unknown."""
    folded = plain(text)
    return NAMES.get(folded) or NAMES.get(_without_type(folded)) or NAMES.get(folded.replace(" ", "")) or set()


@lru_cache(maxsize=65_536)
def key_of(text: str, *, before_merger: bool = False) -> str:
    """Say where someone lives whose city field reads so.

    Args:
        text: As it came; may be empty.
        before_merger: The record dates from before 1 July 2025, so a surviving name means the former province.

    Returns:
        `old:NN` when the former province is certain, `new:NN` when only today's is, `foreign`, or `unknown`.
    """
    folded = plain(text)
    if not folded:
        return UNKNOWN
    keys = keys_named(text)
    if keys:
        return _settled(keys, before_merger=before_merger)
    return FOREIGN if folded in _FOREIGN_NAMES or folded.split(" ")[-1] in {"china", "usa", "japan", "korea"} else UNKNOWN


def _settled(keys: set[str], *, before_merger: bool) -> str:
    old = [key for key in keys if key.startswith("old:")]
    new = [key for key in keys if key.startswith("new:")]
    if len(old) > 1 or len(new) > 1:
        return UNKNOWN
    if not new:
        return old[0]
    single = _only_predecessor(new[0])
    if single:
        return single
    if before_merger and (old or (old := [_namesake(new[0])])):
        return old[0]
    return new[0]


def _only_predecessor(key: str) -> str:
    mask = MASKS[key]
    return next((former.key for former in FORMER_PROVINCES if former.mask == mask), "")


def _namesake(key: str) -> str:
    # An alias such as "HCM" names today's province; the former one of the same name is what it meant before.
    return next(former.key for former in FORMER_PROVINCES if former.name == PROPER[key])


def mask_of(key: str) -> int:
    """Return the former provinces of a key; 0 for `foreign` and `unknown`."""
    return MASKS[key]


def name_of(key: str) -> str:
    """Return the Vietnamese name of a key."""
    return PROPER[key]
