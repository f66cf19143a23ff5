"""Answers to a template's questions, as somebody types them, to the values of a campaign's fields; and those values in words."""

import re
import unicodedata
from datetime import datetime

from zalo_alert.errors import UsageError
from zalo_alert.foundation import invisible
from zalo_alert.foundation.clock import words
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.language import _, joined
from zalo_alert.library.hazard_names import word_key
from zalo_alert.library.template import Kind, Question
from zalo_alert.library.typed_instant import Side, read_instant
from zalo_alert.models import FieldValue

MAX_TEXT = 300  # characters: a part of a sentence
_WHOLE = re.compile(r"-?[0-9]{1,3}(?:[. ][0-9]{3})+|-?[0-9]{1,12}")  # a point or a blank between thousands, as in Vietnamese
_BROKEN = re.compile(r"(-?[0-9]{1,12})[.,]([0-9]{1,6})")


def read_answer(question: Question, typed: str, now: datetime) -> FieldValue:
    """Read an answer.

    Args:
        question: Which.
        typed: Not empty.
        now: With its zone.

    Raises:
        UsageError: It is none of the question's kind; the sentence says what to write.
    """
    match question.kind:
        case Kind.INSTANT:
            return read_instant(typed, now, side_of(question))
        case Kind.NUMBER:
            return _number(typed, question)
        case Kind.CHOICE:
            return _choice(typed, question)
    return _text(typed)


def side_of(question: Question) -> Side:
    """Return on which side of now an answer must lie.

    A default says it: what people must do is ahead, a bulletin that a message follows is behind. Without one it may be either: an
    earthquake has happened, a reservoir will be opened.
    """
    if not question.default:
        return Side.EITHER
    return Side.BEHIND if question.default.startswith("-") else Side.AHEAD


def say_value(value: FieldValue) -> str:
    """Write a value for whoever typed it."""
    return words(value) if isinstance(value, datetime) else str(value)


def _number(typed: str, question: Question) -> int | float:
    text = typed.strip().replace("\u202f", " ")
    if _WHOLE.fullmatch(text):
        return int(re.sub(r"[. ]", "", text))
    if found := _BROKEN.fullmatch(text):
        return float(f"{found[1]}.{found[2]}")
    raise UsageError(
        _('"{typed}" is not a number', typed=typed[:40]),
        hint=_("write it in digits, such as {example}", example=question.example or "4000"),
    )


def _choice(typed: str, question: Question) -> str:
    """Take a choice by its number, its words, or their beginning."""
    text = typed.strip()
    if text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= len(question.choices):
        return question.choices[int(text[:4]) - 1]
    by_words = {word_key(choice): choice for choice in question.choices}
    if word_key(text) in by_words:
        return by_words[word_key(text)]
    begun = [choice for name, choice in by_words.items() if word_key(text) and name.startswith(word_key(text))]
    if len(begun) == 1:
        return begun[0]
    wrong = _('"{typed}" is none of the choices', typed=typed[:40])
    raise UsageError(
        joined((wrong, suggestion(text, question.choices)), ""),
        hint=_("there are {choices}", choices="; ".join(f"{at} {choice}" for at, choice in enumerate(question.choices, 1))),
    )


def _text(typed: str) -> str:
    text = unicodedata.normalize("NFC", typed).strip()
    if len(text) > MAX_TEXT:
        raise UsageError(_("is too long: at most {most} characters fit into a sentence", most=MAX_TEXT))
    if any(mark in text for mark in ("{{", "{%", "{#", "}}", "%}")):
        raise UsageError(_('"{typed}" holds a sign of the template language: write the value itself', typed=text[:40]))
    if not all(char.isprintable() for char in text) or next(invisible.hidden(text), None):
        raise UsageError(_("holds a sign that nobody sees: type it instead of copying it"))
    return text
