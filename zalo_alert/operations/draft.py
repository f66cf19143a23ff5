"""From a campaign file and perhaps a list of ids to a plan: whom it is for, by which book, and what is odd about that."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from zalo_alert.book import STAFF as STAFF_KEY
from zalo_alert.book import Book, Selection, write_ids
from zalo_alert.book.importing import describe_rejects
from zalo_alert.campaign.occurrence import at_occurrence
from zalo_alert.campaign.render import Renderer
from zalo_alert.errors import Cure, InputInvalid, UsageError
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.foundation.layout import runs_of
from zalo_alert.foundation.notices import Level, Notice
from zalo_alert.foundation.pseudonyms import Marks
from zalo_alert.language import _, _n, count, persons
from zalo_alert.models import Campaign
from zalo_alert.operations.book_events import import_events_if_due
from zalo_alert.operations.campaign_files import read_campaign, read_files
from zalo_alert.operations.jurisdiction import check_jurisdiction
from zalo_alert.operations.references import check_references
from zalo_alert.operations.state import book_of, scratch_folder, state_folder
from zalo_alert.planning import segment
from zalo_alert.planning.cap import look_back
from zalo_alert.planning.drill_templates import check_templates
from zalo_alert.planning.plan import PlaceRow, Plan, Source
from zalo_alert.planning.planner import forecast, make_plan
from zalo_alert.planning.refusals import LISTS, NEVER, check_despite, find, is_blank, problem
from zalo_alert.planning.said_to_us import SaidToUs
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Account, Settings

if TYPE_CHECKING:
    from zalo_alert.wording.finding import Finding

STAFF = "staff"  # the list of those who try every message before anyone else
STRANGERS_NAMED = 5
REJECTS = "rejects"  # a folder of the state folder: the bad lines of each list that was refused
REJECTS_TOLD = 3
LEVELS = ("commune", "province", "national")  # the nearest first

OnNotice = Callable[[Notice], None]


class Lists(NamedTuple):
    """The workspace's lists that matter to a campaign; `named` has all of them by name."""

    only: Book | None
    staff: Book | None
    without: tuple[Book, ...]
    named: tuple[tuple[str, Book], ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan, all that it was made from, and what a person should know of it beside the plan."""

    text: bytes
    campaign: Campaign
    sources: tuple[Source, ...]
    plan: Plan
    recipients_digest: str
    files: Mapping[str, bytes]
    notices: tuple[Notice, ...] = ()
    overrides: Mapping[str, str] = field(default_factory=dict)  # rules gone round, each with the reason
    findings: "tuple[Finding, ...]" = ()  # what is wrong with its words, where somebody has looked


def count_audience(campaign: Campaign, settings: Settings, on_notice: OnNotice) -> Plan:
    """Count whom a campaign would reach, whether or not it may be sent now; `on_notice` is told what is odd.

    Raises:
        ZaloAlertError: Nobody can say: no follower book, no such list, nobody there.
    """
    if campaign.audience.supplied:
        raise UsageError(_("its audience is a list, which `plan {option}` counts", option=Cure.OPTION(recipients=True)))
    with scratch_folder(settings) as folder:
        sources = _Drafting(campaign, settings, folder, on_notice).sources(None)
        return forecast(campaign, sources, settings, SystemClock().now())


@contextmanager
def draft(
    path: Path,
    recipients: str | None,
    settings: Settings,
    on_notice: OnNotice,
    outside: Sequence[Path] = (),
    *,
    despite_never: str = "",
    occurrence: str = "",
) -> Iterator[Draft]:
    """Plan a campaign; a list of recipients is kept in a temporary folder for as long as the block lasts.

    Args:
        path: Of the campaign.
        recipients: A file of ids, "-" for stdin, or None.
        settings: The workspace's.
        on_notice: Told at once what a person should know of it, which may be why it can't be planned.
        outside: What the campaign may send along although it lies outside the workspace; see `attachments.read`.
        despite_never: Why to plan an Immediate campaign although the list of those never written to can't be read.
        occurrence: The key of one; see `at_occurrence`.

    Raises:
        InputInvalid: That list is there and can't be read.
        CampaignRefused: It must not be sent, or speaks of a message that this workspace doesn't know.
    """
    text, campaign = read_campaign(path)
    campaign = at_occurrence(campaign, occurrence)
    _check_recipients(path, campaign, recipients)
    check_templates(campaign, settings)
    files = read_files(campaign, path, settings.workspace, outside)
    with scratch_folder(settings) as folder:
        drafting = _Drafting(campaign, settings, folder, on_notice, despite_never)
        for notice in check_references(campaign, settings, Runs(runs_of(settings.workspace)), SystemClock().now()):
            drafting.tell(notice)
        listed = read_list(recipients, folder, settings) if recipients is not None else None
        sources = drafting.sources(listed)
        now = SystemClock().now()
        sources = look_back(sources, Runs(runs_of(settings.workspace)), settings.person_cap, now, folder, on_notice)
        plan = make_plan(campaign, sources, settings, now)
        if listed and not campaign.audience.supplied and (missing := listed.size() - plan.people - plan.withheld):
            sentence = _n(
                "{ids} of the ids on the list is not in the campaign's audience",
                "{ids} of the ids on the list are not in the campaign's audience",
                missing,
                ids=count(missing),
            )
            drafting.tell(Notice(sentence, "", Level.WARNING))
        yield Draft(text, campaign, sources, plan, listed.digest() if listed else "", files, tuple(drafting.notices))


def headline_of(drafted: Plan) -> str:
    """Return what stands above a plan's message: the article's title, or the headline of whoever is first."""
    if drafted.broadcast:
        return drafted.broadcast.article.title
    first = drafted.places[0].place
    return Renderer(drafted.campaign).headline(first.label, first.variant)


def is_staff(row: PlaceRow) -> bool:
    """Whether a row of a plan is the staff, who try the message before anyone else."""
    return row.place.key == STAFF_KEY


def _check_recipients(path: Path, campaign: Campaign, recipients: str | None) -> None:
    if campaign.audience.supplied and recipients is None:
        raise UsageError(
            _("{path} takes its audience from a list", path=path),
            hint=_("name one with {option}, or - for stdin", option=Cure.OPTION(recipients="FILE")),
        )
    if campaign.broadcast and recipients is not None:
        raise UsageError(
            _("{option} names people, and the campaign's broadcast goes to whole provinces", option=Cure.OPTION(recipients=True)),
            hint=_("leave one of the two out"),
        )


class _Drafting:
    """Chooses the books and lists of one campaign, and tells what is odd about them."""

    def __init__(
        self, campaign: Campaign, settings: Settings, folder: Path, on_notice: OnNotice, despite_never: str = ""
    ) -> None:
        self._campaign, self._settings, self._folder, self._despite = campaign, settings, folder, despite_never
        self._on_notice = on_notice
        self.notices: list[Notice] = []

    def tell(self, notice: Notice) -> None:
        """Tell something at once, and keep it."""
        self.notices.append(notice)
        self._on_notice(notice)

    def sources(self, listed: Book | None) -> tuple[Source, ...]:
        """Choose the books, that of the nearest OA first: who follows several is written to by the nearest."""
        audience, settings = self._campaign.audience, self._settings
        accounts = settings.senders(audience.accounts)
        if audience.supplied and len(accounts) > 1:
            raise UsageError(_("a list of recipients belongs to one OA"), hint=_("name one account in audience.accounts"))
        lists, sources = self._lists(), []
        for account in sorted(accounts, key=lambda account: LEVELS.index(account.level)):
            if not audience.supplied:
                import_events_if_due(settings, account, self._on_notice)
            book = listed if listed is not None and audience.supplied else book_of(account, settings)
            self._note_strangers(book, lists)
            if listed is not None and audience.supplied:
                check_jurisdiction(listed, account, settings, self.tell)
            selection = self._selection(lists, None if audience.supplied else listed)
            sources.append(Source(account, book, self._without_refusing(selection, account)))
        return tuple(sources)

    def _selection(self, lists: Lists, listed: Book | None) -> Selection:
        audience = self._campaign.audience
        return Selection(
            exclude_tags=audience.exclude_tags,
            topic=segment.topic(self._campaign),
            ids=tuple(only.ids() for only in (lists.only, listed) if only),
            without=tuple(out.ids() for out in lists.without),
            staff=lists.staff.ids() if lists.staff else None,
            wards=audience.wards | frozenset(ward for area in self._campaign.order for ward in area.wards),
        )

    def _without_refusing(self, selection: Selection, account: Account) -> Selection:
        """Leave out whoever has opted out or left through the webhook since: their books hear of it a day later."""
        with closing(SaidToUs(self._settings.state_dir, {account.oa_id}, selection.topic)) as said:
            said.begin()
            if not (ids := said.ids()):
                return selection
        refusing = write_ids(ids, self._folder / f"refusing-{account.oa_id}.parquet")
        return replace(selection, without=(*selection.without, refusing))

    def _lists(self) -> Lists:
        """Read the workspace's lists that a campaign names, and the one of those who are never written to."""
        audience, workspace = self._campaign.audience, self._settings.workspace
        without = [name for name in audience.exclude_lists if name != NEVER]
        if self._never_counts():
            without.append(NEVER)
        is_tried = self._campaign.canary and not audience.supplied and not audience.only_list
        staff = [STAFF] if is_tried and find(workspace, STAFF) is not None else []
        needed = [*without, *([audience.only_list] if audience.only_list else []), *staff]
        books = {name: self._read(name) for name in dict.fromkeys(needed)}
        return Lists(
            books.get(audience.only_list),
            books[STAFF] if staff else None,
            tuple(books[name] for name in without),
            tuple(books.items()),
        )

    def _never_counts(self) -> bool:
        """Whether anybody stands on the list of those never written to; a broken one is passed over for a reason only."""
        workspace = self._settings.workspace
        if self._despite and (why := problem(workspace)):
            check_despite(self._campaign)
            self.tell(Notice(_("{why}: going on without it, because {despite}", why=why, despite=self._despite), "", Level.ALARM))
            return False
        path = find(workspace, NEVER)
        return path is not None and not is_blank(path)

    def _read(self, name: str) -> Book:
        workspace = self._settings.workspace
        path = find(workspace, name)
        if path is None:
            raise UsageError(
                _('there is no list "{name}" in {folder}', name=name, folder=workspace / LISTS),
                hint=_("write the ids into {path}, one a line", path=f"{LISTS}/{name}.txt"),
            )
        return read_list(str(path), self._folder / name, self._settings)

    def _note_strangers(self, book: Book, lists: Lists) -> None:
        """Tell of ids on a list that the book does not know: a slip, or somebody who never followed."""
        if book.is_empty:
            return
        for name, listed in lists.named:
            people, some = book.strangers(listed.ids(), STRANGERS_NAMED)
            if people:
                marks = Marks(state_folder(self._settings))
                named = [marks.of(person) for person in some]
                sentence = _(
                    "{list}: {people} not in the follower book, such as {ids}",
                    list=f"{LISTS}/{name}",
                    people=persons(people),
                    ids=", ".join(named),
                )
                fields = {"list": name, "people": people, "some": named}
                self.tell(Notice(sentence, "unknown-ids", Level.WARNING, fields))


def read_list(recipients: str, folder: Path, settings: Settings) -> Book:
    """Read a list of recipients into a book of its own: same reader, same checks, nobody twice.

    Bad lines stay in the state folder, where whoever is told of them can look.
    """
    book = Book(folder / "book")
    rejects = state_folder(settings) / REJECTS / f"{Path(recipients).name if recipients != '-' else 'stdin'}.csv"
    source: Path | BinaryIO = sys.stdin.buffer if recipients == "-" else Path(recipients)
    name = "stdin" if recipients == "-" else recipients
    report = book.import_rows(source, name, rejects=rejects, clock=SystemClock())
    if report.rejected:
        raise InputInvalid(
            _n(
                "{list}: {lines} line holds no usable id: {rejects}",
                "{list}: {lines} lines hold no usable id: {rejects}",
                report.rejected,
                list=name,
                lines=count(report.rejected),
                rejects=describe_rejects(report.first_rejects, REJECTS_TOLD),
            ),
            hint=_("correct or remove them: a list is taken whole or not at all; all of them are in {rejects}", rejects=rejects),
        )
    return book


def list_digest(recipients: str, settings: Settings) -> str:
    """Tell one list of recipients from another, whatever its order and format."""
    with scratch_folder(settings) as folder:
        return read_list(recipients, folder, settings).digest()
