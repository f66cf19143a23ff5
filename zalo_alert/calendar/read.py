"""A calendar file to a sound month, or to every fault in it at once, each with its place in the file."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import NamedTuple

from zalo_alert import places
from zalo_alert.calendar import times
from zalo_alert.calendar.form import CalendarForm, EntryForm
from zalo_alert.calendar.month import Calendar, Entry, Missed
from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.errors import CampaignInvalid, InputInvalid, Problem, UsageError
from zalo_alert.foundation import shape_errors, yaml_document
from zalo_alert.foundation.clock import words
from zalo_alert.foundation.digests import digest_of
from zalo_alert.foundation.shape_errors import shown
from zalo_alert.foundation.suggestions import suggestion
from zalo_alert.foundation.yaml_document import KeyPath
from zalo_alert.language import _, joined
from zalo_alert.models import AccountId, Area, Digest
from zalo_alert.settings.model import Account
from zalo_alert.zalo.articles import CLOSES, OPENS

MOST_ENTRIES = 500  # sixteen a day


class ArticleFacts(NamedTuple):
    """What a calendar must know of an article's file."""

    title: str
    digest: Digest


ReadArticle = Callable[[str], ArticleFacts]  # raises ZaloAlertError where it has faults


@dataclass(frozen=True, slots=True)
class Around:
    """What a calendar is read against.

    Args:
        accounts: That the workspace has.
        read_article: Reads an article by the name that the calendar gives it; raises `InputInvalid` or `CampaignInvalid`.
        oldest_of: Returns before when a month's entry is past; None where the month is under way.
        most_broadcasts: That each OA's package has in a month; None where nobody knows.
    """

    accounts: Sequence[Account]
    read_article: ReadArticle
    oldest_of: Callable[[str], datetime | None] = lambda month: None
    most_broadcasts: int | None = None


def read(text: bytes, file: str, around: Around) -> Calendar:
    """Read a calendar.

    Args:
        text: The file's bytes.
        file: What to call it in messages.
        around: What it is read against.

    Raises:
        CampaignInvalid: With every fault.
    """
    document = yaml_document.load(text, file)
    form, problems = shape_errors.salvage(CalendarForm, document)
    reader = _Reader(document, around)
    entries = sorted(reader.entries(form), key=_order) if isinstance(document.data, dict) else []
    reader.check_broadcasts(entries)
    if found := [*problems, *reader.problems]:
        raise CampaignInvalid(shape_errors.cap(list(dict.fromkeys(found))))
    return Calendar(form.month or "", Missed(form.missed or Missed.CATCH_UP), tuple(entries), digest_of(text))


def _order(entry: Entry) -> tuple[datetime, str]:
    return entry.at, entry.article


