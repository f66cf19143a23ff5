"""Writing the approver's page: whole, for its owner alone, and never over a page that may hold a key."""

import pytest

from zalo_alert.approval.approver_page import approver_page
from zalo_alert.errors import InputInvalid
from zalo_alert.operations.officers_page import write_approver_page


def test_the_page_is_written_whole(tmp_path):
    write_approver_page(tmp_path / "approver.html")

    assert (tmp_path / "approver.html").read_bytes() == approver_page()
    assert [path.name for path in tmp_path.iterdir()] == ["approver.html"]


@pytest.mark.parametrize("is_link", [False, True], ids=["a file", "a link to nothing"])
def test_what_stands_there_is_not_touched(tmp_path, is_link):
    path = tmp_path / "approver.html"
    if is_link:
        path.symlink_to(tmp_path / "nowhere")
    else:
        path.write_text("somebody's key")

    with pytest.raises(InputInvalid, match="may hold somebody's key"):
        write_approver_page(path)

    assert is_link or path.read_text() == "somebody's key"
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_that_is_missing_is_named(tmp_path):
    with pytest.raises(InputInvalid, match=r"can't be written to .*missing/approver\.html"):
        write_approver_page(tmp_path / "missing" / "approver.html")
