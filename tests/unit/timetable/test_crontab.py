"""A block of ours in a crontab, and every other line as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from zalo_alert.errors import InputInvalid, UsageError
from zalo_alert.timetable.crontab import block_of, find_block, with_block

BLOCK = block_of("zalo-alert-1a2b3c4d-dt-1", "DT-1 mon 07:30", "0-59/5", ["/opt/x y/python", "-m", "zalo_alert", "100%"])


@given(
    some.text(
        some.characters(blacklist_categories=["Cs"], blacklist_characters="\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"), max_size=200
    )
)
def test_what_is_put_in_and_taken_out_leaves_the_rest_as_it_was(text):
    before = text if text.endswith("\n") or not text else text + "\n"
    after = with_block(before, "zalo-alert-1a2b3c4d-dt-1", BLOCK)

    assert find_block(after, "zalo-alert-1a2b3c4d-dt-1") == BLOCK
    assert with_block(after, "zalo-alert-1a2b3c4d-dt-1", BLOCK) == after
    assert with_block(after, "zalo-alert-1a2b3c4d-dt-1", "") == before


def test_a_name_that_begins_alike_is_another():
    other = BLOCK.replace("dt-1", "dt-10")

    assert find_block(other, "zalo-alert-1a2b3c4d-dt-1") == ""


def test_a_command_is_quoted_for_the_shell_and_for_cron():
    assert BLOCK.splitlines()[2] == r"0-59/5 * * * * '/opt/x y/python' -m zalo_alert 100\%"


def test_a_block_without_its_end_is_told_and_not_guessed():
    torn = BLOCK.rpartition("# END")[0] + "1 2 3 4 5 theirs\n"

    with pytest.raises(InputInvalid):
        with_block(torn, "zalo-alert-1a2b3c4d-dt-1", "")


@pytest.mark.parametrize("path", ["/srv/a\nb", "/srv/" + "x" * 1000])
def test_a_path_that_cron_cannot_be_given_is_told(path):
    with pytest.raises(UsageError):
        block_of("u", "about", "0", [path])
