"""`demo`: the whole story on loopback, each step a command that the officer can type."""

import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zalo_alert.cli.app import app
from zalo_alert.cli.demo_story import Story, make_room, require_agreement
from zalo_alert.cli.display import display
from zalo_alert.cli.options import JsonOption
from zalo_alert.errors import ExitCode
from zalo_alert.language import Language, _, span
from zalo_alert.language.catalogue import VARIABLE
from zalo_alert.models import State

if TYPE_CHECKING:
    from zalo_alert.sandbox.agreement import Agreement

PER_MINUTE = 600_000  # fast enough to be worth watching, slow enough for two cores
PEOPLE = 200_000
CAMPAIGN = "campaigns/dien-tap-bao.yaml"
INBOUND_IN_THE_OTHER = {
    Language.EN: "Bằng tiếng Việt: zalo-alert demo --inbound --lang vi",
    Language.VI: "In English: zalo-alert demo --inbound --lang en",
}
IN_THE_OTHER = {  # each in the language of whom it is for
    Language.EN: f"Bằng tiếng Việt: {VARIABLE}=vi make demo, hoặc zalo-alert demo --lang vi",
    Language.VI: f"In English: {VARIABLE}=en make demo, or zalo-alert demo --lang en",
}
SHOWN = {
    State.ACCEPTED: _("reached exactly once"),
    State.UNKNOWN: _("claimed when the power went; some have it: held back, listed"),
    State.REJECTED: _("refused on every route: they do not follow"),
}


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--folder", help="Made anew each time.")] = Path("demo"),
    people: Annotated[
        int | None,
        typer.Option(
            "--people",
            min=1000,
            help="How many followers to invent; default: 200,000, or 3,000 with --inbound.",
            show_default=False,
        ),
    ] = None,
    inbound: Annotated[
        bool, typer.Option("--inbound", help="What comes back instead: receipts, opt-outs, a webhook killed on the way.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Show the whole story on this machine: followers, plan, send, a power cut, resume, report. Nothing leaves it.

    Example: zalo-alert demo
    """
    began_s = time.monotonic()
    make_room(folder)
    if inbound:
        from zalo_alert.cli.demo_inbound import PEOPLE as FEW
        from zalo_alert.cli.demo_inbound import tell

        tell(folder, people or FEW)
    else:
        _tell_outbound(folder, people or PEOPLE)
    display.say(
        _(
            "the report and the sandbox agree, person by person. The whole story took {time}; everything "
            "is in {folder}, type on from there",
            time=span(timedelta(seconds=time.monotonic() - began_s)),
            folder=folder,
        ),
        style="bold",
    )
    display.say((INBOUND_IN_THE_OTHER if inbound else IN_THE_OTHER)[display.catalogue.language])


def _tell_outbound(folder: Path, people: int) -> None:
    from zalo_alert.operations.serve import compare, read_states

    story = Story()
    story.begin(folder, PER_MINUTE)
    with story.sandbox("--app-per-minute", str(PER_MINUTE), "--dead", "0.01") as received:
        story.run("followers", "example", "followers.csv", "--people", str(people))
        story.run("followers", "import", "followers.csv")
        story.run("plan", CAMPAIGN)
        story.run_until(lambda: received.stats()["accepted"] >= people // 2, "send", CAMPAIGN, "--yes")
        story.run("status")
        story.run("resume", may_end=(0, ExitCode.NOT_EVERYONE))
        story.run("report")
        story.run("export", "states.csv")
        agreement = compare(read_states(folder / "states.csv"), received.reached())
    _show(agreement)
    require_agreement(agreement.problems, folder)


def _show(agreement: "Agreement") -> None:
    display.fact(
        "agreement", totals={state.value: agreement.people[state] for state in State},
        reached={state.value: agreement.reached[state] for state in State}, twice=agreement.twice,
        strangers=agreement.strangers, problems=agreement.problems,
    )  # fmt: skip
    rows = [
        (state.value, agreement.people[state], agreement.reached[state], SHOWN.get(state, ""))
        for state in State
        if agreement.people[state]
    ]
    rows.append((_("twice"), 0, agreement.twice, _("reached more than once")))
    columns = (_("state"), _("report says"), _("sandbox has"), "")
    display.table(_("the report beside what the sandbox received"), columns, rows)
