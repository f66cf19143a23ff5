"""Rules of a text in another language: it says the hours, days, level, code and telephones of the Vietnamese text, and no others.

And it says them in its own words: what stands there in Vietnamese once more, nobody has translated.
"""

import re
from collections.abc import Iterator, Mapping

from zalo_alert.campaign.languages import LANGUAGES, VIETNAMESE
from zalo_alert.language import _, joined
from zalo_alert.wording.finding import Severity
from zalo_alert.wording.folded import fold
from zalo_alert.wording.hours import hours_in
from zalo_alert.wording.numbers import numbers_in, phones_in, western
from zalo_alert.wording.rule import Rule, Spot
from zalo_alert.wording.text import Span, Text

MOST = 200  # days of a text that are looked at
_PAIR = re.compile(r"(?<![\d/.,:])(\d{1,2})/(\d{1,2})(?![\d:.,]\d)")  # a day, or a level of five
_LEAST_WORDS = 5  # of a sentence that may not be alike: names and key words are alike by right
_EMERGENCY = frozenset({"111", "112", "113", "114", "115"})  # whoever names one more does no harm
_END = re.compile(r"[.!?;:\n]+")
_SENTENCE = re.compile(r"[^.!?;:\n\s][^.!?;:\n]*")
_WORD = re.compile(r"[^\W\d_]+")


def _differs(text: Text) -> Iterator[Spot]:
    if text.as_read.language == VIETNAMESE:
        return
    own, above = _said(western(text.lowered)), _said(western(fold(text.as_read.vietnamese).lowered))
    numbers = numbers_in(western(text.lowered))
    fix = _("show the same fields in both texts, such as {{ so_tan_truoc|gon }}, and what is typed alike")
    missing = [said for said in above if said not in own and not _is_in_words(said, numbers)]
    if text.campaign.code in text.as_read.vietnamese and text.campaign.code not in text.words:
        missing.append(text.campaign.code)
    if missing and text.is_whole:
        language = LANGUAGES.get(text.as_read.language, text.as_read.language)
        yield Spot(
            0, 0, _("{language} lacks {said}, which the Vietnamese text says", language=language, said=joined(missing)), fix
        )
    for said, span in own.items():
        if said not in above and said not in _EMERGENCY:
            yield Spot(*text.place(*span), _("{said} is not in the Vietnamese text", said=said), fix)


def _said(lowered: str) -> Mapping[str, Span]:
    """Return the hours and days of a text in one way of writing, in their order, each with where it stands first."""
    said: dict[str, Span] = {}
    for hour in hours_in(lowered):
        if not hour.is_span:
            said.setdefault(f"{hour.hour}:{hour.minute or 0:02}", Span(hour.start, hour.end))
    for _number, pair in zip(range(MOST), _PAIR.finditer(lowered), strict=False):
        said.setdefault(f"{int(pair[1])}/{int(pair[2])}", Span(*pair.span()))
    for phone in phones_in(lowered):
        said.setdefault(phone, Span(0, 0))
    return said


def _is_in_words(said: str, numbers: frozenset[int]) -> bool:
    """Whether all numbers of an hour or a day are there, as in `18 September`, `20 hours`."""
    return not said.isdecimal() and {int(number) for number in re.findall(r"\d+", said)} - {0} <= numbers


def _alike(text: Text) -> Iterator[Spot]:
    known = {_compared(sentence) for sentence in _END.split(text.as_read.vietnamese)}
    for found in _SENTENCE.finditer(text.words if text.as_read.vietnamese else ""):
        if len(_WORD.findall(found[0])) >= _LEAST_WORDS and _compared(found[0]) in known:
            message = _("stands word for word in the Vietnamese text, too")
            yield Spot(*found.span(), message, _("translate it, or leave it out"))


def _compared(sentence: str) -> str:
    return " ".join(sentence.casefold().split())


RULES: tuple[Rule, ...] = (
    Rule("language-differs", Severity.ERROR, _differs, of_languages=True),
    Rule("text-in-languages-alike", Severity.WARNING, _alike, of_languages=True),
)
