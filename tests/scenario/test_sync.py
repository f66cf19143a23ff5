"""The OA's own list in the follower book, through the command line: killed, refused, cut off, and nobody lost or removed."""

import csv
import signal
from contextlib import closing

import pytest

from zalo_alert.sandbox import synthetic
from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.server import running
from zalo_alert.sync.store import CrawlStore

pytestmark = pytest.mark.long

OA = "388613280878808645"
PEOPLE = 700
EVERYONE = {synthetic.user_id(number) for number in range(PEOPLE)}


@pytest.fixture
def office(empty_desk):
    assert empty_desk.run("init", ".").code == 0
    empty_desk.configure("app_per_minute: 4000", "app_per_minute: 6000000")
    return empty_desk


def listed(desk):
    """Everyone in the book, by id."""
    assert desk.run("followers", "export", "book.csv").code == 0
    with (desk.folder / "book.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len({row["user_id"] for row in rows})
    return {row["user_id"]: row for row in rows}


def found_so_far(desk):
    with closing(CrawlStore(desk.folder / ".zalo-alert", OA)) as store:
        return store.count()


def test_the_list_of_an_oa_becomes_its_book(office, sandbox_with):
    result = office.at(sandbox_with(followers=PEOPLE, stale=0.5)).run("followers", "sync", "--json")
    fact, book = result.fact("sync"), listed(office)

    assert result.code == 0
    assert (fact["listed"], fact["new"], fact["share"], fact["whole"]) == (PEOPLE, PEOPLE, 1.0, True)
    assert set(book) == EVERYONE
    assert {row["is_follower"] for row in book.values()} == {"true"}
    assert {row["tags"] for row in book.values()} == {"", "doanh-nghiep", "thôn;xã", "thu-nghiem"}
    assert 250 < sum(1 for row in book.values() if row["last_interaction_at"]) < 450
    assert not list((office.folder / ".zalo-alert" / "sync").glob("*.ndjson"))


@pytest.mark.kill
def test_a_sync_that_is_killed_again_and_again_loses_nobody(office, sandbox_with, wait_until):
    office.at(sandbox_with(followers=PEOPLE)).configure("app_per_minute: 6000000", "app_per_minute: 2400")
    for goal in (60, 300, 550):
        child = office.start("followers", "sync")
        wait_until(lambda goal=goal: (office.folder / ".zalo-alert" / "sync").is_dir() and found_so_far(office) >= goal)
        child.send_signal(signal.SIGKILL)
        child.communicate()
    result = office.run("followers", "sync", "--json")

    assert result.code == 0
    assert 550 <= result.fact("sync")["resumed"] <= PEOPLE
    assert set(listed(office)) == EVERYONE
    assert len(office.run("followers", "generations", "--json").facts) == 1


def test_a_server_that_goes_away_halts_the_sync_and_the_next_one_goes_on(office, sandbox_with, wait_until):
    office.configure("app_per_minute: 6000000", "app_per_minute: 2400")
    with running(Options(app_per_minute=0, followers=PEOPLE)) as first:
        child = office.at(first).start("followers", "sync")
        wait_until(lambda: (office.folder / ".zalo-alert" / "sync").is_dir() and found_so_far(office) >= 100)
    halted = office.ended(child)
    assert halted.code == 13
    assert "book is empty" in office.run("followers", "stats").said

    result = office.at(sandbox_with(followers=PEOPLE)).run("followers", "sync")
    assert result.code == 0
    assert "found before this sync was cut off" in result.said
    assert set(listed(office)) == EVERYONE


def test_what_the_book_knows_stays_and_who_is_not_listed_is_not_removed(office, sandbox_with):
    known, stranger = min(EVERYONE), "2002893352839501541"
    rows = f"user_id,city,is_follower\n{known},Huế,true\n{stranger},Gia Lai,true\n"
    assert office.run("followers", "import", "-", stdin=rows).code == 0
    result = office.at(sandbox_with(followers=PEOPLE)).run("followers", "sync")
    book = listed(office)

    assert result.code == 0
    assert "in the book and not in the list: 1 person;" in result.said
    assert "Nobody was removed" in result.said
    assert set(book) == {stranger, *EVERYONE}
    assert book[known]["city"] == "Huế"


def test_details_are_asked_for_where_no_place_is_known_and_go_on_the_next_time(office, sandbox_with):
    known = min(EVERYONE)
    assert office.run("followers", "import", "-", stdin=f"user_id,city\n{known},Huế\n").code == 0
    office.at(sandbox_with(followers=PEOPLE))
    first = office.run("followers", "sync", "--details", "--most", "300", "--json")
    second = office.run("followers", "sync", "--details", "--json")
    book = listed(office)

    assert (first.code, first.fact("sync")["details"]) == (0, 300)
    assert 399 <= second.fact("sync")["details"] <= 400
    assert book[known]["name"] == ""
    assert all(row["name"] for user, row in book.items() if user != known)
    assert sum(1 for row in book.values() if row["city"]) > PEOPLE * 0.6


def test_an_oa_that_may_not_list_is_told_so(office, sandbox_with):
    result = office.at(sandbox_with(followers=PEOPLE, package="free")).run("followers", "sync")
    assert result.code == 13
    assert "paid package" in result.said


def test_a_list_never_goes_into_the_book_of_another_oa(office, sandbox_with):
    office.at(sandbox_with(followers=PEOPLE)).configure(OA, "388613280878808646")
    result = office.run("followers", "sync")
    assert result.code == 11
    assert "belongs to OA 388613280878808645" in result.said
    assert "book is empty" in office.run("followers", "stats").said


def test_an_oa_without_followers_leaves_the_book_alone(office, sandbox):
    result = office.at(sandbox).run("followers", "sync")
    assert result.code == 0
    assert "lists nobody" in result.said


def test_whoever_is_forgotten_is_forgotten_by_the_sync_too(office, sandbox_with):
    office.at(sandbox_with(followers=PEOPLE))
    assert office.run("followers", "sync", "--details", "--most", "700").code == 0
    gone = max(EVERYONE)
    assert office.run("followers", "forget", gone).code == 0
    for path in (office.folder / ".zalo-alert" / "sync").iterdir():
        assert gone.encode() not in path.read_bytes()
