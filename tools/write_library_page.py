"""Write the tables of docs/library.md and docs/vi/kho-mau-tin.md from the library: `make docs`. A test says when they are old."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from zalo_alert.campaign.hazards import HAZARDS
from zalo_alert.library.form import SourceForm
from zalo_alert.library.load import load_library, packaged, shared
from zalo_alert.library.template import Stage

DOCS = Path(__file__).parent.parent / "docs"
MARK = "<!-- from here on made by `make docs` from zalo_alert/library -->\n"
NONE = "–"


class Words(NamedTuple):
    """What a page says in its language; `stages` heads the columns."""

    templates: str
    hazard: str
    stages: Mapping[Stage, str]
    no_level: str
    unchecked_levels: str
    sources: str
    source_columns: str
    checked: str
    unchecked: str


PAGES: Mapping[Path, Words] = {
    DOCS / "library.md": Words(
        templates="## All templates\n\nHazards, stages, and the risk levels of each; `•` stands for a stage without levels.\n",
        hazard="hazard",
        stages={stage: f"`{stage}`" for stage in Stage},
        no_level="•",
        unchecked_levels="Levels of these hazards have not been compared with the text of Decision 18/2021/QĐ-TTg: {hazards}.",
        sources="## Sources\n\nWhom the sentences follow, in words of our own. *Read*: the part that says so was read;\n"
        "*unchecked*: written from general knowledge. Read such a source before you rely on it, and tell us.\n",
        source_columns="| source | sentences | |\n|---|--:|---|",
        checked="read",
        unchecked="**unchecked**",
    ),
    DOCS / "vi" / "kho-mau-tin.md": Words(
        templates="## Tất cả mẫu tin\n\nLoại thiên tai, giai đoạn và các cấp độ rủi ro; `•` là giai đoạn không có cấp.\n",
        hazard="loại thiên tai",
        stages={
            Stage.WATCH: "theo dõi",
            Stage.WARNING: "cảnh báo",
            Stage.EVACUATE: "sơ tán",
            Stage.UPDATE: "cập nhật",
            Stage.ALL_CLEAR: "hết cảnh báo",
        },
        no_level="•",
        unchecked_levels="Cấp độ của các loại sau chưa đối chiếu với Quyết định 18/2021/QĐ-TTg: {hazards}.",
        sources="## Nguồn\n\nCâu chữ là của chúng tôi, viết theo các nguồn này. *Đã đọc*: đã đọc đoạn nói điều đó;\n"
        "*chưa đối chiếu*: viết theo hiểu biết chung, hãy đọc nguồn trước khi dùng.\n",
        source_columns="| nguồn | số câu | |\n|---|--:|---|",
        checked="đã đọc",
        unchecked="**chưa đối chiếu**",
    ),
}  # fmt: skip


def tables(words: Words) -> str:
    """Return what follows the mark."""
    parts = (words.templates, "\n".join(_templates(words)), "", _levels(words), "", words.sources, "\n".join(_sources(words)))
    return "\n".join(parts) + "\n"


def page(text: str, words: Words) -> str:
    """Return a page with its tables written anew."""
    head, mark, _old = text.partition(MARK)
    if not mark:
        raise ValueError("the page has lost its mark")
    return f"{head}{mark}\n{tables(words)}"


def _templates(words: Words) -> Iterator[str]:
    library = load_library(None)
    yield f"| {words.hazard} | {' | '.join(words.stages.values())} |"
    yield "|---|" + ":-:|" * len(words.stages)
    for code in library.hazards():
        cells = (_cell(library.levels(code, stage), words) if stage in library.stages(code) else NONE for stage in words.stages)
        yield f"| `{code}` {HAZARDS[code].name} | {' | '.join(cells)} |"


def _cell(levels: tuple[int, ...], words: Words) -> str:
    return f"{levels[0]}{NONE}{levels[-1]}" if levels else words.no_level


def _levels(words: Words) -> str:
    return words.unchecked_levels.format(hazards=", ".join(row.name for row in HAZARDS.values() if not row.verified))


def _sources(words: Words) -> Iterator[str]:
    used: dict[str, set[str]] = defaultdict(set)
    sources: dict[str, SourceForm] = {}
    for code in load_library(None).hazards():
        form = packaged(code)
        assert form is not None
        for pool in (shared(), form):
            for piece in pool.pieces.values():
                source = form.sources.get(piece.source) or shared().sources[piece.source]
                used[source.name].add(piece.text)
                sources[source.name] = source
    yield words.source_columns
    for name, source in sorted(sources.items()):
        shown = f"[{name}]({source.url})" if source.url else name
        yield f"| {shown} | {len(used[name])} | {words.checked if source.checked else words.unchecked} |"


if __name__ == "__main__":
    for path, words in PAGES.items():
        path.write_text(page(path.read_text(encoding="utf-8"), words), encoding="utf-8")
