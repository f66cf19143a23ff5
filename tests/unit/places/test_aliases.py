"""The office's file of names: what is read from it, what is refused and where, and that it is only ever added to."""

from typing import NamedTuple

import pytest

from zalo_alert import places
from zalo_alert.errors import InputInvalid
from zalo_alert.places import aliases


class Unplaced(NamedTuple):
    text: str
    people: int
    reason: str = ""


@pytest.fixture
def path(tmp_path):
    return tmp_path / aliases.NAME


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_completed_rows_are_read_and_empty_ones_are_left(path, mark):
    lines = [("text", "place", "people"), ("Cố đô", "old:46", "3"), ("ở biển", "", "2"), ()]
    path.write_text("\n".join(map(mark.join, lines)), encoding="utf-8")

    assert aliases.read(path) == ((places.alias_key("Cố đô"), "old:46"),)


def test_what_is_no_place_is_named_with_its_line_and_nothing_is_taken(path):
    path.write_text("text,place\nCố đô,old:46\nquê,old:9999\nlạ,unknown\n", encoding="utf-8")

    with pytest.raises(InputInvalid, match='line 3: "old:9999" is not a valid place; line 4: "unknown" is not a valid place'):
        aliases.read(path)


def test_a_file_that_is_no_alias_file_is_refused(path):
    with pytest.raises(InputInvalid, match="can't read the alias file"):
        aliases.read(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputInvalid, match="can't read the alias file"):
        aliases.read(path)
    with path.open("wb") as file:
        file.truncate(aliases.MAX_BYTES + 1)
    with pytest.raises(InputInvalid, match="larger than 10 MB"):
        aliases.read(path)


def test_what_is_known_stays_and_what_is_new_comes_behind_it(path):
    assert aliases.add_unresolved(path, [Unplaced("Cố đô", 3, "")]) == 1
    path.write_text(path.read_text(encoding="utf-8").replace("Cố đô,,3", "Cố đô,old:46,3"), encoding="utf-8")

    assert aliases.add_unresolved(path, [Unplaced("cố đô", 4, ""), Unplaced("ở biển", 2, "")]) == 1
    assert path.read_text(encoding="utf-8").splitlines() == ["text,place,people", "Cố đô,old:46,3", "ở biển,,2"]


def test_a_folder_that_can_not_be_written_to_is_a_sentence(path):
    with pytest.raises(InputInvalid, match="can't write"):
        aliases.add_unresolved(path.parent / "nowhere" / path.name, [Unplaced("Cố đô", 3, "")])
