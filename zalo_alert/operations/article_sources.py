"""Article files as they lie in a workspace, their pictures with them; every fault of all of them is told at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from zalo_alert.articles import pictures
from zalo_alert.articles.article_file import MAX_BYTES, ArticleFile, name_of, read
from zalo_alert.errors import ArticleInvalid, Problem, UsageError
from zalo_alert.foundation.files import contents
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _
from zalo_alert.models import Digest


@dataclass(frozen=True, slots=True)
class ArticleSource:
    """A sound article, ready to be published.

    Args:
        path: Its file.
        article: What it says.
        pictures: Bytes of the pictures beside it, by their paths.
        digest: Of all that people see.
    """

    path: Path
    article: ArticleFile
    pictures: Mapping[str, bytes] = field(repr=False)
    digest: Digest

    @property
    def name(self) -> str:
        """By which the article is known."""
        return self.article.name


def read_sources(paths: Sequence[Path], workspace: Path) -> list[ArticleSource]:
    """Read some articles.

    Args:
        paths: Their files.
        workspace: Where their pictures must lie.

    Raises:
        ArticleInvalid: Some have faults; carries all of them.
        UsageError: A file can't be read, or two are called alike.
    """
    _check_names(paths)
    sources: list[ArticleSource] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            sources.append(_read(path, workspace))
        except ArticleInvalid as exc:
            problems += exc.problems
    if problems:
        raise ArticleInvalid(problems)
    return sources


def _check_names(paths: Sequence[Path]) -> None:
    names = [name_of(path.name) for path in paths]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(_('two files are called "{name}"', name=name), hint=_("an article is known by its file's name"))


def _read(path: Path, workspace: Path) -> ArticleSource:
    try:
        data = contents(path, 8 * MAX_BYTES)
    except OSError as exc:
        raise UsageError(
            _("can't read {path}: {why}", path=path, why=reason(exc)), hint=_("name the article's .md file")
        ) from exc
    article = read(data, str(path))
    found = pictures.load(article, path, workspace)
    return ArticleSource(path, article, found, pictures.whole_digest(article, found))
