"""What it costs to know which rule a text means, beside comparing it with every phrase: `make bench-matching`.

    python -m bench.matching                 # 200 rules of an office, thousands of texts of each kind
    python -m bench.matching --texts 20000 --turns 7

Rules and texts are made by chance from what people ask an office, half without accents, some in short forms. In turns on one
core: folding alone; the matcher on texts in which a phrase stands, in which one does with a slip of the pen, and in which none
does; and what one would write first, over the same folded texts: every phrase looked for, and rapidfuzz over all phrases. What
counts is CPU a text, and how it compares with the others in the same run; and how many slips each finds. Then the rule
sets that are shipped, on their own corpora.
"""

import argparse
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

from rapidfuzz import fuzz, process

import zalo_alert
from zalo_alert.answers.corpus import NOBODY, Case, Verdict, judge, parse_corpus
from zalo_alert.answers.folding import fold
from zalo_alert.answers.inbound_file import read_files
from zalo_alert.answers.match import MatchKind, Step
from zalo_alert.answers.matcher import Matcher
from zalo_alert.answers.phrases import Phrases
from zalo_alert.answers.rule_book import matcher_of
from zalo_alert.answers.rule_reading import read_rule_set

EXAMPLES = Path(zalo_alert.__file__).parent / "answers" / "examples"
FOLDER = "inbound"

_ACTS = "làm, cấp, đổi, cấp lại, mất, gia hạn, đăng ký, xóa đăng ký, nộp hồ sơ, tra cứu, xác nhận, sửa thông tin"
_THINGS = (
    "căn cước, hộ chiếu, tạm trú, thường trú, giấy phép lái xe, đăng ký xe máy, biển số ô tô, lý lịch tư pháp, con dấu, hộ khẩu, "
    "khai sinh, kết hôn, khai tử, chứng thực bản sao, bảo hiểm y tế, trợ cấp thất nghiệp, phòng cháy chữa cháy, "
    "giấy phép xây dựng, định danh điện tử, tạm vắng"
)
_ABOUT = "Để {act} {thing}, mang theo giấy tờ tùy thân và nộp hồ sơ tại nơi đang ở. Lệ phí theo quy định, trả trong bảy ngày."
_FRONTS = (
    "",
    "cho em hỏi ",
    "Cho tôi hỏi muốn ",
    "em muốn ",
    "ad ơi ",
    "Kính gửi công an phường, tôi cần ",
    "anh chị cho hỏi ",
    "alo ",
)
_ENDS = (
    "",
    " ở đâu ạ",
    " cần giấy tờ gì",
    " mất bao lâu vậy",
    " bn tiền",
    " đc k ạ?",
    " online được không",
    " cho con tôi 14 tuổi thì sao",
)
_CHATTER = (
    "cảm ơn anh chị nhiều ạ", "hôm nay trời mưa to quá đường ngập hết rồi", "alo có ai không", "chúc mừng năm mới",
    "xin chào", "ok em", "khu vực chợ có nhóm thanh niên tụ tập gây ồn ào lúc nửa đêm", "số này của ai vậy",
)  # fmt: skip
_KEYS = "abcdeghiklmnopqrstuvxy"


class Asked(NamedTuple):
    """A text, and the rule that it was made of; "" where none is meant."""

    text: str
    rule: str


def rules_of_office(chance: random.Random, count: int = 200) -> list[Phrases]:
    """Make rules, each with the phrases of an act and a thing."""
    pairs = list(product(_ACTS.split(", "), _THINGS.split(", ")))
    chance.shuffle(pairs)
    forms = ("{act} {thing}", "{act} thẻ {thing}", "thủ tục {act} {thing}", "lệ phí {act} {thing}", "{thing} {act} ở đâu")
    return [
        Phrases(
            f"r{number}", tuple(form.format(act=act, thing=thing) for form in forms), about=_ABOUT.format(act=act, thing=thing)
        )
        for number, (act, thing) in enumerate(pairs[:count])
    ]


def texts(rules: Sequence[Phrases], chance: random.Random, count: int, *, slips: int) -> list[Asked]:
    """Make texts in which a phrase stands, with so many slips of the pen in it."""
    made = []
    for _ in range(count):
        rule = chance.choice(rules)
        phrase = chance.choice(rule.phrases)
        is_plain = chance.random() < 0.5
        for _slip in range(slips):
            phrase = slipped(fold(phrase) if is_plain else phrase, chance)
        text = f"{chance.choice(_FRONTS)}{phrase}{chance.choice(_ENDS)}"
        made.append(Asked(fold(text) if is_plain else text, rule.id))
    return made


def slipped(phrase: str, chance: random.Random) -> str:
    """Return a phrase with one letter wrong, missing, too many or swapped with the next."""
    at = chance.choice([number for number, sign in enumerate(phrase) if sign.isalpha()])
    kind = chance.randrange(4)
    if kind == 0:
        return phrase[:at] + chance.choice(_KEYS) + phrase[at + 1 :]
    if kind == 1:
        return phrase[:at] + phrase[at + 1 :]
    if kind == 2:
        return phrase[:at] + chance.choice(_KEYS) + phrase[at:]
    return phrase[:at] + phrase[at + 1 : at + 2] + phrase[at] + phrase[at + 2 :]


