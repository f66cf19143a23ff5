"""Campaign files as a command line names them; loads nothing that reads books or asks Zalo."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from zalo_alert.campaign import attachments
from zalo_alert.campaign import parse as campaign_file
from zalo_alert.errors import CampaignInvalid, Problem, UsageError
from zalo_alert.foundation import yaml_document
from zalo_alert.foundation.files import NotPlain, plain_bytes
from zalo_alert.foundation.layout import CONFIG_NAME
from zalo_alert.foundation.os_errors import reason
from zalo_alert.foundation.yaml_document import MAX_SIZE_BYTES
from zalo_alert.language import _, joined
from zalo_alert.models import Campaign
from zalo_alert.operations.nearest_workspace import nearest_workspace

if TYPE_CHECKING:
    from zalo_alert.settings.model import Settings


def read_campaign(path: Path) -> tuple[bytes, Campaign]:
    """Read a campaign file.

    Raises:
        UsageError: There is no such file.
        CampaignInvalid: It has faults, or the article that it names has.
        InputInvalid: The file of that article can't be read.
    """
    text = campaign_text(path)
    return text, with_article_of(campaign_file.parse(text, str(path)), path.parent)


def with_article_of(campaign: Campaign, folder: Path) -> Campaign:
    """Return a campaign that knows what the article's file says that it names; the same one where it names none.

    Args:
        campaign: Sound.
        folder: Where its file lies.

    Raises:
        ArticleInvalid: That file has faults.
        InputInvalid: It can't be read.
    """
    if campaign.broadcast is None or not campaign.broadcast.article:
        return campaign
    from zalo_alert.articles.in_campaign import with_article  # what reads Markdown is loaded where there is some

    return with_article(campaign, lambda name: attachments.read_article(*_article_place(folder, name)))


def _article_place(folder: Path, name: str) -> tuple[Path, Path]:
    """Return where an article's file lies, beside the campaign or in the workspace, and within which folder it must."""
    root = nearest_workspace(folder)
    return (root / name if not (folder / name).exists() and (root / name).exists() else folder / name), root


def read_begun_campaign(path: Path) -> tuple[bytes, Campaign]:
    """Read a campaign file of which a run may be there already: it need only be what was asked of campaigns before.

    Raises:
        UsageError: There is no such file.
        CampaignInvalid: It has faults.
    """
    text = campaign_text(path)
    try:
        return text, campaign_file.parse(text, str(path), is_frozen=True)
    except CampaignInvalid:
        return text, campaign_file.parse(text, str(path))  # tells every fault


def check_attachments(campaign: Campaign, path: Path, folder: Path, outside: Sequence[Path]) -> None:
    """Make sure that what a campaign's messages carry is there, and lies inside the workspace if the folder is one.

    Raises:
        UsageError: It is not there, or lies outside.
    """
    workspace = folder if (folder / CONFIG_NAME).exists() else None
    read_files(campaign, path, workspace, outside)


def read_files(campaign: Campaign, path: Path, workspace: Path | None, outside: Sequence[Path] = ()) -> dict[str, bytes]:
    """Read what a campaign's messages carry, the pictures of its article's file included; see `attachments.read`."""
    files = attachments.read(campaign, path.parent, workspace=workspace, outside=outside)
    if campaign.broadcast is None or not campaign.broadcast.article:
        return files
    from zalo_alert.articles import article_file, pictures
    from zalo_alert.articles.in_campaign import pictures_in

    name = campaign.broadcast.article
    file, root = _article_place(path.parent, name)
    data = attachments.read_article(file, root)
    article = article_file.read(data, name)
    names = pictures_in(name, article)
    return files | {name: data} | {names[source]: content for source, content in pictures.load(article, file, root).items()}


def drill_template_problems(campaign: Campaign, text: bytes, file: str, settings: "Settings") -> list[Problem]:
    """Return every route of a drill whose template the workspace does not list for drills, with its place in the file."""
    from zalo_alert.planning.drill_templates import describe_unlisted, how_to_list, unlisted_templates

    document = yaml_document.load(text, file)
    return [
        document.problem(one.path, joined((describe_unlisted(one.template_id), how_to_list([one.template_id])), "; "))
        for one in unlisted_templates(campaign, settings)
    ]


def campaign_text(path: Path) -> bytes:
    """Read a campaign file's bytes, as far as one may be long.

    Raises:
        UsageError: There is no such file.
    """
    try:
        return plain_bytes(path, MAX_SIZE_BYTES + 1)
    except NotPlain as exc:
        raise UsageError(
            _("{path} is {why}, not a plain file", path=path, why=str(exc)), hint=_("campaign files are usually in campaigns/")
        ) from exc
    except OSError as exc:
        raise UsageError(
            _("can't read {path}: {why}", path=path, why=reason(exc)), hint=_("campaign files are usually in campaigns/")
        ) from exc
