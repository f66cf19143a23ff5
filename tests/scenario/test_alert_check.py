"""Whether an alert is real, to a citizen who asks: yes from its first message on, and what became of it later."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from zalo_alert.foundation.clock import SystemClock
from zalo_alert.operations.alert_check import KEPT_S, AlertCheck
from zalo_alert.operations.workspace import Workspace
from zalo_alert.runs.run import Run
from zalo_alert.testing import FakeClock

CORRECTION = 'correction: {text: "DIỄN TẬP. Đính chính: hãy bỏ qua tin {{ code }}. HẾT TIN DIỄN TẬP."}\n'


class Asking:
    """Somebody who asks now and later."""

    def __init__(self, desk):
        self.clock = FakeClock(SystemClock().now())
        home = Workspace(desk.folder)
        self.check = AlertCheck(home.runs, home.settings.profile, self.clock)

    def ask(self, code="DT-1", later_s=KEPT_S):
        self.clock.move(later_s)
        return self.check(code)


def be(desk, status):
    """Have the run be of an alert and not of an exercise, which a drill's workspace can't send; or of an exercise again."""
    with closing(sqlite3.connect(desk.folder / ".zalo-alert" / "runs" / "DT-1" / "run.db")) as db, db:
        db.execute("UPDATE fact SET value = ? WHERE name = 'status'", (f'"{status}"',))


def test_an_alert_is_real_from_its_first_message_on(desk, sandbox):
    path = desk.at(sandbox).campaign()
    with (desk.folder / path).open("a", encoding="utf-8") as file:
        file.write(CORRECTION)
    asking = Asking(desk)
    assert asking.ask() == ""

    assert desk.run("send", path, "--yes").code == 0
    assert asking.ask(later_s=1) == "", "what was said is said again for some seconds"
    assert "DIỄN TẬP" in asking.ask()

    be(desk, "Actual")
    real = asking.ask()
    assert real.startswith("CÓ THẬT. Mã DT-1: ")
    assert "hiệu lực đến" in real
    assert [asking.ask(code) for code in ("dt1", "Dt 1", "DT–1", "dt-1")] == [real] * 4
    assert [asking.ask(code) for code in ("DT-2", "DT", "../DT-1", "x" * 5000, "")] == [""] * 5

    expires = Run(desk.folder / ".zalo-alert" / "runs" / "DT-1").facts.expires
    asking.clock.move((expires - asking.clock.now()) / timedelta(seconds=1) + 1)
    assert "đã hết hiệu lực" in asking.ask()
    be(desk, "Exercise")
    assert desk.run("correct", "DT-1", "--yes").code == 0
    be(desk, "Actual")
    assert "KHÔNG ĐÚNG" in Asking(desk).ask()


@pytest.mark.parametrize("name", ["run.db", "campaign.yaml"])
def test_of_a_run_that_cannot_be_read_nobody_says_that_there_is_none(desk, sandbox, name):
    assert desk.at(sandbox).run("send", desk.campaign(), "--yes").code == 0
    (desk.folder / ".zalo-alert" / "runs" / "DT-1" / name).write_bytes(b"damaged")
    assert "chưa kiểm tra được" in Asking(desk).ask()
