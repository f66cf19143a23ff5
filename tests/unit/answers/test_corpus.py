"""Corpora: reading one, judging a text, and trying the rules of a workspace with it."""

import pytest

from zalo_alert.answers.corpus import MOST_TEXT, Case, Demand, Verdict, judge, parse_corpus
from zalo_alert.answers.match import Match, MatchKind, Step, Why
from zalo_alert.errors import InputInvalid, UsageError
from zalo_alert.operations.answers_corpus import try_corpus

SECOND = """\
kind: answers
accounts: {ids: [pctt]}
rules: [{id: bao, phrases: [tin bão], text: "Xem bản tin."}]
fallback: {in_hours: {text: "Không có."}}
"""


def test_a_corpus_is_read_with_its_lines_and_demand() -> None:
    remarks = "\ufeff# câu của người dân\n# right: 90 %\n# wrong: 0\n"
    text = f'{remarks}text,rule,account\n"làm\ncăn cước",a|-,x\nalo,-,\n#hộ_khẩu,set/b,\n'

    corpus = parse_corpus(text.encode(), "c.csv")

    assert corpus.demand == Demand(90.0, 0.0)
    assert corpus.cases == (
        Case(5, "làm\ncăn cước", ("a", "-"), "x"),
        Case(7, "alo", ("-",)),
        Case(8, "#hộ_khẩu", ("set/b",)),
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "there is no column text"),
        (b"text,rule\n", "has no text to try"),
        (b"text\nalo\n", "c.csv:1: there is no column rule"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"text,rule\nalo, b,a\n", "c.csv:2: there are more cells than columns"),
        (b"text,rule\nalo,\n", "c.csv:2: the rule is missing"),
        (b"text,rule\nalo\n", "c.csv:2: the rule is missing"),
        (b"text,rule\nok,a\n  ,a\n", "c.csv:3: the text is missing"),
        (b"text,rule\nok,a||b\n", "c.csv:2: the rule is missing"),
        (b'text,rule\n"ok,a\n', "c.csv:2: this is not CSV"),
        (b"# right: 101\ntext,rule\nok,a\n", "c.csv:1: 101 is more than 100"),
        (b"text,rule\n" + b"a" * (MOST_TEXT + 1) + b",a\n", "c.csv:2: the text has more than"),
    ],
)
def test_what_is_no_corpus_is_refused_with_its_line(content: bytes, said: str) -> None:
    with pytest.raises(InputInvalid, match=said):
        parse_corpus(content, "c.csv")


@pytest.mark.parametrize(
    ("rules", "kind", "ids", "verdict"),
    [
        (("a",), MatchKind.RULE, ("a",), Verdict.RIGHT),
        (("a", "b"), MatchKind.RULE, ("b",), Verdict.RIGHT),
        (("a",), MatchKind.RULE, ("b",), Verdict.WRONG),
        (("-",), MatchKind.RULE, ("b",), Verdict.WRONG),
        (("-",), MatchKind.NONE, (), Verdict.RIGHT),
        (("-", "a"), MatchKind.NONE, (), Verdict.RIGHT),
        (("a",), MatchKind.NONE, (), Verdict.FALLBACK),
        (("a",), MatchKind.SEVERAL, ("b", "a"), Verdict.ASKED),
        (("a",), MatchKind.SUGGEST, ("a",), Verdict.ASKED),
        (("a",), MatchKind.SUGGEST, ("b",), Verdict.MISLED),
        (("-",), MatchKind.SEVERAL, ("b", "a"), Verdict.MISLED),
    ],
)
def test_a_question_or_an_officers_turn_is_no_wrong_answer(
    rules: tuple[str, ...], kind: MatchKind, ids: tuple[str, ...], verdict: Verdict
) -> None:
    assert judge(rules, Match(kind, ids, Why(Step.PHRASE))) is verdict


def corpus(office, text, name="c.csv"):
    path = office.folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_rules_of_a_workspace_are_tried(office) -> None:
    path = corpus(
        office, "text,rule\nlàm căn cước,can-cuoc\nlệ phí thẻ,police-qa/le-phi\nalo,-\nlam cccd,le-phi\nxin chào,le-phi\n"
    )

    result = try_corpus(office.settings, path)

    assert {word: n for word, n in result.counts.items() if n} == {Verdict.RIGHT: 3, Verdict.WRONG: 1, Verdict.FALLBACK: 1}
    assert (result.right_percent, result.wrong_percent, result.is_enough) == (60.0, 20.0, False)
    wrong = next(one for one in result.tried if one.verdict is Verdict.WRONG)
    assert (wrong.case.line, wrong.case.rules, wrong.match.ids) == (5, ("police-qa/le-phi",), ("police-qa/can-cuoc",))


def test_a_corpus_may_demand_less(office) -> None:
    path = corpus(office, "# right: 50\n# wrong: 50\ntext,rule\nlàm căn cước,can-cuoc\nlam cccd,le-phi\n")

    assert try_corpus(office.settings, path).is_enough


def test_a_rule_that_there_is_not_is_told_with_its_line(office) -> None:
    path = corpus(office, "text,rule\nalo,-\nlàm căn cước,can-cuov\n")

    with pytest.raises(InputInvalid, match=r'c\.csv:3: .*no rule can-cuov; did you mean "can-cuoc"'):
        try_corpus(office.settings, path)


def test_of_several_rule_sets_the_one_is_meant_that_has_the_rules(office) -> None:
    office.write(SECOND, "bao.yaml")

    assert try_corpus(office.settings, corpus(office, "text,rule\ntin bão,bao\n")).is_enough
    assert try_corpus(office.settings, corpus(office, "text,rule,account\ntin bão,bao,pctt\ncccd,can-cuoc,ca-hue\n")).is_enough
    assert try_corpus(office.settings, corpus(office, "text,rule\ntin bão,-\n"), "ca-hue").is_enough
    with pytest.raises(UsageError, match="2 rule sets may be meant"):
        try_corpus(office.settings, corpus(office, "text,rule\ntin bão,-\n"))


@pytest.mark.parametrize(
    ("account", "said"), [("pctt", "no file of inbound/ answers for pctt"), ("nobody", "no account")], ids=["none", "unknown"]
)
def test_an_account_without_rules_is_told(office, account: str, said: str) -> None:
    with pytest.raises(Exception, match=said):
        try_corpus(office.settings, corpus(office, "text,rule\nalo,-\n"), account)


def test_a_corpus_that_is_not_there_is_told(office) -> None:
    with pytest.raises(InputInvalid, match="can't read"):
        try_corpus(office.settings, office.folder / "none.csv")
