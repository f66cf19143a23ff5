"""What people read, with how many of them: each text of a run by route and variant, and what stood ready to follow it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from zalo_alert.approval.contents import ready_of, texts_of
from zalo_alert.ledger.base import Detail
from zalo_alert.models import Campaign, RouteType, State
from zalo_alert.reporting.full_report import ReadText, ReadyText
from zalo_alert.runs.facts import RunPlace


def texts_read(campaign: Campaign, run_places: Sequence[RunPlace], details: Sequence[Detail]) -> Iterator[ReadText]:
    """Yield each text that differs in more than the name of a place, as its largest place reads it.

    Args:
        campaign: As frozen.
        run_places: By number.
        details: Of the ledger.
    """
    accepted: Counter[tuple[int | None, int]] = Counter()
    for detail in details:
        if detail.state is State.ACCEPTED:
            accepted[run_places[detail.place].variant, detail.route] += detail.people
    whole, route = accepted.total(), -1
    variant: Any = object()
    for text in texts_of(campaign, run_places):
        if text["route"] == "broadcast":
            yield _text(text, None, None)
            continue
        route = route + 1 if text["variant"] == variant else 0  # they come variant by variant, each with all routes in order
        variant = text["variant"]
        people = accepted[variant, route]
        yield _text(text, people, people / whole if whole else None)


def _text(text: dict[str, Any], people: int | None, share: float | None) -> ReadText:
    return ReadText(
        text["place"], str(RouteType(text["route"])) if text["route"] in tuple(RouteType) else text["route"],
        text.get("headline", ""), text.get("text", ""), text.get("template_id", ""), text.get("data", {}), people, share,
    )  # fmt: skip


def texts_ready(campaign: Campaign, run_places: Sequence[RunPlace]) -> Iterator[ReadyText]:
    """Yield what stood ready to be sent after the alert, as its largest place would read it."""
    for kind, ready in ready_of(campaign, run_places).items():
        yield ReadyText(kind, ready["place"], ready["headline"], ready["text"])
