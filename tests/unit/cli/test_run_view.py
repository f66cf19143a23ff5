"""What is drawn while a run goes."""

from zalo_alert.cli import run_view
from zalo_alert.cli.run_view import ShellObserver
from zalo_alert.delivery.progress import Progress
from zalo_alert.errors import Cure
from zalo_alert.models import State

from .test_display import on_terminal


def test_a_note_names_its_steps_as_commands_also_in_the_live_panel(monkeypatch):
    display, shown = on_terminal()
    monkeypatch.setattr(run_view, "display", display)
    with ShellObserver("DT-1", "Exercise") as observer:
        observer.on_note(f"the broadcast waits: {Cure.LOGIN('pctt')}")
        observer.on_progress(Progress(10, dict.fromkeys(State, 0), 0.0, 0.0, None))
    assert shown().count("zalo-alert accounts login pctt") >= 2
    assert "⟨" not in shown()
