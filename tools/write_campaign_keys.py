"""Write the table at the end of docs/campaigns.md from the form of campaign files: `make docs`. A test says when it is old.

Keys, kinds, words and most of what they are for come from the form; the rest stands here, and a new key that neither explains
is an error.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from zalo_alert.campaign.form import REQUIRED, CampaignForm, PartForm, RouteForm
from zalo_alert.foundation.shape_errors import Meanings

PAGE = Path(__file__).parent.parent / "docs" / "campaigns.md"
MARK = "<!-- from here on made by `make docs` from zalo_alert/campaign/form.py -->\n"
MEANINGS: Mapping[str, str] = {
    "risk_level": "of Decision 18/2021, checked against the hazard",
    "onset": "when the danger comes",
    "audience.uncertain": "those of whom nobody knows whether they live there",
    "routes[].type": "how people are reached; `transaction` and `promotion` are Zalo's kinds of message, with `message.text`",
    "routes[].buttons[].title": "what stands on it",
    "routes[].buttons[].url": "where it leads",
    "message.headline": "the title",
    "message.text": "what people read; may hold `{{ place }}`, `{{ code }}` and other fields",
    "variants[].areas": "where it holds",
    "limits.rate_per_s": "at most so many messages a second",
    "limits.attempts": "how often one person is tried",
    "limits.on_unknown": "what is done where no clear answer came; an Immediate campaign must say it",
    "schedule.lasts": "so that a text that shows its times shows those of the day, and nobody goes on with an old one",
    "schedule.missed": "what a timetable does with a time that nobody woke for ([cron](cron.md#schedule)); unset, `catch-up`",
    "schedule.overlap": "the same where the time before is still being sent; unset, `skip`",
    "correction.text": "what is sent when the alert was wrong; may hold the fields of `message.text`",
    "all_clear.text": "what is sent when the danger is over; the same",
    "status": "CAP's word: who should act",
    "msgType": "CAP's word: what it is to earlier ones",
    "urgency": "CAP's word",
    "severity": "CAP's word",
    "certainty": "CAP's word",
}
HEAD = """
## All keys

A key that is not in this list is an error, with its line and column. What *must* be there must be wherever the part that it
belongs to is given.

| key | is | must | for |
|---|---|---|---|
"""


def rows(form: type[PartForm] = CampaignForm, prefix: str = "") -> Iterator[str]:
    """Return a row of the table for every key of a form, by its path: `audience.exclude.tags`, `routes[].type`.

    The routes of what may follow an alert have the keys of its own: they are one row.

    Raises:
        KeyError: Of a key nobody has said what it is for.
    """
    for name, field in form.model_fields.items():
        key, kind = f"{prefix}{field.alias or name}", _bare(field.annotation)
        part = get_args(kind)[0] if get_origin(kind) is list else kind
        if part is RouteForm and prefix:
            yield f"| `{key}` | list, as `routes` |  | {_meaning(key, field)} |"
        elif (below := _by_name(kind)) is not None:
            shape = "by language" if prefix == "message." else "as `message.languages`"
            yield f"| `{key}` | {shape} |  | {_meaning(key, field)} |"
            yield from rows(below, f"{key}.km.") if prefix == "message." else ()
        elif isinstance(part, type) and issubclass(part, PartForm):
            yield from rows(part, f"{key}." if part is kind else f"{key}[].")
        else:
            must = "yes" if name in REQUIRED.get(form, ()) else ""
            yield f"| `{key}` | {_kind_of(kind, field)} | {must} | {_meaning(key, field)} |"


def page(text: str) -> str:
    """Return the page with its table as it is to be."""
    return text.partition(MARK)[0] + MARK + HEAD + "".join(f"{row}\n" for row in rows())


def _bare(annotation: Any) -> Any:
    if isinstance(annotation, UnionType) or get_origin(annotation) not in (None, list, dict, Literal):
        return next(part for part in get_args(annotation) if part is not NoneType)
    return annotation


def _by_name(kind: Any) -> type[PartForm] | None:
    """Return the form of what stands below each name that a file chooses; None where that is no form."""
    below = get_args(kind)[1] if get_origin(kind) is dict else None
    return below if isinstance(below, type) and issubclass(below, PartForm) else None


def _kind_of(kind: Any, field: FieldInfo) -> str:
    if get_origin(kind) is Literal:
        meant = next((each.words for each in field.metadata if isinstance(each, Meanings)), {})
        return "; ".join(f"`{word}`: {meant[word]}" if word in meant else f"`{word}`" for word in get_args(kind))
    if get_origin(kind) in (list, dict):
        named = "texts by name" if get_args(kind)[-1] is str else "values by name"
        return "list of texts" if get_origin(kind) is list else named
    return {str: "text", int: "whole number", float: "number", bool: "`true` or `false`"}[kind] + _bounds(field)


def _bounds(field: FieldInfo) -> str:
    limits = {name: getattr(each, name) for each in field.metadata for name in ("ge", "gt", "le") if hasattr(each, name)}
    low = f" from {limits['ge']}" if "ge" in limits else f" above {limits['gt']}" if "gt" in limits else ""
    return f"{low} to {limits['le']:,}".replace(",", " ") if "le" in limits else low


def _meaning(key: str, field: FieldInfo) -> str:
    said = MEANINGS[key] if key in MEANINGS or not field.description else str(field.description)
    return said.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
