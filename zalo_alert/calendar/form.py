"""The shape of a calendar file. Knows nothing of what must hold between its values, see `read`."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from zalo_alert.language import _

MONTH = r"^20[0-9]{2}-(0[1-9]|1[0-2])$"


class PartForm(BaseModel):
    """Every field may be absent, so that one fault does not hide the others."""

    model_config = ConfigDict(extra="forbid", strict=True)


class EntryForm(PartForm):
    """One article, or one for each week."""

    article: str | None = None
    articles: list[str] | None = None
    at: str | None = None
    weekly: str | None = None
    accounts: list[str] | None = None
    areas: list[str] | None = None
    broadcast: bool | None = None
    event: str | None = None
    hide_at: str | None = None


class CalendarForm(PartForm):
    """The whole file."""

    month: Annotated[str | None, Field(pattern=MONTH, description=_("a month of a year: 2026-12"))] = None
    missed: Literal["catch-up", "skip"] | None = None
    entries: list[EntryForm] | None = None
