"""Draws a play as SVG: above, what the app's calls went to, by second; below, how many had their answer, waited, or expired."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import Any, NamedTuple

from bench.evening.account import BEFORE, Account, alert_sent
from bench.evening.play import status_of

WIDE, HIGH, LEFT, TOP, GAP = 760, 190, 70, 62, 74
BIN_S = 10
INK, GRID = "#333", "#ddd"
COLOURS = {
    "alert": "#b3261e", "others": "#e0a100", "noted": "#9db8d9", "lookups": "#2f6db3",
    "answered": "#2f6db3", "waiting": "#f0c987", "expired": "#8a8a8a",
}  # fmt: skip
WORDS: Mapping[str, Mapping[str, str]] = {
    "vi": {
        "calls": "lượt gọi mỗi giây", "people": "người tra cứu", "minutes": "phút kể từ giờ mở", "granted": "được cấp",
        "alert": "cảnh báo khẩn", "others": "công an, cán bộ", "noted": "đã ghi nhận", "lookups": "điểm thi",
        "answered": "đã có điểm", "waiting": "đang chờ", "expired": "quá hạn",
    },
    "en": {
        "calls": "calls a second", "people": "people who look up", "minutes": "minutes after the opening", "granted": "granted",
        "alert": "Immediate alert", "others": "police, officer", "noted": "remembered", "lookups": "scores",
        "answered": "have their scores", "waiting": "wait", "expired": "expired",
    },
}  # fmt: skip


class Panel(NamedTuple):
    """One of the two diagrams: layers from the bottom up, each a value for every instant.

    Args:
        title: Above it.
        times: In seconds after the opening.
        layers: By name.
        most: At the upper edge.
        is_stepped: Whether a value holds until the next instant.
    """

    title: str
    times: Sequence[float]
    layers: Mapping[str, Sequence[float]]
    most: float
    is_stepped: bool


def drawn(record: Mapping[str, Any], account: Account, language: str, per_minute: int) -> str:
    """Draw a play in a language.

    Args:
        record: A `play.Record` as JSON.
        account: What came of it.
        language: vi or en.
        per_minute: What the app was granted.
    """
    words, times = WORDS[language], _times(record, account)
    panels = (_calls(record, account, times, words, per_minute), _people(record, account, times, words))
    height = TOP + 2 * HIGH + GAP + 50
    size = f'viewBox="0 0 {WIDE + LEFT + 30} {height}"'
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="13">',
            '<rect width="100%" height="100%" fill="white"/>',
            *(line for number, panel in enumerate(panels) for line in _panel(panel, TOP + number * (HIGH + GAP), words)),
            *_granted(panels[0], words["granted"], per_minute),
            f'<text x="{LEFT + WIDE / 2}" y="{height - 10}" text-anchor="middle" fill="{INK}">{words["minutes"]}</text>',
            "</svg>\n",
        )
    )


def _times(record: Mapping[str, Any], account: Account) -> Sequence[float]:
    """Return the instants that are drawn: from the first question, or shortly before the opening, to the end."""
    begin_s = record["accepted"][0][0] if account.waits(BEFORE).people else -30.0
    end_s = record["accepted"][-1][0]
    first = int(begin_s // BIN_S)
    return [BIN_S * n for n in range(first, int(end_s // BIN_S) + 1)]


def _granted(panel: Panel, word: str, per_minute: int) -> list[str]:
    y, x = TOP + HIGH * (1 - per_minute / 60 / panel.most), LEFT + WIDE
    return [
        f'<path stroke="{INK}" stroke-dasharray="5 4" d="M{LEFT} {y:.1f}H{x}"/>',
        f'<text x="{x}" y="{y - 5:.1f}" text-anchor="end" fill="{INK}">{word} {per_minute / 60:.0f}</text>',
    ]


def _calls(
    record: Mapping[str, Any], account: Account, times: Sequence[float], words: Mapping[str, str], per_minute: int
) -> Panel:
    alert = alert_sent(record, account.sent_s)
    layers = {"alert": _differences([_at(alert, time) for time in times])}
    for name in ("others", "noted", "lookups"):
        layers[name] = _differences([bisect_right(account.sent_s[name], time) for time in times])
    kept = {name: layer for name, layer in layers.items() if any(layer)}
    return Panel(words["calls"], times, kept, per_minute / 60 * 1.25, is_stepped=True)


def _at(series: Sequence[tuple[float, int]], time: float) -> int:
    return max((count for at_s, count in series if at_s <= time), default=0)


def _differences(counts: Sequence[int]) -> list[float]:
    return [max(0, later - earlier) / BIN_S for earlier, later in pairwise(counts)] + [0.0]


def _people(record: Mapping[str, Any], account: Account, times: Sequence[float], words: Mapping[str, str]) -> Panel:
    expired = [(at_s, status_of(facts)["answers"].get("expired", 0)) for at_s, facts in record["looks"]]
    done = [bisect_right(account.sent_s["lookups"], time) for time in times]
    gone = [min(account.expired, _at(expired, time)) for time in times]
    wait = [max(0, bisect_right(account.asked_s, time) - a - b) for time, a, b in zip(times, done, gone, strict=True)]
    layers = {"answered": done, "expired": gone, "waiting": wait}
    kept = {name: layer for name, layer in layers.items() if any(layer)}
    return Panel(words["people"], times, kept, len(account.asked_s) * 1.1, is_stepped=False)


# --- lines -------------------------------------------------------------------------------------------------------------


def _panel(panel: Panel, top: float, words: Mapping[str, str]) -> list[str]:
    lines = [f'<text x="{LEFT}" y="{top - 30}" fill="{INK}" font-weight="bold">{escape(panel.title)}</text>']
    lines += _grid(panel, top)
    under = [0.0] * len(panel.times)
    for name, layer in panel.layers.items():
        over = [a + b for a, b in zip(under, layer, strict=True)]
        lines.append(f'<path fill="{COLOURS[name]}" d="{_area(panel, top, under, over)}"/>')
        under = over
    x = LEFT + 0.0
    for name in panel.layers:
        lines.append(f'<rect x="{x}" y="{top - 21}" width="11" height="11" fill="{COLOURS[name]}"/>')
        lines.append(f'<text x="{x + 16}" y="{top - 11}" fill="{INK}">{escape(words[name])}</text>')
        x += 40 + 7.6 * len(words[name])
    return lines


def _grid(panel: Panel, top: float) -> list[str]:
    lines = []
    step = next(step for step in (10, 20, 500, 1000, 2000, 5000, 10_000, 100_000) if panel.most / step <= 6)
    for value in range(0, int(panel.most) + 1, step):
        y = top + HIGH * (1 - value / panel.most)
        lines.append(f'<path stroke="{GRID}" d="M{LEFT} {y:.1f}H{LEFT + WIDE}"/>')
        shown = f"{value:,}".replace(",", "\u202f")
        lines.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="{INK}">{shown}</text>')
    minutes = range(int(panel.times[0] // 60), int(panel.times[-1] // 60) + 1)
    for minute in minutes:
        x = _x(panel, minute * 60)
        if x >= LEFT:
            lines.append(f'<path stroke="{GRID}" d="M{x:.1f} {top}v{HIGH + 4}"/>')
            lines.append(f'<text x="{x:.1f}" y="{top + HIGH + 18}" text-anchor="middle" fill="{INK}">{minute}</text>')
    return lines


def _x(panel: Panel, time: float) -> float:
    return LEFT + WIDE * (time - panel.times[0]) / (panel.times[-1] - panel.times[0])


def _area(panel: Panel, top: float, under: Sequence[float], over: Sequence[float]) -> str:
    forth, back = _points(panel, top, over), _points(panel, top, under)
    return "M" + "L".join([*forth, *reversed(back)]) + "Z"


def _points(panel: Panel, top: float, values: Sequence[float]) -> list[str]:
    points = []
    for (time, later), value in zip(pairwise([*panel.times, panel.times[-1]]), values, strict=True):
        y = top + HIGH * (1 - value / panel.most)
        points.append(f"{_x(panel, time):.1f} {y:.1f}")
        if panel.is_stepped:
            points.append(f"{_x(panel, later):.1f} {y:.1f}")
    return points
