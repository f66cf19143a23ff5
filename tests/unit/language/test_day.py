"""A day has its name in the reader's language, also once it was kept on the disk."""

from datetime import date

from zalo_alert.language import Language, catalogue_of, pack, said_in, unpack
from zalo_alert.language.formats import Day


def test_a_day_is_said_with_its_name():
    day = unpack(pack(Day(date(2026, 11, 27))))

    assert day == "Fri 27/11/2026"
    assert said_in(day, catalogue_of(Language.VI)) == "thứ Sáu 27/11/2026"
