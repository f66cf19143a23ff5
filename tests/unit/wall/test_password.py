import pytest

from zalo_alert.foundation.secret import Secret
from zalo_alert.wall.password import COOKIE_S, LONGEST, TRIES, TRIES_OF_ALL, WINDOW_S, Gate, Tries

PASSWORD = "bão số 7, đêm thứ Sáu"


class Time:
    def __init__(self):
        self.now_s = 1_800_000_000.0

    def __call__(self):
        return self.now_s


@pytest.fixture(scope="module")
def time_():
    return Time()


@pytest.fixture(scope="module")
def gate(time_):
    return Gate(Secret(PASSWORD), "/srv/alerts", time_)


def test_the_password_alone_is_admitted(gate):
    assert gate.admits(PASSWORD)
    assert not gate.admits(PASSWORD[:-1])
    assert not gate.admits("")
    assert not gate.admits(PASSWORD + "x" * LONGEST)


def test_a_cookie_is_known_until_it_ends(gate):
    time_ = Time()
    own = Gate(Secret(PASSWORD), "/srv/alerts", time_)
    cookie = own.make_cookie()
    assert own.knows(cookie)

    time_.now_s += COOKIE_S + 1

    assert not own.knows(cookie)


def test_a_cookie_outlives_the_process_and_no_change_of_the_password(gate, time_):
    cookie = gate.make_cookie()

    assert Gate(Secret(PASSWORD), "/srv/alerts", time_).knows(cookie)
    assert not Gate(Secret(PASSWORD + "!"), "/srv/alerts", time_).knows(cookie)
    assert not Gate(Secret(PASSWORD), "/srv/other", time_).knows(cookie)


@pytest.mark.parametrize("cookie", ["", ".", "..", "9999999999.a.b", "đ.đ.đ", "9" * 5000 + ".x.y", "\0", "a" * 100_000])
def test_what_is_no_cookie_of_ours_is_not_known(gate, cookie):
    assert not gate.knows(cookie)


def test_a_cookie_whose_end_was_moved_is_not_known(gate):
    end, rest = gate.make_cookie().split(".", 1)

    assert not gate.knows(f"{int(end) + 1}.{rest}")


def test_too_many_wrong_passwords_from_one_address_make_it_wait_and_no_other():
    time_ = Time()
    tries = Tries(time_)
    for _ in range(TRIES):
        assert tries.wait_s("192.168.1.9") == 0
        tries.note_wrong("192.168.1.9")

    assert tries.wait_s("192.168.1.9") == WINDOW_S
    assert tries.wait_s("192.168.1.10") == 0
    time_.now_s += WINDOW_S
    assert tries.wait_s("192.168.1.9") == 0


def test_too_many_from_all_addresses_make_everyone_wait():
    tries = Tries(Time())
    for number in range(TRIES_OF_ALL):
        tries.note_wrong(f"192.168.1.{number}")

    assert tries.wait_s("192.168.2.1") == WINDOW_S
