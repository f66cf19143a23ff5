"""Rules of letters: only those of the text's language, all of them seen, and not all of them capitals."""

import re
from collections.abc import Iterator

from zalo_alert.language import _, joined
from zalo_alert.wording.finding import Severity
from zalo_alert.wording.letters import foreign_words, name_of, unseen
from zalo_alert.wording.rule import Rule, Spot
from zalo_alert.wording.text import Text

_MOST_NAMED = 3  # letters of one word
_BRACKETS = re.compile(r"\[[^\[\]\n]{0,300}\]")
_LONG_WORDS = re.compile(r"[^\W\d_]{2,}")
_SHORT_TEXT, _LEAST_WORDS = 30, 12  # words; in a short text a heading counts for much, and a few words are key words
_MOST_CAPITALS, _MOST_OF_SHORT = 0.5, 0.8  # of the words; texts as offices write them have a third at most


def _letters(text: Text) -> Iterator[Spot]:
    for word in foreign_words(text.words, text.as_read.language):
        letters = joined([name_of(letter) for letter in word.letters[:_MOST_NAMED]], ", ")
        if word.mended:
            message = _(
                '"{word}" holds {letters}, which only looks like what belongs there: "{right}"',
                word=word.word,
                letters=letters,
                right=word.mended,
            )
            fix = _('type it again: "{right}"', right=word.mended)
        else:
            message = _('"{word}" holds {letters}, which is no letter of this language', word=word.word, letters=letters)
            fix = _("type the word again, with letters of the text's own language")
        yield Spot(word.start, word.end, message, fix)


def _invisible(text: Text) -> Iterator[Spot]:
    for at, char in unseen(text.words):
        message = _(
            'holds {char} behind "{before}", which nobody sees',
            char=name_of(char),
            before=text.words[max(0, at - 20) : at].strip(),
        )
        yield Spot(*_word_at(text.words, at), message, _("delete it: type the words round it again, without copying them"))


def _word_at(words: str, at: int) -> tuple[int, int]:
    """Return the stretch without spaces round a place; not more of it than a word has."""
    start, end = at, at + 1
    while start > max(0, at - 30) and not words[start - 1].isspace():
        start -= 1
    while end < min(len(words), at + 30) and not words[end].isspace():
        end += 1
    return start, end


def _capitals(text: Text) -> Iterator[Spot]:
    rest = _BRACKETS.sub(" ", text.seen.replace(text.campaign.code, " "))
    words = _LONG_WORDS.findall(rest)
    most = _MOST_CAPITALS if len(words) >= _SHORT_TEXT else _MOST_OF_SHORT
    if len(words) >= _LEAST_WORDS and sum(word.isupper() for word in words) > most * len(words):
        yield Spot(
            0,
            0,
            _("is written in capitals for the most part: slow to read, and nothing stands out"),
            _("keep capitals for a few key words, such as SƠ TÁN, KHÔNG"),
        )


RULES = (
    Rule("letters", Severity.ERROR, _letters, of_languages=True),
    Rule("invisible", Severity.ERROR, _invisible, of_languages=True),
    Rule("capitals", Severity.ERROR, _capitals, of_languages=True),
)
