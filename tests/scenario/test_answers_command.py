"""`answers test` and `answers try` over the command line."""

import json

RULES = """\
kind: answers
accounts: {levels: [national]}
rules:
  - {id: can-cuoc, phrases: [làm căn cước], text: "Mang thẻ cũ.", buttons: [{title: Lệ phí, go: le-phi}]}
  - {id: le-phi, phrases: [lệ phí], text: "50.000 đồng."}
fallback: {in_hours: {text: "Không rõ câu hỏi."}}
"""


def office(desk):
    (desk.folder / "inbound").mkdir()
    (desk.folder / "inbound" / "qa.yaml").write_text(RULES, encoding="utf-8")
    return desk


def test_a_corpus_that_falls_below_its_demand_ends_with_3_and_names_each_text(desk):
    office(desk)
    (desk.folder / "c.csv").write_text("text,rule\nlam can cuoc,can-cuoc\nlệ phí,can-cuoc\nalo,-\n", encoding="utf-8")

    told = desk.run("answers", "test", "c.csv")
    facts = desk.run("answers", "test", "c.csv", "--json")

    assert (told.code, facts.code) == (3, 3)
    assert 'WRONG ANSWER\tlệ phí\tcan-cuoc\tle-phi\t5 phrase "lệ phí"' in told.out
    assert "lam can cuoc" not in told.out
    tried, summed = facts.facts[:2]
    assert (tried["type"], tried["line"], tried["verdict"]) == ("tried", 3, "wrong")
    assert (summed["type"], summed["counts"]["right"], summed["right_percent"], summed["enough"]) == ("corpus", 2, 66.67, False)
    assert json.loads(facts.err.splitlines()[-1])["cause"] == "attention-needed"


def test_a_conversation_comes_from_a_pipe(desk):
    office(desk)

    told = desk.run("answers", "try", stdin="lam can cuoc o dau\n/1\n/2\n\nalo\n")
    facts = desk.run("answers", "try", "--json", "--apart", stdin="lệ phíi\nKIEM TRA BAO-SO-9")

    assert (told.code, facts.code) == (0, 0)
    assert told.out.splitlines() == [
        "> lam can cuoc o dau", "< Mang thẻ cũ.", "< [1] Lệ phí", '  5 phrase "làm căn cước" → qa/can-cuoc',
        "> [1] Lệ phí", "< 50.000 đồng.", "  2 a button → qa/le-phi",
        "> alo", "< Không rõ câu hỏi.", "  8 no phrase → qa/fallback",
    ]  # fmt: skip
    assert "no answer had a button 2" in told.err
    asked, checked = (fact for fact in facts.facts if fact["type"] == "answered")
    assert (asked["step"], asked["kind"], asked["rules"]) == ("suggest", "suggest", ["qa/le-phi"])
    assert (checked["step"], checked["kind"], checked["rule"]) == ("reserved", None, "reserved/kiem-tra")
