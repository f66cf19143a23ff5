"""The words of articles, looked at before the public reads them: letters, links, slips of the pen."""

from collections.abc import Sequence

from zalo_alert.articles.article_file import MAX_BYTES
from zalo_alert.errors import WordingRefused
from zalo_alert.foundation.files import contents
from zalo_alert.language import _n, count
from zalo_alert.operations.article_sources import ArticleSource
from zalo_alert.settings.model import LINKS, Settings
from zalo_alert.wording.finding import Finding, Severity
from zalo_alert.wording.plain_texts import Written, lint_plain


def look_at_article(source: ArticleSource, settings: Settings | None = None) -> list[Finding]:
    """Return what is wrong with the words of an article, errors first.

    Args:
        source: Sound.
        settings: Of the workspace, for where links may lead; None for the usual hosts.
    """
    article = source.article
    head = [Written(text, 1) for text in (article.title, article.description, article.author)]
    body = [Written(text, block.line) for block in article.body for text in (block.content, block.caption) if text]
    lines = contents(source.path, MAX_BYTES).decode("utf-8-sig").splitlines()
    return lint_plain([*head, *body], str(source.path), lines, settings.links if settings else LINKS)


def refusal(findings: Sequence[Finding], file: str) -> WordingRefused | None:
    """Return why the words hold an article back; None where they don't. What was found has been shown."""
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    if not errors:
        return None
    return WordingRefused(
        _n(
            "{count} error in the wording of {file}", "{count} errors in the wording of {file}", errors, count=count(errors),
            file=file,
        )
    )  # fmt: skip
