"""Runs for tests of the wall screen: frozen on the disk, with outcomes as a sender would have written them."""

from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path

from zalo_alert.book import Book, Selection
from zalo_alert.campaign import parse as campaign_file
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.ledger.base import Entry, Window
from zalo_alert.models import Reason, State
from zalo_alert.operations.scaffold import create
from zalo_alert.planning import plan
from zalo_alert.planning.freeze import FreezeRequest, freeze
from zalo_alert.planning.planner import make_plan
from zalo_alert.runs.lifecycle import RunState
from zalo_alert.runs.run import Run
from zalo_alert.runs.store import Runs
from zalo_alert.settings import load
from zalo_alert.testing import drill

_WHY = {State.REJECTED: (-213, Reason.DEAD), State.UNKNOWN: (0, Reason.NO_ANSWER)}


def make_workspace(folder: Path, now: datetime, people: int = 200) -> Path:
    """Make a workspace with some followers in Huế and Quảng Trị."""
    create(folder, now)
    rows = (f"{100_000_000_000 + n},{'Huế' if n % 2 else 'Quảng Trị'}" for n in range(people))
    (folder / "ids.csv").write_text("user_id,province\n" + "\n".join(rows), encoding="utf-8")
    book = Book(folder / ".zalo-alert" / "book" / "388613280878808645")
    book.import_rows(folder / "ids.csv", "ids.csv", rejects=folder / "r.csv", clock=SystemClock())
    return folder


def freeze_run(folder: Path, now: datetime, code: str, **changes: str) -> Run:
    """Freeze a campaign of `drill`; `text` and `headline` replace its own, `head` is put before everything."""
    own = {name: changes.pop(name) for name in ("text", "headline", "head") if name in changes}
    text = drill(now, code=code, **changes)
    text = own.get("head", "") + text.replace("HẾT TIN", f"{own.get('text', '')} HẾT TIN")
    text = text.replace("headline: DIỄN TẬP", f"headline: '{own.get('headline', 'DIỄN TẬP')}'")
    settings = load.load(folder, {})
    book = Book(folder / ".zalo-alert" / "book" / "388613280878808645")
    campaign = campaign_file.parse(text.encode(), "c.yaml")
    sources = (plan.Source(settings.accounts[0], book, Selection()),)
    made = make_plan(campaign, sources, settings, now)
    return freeze(FreezeRequest(made, text.encode(), sources, settings), Runs(settings.state_dir / "runs"), now)


def settle(run: Run, now: datetime, outcomes: Mapping[State, int]) -> None:
    """Have the next people of a run settled, as many in each state as is said."""
    people = sum(outcomes.values())
    states = [state for state, number in outcomes.items() for _ in range(number)]
    with closing(run.ledger()) as ledger, closing(run.audience()) as audience:
        first = ledger.next_number
        ledger.record(window=Window(first, people))
        places = [person.place for person in audience.people(range(first, first + people))]
        at_s = int(now.timestamp())
        ledger.record(
            settled=[
                Entry(number, state, place, 0, 1, *_WHY.get(state, (0, Reason.NONE)), 0, at_s, 0, "m")
                for number, place, state in zip(range(first, first + people), places, states, strict=True)
            ]
        )


def begin(run: Run, now: datetime) -> None:
    """Have a run begun."""
    run.move(RunState.SENDING, "", now)


def finish(run: Run, now: datetime) -> None:
    """Have a run finished."""
    run.move(RunState.FINISHED, "", now)
