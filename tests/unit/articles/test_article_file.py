"""Article files: what becomes of Markdown, and every fault with its place."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zalo_alert.articles.article import Block, BlockKind
from zalo_alert.articles.article_file import MAX_BYTES, read
from zalo_alert.errors import ArticleInvalid, Problem

HEAD = """\
---
title: Phòng tránh bão
description: Việc cần làm
author: PCTT
cover: https://x.gov.vn/a.jpg
---
"""
FIRST = HEAD.count("\n") + 1


def article(body="Nội dung.\n", head=HEAD, name="articles/phong-tranh-bao.md"):
    return read((head + body).encode(), name)


def texts(body):
    return [block.content for block in article(body).body]


def faults(body="Nội dung.\n", head=HEAD, name="a.md"):
    with pytest.raises(ArticleInvalid) as refused:
        article(body, head, name)
    return [(problem.line, problem.column, problem.message) for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("# Trước bão\n\nChằng chống.", ["Trước bão", "Chằng chống."]),
        ("một\nhai  \nba", ["một hai\nba"]),
        ("- a\n- b\n  - c\n- d", ["• a\n• b\n   – c\n• d"]),
        ("3. a\n4. b", ["3. a\n4. b"]),
        ("1. a\n\n   2026\n\n   b\n2. c", ["1. a\n   2026\n   b\n2. c"]),
        ("- a\n\nb", ["• a", "b"]),
        ("xem [tin](https://nchmf.gov.vn/b%C3%A3o) nhé", ["xem tin (https://nchmf.gov.vn/bão) nhé"]),
        ("<https://nchmf.gov.vn>", ["https://nchmf.gov.vn"]),
        ("gọi [112](tel:112) hay [PCTT](tel:0234-3823)", ["gọi 112 hay PCTT (0234-3823)"]),
        ("**đậm**, *nghiêng*, `mã`", ["đậm, nghiêng, mã"]),
        ("> trích", ["trích"]),
        ("gió < 50 km/h & mưa > 100 mm", ["gió < 50 km/h & mưa > 100 mm"]),
        ("a\n\n---\n\nb", ["a", "b"]),
    ],
)
def test_markdown_is_carried_in_plain_words(body, said):
    assert texts(body) == said


def test_what_is_not_carried_is_told_once_with_its_place():
    remarks = article("a **b**\n\n**c**\n\n> d\n").remarks
    assert [(remark.line, remark.column) for remark in remarks] == [(FIRST, 3), (FIRST + 4, 1)]


def test_a_picture_stands_alone_with_its_caption():
    body = article('![Sơ đồ](so%20do.png "Đường di dời")\n\n![b](https://x.vn/b.gif)\n').body
    assert body == (
        Block(BlockKind.IMAGE, source="so do.png", caption="Đường di dời"),
        Block(BlockKind.IMAGE, source="https://x.vn/b.gif", caption="b"),
    )
    assert article("![](b.png)\n").pictures == {"b.png": FIRST}


@pytest.mark.parametrize(
    ("body", "line", "column", "said"),
    [
        ("a\n\n<b>đậm</b>\n", 2, 1, "HTML"),
        ("a <i>b</i>", 0, 3, "HTML"),
        ("<!-- ghi chú -->\n\na", 0, 1, "HTML"),
        ("a\n\n    mã\n", 2, 5, "code"),
        ("```\nmã\n```\n", 1, 1, "code"),
        ("chữ ![a](b.png)", 0, 5, "alone"),
        ("- ![a](b.png)", 0, 3, "alone"),
        ("![a](../b.png)", 0, 1, "path"),
        ("![a](/etc/b.png)", 0, 1, "path"),
        ("![a](C:b.png)", 0, 1, "path"),
        ("![a](b.bmp)", 0, 1, ".png"),
        ("![a](http://x.vn/b.png)", 0, 1, "https"),
        ("[a](trang.md)", 0, 5, "link"),
        ("[a](http://x.vn)", 0, 5, "link"),
        ("a\u200bb", 0, 2, "U+200B"),
    ],
)
def test_what_can_not_be_carried_is_a_fault_with_its_place(body, line, column, said):
    ((at_line, at_column, message), *_more) = faults(body)
    assert (at_line - FIRST, at_column) == (line, column)
    assert said in message


@pytest.mark.parametrize(
    ("head", "places"),
    [
        (HEAD.replace("title: Phòng tránh bão\n", ""), [(2, 1)]),
        (HEAD.replace("title: Phòng tránh bão", "title: " + "x" * 151), [(2, 8)]),
        (HEAD.replace("description: Việc cần làm", "description: " + "x" * 301), [(3, 14)]),
        (HEAD.replace("author: PCTT", "author: " + "x" * 51), [(4, 9)]),
        (HEAD.replace("author: PCTT", "author: PCTT\ncolour: red"), [(5, 1)]),
        (HEAD.replace("https://x.gov.vn/a.jpg", "http://x.gov.vn/a.jpg"), [(5, 8)]),
        (HEAD.replace("title: Phòng", "title: [Phòng"), [(3, 12)]),
        ("", [(1, 1)]),
        ("---\n", [(1, 1)]),
    ],
)
def test_faults_above_the_text_have_their_places(head, places):
    assert [place[:2] for place in faults(head=head)] == places


def test_all_faults_are_told_at_once():
    lines = [line for line, _column, _message in faults("<b>a</b>\n", HEAD.replace("title", "titel"), "Bài 1.md")]
    assert lines == [0, 2, 2, FIRST, FIRST]


@pytest.mark.parametrize("data", [b"", b"\xff\xfe-\x00", b"---\ntitle: \xe9\n---\n", b"---\n" + b"x" * MAX_BYTES])
def test_what_is_no_text_or_too_long_is_refused(data):
    with pytest.raises(ArticleInvalid):
        read(data, "a.md")


def test_the_same_words_are_the_same_article_however_they_were_typed():
    import unicodedata

    typed = unicodedata.normalize("NFD", HEAD + "Nội dung.\n").encode()
    assert read(typed.replace(b"\n", b"\r\n"), "a.md").digest == article().digest
    assert article("Nội dung khác.\n").digest != article().digest


@given(st.text(alphabet=[*string.punctuation, "a", "ạ", "1", " ", "\n", "\t", "\u00a0"], max_size=200))
def test_whatever_is_written_is_an_article_or_a_list_of_faults(body):
    found: tuple[Block, ...] = ()
    problems: tuple[Problem, ...] = ()
    try:
        found = article(body).body
    except ArticleInvalid as refused:
        problems = refused.problems
    lines = body.count("\n") + FIRST + 1
    assert bool(found) != bool(problems)
    assert all(block.content.strip() or block.source for block in found)
    assert all(0 <= problem.line <= lines and problem.message for problem in problems)
