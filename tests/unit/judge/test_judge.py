"""The judge of the door believes an honest one, and catches each that is not; it knows nothing of the product."""

import ast
import sys
from pathlib import Path

import pytest

from bench.judge import books, verdict
from bench.judge.__main__ import try_product, try_reference
from bench.judge.disk import can_make
from bench.judge.events import Event, Kind, Linked, Writer
from bench.judge.post import Memory
from bench.judge.reference import FAULTS
from bench.judge.trial import PRODUCT_WAYS, Plan, Way

FOUND = {
    "early": "acknowledged and lost",
    "twice": "stored twice",
    "some": "acknowledged and lost",
    "first": "stored in part",
    "anyone": "forged and acknowledged",
    "uncounted": "copies miscounted",
    "rewritten": "stored otherwise than posted",
    "strict": "right and answered 403",
    "unsynced": "acknowledged and lost",
    "reserved": "right and parked",
}
OA = Linked("3886132808700001", "360846524940903967", "a secret")


def test_the_judge_is_made_of_the_standard_library_alone():
    rooms = Path(books.__file__).parent
    names = {name for path in rooms.glob("*.py") for name in imported(path)}
    assert {name for name in names if name not in sys.stdlib_module_names} == {"bench"}
    assert not any("zalo_alert" in name for name in names)


def imported(path: Path) -> set[str]:
    tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    names = [[each.name for each in node.names] if isinstance(node, ast.Import) else [node.module or ""] for node in tree
             if isinstance(node, ast.Import | ast.ImportFrom)]  # fmt: skip
    whole = {name for some in names for name in some}
    assert all(name.startswith("bench.judge") for name in whole if name.startswith("bench"))
    return {name.partition(".")[0] for name in whole}


def test_every_fault_of_the_reference_has_a_name_by_which_it_is_found():
    assert FOUND.keys() == FAULTS.keys()


@pytest.mark.kill
@pytest.mark.slow
def test_an_honest_door_that_is_killed_is_believed(tmp_path):
    outcome = try_reference(tmp_path, Plan(4, seed=2, life_s=0.15, calm=200, ways=(Way.KILL, Way.STOP, Way.POWER, Way.POWER)))
    assert outcome.sentences() == []
    assert outcome.verdict.acknowledged > 200
    assert len(outcome.back_s) == 5
    assert outcome.ways[Way.POWER] > 1
    assert outcome.together > 0


@pytest.mark.kill
@pytest.mark.slow
def test_the_door_keeps_what_it_acknowledges_though_it_and_its_worker_are_killed(tmp_path):
    ways = (Way.KILL, Way.POWER if can_make() else Way.KILL, Way.WORKER)
    plan = Plan(3, seed=3, posters=4, life_s=0.3, calm=100, ways=ways, has_worker=True)
    outcome = try_product(tmp_path, plan, oas=10)
    assert outcome.sentences() == []
    assert outcome.verdict.acknowledged > 100
    assert outcome.classes["filed"] > 0
    assert set(outcome.exits) == {130}


@pytest.mark.kill
@pytest.mark.long
def test_the_door_keeps_what_it_acknowledges_through_thirty_ends(tmp_path):
    outcome = try_product(tmp_path, Plan(30, seed=4, ways=PRODUCT_WAYS, has_worker=True))
    assert outcome.sentences() == []
    assert outcome.verdict.acknowledged > 3000
    assert len(outcome.ways) > 3


@pytest.mark.kill
@pytest.mark.slow
@pytest.mark.parametrize("fault", ["early", "twice", "some"])
def test_a_dishonest_door_is_caught(tmp_path, fault):
    caught(tmp_path, fault)


@pytest.mark.kill
@pytest.mark.long
@pytest.mark.parametrize("fault", sorted(FOUND.keys() - {"early", "twice", "some", "unsynced"}))
def test_each_other_dishonest_door_is_caught(tmp_path, fault):
    caught(tmp_path, fault)


@pytest.mark.kill
@pytest.mark.slow
@pytest.mark.skipif(not can_make(), reason="needs a C compiler")
def test_a_door_that_does_not_wait_for_the_disk_is_caught_by_a_power_cut(tmp_path):
    outcome = try_reference(tmp_path, Plan(2, seed=1, life_s=0.2, calm=0, ways=(Way.POWER,)), "unsynced")
    assert outcome.verdict.count(FOUND["unsynced"]) > 0


