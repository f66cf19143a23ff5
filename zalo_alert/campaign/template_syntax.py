"""What Jinja says of a template that it cannot parse, in the words of whoever wrote it. Knows Jinja's sentences alone."""

import re

from zalo_alert.language import _

_SIGNS = {"end of print statement": "}}", "end of statement block": "%}", "begin of print statement": "{{"}
_EXPECTED = re.compile(r"expected token '(.+)', got '(.+)'")
_UNCLOSED = re.compile(r"unexpected end of template, expected '(.+)'")
_STRAY = re.compile(r"unexpected (?:char )?(['\"].+?['\"])(?: at [0-9]+|, expected .*|)")
_EMPTY = re.compile(r"Expected an expression, got '(.+)'")
_TAG = re.compile(r"Encountered unknown tag '(.+?)'")


def explain(message: str) -> str:
    """Say what is wrong with a template's syntax, and what should stand there where that is known.

    Args:
        message: Of a `TemplateSyntaxError`.
    """
    if message.startswith("Unexpected end of template"):
        return _("an if is opened and not closed: write {% endif %} where it ends")
    if found := _EXPECTED.match(message):
        return _('expected "{expected}", got "{found}"', expected=_sign(found[1]), found=_sign(found[2]))
    if found := _UNCLOSED.match(message):
        return _('it is not closed: "{sign}" is missing', sign=_sign(found[1]))
    if found := _EMPTY.match(message):
        return _('a field\'s name is missing before "{sign}"', sign=_sign(found[1]))
    if found := _TAG.match(message):
        return _("there is no {{% {tag} %}} here: only if, elif and else, and endif behind them", tag=found[1])
    if found := _STRAY.fullmatch(message):
        return _('"{sign}" stands where it should not: a field is written like {{{{ place }}}}', sign=found[1][1:-1])
    return message.rstrip(".")


def _sign(token: str) -> str:
    return _SIGNS.get(token, token)
