"""Arguments and options that several commands share: one meaning each."""

from pathlib import Path
from typing import Annotated

import typer

CampaignArgument = Annotated[Path, typer.Argument(help="Campaign file.", show_default=False)]
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
    typer.Argument(help="Name of the run; default: the one being sent, else the open one, else the newest.", show_default=False),
]
DetachOption = Annotated[
    bool,
    typer.Option("--detach", help="Go on in the background; `status --watch` shows it, its output goes to the run's folder."),
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
