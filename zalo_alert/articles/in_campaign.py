"""The article that a campaign's broadcast is, where a file beside the campaign says it: read once, with its pictures' names."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from zalo_alert.articles import article_file
from zalo_alert.articles.article import ArticleFile, BlockKind
from zalo_alert.models import ArticleText, Campaign

Read = Callable[[str], bytes]  # a file's bytes, by its name in the campaign


def with_article(campaign: Campaign, read: Read) -> Campaign:
    """Return a campaign that knows what its article's file says; the same one where it has none.

    Raises:
        ArticleInvalid: The file has faults; also whatever `read` raises.
    """
    broadcast = campaign.broadcast
    if broadcast is None or not broadcast.article:
        return campaign
    article = article_file.read(read(broadcast.article), broadcast.article)
    paragraphs = tuple(block.content for block in article.body if block.kind is BlockKind.TEXT)
    content = ArticleText(article.title, article.description, article.author, paragraphs)
    return replace(campaign, broadcast=replace(broadcast, content=content))


def pictures_in(name: str, article: ArticleFile) -> Mapping[str, str]:
    """Return the pictures that lie beside an article's file: as the file names each, and by its name in the campaign."""
    folder = PurePosixPath(name).parent
    return {source: str(folder / source) for source in article.pictures}
