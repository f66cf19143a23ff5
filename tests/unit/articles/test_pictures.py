"""Pictures beside an article: what can't be used is named with the line that names it."""

import pytest

from zalo_alert.articles.article_file import read
from zalo_alert.articles.pictures import MAX_PICTURE_BYTES, load, whole_digest
from zalo_alert.errors import ArticleInvalid

PNG = b"\x89PNG\r\n\x1a\n0000IEND\xaeB`\x82"
TEXT = b"---\ntitle: a\ndescription: b\nauthor: c\ncover: %b\n---\na\n"


def loaded(folder, name="a.png", workspace=None):
    file = folder / "a.md"
    return load(read(TEXT % name.encode(), str(file)), file, workspace or folder)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.png", PNG), ("a.JPG", b"\xff\xd8\xff00\xff\xd9"), ("a.gif", b"GIF89a00\x00;")],
)
def test_a_sound_picture_is_read(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert loaded(tmp_path, name) == {name: content}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"GIF89a", "no png"),
        (PNG[:10], "end is missing"),
        (PNG + b"0" * MAX_PICTURE_BYTES, "1.0 MB"),
        (PNG + b"0" * (20 * MAX_PICTURE_BYTES), "20.0 MB"),
        (None, "no such picture"),
    ],
    ids=["empty", "gif", "cut", "large", "20 MB", "missing"],
)
def test_what_is_no_picture_is_told_with_its_line(tmp_path, content, said):
    if content is not None:
        (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(ArticleInvalid) as refused:
        loaded(tmp_path)
    (problem,) = refused.value.problems
    assert (problem.line, problem.field) == (5, "a.png")
    assert said in problem.message


def test_no_link_leads_out_of_the_workspace_or_into_its_state(tmp_path):
    workspace = tmp_path / "w"
    for folder in ("articles", ".zalo-alert"):
        (workspace / folder).mkdir(parents=True)
        (workspace / folder / "secret.png").write_bytes(PNG)
    (tmp_path / "b.png").write_bytes(PNG)
    link = workspace / "articles" / "a.png"
    for target in (tmp_path / "b.png", workspace / ".zalo-alert" / "secret.png", link, workspace / "articles"):
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        with pytest.raises(ArticleInvalid):
            loaded(workspace / "articles", workspace=workspace)
    link.unlink()
    link.symlink_to(workspace / "articles" / "secret.png")
    assert loaded(workspace / "articles", workspace=workspace) == {"a.png": PNG}


def test_another_picture_is_another_article(tmp_path):
    article = read(TEXT % b"a.png", "a.md")
    assert whole_digest(article, {"a.png": PNG}) != whole_digest(article, {"a.png": PNG + b"0"})
