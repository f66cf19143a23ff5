"""`watch`: every open run at once, at the terminal, or in a browser for the office's wall."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli.app import app
from zalo_alert.cli.display import display
from zalo_alert.cli.options import HERE, JsonOption, WorkspaceOption
from zalo_alert.errors import Cure, UsageError
from zalo_alert.language import _, joined

if TYPE_CHECKING:
    from zalo_alert.wall.card import Card
    from zalo_alert.wall.opening import OpenWall
    from zalo_alert.wall.watcher import WallState

PORT = 8630
EVERY_S = 1.0


@app.command()
def watch(
    web: Annotated[bool, typer.Option("--web", help="Show them in a browser instead, for a screen on the wall.")] = False,
    host: Annotated[
        str, typer.Option("--host", help="Address that other machines reach the wall screen by; it needs a password then.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="Its port; 0 takes a free one.", min=0, max=65_535)] = PORT,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser of this machine.")] = False,
    tls_cert: Annotated[
        Path | None, typer.Option("--tls-cert", help="File of a certificate (PEM): speak https.", dir_okay=False)
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option("--tls-key", help="File of its key (PEM, no passphrase).", dir_okay=False)
    ] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Watch all open runs of the workspace; --web shows them in a browser. Ctrl-C ends it, and no run.

    Example: zalo-alert watch --web --open
    """
    if web:
        _serve(_open(workspace, host, port, tls_cert, tls_key), in_browser=open_)
    else:
        _watch_here(workspace)


def _open(workspace: Path, host: str, port: int, chain: Path | None, key: Path | None) -> "OpenWall":
    from zalo_alert.wall.listening import Certificate
    from zalo_alert.wall.opening import Order, open_wall

    if (chain is None) != (key is None):
        missing = Cure.OPTION(tls_key="FILE") if key is None else Cure.OPTION(tls_cert="FILE")
        raise UsageError(_("a certificate and its key go together"), hint=_("add {option}", option=missing))
    return open_wall(workspace, Order(host, port, Certificate(chain, key) if chain and key else None))


def _serve(wall: "OpenWall", *, in_browser: bool) -> None:
    display.fact("wall", url=wall.url)
    display.say(_("the wall screen is at {url}; Ctrl-C ends it, and no run", url=wall.url))
    if wall.is_bare:
        bare = _("it speaks plain http: whoever listens in on the network can read the password and what is shown")
        display.say(bare, style="yellow")
    if in_browser:
        import webbrowser

        webbrowser.open(wall.url)
    wall.serve()


def _watch_here(workspace: Path) -> None:
    """Tell how every open run goes until none is open: the whole picture anew on a terminal, elsewhere what has changed."""
    import os

    from zalo_alert.operations.workspace import Workspace
    from zalo_alert.wall.watcher import Watcher

    Workspace(workspace).settings  # noqa: B018  (says what is wrong)
    watcher, told = Watcher(workspace, os.environ), dict[str, tuple[str, ...]]()
    try:
        while True:
            state = watcher.tick()
            cards = _open_cards(state)
            _show(cards, state, told)
            if not cards and not state.unopened:
                display.say(_("no run is open; {send} begins one", send=Cure.SEND("campaigns/….yaml")))
                return
            time.sleep(EVERY_S)
    except KeyboardInterrupt:  # whoever looks on has seen enough; the runs go on
        return
    finally:
        watcher.close()


def _open_cards(state: "WallState") -> "list[Card]":
    from zalo_alert.wall.card import card_of

    return [card for card in (card_of(run, state.at) for run in state.runs) if not card.is_over]


def _show(cards: "list[Card]", state: "WallState", told: dict[str, tuple[str, ...]]) -> None:
    """Tell what is new since it was last told, by run; on a terminal all of it once anything is."""
    fresh = {card.name: (card.mark, card.verdict, card.trouble, card.percent) for card in cards}
    read = [card for card in cards if card.word != "unread" or card.trouble]
    changed = [card for card in read if told.get(card.name, ())[:3] != fresh[card.name][:3]]
    is_drawn = display.out.is_terminal and not display.json
    if is_drawn and fresh != told:
        display.out.clear()
        changed = read
    told.clear()
    told.update(fresh)
    if changed and is_drawn:
        for conflict in state.conflicts:
            display.tell(conflict.sentence, style="red")
    for card in changed:
        _tell(card)


def _tell(card: "Card") -> None:
    display.fact(
        "watched", run=card.name, goes=card.word, detail=card.verdict, bad=card.is_bad, settled=card.done, audience=card.people
    )
    name = joined(filter(None, (card.name, card.mark, f"{card.percent} %" if card.percent else "")), "  ")
    display.tell(joined((name, card.verdict), ": "), style="red" if card.is_bad else "")
    if card.trouble:
        display.tell(card.trouble, style="red")
    if card.cure:
        display.tell(joined(("→", card.cure), " "))
