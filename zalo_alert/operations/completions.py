"""Values that a command line may go on with: runs, accounts, campaign files, places, scenarios.

Answers at once, and with nothing where something is wrong: whoever presses Tab waits, and has not asked for an error. So the
config is looked through, not read as settings are, and no run is opened.
"""

import csv
import re
from contextlib import suppress
from pathlib import Path

from zalo_alert.foundation.files import contents
from zalo_alert.foundation.layout import CONFIG_NAME, STATE_DIR, archive_of, runs_of

MOST_BYTES = 2 << 20  # of a list of accounts; the whole country's takes one
MOST_FILES = 200
_COMMENT = re.compile(r"(?:^|[ \t])#.*", re.MULTILINE)
_ACCOUNTS = re.compile(r"^accounts:.*?(?=^[a-z]|\Z)", re.MULTILINE | re.DOTALL)
_ID = re.compile(r"(?<!\w)id:[ \t]*[\"']?([\w.-]+)")
_ACCOUNTS_FILE = re.compile(r"^accounts_file:[ \t]*[\"']?([^\"'\r\n]+)", re.MULTILINE)


def run_names(workspace: Path) -> list[str]:
    """Name the runs of a workspace, the newest first."""
    with suppress(OSError):
        folders = [path for path in runs_of(workspace).iterdir() if not path.name.startswith(".")]
        newest_first = sorted(folders, key=lambda folder: folder.stat().st_mtime, reverse=True)
        return [folder.name for folder in newest_first if (folder / "run.db").is_file()]
    return []


def archived_names(workspace: Path) -> list[str]:
    """Name the archived runs of a workspace, the one archived last first."""
    with suppress(OSError):
        folders = [path for path in archive_of(workspace).iterdir() if not path.name.startswith(".")]
        return [folder.name for folder in sorted(folders, key=lambda folder: folder.stat().st_mtime, reverse=True)]
    return []


def account_ids(workspace: Path) -> list[str]:
    """Name the accounts of a workspace, as its config and its accounts file list them."""
    with suppress(OSError, UnicodeDecodeError, csv.Error):
        config = _COMMENT.sub("", contents(workspace / CONFIG_NAME, MOST_BYTES).decode())
        accounts, named = _ACCOUNTS.search(config), _ACCOUNTS_FILE.search(config)
        listed = _listed_ids(workspace / named[1].strip()) if named else ()
        return list(dict.fromkeys((*_ID.findall(accounts[0] if accounts else ""), *listed)))
    return []


def _listed_ids(file: Path) -> list[str]:
    rows = csv.DictReader(contents(file, MOST_BYTES).decode("utf-8-sig").splitlines())
    return [row["id"].strip() for row in rows if row.get("id")]


def campaign_files(typed: str) -> list[str]:
    """Name the YAML files that a path may go on to, in its folder and the folders of that.

    Args:
        typed: The beginning of a path, as it was typed.
    """
    return _files(typed, (".yaml", ".yml"))


def article_files(typed: str) -> list[str]:
    """Name the Markdown files that a path may go on to; see `campaign_files`."""
    return _files(typed, (".md",))


def _files(typed: str, endings: tuple[str, ...]) -> list[str]:
    folder = typed[: typed.rfind("/") + 1]
    names = _files_in(folder, typed, endings)
    with suppress(OSError):
        for path in sorted(Path(folder).iterdir()):
            inner = f"{folder}{path.name}/"
            if not path.name.startswith(".") and inner.startswith(typed) and path.is_dir():
                names += _files_in(inner, typed, endings)
    return names[:MOST_FILES]


def _files_in(folder: str, typed: str, endings: tuple[str, ...]) -> list[str]:
    with suppress(OSError):
        names = (f"{folder}{path.name}" for path in sorted(Path(folder).iterdir()) if path.name != CONFIG_NAME)
        return [name for name in names if name.startswith(typed) and name.endswith(endings)]
    return []


def published_articles(workspace: Path) -> list[str]:
    """Name the articles that were published."""
    from zalo_alert.articles import store
    from zalo_alert.errors import ZaloAlertError

    with suppress(OSError, ZaloAlertError):
        if store.is_there(workspace / STATE_DIR):
            with store.opened(workspace / STATE_DIR) as standings:
                return list(dict.fromkeys(standing.name for standing in standings.all()))
    return []


def place_words(typed: str) -> list[tuple[str, str]]:
    """List the codes and names of places that a selector may go on to, each with what it means."""
    from zalo_alert import places  # the tables take 30 ms to load

    rows = places.list_areas()
    words = {row.key: row.name for row in rows} | {row.name: row.key for row in rows}
    return [(word, meaning) for word, meaning in words.items() if word.startswith(typed)]


def schedule_names(workspace: Path) -> list[str]:
    """Name what the clock does for a workspace."""
    from zalo_alert.foundation.layout import STATE_DIR
    from zalo_alert.timetable.entry import Entries

    with suppress(OSError):
        return Entries(workspace / STATE_DIR).names()
    return []


def task_words() -> list[tuple[str, str]]:
    """List the upkeep that the clock can do, each with what it does."""
    from zalo_alert.operations.schedule_tasks import TASKS

    return [(name, str(task.about)) for name, task in TASKS.items()]


def hazard_words() -> list[tuple[str, str]]:
    """List the hazards that have templates, each with its name."""
    from zalo_alert.campaign.hazards import HAZARDS
    from zalo_alert.library.load import load_library

    return [(code, HAZARDS[code].name) for code in load_library(None).hazards()]


def stage_words() -> list[tuple[str, str]]:
    """List the stages that templates have, each with its Vietnamese name."""
    from zalo_alert.operations.new_questions import STAGES

    return [(stage.value, names[0]) for stage, names in STAGES.items()]


def account_levels() -> list[str]:
    """Name the levels that an account may have."""
    from typing import get_args

    from zalo_alert.settings.form import AccountForm

    return list(get_args(AccountForm.model_fields["level"].annotation))


def scenario_names() -> list[str]:
    """Name the sandbox's bad days."""
    from zalo_alert.sandbox.scenarios import SCENARIOS

    return list(SCENARIOS)
