"""Rules of texts in other languages: they say the same hours, days, level, codes and telephones, and are no copy."""

import re
from collections.abc import Iterator

from zalo_alert.language import _, joined
from zalo_alert.wording.finding import Severity
from zalo_alert.wording.numbers import differing, facts_of
from zalo_alert.wording.rule import Rule, Spot
from zalo_alert.wording.text import Text

_MOST_SHOWN = 5
_LEAST_SYLLABLES = 5  # of a sentence that may be alike: names and key words are alike by right
_END = re.compile(r"[.!?;:\n]+")
_WORD = re.compile(r"[^\W\d_]+")


def _differs(text: Text) -> Iterator[Spot]:
    if not text.as_read.vietnamese:
        return
    shown = differing(facts_of(text.as_read.vietnamese), facts_of(text.words))[:_MOST_SHOWN]
    if shown:
        message = _("is not the same here and in the Vietnamese text: {shown}", shown=joined(shown, ", "))
        fix = _("write hours, days, level, codes and telephones as in the Vietnamese text, hours from 0 to 24")
        yield Spot(*_first_of(text.words, shown), message, fix)


def _first_of(words: str, shown: list[str]) -> tuple[int, int]:
    found = ((words.find(one), one) for one in shown)
    return next(((at, at + len(one)) for at, one in found if at >= 0), (0, 0))


def _alike(text: Text) -> Iterator[Spot]:
    known = {_normal(sentence) for sentence in _END.split(text.as_read.vietnamese)}
    start = 0
    for sentence in _END.split(text.words):
        at = text.words.index(sentence, start)
        start = at + len(sentence)
        if len(_WORD.findall(sentence)) >= _LEAST_SYLLABLES and _normal(sentence) in known:
            message = _("stands word for word in the Vietnamese text, too")
            lead = len(sentence) - len(sentence.lstrip())
            yield Spot(at + lead, at + len(sentence.rstrip()), message, _("translate it, or leave it out"))


def _normal(sentence: str) -> str:
    return " ".join(sentence.casefold().split())


RULES = (
    Rule("language-differs", Severity.ERROR, _differs, of_languages=True),
    Rule("text-in-languages-alike", Severity.WARNING, _alike, of_languages=True),
)
