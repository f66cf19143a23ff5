"""What an article is, once its file is sound: the values that everything else is told in."""

from dataclasses import dataclass, field
from enum import StrEnum

from zalo_alert.errors import Problem
from zalo_alert.models import Digest

# Source: Zalo OA API, page of `article/create` (read 2026-11).
MAX_TITLE, MAX_DESCRIPTION, MAX_AUTHOR = 150, 300, 50


class BlockKind(StrEnum):
    """What a part of an article's body is; Zalo also has videos and products."""

    TEXT = "text"
    IMAGE = "image"


@dataclass(frozen=True, slots=True)
class Block:
    """One part of an article's body.

    Args:
        kind: What it is.
        content: Of a text: what is read, plain.
        source: Of a picture: its https address, or its path from the article's file.
        caption: Of a picture: what stands below it; may be empty.
        line: Where it begins in the file, from 1.
    """

    kind: BlockKind
    content: str = ""
    source: str = ""
    caption: str = ""
    line: int = field(default=0, compare=False)

    @property
    def is_file(self) -> bool:
        """Whether it is a picture that lies beside the article's file."""
        return self.kind is BlockKind.IMAGE and not is_address(self.source)


@dataclass(frozen=True, slots=True)
class ArticleFile:
    """An article as its file says it.

    Args:
        name: The file's, without folder and ending; by it the article is known in the workspace.
        title: At most 150 characters.
        description: What stands below the title in lists; at most 300.
        author: Who signs it; at most 50.
        cover: The https address of a picture, or its path from the file.
        body: At least one part.
        comment: Whether people may write below it.
        digest: Of all of that; the bytes of pictures beside the file are not in it.
        cover_line: Where the cover is named in the file, from 1.
        remarks: What the file has and an article has not; it is carried as well as can be.
    """

    name: str
    title: str
    description: str
    author: str
    cover: str
    body: tuple[Block, ...]
    comment: bool
    digest: Digest
    cover_line: int = field(default=0, compare=False)
    remarks: tuple[Problem, ...] = field(default=(), compare=False)

    @property
    def pictures(self) -> dict[str, int]:
        """The pictures that lie beside the file, by their paths; each with the line that names it first."""
        named = [] if is_address(self.cover) else [(self.cover, self.cover_line)]
        named += [(block.source, block.line) for block in self.body if block.is_file]
        return dict(reversed(named))


def is_address(source: str) -> bool:
    """Whether a picture is named by its address on the web."""
    return source.lower().startswith("https://")
