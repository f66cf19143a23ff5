"""The scenarios on a Python that shows itself to our own code as Windows would: `make windows`; see `sitecustomize.py`."""

import os
import subprocess
import sys
from pathlib import Path

# Each process begins anew with these: a fork has long looked at what it runs on. `PYTHONPATH` leads to `sitecustomize.py`.
ENVIRON = {"PYTHONPATH": str(Path(__file__).parent), "PYTHONIOENCODING": "cp1252", "PYTHONWARNDEFAULTENCODING": "1"}

MARKS = "not english and not mount"

_MODES = "Windows has no modes of files"
_SLOW = "wants a command to begin at once, and here each loads everything anew"
LEFT_OUT = {
    "test_files_that_others_may_read_and_what_a_killed_process_left_are_named": _MODES,
    "test_lists_that_can_not_be_read_and_a_workspace_that_anybody_may_change_are_named": _MODES,
    "test_a_live_workspace_says_who_else_reads_its_tokens_and_a_drill_does_not": _MODES,
    "test_nothing_is_sent_after_expires": _SLOW,
    "test_stop_from_another_terminal_drains_as_ctrl_c_does": _SLOW,
    "test_an_alert_that_look_ups_wait_for_is_named": _SLOW,
    "test_a_stop_counts_for_a_run_that_is_being_sent": _SLOW,
    "test_ctrl_c_while_the_article_is_made_leaves_nothing_in_doubt": "brings a sitecustomize of its own",
}


def main() -> int:
    """Run the scenarios on it."""
    command = [sys.executable, "-m", "pytest", *(sys.argv[1:] or ["tests/scenario"]), "-m", MARKS]
    return subprocess.run(command, env=os.environ | {"AS_WINDOWS": "1"}, check=False).returncode
