"""`runs`: the runs of a workspace, all of them or those that are looked for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli import completions
from zalo_alert.cli.alert_kinds import kind_of
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption, instant_since
from zalo_alert.errors import Cure, UsageError, ZaloAlertError
from zalo_alert.foundation.suggestions import did_you_mean, nearest
from zalo_alert.language import _, _n, count, joined
from zalo_alert.models import State, Status
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from datetime import datetime

    from zalo_alert.operations.release import Release
    from zalo_alert.operations.run_search import Search
    from zalo_alert.reporting.status import Standing
    from zalo_alert.runs.lifecycle import RunState
    from zalo_alert.runs.run import Run

MOST_STANDING = 5  # runs that stand still of which more is said below the list; the latest ones
_COLUMNS = (_("run"), _("status"), _("state"), _("audience"), _("accepted"), _("unknown"), _("frozen"))


@app.command()
def runs(
    open_: Annotated[bool, typer.Option("--open", help="Only those that are not over.")] = False,
    since: Annotated[
        str,
        typer.Option("--since", metavar="DAY", help="Only those frozen since then: 7d, yesterday, 26/11 or 2026-11-26.",
                     show_default=False),
    ] = "",
    status: Annotated[
        list[str] | None,
        typer.Option("--status", metavar="WORD", show_default=False, autocompletion=completions.run_words,
                     help="Only those in this state, or of this status, as the list shows it; may be given again."),
    ] = None,
    archived: Annotated[bool, typer.Option("--archived", help="The archived ones as well.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """List the runs of this workspace.

    Example: zalo-alert runs --open
    """
    from zalo_alert.operations.run_search import find_runs

    home, search = Workspace(workspace), _search_of(open_, since, status or (), archived)
    rows: list[tuple[object, ...]] = []
    standing_still: list[str] = []
    found = find_runs(home.runs, search, lambda run, standing: rows.append(_row_of(run, standing, standing_still)))
    if rows:
        display.table("", _COLUMNS, rows, whole=1)
    elif not found.damaged:
        _say_none(home, found.looked_at, search)
    for sentence in standing_still[-MOST_STANDING:]:
        display.say(sentence)
    _tell_damaged(found.damaged)


def _search_of(is_open: bool, since: str, words: Sequence[str], archived: bool) -> "Search":
    from zalo_alert.operations.run_search import Search
    from zalo_alert.runs.lifecycle import RunState

    given = [_word_of(word) for word in words]
    return Search(
        is_open, _instant_of(since) if since else None, frozenset(word for word in given if isinstance(word, RunState)),
        frozenset(word for word in given if isinstance(word, Status)), archived,
    )  # fmt: skip


def _instant_of(text: str) -> "datetime":
    """Read since when: as every `--since`, or a day as an officer says it."""
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.operations.run_search import day_typed

    now = SystemClock().now()
    if day := day_typed(text, now):
        return day
    try:
        return instant_since(text, now)
    except UsageError as exc:
        raise UsageError(
            _('"{text}" is no day', text=text[:40]), hint=_("write it like 7d, yesterday, 26/11 or 2026-11-26")
        ) from exc


def _word_of(text: str) -> "RunState | Status":
    """Read a word of the list: of how a run stands, or of what kind it is; in English, or as the list shows it."""
    words = status_words()
    if (word := words.get(text.strip().casefold())) is not None:
        return word
    known = [str(word) for word in dict.fromkeys(words.values())]
    raise UsageError(
        _('"{word}" is no state and no status of a run', word=text[:40]),
        hint=did_you_mean(nearest(text, known)) or joined((_("the words are"), joined(known)), " "),
    )


def status_words() -> "dict[str, RunState | Status]":
    """Return what a run may be searched by: each word as scripts know it, and as people read it here."""
    from zalo_alert.runs.lifecycle import WORDS, RunState

    own: dict[str, RunState | Status] = {word.value.casefold(): word for word in (*RunState, *Status)}
    said = {display.text(WORDS[state]).casefold(): state for state in RunState}
    kinds = {display.text(kind_of(status)).casefold(): status for status in Status}
    return said | kinds | own


def _say_none(home: Workspace, looked_at: int, search: "Search") -> None:
    archived = 0 if search.archived else len(home.runs.archive.ids())
    if archived:
        number = _n("{count} run is archived", "{count} runs are archived", archived, count=count(archived))
        display.say(_("no run is like that; {archived}: {runs} shows them", archived=number, runs=Cure.RUNS(archived=True)))
    elif looked_at or search.is_narrow:
        display.say(_("no run is like that"))
    else:
        display.say(_("no run yet; {send} makes one", send=Cure.SEND("campaigns/….yaml")))


def _tell_damaged(damaged: Sequence[ZaloAlertError]) -> None:
    """Tell of each run that can't be read.

    Raises:
        StorageUnusable: There is one.
    """
    for exc in damaged[:-1]:
        display.say(joined(filter(None, (exc.message, exc.hint)), ": "), style="red")
    if damaged:
        raise damaged[-1]


def _row_of(run: "Run", standing: "Standing", standing_still: list[str]) -> tuple[object, ...]:
    """Return a run's row; add what is to be said of one that stands: why, and what can be done about it."""
    from zalo_alert.operations.release import release_of
    from zalo_alert.operations.run_search import archived_at
    from zalo_alert.reporting.report import broadcast_as_json, read_broadcast

    totals, broadcasts = run.totals(), read_broadcast(run)
    release, facts = release_of(run), run.facts
    display.fact(
        "run", run=run.id, status=facts.status, rehearsal=facts.is_rehearsal, audience=facts.audience,
        totals={s.value: totals[s] for s in State}, frozen_at=facts.frozen_at, archived_at=archived_at(run),
        broadcast=[broadcast_as_json(broadcast) for broadcast in broadcasts], **standing.as_json(), **release.as_json(),
    )  # fmt: skip
    if standing.cause:
        standing_still.append(_describe_standing(run.id, standing))
    kind = _("REHEARSAL") if facts.is_rehearsal else kind_of(facts.status)
    described = _describe_state(standing.state, release, is_archived=archived_at(run) is not None)
    frozen_at = f"{facts.frozen_at:%d/%m %H:%M}"
    return run.id, kind, described, facts.audience, totals[State.ACCEPTED], totals[State.UNKNOWN], frozen_at


def _describe_standing(run: str, standing: "Standing") -> str:
    from zalo_alert.reporting.status import standing_in_words

    why = _("{run}: {why}", run=run, why=standing_in_words(standing.state, standing.last))
    return joined(filter(None, (why, standing.cure)), " → ")


def _describe_state(state: "RunState", release: "Release", *, is_archived: bool) -> str:
    said = _("{state}, archived", state=state.value) if is_archived else state.value
    return _("{state} (by one person, not reviewed)", state=said) if release.is_unreviewed else said
