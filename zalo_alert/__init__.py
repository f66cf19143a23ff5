"""Nobody missed, nobody flooded: disaster alerts over Zalo Official Accounts.

Everything the command line does, a Python caller can do with these names; they are loaded when first used. `Workspace` is the
door, and the others are what goes in and comes out.

    workspace = Workspace("thuc-hanh")
    run = workspace.freeze("campaigns/dien-tap-bao.yaml", agree=lambda draft: print(draft.plan.people))
    result = workspace.send(run)
    print(result.report.totals, result.verdict)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zalo_alert.campaign.parse import parse
    from zalo_alert.errors import Cure, ExitCode, Step, ZaloAlertError
    from zalo_alert.foundation.notices import Notice
    from zalo_alert.models import Campaign, State
    from zalo_alert.operations.draft import Draft
    from zalo_alert.operations.observing import Observer
    from zalo_alert.operations.orders import Orders
    from zalo_alert.operations.send import RunResult
    from zalo_alert.operations.serve import serve_sandbox
    from zalo_alert.operations.workspace import Workspace
    from zalo_alert.planning.plan import Plan
    from zalo_alert.reporting.report import Report
    from zalo_alert.reporting.status import RunStatus
    from zalo_alert.runs.run import Run

__all__ = [
    "Campaign",
    "Cure",
    "Draft",
    "ExitCode",
    "Notice",
    "Observer",
    "Orders",
    "Plan",
    "Report",
    "Run",
    "RunResult",
    "RunStatus",
    "State",
    "Step",
    "Workspace",
    "ZaloAlertError",
    "parse",
    "serve_sandbox",
]

_FILES = {
    "campaign.parse": "parse",
    "errors": "Cure ExitCode Step ZaloAlertError",
    "foundation.notices": "Notice",
    "models": "Campaign State",
    "operations.draft": "Draft",
    "operations.observing": "Observer",
    "operations.orders": "Orders",
    "operations.send": "RunResult",
    "operations.serve": "serve_sandbox",
    "operations.workspace": "Workspace",
    "planning.plan": "Plan",
    "reporting.report": "Report",
    "reporting.status": "RunStatus",
    "runs.run": "Run",
}
_HOMES = {name: file for file, names in _FILES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    # Loaded on demand: duckdb and pydantic take longer to import than `--help` takes to print.
    if name not in _HOMES:
        raise AttributeError(f"zalo_alert has no {name}")
    return getattr(import_module(f"zalo_alert.{_HOMES[name]}"), name)
