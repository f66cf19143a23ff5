"""Practice and freshness through the command line: who signed in drills, and of whom nothing was heard."""

import pytest
from office import submit

pytestmark = pytest.mark.long


@pytest.mark.long
def test_an_exercise_counts_for_whoever_signs_it(live_desk, officers):
    path = live_desk.campaign(areas="[new:46]", code="DT-1")
    people = live_desk.run("plan", path, "--json").fact("plan")["people"]
    assert submit(live_desk, officers, path, "DT-1", people, "Dung").code == 0
    assert live_desk.run("approve", "DT-1", "--key", officers.key("Cuc"), stdin=f"DT-1\n{people}\n").code == 0

    rows = {fact["officer"]: fact for fact in live_desk.run("officers", "drills", "--json").facts}
    assert {name: (row["submitted"], row["approved"], row["practised"]) for name, row in rows.items()} == {
        "An": (0, 0, False), "Binh": (0, 0, False), "Cuc": (0, 1, True), "Dung": (1, 0, True),
    }  # fmt: skip
    assert all(row["new"] for row in rows.values())
    assert "Cuc" in live_desk.run("officers", "drills").out
    assert any(fact.get("about") == "drills" for fact in live_desk.run("doctor", "--offline", "--json").facts)


def test_what_is_no_workspace_is_10_and_nobody_to_count_is_said(desk):
    desk.configure("templates:", "also: [../none]\n  templates:")
    assert "no list of officers" in desk.run("officers", "drills").said
    desk.configure("  also: [../none]\n", "")
    assert desk.run("officers", "drills", "--months", "0").code == 2


def test_how_old_the_book_is_stands_by_province(desk):
    result = desk.run("followers", "freshness", "--months", "1", "--json")
    rows = result.facts
    assert result.code == 0
    assert sum(row["people"] for row in rows) == desk.run("followers", "stats", "--json").fact("book")["people"]
    assert all(0 <= row["stale"] <= row["people"] for row in rows)
    shares = [row["stale"] / row["people"] for row in rows]
    assert shares == sorted(shares, reverse=True)
    assert "nothing heard for 1 month" in desk.run("followers", "freshness", "--months", "1").said
