"""People taken by number from the shards of the runs that reached them."""

from array import array

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zalo_alert.ledger.base import pack_reached
from zalo_alert.runs import reached, shards
from zalo_alert.runs.reached import BY_PLACE, NEVER_S, Group, ReachedRun, everyone, write_reached
from zalo_alert.runs.shards import SCHEMA, ShardReader


@pytest.fixture(autouse=True)
def _small_shards(monkeypatch):
    monkeypatch.setattr(shards, "ROWS_PER_SHARD", 1000)
    monkeypatch.setattr(reached, "ROWS_PER_SHARD", 1000)
    monkeypatch.setattr(shards, "ROWS_PER_GROUP", 64)


def audience(folder, people, prefix="u", places=3, account=0):
    folder.mkdir()
    columns = [
        [f"{prefix}{n:06}" for n in range(people)], [n % places for n in range(people)], [account] * people,
        [f"84{n}" for n in range(people)], [""] * people,
    ]  # fmt: skip
    batch = pa.record_batch([pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)], schema=SCHEMA)
    return ShardReader(folder, shards.write([batch], folder))


def packed(*people):
    return array("q", [pack_reached(*person) for person in people])


def taken(runs, folder):
    folder.mkdir()
    written, groups = write_reached(runs, folder)
    rows = [row for path in sorted(folder.glob("*.parquet")) for row in pq.read_table(path).to_pylist()]
    assert sum(shard.people for shard in written) == len(rows) == sum(count.people for count in groups.values())
    return rows, groups


def test_exactly_those_reached_are_taken_the_first_to_be_reached_first(tmp_path):
    people = packed((30, 5, 0), (10, 2500, 0), (20, 999, 0), (20, 64, 0))
    rows, _ = taken([ReachedRun(audience(tmp_path / "a", 3000), people, [0], [0] * 3, [0])], tmp_path / "b")

    assert [row["user_id"] for row in rows] == ["u002500", "u000064", "u000999", "u000005"]
    assert rows[0] == {"user_id": "u002500", "place": 0, "account": 0, "phone": "842500", "name": ""}


def test_all_of_several_shards_come_back_in_any_order(tmp_path):
    numbers = [n * 7919 % 2500 for n in range(2500)]
    people = array("q", sorted(pack_reached(at, number, 0) for at, number in enumerate(numbers)))
    rows, _ = taken([ReachedRun(audience(tmp_path / "a", 2500), people, [0], [0] * 3, [0])], tmp_path / "b")

    assert [row["user_id"] for row in rows] == [f"u{number:06}" for number in numbers]


def test_people_of_one_place_are_told_apart_by_the_route_that_is_tried_first(tmp_path):
    people = packed((1, 0, 1), (2, 3, 0), (3, 6, 1), (4, 1, 1))
    rows, groups = taken([ReachedRun(audience(tmp_path / "a", 10), people, [0, 2], [0] * 3, [0])], tmp_path / "b")

    assert [row["place"] for row in rows] == [0, 1, 0, 2]
    assert list(groups) == [Group(0, 0, 2), Group(0, 0, 0), Group(0, 1, 2)]
    assert [(count.people, count.first_number, count.last_number) for count in groups.values()] == [
        (2, 0, 2),
        (1, 1, 1),
        (1, 3, 3),
    ]


def test_somebody_of_two_runs_is_taken_once_and_the_same_id_at_another_account_is_another_person(tmp_path):
    whole = packed(*((1, number, 0) for number in range(4)))
    runs = [
        ReachedRun(audience(tmp_path / "a", 4), whole[:2], [0], [0] * 3, [0]),
        ReachedRun(audience(tmp_path / "b", 4), whole, [0], [0] * 3, [0]),
        ReachedRun(audience(tmp_path / "c", 4), whole[3:], [0], [0] * 3, [1]),
    ]
    rows, groups = taken(runs, tmp_path / "d")

    assert [(row["user_id"], row["account"]) for row in rows] == [
        ("u000000", 0), ("u000001", 0), ("u000002", 0), ("u000003", 0), ("u000003", 1),
    ]  # fmt: skip
    assert [group.run for group in groups] == [0, 0, 1, 1, 2]


def test_whoever_was_not_reached_comes_last_and_begins_where_their_place_says(tmp_path):
    people = everyone(6, packed((9, 4, 0)))
    assert list(people) == [pack_reached(9, 4, 0), *(pack_reached(NEVER_S, n, BY_PLACE) for n in (0, 1, 2, 3, 5))]
    rows, groups = taken([ReachedRun(audience(tmp_path / "a", 6), people, [1], [2, 2, 0], [0])], tmp_path / "b")

    assert [row["user_id"][-1] for row in rows] == ["4", "0", "1", "2", "3", "5"]
    assert {(group.place, group.first_route) for group in groups} == {(1, 1), (0, 2), (1, 2), (2, 0)}


def test_nobody_reached_is_nobody_taken(tmp_path):
    rows, groups = taken([ReachedRun(audience(tmp_path / "a", 6), packed(), [0], [0] * 3, [0])], tmp_path / "b")
    assert (rows, groups) == ([], {})
