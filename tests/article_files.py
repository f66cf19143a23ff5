"""Articles and calendars as tests write them."""

JPG = b"\xff\xd8\xff\xe0picture\xff\xd9"
ARTICLE = """\
---
title: {title}
description: Việc cần làm trước, trong và sau bão
author: Cục Quản lý đê điều
cover: anh/bia.jpg
---
Chằng chống nhà cửa trước khi bão vào.

![Chằng mái](anh/mai.jpg)

Dự trữ nước và thức ăn ba ngày.
"""


def write_article(folder, name="phong-tranh-bao", text=None, title="Phòng tránh bão"):
    """Write an article with two pictures into `articles` of a workspace."""
    (folder / "articles" / "anh").mkdir(parents=True, exist_ok=True)
    (folder / "articles" / f"{name}.md").write_text(text or ARTICLE.format(title=title), encoding="utf-8")
    for picture in ("bia.jpg", "mai.jpg"):
        (folder / "articles" / "anh" / picture).write_bytes(JPG)


def write_calendar(folder, *entries, month="2026-09", head=""):
    """Write a month's calendar; return its name."""
    lines = "".join(f"  - {{{entry}}}\n" for entry in entries)
    (folder / "articles" / "lich.yaml").write_text(f"month: {month}\n{head}entries:\n{lines}", encoding="utf-8")
    return "articles/lich.yaml"
