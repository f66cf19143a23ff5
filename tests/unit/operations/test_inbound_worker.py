"""The worker as a process: it handles what is stored, knows accounts added since, and ends when it is told to."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.inbound_work import OA, keep, tally, text
from zalo_alert.foundation.clock import SystemClock
from zalo_alert.inbound.event import EventClass
from zalo_alert.inbound.worker_sight import class_totals
from zalo_alert.operations.inbound_worker import ACCOUNTS_AGAIN_S, KnownOas, work
from zalo_alert.operations.scaffold import create
from zalo_alert.settings.load import load
from zalo_alert.testing import FakeClock

_WORK = """
import sys
from pathlib import Path
from zalo_alert.operations.inbound_worker import work
from zalo_alert.settings.load import load
work(load(Path(sys.argv[1]), {}), print)
"""


def test_it_works_until_it_is_told_to_end(tmp_path: Path, wait_until: Callable[[Callable[[], object]], None]) -> None:
    create(tmp_path, SystemClock().now())
    state = tmp_path / ".zalo-alert"
    keep(state, text("nước lên"), text("dừng"))
    child = subprocess.Popen([sys.executable, "-c", _WORK, str(tmp_path)])
    try:
        wait_until(lambda: sum(class_totals(state).values()) == 2)
        child.send_signal(signal.SIGTERM)
        assert child.wait(30) == 0
    finally:
        child.kill()
    assert tally(state) == {EventClass.FILED: 1, EventClass.OPTED_OUT: 1}


def test_it_ends_with_a_door_that_died_before_it_had_begun(tmp_path: Path) -> None:
    create(tmp_path, SystemClock().now())
    state = tmp_path / ".zalo-alert"
    keep(state, text("nước lên"))
    work(load(tmp_path, {}), print, parent=os.getpid())  # that is not who started us
    assert tally(state) == {}


def test_an_account_added_since_is_known_after_a_while(tmp_path: Path) -> None:
    create(tmp_path, SystemClock().now())
    clock, config = FakeClock(), tmp_path / "zalo-alert.yaml"
    known = KnownOas(load(tmp_path, {}), clock)
    assert known(OA)
    other = "388613280878808646"
    config.write_text(config.read_text(encoding="utf-8").replace(OA, other), encoding="utf-8")

    assert not known(other)
    clock.move(ACCOUNTS_AGAIN_S)
    assert known(other)


def test_settings_half_written_change_nothing(tmp_path: Path) -> None:
    create(tmp_path, SystemClock().now())
    clock = FakeClock()
    known = KnownOas(load(tmp_path, {}), clock)
    (tmp_path / "zalo-alert.yaml").write_text("accounts: [", encoding="utf-8")
    clock.move(ACCOUNTS_AGAIN_S)

    assert not known("1")
    assert known(OA)
