"""The shared pace seen from outside: which apps are sending an alert that other answers have to make way for. Changes nothing."""

from contextlib import closing
from pathlib import Path

from zalo_alert.models import Rank
from zalo_alert.pacing.rates_file import RatesFile

_APP = "app:"
_URGENT = (Rank.CORRECTION, Rank.IMMEDIATE)


def alerting_apps(path: Path, now_s: float) -> list[str]:
    """Return the apps with which an Immediate alert, or the correction of a wrong one, is being sent, by Zalo's ids.

    Args:
        path: Of `rates.db`; where there is none nobody has sent anything.
        now_s: An instant of the steady clock that whoever sends goes by.

    Raises:
        StorageUnusable: The file can't be read.
    """
    if not path.is_file():
        return []
    with closing(RatesFile(path)) as file:
        return sorted(key.removeprefix(_APP) for key in file.wanted_by(_URGENT, now_s) if key.startswith(_APP))