def caught(folder: Path, fault: str) -> None:
    kills, calm = {"early": (3, 0), "some": (0, 1300), "reserved": (0, 1300)}.get(fault, (0, 400))
    for seed in range(1, 9):  # on a machine that others slow down, a door may be killed before it has lied
        (own := folder / str(seed)).mkdir()
        outcome = try_reference(own, Plan(kills, seed=seed, life_s=0.2, calm=calm, ways=(Way.KILL,)), fault)
        if outcome.verdict.count(FOUND[fault]) > 0:
            return
    pytest.fail(f"{fault} was not caught in eight tries")


# --- the verdict by itself -------------------------------------------------------------------------------------------------


def written(kind: Kind) -> Event:
    return Writer([OA], [OA], seed=3).event(kind)


def posted(event: Event, *statuses: int, unanswered: int = 0) -> Memory:
    memory = Memory()
    for _ in range(len(statuses) + unanswered):
        memory.post(event)
    for status in statuses:
        memory.answer(event, status, 0)
    return memory


def holding(*rows: tuple[Event, int]) -> books.Books:
    kept = books.Books()
    for event, repeats in rows:
        kept.messages[event.mark].append(books.Row("day", event.oa, repeats, event.body))
    return kept


TEXT, SEEN, FORGED = written(Kind.TEXT), written(Kind.SEEN), written(Kind.FORGED)


def faults(memory: Memory, kept: books.Books) -> list[str]:
    return sorted(verdict.judge(memory, kept).faults)


def test_what_was_acknowledged_and_stands_once_is_right():
    assert faults(posted(TEXT, 200), holding((TEXT, 0))) == []


def test_what_was_acknowledged_and_stands_nowhere_is_lost():
    assert faults(posted(TEXT, 200), holding()) == ["acknowledged and lost"]
    assert faults(posted(SEEN, 200), holding()) == ["acknowledged and lost"]


def test_what_had_no_answer_may_be_stored_or_not():
    assert faults(posted(TEXT, unanswered=1), holding()) == []
    assert faults(posted(TEXT, unanswered=1), holding((TEXT, 0))) == []


def test_two_rows_of_one_message_are_one_too_many():
    assert "stored twice" in faults(posted(TEXT, 200, 200), holding((TEXT, 0), (TEXT, 0)))


@pytest.mark.parametrize(("repeats", "expected"), [(0, ["copies miscounted"]), (1, []), (2, []), (3, ["copies miscounted"])])
def test_copies_are_counted_between_what_was_acknowledged_and_what_was_posted(repeats, expected):
    assert faults(posted(TEXT, 200, 200, unanswered=1), holding((TEXT, repeats))) == expected


def test_other_bytes_than_posted_are_a_fault():
    assert faults(posted(TEXT, 200), holding((TEXT._replace(body=TEXT.body + b" "), 0))) == ["stored otherwise than posted"]


def test_a_row_that_nobody_posted_is_a_fault():
    assert faults(Memory(), holding((TEXT, 0))) == ["stored and never posted"]


def test_a_right_event_is_neither_refused_nor_parked():
    assert faults(posted(TEXT, 403), holding()) == ["right and answered 403"]
    kept = holding((TEXT, 0))
    kept.parked[TEXT.mark] += 1
    assert faults(posted(TEXT, 200), kept) == ["right and parked"]


def test_a_forged_event_is_answered_403_and_is_nowhere():
    assert faults(posted(FORGED, 403), holding()) == []
    assert faults(posted(FORGED, 200), holding((FORGED, 0))) == ["forged and acknowledged", "forged and stored"]
    assert faults(posted(FORGED, 500), holding()) == ["forged and answered 500"]


def test_every_message_of_a_receipt_is_stored_with_it():
    kept = books.Books()
    assert len(SEEN.parts) > 1
    kept.receipts.update((SEEN.oa, part, message) for part, message in enumerate(SEEN.parts))
    assert faults(posted(SEEN, 200), kept) == []
    assert faults(posted(SEEN, 200, 200), kept) == ["copies miscounted"]
    kept.receipts[SEEN.oa, 0, SEEN.parts[0]] += 1
    assert faults(posted(SEEN, 200, 200), kept) == ["stored in part"]


def test_each_stored_event_is_in_the_class_of_its_kind():
    kept = holding((TEXT, 1))
    kept.classes["filed"] = 1
    assert list(verdict.misclassed(posted(TEXT, 200, 200), kept)) == []
    kept.classes["late"] = 1
    kept.classes["filed"] = 2
    found = list(verdict.misclassed(posted(TEXT, 200, 200), kept))
    assert found == ["2 events counted as filed instead of 1", "1 events counted as late instead of 0"]
