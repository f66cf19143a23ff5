"""Whatever is done to the log shows: to a line, between lines, or at the end when a head of it stands elsewhere."""

from datetime import datetime
from hashlib import sha256

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zalo_alert.audit.line import START, decode, is_intact
from zalo_alert.audit.log import AuditLog
from zalo_alert.audit.verify import MOST_FAULTS, Anchor, FaultKind, verify
from zalo_alert.foundation.clock import VIETNAM

AT = datetime(2026, 11, 26, 22, 10, tzinfo=VIETNAM)
LINES = 8


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Eight lines of a log, as bytes."""
    log = AuditLog(tmp_path_factory.mktemp("log"))
    for number in range(1, LINES + 1):
        log.append("note", AT, who="Nguyễn Văn A", run=f"DT-{number}", why=f"việc {number}")
    return tuple(log.path.read_bytes().splitlines(keepends=True))


@pytest.fixture
def check(tmp_path):
    """Check a log of these bytes, as found against these anchors: the faults as kind and line."""

    def check(raw, *anchors):
        path = tmp_path / "audit.log"
        path.write_bytes(b"".join(raw))
        return [(fault.kind.value, fault.line) for fault in verify(path, anchors).faults]

    return check


def forged(raw, **changes):
    """Change a line as somebody does who knows how its own sum is made."""
    kept = orjson.loads(raw) | changes
    del kept["sum"]
    head = orjson.dumps(kept)[:-1]
    return head + b',"sum":"' + sha256(head).hexdigest()[:16].encode() + b'"}\n'


def head_of(written, number):
    return Anchor(number, sha256(written[number - 1]).hexdigest(), "DT-1")


def test_a_log_as_it_was_written_is_sound(written, tmp_path):
    (tmp_path / "audit.log").write_bytes(b"".join(written))

    verdict = verify(tmp_path / "audit.log", [head_of(written, 5), head_of(written, 3), Anchor(0, START, "DT-0")])

    assert verdict.faults == ()
    assert (verdict.lines, verdict.head, verdict.vouched) == (LINES, head_of(written, LINES).head, 5)
    assert (verdict.torn, verdict.ends_torn) == (0, False)


def test_no_log_is_sound_unless_somebody_has_seen_one(check, tmp_path, written):
    assert verify(tmp_path / "audit.log").lines == 0
    assert [fault.kind for fault in verify(tmp_path / "audit.log", [head_of(written, 5)]).faults] == [FaultKind.CUT_OFF]


def test_an_edited_line_is_named_alone(check, written):
    assert check([*written[:3], written[3].replace(b"DT-4", b"DT-9"), *written[4:]]) == [("edited", 4)]


def test_a_forged_line_is_given_away_by_the_next(check, written):
    assert is_intact(forged(written[3]))
    assert check([*written[:3], forged(written[3], who="B"), *written[4:]]) == [("edited", 4)]


def test_a_missing_line_is_named(check, written):
    assert check([*written[:3], *written[4:]]) == [("missing", 4)]
    assert check(written[3:]) == [("missing", 1)]


def test_two_lines_that_changed_places_are_named(check, written):
    assert check([*written[:3], written[4], written[3], *written[5:]]) == [("moved", 4)]
    assert check([written[-1], *written[:-1]])[0] == ("moved", 1)


def test_a_line_that_was_put_in_is_named(check, written):
    assert ("inserted", 5) in check([*written[:4], written[3], *written[4:]])
    assert check([*written[:4], forged(written[4], why="x"), *written[4:]]) == [("edited", 5), ("inserted", 6)]


def test_a_line_that_nobody_can_read_any_more_is_named(check, written):
    assert check([*written[:3], b"\n", *written[4:]]) == [("unreadable", 4)]
    assert check([*written[:3], b"x" * 200_000 + b"\n", *written[4:]]) == [("unreadable", 4)]


def test_a_missing_end_shows_by_a_head_that_stands_elsewhere(check, written):
    assert check(written[:6]) == []
    assert check(written[:6], head_of(written, 8)) == [("cut-off", 7)]
    assert check([*written[:6], written[6][:50]], head_of(written, 8)) == [("cut-off", 7)]


def test_a_log_that_was_written_anew_shows_by_a_head_that_stands_elsewhere(check, written, tmp_path):
    other = AuditLog(tmp_path / "other")
    for _ in range(LINES):
        other.append("note", AT, why="sạch")
    raw = other.path.read_bytes().splitlines(keepends=True)

    assert check(raw) == []
    assert check(raw, head_of(written, 5)) == [("rewritten", 5)]


@pytest.mark.parametrize("left", [1, 100, -1])
def test_a_line_that_was_cut_short_is_no_fault(written, tmp_path, left):
    log = AuditLog(tmp_path)
    log.path.write_bytes(b"".join(written)[:-1] if left < 0 else b"".join([*written, written[0][:left]]))

    before = verify(log.path)
    assert (before.faults, before.ends_torn, before.lines) == ((), left > 0, LINES)
    log.append("note", AT)
    after = verify(log.path)
    assert (after.faults, after.ends_torn, after.torn) == ((), False, left > 0)


def test_what_says_that_a_line_was_cut_short_covers_nothing_else(check, written, tmp_path):
    log = AuditLog(tmp_path)
    log.path.write_bytes(b"".join([*written, written[0][:60]]))
    log.append("note", AT)
    raw = log.path.read_bytes().splitlines(keepends=True)

    assert check([*raw[:LINES], b"another\n", *raw[LINES + 1 :]]) == [("unreadable", LINES + 1)]
    assert check([*raw[:LINES], *raw[LINES + 1 :]]) == [("missing", LINES + 1)]


def test_a_log_that_is_another_file_is_told_in_bounds(check, written, tmp_path):
    path = tmp_path / "audit.log"
    path.write_bytes(b"".join(reversed(written)) * 1_000)

    assert len(verify(path).faults) == MOST_FAULTS


# --- whatever is done ----------------------------------------------------------------------------------------------------

PROPERTY = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@PROPERTY
@given(data=st.data())
def test_a_changed_byte_is_found(check, written, data):
    raw = b"".join(written)
    place = data.draw(st.integers(0, len(raw) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != raw[place]))
    anchors = [head_of(written, LINES)]

    assert check([raw[:place], bytes([byte]), raw[place + 1 :]], *anchors) or place == len(raw) - 1


@PROPERTY
@given(first=st.integers(0, LINES - 1), length=st.integers(1, LINES - 1))
def test_a_deletion_is_found(check, written, first, length):
    assert check([*written[:first], *written[first + length :]], head_of(written, LINES))
    if first + length < LINES:
        assert check([*written[:first], *written[first + length :]])


@PROPERTY
@given(order=st.permutations(range(LINES)))
def test_another_order_is_found(check, written, order):
    assert bool(check([written[number] for number in order])) == (order != list(range(LINES)))


@PROPERTY
@given(data=st.data())
def test_a_value_that_was_changed_by_who_knows_the_sum_is_found(check, written, data):
    number = data.draw(st.integers(0, LINES - 2))
    field = data.draw(st.sampled_from(["at", "event", "who", "user", "run", "why", "prev"]))
    values = {"at": st.just("2026-11-26T22:11:00+07:00"), "prev": st.just("f" * 64)}
    value = data.draw(values.get(field, st.text(max_size=20).filter(lambda text: text != orjson.loads(written[number])[field])))

    line = forged(written[number], **{field: value})
    assert decode(line) is not None
    assert check([*written[:number], line, *written[number + 1 :]])


@settings(PROPERTY, max_examples=25)
@given(cuts=st.lists(st.tuples(st.integers(1, 400), st.booleans()), max_size=6))
def test_a_log_whose_writer_is_killed_at_any_byte_stays_sound(tmp_path_factory, cuts):
    log = AuditLog(tmp_path_factory.mktemp("killed"))
    for lost, also_written in cuts:
        size = log.path.stat().st_size if log.path.exists() else 0
        log.append("note", AT, why="x" * 50)
        with log.path.open("rb+") as file:  # what a kill leaves: a beginning of what was being added
            file.truncate(max(size, log.path.stat().st_size - lost))
        assert verify(log.path).faults == ()
        if also_written:
            log.append("note", AT)
            assert verify(log.path).faults == ()
