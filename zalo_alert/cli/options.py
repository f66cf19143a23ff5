"""Arguments and options that several commands share: one meaning each."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperOption

from zalo_alert.cli import completions
from zalo_alert.errors import UsageError
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.language import _


def _find_workspace(context: typer.Context, folder: Path) -> Path:
    """Look upwards for the workspace where nobody has named one."""
    source = context.get_parameter_source("workspace")
    if source is None or source.name != "DEFAULT" or context.resilient_parsing:
        return folder
    from zalo_alert.operations.nearest_workspace import nearest_workspace

    return nearest_workspace(folder)


WorkspaceOption = Annotated[
    Path,
    typer.Option(
        "--workspace",
        envvar="ZALO_ALERT_WORKSPACE",
        help="Folder with zalo-alert.yaml.",
        file_okay=False,
        callback=_find_workspace,
        show_default="the nearest folder upwards that has one",
    ),
]
HERE = Path()
JsonOption = Annotated[bool, typer.Option("--json", help="JSON Lines on stdout, for scripts.")]
AccountOption = Annotated[
    str | None,
    typer.Option(
        "--account", help="Which OA, by its id in zalo-alert.yaml; default: the only one.", autocompletion=completions.accounts
    ),
]

CampaignArgument = Annotated[
    Path, typer.Argument(help="Campaign file.", show_default=False, autocompletion=completions.campaigns)
]
RecipientsOption = Annotated[
    str | None,
    typer.Option(
        "--recipients", help="File of ids, or - for stdin: one a line, CSV with a header, or NDJSON; only these are written to."
    ),
]
OutsideOption = Annotated[
    list[Path] | None,
    typer.Option("--allow-outside", help="A file or folder outside the workspace that messages may carry; may be repeated."),
]
RunArgument = Annotated[
    str | None,
    typer.Argument(
        help="Name of the run; default: the one being sent, else the open one, else the newest.",
        show_default=False,
        autocompletion=completions.runs,
    ),
]
DetachOption = Annotated[
    bool,
    typer.Option("--detach", help="Go on in the background; `status --watch` shows it, its output goes to the run's folder."),
]
StrictOption = Annotated[
    bool,
    typer.Option("--strict", help="End with 3 when anybody was not accepted, also those who have left the OA or were withheld."),
]
WaitOption = Annotated[bool, typer.Option("--wait", help="Wait for the campaign's `effective`, however far ahead it is.")]
EarlyOption = Annotated[bool, typer.Option("--early", help="Send now, though the campaign's `effective` is ahead.")]
DespiteOption = Annotated[
    str,
    typer.Option(
        "--despite-never", metavar="WHY", help="Immediate campaigns: go on although lists/never.txt can't be read; say why.",
        show_default=False,
    ),
]  # fmt: skip
KeyOption = Annotated[
    Path | None,
    typer.Option(
        "--key",
        envvar="ZALO_ALERT_KEY",
        help="What to sign with: a private key, or the .pub file of one in an agent or on a token.",
        show_default="~/.ssh/id_ed25519",
    ),
]
SignatureOption = Annotated[
    str,
    typer.Option(
        "--signature",
        metavar="FILE",
        help="Take a signature that was made elsewhere: its file, or - for stdin.",
        show_default=False,
    ),
]

DespiteWordingOption = Annotated[
    list[str] | None,  # pairs, in fact: see `DespiteCommand`
    typer.Option(
        "--despite", metavar="CODE WHY", show_default=False,
        help="Pass over an error of wording, by its code, for a reason that the approver reads; may be given again.",
    ),
]  # fmt: skip


class DespiteCommand(TyperCommand):
    """A command whose `--despite` takes two values, which an annotation can't say."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        for parameter in self.params:
            if parameter.name == "despite" and isinstance(parameter, TyperOption):
                parameter.nargs = 2
                parameter.type_descriptor = replace(parameter.type_descriptor, annotation=list[tuple[str, str]])


def pairs_of(despite: Sequence[Any] | None) -> tuple[tuple[str, str], ...]:
    """Return what `--despite` was given: codes of rules, each with the reason to pass over it."""
    return tuple((code, why) for code, why in despite or ())


HoursOption = Annotated[
    str,
    typer.Option(
        "--despite-hours",
        metavar="WHY",
        help="Begin at an hour at which nothing of the kind begins; say why.",
        show_default=False,
    ),
]
RestoreOption = Annotated[
    str,
    typer.Option(
        "--despite-restore", metavar="WHY", help="In a restored workspace: begin what another machine may have sent; say why.",
        show_default=False,
    ),
]  # fmt: skip
ClockOption = Annotated[
    str,
    typer.Option(
        "--despite-clock", metavar="WHY", help="Immediate campaigns: begin although this machine's clock is wrong; say why.",
        show_default=False,
    ),
]  # fmt: skip


def duration_s(text: str) -> float:
    """Read a stretch of time such as `90m`, `12h`, `7d`.

    Raises:
        UsageError: It is not one.
    """
    units = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
    number, unit = text[:-1], text[-1:]
    if unit not in units or not number.isdecimal() or len(number) > 6:
        raise UsageError(_('"{text}" is no stretch of time', text=text[:20]), hint=_("write it like 90m, 12h or 7d"))
    return float(number) * units[unit]


def instant_since(text: str, now: datetime) -> datetime:
    """Read an instant: a stretch of time back from now (`90m`), a day (its beginning), or a time of a day (`2026-11-26T17:00`).

    Raises:
        UsageError: It is none.
    """
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return now - timedelta(seconds=duration_s(text))
    return read if read.tzinfo else read.replace(tzinfo=VIETNAM)
