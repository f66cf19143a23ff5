"""What has been done of a month stays known, whatever becomes of the calendar's file."""

from datetime import datetime, timedelta

from zalo_alert.calendar.month import NOTHING, Done
from zalo_alert.calendar.store import opened
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.models import AccountId

BO, HUE = AccountId("bo"), AccountId("hue")
NOW = datetime(2026, 12, 5, 7, 31, tzinfo=VIETNAM)


def test_each_step_is_kept_beside_the_others(tmp_path):
    with opened(tmp_path) as store:
        store.published("2026-12/a.md", BO, NOW)
        store.sent_by("2026-12/a.md", BO, "TT-2612-A")
        store.hidden("2026-12/a.md", BO, NOW + timedelta(days=3))
        store.skipped("2026-12/b.md", HUE, NOW)
    with opened(tmp_path) as store:
        done = store.done()

    assert done.of("2026-12/a.md", BO) == Done(NOW, None, NOW + timedelta(days=3), "TT-2612-A")
    assert done.of("2026-12/b.md", HUE) == Done(skipped_at=NOW)
    assert done.of("2026-12/a.md", HUE) == NOTHING


def test_a_month_is_begun_once(tmp_path):
    with opened(tmp_path) as store:
        assert not store.begun()
        store.begin("2026-12", NOW)
        store.begin("2026-12", NOW)

        assert store.begun() == {"2026-12"}
