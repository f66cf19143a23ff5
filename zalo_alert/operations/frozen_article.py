"""The article's own file that a run's broadcast is, frozen with its pictures: in Zalo's words, or on the page already."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from zalo_alert import places
from zalo_alert.articles import article_file
from zalo_alert.articles.article import Block, BlockKind
from zalo_alert.articles.in_campaign import pictures_in
from zalo_alert.articles.pictures import whole_digest
from zalo_alert.articles.store import is_there, opened
from zalo_alert.campaign.render import Renderer
from zalo_alert.models import Campaign, Status
from zalo_alert.runs.run import Run
from zalo_alert.settings.model import Account, Settings
from zalo_alert.zalo.oa_page import Content


async def content_of(run: Run, campaign: Campaign, name: str, upload: Callable[[str], Awaitable[str]]) -> Mapping[str, Any]:
    """Put it into Zalo's words, with the marks of a drill round it.

    Args:
        run: Holds it.
        campaign: Its own.
        name: The file's, in the campaign.
        upload: Returns the id of a picture, by its name in the campaign.
    """
    file = article_file.read(run.attachment(name), name)
    ids = {source: await upload(picture) for source, picture in pictures_in(name, file).items()}
    said = Renderer(campaign).article(places.name_target(campaign.audience.areas, campaign.audience.target))
    texts = iter(said.paragraphs)

    def part(block: Block) -> str | tuple[str, str]:
        return next(texts) if block.kind is BlockKind.TEXT else (ids.get(block.source, block.source), block.caption)

    cover, parts = ids.get(file.cover, file.cover), tuple(map(part, file.body))
    return Content(said.title, said.description, file.author, cover, parts, file.comment).as_json()


def standing_of(run: Run, campaign: Campaign, account: Account, settings: Settings) -> str:
    """Return the id of the very article on an OA's page; "" where it does not stand there, or says anything else."""
    if campaign.broadcast is None or campaign.status is not Status.ACTUAL or not is_there(settings.state_dir):
        return ""  # what a drill sends bears its marks, and no page's article does
    name = campaign.broadcast.article
    file = article_file.read(run.attachment(name), name)
    pictures = {source: run.attachment(picture) for source, picture in pictures_in(name, file).items()}
    with opened(settings.state_dir) as store:
        standing = store.find(file.name, account.id)
    is_it = standing is not None and standing.oa_id == account.oa_id and standing.is_as(whole_digest(file, pictures))
    return standing.article_id if standing and is_it else ""
