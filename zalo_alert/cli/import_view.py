"""What an import tells: its sums, and whatever of the list was not read, column by column, with an example.

An example is shown with its digits shortened: talk names nobody.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zalo_alert.cli.display import display
from zalo_alert.language import _, _n, count, persons

if TYPE_CHECKING:
    from zalo_alert.book import ImportReport

UNRESOLVED_SHOWN = 100
COLUMNS_NAMED = 8
EXAMPLE = 40  # characters
MANY_ROUNDED = 0.01  # one in ten thousand ids ends in four zeros by chance


def show_import(report: "ImportReport", file: str, aside: Path) -> None:
    """Say what an import did.

    Args:
        report: What it did.
        file: What was imported.
        aside: Where its bad rows are.
    """
    unresolved = [{"city": city, "rows": rows} for city, rows in list(report.unplaced.items())[:UNRESOLVED_SHOWN]]
    display.fact(
        "import", file=file, read=report.read, imported=report.imported, new=report.new, replaced=report.replaced,
        repeated=report.repeated, rejected=report.rejected, rejects=str(aside) if report.rejected else None, total=report.total,
        conflicts=report.conflicts, resumed=report.resumed, unplaced=report.unplaced_rows, unresolved=unresolved,
        generation=report.generation, **_oddities(report),
    )  # fmt: skip
    display.done(
        _(
            "{rows} rows read: {new} new, {known} known, {repeated} repeated, {rejected} rejected; the book "
            "holds {people} (generation {generation})",
            rows=count(report.read),
            new=count(report.new),
            known=count(report.replaced),
            repeated=count(report.repeated),
            rejected=count(report.rejected),
            people=persons(report.total),
            generation=report.generation,
        )
    )
    if report.rejected:
        display.say(_("rejected rows, with line and reason: {file}", file=aside), style="yellow")
    if report.resumed:
        display.say(
            _("{number} of the rows were read before this import was cut off, and not again", number=count(report.resumed))
        )
    for sentence in (*_describe_columns(report), *_describe_phones(report), *_describe_ids(report)):
        display.say(sentence, style="yellow")
    if report.unplaced:
        named = ", ".join(f'"{city[:30]}" ×{rows}' for city, rows in list(report.unplaced.items())[:5])
        display.say(
            _n(
                "{rows} row with a city that nobody can place, such as {cities}",
                "{rows} rows with a city that nobody can place, such as {cities}",
                report.unplaced_rows,
                rows=count(report.unplaced_rows),
                cities=named,
            ),
            style="yellow",
        )
    if report.conflicts:
        display.say(
            _(
                "of {people} two values met in some field; the newest holds: see `conflicts` in an export",
                people=persons(report.conflicts),
            )
        )


def _oddities(report: "ImportReport") -> dict[str, Any]:
    """Say for machines what `_describe_columns`, `_describe_phones` and `_describe_ids` say in words."""
    from zalo_alert.readers import tally

    remarks = report.tally
    return {
        "ids_from": remarks.get(tally.IDS_FROM, "user_id").example or None,
        "not_understood": list(remarks.of(tally.MEANS_NOTHING)),
        "unread": [{"column": name, "values": values, "example": example} for name, values, example in _list_unread(report)],
        "short": remarks.get(tally.SHORT).number,
        "rounded_ids": remarks.get(tally.ROUNDED_ID, "user_id").number,
        "old_phones": remarks.get(tally.OLD_PHONE, "phone").number,
        "land_lines": report.land_lines,
    }


def _list_unread(report: "ImportReport") -> Iterator[tuple[str, int, str]]:
    from zalo_alert.readers import masked, tally

    for name, remark in report.tally.of(tally.UNREAD).items():
        yield name, remark.number, masked(remark.example[:EXAMPLE])


def _describe_columns(report: "ImportReport") -> Iterator[str]:
    from zalo_alert.readers import tally
    from zalo_alert.readers.instants import is_month_first

    remarks = report.tally
    if beside := list(remarks.of(tally.MEANS_NOTHING)):
        taken = remarks.get(tally.IDS_FROM, "user_id").example
        yield _(
            'ids come from the column "{column}"; not understood and left out: {columns}',
            column=taken,
            columns=", ".join(beside[:COLUMNS_NAMED]),
        )
    for name, values, example in _list_unread(report):
        yield _describe_unread(name, values, example)
        if name.endswith("_at") and is_month_first(example):
            yield _(
                "{column}: the month seems to stand first, so its other dates may have been read with day and month exchanged",
                column=name,
            )
    if short := remarks.get(tally.SHORT).number:
        yield _n(
            "{rows} row without the last columns: what is missing there counts as empty",
            "{rows} rows without the last columns: what is missing there counts as empty",
            short,
            rows=count(short),
        )


def _describe_unread(column: str, values: int, example: str) -> str:
    if column == "opted_out":
        return _n(
            "{column}: {values} value neither yes nor no nor a topic (drill, warning, information), such as "
            '"{example}": it refuses nothing',
            "{column}: {values} values neither yes nor no nor a topic (drill, warning, information), such as "
            '"{example}": these refuse nothing',
            values,
            column=column,
            values=count(values),
            example=example,
        )
    return _n(
        '{column}: {values} value could not be read and counts as empty: "{example}"',
        '{column}: {values} values could not be read and count as empty, such as "{example}"',
        values,
        column=column,
        values=count(values),
        example=example,
    )


def _describe_phones(report: "ImportReport") -> Iterator[str]:
    from zalo_alert.readers import tally

    old = report.tally.get(tally.OLD_PHONE, "phone").number
    if not old:
        return
    yield _n(
        "{numbers} phone number of 11 digits, as until September 2018, counts in its new form",
        "{numbers} phone numbers of 11 digits, as until September 2018, count in their new form",
        old,
        numbers=count(old),
    )
    if report.land_lines:
        yield _n(
            "a list with such numbers is old: {numbers} other phone number of it may have been a land line then, and be a "
            "stranger's mobile today",
            "a list with such numbers is old: {numbers} other phone numbers of it may have been land lines then, and be "
            "strangers' mobiles today",
            report.land_lines,
            numbers=count(report.land_lines),
        )


def _describe_ids(report: "ImportReport") -> Iterator[str]:
    from zalo_alert.readers import masked, tally

    rounded, long = report.tally.get(tally.ROUNDED_ID, "user_id"), report.tally.get(tally.LONG_ID, "user_id")
    if rounded.number > MANY_ROUNDED * long.number:
        yield _n(
            "{ids} id may have been rounded by a spreadsheet, with zeros after the 15th digit: {example}",
            "{ids} ids may have been rounded by a spreadsheet, with zeros after the 15th digit, such as {example}",
            rounded.number,
            ids=count(rounded.number),
            example=masked(rounded.example),
        )
