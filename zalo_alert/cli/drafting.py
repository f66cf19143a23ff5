"""From a campaign file and perhaps a list of ids to a plan: what `plan` and `send` share."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from zalo_alert import campaign as campaign_file
from zalo_alert import plan
from zalo_alert.book import Book, Selection
from zalo_alert.cli import wiring
from zalo_alert.cli.display import display
from zalo_alert.clock import SystemClock
from zalo_alert.errors import InputInvalid, UsageError
from zalo_alert.models import Campaign
from zalo_alert.settings import Settings
from zalo_alert.wording import count


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan and all that it was made from."""

    text: bytes
    campaign: Campaign
    sources: tuple[plan.Source, ...]
    plan: plan.Plan
    recipients_digest: str


def read_campaign(path: Path) -> tuple[bytes, Campaign]:
    """Read a campaign file.

    Raises:
        UsageError: There is no such file.
        CampaignInvalid: It has faults.
    """
    try:
        text = path.read_bytes()
    except OSError as exc:
        raise UsageError(f"can't read {path}: {exc.strerror}", hint="campaign files are usually in campaigns/") from exc
    return text, campaign_file.parse(text, str(path))


@contextmanager
def drafted(path: Path, recipients: str | None, chosen: Settings) -> Iterator[Draft]:
    """Plan a campaign; a list of recipients is kept in a temporary folder for as long as the block lasts."""
    text, campaign = read_campaign(path)
    if campaign.audience.supplied and recipients is None:
        raise UsageError(f"{path} takes its audience from a list", hint="name one with --recipients FILE, or - for stdin")
    with tempfile.TemporaryDirectory(prefix=".recipients-", dir=wiring.state_dir(chosen)) as folder:
        listed = _listed(recipients, Path(folder)) if recipients is not None else None
        sources = tuple(_sources(campaign, chosen, listed))
        with display.status("reading the follower book"):
            made = plan.make(campaign, sources, chosen, SystemClock().now())
        if listed and not campaign.audience.supplied and (missing := listed.stats().people - made.people):
            display.say(f"{count(missing)} of the ids on the list are not in the campaign's audience", style="yellow")
        yield Draft(text, campaign, sources, made, listed.digest() if listed else "")


def _sources(campaign: Campaign, chosen: Settings, listed: Book | None) -> Iterator[plan.Source]:
    names: tuple[str | None, ...] = campaign.audience.accounts or (None,)
    if campaign.audience.supplied and len(names) > 1:
        raise UsageError("a list of recipients belongs to one OA", hint="name one account in audience.accounts")
    for name in names:
        account = chosen.account(name)
        if listed is not None and campaign.audience.supplied:
            yield plan.Source(account, listed, Selection(campaign.audience.exclude_tags))
        else:
            book = Book(chosen.state_dir / "book" / account.oa_id)
            yield plan.Source(account, book, Selection(campaign.audience.exclude_tags, listed.ids() if listed else None))


def _listed(recipients: str, folder: Path) -> Book:
    """Read a list of recipients into a book of its own: same reader, same checks, nobody twice."""
    book, rejects = Book(folder / "book"), folder / "rejects.csv"
    if recipients == "-":
        if sys.stdin.isatty():
            display.say("reading ids from the keyboard, one a line; Ctrl-D ends the list")
        source: Path | BinaryIO = sys.stdin.buffer
        name = "stdin"
    else:
        source, name = Path(recipients), recipients
    report = book.import_rows(source, name, rejects=rejects, clock=SystemClock())
    if report.rejected:
        first = rejects.read_text(encoding="utf-8").splitlines()[1:4]
        raise InputInvalid(
            f"{name}: {count(report.rejected)} lines hold no usable id (line, reason): {'; '.join(first)}",
            hint="correct or remove them: a recipient list is sent whole or not at all",
        )
    return book


def list_digest(recipients: str, chosen: Settings) -> str:
    """Tell one list of recipients from another, whatever its order and format."""
    with tempfile.TemporaryDirectory(prefix=".recipients-", dir=wiring.state_dir(chosen)) as folder:
        return _listed(recipients, Path(folder)).digest()
