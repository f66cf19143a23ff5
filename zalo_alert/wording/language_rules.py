"""Rules of a text in another language: it says the hours, days, level and code of the Vietnamese text above it, and no others."""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from zalo_alert.campaign.languages import LANGUAGES, VIETNAMESE
from zalo_alert.language import _, joined
from zalo_alert.wording.finding import Severity
from zalo_alert.wording.folded import fold
from zalo_alert.wording.hours import hours_in
from zalo_alert.wording.rule import Rule, Spot
from zalo_alert.wording.text import Span, Text

MOST = 200  # days of a text that are looked at
_PAIR = re.compile(r"(?<![\d/.,:])(\d{1,2})/(\d{1,2})(?![\d:.,]\d)")  # a day, or a level of five


def _differs(text: Text) -> Iterator[Spot]:
    if text.as_read.language == VIETNAMESE:
        return
    own, above = _said(text.lowered), _said(fold(text.as_read.vietnamese).lowered)
    fix = _("show the same fields in both texts, such as {{ so_tan_truoc|gon }}, and what is typed alike")
    missing = [said for said in above if said not in own]
    if text.campaign.code in text.as_read.vietnamese and text.campaign.code not in text.words:
        missing.append(text.campaign.code)
    if missing and text.is_whole:
        language = LANGUAGES.get(text.as_read.language, text.as_read.language)
        yield Spot(
            0, 0, _("{language} lacks {said}, which the Vietnamese text says", language=language, said=joined(missing)), fix
        )
    for said, span in own.items():
        if said not in above:
            yield Spot(*text.place(*span), _("{said} is not in the Vietnamese text", said=said), fix)


def _said(lowered: str) -> Mapping[str, Span]:
    """Return the hours and days of a text in one way of writing, in their order, each with where it stands first."""
    said: dict[str, Span] = {}
    lowered = "".join(str(unicodedata.digit(sign)) if sign.isdecimal() else sign for sign in lowered)  # ២០:៣០ is 20:30
    for hour in hours_in(lowered):
        if not hour.is_span:
            said.setdefault(f"{hour.hour}:{hour.minute or 0:02}", Span(hour.start, hour.end))
    for _number, pair in zip(range(MOST), _PAIR.finditer(lowered), strict=False):
        said.setdefault(f"{int(pair[1])}/{int(pair[2])}", Span(*pair.span()))
    return said


RULES: tuple[Rule, ...] = (Rule("language-differs", Severity.ERROR, _differs, of_languages=True),)
