"""How a picture becomes text: Jinja templates that escape, and what XML and a reader's eye can bear of a stranger's text.

Owns the templates' setting. Knows no map and no chart.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from math import isfinite
from pathlib import Path
from zlib import crc32

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from zalo_alert.foundation import invisible
from zalo_alert.language import Language, catalogue_of, said_in

MAX_TEXT = 400  # characters of a title: a tooltip holds no more
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what no XML document may hold, not even escaped
_SPACES = re.compile("[ \t\n\r\u2028\u2029]+")
_WIDE = 0.62  # of the height of a letter: the mean width of one in the fonts of the stylesheet, and a little more


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _finalize(value: object) -> object:
    return round(value, 1) if isinstance(value, float) else value


def draw(template: str, **values: object) -> str:
    """Fill in a template; every value is escaped, numbers are rounded to a tenth.

    Args:
        template: A file beside this one.
        values: Texts as `plain` leaves them, and numbers.
    """
    return _environment().get_template(template).render(values).strip()


def plain(text: object, language: Language = Language.EN, limit: int = MAX_TEXT) -> str:
    """Return a text as a picture can hold it: said in a language, one line, composed, nothing in it that nobody sees.

    Args:
        text: A phrase, or anything of a stranger's.
        language: In which phrases are said.
        limit: Characters; of longer texts the end gives way to "…".
    """
    said = invisible.remove(_NO_XML.sub("\ufffd", said_in(text, catalogue_of(language))))
    line = unicodedata.normalize("NFC", _SPACES.sub(" ", said).strip())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def fitted(text: str, width: float, size: float) -> str:
    """Return a text that is about so wide at most, in a letter of such a height; the end of a longer one gives way to "…"."""
    most = max(1, int(width / size / _WIDE))
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def width_of(text: str, size: float) -> float:
    """Return about how wide a text is."""
    return len(text) * size * _WIDE


def mark_of(*parts: object) -> str:
    """Return an id for what a picture refers to in itself: the same for the same content, another for another."""
    return f"za{crc32(repr(parts).encode('utf-8', 'replace')):08x}"


def finite(numbers: Iterable[float]) -> list[float]:
    """Return those that are numbers, and not endless."""
    return [number for number in numbers if isfinite(number)]
