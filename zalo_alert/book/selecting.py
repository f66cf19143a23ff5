"""Whom a selection takes out of a book, as SQL: one row a person, at the first of their places that is wanted.

Owns the meaning of a `Selection`; which places are wanted, and in which order, is `segment`'s business.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from zalo_alert import places, readers
from zalo_alert.book.base import IDENTITY, WHO, quote
from zalo_alert.models import STAFF

LEFT = "coalesce(NOT is_follower, false)"  # of whom nothing is known follows
_FURTHER = "[further.place FOR further IN places]"


@dataclass(frozen=True, slots=True)
class Nearer:
    """People whom another OA writes to already: its rows as SQL, and whom it takes of them.

    They are known again by their phone number, and by their id of the app where it is the same app.
    """

    rows: str
    selection: "Selection"
    keys: tuple[str, ...]
    same_app: bool = True


@dataclass(frozen=True, slots=True)
class Cap:
    """Who has had as many messages as anybody may.

    Args:
        file: Parquet of `who` and `by_day`; see `earlier`.
        source: Under which number this OA's people stand there.
        spared: Keys of places whose people are written to all the same.
    """

    file: Path
    source: int
    spared: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows of a book.

    Args:
        exclude_tags: Nobody with one of these.
        topic: Nobody who has opted out of it; "" asks nobody.
        ids: Only ids that each of these Parquet files holds.
        without: Nobody with an id in one of these.
        wards: Codes of wards that are told apart from the rest of their province.
        staff: Whoever's id it holds counts at the place `STAFF`, wherever they live.
        with_left: Also whoever has left the OA: a book counts them, and nobody writes to them.
        nearer: Nobody whom one of these writes to already.
        cap: Nobody who has had enough, at the place where they count.
    """

    exclude_tags: frozenset[str] = frozenset()
    topic: str = ""
    ids: tuple[Path, ...] = ()
    without: tuple[Path, ...] = ()
    wards: frozenset[str] = frozenset()
    staff: Path | None = None
    with_left: bool = False
    nearer: tuple[Nearer, ...] = ()
    cap: Cap | None = None


class Turn(NamedTuple):
    """When a place's people are written to: their tier, from 0, and how many they are."""

    key: str
    tier: int
    people: int


def unite(sources: Sequence[tuple[str, Selection]], keys: Sequence[str]) -> str:
    """Return a query for the wanted people of several books; `source` counts the books from 0, `position` the keys."""
    return " UNION ALL ".join(
        f"SELECT user_id, phone, name, position, {number} AS source FROM ({wanted_people(rows, selection, keys)})"
        for number, (rows, selection) in enumerate(sources)
    )


def shared_phones(people: str) -> str:
    """Return a query for the phone numbers, as hashes, that more than one of some people have."""
    return f"SELECT hash(phone) AS number FROM ({people}) WHERE phone <> '' GROUP BY 1 HAVING count(*) > 1"


def side_by_side(sources: Sequence[tuple[str, Selection]], turns: Sequence[Turn], further: str = "") -> str:
    """Return a query for the people of several books in the order of sending, with a further column if one is wanted.

    The places of a tier go side by side: at any moment the same share of each has been written to, so all of them begin at once
    and end at once, whatever their size. A place's own people go by id.
    """
    people = unite(sources, [turn.key for turn in turns])
    table = (
        f"(SELECT unnest(range({len(turns)})) AS position, unnest({[turn.tier for turn in turns]}) AS tier, "
        f"unnest({[max(1, turn.people - 1) for turn in turns]}) AS others)"
    )
    own = "row_number() OVER (PARTITION BY position ORDER BY user_id, source) - 1"
    return f"""
        SELECT user_id, position AS place, source AS account, phone, name{further}
        FROM (SELECT *, {own} AS before FROM ({people})) JOIN {table} USING (position)
        ORDER BY tier, before / others, position"""


def key_of(selection: Selection) -> str:
    """Return the expression for the key of a person's main place."""
    if selection.staff:
        staff, home = f"SELECT user_id FROM read_parquet('{quote(selection.staff)}')", key_of(replace(selection, staff=None))
        return f"CASE WHEN user_id IN ({staff}) THEN '{STAFF}' ELSE {home} END"
    if not selection.wards:
        return "place"
    homes = {f"old:{places.wards()[code].old_code}" for code in selection.wards}
    return (
        f"CASE WHEN ward_code IN ({_list(selection.wards)}) THEN '{places.WARD_PREFIX}' || ward_code "
        f"WHEN ward_code <> '' AND place IN ({_list(homes)}) THEN place || '{places.ELSEWHERE}' ELSE place END"
    )


