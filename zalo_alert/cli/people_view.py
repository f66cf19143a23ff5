"""What is told of one person: what is kept of them, and what forgetting them did. Talk names them by their mark."""

import re
import sys
from typing import TYPE_CHECKING

from zalo_alert.cli.display import display
from zalo_alert.errors import Cure, UsageError
from zalo_alert.foundation.clock import instant, words
from zalo_alert.language import _, _n, count, joined
from zalo_alert.operations.workspace import Workspace

if TYPE_CHECKING:
    from zalo_alert.operations.people import PersonFacts, Removed


def id_given(person: str) -> str:
    """Return the id of an argument, or of stdin's first line where it is "-": that stays out of the shell's history.

    Raises:
        UsageError: It is none.
    """
    user_id = (sys.stdin.readline() if person == "-" else person).strip().lstrip("0")
    if not re.fullmatch("[0-9]{5,25}", user_id):
        raise UsageError(
            _("an id is 5 to 25 digits"), hint=_("{export} writes the book, with each id", export=Cure.BOOK_EXPORT("book.csv"))
        )
    return user_id


def forget_shown(home: Workspace, account: str | None, person: str) -> None:
    """Forget somebody, and tell what that did."""
    from zalo_alert.cli.run_view import ShellObserver

    user_id = id_given(person)
    with display.status(_("looking through everything that is kept")):
        removed = home.forget(user_id, account, ShellObserver())
    traces, runs = removed.traces, [*removed.open_runs, *removed.ended_runs]
    display.fact(
        "forget", person=removed.mark, generations=removed.generations, rows=removed.rows, events=traces.events,
        receipts=traces.receipts, parked=traces.parked, known=traces.known, answers=traces.answers, cases=traces.cases,
        opt_out_kept=removed.is_marked, left=removed.left,
        runs=runs, open_runs=removed.open_runs,
    )  # fmt: skip
    if removed.rows or any(traces):
        display.show(_describe_removed(removed))
    else:
        display.say(_("nothing is kept of {person}", person=removed.mark))
    if removed.is_marked:
        display.say(_("{person} had opted out, and stays so: a mark is kept that names nobody", person=removed.mark))
    _show_runs(removed)


def _describe_removed(removed: "Removed") -> str:
    traces = removed.traces
    found = (
        _n("{rows} row of the book", "{rows} rows of the book", removed.rows, rows=count(removed.rows)),
        _n("{events} event", "{events} events", traces.events, events=count(traces.events)),
        _n("{receipts} receipt", "{receipts} receipts", traces.receipts, receipts=count(traces.receipts)),
        _n("{events} parked event", "{events} parked events", traces.parked, events=count(traces.parked)),
        _n("{answers} answer", "{answers} answers", traces.answers, answers=count(traces.answers)),
        _n("{cases} case", "{cases} cases", traces.cases, cases=count(traces.cases)),
    )
    return _(
        "{person} was taken out of {found}; everything was looked through again: {left} left",
        person=removed.mark,
        found=joined(found),
        left=count(removed.left),
    )


def _show_runs(removed: "Removed") -> None:
    if removed.open_runs:
        sentence = _(
            "{runs} still has {person} in its frozen audience, and writes to them no more: their id stays there until it ends",
            runs=joined(removed.open_runs),
            person=removed.mark,
        )
        display.say(sentence, style="yellow")
    if removed.ended_runs:
        sentence = _(
            "{runs} is over and has {person} in its frozen audience: remove the folder in time",
            runs=joined(removed.ended_runs),
            person=removed.mark,
        )
        display.say(sentence, style="yellow")


def _receipts(facts: "PersonFacts") -> dict[str, int]:
    """Return how many receipts of each kind there are, by what the kind is called."""
    from zalo_alert.cli.webhook_words import RECEIPT_WORDS
    from zalo_alert.inbound.event import ReceiptKind

    return {str(RECEIPT_WORDS[ReceiptKind(kind)]): number for kind, number in facts.receipts.items()}


def person_shown(facts: "PersonFacts", file: str | None = None) -> None:
    """Tell what is kept of somebody."""
    known = facts.known
    first_at, last_at = (instant(known[name] / 1000) if known.get(name) else None for name in ("first_ms", "last_in_ms"))
    followed = None if known.get("followed") is None else bool(known["followed"])
    display.fact(
        "person", person=facts.mark, events=dict(facts.events), receipts=dict(facts.receipts), parked=facts.traces.parked,
        first_at=first_at, last_at=last_at, followed=followed, told=bool(facts.told), in_book=bool(facts.book),
        place=facts.book.get("place") or "", open_runs=facts.open_runs, ended_runs=facts.ended_runs, file=file,
        opted_out=facts.has_opted_out, cases=[case.no for case, _ in facts.cases], answers=facts.traces.answers,
    )  # fmt: skip
    never, yes, no = _("never"), _("yes"), _("no")
    rows = [
        (_("first event"), words(first_at) if first_at else never),
        (_("last wrote or acted"), words(last_at) if last_at else never),
        (_("follows, as the webhook had it"), {True: yes, False: no, None: _("nothing known")}[followed]),
        (_("opted out by a message"), yes if facts.has_opted_out else no),
        (_("in the follower book"), yes if facts.book else no),
        *((name, count(number)) for name, number in sorted(facts.events.items())),
        *((kind, count(number)) for kind, number in sorted(_receipts(facts).items())),
        (_("automatic and other answers to them"), count(facts.traces.answers)),
        (_("cases"), joined(case.no for case, _ in facts.cases) or "–"),
        (_("parked events that name them"), count(facts.traces.parked)),
        (_("runs that are not over"), joined(facts.open_runs) or "–"),
        (_("runs that are over"), joined(facts.ended_runs) or "–"),
    ]
    display.table(facts.mark, (_("what is kept"), ""), rows)
