"""One person over everything that the workspace keeps: shown, taken out to a file, forgotten; and whoever refuses messages."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.telling import OnNotice, Taken, export_told, ignore, tell
from zalo_alert.cases.case import Case, Entry
from zalo_alert.cases.store import Cases
from zalo_alert.errors import InputInvalid, SettingsInvalid
from zalo_alert.foundation.clock import instant
from zalo_alert.foundation.digests import digest_of_file
from zalo_alert.foundation.files import appearing, create_file
from zalo_alert.foundation.os_errors import reason
from zalo_alert.foundation.pseudonyms import Marks
from zalo_alert.inbound.inbound_store import find_store
from zalo_alert.inbound.stops import Stop, StopKind, Stops
from zalo_alert.inbound.traces import PersonTraces, Traces
from zalo_alert.language import _
from zalo_alert.models import RunId
from zalo_alert.operations.state import book_of, forget_in_crawl, state_folder
from zalo_alert.runs.store import Runs
from zalo_alert.settings.model import Account, Settings


class PersonFacts(NamedTuple):
    """What is kept of somebody.

    Args:
        mark: What stands for them in talk.
        traces: Where they stand among what came back.
        events: Their events by name.
        receipts: Receipts of messages to them, by kind.
        known: What the worker remembers: `first_ms`, `last_in_ms`, `followed`, …; {} for nothing.
        told: What they told of themselves, by column.
        refusals: What they refuse or took back.
        is_marked: Whether they opted out and were forgotten since.
        book: Their row of the follower book; {} where they are in none.
        open_runs: Runs that are not over, in whose audience they stand.
        ended_runs: Runs that are.
        cases: Theirs, each with what was said in it.
    """

    mark: str
    traces: Traces
    events: Mapping[str, int]
    receipts: Mapping[str, int]
    known: Mapping[str, Any]
    told: Mapping[str, str]
    refusals: Sequence[Stop]
    is_marked: bool
    book: Mapping[str, Any]
    open_runs: Sequence[RunId]
    ended_runs: Sequence[RunId]
    cases: Sequence[tuple[Case, Sequence[Entry]]] = ()

    @property
    def has_opted_out(self) -> bool:
        """Whether a message of theirs refuses ours."""
        return self.is_marked or any(stop.is_stop and stop.kind is StopKind.WORDS for stop in self.refusals)


class Removed(NamedTuple):
    """What forgetting somebody did.

    Args:
        mark: What stands for them in talk.
        generations: States of the book that had them.
        rows: Rows of the book taken out.
        traces: Where they stood among what came back.
        left: Rows, events and the like that were found when everything was looked through again: 0.
        is_marked: Whether an opt-out of theirs goes on, under a mark.
        open_runs: Runs that are not over: they write to them no more, and hold their id until they end.
        ended_runs: Runs that are over and hold their id.
    """

    mark: str
    generations: Sequence[str]
    rows: int
    traces: Traces
    left: int
    is_marked: bool
    open_runs: Sequence[RunId]
    ended_runs: Sequence[RunId]


def account_of(settings: Settings, oa: str) -> Account:
    """Find an account by our id of it, or by Zalo's.

    Raises:
        SettingsInvalid: There is none.
    """
    try:
        return settings.account(oa)
    except SettingsInvalid:
        if found := next((account for account in settings.accounts if account.oa_id == oa), None):
            return found
        raise


def person_facts(settings: Settings, account: Account, runs: Runs, user_id: str) -> PersonFacts:
    """Find all that is kept of somebody; changes nothing.

    Raises:
        StorageUnusable: Something of it can't be read.
    """
    traces = PersonTraces(settings.state_dir, account.oa_id, user_id)
    open_runs, ended_runs = _sorted(runs, runs.holding(user_id))
    known, told = _known(settings, account, user_id)
    return PersonFacts(
        Marks(state_folder(settings)).of(user_id), traces.find(), Counter(event.name for event in traces.events()),
        traces.receipts(), known, told, [stop for stop in refusals(settings, account) if stop.user_id == user_id],
        traces.has_mark(), book_of(account, settings).person(user_id), open_runs, ended_runs,
        _cases(settings, account, user_id),
    )  # fmt: skip


def export_person(settings: Settings, account: Account, runs: Runs, user_id: str, target: Path) -> PersonFacts:
    """Write all that is kept of somebody to a JSON file of mode 0600, and tell the log who took it.

    Raises:
        InputInvalid: The file can't be written.
        StorageUnusable: Something of it can't be read, or the log can't be told.
    """
    facts = person_facts(settings, account, runs, user_id)
    events = PersonTraces(settings.state_dir, account.oa_id, user_id).events()
    whole = {
        "oa": account.oa_id, "user_id": user_id, "known": facts.known, "told": facts.told,
        "refusals": [{"kind": stop.kind, "refuses": stop.is_stop, "at": instant(stop.at_ms / 1000)} for stop in facts.refusals],
        "book": facts.book, "receipts": facts.receipts, "runs": [*facts.open_runs, *facts.ended_runs],
        "events": [
            {"name": event.name, "arrived_at": instant(event.arrived_ms / 1000), "body": event.body.decode(errors="replace")}
            for event in events
        ],
        "cases": [_told(case, entries) for case, entries in facts.cases],
        "answers": _answers(settings, account, user_id),
    }  # fmt: skip
    try:
        with appearing(target) as draft, create_file(draft) as file:
            file.write(orjson.dumps(whole, option=orjson.OPT_INDENT_2, default=str))
    except OSError as exc:
        raise InputInvalid(_("can't write {path}: {why}", path=target, why=reason(exc)), hint=_("check the folder")) from exc
    taken = Taken(1, str(target), digest_of_file(target))
    export_told(settings.state_dir, taken, facts={"account": account.id, "person": facts.mark})
    return facts


def forget_person(settings: Settings, account: Account, runs: Runs, user_id: str, on_notice: OnNotice = ignore) -> Removed:
    """Take a person out of everything but runs, which write to them no more; then look through everything again.

    What they refuse goes on under a keyed mark. The log tells of them by their mark; where it can't be written, they are
    forgotten all the same, and `on_notice` hears of it. Cut off, it is run again.

    Raises:
        StorageUnusable: A file could not be written; run it again.
        RunBusy: Another process is changing the book.
    """
    traces = PersonTraces(settings.state_dir, account.oa_id, user_id)
    forget_in_crawl(settings, account, user_id)
    found = traces.take_out()  # before the book: an event folded in meanwhile would bring them back
    forgotten = book_of(account, settings).forget(user_id)
    open_runs, ended_runs = _sorted(runs, runs.forget(user_id))
    removed = Removed(
        Marks(state_folder(settings)).of(user_id), forgotten.generations, forgotten.rows, found,
        forgotten.left + sum(traces.find()), traces.has_mark(), open_runs, ended_runs,
    )  # fmt: skip
    facts = {
        "account": account.id, "person": removed.mark, "rows": removed.rows, "runs": [*open_runs, *ended_runs],
        "events": found.events, "receipts": found.receipts, "left": removed.left,
    }  # fmt: skip
    tell(settings.state_dir, AuditEvent.FORGET, on_notice, facts=facts)
    return removed


def refusals(settings: Settings, account: Account | None = None) -> list[Stop]:
    """Return what people have refused by a message or by leaving, and taken back, of one OA or of all; the latest last.

    Raises:
        StorageUnusable: It can't be read.
    """
    with closing(Stops(settings.state_dir, {account.oa_id} if account else None)) as stops:
        return stops.news()


def _known(settings: Settings, account: Account, user_id: str) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    if (db := find_store(settings.state_dir)) is None:
        return {}, {}
    who = (account.oa_id, user_id)
    names, parts = (
        ("by_app", "first_ms", "last_in_ms", "followed", "at_ms"),
        ("name", "phone", "city", "district", "ward", "address"),
    )
    with closing(db):
        known = db.rows(f"SELECT {', '.join(names)} FROM person WHERE oa = ? AND user_id = ?", who)
        told = db.rows(f"SELECT {', '.join(parts)} FROM info WHERE oa = ? AND user_id = ?", who)
    return dict(zip(names, known[0], strict=True)) if known else {}, dict(zip(parts, told[0], strict=True)) if told else {}


def _cases(settings: Settings, account: Account, user_id: str) -> list[tuple[Case, list[Entry]]]:
    if (db := find_store(settings.state_dir)) is None:
        return []
    with closing(db):
        cases = Cases(db)
        return [(case, cases.entries(case)) for case in cases.all_of(account.oa_id, user_id)]


def _told(case: Case, entries: Sequence[Entry]) -> dict[str, Any]:
    """Return a case as its person may have it."""
    said = [
        {"at": instant(entry.at_ms / 1000), "who": entry.who, "officer": entry.officer, "what": entry.what, "text": entry.text}
        for entry in entries
    ]
    return {"no": case.no, "kind": case.kind, "state": case.state, "opened_at": instant(case.opened_ms / 1000), "said": said}


def _answers(settings: Settings, account: Account, user_id: str) -> list[dict[str, Any]]:
    """Return what is kept of the answers to somebody: their words are not, once they have left."""
    if (db := find_store(settings.state_dir)) is None:
        return []
    sql = "SELECT rule, state, text, made_ms, message_id FROM outbox WHERE oa = ? AND user_id = ? ORDER BY id"
    with closing(db):
        rows = db.rows(sql, (account.oa_id, user_id))
    return [
        {"rule": rule, "state": state, "text": text, "made_at": instant(made_ms / 1000), "message_id": message_id}
        for rule, state, text, made_ms, message_id in rows
    ]


def _sorted(runs: Runs, names: Sequence[RunId]) -> tuple[list[RunId], list[RunId]]:
    """Part runs into those that are not over, and those that are."""
    open_runs: list[RunId] = []
    ended: list[RunId] = []
    for name in names:
        with closing(runs.open_to_read(name)) as run:
            (open_runs if run.is_open() else ended).append(name)
    return open_runs, ended
