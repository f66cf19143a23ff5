"""What forks the commands of scenarios tells each command's own end."""

import forking


def test_a_process_number_that_is_given_again_has_no_end_yet():
    ends = forking.Ends()
    for news in ({"number": 1, "pid": 77}, {"pid": 77, "status": 13 << 8}, {"number": 2, "pid": 77}):
        ends.told(news)

    assert ends.statuses == {1: 13 << 8}
    ends.told({"pid": 77, "status": 0})
    assert ends.statuses == {1: 13 << 8, 2: 0}
