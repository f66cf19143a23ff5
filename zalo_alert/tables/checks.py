"""What may be wrong with a list for a table: each fault with its line, before anything is built.

Numbers that lost their leading zeros, dates that Excel has turned round, facts that are missing, numbers that occur twice.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from zalo_alert.errors import Cure, Problem
from zalo_alert.language import _, _n, count
from zalo_alert.readers.base import masked
from zalo_alert.tables.facts import EARLIEST_YEAR, LATEST_YEAR, MOST_CHARACTERS, CheckKind

if TYPE_CHECKING:
    from zalo_alert.book.engine import duckdb

TOLD_OF_A_KIND = 5  # faults; of the rest it is said how many there are
_SAMPLE_ROWS = 5000
SURE_DIGITS = 6  # of a number that leads with a zero: shorter ones may be plain counting
_SHOWN = 40  # characters
_AS_TEXT = _("format the column as text and export again")

_DMY, _MDY, _ISO = (
    "regexp_full_match({0}, '[0-9]{{1,2}}[/.-][0-9]{{1,2}}[/.-][0-9]{{4}}')",
    "try_strptime(translate({0}, '.-', '//'), '%m/%d/%Y')",
    "regexp_full_match({0}, '[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}( 00:00:00)?')",
)

_LIKE_A_DATE = "regexp_full_match({0}, '[0-9]{{1,4}}[/.-][0-9]{{1,2}}[/.-][0-9]{{1,4}}( 00:00:00)?')"


def fold_sql(value: str) -> str:
    """Return SQL that does what `facts.fold` does."""
    bare = f"replace(strip_accents(lower({value})), 'đ', 'd')"
    return (
        f"CASE WHEN regexp_full_match({value}, '[A-Z0-9]*') THEN {value} "
        f"ELSE upper(regexp_replace({bare}, '[^a-z0-9]+', '', 'g')) END"
    )


def date_sql(value: str) -> str:
    """Return SQL that reads a date of a list as `2008-03-15`; NULL where it is none, and an odd year where that is odd."""
    day = (
        f"CASE WHEN contains({value}, ' ') AND NOT ends_with({value}, ' 00:00:00') THEN NULL ELSE split_part({value}, ' ', 1) END"
    )
    return (
        f"CASE WHEN substr({value}, 5, 1) = '-' THEN try_cast({day} AS DATE) WHEN length({value}) BETWEEN 8 AND 10 THEN "
        f"CAST(try_strptime({value}, ['%d/%m/%Y', '%d-%m-%Y', '%d.%m.%Y']) AS DATE) END::VARCHAR"
    )


class Facts(NamedTuple):
    """The two facts of a list: their columns, as `c0`, what the second one is, and a pattern for the first ("" for none)."""

    key: str
    check: str
    kind: CheckKind
    pattern: str

    def view(self, source: str, *, also: str = "line") -> str:
        """Return SQL of both facts, raw and folded, and of another column; `source` gives the rows."""
        check = f"coalesce({date_sql(self.check)}, '')" if self.kind is CheckKind.DATE else fold_sql(self.check)
        return (
            f"SELECT {also}, {self.key} AS raw_key, {self.check} AS raw_check, {fold_sql(self.key)} AS key, {check} AS fact "
            f"FROM ({source})"
        )


class Kind(NamedTuple):
    """A kind of fault: which rows have it, and what to say of one, by its two facts."""

    where: str
    say: Callable[[str, str], str]


def _always(message: str) -> Callable[[str, str], str]:
    return lambda _key, _check: message


_SCIENTIFIC = "regexp_full_match(raw_key, '[0-9]+[.,][0-9]+[eE][+]?[0-9]+') OR regexp_full_match(raw_key, '[0-9]+[.]0')"
_ALWAYS = (
    Kind("key = ''", _always(_("the number is empty"))),
    Kind("raw_check = ''", _always(_("the second fact is empty: the number alone would open this row"))),
    Kind(_SCIENTIFIC, _always(_("the number was stored as a calculated one: format the column as text and export again"))),
    Kind("regexp_matches(raw_key, '^[=@+]')", _always(_("the number is a formula: export values, not formulas"))),
    Kind(
        f"length(raw_key) > {MOST_CHARACTERS} OR length(raw_check) > {MOST_CHARACTERS}",
        _always(_("the number or the second fact is longer than {most} characters", most=MOST_CHARACTERS)),
    ),
)
_NO_FACT = Kind("raw_check <> '' AND fact = ''", _always(_("the second fact has no letter and no digit")))

_MONTH_FIRST = f"coalesce({_DMY.format('raw_check')} AND fact = '' AND {_MDY.format('raw_check')} IS NOT NULL, false)"
_SHORT_YEAR = "regexp_full_match(raw_check, '[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2}')"
_SERIAL = "regexp_full_match(raw_check, '[0-9]{5}([.]0)?')"
_DATES = (
    Kind(
        _MONTH_FIRST,
        lambda _key, check: _(
            "{check} is a date only with the month first: the others may be turned round as well; export them as 2008-03-15",
            check=check,
        ),
    ),
    Kind(
        _SHORT_YEAR,
        lambda _key, check: _("{check} has a year of two digits, which may be of either century: write four", check=check),
    ),
    Kind(
        _SERIAL,
        lambda _key, check: _(
            "{check} is Excel's number of a day: format the column as a date, and export it as 2008-03-15", check=check
        ),
    ),
    Kind(
        f"raw_check <> '' AND fact = '' AND NOT {_SHORT_YEAR} AND NOT {_SERIAL} AND NOT {_MONTH_FIRST}",
        lambda _key, check: _("{check} is not a date: write it as 15/3/2008 or 2008-03-15", check=check),
    ),
    Kind(
        f"fact <> '' AND NOT {_SHORT_YEAR} AND (fact < '{EARLIEST_YEAR}' OR fact > '{LATEST_YEAR + 1}' OR length(fact) > 10)",
        lambda _key, check: _("{check} is a date of no living person's life", check=check),
    ),
)
_HALF_TURNED = Kind(
    f"fact <> '' AND {_ISO.format('raw_check')}",
    _always(
        _(
            "dates with a day up to 12 are dates, and all others text: Excel has turned their day and month round; format the "
            "column as text in the original, and export again"
        )
    ),
)


def kind_of_check(db: "duckdb.DuckDBPyConnection", source: str, check: str) -> CheckKind:
    """Tell what the second fact is: dates, if at least half of the first thousands that are there look like some."""
    sample = f"SELECT {check} AS value FROM ({source}) WHERE {check} <> '' LIMIT {_SAMPLE_ROWS}"
    row = db.execute(f"SELECT count(*), count(*) FILTER (WHERE {_LIKE_A_DATE.format('value')}) FROM ({sample})").fetchone()
    rows, dates = row or (0, 0)
    return CheckKind.DATE if rows and dates * 2 >= rows else CheckKind.TEXT


class Counted(NamedTuple):
    """One look at all rows: how many, and whether nothing at all is odd about them."""

    rows: int
    is_clean: bool


def count_rows(db: "duckdb.DuckDBPyConnection", plain: str, facts: Facts) -> Counted:
    """Count the rows, and tell at once where there is no fault: what may be one is looked at by `find_faults`."""
    clean = [f"regexp_full_match(raw_key, '[A-Z0-9]{{1,{MOST_CHARACTERS}}}')"]
    clean.append(f"regexp_full_match(raw_key, {_quoted(facts.pattern)})" if facts.pattern else "true")
    if facts.kind is CheckKind.DATE:
        clean.append(f"coalesce(fact BETWEEN '{EARLIEST_YEAR}' AND '{LATEST_YEAR + 1}' AND length(fact) = 10, false)")
    else:
        clean.append(f"fact <> '' AND length(raw_check) <= {MOST_CHARACTERS}")
    sql = (
        f"SELECT count(*), count(*) FILTER (WHERE {' AND '.join(clean)}), count(DISTINCT hash(key)), "
        "count(*) FILTER (WHERE substr(raw_check, 5, 1) = '-'), min(length(raw_key)), max(length(raw_key)), "
        f"count(*) FILTER (WHERE raw_key LIKE '0%') FROM ({facts.view(plain)})"
    )
    rows, good, different, iso, shortest, longest, zeros = db.execute(sql).fetchone() or (0,) * 7
    is_sure_of_zeros = bool(facts.pattern) or shortest == longest or zeros > 0
    is_of_one_kind = facts.kind is CheckKind.TEXT or iso in (0, rows)
    return Counted(rows, rows == good == different and is_sure_of_zeros and is_of_one_kind)


def _quoted(text: str) -> str:
    return f"'{text.replace(chr(39), chr(39) * 2)}'"


def find_faults(db: "duckdb.DuckDBPyConnection", plain: str, numbered: str, facts: Facts, name: str) -> tuple[list[Problem], int]:
    """Look for faults.

    Args:
        db: Where to.
        plain: SQL of the rows, without their lines.
        numbered: The same, with them.
        facts: The columns.
        name: What to call the file.

    Returns:
        The first faults of each kind, and how many there are in all.
    """
    kinds = _kinds(db, plain, facts)
    tests = ", ".join(f"count(*) FILTER (WHERE {kind.where})" for kind in kinds)
    view = facts.view(plain)
    numbers = db.execute(f"SELECT {tests}, count(*) - count(DISTINCT hash(key)) FROM ({view})").fetchone() or ()
    problems: list[Problem] = []
    for kind, number in zip(kinds, numbers, strict=False):
        if number:
            problems += _told(db, facts.view(numbered), kind, number, name)
    if numbers and numbers[-1] and not sum(numbers[:-1]):
        problems += _told_doubles(db, facts.view(numbered), name)
    return problems, sum(problem.stands_for for problem in problems)


def _kinds(db: "duckdb.DuckDBPyConnection", plain: str, facts: Facts) -> list[Kind]:
    zeros = _wrong_pattern(facts.pattern) if facts.pattern else _lost_zeros(db, plain, facts)
    if facts.kind is CheckKind.TEXT:
        return [*_ALWAYS, *zeros, _NO_FACT]
    return [*_ALWAYS, *zeros, *_DATES, *([_HALF_TURNED] if _is_half_turned(db, plain, facts) else [])]


def _wrong_pattern(pattern: str) -> list[Kind]:
    """Numbers that are not of their pattern; those that are with a zero before them have lost it."""
    sql = _quoted(pattern)
    wrong = f"key <> '' AND NOT regexp_full_match(key, {sql}) AND NOT regexp_full_match(raw_key, {sql})"
    padded = f"(regexp_full_match('0' || key, {sql}) OR regexp_full_match('00' || key, {sql}))"
    return [
        Kind(f"{wrong} AND {padded}", lambda key, _check: _("{key} has lost its leading zero: {cure}", key=key, cure=_AS_TEXT)),
        Kind(
            f"{wrong} AND NOT {padded}",
            lambda key, _check: _("{key} is no number of the pattern {pattern}", key=key, pattern=pattern),
        ),
    ]


def _lost_zeros(db: "duckdb.DuckDBPyConnection", plain: str, facts: Facts) -> list[Kind]:
    """Numbers a digit shorter than most, where none begins with a zero: the shorter ones may have begun with it."""
    sql = (
        f"SELECT length(key), count(*), count(*) FILTER (WHERE key LIKE '0%') FROM ({facts.view(plain)}) "
        "WHERE regexp_full_match(key, '[0-9]+') GROUP BY 1 ORDER BY 2 DESC"
    )
    lengths = db.execute(sql).fetchall()
    if len(lengths) != 2 or any(zeros for _length, _rows, zeros in lengths):
        return []
    usual, shorter = lengths[0][0], lengths[1][0]
    if usual < SURE_DIGITS or shorter != usual - 1:
        return []
    return [
        Kind(
            f"regexp_full_match(key, '[0-9]{{{shorter}}}')",
            lambda key, _check: _(
                "{key} is a digit shorter than the others, of which none begins with 0: it has lost its zero, or say what "
                "numbers look like: {option}",
                key=key,
                option=Cure.OPTION(key_pattern=f"[0-9]{{{shorter},{usual}}}"),
            ),
        )
    ]


def _is_half_turned(db: "duckdb.DuckDBPyConnection", plain: str, facts: Facts) -> bool:
    """Whether days up to 12 are dates and all others text: what Excel with American settings makes of Vietnamese dates."""
    iso, text = _ISO.format("raw_check"), _DMY.format("raw_check")
    sql = (
        f"SELECT count(*) FILTER (WHERE {iso}), max(day) FILTER (WHERE {iso}), "
        f"count(*) FILTER (WHERE {text}), min(day) FILTER (WHERE {text}) "
        f"FROM (SELECT raw_check, try_cast(right(fact, 2) AS INTEGER) AS day FROM ({facts.view(plain)}) WHERE fact <> '')"
    )
    row = db.execute(sql).fetchone()
    dates, last, texts, first = row or (0, 0, 0, 0)
    return bool(dates and texts and last <= 12 < first)


def _told(db: "duckdb.DuckDBPyConnection", view: str, kind: Kind, number: int, name: str) -> list[Problem]:
    sql = f"SELECT line, raw_key, raw_check FROM ({view}) WHERE {kind.where} ORDER BY line LIMIT {TOLD_OF_A_KIND}"
    rows = db.execute(sql).fetchall()
    told = [Problem(name, line, 1, "", kind.say(masked(key[:_SHOWN]), check[:_SHOWN])) for line, key, check in rows]
    return [*told, *_rest(told, number, name)]


def _rest(told: Sequence[Problem], number: int, name: str) -> list[Problem]:
    more = number - len(told)
    if more <= 0:
        return []
    sentence = _n("{count} more row like the one above", "{count} more rows like the one above", more, count=count(more))
    return [Problem(name, told[-1].line if told else 0, 2, "", sentence, more)]


def _told_doubles(db: "duckdb.DuckDBPyConnection", view: str, name: str) -> list[Problem]:
    sql = (
        f"SELECT key, min(line), max(line), sum(count(*) - 1) OVER () FROM ({view}) GROUP BY key HAVING count(*) > 1 "
        f"ORDER BY 2 LIMIT {TOLD_OF_A_KIND}"
    )
    rows = db.execute(sql).fetchall()
    told = [
        Problem(name, last, 1, "", _("the number {key} stands on line {first} already", key=masked(key[:_SHOWN]), first=first))
        for key, first, last, _all in rows
    ]
    return [*told, *_rest(told, int(rows[0][3]) if rows else 0, name)]
