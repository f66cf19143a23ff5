"""What has become of a broadcast, and why: kept so that whoever reads it later reads their own language."""

from contextlib import closing

import pytest

from zalo_alert.foundation.database import Database
from zalo_alert.language import Phrase, Sentence, _
from zalo_alert.ledger.broadcasts import Broadcasts, BroadcastStatus, Step
from zalo_alert.models import State


@pytest.fixture
def path(tmp_path):
    Broadcasts.create(tmp_path / "broadcast.db", ["pctt", "ha-noi"]).close()
    return tmp_path / "broadcast.db"


def opened(path):
    return closing(Broadcasts(Database(path)))


@pytest.mark.parametrize("why", [_("Zalo answered {answer}", answer=-224), "", "plain"])
def test_why_is_read_as_it_was_written(path, why):
    status = BroadcastStatus("ha-noi", State.REJECTED, Step.POST, "t", "a", "", -224, why, 0, 5.0, None)
    with opened(path) as ledger:
        ledger.put(status)
    with opened(path) as ledger:
        assert ledger.all() == [BroadcastStatus("pctt"), status]
        assert type(ledger.all()[1].why) is type(why)


def test_what_ended_otherwise_says_why_in_a_sentence(path):
    with opened(path) as ledger:
        ledger.put(BroadcastStatus("pctt", State.CLAIMED, Step.POST))
        ledger.recover(7.0)
        ledger.cancel(8.0)
        whys = [(status.state, status.why) for status in ledger.all()]

    assert whys == [
        (State.UNKNOWN, "the sender was cut off before Zalo's answer came"),
        (State.WITHHELD, "the run was cancelled"),
    ]
    assert all(isinstance(why, Sentence) for _state, why in whys)


def test_what_an_earlier_version_kept_is_text(path):
    with closing(Database(path)) as database:
        database.run("UPDATE broadcast SET why = 'the run was cancelled'")
    with opened(path) as ledger:
        assert not isinstance(ledger.all()[0].why, Phrase)
        assert ledger.all()[0].why == "the run was cancelled"
