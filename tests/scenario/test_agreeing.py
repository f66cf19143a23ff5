"""The question before a send, as an officer reads and answers it in Vietnamese."""

import pytest

pytestmark = pytest.mark.english

PEOPLE = 1000


@pytest.fixture
def office(desk, sandbox):
    desk.at(sandbox).environ["ZALO_ALERT_LANG"] = "vi"
    return desk


@pytest.mark.parametrize("typed", ["1.000", "1 000", "1000"])
def test_the_number_may_be_typed_as_it_is_read(office, sandbox, typed):
    result = office.run("send", office.campaign(), stdin=f"{typed}\n")
    assert result.code == 0
    assert sandbox.stats()["accepted"] == PEOPLE
    assert "DIỄN TẬP DT-1 sẽ gửi ngay cho 1000 người: cả nước." in result.said
    assert "Gõ số người để gửi" in result.said
    assert "`zalo-alert report DT-1` để xem kết quả từng nơi" in result.said


def test_another_number_sends_nothing_and_says_so(office, sandbox):
    result = office.run("send", office.campaign(), stdin="1.001\n")
    assert result.code == 2
    assert '"1.001" không phải là 1000: chưa gửi tin nào' in result.said
    assert sandbox.stats()["requests"] == 0


def test_no_answer_sends_nothing_and_names_the_option_for_cron(office, sandbox):
    result = office.run("send", office.campaign())
    assert (result.code, "--yes" in result.said) == (2, True)
    assert "chưa gửi tin nào" in result.said
    assert sandbox.stats()["requests"] == 0
