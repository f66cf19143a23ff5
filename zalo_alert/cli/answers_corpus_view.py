"""What a corpus came to, as a person and a script see it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from zalo_alert.cli.display import display
from zalo_alert.cli.match_words import because, names_of
from zalo_alert.language import _, _n, count, decimal, joined

if TYPE_CHECKING:
    from zalo_alert.operations.answers_corpus import CorpusResult, Tried

_VERDICTS: Mapping[str, str] = {
    "right": _("right"),
    "asked": _("asked, right after one tap"),
    "misled": _("asked, and not what is meant"),
    "fallback": _("no answer"),
    "wrong": _("WRONG ANSWER"),
}


def show_tried(tried: "Sequence[Tried]") -> None:
    """List texts with what they should and did come to: wrong answers last, where they are seen."""
    order = list(_VERDICTS)
    rows = []
    for one in sorted(tried, key=lambda one: order.index(one.verdict)):
        display.fact(
            "tried", line=one.case.line, text=one.case.text, account=one.case.account, verdict=one.verdict,
            meant=list(one.case.rules), found=list(one.match.ids), kind=one.match.kind, words=one.match.why.words,
        )  # fmt: skip
        meant, found = names_of(one.case.rules), names_of(one.match.ids) or "-"
        rows.append((one.case.line, _VERDICTS[one.verdict], one.case.text, meant, found, because(one.match)))
    if rows:
        display.table("", (_("line"), _("came out"), _("text"), _("meant"), _("found"), _("because")), rows, whole=1)


def show_result(result: "CorpusResult") -> None:
    """Sum up: how much is right, asked about, without an answer, and wrong."""
    counts, demand, texts = result.counts, result.demand, len(result.tried)
    display.fact(
        "corpus", texts=texts, counts={word.value: n for word, n in counts.items()}, right_percent=round(result.right_percent, 2),
        wrong_percent=round(result.wrong_percent, 2), right_demanded=demand.right, wrong_demanded=demand.wrong,
        enough=result.is_enough,
    )  # fmt: skip
    parts = [
        _("{words}: {count} ({percent} %)", words=_VERDICTS[word], count=count(n), percent=decimal(100 * n / texts))
        for word, n in counts.items()
    ]
    display.tell(_n("{count} text tried", "{count} texts tried", texts, count=count(texts)), style="bold")
    for part in parts:
        display.tell(joined(("  ", part), ""))
    right, wrong = decimal(result.right_percent), decimal(result.wrong_percent, 2)
    display.tell(
        joined(
            (
                _(
                    "right at once or after one tap: {percent} %, demanded {demand} %",
                    percent=right,
                    demand=decimal(demand.right),
                ),
                _("wrong answers: {percent} %, at most {demand} %", percent=wrong, demand=decimal(demand.wrong, 2)),
            ),
            "; ",
        ),
        style="green" if result.is_enough else "red",
    )
