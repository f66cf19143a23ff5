from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from zalo_alert.errors import StorageUnusable
from zalo_alert.runs import shards
from zalo_alert.runs.shards import ShardReader


def batches(people: int, size: int) -> Iterator[pa.RecordBatch]:
    for first in range(0, people, size):
        numbers = range(first, min(people, first + size))
        columns = [
            [str(10**10 + n) for n in numbers],
            [n % 7 for n in numbers],
            [0 for _ in numbers],
            ["" for _ in numbers],
            ["" for _ in numbers],
        ]
        yield pa.RecordBatch.from_arrays(
            [pa.array(c, f.type) for c, f in zip(columns, shards.SCHEMA, strict=True)], schema=shards.SCHEMA
        )


@pytest.fixture
def audience(tmp_path: Path) -> tuple[Path, list[shards.Shard]]:
    return tmp_path, shards.write(batches(1_100_000, 70_001), tmp_path)


@pytest.mark.slow
def test_shards_lie_end_to_end_and_every_person_is_where_their_number_says(audience: tuple[Path, list[shards.Shard]]) -> None:
    folder, written = audience
    assert [(s.file, s.first, s.people) for s in written] == [
        ("00000.parquet", 0, 1_000_000),
        ("00001.parquet", 1_000_000, 100_000),
    ]

    reader = ShardReader(folder, written)
    for first, people in ((0, 3), (32_760, 20), (999_990, 30), (1_099_999, 1)):
        window = reader.window(first, people)
        assert [p.number for p in window] == list(range(first, first + people))
        assert [p.user_id for p in window] == [str(10**10 + n) for n in range(first, first + people)]
        assert [p.place for p in window] == [n % 7 for n in range(first, first + people)]
    assert [p.number for p in reader.people([1_050_000, 5, 70_000])] == [1_050_000, 5, 70_000]
    reader.close()


def test_files_are_private(audience: tuple[Path, list[shards.Shard]]) -> None:
    folder, written = audience

    assert {(folder / s.file).stat().st_mode & 0o777 for s in written} == {0o600}


def test_an_altered_file_is_refused(audience: tuple[Path, list[shards.Shard]]) -> None:
    folder, written = audience
    path = folder / written[1].file
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    reader = ShardReader(folder, written)

    with pytest.raises(StorageUnusable, match=r"00001.parquet is not the file that was frozen"):
        reader.window(1_000_000, 1)


def test_a_missing_file_is_named(audience: tuple[Path, list[shards.Shard]]) -> None:
    folder, written = audience
    (folder / written[0].file).unlink()

    with pytest.raises(StorageUnusable, match=r"00000.parquet is missing"):
        ShardReader(folder, written).window(0, 1)