class Naive:
    """What one would write first: every phrase looked for in the folded text."""

    def __init__(self, rules: Sequence[Phrases]) -> None:
        self._rule_of = {fold(phrase): rule.id for rule in rules for phrase in rule.phrases}
        self._by_length = [
            (f" {phrase} ", rule) for phrase, rule in sorted(self._rule_of.items(), key=lambda pair: -len(pair[0]))
        ]

    def by_phrase(self, text: str) -> str:
        """Return the rule of the longest phrase that stands in a text."""
        folded = f" {fold(text)} "
        return next((rule for phrase, rule in self._by_length if phrase in folded), "")

    def by_slip(self, text: str) -> str:
        """Return the rule of the phrase that is most like a part of a text."""
        best = process.extractOne(fold(text), self._rule_of.keys(), scorer=fuzz.partial_ratio, score_cutoff=88)
        return self._rule_of[best[0]] if best else ""


def cpu_us(act: Callable[[str], object], asked: Sequence[Asked], turns: int) -> float:
    """Return the CPU a text in microseconds, the median of some turns."""
    return statistics.median(_turn(act, asked) for _ in range(turns))


def _turn(act: Callable[[str], object], asked: Sequence[Asked]) -> float:
    start = time.process_time()
    for one in asked:
        act(one.text)
    return (time.process_time() - start) * 1e6 / len(asked)


def percent(asked: Sequence[Asked], is_right: Callable[[Asked], bool]) -> str:
    """Say how many texts come out right."""
    return f"{100 * sum(map(is_right, asked)) / len(asked):.1f} %"


def show(what: str, us: float, found: str = "") -> None:
    """Print a line of the table."""
    print(f"| {what:<46} | {us:8.1f} | {1e6 / us:9,.0f} | {found:>8} |", flush=True)


def examples(folder: Path) -> Iterator[tuple[str, Matcher, Sequence[Case]]]:
    """Yield the rule sets that are shipped, as matchers, each with its corpus."""
    for example in sorted(path.parent for path in EXAMPLES.glob("*/cau-hoi.csv")):
        shutil.copytree(example, folder / example.name / FOLDER)
        files, _ = read_files(folder / example.name, ("answers",))
        rule_set = read_rule_set(files[0]).rule_set
        assert rule_set is not None
        corpus = parse_corpus((example / "cau-hoi.csv").read_bytes(), example.name)
        counted = ([rule if rule == NOBODY else rule_set.counted_as(rule) for rule in case.rules] for case in corpus.cases)
        cases = [case._replace(rules=tuple(rules)) for case, rules in zip(corpus.cases, counted, strict=True)]
        yield example.name, matcher_of(rule_set), cases


def measure_examples(turns: int) -> None:
    """Measure the rule sets that are shipped on their own corpora, with a question that offers what is meant as right."""
    with tempfile.TemporaryDirectory() as folder:
        for name, matcher, cases in examples(Path(folder)):
            right = sum(judge(case.rules, matcher.match(case.text)) in (Verdict.RIGHT, Verdict.ASKED) for case in cases)
            us = cpu_us(matcher.match, [Asked(case.text, "") for case in cases], turns)
            show(f"{name}, its {len(cases)} texts", us, f"{100 * right / len(cases):.1f} %")


def measure_office(given: argparse.Namespace, chance: random.Random) -> None:
    """Measure an office's rules on texts made by chance."""
    rules = rules_of_office(chance)
    matcher, naive = Matcher(rules), Naive(rules)
    standing = texts(rules, chance, given.texts, slips=0)
    mistyped = [one for one in texts(rules, chance, given.texts, slips=1) if matcher.match(one.text).why.step > Step.ACCENTS]
    chatter = [Asked(chance.choice(_CHATTER), "") for _ in range(given.texts)]
    few = mistyped[: max(1, given.texts // 50)]
    phrases = sum(len(rule.phrases) for rule in rules)
    print(f"{len(rules)} rules, {phrases} phrases; {len(standing)} texts, {len(mistyped)} mistyped\n")
    print("| what | CPU µs a text | texts/s and core | right |\n|---|---|---|---|")
    show("folding alone", cpu_us(fold, standing, given.turns))
    right = percent(standing, lambda one: one.rule in matcher.match(one.text).ids)
    show("a phrase stands: matcher", cpu_us(matcher.match, standing, given.turns), right)
    right = percent(standing, lambda one: naive.by_phrase(one.text) == one.rule)
    show("a phrase stands: every phrase looked for", cpu_us(naive.by_phrase, standing, given.turns), right)
    right = percent(mistyped, lambda one: one.rule in matcher.match(one.text).ids)
    show("mistyped: matcher", cpu_us(matcher.match, mistyped, given.turns), right)
    right = percent(few, lambda one: naive.by_slip(one.text) == one.rule)
    show("mistyped: rapidfuzz over all phrases", cpu_us(naive.by_slip, few, 3), right)
    right = percent(chatter, lambda one: matcher.match(one.text).kind is MatchKind.NONE)
    show("chatter: matcher", cpu_us(matcher.match, chatter, given.turns), right)


def main() -> None:
    """Measure; see the module."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--texts", type=int, default=10_000)
    options.add_argument("--turns", type=int, default=5)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    measure_office(given, random.Random(given.seed))
    measure_examples(given.turns)


if __name__ == "__main__":
    main()