def where(selection: Selection) -> str:
    """Return the condition that a row must meet, wherever its person lives."""
    conditions = ["true"] if selection.with_left else [f"NOT {LEFT}"]
    if selection.exclude_tags:
        conditions.append(f"NOT list_has_any(tags, [{_list(selection.exclude_tags)}])")
    if selection.topic:
        conditions.append(f"NOT {refuses(selection.topic)}")
    conditions += [f"{IDENTITY} IN (SELECT {IDENTITY} FROM read_parquet('{quote(path)}'))" for path in selection.ids]
    conditions += [f"{IDENTITY} NOT IN (SELECT {IDENTITY} FROM read_parquet('{quote(path)}'))" for path in selection.without]
    return " AND ".join(conditions)


def refuses(topic: str) -> str:
    """Return the condition that a row's person has opted out of a topic, in whatever words a book of long ago may hold."""
    folded = "trim(regexp_replace(strip_accents(translate(lower(word), 'đ✓✔☑√', 'dxxxx')), '[^a-z0-9]+', '_', 'g'), '_')"
    meant = _list(readers.words.words_refusing(topic) | {topic})
    return f"(len(opted_out) > 0 AND list_has_any([{folded} FOR word IN opted_out], [{meant}]))"


def wanted_people(rows: str, selection: Selection, keys: Sequence[str]) -> str:
    """Return a query for the wanted people: their columns, and `position`, which counts `keys` from 0.

    A person with further places counts at the first wanted one, and once.
    """
    table = f"(SELECT unnest([{_list(keys)}]) AS key, unnest(range({len(keys)})) AS position)"
    columns = "user_id, user_id_by_app, phone, name, last_interaction_at"
    if cap := selection.cap:
        return _without_capped(wanted_people(rows, replace(selection, cap=None), keys), cap, keys)
    others = ", ".join(f"any_value({name})" for name in columns.split(", ")[1:])
    condition = " AND ".join([where(selection), *map(_not_of, selection.nearer)])
    return f"""
        SELECT {columns}, position FROM (SELECT *, {key_of(selection)} AS key FROM {rows} WHERE len(places) = 0 AND {condition})
        JOIN {table} USING (key)
        UNION ALL
        SELECT user_id, {others}, min(position)
        FROM (SELECT *, unnest(list_concat([{key_of(selection)}], {_FURTHER})) AS key FROM {rows}
            WHERE len(places) > 0 AND {condition})
        JOIN {table} USING (key) GROUP BY user_id"""


def _without_capped(people: str, cap: Cap, keys: Sequence[str]) -> str:
    spared = [str(at) for at, key in enumerate(keys) if key in cap.spared]
    passes = f"position IN ({', '.join(spared)}) OR " if spared else ""
    capped = f"SELECT who FROM read_parquet('{quote(cap.file)}')"
    return f"SELECT * FROM ({people}) WHERE {passes}{WHO.format(source=cap.source)} NOT IN ({capped})"


def capped_people(rows: str, selection: Selection, keys: Sequence[str]) -> str:
    """Return a query for the wanted people who have had enough, spared or not: as `wanted_people`, and `by_day`."""
    assert selection.cap is not None
    people = wanted_people(rows, replace(selection, cap=None), keys)
    capped = f"read_parquet('{quote(selection.cap.file)}')"
    return f"SELECT people.*, by_day FROM ({people}) AS people JOIN {capped} ON who = {WHO.format(source=selection.cap.source)}"


def _not_of(other: Nearer) -> str:
    # Also whom a still nearer OA takes from that one: they are one person all three times.
    # And whoever has had enough from that one is theirs all the same: nobody gets round a cap by following two OAs.
    people = wanted_people(other.rows, replace(other.selection, nearer=(), cap=None), other.keys)
    number = "TRY_CAST(phone AS BIGINT)"
    by_phone = f"({number} IS NULL OR {number} NOT IN (SELECT {number} FROM ({people}) WHERE {number} IS NOT NULL))"
    if not other.same_app:
        return by_phone
    theirs = f"SELECT user_id_by_app FROM ({people}) WHERE user_id_by_app <> ''"
    return f"{by_phone} AND (user_id_by_app = '' OR user_id_by_app NOT IN ({theirs}))"


def without_twins(rows: str) -> str:
    """Return a source that holds everyone once, under their id without the zeros that a spreadsheet put before it."""
    padded = f"SELECT user_id, ltrim(user_id, '0') AS own FROM {rows} WHERE user_id < '1'"
    twins = f"SELECT user_id FROM {rows} WHERE user_id IN (SELECT own FROM ({padded}))"
    once = f"SELECT min(user_id) FROM ({padded}) WHERE own <> '' AND own NOT IN ({twins}) GROUP BY own"
    return f"(SELECT * REPLACE (ltrim(user_id, '0') AS user_id) FROM {rows} WHERE user_id >= '1' OR user_id IN ({once}))"


def _list(values: Iterable[str]) -> str:
    return ", ".join(f"'{_escaped(value)}'" for value in (values if isinstance(values, tuple | list) else sorted(values)))


def _escaped(value: str) -> str:
    return value.replace("'", "''")
