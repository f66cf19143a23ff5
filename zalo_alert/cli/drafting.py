"""From a campaign file and perhaps a list of ids to a plan: what `plan` and `send` share."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from zalo_alert.book import Book, Selection
from zalo_alert.book.importing import rejected_in
from zalo_alert.campaign import attachments
from zalo_alert.cli import wiring
from zalo_alert.cli.campaign_files import read_campaign
from zalo_alert.cli.display import display
from zalo_alert.errors import InputInvalid, UsageError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.formatting import count, persons
from zalo_alert.foundation.pseudonyms import Marks
from zalo_alert.models import Campaign
from zalo_alert.planning import plan, segment
from zalo_alert.planning.planner import forecast, make_plan
from zalo_alert.planning.refusals import LISTS, NEVER, check_despite, find, is_blank, problem
from zalo_alert.settings.model import Settings

STAFF = "staff"  # the list of those who try every message before anyone else
STRANGERS_NAMED = 5
REJECTS = "rejects"  # a folder of the state folder: the bad lines of each list that was refused
REJECTS_TOLD = 3
LEVELS = ("commune", "province", "national")  # the nearest first


class Lists(NamedTuple):
    """The workspace's lists that matter to a campaign; `named` has all of them by name."""

    only: Book | None
    staff: Book | None
    without: tuple[Book, ...]
    named: tuple[tuple[str, Book], ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan and all that it was made from."""

    text: bytes
    campaign: Campaign
    sources: tuple[plan.Source, ...]
    plan: plan.Plan
    recipients_digest: str
    files: Mapping[str, bytes]


def counted(campaign: Campaign, chosen: Settings) -> plan.Plan:
    """Count whom a campaign would reach, whether or not it may be sent now.

    Raises:
        ZaloAlertError: Nobody can say: no follower book, no such list, nobody there.
    """
    if campaign.audience.supplied:
        raise UsageError("its audience is a list, which `plan --recipients` counts")
    with wiring.scratch(chosen) as folder:
        sources = tuple(_sources(campaign, chosen, None, _lists(campaign, chosen, folder)))
        return forecast(campaign, sources, chosen, SystemClock().now())


@contextmanager
def drafted(
    path: Path, recipients: str | None, chosen: Settings, outside: Sequence[Path] = (), *, despite_never: str = ""
) -> Iterator[Draft]:
    """Plan a campaign; a list of recipients is kept in a temporary folder for as long as the block lasts.

    Args:
        path: Of the campaign.
        recipients: A file of ids, "-" for stdin, or None.
        chosen: The workspace's.
        outside: What the campaign may send along although it lies outside the workspace; see `attachments.read`.
        despite_never: Why to plan an Immediate campaign although the list of those never written to can't be read.

    Raises:
        InputInvalid: That list is there and can't be read.
    """
    text, campaign = read_campaign(path)
    if campaign.audience.supplied and recipients is None:
        raise UsageError(f"{path} takes its audience from a list", hint="name one with --recipients FILE, or - for stdin")
    if campaign.broadcast and recipients is not None:
        raise UsageError(
            "--recipients names people, and the campaign's broadcast goes to whole provinces", hint="leave one of the two out"
        )
    files = attachments.read(campaign, path.parent, workspace=chosen.workspace, outside=outside)
    with wiring.scratch(chosen) as folder:
        listed = _listed(recipients, folder, chosen) if recipients is not None else None
        with display.status("reading the follower book"):
            sources = tuple(_sources(campaign, chosen, listed, _lists(campaign, chosen, folder, despite_never)))
            made = make_plan(campaign, sources, chosen, SystemClock().now())
        if listed and not campaign.audience.supplied and (missing := listed.size() - made.people):
            display.say(f"{count(missing)} of the ids on the list are not in the campaign's audience", style="yellow")
        yield Draft(text, campaign, sources, made, listed.digest() if listed else "", files)


def _sources(campaign: Campaign, chosen: Settings, listed: Book | None, lists: Lists) -> Iterator[plan.Source]:
    """Choose the books, that of the nearest OA first: who follows several is written to by the nearest."""
    audience = campaign.audience
    names: tuple[str | None, ...] = audience.accounts or (None,)
    if audience.supplied and len(names) > 1:
        raise UsageError("a list of recipients belongs to one OA", hint="name one account in audience.accounts")
    for account in sorted(map(chosen.account, names), key=lambda one: LEVELS.index(one.level)):
        selection = Selection(
            exclude_tags=audience.exclude_tags,
            topic=segment.topic(campaign),
            ids=tuple(only.ids() for only in (lists.only, None if audience.supplied else listed) if only),
            without=tuple(out.ids() for out in lists.without),
            staff=lists.staff.ids() if lists.staff else None,
            wards=audience.wards | frozenset(ward for area in campaign.order for ward in area.wards),
        )
        book = listed if listed is not None and audience.supplied else wiring.book_of(account, chosen)
        _name_strangers(book, lists, chosen)
        yield plan.Source(account, book, selection)


def _lists(campaign: Campaign, chosen: Settings, folder: Path, despite_never: str = "") -> Lists:
    """Read the workspace's lists that a campaign names, and the one of those who are never written to."""
    audience = campaign.audience
    without = [name for name in audience.exclude_lists if name != NEVER]
    if _never_counts(campaign, chosen, despite_never):
        without.append(NEVER)
    has_staff = campaign.canary and not audience.supplied and not audience.only_list and find(chosen.workspace, STAFF) is not None
    needed = [*without, *([audience.only_list] if audience.only_list else []), *([STAFF] if has_staff else [])]
    read = {name: _read_list(chosen, name, folder) for name in dict.fromkeys(needed)}
    return Lists(
        read.get(audience.only_list),
        read.get(STAFF) if has_staff else None,
        tuple(read[name] for name in without),
        tuple(read.items()),
    )


def _never_counts(campaign: Campaign, chosen: Settings, despite: str) -> bool:
    """Whether anybody stands on the list of those never written to; one that can't be read is passed over for a reason only."""
    if despite and (why := problem(chosen.workspace)):
        check_despite(campaign)
        display.say(f"{why}: going on without it, because {despite}", style="bold red")
        return False
    path = find(chosen.workspace, NEVER)
    return path is not None and not is_blank(path)


def _read_list(chosen: Settings, name: str, folder: Path) -> Book:
    path = find(chosen.workspace, name)
    if path is None:
        raise UsageError(
            f'there is no list "{name}" in {chosen.workspace / LISTS}', hint=f"write the ids into {LISTS}/{name}.txt, one a line"
        )
    return _listed(str(path), folder / name, chosen)


def _name_strangers(book: Book, lists: Lists, chosen: Settings) -> None:
    """Tell of ids on a list that the book does not know: a slip, or somebody who never followed."""
    if book.is_empty:
        return
    for name, listed in lists.named:
        people, some = book.strangers(listed.ids(), STRANGERS_NAMED)
        if people:
            marks = Marks(wiring.state_dir(chosen))
            named = ", ".join(marks.of(person) for person in some)
            display.fact("unknown-ids", list=name, people=people, some=[marks.of(person) for person in some])
            display.say(f"{LISTS}/{name}: {persons(people)} not in the follower book, such as {named}", style="yellow")


def _listed(recipients: str, folder: Path, chosen: Settings) -> Book:
    """Read a list of recipients into a book of its own: same reader, same checks, nobody twice.

    Bad lines stay in the state folder, where whoever is told of them can look.
    """
    book = Book(folder / "book")
    rejects = wiring.state_dir(chosen) / REJECTS / f"{Path(recipients).name if recipients != '-' else 'stdin'}.csv"
    if recipients == "-":
        if sys.stdin.isatty():
            display.say("reading ids from the keyboard, one a line; Ctrl-D ends the list")
        source: Path | BinaryIO = sys.stdin.buffer
        name = "stdin"
    else:
        source, name = Path(recipients), recipients
    report = book.import_rows(source, name, rejects=rejects, clock=SystemClock())
    if report.rejected:
        lines = "1 line holds" if report.rejected == 1 else f"{count(report.rejected)} lines hold"
        raise InputInvalid(
            f"{name}: {lines} no usable id: {rejected_in(rejects, REJECTS_TOLD)}",
            hint=f"correct or remove them: a list is taken whole or not at all; all of them are in {rejects}",
        )
    return book


def list_digest(recipients: str, chosen: Settings) -> str:
    """Tell one list of recipients from another, whatever its order and format."""
    with wiring.scratch(chosen) as folder:
        return _listed(recipients, folder, chosen).digest()
