"""The rules of CAP 1.2 that its schema cannot state, and ours, over a whole document."""

from zalo_alert.cap.document import Alert
from zalo_alert.cap.finding import Gathered


def check(alert: Alert, gathered: Gathered) -> None:
    """Gather what is wrong with an alert whose form is right."""
