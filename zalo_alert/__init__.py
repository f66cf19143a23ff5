"""Nobody missed, nobody flooded: disaster alerts over Zalo Official Accounts.

Everything the command line does, a Python caller can do with these names; they are loaded when first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zalo_alert.book import Book, Selection
    from zalo_alert.campaign.parse import parse
    from zalo_alert.delivery.session import Line, send
    from zalo_alert.errors import ExitCode, ZaloAlertError
    from zalo_alert.models import Campaign, State
    from zalo_alert.planning.freeze import FreezeRequest, freeze
    from zalo_alert.planning.plan import Plan, Source
    from zalo_alert.reporting.report import Report
    from zalo_alert.runs.run import Run
    from zalo_alert.runs.store import Runs
    from zalo_alert.settings.load import load
    from zalo_alert.settings.model import Settings

__all__ = [
    "Book",
    "Campaign",
    "ExitCode",
    "FreezeRequest",
    "Line",
    "Plan",
    "Report",
    "Run",
    "Runs",
    "Selection",
    "Settings",
    "Source",
    "State",
    "ZaloAlertError",
    "freeze",
    "load",
    "parse",
    "send",
]

_HOMES = {
    "Book": "book", "Selection": "book", "parse": "campaign.parse", "ExitCode": "errors", "ZaloAlertError": "errors",
    "Campaign": "models", "State": "models",
    "Plan": "planning.plan", "Source": "planning.plan", "freeze": "planning.freeze", "FreezeRequest": "planning.freeze",
    "Report": "reporting.report",
    "Run": "runs.run", "Runs": "runs.store",
    "Line": "delivery.session", "send": "delivery.session", "Settings": "settings.model", "load": "settings.load",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    # Loaded on demand: duckdb and pydantic take longer to import than `--help` takes to print.
    if name not in _HOMES:
        raise AttributeError(f"zalo_alert has no {name}")
    return getattr(import_module(f"zalo_alert.{_HOMES[name]}"), name)
