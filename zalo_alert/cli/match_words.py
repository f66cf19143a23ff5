"""Why a text means a rule, or none, in words."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from zalo_alert.language import _, decimal, joined

if TYPE_CHECKING:
    from zalo_alert.answers.match import Match, Veto

_VETOES: Mapping[str, str] = {
    "negation": _('"{phrase}" stands behind "{words}"'),
    "excluded": _('"{phrase}" does not count beside "{words}"'),
    "accents": _('"{phrase}" has other accents than "{words}"'),
}


def names_of(ids: Iterable[str]) -> str:
    """Name rules without the name of their set."""
    return ", ".join(one.partition("/")[2] or one for one in ids)


def because(match: "Match") -> str:
    """Say which step decided, by which words and phrases, and what did not count."""
    return joined([_step(match), *_beside(match), *(_veto(veto) for veto in dict.fromkeys(match.why.vetoes))], "; ")


def _step(match: "Match") -> str:
    why, phrases = match.why, _quoted(match.why.phrases)
    return {
        5: _("5 phrase {phrases}", phrases=phrases),
        6: _("6 accents of {phrases}", phrases=phrases),
        7: _('7 slip: "{words}" is near {phrases}, {score} %', words=why.words, phrases=phrases, score=decimal(why.score)),
        8: _("8 no phrase"),
        9: _('9 words "{words}" speak for {phrases}', words=why.words, phrases=_quoted(why.beside)),
    }[why.step]


def _beside(match: "Match") -> list[str]:
    """Say for which rules other words speak than those of a phrase."""
    if not match.why.beside or not match.why.phrases:
        return []
    return [_("other words speak for {phrases}", phrases=_quoted(match.why.beside))]


def _quoted(phrases: Iterable[str]) -> str:
    return joined([f'"{phrase}"' for phrase in phrases])


def _veto(veto: "Veto") -> str:
    return _(_VETOES[veto.reason], phrase=veto.phrase, words=veto.words)
