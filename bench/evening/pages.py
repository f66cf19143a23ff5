"""Writes what came of the plays into the two pages: tables, screens, and plots beside them."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.evening.account import BEFORE, CHECK, OFFICER, PERSON, RULES, SHARP, Account, Waits
from bench.evening.office import PER_MINUTE, ROOT
from bench.evening.plot import drawn

PAGES = {"vi": ROOT / "docs" / "vi" / "tam-gio-sang.md", "en": ROOT / "docs" / "eight-oclock.md"}
PICTURES = ROOT / "docs" / "screens"
GROUPS: Mapping[str, Mapping[str, str]] = {
    "vi": {
        BEFORE: "tra cứu, đã hỏi trước giờ mở", SHARP: "tra cứu, hỏi lúc mở", RULES: "hỏi công an",
        CHECK: "hỏi cảnh báo có thật không", PERSON: "muốn gặp cán bộ: lời báo đã nhận",
        OFFICER: "muốn gặp cán bộ: cán bộ trả lời",
    },
    "en": {
        BEFORE: "scores, asked before the opening", SHARP: "scores, asked at the opening", RULES: "questions to the police",
        CHECK: "is the alert real?", PERSON: "wants an officer: told that one comes", OFFICER: "wants an officer: the answer",
    },
}  # fmt: skip
HEADS = {
    "vi": "| ai | người | được trả lời | một nửa chờ không quá | 99 % chờ không quá | lâu nhất |\n|---|--:|--:|--:|--:|--:|",
    "en": "| who | people | answered | half within | 99 % within | longest |\n|---|--:|--:|--:|--:|--:|",
}
SUMS = {
    "vi": "Quá hạn: {expired} câu tra cứu; giữ lại không gửi: {withheld}. Được trả lời hai lần: {twice}; nhận điểm của người "
    "khác: {wrong}; mất: {lost}. Từ lúc mở đến câu tra cứu cuối cùng, {used} tốc độ được cấp đã dùng.",
    "en": "Expired: {expired} look-ups; withheld: {withheld}. Answered twice: {twice}; told another's scores: {wrong}; "
    "lost: {lost}. From the opening to the last look-up's answer {used} of the granted rate was used.",
}
ALERTS = {
    "vi": "Cảnh báo cho {people} người: từ tin đầu đến tin cuối {took}; kế hoạch, tính như chỉ có một mình nó: {plan}. "
    "Trong lúc ấy có {lookups} câu tra cứu được trả lời.",
    "en": "The alert to {people} people: {took} from its first message to its last; its plan, reckoned as if it were alone: "
    "{plan}. Meanwhile {lookups} look-ups were answered.",
}


def write(name: str, record: Mapping[str, Any], account: Account) -> None:
    """Write a scene's blocks into both pages, and its plots."""
    for language, page in PAGES.items():
        ending = "" if language == "en" else f"-{language}"
        plot = drawn(record, account, language, PER_MINUTE)
        (PICTURES / f"eight-oclock-{name}{ending}.svg").write_text(plot, encoding="utf-8")
        blocks = {f"{name} waits": waits_table(account, language)} | _screens(name, record, language)
        _replace(page, blocks)


def waits_table(account: Account, language: str) -> str:
    """Return who waited how long, as a table, with what expired and how the alert went below."""
    rows = [
        _row(words, account.waits(group), language) for group, words in GROUPS[language].items() if account.waits(group).people
    ]
    counts = {key: _number(getattr(account, key), language) for key in ("expired", "withheld", "twice", "wrong", "lost")}
    alert = account.alert
    told = ALERTS[language].format(
        people=_number(alert.people, language), took=_span(alert.last_s - alert.first_s, language),
        plan=_span(alert.plan_s, language), lookups=_number(alert.lookups, language),
    )  # fmt: skip
    used = f"{account.used:.1%}".replace(".", "," if language == "vi" else ".").replace("%", " %")
    return "\n".join((HEADS[language], *rows, "", SUMS[language].format(**counts, used=used), "", told))


def _row(words: str, waits: Waits, language: str) -> str:
    spans = ("–" if each is None else _span(each, language) for each in (waits.p50_s, waits.p99_s, waits.max_s))
    numbers = (_number(each, language) for each in (waits.people, waits.answered))
    return f"| {words} | {' | '.join((*numbers, *spans))} |"


def _number(number: int, language: str) -> str:
    return f"{number:,}".replace(",", "." if language == "vi" else ",")


def _span(seconds: float, language: str) -> str:
    minute, second = {"vi": ("phút", "giây"), "en": ("min", "s")}[language]
    if seconds < 9.95:
        return f"{seconds:.1f} {second}".replace(".", "," if language == "vi" else ".")
    whole = round(seconds)
    return f"{whole // 60} {minute} {whole % 60} {second}" if whole >= 60 else f"{whole} {second}"


def _screens(name: str, record: Mapping[str, Any], language: str) -> dict[str, str]:
    """Return every screen of a scene in a language, by the name of its block."""
    commands = {
        "status": "webhook status",
        "plan": "plan campaigns/lu-quet.yaml --account pctt",
        "inbox": "inbox list",
        "report": "answers report",
    }
    blocks = {}
    for key, text in record["screens"].items():
        *words, said_in = key.split()
        if said_in == language:
            blocks[" ".join((name, *words))] = f"```text\n$ zalo-alert {commands[words[0]]}\n{text}\n```"
    return blocks


def _replace(page: Path, blocks: Mapping[str, str]) -> None:
    """Put each block that a page has a place for between its marks: `<!-- play: NAME -->` … `<!-- end -->`."""
    text = page.read_text(encoding="utf-8")
    for name, block in blocks.items():
        made = f"<!-- play: {name} -->\n{block}\n<!-- end -->"
        text = re.sub(rf"<!-- play: {re.escape(name)} -->.*?<!-- end -->", lambda _: made, text, flags=re.DOTALL)  # noqa: B023
    page.write_text(text, encoding="utf-8")


def places(page: Path) -> Sequence[str]:
    """Return what a page has places for."""
    return re.findall(r"<!-- play: (.+?) -->", page.read_text(encoding="utf-8"))
