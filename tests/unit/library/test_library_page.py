"""docs/library.md and its Vietnamese sister show what there is."""

import pytest

from tools import write_library_page as tool


@pytest.mark.parametrize("path", tool.PAGES, ids=lambda path: path.stem)
def test_the_tables_are_current(path):
    text = path.read_text(encoding="utf-8")

    assert text == tool.page(text, tool.PAGES[path]), "run `make docs`"


def test_a_page_without_its_mark_is_no_page():
    with pytest.raises(ValueError, match="lost its mark"):
        tool.page("# Library\n", next(iter(tool.PAGES.values())))
