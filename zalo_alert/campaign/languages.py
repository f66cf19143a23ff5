"""The languages that a text may be given in below the Vietnamese one: a table, and nothing of what must hold in it."""

from collections.abc import Mapping

from zalo_alert.language import _

VIETNAMESE = "vi"
# Codes of ISO 639: two letters where a language has them, else three.
LANGUAGES: Mapping[str, str] = {
    "km": _("Khmer"),
    "hmn": _("Hmong"),
    "tai": _("Tai"),
    "tyz": _("Tày"),
    "rad": _("Ede"),
    "jra": _("Jarai"),
    "bdq": _("Bahnar"),
    "cjm": _("Cham"),
    "en": _("English"),
}
# What else they are called by whoever writes one, for a suggestion.
OTHER_WORDS: Mapping[str, str] = {
    "khmer": "km",
    "kh": "km",
    "hmong": "hmn",
    "h'mong": "hmn",
    "mong": "hmn",
    "thai": "tai",
    "th": "tai",
    "tay": "tyz",
    "ede": "rad",
    "gia rai": "jra",
    "jarai": "jra",
    "ba na": "bdq",
    "bana": "bdq",
    "cham": "cjm",
    "english": "en",
}
