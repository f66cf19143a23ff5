"""What a shell is answered when somebody presses Tab: values for arguments and options, and which words were typed.

Never an error: what can't be known is not offered.
"""

import os
import shlex
from pathlib import Path

import typer

COMPLETING = "_ZALO_ALERT_COMPLETE"  # set by the shells' scripts


def runs(context: typer.Context) -> list[str]:
    """Offer the runs of the workspace."""
    from zalo_alert.operations.completions import run_names

    return run_names(_workspace_of(context))


def runs_to_read(context: typer.Context) -> list[str]:
    """Offer the runs of the workspace, and the archived ones behind them."""
    from zalo_alert.operations.completions import archived_names, run_names

    workspace = _workspace_of(context)
    return list(dict.fromkeys((*run_names(workspace), *archived_names(workspace))))


def archived_runs(context: typer.Context) -> list[str]:
    """Offer the archived runs of the workspace."""
    from zalo_alert.operations.completions import archived_names

    return archived_names(_workspace_of(context))


def run_words() -> list[str]:
    """Offer the words that `runs` shows of a run: how it stands, and what kind it is."""
    from zalo_alert.models import Status
    from zalo_alert.runs.lifecycle import RunState

    return [*RunState, *Status]


def schedules(context: typer.Context) -> list[str]:
    """Offer what is done by the clock."""
    from zalo_alert.operations.completions import schedule_names

    return schedule_names(_workspace_of(context))


def schedule_tasks() -> list[tuple[str, str]]:
    """Offer the upkeep that can be done by the clock."""
    from zalo_alert.operations.completions import task_words

    return task_words()


def accounts(context: typer.Context) -> list[str]:
    """Offer the accounts of the workspace."""
    from zalo_alert.operations.completions import account_ids

    return account_ids(_workspace_of(context))


def campaigns(incomplete: str) -> list[str]:
    """Offer files that may hold a campaign."""
    from zalo_alert.operations.completions import campaign_files

    return campaign_files(incomplete)


def articles(incomplete: str) -> list[str]:
    """Offer files that may hold an article."""
    from zalo_alert.operations.completions import article_files

    return article_files(incomplete)


def article_names(context: typer.Context) -> list[str]:
    """Offer the articles that were published."""
    from zalo_alert.operations.completions import published_articles

    return published_articles(_workspace_of(context))


def levels() -> list[str]:
    """Offer the levels that an account may have."""
    from zalo_alert.operations.completions import account_levels

    return account_levels()


def places(incomplete: str) -> list[tuple[str, str]]:
    """Offer codes and names of places."""
    from zalo_alert.operations.completions import place_words

    return place_words(incomplete)


def hazards() -> list[tuple[str, str]]:
    """Offer the hazards that have templates."""
    from zalo_alert.operations.completions import hazard_words

    return hazard_words()


def stages() -> list[tuple[str, str]]:
    """Offer the stages of templates."""
    from zalo_alert.operations.completions import stage_words

    return stage_words()


def scenarios() -> list[str]:
    """Offer the sandbox's bad days."""
    from zalo_alert.operations.completions import scenario_names

    return scenario_names()


def _workspace_of(context: typer.Context) -> Path:
    from zalo_alert.errors import SettingsInvalid
    from zalo_alert.operations.nearest_workspace import nearest_workspace

    named = context.params.get("workspace")
    if named and Path(named) != Path():
        return Path(named)
    try:
        return nearest_workspace(Path())
    except SettingsInvalid:  # somebody else's: it is not looked into
        return Path()


def typed_words() -> list[str]:
    """Return the words after the command's name that a shell asks about; none where this is no such question."""
    if COMPLETING not in os.environ:
        return []
    _take_whole_line()
    line = os.environ.get("_TYPER_COMPLETE_ARGS") or os.environ.get("COMP_WORDS", "")
    return line.split()[1:]


def _take_whole_line() -> None:
    """Tell bash's words as a shell would part them: bash itself also parts at the colon of `new:44` and the @ of a run's name."""
    line = os.environ.get("COMP_LINE")
    if line is None or os.environ[COMPLETING] != "complete_bash":
        return
    lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        words = list(lexer)
    except ValueError:  # a quote is still open
        words = line.split()
    os.environ["COMP_WORDS"], os.environ["COMP_CWORD"] = line, str(len(words) if line[-1:].isspace() else len(words) - 1)
