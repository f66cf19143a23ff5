"""CommonMark as the parts of an article: plain texts and pictures, in the order of the file.

Zalo documents an article's texts as plain ones, so headings, lists and links are carried in words and signs, and what would be
lost is told. Whether its app shows `<b>` and the like in them is not documented. Knows no front matter and reads no picture.

Source: Zalo OA API, page of `article/create`: `body[{type, content | url, caption}]` (read 2026-11).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from zalo_alert.articles.article import Block, BlockKind, is_address
from zalo_alert.errors import Problem
from zalo_alert.language import _, count

ENDINGS = (".jpg", ".jpeg", ".png", ".gif")
MOST_BLOCKS = 200  # a page that somebody reads to its end on a phone has twenty
MOST_CHARACTERS = 20_000  # of all texts together
_BULLETS = ("•", "–")
_SCHEMES = {"https", "tel", "mailto"}

_CODE = _("code can't stand in an article: write it as plain text, and begin no line with four spaces")
_HTML = _("HTML can't stand in an article: write it in Markdown, without < and >")
_NOT_ALONE = _("a picture must stand alone: leave an empty line above it and below it")


@dataclass(slots=True)
class Body:
    """What a text came to: its parts, what is wrong with it, and what is not carried as it stands there."""

    blocks: list[Block] = field(default_factory=list)
    faults: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)


def read_body(text: str, file: str, first_line: int) -> Body:
    """Read the text of an article.

    Args:
        text: CommonMark.
        file: What to call it in messages.
        first_line: The line of the file that `text` begins on.
    """
    reader = _Reader(text, file, first_line)
    reader.read(MarkdownIt("commonmark").parse(text))
    return reader.body


class _Reader:
    """Turns tokens into parts.

    Args:
        text: As in the file.
        file: See `read_body`.
        first_line: See `read_body`.
    """

    def __init__(self, text: str, file: str, first_line: int) -> None:
        self.body = Body()
        self._lines, self._file, self._first_line = text.split("\n"), file, first_line
        self._lists: list[list[Any]] = []  # of each list that is open: its next number, or None
        self._items: list[str] = []  # lines of the outermost open list
        self._is_begun = False  # whether an item's first words are yet to come
        self._begun_at = 0
        self._told: set[str] = set()

    def read(self, tokens: Sequence[Token]) -> None:
        """Read all tokens, and then say what is wrong with the whole."""
        for token in tokens:
            self._take(token)
        if not self.body.blocks and not self.body.faults:
            self._fault(0, "", _("has no text: write it below the second line of ---"))
        if len(self.body.blocks) > MOST_BLOCKS:
            line = self.body.blocks[MOST_BLOCKS].line - self._first_line
            self._fault(line, "", _("more than {most} paragraphs and pictures: is this one article?", most=MOST_BLOCKS))
        if sum(len(block.content) for block in self.body.blocks) > MOST_CHARACTERS:
            self._fault(0, "", _("longer than {most} characters: is this one article?", most=count(MOST_CHARACTERS)))

    def _take(self, token: Token) -> None:
        line = token.map[0] if token.map else 0
        match token.type:
            case "inline":
                self._inline(token, line)
            case "bullet_list_open" | "ordered_list_open":
                self._open_list(token, line)
            case "bullet_list_close" | "ordered_list_close":
                self._close_list()
            case "list_item_open":
                self._items.append(self._mark())
                self._is_begun = True
            case "code_block" | "fence":
                self._fault(line, token.content.split("\n")[0].strip(), _CODE)
            case "html_block":
                self._fault(line, token.content.split("\n")[0].strip(), _HTML)
            case "hr":
                self._remark(line, "", _("a line across is left out"))
            case "blockquote_open":
                self._remark(line, "", _("a quotation is carried as a plain paragraph"))

    # --- lists -----------------------------------------------------------------------------------------------------------

    def _open_list(self, token: Token, line: int) -> None:
        if not self._lists:
            self._begun_at = line
        begins = int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None
        self._lists.append([begins])

    def _mark(self) -> str:
        depth, counted = len(self._lists) - 1, self._lists[-1]
        indent = "   " * depth
        if counted[0] is None:
            return f"{indent}{_BULLETS[min(depth, 1)]} "
        counted[0] += 1
        return f"{indent}{counted[0] - 1}. "

    def _close_list(self) -> None:
        self._lists.pop()
        if not self._lists:
            self._add(BlockKind.TEXT, self._begun_at, content="\n".join(item.rstrip() for item in self._items if item.strip()))
            self._items = []

    # --- paragraphs ------------------------------------------------------------------------------------------------------

    def _inline(self, token: Token, line: int) -> None:
        children = token.children or []
        pictures = [child for child in children if child.type == "image"]
        if not pictures:
            self._text("".join(self._words(children, line)).strip(), line)
        elif len(pictures) == len(children) == 1 and not self._lists:
            self._picture(pictures[0], line)
        else:
            self._fault(line, "![", _NOT_ALONE)

    def _text(self, words: str, line: int) -> None:
        words = "\n".join(part.strip() for part in words.split("\n"))
        if not self._lists:
            self._add(BlockKind.TEXT, line, content=words)
        elif self._is_begun:
            self._items[-1] += words.replace("\n", " ")
            self._is_begun = False
        else:  # an item's second paragraph
            self._items.append("   " * len(self._lists) + words.replace("\n", " "))

    def _words(self, children: Sequence[Token], line: int) -> Iterator[str]:
        """Yield what is read of a paragraph, the addresses of its links behind them."""
        links: list[tuple[str, list[str]]] = []
        for child in children:
            said = self._said(child, line)
            if child.type == "link_open":
                links.append((str(child.attrs.get("href", "")), []))
            elif child.type == "link_close":
                yield self._link(*links.pop(), line)
            elif links:
                links[-1][1].append(said)
            else:
                yield said

    def _said(self, child: Token, line: int) -> str:
        if child.type == "html_inline":
            self._fault(line, child.content, _HTML)
        elif child.type in {"strong_open", "em_open", "code_inline"}:
            self._remark(line, child.markup, _("bold, italics and code are carried as plain words"))
        breaks = {"softbreak": " ", "hardbreak": "\n"}
        return breaks.get(child.type, child.content if child.type in {"text", "code_inline"} else "")

    def _link(self, address: str, words: Sequence[str], line: int) -> str:
        shown, scheme = "".join(words), urlsplit(address).scheme.lower()
        if scheme not in _SCHEMES:
            self._fault(line, address, _("a link must begin with https://, tel: or mailto:"))
        plain = address if scheme == "https" else address.partition(":")[2]
        return shown if shown in (plain, address, unquote(address)) else f"{shown} ({unquote(plain)})"

    def _picture(self, token: Token, line: int) -> None:
        source = str(token.attrs.get("src", ""))
        source = source if is_address(source) else unquote(source)
        if why := wrong_source(source):
            self._fault(line, "![", why)
        caption = str(token.attrs.get("title", "")) or token.content
        self._add(BlockKind.IMAGE, line, source=source, caption=caption)

    # --- what comes of it ------------------------------------------------------------------------------------------------

    def _add(self, kind: BlockKind, line: int, **parts: str) -> None:
        if kind is BlockKind.IMAGE or parts["content"]:
            self.body.blocks.append(Block(kind, line=self._first_line + line, **parts))

    def _fault(self, line: int, sign: str, message: str) -> None:
        self.body.faults.append(self._problem(line, sign, message))

    def _remark(self, line: int, sign: str, message: str) -> None:
        """Tell of a thing once, where it stands first."""
        if message not in self._told:
            self._told.add(message)
            self.body.remarks.append(self._problem(line, sign, message))

    def _problem(self, line: int, sign: str, message: str) -> Problem:
        """Find a sign from a line of the text on; where it is not found, the line's first word is meant."""
        for number in range(line, min(len(self._lines), line + 200) if sign else line):
            if (column := self._lines[number].find(sign)) >= 0:
                return Problem(self._file, self._first_line + number, column + 1, "", message)
        begins = re.match(r"\s*", self._lines[line]) if line < len(self._lines) else None
        return Problem(self._file, self._first_line + line, 1 + (begins.end() if begins else 0), "", message)


def wrong_source(source: str) -> str:
    """Say why a picture can't be named so; "" where it can."""
    if is_address(source):
        return "" if urlsplit(source).hostname else _("the picture's address names no host")
    parts = source.split("/")
    if "://" in source or source.startswith(("data:", "//")):
        return _("a picture's address must begin with https://")
    if source.startswith("/") or "\\" in source or ".." in parts or (len(source) > 1 and source[1] == ":"):
        return _("name the picture by its path from this file's folder, with / and without ..")
    if not source.lower().endswith(ENDINGS):
        return _("a picture's name must end with {endings}", endings=", ".join(ENDINGS))
    return ""
