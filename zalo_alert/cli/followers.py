"""`followers`: the follower book."""

import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert import places
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.import_view import show_import
from zalo_alert.cli.options import HERE, AccountOption, JsonOption, WorkspaceOption
from zalo_alert.errors import Cure, UsageError
from zalo_alert.foundation.clock import in_vietnam, words
from zalo_alert.language import _, _n, count, decimal, joined, persons
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from datetime import datetime

    from zalo_alert.book import Portrait
    from zalo_alert.operations.freshness import ProvinceFreshness

UNSEEN_DAYS = (30, 90, 365)
BAR = 20  # characters of the longest bar
CERTAINTIES = {
    "certain": _("certain"),
    "new-only": _("only today's known"),
    places.FOREIGN: _("abroad"),
    places.UNKNOWN: _("place unknown"),
    "ward": _("ward known"),
}
REASONS = {
    "empty": _("nothing written"),
    "alias": _("the office's own name"),
    "province": _("its province"),
    "before-merger": _("older than July 2025"),
    "district": _("its district"),
    "ward": _("its ward"),
    "new-only": _("only today's known"),
    "joined": _("words run together"),
    "telex": _("Telex or VNI keys"),
    "fuzzy": _("a slip of the pen"),
    "foreign": _("abroad"),
    "conflict": _("contradicts itself"),
    "ambiguous": _("several places of that name"),
    "unknown": _("no such place"),
}

group = typer.Typer(no_args_is_help=True, help="The follower book: who follows the OA, and where they live.")
app.add_typer(group, name="followers")


