"""`audit`: the log of who did what, when and why, shown, checked, and added to by hand."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli import completions
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display, plain
from zalo_alert.cli.officer_key import signer_of
from zalo_alert.cli.options import HERE, JsonOption, KeyOption, WorkspaceOption, instant_since
from zalo_alert.errors import Cure, LogInvalid, PartlyDone, UsageError
from zalo_alert.foundation.clock import SystemClock, in_vietnam
from zalo_alert.foundation.suggestions import did_you_mean, nearest
from zalo_alert.language import _, _n, count, joined
from zalo_alert.language.formats import Moment
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.audit.line import Line
    from zalo_alert.operations.audit import Checked

group = typer.Typer(no_args_is_help=True, help="The log of who did what, when and why: shown, checked, and added to by hand.")
app.add_typer(group, name="audit")

NoteRunOption = Annotated[
    str, typer.Option("--run", help="Which run it is about.", show_default=False, autocompletion=completions.runs)
]


@group.command()
def show(
    run: Annotated[
        str, typer.Argument(help="Only what is about this run.", show_default=False, autocompletion=completions.runs)
    ] = "",
    since: Annotated[
        str, typer.Option("--since", help="Only what is younger: 90m, 12h, 7d, or a day such as 2026-11-26.", show_default=False)
    ] = "",
    event: Annotated[str, typer.Option("--event", help="Only events of this word, such as approve.", show_default=False)] = "",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Read the log, the newest line last.

    Example: zalo-alert audit show --since 12h
    """
    from zalo_alert.operations.audit import read_log

    _check_event(event)
    now = SystemClock().now()
    shown = 0
    begin, runs = instant_since(since, now) if since else None, Workspace(workspace).runs
    for line in read_log(runs, since=begin, run=run, event=event):
        _show(line, now.year)
        shown += 1
    if not shown:
        display.say(_("the log tells nothing of it") if run or since or event else _("the log is empty"))


def _check_event(event: str) -> None:
    from zalo_alert.audit.events import EVENTS

    if event and event not in EVENTS:
        known = sorted(EVENTS)
        raise UsageError(
            _('"{event}" is no event of the log', event=event[:40]),
            hint=did_you_mean(nearest(event, known)) or joined((_("known are"), joined(known)), " "),
        )


def _show(line: "Line", this_year: int) -> None:
    from zalo_alert.audit.events import words_of

    if display.json:
        display.fact(
            "audit", number=line.number, happened_at=line.at, event=line.event, who=line.who, user=line.user, run=line.run,
            why=line.why_said, facts=dict(line.facts), prev=line.prev,
        )  # fmt: skip
        return
    who = line.who or _("user {user}", user=line.user)
    what = words_of(line.event)
    told = _("{what}: {why}", what=what, why=line.why_said) if line.why else what
    text = joined(filter(None, (Moment(in_vietnam(line.at), this_year), who, line.run, told)), "  ")
    line_of_text = plain(" ".join(display.text(text, display.out).splitlines()))
    if display.out.is_terminal:
        display.tell(line_of_text)
    else:
        display.data([f"{line_of_text}\n"])


# --- checked -------------------------------------------------------------------------------------------------------------


@group.command()
def verify(
    request: Annotated[
        list[Path] | None,
        typer.Option("--request", help="A request that somebody has kept, to hold the log against; may be repeated.",
                     show_default=False),
    ] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Find out whether the log is what was written: no line changed, moved, removed or put in.

    Example: zalo-alert audit verify
    """
    from zalo_alert.operations.audit import verify_log

    with display.status(_("reading the log")):
        checked = verify_log(Workspace(workspace).runs, request or ())
    _show_checked(checked)


def _show_checked(checked: "Checked") -> None:
    verdict = checked.verdict
    for fault in verdict.faults:
        display.fact("audit-fault", line=fault.line, kind=fault.kind.value, message=fault.message)
        display.tell(fault.message, style="red")
    for trouble in checked.unread:
        display.say(trouble, style="yellow")
    display.fact(
        "audit-verified", file=str(checked.path), last_line=verdict.lines, head=verdict.head, sound=checked.is_sound,
        torn=verdict.torn, ends_torn=verdict.ends_torn, requests=checked.anchors, vouched=verdict.vouched,
        unread=len(checked.unread),
    )  # fmt: skip
    if verdict.faults:
        raise LogInvalid(
            _n("{count} fault in {path}", "{count} faults in {path}", len(verdict.faults), count=len(verdict.faults),
               path=checked.path),
            hint=_("keep the file as it is for whoever looks into it, and compare it with a backup"),
        )  # fmt: skip
    _tell_sound(checked)
    if checked.unread:
        raise PartlyDone(
            _n("{count} request could not be held against the log", "{count} requests could not be held against the log",
               len(checked.unread), count=len(checked.unread)),
            hint=_("name copies that others have kept: {verify}", verify=Cure.VERIFY(request="FILE")),
        )  # fmt: skip


def _tell_sound(checked: "Checked") -> None:
    verdict = checked.verdict
    lines = _n("{count} line", "{count} lines", verdict.lines, count=count(verdict.lines))
    display.done(_("the log is what was written: {lines}, each bound to the one before", lines=lines))
    if verdict.torn:
        display.say(
            _n("{count} line was cut short by a power cut, a crash or a full disk; the log says where",
               "{count} lines were cut short by a power cut, a crash or a full disk; the log says where",
               verdict.torn, count=verdict.torn)
        )  # fmt: skip
    if verdict.ends_torn:
        display.say(
            _("its last line is cut short, as a power cut or a crash leaves it; the next line will say so"), style="yellow"
        )
    if verdict.lines:
        display.say(_vouched(verdict.lines, verdict.vouched))


def _vouched(lines: int, vouched: int) -> str:
    if vouched == lines:
        return _("a signed request vouches for all of it")
    return _(
        "signed requests vouch for {vouched} of its lines; that nothing was cut off after those, nobody can tell yet",
        vouched=count(vouched),
    )


# --- added to by hand ----------------------------------------------------------------------------------------------------


@group.command()
def note(
    text: Annotated[str, typer.Argument(help="What was decided, and why.")],
    run: NoteRunOption = "",
    key: KeyOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Write a decision into the log, above all one not to send; with a key it is signed.

    Example: zalo-alert audit note "no alert: the dam holds, said by the operator at 22:10"
    """
    from zalo_alert.operations.audit import note

    author = note(Workspace(workspace).runs, text, signer_of(key) if key else None, run)
    display.fact("audit-noted", who=author, signed=key is not None, run=run)
    display.done(_("noted in the log, by {who}", who=author))


@group.command()
def review(
    run: Annotated[str, typer.Argument(help="Name of the run.", show_default=False, autocompletion=completions.runs)],
    text: Annotated[str, typer.Option("--note", help="What came of it.", show_default=False)] = "",
    key: KeyOption = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Sign that another officer has looked into what one sent alone, by break-glass.

    Example: zalo-alert audit review DT-TW-261124-01 --note "right, and in time" --key ~/.ssh/id_ed25519
    """
    from zalo_alert.operations.audit import review

    opened = Workspace(workspace).run(run)
    author = review(opened, text, signer_of(key))
    display.fact("audit-reviewed", run=opened.id, who=author)
    display.done(_("{run} is reviewed by {who}", run=opened.id, who=author))
