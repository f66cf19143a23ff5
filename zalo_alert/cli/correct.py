"""`correct` and `all-clear`: what follows an alert, to those whom it reached."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.campaign.lifecycle import Start
from zalo_alert.cli import completions, outlet
from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import (
    HERE,
    DespiteCommand,
    DespiteWordingOption,
    DetachOption,
    JsonOption,
    KeyOption,
    WorkspaceOption,
    pairs_of,
)
from zalo_alert.cli.send import ask_count
from zalo_alert.errors import Cure
from zalo_alert.language import _
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.approval.signer import Signer
    from zalo_alert.operations.follow_up import FollowUpDraft
    from zalo_alert.runs.run import Run

TextOption = Annotated[
    Path | None,
    typer.Option(
        "--text", metavar="FILE", show_default=False,
        help="Say this instead of what is ready: a text, or a .yaml with headline, text and routes.",
    ),
]  # fmt: skip
ArticleOption = Annotated[bool, typer.Option("--article", help="Broadcast an article too; more people see it than were reached.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Don't ask for the count; for scripts.")]


@app.command(cls=DespiteCommand)
def correct(
    run: Annotated[str, typer.Argument(help="The run that was wrong.", show_default=False, autocompletion=completions.runs)],
    text: TextOption = None,
    article: ArticleOption = False,
    despite: DespiteWordingOption = None,
    key: KeyOption = None,
    yes: YesOption = False,
    detach: DetachOption = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Stop a run that was wrong, at once, and tell exactly those whom it reached.

    Example: zalo-alert correct DT-TW-261124-01
    """
    from zalo_alert.cli.run_view import ShellObserver, go_on
    from zalo_alert.operations.follow_up import Wording
    from zalo_alert.operations.orders import Orders

    home = Workspace(workspace)
    if yes:
        outlet.endure()
    with _Agreeing(home, _("stopping the run"), _("Type the number of people to correct"), key, yes=yes) as agree:
        correction = home.correct(run, agree, Wording(text, article, pairs_of(despite)), ShellObserver())
        agree.sign(correction)
    go_on(home, correction, Orders(), detached=detach)


@app.command("all-clear", cls=DespiteCommand)
def all_clear(
    runs: Annotated[
        list[str],
        typer.Argument(help="The runs whose danger is over.", show_default=False, autocompletion=completions.runs),
    ],
    text: TextOption = None,
    article: ArticleOption = False,
    despite: DespiteWordingOption = None,
    now: Annotated[
        str, typer.Option("--now", metavar="WHY", help="Don't wait for 05:00 at night; say why.", show_default=False)
    ] = "",
    key: KeyOption = None,
    yes: YesOption = False,
    detach: DetachOption = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Tell everybody whom some runs reached, once, that the danger is over.

    Example: zalo-alert all-clear DT-TW-261124-01
    """
    from zalo_alert.cli.run_view import ShellObserver, go_on
    from zalo_alert.foundation.clock import SystemClock
    from zalo_alert.operations.follow_up import Wording
    from zalo_alert.operations.orders import Orders

    home = Workspace(workspace)
    if yes:
        outlet.endure()
    with _Agreeing(home, _("reading whom the runs reached"), _("Type the number of people to tell"), key, yes=yes) as agree:
        frozen = home.all_clear(runs, agree, Wording(text, article, pairs_of(despite)), ShellObserver())
        agree.sign(frozen)
    if now:
        frozen.note("by-night", now, SystemClock().now())
    go_on(home, frozen, Orders(start=Start.EARLY if now else Start.SOON), detached=detach)


class _Agreeing:
    """Shows what would follow, and has a person agree to it; a context manager, which says meanwhile what takes its time."""

    def __init__(self, workspace: Workspace, stage: str, question: str, key: Path | None, *, yes: bool) -> None:
        from contextlib import ExitStack

        self._workspace, self._stage, self._question, self._yes = workspace, stage, question, yes
        self._busy, self._key = ExitStack(), key
        self._signer: Signer | None = None

    def __enter__(self) -> "_Agreeing":
        self._busy.enter_context(display.status(self._stage))
        return self

    def __exit__(self, *error: object) -> None:
        self._busy.close()

    def __call__(self, draft: "FollowUpDraft") -> None:
        from zalo_alert.cli.follow_up_view import show_follow_up

        self._busy.close()
        show_follow_up(draft, self._workspace, asks=not self._yes)
        if not self._workspace.settings.direct:
            self._agree_live(draft)
        elif not self._yes:
            _confirm(draft, self._question)
        self._busy.enter_context(display.status(_("freezing those who were reached")))

    def _agree_live(self, draft: "FollowUpDraft") -> None:
        """Have an officer who may sign read the card and type it: what is real is never sent unread."""
        from zalo_alert.cli.card_view import ask_whether_read, show_card
        from zalo_alert.cli.officer_key import signer_of
        from zalo_alert.operations.agree_follow_up import check_officer
        from zalo_alert.operations.card import card_of_follow_up

        self._signer = signer_of(self._key)
        check_officer(self._signer, self._workspace.settings)
        card = card_of_follow_up(draft)
        show_card(card)
        ask_whether_read(card, _("nothing was sent"))

    def sign(self, run: "Run") -> None:
        """Have a live follow-up signed by whoever has read it; raise where another officer must approve it first."""
        if self._signer is None:
            return
        from zalo_alert.operations.agree_follow_up import agree_follow_up, require_approved

        self._busy.close()
        agreed = agree_follow_up(run, self._workspace.settings, self._signer)
        if agreed.trouble:
            display.say(agreed.trouble, style="yellow")
        require_approved(agreed)


def _confirm(draft: "FollowUpDraft", question: str) -> None:
    people = draft.people or len(draft.request.accounts)
    asked = question if draft.people else _("Type the number of accounts to broadcast from")
    again = _("read what stands above again; then {again}", again=_again(draft))
    ask_count(asked, people, again, _("add {option} when a script sends", option=Cure.OPTION(yes=True)))


def _again(draft: "FollowUpDraft") -> str:
    cure = Cure.CORRECT if draft.request.kind == "correction" else Cure.ALL_CLEAR
    return str(cure(" ".join(followed.run.id for followed in draft.request.followed)))