class _Reader:
    """One file under inspection."""

    def __init__(self, document: yaml_document.Document, around: Around) -> None:
        self._document, self._around = document, around
        self.problems: list[Problem] = []
        self._articles: dict[str, ArticleFacts | None] = {}
        self._taken: dict[tuple[str, AccountId], KeyPath] = {}  # by digest and OA

    def _add(self, path: KeyPath, message: str) -> None:
        self.problems.append(self._document.problem(path, message))

    def entries(self, form: CalendarForm) -> Iterator[Entry]:
        if ("month",) not in self._document.positions:
            self._add((), _("month is missing: write it like {example}", example="month: 2026-12"))
        if not form.entries and not any(problem.field == "entries" for problem in self.problems):
            self._add((), _("entries is missing: it lists the month's articles"))
        if len(form.entries or ()) > MOST_ENTRIES:
            self._add(("entries",), _("are more than {most}: is this the right file?", most=MOST_ENTRIES))
            return
        for number, entry in enumerate(form.entries or ()):
            yield from self._entry(form.month or "", entry, ("entries", number))

    def _entry(self, month: str, form: EntryForm, path: KeyPath) -> Iterator[Entry]:
        moments, accounts = self._moments(month, form, path), self._accounts(form, path)
        names = self._names(form, path)
        hide_at = self._hide_at(form, path, moments)
        self._check_event(form, path)
        if len(names) > len(moments) > 0:
            self._add(
                (*path, "articles"),
                _("are {articles}, and the month has {times} such days", articles=len(names), times=len(moments)),
            )
        for (name, name_path), at in zip(names, moments, strict=False):
            if facts := self._article(name, name_path, accounts):
                yield Entry(
                    str(PurePosixPath(name)), facts.digest, facts.title, at, accounts, tuple(form.areas or ()),
                    bool(form.broadcast), hide_at, form.event or "",
                    self._document.position(name_path)[0],
                )  # fmt: skip
        if len(names) > len(moments):  # their times have faults: their own are told all the same
            for name, name_path in names[len(moments) :]:
                self._article(name, name_path, accounts)

    def _check_event(self, form: EntryForm, path: KeyPath) -> None:
        """Have a broadcast say which hazard it is about: who wants to hear of that is asked of people by it."""
        if form.broadcast and form.event is None and (*path, "event") not in self._document.positions:
            self._add(path, _("broadcast needs an event: the hazard it is about, such as {example}", example="event: bao"))
        if form.event is not None and form.event not in HAZARDS:
            about = _('"{event}" is not a known hazard', event=form.event[:40])
            instead = suggestion(form.event, HAZARDS) or _(": there are {hazards}", hazards=", ".join(HAZARDS))
            self._add((*path, "event"), joined((about, instead), ""))

    def check_broadcasts(self, entries: Sequence[Entry]) -> None:
        """Have no OA send more broadcasts in the month than its package has."""
        most = self._around.most_broadcasts
        counts = Counter[AccountId]()
        for entry in (entry for entry in entries if entry.is_broadcast and most is not None):
            counts.update(entry.accounts)
            if over := next((account for account in entry.accounts if counts[account] > (most or 0)), None):
                many = _(
                    "is broadcast {number} of {account} in this month, and its package has {most}",
                    number=counts[over], account=over, most=most or 0,
                )  # fmt: skip
                self.problems.append(Problem(self._document.file, entry.line, 1, "broadcast", many))

    # --- when ------------------------------------------------------------------------------------------------------------

    def _moments(self, month: str, form: EntryForm, path: KeyPath) -> list[datetime]:
        has = {name for name in ("at", "weekly") if (*path, name) in self._document.positions}
        if len(has) != 1:
            self._add(path, _("needs one of the two: at, or weekly"))
            return []
        if form.at is not None:
            return self._checked((*path, "at"), month, form, lambda: [times.moment_of(form.at or "")], form.at)
        if form.weekly is not None and month:
            return self._checked((*path, "weekly"), month, form, lambda: times.weekly_in(month, form.weekly or ""), form.weekly)
        return []

    def _checked(
        self, path: KeyPath, month: str, form: EntryForm, moments_of: Callable[[], list[datetime]], typed: str
    ) -> list[datetime]:
        try:
            moments = moments_of()
        except ValueError as exc:
            self._add(path, joined((shown(typed), str(exc)), " "))
            return []
        for why in filter(None, (self._wrong(at, month, form) for at in moments[:1])):
            self._add(path, why)
        return moments

    def _wrong(self, at: datetime, month: str, form: EntryForm) -> str:
        """Say why an article can't appear at an instant; "" where it can."""
        if month and f"{at:%Y-%m}" != month:
            return _("{at} is not in {month}", at=words(at), month=month)
        if form.broadcast and not OPENS <= at.time() < CLOSES:
            return _(
                "by night no broadcast may go out: from {opens} to {closes}", opens=f"{OPENS:%H:%M}", closes=f"{CLOSES:%H:%M}"
            )
        oldest = self._around.oldest_of(month)
        if oldest and at < oldest and form.weekly is None:
            return _("{at} is past: give it a later day, or take it out", at=words(at))
        return ""

    def _hide_at(self, form: EntryForm, path: KeyPath, moments: Sequence[datetime]) -> datetime | None:
        if form.hide_at is None:
            return None
        try:
            hide_at = times.moment_of(form.hide_at)
        except ValueError as exc:
            self._add((*path, "hide_at"), joined((shown(form.hide_at), str(exc)), " "))
            return None
        if ":" not in form.hide_at:  # a day without an hour is the last on which it is shown
            hide_at = hide_at.replace(hour=0, minute=0) + timedelta(days=1)
        if moments and hide_at <= max(moments):
            self._add((*path, "hide_at"), _("comes before the article appears, at {at}", at=words(max(moments))))
        return hide_at

    # --- on whose pages --------------------------------------------------------------------------------------------------

    def _accounts(self, form: EntryForm, path: KeyPath) -> tuple[AccountId, ...]:
        known = {account.id: account for account in self._around.accounts}
        if form.accounts is not None and form.areas is not None and not form.broadcast:
            self._add((*path, "areas"), _("says the same as accounts: keep one; both only where it is broadcast"))
        if form.accounts is not None:
            return self._named(form.accounts, known, path)
        if form.areas is not None:
            return self._of_areas(form.areas, path)
        return tuple(known)

    def _named(self, names: Sequence[str], known: Mapping[AccountId, Account], path: KeyPath) -> tuple[AccountId, ...]:
        for number, name in enumerate(names):
            if name not in known:
                about = _('no account "{account}" is configured', account=name[:60])
                self._add((*path, "accounts", number), joined((about, suggestion(name, known)), ""))
        if not names:
            self._add((*path, "accounts"), _("is empty: name an account, or leave it out for all"))
        return tuple(dict.fromkeys(AccountId(name) for name in names if name in known))

    def _of_areas(self, selectors: Sequence[str], path: KeyPath) -> tuple[AccountId, ...]:
        wanted = []
        for number, selector in enumerate(selectors):
            try:
                wanted.append(places.area(selector))
            except InputInvalid as exc:
                self._add((*path, "areas", number), joined((exc.message, exc.hint), "; "))
        if len(wanted) < len(selectors):
            return ()
        found = tuple(account.id for account in self._around.accounts if wanted and is_within(account, wanted))
        if not found:
            self._add((*path, "areas"), _("no account writes to these areas alone: name accounts instead"))
        return found

    # --- what ------------------------------------------------------------------------------------------------------------

    def _names(self, form: EntryForm, path: KeyPath) -> list[tuple[str, KeyPath]]:
        if form.article is not None and form.articles is None and form.weekly is None:
            return [(form.article, (*path, "article"))]
        if form.articles and form.article is None and form.weekly is not None:
            return [(name, (*path, "articles", number)) for number, name in enumerate(form.articles)]
        if not any((*path, name) in self._document.positions for name in ("article", "articles")):
            self._add(path, _("names no article"))
        elif form.weekly is not None and form.articles is None:
            self._add(path, _("weekly takes articles, a list: one for each week"))
        elif form.at is not None:
            self._add(path, _("at takes article, one file"))
        return []

    def _article(self, name: str, path: KeyPath, accounts: Sequence[AccountId]) -> ArticleFacts | None:
        if name not in self._articles:
            self._articles[name] = self._read(name, path)
        facts = self._articles[name]
        for account in accounts if facts else ():
            first = self._taken.setdefault((facts.digest if facts else "", account), path)
            if first != path:
                line = self._document.position(first)[0]
                self._add(
                    path,
                    _("stands on line {line} already for {account}: a page shows an article once", line=line, account=account),
                )
                return None
        return facts

    def _read(self, name: str, path: KeyPath) -> ArticleFacts | None:
        pure = PurePosixPath(name)
        if pure.is_absolute() or ".." in pure.parts or "\\" in name or ":" in name:
            self._add(path, _('"{value}" should be the name of a file beside the calendar, or below it', value=name[:60]))
            return None
        try:
            return self._around.read_article(name)
        except CampaignInvalid as exc:
            self._add(path, joined((exc.message, *map(str, exc.problems[:3])), "; "))
        except (InputInvalid, UsageError) as exc:
            self._add(path, joined(filter(None, (exc.message, exc.hint)), "; "))
        return None


def is_within(account: Account, wanted: Sequence[Area]) -> bool:
    """Whether everybody whom an account may write to lives in one of some areas."""
    own, all_wanted = places.all_of(map(places.area, account.areas)), places.all_of(wanted)
    rest = places.without(own, all_wanted)
    return not rest.everyone and not rest.mask and not rest.wards
