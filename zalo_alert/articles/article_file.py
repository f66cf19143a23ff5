"""Article files: Markdown below a few keys of YAML. All that is wrong with one is told at once, each thing with its place."""

import re
import unicodedata
from dataclasses import replace
from pathlib import PurePath

from zalo_alert.articles.article import ArticleFile, Block, BlockKind
from zalo_alert.articles.article_form import ArticleForm
from zalo_alert.articles.markdown import Body, read_body, wrong_source
from zalo_alert.errors import ArticleInvalid, Problem
from zalo_alert.foundation import invisible, shape_errors, yaml_document
from zalo_alert.foundation.digests import digest_of, digest_of_json
from zalo_alert.foundation.yaml_document import Document, decode, line_column
from zalo_alert.language import _
from zalo_alert.models import Digest

__all__ = ["MAX_BYTES", "ArticleFile", "Block", "BlockKind", "name_of", "read"]

MAX_BYTES = 64 << 10  # a long article has twenty kilobytes, and the worst of this size is read within a second
NAME = re.compile("[a-z0-9][a-z0-9-]{0,59}")
_FRONT = re.compile(r"---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)


def read(data: bytes, name: str) -> ArticleFile:
    """Read an article.

    Args:
        data: The file's bytes, UTF-8.
        name: What the file is called, with its folder if there is one.

    Raises:
        ArticleInvalid: It has faults; carries all of them.
    """
    problems: list[Problem] = []
    if not NAME.fullmatch(name_of(name)):
        problems.append(Problem(name, 0, 0, "", _("name the file in small letters, digits and hyphens: phong-tranh-bao.md")))
    if len(data) > MAX_BYTES:
        raise _invalid([*problems, Problem(name, 0, 0, "", _("is larger than 64 KiB: is this the right file?"))])
    text, unreadable = decode(data, name)
    found = _FRONT.match(text)
    if unreadable or not found:
        raise _invalid([*problems, unreadable or Problem(name, 1, 1, "", _NO_FRONT)])
    # The line of --- is left empty and not out, so that every line keeps its number.
    document = yaml_document.load(f"\n{found[1]}".encode(), name)
    form, faults = shape_errors.validate(ArticleForm, document)
    body = read_body(text[found.end() :], name, text.count("\n", 0, found.end()) + 1)
    problems += [*faults, *_wrong_cover(document, form), *body.faults, *_unseen(text, found.end(), name)]
    if problems or form is None:
        raise _invalid(problems)
    return _article(name_of(name), form, body, document)


def name_of(file: str) -> str:
    """Return by what name an article is known whose file is called so."""
    return PurePath(file).name.removesuffix(".md")


_NO_FRONT = _("begins without title, description, author and cover: put them between two lines of ---")


def _invalid(problems: list[Problem]) -> ArticleInvalid:
    return ArticleInvalid(shape_errors.cap(problems))


def _wrong_cover(document: Document, form: ArticleForm | None) -> list[Problem]:
    cover = form.cover if form else document.value(("cover",))
    why = wrong_source(cover) if isinstance(cover, str) and cover else ""
    return [document.problem(("cover",), why)] if why else []


def _unseen(text: str, begin: int, name: str) -> list[Problem]:
    """Name every character of the text below that nobody sees; those above are named with the keys."""
    return [
        Problem(name, *line_column(text[:index]), "",
                _("holds the invisible character {character}: remove it", character=invisible.name_of(char)))
        for index, char in (invisible.hidden(text) if not text.isascii() else ())
        if index >= begin
    ][: yaml_document.MAX_PROBLEMS]  # fmt: skip


def _article(name: str, form: ArticleForm, body: Body, document: Document) -> ArticleFile:
    article = ArticleFile(
        name=name,
        title=_composed(form.title),
        description=_composed(form.description),
        author=_composed(form.author),
        cover=form.cover,
        body=tuple(replace(each, content=_composed(each.content), caption=_composed(each.caption)) for each in body.blocks),
        comment=form.comment,
        digest=digest_of(b""),
        cover_line=document.position(("cover",))[0],
        remarks=tuple(body.remarks),
    )
    return replace(article, digest=_digest(article))


def _digest(article: ArticleFile) -> Digest:
    said = [[block.kind, block.content, block.source, block.caption] for block in article.body]
    return digest_of_json([article.title, article.description, article.author, article.cover, article.comment, said])


def _composed(text: str) -> str:
    """Return a text in NFC: the same words are the same article, whatever keyboard they were typed on."""
    return unicodedata.normalize("NFC", text.strip())
