"""Whom a campaign takes out of a book: wards, further places, opt-outs, lists, and who follows several OAs."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zalo_alert.book import Book, Selection, Turn, numbers, people
from zalo_alert.testing import FakeClock

pytestmark = pytest.mark.slow  # together they take ten seconds, for each makes books of its own

A, B, C, D = (str(1002893352839501541 + n) for n in range(4))
CLOCK = FakeClock()


def book_of(folder, text):
    book = Book(folder)
    path = folder.parent / f"{folder.name}.csv"
    path.write_text(text, encoding="utf-8")
    book.import_rows(path, path.name, rejects=folder.parent / "rejects.csv", clock=CLOCK)
    return book


def counted(book, selection=None):
    return {row.place: row.people for row in book.reach(selection or Selection(), CLOCK.now())}


def chosen(book, selection, keys):
    turns = [Turn(key, tier, 1) for tier, key in enumerate(keys)]
    rows = [row for batch in people([(book, selection)], turns) for row in batch.to_pylist()]
    assert len({row["user_id"] for row in rows}) == len(rows)
    served = {row.place: row.people for row in book.served(selection, keys, CLOCK.now())}
    assert {keys[row["place"]] for row in rows} == set(served)
    assert sum(served.values()) == len(rows)
    return [(keys[row["place"]], row["user_id"]) for row in rows]


def test_wards_that_matter_are_told_apart_from_the_rest_of_their_province(tmp_path):
    text = f"user_id,city,ward\n{A},Huế,Thuận An\n{B},Huế,Phú Xuân\n{C},Huế,\n{D},Hà Nội,Ba Đình\n"
    book = book_of(tmp_path / "book", text)
    assert counted(book) == {"old:46": 3, "old:01": 1}
    wards = Selection(wards=frozenset({"19900"}))
    assert counted(book, wards) == {"ward:19900": 1, "old:46+": 1, "old:46": 1, "old:01": 1}
    assert chosen(book, wards, ["ward:19900", "old:46"]) == [("ward:19900", A), ("old:46", C)]


def test_somebody_with_several_places_is_written_to_once_at_the_first_that_is_meant(tmp_path):
    text = f"user_id,city,city_work,city_family\n{A},Huế,Hà Nội,Cà Mau\n{B},Hà Nội,Huế,\n{C},Bình Định,,\n"
    book = book_of(tmp_path / "book", text)
    assert counted(book) == {"old:46": 1, "old:01": 1, "old:52": 1}
    assert book.further(Selection()) == {"old:01", "new:96", "old:46"}
    assert chosen(book, Selection(), ["new:96", "old:46"]) == [("new:96", A), ("old:46", B)]
    assert chosen(book, Selection(), ["old:52"]) == [("old:52", C)]


def test_whoever_opted_out_of_a_topic_is_left_out_of_it_alone(tmp_path):
    book = book_of(tmp_path / "book", f"user_id,city,opted_out\n{A},Huế,drill;information\n{B},Huế,\n")
    assert counted(book, Selection(topic="drill")) == {"old:46": 1}
    assert counted(book, Selection(topic="warning")) == {"old:46": 2}
    assert counted(book, Selection(topic="")) == {"old:46": 2}


def test_whoever_has_left_is_counted_and_never_written_to(tmp_path):
    book = book_of(tmp_path / "book", f"user_id,city,is_follower\n{A},Huế,0\n{B},Huế,1\n{C},Huế,\n")
    assert chosen(book, Selection(), ["old:46"]) == [("old:46", B), ("old:46", C)]
    assert counted(book) == {"old:46": 2}
    assert book.stats().people == 3


def test_lists_keep_some_in_and_others_out(tmp_path):
    book = book_of(tmp_path / "book", f"user_id,city\n{A},Huế\n{B},Huế\n{C},Huế\n")
    staff, never = book_of(tmp_path / "staff", f"{A}\n{B}\n99999\n"), book_of(tmp_path / "never", f"{B}\n")
    assert counted(book, Selection(ids=(staff.ids(),))) == {"old:46": 2}
    assert counted(book, Selection(without=(never.ids(),))) == {"old:46": 2}
    assert counted(book, Selection(ids=(staff.ids(),), without=(never.ids(),))) == {"old:46": 1}
    assert book.strangers(staff.ids(), 5) == (1, ["99999"])


def test_a_person_of_two_oas_of_one_app_belongs_to_the_nearer(tmp_path):
    near = book_of(tmp_path / "near", f"user_id,user_id_by_app,city\n{A},111111,Huế\n{B},222222,Hà Nội\n")
    far = book_of(tmp_path / "far", f"user_id,user_id_by_app,city\n{C},111111,Huế\n{D},222222,Huế\n99999,,Huế\n")
    reached = near.nearer(Selection(), ["old:46"])  # B lives elsewhere, so the nearer OA does not write to them
    assert chosen(far, Selection(nearer=(reached,)), ["old:46"]) == [("old:46", D), ("old:46", "99999")]


PHONES = f"user_id,phone,city\n{A},0912345678,Huế\n{B},+84912345678,Hà Nội\n{C},84 912 345 678,Huế\n{D},0987654321,Huế\n"


def by_phone(*sources, keys=("old:46", "old:01")):
    turns = [Turn(key, tier, 2) for tier, key in enumerate(keys)]
    return [(row["user_id"], row["phone"]) for batch in people(sources, turns, by_phone=True) for row in batch.to_pylist()]


def test_a_phone_number_belongs_to_the_first_who_is_written_to(tmp_path):
    book = book_of(tmp_path / "book", PHONES)
    assert by_phone((book, Selection())) == [(A, "84912345678"), (C, f"={A}"), (D, "84987654321"), (B, f"={A}")]
    assert by_phone((book, Selection()), keys=("old:01", "old:46")) == [
        (B, "84912345678"), (A, f"={B}"), (C, f"={B}"), (D, "84987654321"),
    ]  # fmt: skip
    assert numbers([(book, Selection())], ["old:01", "old:46"]) == {"old:01": 1, "old:46": 1}


def test_who_is_left_out_owns_no_number(tmp_path):
    book, never = book_of(tmp_path / "book", PHONES), book_of(tmp_path / "never", f"{A}\n")
    selection = Selection(without=(never.ids(),))
    assert by_phone((book, selection)) == [(C, "84912345678"), (D, "84987654321"), (B, f"={C}")]


@pytest.mark.slow
def test_a_number_is_found_again_across_the_batches_that_people_come_in(tmp_path, monkeypatch):
    monkeypatch.setattr("zalo_alert.runs.shards.ROWS_PER_GROUP", 1)
    rows = "".join(f"{int(A) + n},09{n % 3000:08d},Huế\n" for n in range(6000))
    found = by_phone((book_of(tmp_path / "book", "user_id,phone,city\n" + rows), Selection()), keys=("old:46",))
    first = {phone: user_id for user_id, phone in reversed(found) if not phone.startswith("=")}
    assert len(first) == 3000
    assert sorted(phone[1:] for _, phone in found if phone.startswith("=")) == sorted(first.values())


@pytest.mark.parametrize("same_app", [True, False])
def test_a_person_of_two_oas_with_one_phone_belongs_to_the_nearer(tmp_path, same_app):
    near = book_of(tmp_path / "near", f"user_id,user_id_by_app,phone,city\n{A},111111,0912345678,Huế\n{B},222222,,Huế\n")
    far = book_of(tmp_path / "far", f"user_id,user_id_by_app,phone,city\n{C},,84912345678,Huế\n{D},222222,0987654321,Huế\n")
    reached = near.nearer(Selection(), ["old:46"], same_app=same_app)
    assert chosen(far, Selection(nearer=(reached,)), ["old:46"]) == ([] if same_app else [("old:46", D)])


def test_a_person_is_one_across_three_oas_though_two_of_them_share_only_the_phone_and_two_only_the_app(tmp_path):
    first = book_of(tmp_path / "a", f"user_id,phone,city\n{A},0912345678,Huế\n")
    second = book_of(tmp_path / "b", f"user_id,user_id_by_app,phone,city\n{B},111111,0912345678,Huế\n")
    third = book_of(tmp_path / "c", f"user_id,user_id_by_app,city\n{C},111111,Huế\n")
    taken = first.nearer(Selection(), ["old:46"], same_app=False)
    also = second.nearer(Selection(nearer=(taken,)), ["old:46"])
    assert chosen(third, Selection(nearer=(taken, also)), ["old:46"]) == []


def test_zeros_before_an_id_make_nobody_a_second_person(tmp_path, monkeypatch):
    old = [(A, "x"), ("0" + A, "twin"), ("00" + B, "twice"), ("0" + B, "padded"), (C, "c"), ("00000", "nobody")]
    book = book_of(tmp_path / "book", "user_id,city\n" + "".join(f"9{n}999999,Huế\n" for n in range(len(old))))
    for path in book.folder.rglob("*.parquet"):  # as a book of before, whose ids were taken as they came
        table = pq.read_table(path)
        ids = [old[int(user_id[1])][0] for user_id in table["user_id"].to_pylist()]
        pq.write_table(table.set_column(0, table.schema.field(0), pa.array(ids)), path)
    monkeypatch.setattr("zalo_alert.book.generations._check", lambda path, part: None)

    assert counted(book) == {"old:46": 3}
    assert sorted(user_id for _, user_id in chosen(book, Selection(), ["old:46"])) == [A, B, C]


@pytest.mark.parametrize("tag", ["thu-nghiem", "o'brien", "a, b"])
def test_tags_are_values_whatever_they_hold(tmp_path, tag):
    book = book_of(tmp_path / "book", f'user_id,city,tags\n{A},Huế,"{tag.replace(",", ";")}"\n{B},Huế,\n')
    assert counted(book, Selection(exclude_tags=frozenset({tag.split(",")[0]}))) == {"old:46": 1}


# --- a book in numbers, and changed ------------------------------------------------------------------------------------------


def test_a_portrait_adds_up(tmp_path):
    text = f"user_id,city,address,last_interaction_at\n{A},Huế,,2026-09-01\n{B},Gia Lai,,2026-01-01\n{C},ĐN,x,\n{D},Tokyo,,\n"
    found = book_of(tmp_path / "book", text).portrait(CLOCK.now())
    assert found.people == sum(row.people for row in found.by_place) == sum(people for _, people in found.by_reason) == 4
    assert found.certainty() == {"certain": 1, "new-only": 1, "foreign": 1, "unknown": 1}
    assert found.unseen() == {30: 3, 90: 3, 365: 2}
    assert found.by_source == (("book.csv", 4),)


def test_what_nobody_can_place_is_listed_and_the_offices_own_names_cure_it(tmp_path):
    rows = "".join(f"{int(A) + n},Vùng 4\n" for n in range(5)) + f"{D[:-1]}99,ĐN\n"
    book = book_of(tmp_path / "book", "user_id,city\n" + rows)
    assert [(row.text, row.people) for row in book.unresolved(10)] == [("Vùng 4", 5), ("ĐN", 1)]
    before = book.generation()
    made = book.place_anew(CLOCK, (("vung 4", "old:56"),))
    assert book.generation() == made.id != before
    assert counted(book) == {"old:56": 5, "unknown": 1}
    assert [row.text for row in book.unresolved(10)] == ["ĐN"]


def test_reading_places_anew_keeps_what_an_address_had_settled(tmp_path):
    text = f'user_id,city,address\n{A},Gia Lai,"12 Lê Lợi, Quy Nhơn"\n{B},Gia Lai,\n'
    book = book_of(tmp_path / "book", text)
    assert counted(book) == {"old:52": 1, "new:52": 1}
    book.place_anew(CLOCK)
    assert counted(book) == {"old:52": 1, "new:52": 1}


def test_a_forgotten_person_is_in_no_generation_and_everyone_else_is(tmp_path):
    book = book_of(tmp_path / "book", f"user_id,city\n{A},Huế\n{B},Huế\n")
    book_of(tmp_path / "book", f"user_id,city\n{A},Hà Nội\n{C},Huế\n")
    found = book.forget(A)
    assert (len(found.generations), found.rows, found.left) == (2, 2, 0)
    assert counted(book) == {"old:46": 2}
    assert [one.people for one in book.generations()] == [2, 1]
    for one in book.generations():
        book.verify(one.id)
    assert book.rollback().people == 1
    assert book.forget(A).rows == 0
