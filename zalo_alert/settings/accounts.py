"""The accounts of a workspace: those of its config and those of its accounts file, each id once."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from sys import intern
from typing import NamedTuple

from zalo_alert.errors import Problem, SettingsInvalid
from zalo_alert.foundation import shape_errors
from zalo_alert.foundation.yaml_document import MAX_PROBLEMS, Document
from zalo_alert.language import _
from zalo_alert.models import AccountId
from zalo_alert.settings.form import AccountForm, SettingsForm
from zalo_alert.settings.model import Account
from zalo_alert.settings.text_files import read_text

MAX_ACCOUNTS_BYTES = 16 << 20  # 15,000 OAs, the whole country's, take one
_COUNT = re.compile("[0-9]{1,9}")
_ABOUT = ("hours_text", "address", "phone", "map_url")  # what answers say of an office most often; others are named with `oa.`
_OA = "oa."
_LISTS = ("areas", "more_apps", "tags")
_COLUMNS = ("id", "oa_id", "app_id", "level", "areas", "per_minute", "more_apps", "tags", *_ABOUT)


class _Listed(NamedTuple):
    """An account, and where it stands: its file, line and column, and the path of its keys in the file."""

    form: AccountForm
    file: str
    line: int
    column: int
    path: str

    def problem(self, key: str, message: str) -> Problem:
        """Make a problem of one of its values."""
        return Problem(self.file, self.line, self.column, f"{self.path}.{key}".lstrip("."), message)


def gather_accounts(workspace: Path, config: SettingsForm, document: Document) -> tuple[tuple[Account, ...], list[Problem]]:
    """Put the accounts of the config and of its `accounts_file` together; each of ours and of Zalo's ids stands once."""
    accounts = _of_config(config, document)
    problems: list[Problem] = []
    if config.accounts_file is not None:
        rows, problems = _of_file(workspace / config.accounts_file)
        accounts += rows
    if not accounts and not problems:
        problems.append(document.problem(("accounts",), _("is empty: name at least one OA, or an accounts_file")))
    problems += _find_repeated(accounts)
    return tuple(_account(account.form) for account in accounts), problems[:MAX_PROBLEMS]


def read_accounts_file(path: Path) -> tuple[Account, ...]:
    """Read a file of accounts that is not the config's own.

    Raises:
        SettingsInvalid: It can't be read or has faults; all of them are told.
    """
    rows, problems = _of_file(path)
    problems += _find_repeated(rows)
    if problems:
        raise SettingsInvalid(
            _("{path} is no sound accounts file", path=path),
            hint=_("correct it; each id and oa_id stands once"),
            problems=problems[:MAX_PROBLEMS],
        )
    return tuple(_account(row.form) for row in rows)


def _of_config(config: SettingsForm, document: Document) -> list[_Listed]:
    return [
        _Listed(form, document.file, *document.position(("accounts", number, "id")), f"accounts[{number}]")
        for number, form in enumerate(config.accounts)
    ]


def _of_file(path: Path) -> tuple[list[_Listed], list[Problem]]:
    accounts, problems = [], []
    for line, row in _rows(path):
        form, faults = _read_row(row)
        problems += [Problem(str(path), line, 1, *fault) for fault in faults]
        if form:
            accounts.append(_Listed(form, str(path), line, 1, ""))
    return accounts, problems


def _find_repeated(accounts: Iterable[_Listed]) -> Iterator[Problem]:
    """Name every id that an account before has too."""
    seen: set[tuple[str, str]] = set()
    for account in accounts:
        for key in ("id", "oa_id"):
            value = getattr(account.form, key)
            if (key, value) in seen:
                yield account.problem(key, _('"{value}" stands twice', value=value))
            seen.add((key, value))


def _account(form: AccountForm) -> Account:
    areas, tags = tuple(map(intern, form.areas)), tuple(map(intern, form.tags))  # thousands of accounts share a few
    more_apps = tuple(app for app in map(intern, dict.fromkeys(form.more_apps)) if app != form.app_id)
    return Account(AccountId(form.id), form.oa_id, form.app_id, form.level, areas, form.per_minute, tags, form.about, more_apps)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    text = read_text(path, _("the accounts file"), MAX_ACCOUNTS_BYTES, "utf-8-sig")
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        _check_columns(path, list(map(str, rows.fieldnames or ())))
        for row in rows:
            if None in row:
                raise SettingsInvalid(
                    _("{path}:{line} has more fields than columns", path=path, line=rows.line_num),
                    hint=_("separate areas and tags by semicolons, and put a text with a comma in quotes"),
                )
            yield rows.line_num, {str(key): value for key, value in row.items() if isinstance(value, str)}
    except csv.Error as exc:
        raise SettingsInvalid(_("{path}:{line} can't be read as CSV: {why}", path=path, line=rows.line_num, why=exc)) from exc


def _check_columns(path: Path, names: Sequence[str]) -> None:
    unknown = sorted(name for name in {*names} - set(_COLUMNS) if not name.startswith(_OA))
    meant = [_meant(name) for name in names]
    twice = [name for name in names if meant.count(_meant(name)) > 1]
    if unknown or twice:
        raise SettingsInvalid(
            _("{path}:1 has a column {column}", path=path, column=repr(unknown[0]))
            if unknown
            else _("{path}:1 has a column {column} twice", path=path, column=repr(twice[0])),
            hint=_("columns are {columns}, and oa.NAME for what else answers say of an office", columns=", ".join(_COLUMNS)),
        )


def _meant(column: str) -> str:
    """Return a column's name as it counts: `oa.address` is `address`."""
    return column.removeprefix(_OA) if column.removeprefix(_OA) in _ABOUT else column


def _read_row(row: Mapping[str, str]) -> tuple[AccountForm | None, list[tuple[str, str]]]:
    """Read one line of an accounts file; areas, more_apps and tags are separated by semicolons."""
    values: dict[str, object] = {key: value.strip() for key, value in row.items() if value.strip()}
    for name in values.keys() & _LISTS:
        values[name] = [part.strip() for part in str(values[name]).split(";") if part.strip()]
    about = [name for name in values if name in _ABOUT or name.startswith(_OA)]
    if about:
        values["about"] = {intern(name.removeprefix(_OA)): values.pop(name) for name in about}
    if _COUNT.fullmatch(str(values.get("per_minute", ""))):
        values["per_minute"] = int(str(values["per_minute"]))
    return shape_errors.check(AccountForm, values)