@group.command(name="import")
def import_(
    file: Annotated[
        str, typer.Argument(help="CSV, .xlsx, NDJSON, Parquet or bare ids, also zipped; - reads stdin.", show_default=False)
    ] = "",
    from_events: Annotated[
        bool, typer.Option("--from-events", help="Instead of a file: what came through the webhook since the last time.")
    ] = False,
    rejects: Annotated[Path | None, typer.Option("--rejects", help="Where bad rows go; default: FILE.rejects.csv.")] = None,
    source: Annotated[str, typer.Option("--source", help="Where these people come from; default: the file's name.")] = "",
    account: AccountOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Merge a list of followers into the book: bad rows are set aside, and of each field the newest value wins.

    Stopped and started again with the same file, it goes on where it was. From the webhook's events come who follows or left,
    what people told of themselves, and when they were heard last; what they refuse counts at once, without this.

    Example: zalo-alert followers import followers.csv --source khao-sat-11
    """
    from zalo_alert.cli.run_view import ShellObserver

    if from_events == bool(file):
        raise UsageError(
            _("an import takes either a file or {option}", option=Cure.OPTION(from_events=True)),
            hint=_("name one of the two"),
        )
    if from_events:
        _import_events(Workspace(workspace), account)
        return
    stream = sys.stdin.buffer if file == "-" else Path(file)
    with ShellObserver().showing_steps() as observer:
        report, aside = Workspace(workspace).import_followers(stream, account, origin=source, rejects=rejects, observer=observer)
    show_import(report, file, aside)


def _import_events(home: Workspace, account: str | None) -> None:
    from zalo_alert.cli.run_view import ShellObserver
    from zalo_alert.operations.webhook_sight import has_webhook

    with ShellObserver().showing_steps() as observer:
        done, aside = home.import_events(account, observer)
    display.fact("import-events", following=done.following, left=done.left, told=done.told, heard=done.heard)
    if done.report is None:
        display.done(_("nothing has come through the webhook since the book heard of it last"))
        if not has_webhook(home.settings):
            display.say(_("no webhook has run here yet: {webhook} receives who follows or leaves", webhook=Cure.WEBHOOK()))
        return
    display.say(
        _(
            "through the webhook: {following} follow, {left} left, {told} told of themselves, {heard} were heard",
            following=persons(done.following),
            left=persons(done.left),
            told=persons(done.told),
            heard=persons(done.heard),
        )
    )
    show_import(done.report, _("the webhook's events"), aside)


@group.command()
def stats(account: AccountOption = None, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Count the book by province, beside its population; by certainty, source and freshness.

    Example: zalo-alert followers stats
    """
    from zalo_alert.foundation.clock import SystemClock

    with display.status(_("reading the follower book")):
        portrait = Workspace(workspace).book(account).portrait(SystemClock().now())
    for row in portrait.by_place:
        display.fact(
            "book-place", place=row.place, name=places.name_of(row.place), people=row.people, phones=row.phones,
            seen={f"{days}_days": seen for days, seen in zip(UNSEEN_DAYS, row.seen, strict=True)},
        )  # fmt: skip
    unseen = portrait.unseen()
    display.fact(
        "book", generation=portrait.generation, people=portrait.people, certainty=portrait.certainty(), wards=portrait.wards,
        conflicts=portrait.conflicts, reasons=dict(portrait.by_reason), sources=dict(portrait.by_source),
        unseen={f"{days}_days": people for days, people in unseen.items()},
    )  # fmt: skip
    _show_provinces(portrait)
    share = partial(_share, whole=portrait.people)
    certainties = [(CERTAINTIES[kind], people, share(people)) for kind, people in portrait.certainty().items()]
    display.table(
        _("how surely we know where"),
        (_("former province"), _("people"), _("share")),
        [*certainties, (_("ward"), portrait.wards, share(portrait.wards))],
    )
    display.table(
        _("what that rests on"),
        (_("reason"), _("people"), _("share")),
        [(REASONS.get(why, why) or "?", n, share(n)) for why, n in portrait.by_reason],
    )
    display.table(
        _("who told us"),
        (_("source"), _("people"), _("share")),
        [(source, n, share(n)) for source, n in portrait.by_source],
    )
    seen = [(_("{days} days", days=days), people, share(people)) for days, people in unseen.items()]
    display.table(_("not seen for"), (_("time"), _("people"), _("share")), seen)
    if portrait.conflicts:
        display.show(
            _(
                "of {people} two values met in some field; the newest holds: see `conflicts` in an export",
                people=persons(portrait.conflicts),
            )
        )


@group.command()
def freshness(
    months: Annotated[
        int, typer.Option("--months", min=1, max=120, help="After how many months without a word a person counts as stale.")
    ] = 12,
    account: AccountOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Say by province when people were last seen, and of how many nothing was heard for months; the worst first.

    Example: zalo-alert followers freshness --months 12
    """
    from zalo_alert.operations.freshness import freshness_of

    home = Workspace(workspace)
    with display.status(_("reading the follower book")):
        rows = freshness_of(home.account(account), home.settings, months)
    for row in rows:
        display.fact(
            "book-freshness", place=row.key, name=places.name_of(row.key), people=row.people, stale=row.stale, months=months,
            updated_at=row.updated_at, seen_at=row.seen_at,
        )  # fmt: skip
    people, stale = sum(row.people for row in rows), sum(row.stale for row in rows)
    old = _n("nothing heard for {months} month", "nothing heard for {months} months", months, months=count(months))
    columns = (_("province"), _("people"), old, _("share"), _("updated"), _("last heard"))
    total = (_("all"), people, stale, _share(stale, people), "", "")
    display.table("", columns, [_freshness_cells(row) for row in rows], total=total)


def _freshness_cells(row: "ProvinceFreshness") -> tuple[object, ...]:
    name, share = places.name_of(row.key), _share(row.stale, row.people)
    return (name, row.people, row.stale, share, _day(row.updated_at), _day(row.seen_at))


def _day(at: "datetime | None") -> str:
    return f"{in_vietnam(at):%d/%m/%Y}" if at else ""


def _show_provinces(portrait: "Portrait") -> None:
    """Show today's provinces by followers, beside how many people live there, with a bar."""
    people: Counter[str] = Counter()
    for row in portrait.by_place:
        mask = places.mask_of(row.place)
        people[next((province.key for province in places.PROVINCES if province.mask & mask), row.place)] += row.people
    most = max((count for key, count in people.items() if key.startswith("new:")), default=1)
    rows = []
    for key, number in people.most_common():
        lives = places.population().get(key, 0)
        bar = "█" * max(1, round(BAR * number / most)) if lives else ""
        rows.append((places.name_of(key), key, number, _share(number, lives) if lives else "", bar))
    columns = (_("province"), _("key"), _("followers"), _("of population"), "")
    display.table(
        "", columns, rows, total=(_("all"), "", portrait.people, _share(portrait.people, sum(places.population().values())), "")
    )


def _share(part: int, whole: int) -> str:
    return _("{percent} %", percent=decimal(100 * part / whole)) if whole else ""


@group.command()
def unresolved(
    file: Annotated[Path | None, typer.Argument(help="An alias file to begin or go on with.", show_default=False)] = None,
    most: Annotated[int, typer.Option("--most", min=1, help="How many values.")] = 50,
    account: AccountOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """List the values that nobody can place, the most frequent first; with a file, write them there to be completed.

    Complete the column `place` (old:52, new:52, foreign), keep the file as aliases.csv in the workspace, then
    `zalo-alert followers resolve`.

    Example: zalo-alert followers unresolved aliases.csv
    """
    from zalo_alert.places.aliases import add_unresolved

    values = Workspace(workspace).book(account).unresolved(most)
    for row in values:
        display.fact("unresolved", text=row.text, people=row.people, reason=row.reason)
    rows = [(row.text, row.people, REASONS.get(row.reason, row.reason)) for row in values]
    display.table("", (_("what they wrote"), _("people"), _("why")), rows)
    if file is not None:
        added = add_unresolved(file, values)
        display.say(
            _(
                "{values} values added to {file}: complete the column `place`, then {resolve}",
                values=count(added),
                file=file,
                resolve=Cure.RESOLVE(),
            )
        )


@group.command()
def resolve(
    wards: Annotated[
        bool,
        typer.Option("--wards", help="Read every address for its ward, too: needed before a ward is targeted; takes longer."),
    ] = False,
    account: AccountOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Read every place of the book again, with the workspace's aliases.csv as it is now; a new generation.

    Example: zalo-alert followers resolve
    """
    from zalo_alert.foundation.clock import SystemClock

    home, clock = Workspace(workspace), SystemClock()
    book = home.book(account)
    before = _count_known(book.portrait(clock.now()))
    with display.steps() as report_step:
        generation = book.place_anew(clock, home.aliases, report_step, wards=wards)
    after = _count_known(book.portrait(clock.now()))
    display.fact("resolve", generation=generation.id, people=generation.people, before=before, after=after)
    changes = joined(_describe_change(kind, before[kind], after[kind]) for kind in after)
    display.done(
        _(
            "{people} read again (generation {generation}): {changes}",
            people=persons(generation.people),
            generation=generation.id,
            changes=changes,
        )
    )


def _describe_change(kind: str, before: int, after: int) -> str:
    return joined((CERTAINTIES[kind], count(after), f"({after - before:+})"), " ")


def _count_known(portrait: "Portrait") -> dict[str, int]:
    return {**portrait.certainty(), "ward": portrait.wards}


@group.command()
def forget(
    person: Annotated[str, typer.Argument(help="Their id; - reads it from stdin, so that it stays out of the shell's history.")],
    account: AccountOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Take a person out of the book and of all that came from them, and prove that they are gone; as `people forget`.

    Example: zalo-alert followers forget 1002893352839501541
    """
    from zalo_alert.cli.people_view import forget_shown

    forget_shown(Workspace(workspace), account, person)


@group.command()
def generations(account: AccountOption = None, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """List the states of the book that are kept, the newest first.

    Example: zalo-alert followers generations
    """
    book = Workspace(workspace).book(account)
    in_force = book.generation()
    rows = []
    for generation in book.generations():
        display.fact(
            "generation", generation=generation.id, made_at=generation.made_at, people=generation.people,
            source=generation.source, size_bytes=generation.size_bytes, in_force=generation.id == in_force,
        )  # fmt: skip
        mark, size = "→" if generation.id == in_force else "", _megabytes(generation.size_bytes)
        rows.append((mark, generation.id, words(generation.made_at), generation.people, generation.source, size))
    display.table("", ("", _("generation"), _("made"), _("people"), _("source"), _("size")), rows)


def _megabytes(size_bytes: int) -> str:
    return _("{size} MB", size=decimal(size_bytes / 1e6))


@group.command()
def rollback(
    generation: Annotated[str, typer.Argument(help="Its id; default: the one before that in force.", show_default=False)] = "",
    account: AccountOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Put an earlier state of the book in force again; the later ones stay, and can be rolled back to as well.

    Example: zalo-alert followers rollback
    """
    in_force = Workspace(workspace).book(account).rollback(generation)
    display.fact("rollback", generation=in_force.id, people=in_force.people)
    display.say(
        _(
            "in force: generation {generation} of {time}, with {people}",
            generation=in_force.id,
            time=words(in_force.made_at),
            people=persons(in_force.people),
        )
    )


@group.command()
def verify(
    generation: Annotated[str, typer.Argument(help="Its id; default: the one in force.", show_default=False)] = "",
    account: AccountOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Compare every byte of the book with the digests taken when it was imported.

    Example: zalo-alert followers verify
    """
    book = Workspace(workspace).book(account)
    with display.status(_("reading the whole book")):
        verified = book.verify(generation)
    display.fact(
        "verify", generation=verified.id, people=verified.people, files=len(verified.parts), size_bytes=verified.size_bytes
    )
    display.say(
        _(
            "generation {generation} is as it was imported: {people}, {size}",
            generation=verified.id,
            people=persons(verified.people),
            size=_megabytes(verified.size_bytes),
        )
    )


@group.command()
def example(
    file: Annotated[Path, typer.Argument(help="CSV file to write.", show_default=False)],
    people: Annotated[int, typer.Option("--people", min=1, help="How many.")] = 1000,
    json: JsonOption = False,
) -> None:
    """Write a list of invented followers, with cities as messy as real ones, to try things on.

    Example: zalo-alert followers example followers.csv --people 200000
    """
    from zalo_alert.operations.scaffold import invent_followers

    with display.status(_("inventing followers")):
        invent_followers(file, people)
    display.fact("example", file=str(file), people=people)
    display.say(_("{people} invented in {file}", people=persons(people), file=file))


@group.command()
def export(
    file: Annotated[Path, typer.Argument(help="A .csv or .parquet file.", show_default=False)],
    account: AccountOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Write the whole book to a file.

    Example: zalo-alert followers export book.parquet
    """
    people = Workspace(workspace).export_book(file, account)
    display.fact("book-export", file=str(file), people=people)
    display.say(_("{people} written to {file}", people=persons(people), file=file))
