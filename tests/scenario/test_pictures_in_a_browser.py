"""The pictures in a real browser, headless: nothing cut off, no name over another, nothing that a strict policy forbids."""

import json
from datetime import datetime

import pytest

from tests.chromium import chromium, find_chromium
from zalo_alert.foundation.clock import VIETNAM
from zalo_alert.language import Language
from zalo_alert.models import State
from zalo_alert.pictures import Bar, Lane, Mark, Shade, bars, map_of_vietnam, rate_curve, stylesheet, time_line
from zalo_alert.places.tables import FORMER_PROVINCES, PROVINCES

PROBLEM = "" if find_chromium() else "no Chromium that runs is installed"
pytestmark = [pytest.mark.long, pytest.mark.skipif(bool(PROBLEM), reason=PROBLEM), pytest.mark.slow]

EVENING_S = int(datetime(2026, 11, 27, 19, tzinfo=VIETNAM).timestamp())
NEW = {province.key: Shade(at / 33, "") for at, province in enumerate(PROVINCES)}
OLD = {former.key: Shade(at / 62, "") for at, former in enumerate(FORMER_PROVINCES)}
ROWS = [Bar(province.name, tuple((state.value, 10**at) for at, state in enumerate(State))) for province in PROVINCES]
MINUTES = [(EVENING_S + 60 * at, 4000 + 17 * at) for at in range(120) if not 30 <= at < 45]
MARKS = [
    Mark(EVENING_S + 1800, "tạm dừng: 20 % bị từ chối", "halt"),
    Mark(EVENING_S + 1900, "cán bộ dừng", "stop"),
    Mark(EVENING_S + 2700, "tiếp tục", "resumed"),
    Mark(EVENING_S + 9000, "bão đổ bộ", "onset"),
    Mark(EVENING_S + 10_800, "hết hiệu lực", "expiry"),
    Mark(EVENING_S + 900_000, "hạn cuối", "expiry"),
]
LANES = [
    Lane("Bản tin BAO-7", EVENING_S, EVENING_S + 7200, tuple(MARKS[:3])),
    Lane("Đính chính bản tin BAO-7 gửi nhầm cho nhiều nơi", EVENING_S + 8000, EVENING_S + 9000, ()),
]


def pictures(compact, language):
    return {
        "today": map_of_vietnam(NEW, compact=compact, language=language),
        "former": map_of_vietnam(OLD, compact=compact, numbers=not compact, language=language),
        "bars": bars(ROWS, compact=compact, language=language),
        "curve": rate_curve(MINUTES, MARKS, 4500, compact=compact, language=language),
        "week": rate_curve([(EVENING_S + 60 * at, 3600) for at in range(10_080)], MARKS[:2], compact=compact, language=language),
        "line": time_line(LANES, MARKS[3:4], compact=compact, language=language),
    }


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest.fixture
def shown(browser, tmp_path):
    """Open a page of pictures; its policy allows its own style sheet and nothing else."""
    (tmp_path / "pictures.css").write_text(stylesheet(), encoding="utf-8")
    pages = []

    def show(drawn, *, width, dark=False):
        policy = "default-src 'none'; style-src file:"
        body = "".join(f'<div id="{name}">{svg}</div>' for name, svg in drawn.items())
        head = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">'
        head += '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="pictures.css">'
        page = f'<!doctype html><html data-ready="yes">{head}{body}'
        (tmp_path / "page.html").write_text(page, encoding="utf-8")
        pages.append(browser.open(tmp_path / "page.html", width=width, dark=dark))
        return pages[-1]

    yield show
    for page in pages:
        page.close()


BOXES = """(name => {
  const picture = document.querySelector('#' + name + ' svg'), frame = picture.getBoundingClientRect();
  const texts = [...picture.querySelectorAll('text')].filter(text => text.textContent.trim());
  return texts.map(text => { const box = text.getBoundingClientRect();
    return [text.textContent, box.left - frame.left, box.top - frame.top, frame.right - box.right, frame.bottom - box.bottom,
            box.width, box.height]; });
})"""


def boxes(page, name):
    """Return words, distances from the left, top, right and bottom edge, width and height of all that is written."""
    return page.run(f"{BOXES}({json.dumps(name)})")


def covered(all_boxes):
    """Return the pairs of words of which one covers more than a fifth of the other's height and a letter of its width."""
    found = []
    for at, (words, left, top, _right, _bottom, width, height) in enumerate(all_boxes):
        for other, x, y, _to_right, _to_bottom, its_width, its_height in all_boxes[:at]:
            across = min(left + width, x + its_width) - max(left, x)
            down = min(top + height, y + its_height) - max(top, y)
            if across > height / 4 and down > height * 0.35:
                found.append((other, words))
    return found


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("width", "compact"), [(390, True), (1920, False), (1920, True)], ids=["phone", "screen", "wall"])
def test_nothing_is_cut_off_and_no_name_covers_another(shown, width, compact, language):
    page = shown(pictures(compact, language), width=width)

    for name in pictures(compact, language):
        written = boxes(page, name)
        assert written
        assert [words for words, left, top, right, bottom, *_ in written if min(left, top, right, bottom) < -1] == [], name
        if name != "former":  # 63 numbers: those of the Red River delta touch
            assert covered(written) == [], name
    assert page.complaints() == []


def test_names_that_cover_each_other_would_be_seen(shown):
    twice = bars([Bar("một", (("accepted", 1),))]).replace("</svg>", '<text x="160" y="48">hai</text></svg>')

    assert covered(boxes(shown({"bars": twice}, width=800), "bars")) == [("một", "hai")]


@pytest.mark.parametrize(("dark", "ground"), [(False, "rgb(255, 255, 255)"), (True, "rgb(21, 25, 27)")], ids=["light", "dark"])
def test_the_system_chooses_light_or_dark(shown, dark, ground):
    page = shown({"today": map_of_vietnam(NEW)}, width=800, dark=dark)

    assert page.run("getComputedStyle(document.querySelector('.za-inner')).stroke") == ground


def test_on_paper_a_dark_system_prints_light(shown):
    page = shown({"today": map_of_vietnam(NEW)}, width=800, dark=True)
    page.ask("Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}])

    assert page.run("getComputedStyle(document.querySelector('.za-inner')).stroke") == "rgb(255, 255, 255)"
