"""Hazards as people call them: `bão`, `bao`, `Bão số 7`, `storm`, `flash flood`. Knows no template."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from functools import cache

from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.errors import Cure, UsageError
from zalo_alert.foundation.suggestions import did_you_mean, nearest
from zalo_alert.language import _, joined

_OTHERS: Mapping[str, str] = {
    "bao": "storm, typhoon, bao so, con bao",
    "ap-thap-nhiet-doi": "tropical depression, depression, atnd, ap thap",
    "nuoc-dang": "storm surge, surge, nuoc bien dang, trieu cuong, high tide",
    "mua-lon": "heavy rain, rain, mua to, mua",
    "lu": "flood, lu lut, lut, lu song",
    "ngap-lut": "inundation, ngap, ngap ung, ngap lut do thi",
    "lu-quet": "flash flood, lu quet sat lo, lu ong",
    "sat-lo": "landslide, mudslide, sat lo, sut lun, lo dat",
    "xa-lu": "reservoir release, dam release, xa ho, xa lu ho, xa nuoc, ho chua, thuy dien xa lu",
    "su-co-dap": "dam failure, dam break, vo dap, vo ho",
    "nang-nong": "heat, heat wave, heatwave, nong",
    "han-han": "drought, han",
    "xam-nhap-man": "salt, salinity, salt intrusion, saltwater intrusion, man, han man",
    "gio-manh": "wind, strong wind, gio manh, gio giat, song lon",
    "suong-mu": "fog, mist",
    "loc-set": "thunderstorm, lightning, hail, tornado, loc, set, mua da, dong, giong",
    "ret-hai": "cold, cold spell, frost, ret, ret dam, suong muoi",
    "chay-rung": "wildfire, forest fire, fire, chay",
    "dong-dat": "earthquake, quake",
    "song-than": "tsunami",
}


def hazard_named(typed: str, known: Collection[str]) -> str:
    """Return the code of a hazard.

    Args:
        typed: A code or a name, Vietnamese with or without accents, or English.
        known: Those that the library has.

    Raises:
        UsageError: It is none of these; says what may have been meant and what there is.
    """
    if typed in known:
        return typed
    key, names = word_key(typed), _names()
    if (code := names.get(key) or names.get(_without_number(key))) and code in known:
        return code
    wrong = (
        _('there is no template for "{hazard}" ({name})', hazard=code, name=HAZARDS[code].name)
        if code
        else _('"{typed}" is not a known hazard', typed=typed[:40])
    )
    near = dict.fromkeys(names[name] for name in nearest(key, names, most=3) if names[name] in known)
    maybe = did_you_mean([_label(code) for code in near])
    raise UsageError(
        joined(filter(None, (wrong, maybe)), "; "),
        hint=_("there are {hazards}; {templates} shows them", hazards=", ".join(sorted(known)), templates=Cure.TEMPLATES()),
    )


def _label(code: str) -> str:
    return f"{code} ({HAZARDS[code].name})" if code in HAZARDS else code


@cache
def _names() -> dict[str, str]:
    """Every name of a hazard, as `word_key` folds it, with its code."""
    names: dict[str, str] = {}
    for code, others in _OTHERS.items():
        names |= dict.fromkeys(map(word_key, others.split(", ")), code)
    for hazard in HAZARDS.values():
        names |= {word_key(hazard.code): hazard.code, word_key(hazard.name): hazard.code}
    return names


def word_key(text: str) -> str:
    """Return the words of a text without accents, in small letters, a blank between two: what is compared of names."""
    decomposed = unicodedata.normalize("NFKD", text[:100].casefold()).replace("đ", "d")
    return " ".join(re.findall("[a-z0-9]+", "".join(char for char in decomposed if not unicodedata.combining(char))))


def _without_number(key: str) -> str:
    """Take a storm's number off: bão số 7."""
    return re.sub(r" (?:so )?[0-9]{1,3}$", "", key)
