"""A page for people: one HTML file with nothing from outside and no script, for the screen, dark and light, and for A4.

Owns what pages are made of and how they look; what one says is put together elsewhere, of the blocks below. Texts are escaped
when the page is drawn, whoever wrote them.
"""

import base64
import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, NamedTuple, TypeAlias

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from zalo_alert.foundation import invisible
from zalo_alert.language import Language, Phrase, _, count
from zalo_alert.pictures import stylesheet

_PAGES = Path(__file__).parent / "pages"
_NO_HTML = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010fffd]")


class Reader(NamedTuple):
    """Who reads a page.

    Args:
        language: Theirs.
        say: Returns a phrase in it, its steps as commands that they know.
    """

    language: Language
    say: Callable[[object], str]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with values; a value of several lines keeps them."""

    rows: Sequence[tuple[str, object]]
    block: ClassVar[str] = "facts"


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Args:
        columns: Their names.
        rows: Cells in that order; columns with whole numbers stand on the right.
        total: A last row.
        numeric: Further columns on the right: their texts are numbers or times.
        small: Whether it has so many columns that paper needs small letters.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    total: Sequence[object] = ()
    numeric: frozenset[int] = frozenset()
    small: bool = False
    block: ClassVar[str] = "table"

    @property
    def on_right(self) -> frozenset[int]:
        """The columns whose cells stand on the right."""
        numbers = {at for row in self.rows for at, value in enumerate(row) if _is_number(value)}
        return self.numeric | numbers


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of ours, as SVG, and the same for phones; `caption` stands below; `kind` is a class of the style sheet."""

    svg: str
    compact: str = ""
    caption: str = ""
    kind: str = ""
    block: ClassVar[str] = "picture"


@dataclass(frozen=True, slots=True)
class Message:
    """A text as people read it, with what is to be said of it above."""

    title: str
    headline: str
    text: str
    data: Sequence[tuple[str, str]] = ()
    block: ClassVar[str] = "message"


@dataclass(frozen=True, slots=True)
class Lines:
    """Sentences: paragraphs, or a list where there is a point before each; `kind` is "" or "red"."""

    sentences: Sequence[str]
    is_list: bool = False
    kind: str = ""
    block: ClassVar[str] = "lines"


Block: TypeAlias = Facts | Table | Picture | Message | Lines


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page under a heading."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Page:
    """A page.

    Args:
        title: Of the document, and its heading.
        kind: What it tells of, in words that nobody mistakes; `look` is the class of its colour: actual, exercise, test,
            rehearsal or drill.
        lead: How it stands, in a sentence; in red where `is_bad`.
        running: What stands at the head of each sheet of paper, on the left and the right, and at its foot.
        sections: What it says.
    """

    title: str
    kind: str
    look: str
    lead: str
    is_bad: bool
    running: tuple[str, str, str]
    sections: Sequence[Section] = field(default=())


def draw_page(page: Page, reader: Reader) -> bytes:
    """Return a page as one HTML file in UTF-8."""
    style = _style(page, reader)
    environment = Environment(
        loader=FileSystemLoader(_PAGES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        finalize=lambda value: _told(value, reader),
    )  # fmt: skip
    environment.filters |= {"svg": Markup, "cell": _cell}
    text = environment.get_template("page.html.j2").render(
        page=page, language=reader.language.value, style=Markup(style), policy=_policy(style), contents=_("Contents")
    )
    return text.encode()


def _told(value: object, reader: Reader) -> object:
    if isinstance(value, Markup):
        return value
    text = clean(reader.say(value))
    return _with_commands(text) if isinstance(value, Phrase) else text


def _with_commands(text: str) -> Markup:
    """Set commands in a sentence of ours apart, so that they can be typed off."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    said = (Markup("<code>{}</code>").format(part) if at % 2 else escape(part) for at, part in enumerate(parts))
    return Markup("").join(said)


def _cell(value: object) -> object:
    if value is None:
        return "–"
    return count(value) if isinstance(value, int) and _is_number(value) else value


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def clean(text: str) -> str:
    """Return a text as a page can hold it: letters composed, for fonts that can't, and nothing that nobody sees."""
    return unicodedata.normalize("NFC", invisible.remove(_NO_HTML.sub("\ufffd", text)))


def _policy(style: str) -> str:
    """Return what the page may do: nothing but this style; no text of a stranger's can become a script."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _style(page: Page, reader: Reader) -> str:
    """Return the page's style: ours, the pictures', and what stands at the edges of each sheet."""
    left, right, foot = (_css_text(clean(reader.say(text))) for text in page.running)
    number = _css_text(clean(reader.say(_("page"))))
    edges = (
        f'@page{{@top-left{{content:"{left}"}}@top-right{{content:"{right}"}}@bottom-left{{content:"{foot}"}}'
        f'@bottom-right{{content:"{number} " counter(page) "/" counter(pages)}}}}'
    )
    return stylesheet() + (_PAGES / "page.css").read_text(encoding="utf-8") + edges


def _css_text(text: str) -> str:
    """Return a text as it may stand between quotes in a style sheet: all but letters and digits by number."""
    return "".join(sign if sign.isalnum() else f"\\{ord(sign):x} " for sign in text)
