"""The inbox: cases that wait for an officer, read, taken, answered and closed.

Two officers never change one case unknowingly: a step says which state of the case it was made on. What is done stands in the log
with the name that the officer gave; citizens' words do not.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, NamedTuple

from zalo_alert.audit.events import AuditEvent
from zalo_alert.audit.telling import OnNotice, ignore, tell
from zalo_alert.cases.case import Case, CaseKind, CaseState, Entry, Who
from zalo_alert.cases.case_number import read_number
from zalo_alert.cases.store import Cases
from zalo_alert.errors import CaseRefused, Cure, InputInvalid, UsageError
from zalo_alert.foundation import invisible
from zalo_alert.foundation.clock import Clock, instant, words
from zalo_alert.foundation.database import Database
from zalo_alert.foundation.pseudonyms import Marks
from zalo_alert.inbound.inbound_store import find_store
from zalo_alert.inbound.worker_lock import is_worker_held
from zalo_alert.language import _, count
from zalo_alert.models import Rank, State
from zalo_alert.operations.state import state_folder
from zalo_alert.outbox.answer import Answer
from zalo_alert.outbox.store import Outbox
from zalo_alert.settings.model import Settings
from zalo_alert.settings.rest_mark import check_awake

MOST_CHARACTERS = 2000  # of an answer: Zalo takes no more
MOST_NAME = 60
RULE = "case"  # what officers' answers are counted by


class Dossier(NamedTuple):
    """A case with all that was said in it.

    Args:
        case: The case.
        person: The mark of whose it is; "" where they were forgotten.
        entries: What was said, the latest last.
        states: Where the officers' answers stand in the outbox, by the number of their entry.
    """

    case: Case
    person: str
    entries: Sequence[Entry]
    states: Mapping[int, State]


class Answered(NamedTuple):
    """What answering did: the case as it is now, and whether somebody is there to send the answer."""

    case: Case
    is_on_its_way: bool


class Inbox:
    """See the module.

    Args:
        settings: The workspace's.
        clock: Time.
        on_notice: Hears what kept the log from being told.
    """

    def __init__(self, settings: Settings, clock: Clock, on_notice: OnNotice = ignore) -> None:
        self._settings, self._clock, self._on_notice = settings, clock, on_notice

    def listed(self, kind: CaseKind | None = None, *, only_overdue: bool = False, with_closed: bool = False) -> list[Case]:
        """Return cases, those first that have waited longest.

        Raises:
            StorageUnusable: They can't be read; so with the others.
        """
        if (db := find_store(self._settings.state_dir)) is None:
            return []
        with closing(db):
            cases = Cases(db).listed(kind, with_closed=with_closed)
        return [case for case in cases if not only_overdue or case.is_overdue(self.now_ms)]

    def show(self, no: str) -> Dossier:
        """Read a case, and tell the log that somebody did.

        Raises:
            UsageError: There is no such case.
        """
        with closing(self._database(no)) as db:
            case = _found(Cases(db), no)
            entries = Cases(db).entries(case)
            sql = "SELECT seq, state FROM outbox WHERE file = ?"
            states = {seq: State(state) for seq, state in db.rows(sql, (_origin(case),))}
        tell(self._settings.state_dir, AuditEvent.CASE_SHOWN, self._on_notice, facts={"case": case.no})
        person = case.asker.person
        mark = Marks(state_folder(self._settings)).of(person) if person else ""
        return Dossier(case, mark, entries, states)

    def take(self, no: str, officer: str, instead_of: str = "") -> Case:
        """Have an officer hold a case; `instead_of` names who held it so far.

        Raises:
            CaseRefused: Another officer holds it, or it is closed.
            UsageError: There is no such case, or the name is none.
        """
        name, before = _name(officer), instead_of.strip()
        with closing(self._database(no)) as db, db.transaction():
            case = _found(Cases(db), no)
            _require_open(case)
            if case.officer not in ("", name, before):
                raise _held(case)
            Cases(db).take(case, name, self.now_ms)
        self._tell(AuditEvent.CASE_TAKEN, case, name)
        return _now(case, officer=name)

    def answer(self, no: str, officer: str, text: str, *, is_charged: bool = False, version: int | None = None) -> Answered:
        """Answer a case: the text goes to its person, and the officer holds the case from now on.

        Args:
            no: The case's number, however it is typed.
            officer: Who answers.
            text: What they say, at most 2,000 characters.
            is_charged: It may cost money, as an answer does two days after its person's last word.
            version: Of the case as the officer read it; None does without.

        Raises:
            CaseRefused: Another officer holds it, it was changed since, it is closed, or no answer reaches its person any more.
            InputInvalid: The text is none.
            UsageError: There is no such case, or the name is none.
            WorkspaceRests: It was restored or handed over.
        """
        name, said = _name(officer), _text(text)
        check_awake(self._settings.state_dir)
        with closing(self._database(no)) as db, db.transaction():
            cases = Cases(db)
            case = _found(cases, no)
            self._require_answerable(case, name, version, is_charged=is_charged)
            n = cases.add(case, Entry(self.now_ms, Who.OFFICER, name, "text", said))
            if not n:
                raise CaseRefused(_("{case} holds more than anybody reads: close it", case=case.no))
            cases.answered(case, name, self.now_ms)
            Outbox(db).put(self._addressed(case, n, said, _last_message(cases.entries(case)), is_charged=is_charged))
        self._tell(AuditEvent.CASE_ANSWERED, case, name)
        return Answered(_now(case, officer=name, state=CaseState.ANSWERED), is_worker_held(self._settings.state_dir))

    def close(self, no: str, officer: str) -> Case:
        """Close a case: rules speak with its person again.

        Raises:
            CaseRefused: Another officer holds it, or it is closed.
            UsageError: There is no such case, or the name is none.
        """
        name = _name(officer)
        with closing(self._database(no)) as db, db.transaction():
            case = _found(Cases(db), no)
            _require_open(case)
            if case.officer not in ("", name):
                raise _held(case)
            Cases(db).close(case, name, self.now_ms)
        self._tell(AuditEvent.CASE_CLOSED, case, name)
        return _now(case, officer=name, state=CaseState.CLOSED)

    @property
    def now_ms(self) -> int:
        """The present."""
        return int(self._clock.now().timestamp() * 1000)

    def _require_answerable(self, case: Case, officer: str, version: int | None, *, is_charged: bool) -> None:
        _require_open(case)
        if case.officer not in ("", officer):
            raise _held(case)
        if version is not None and version != case.version:
            raise CaseRefused(
                _("{case} was changed since you read it", case=case.no),
                hint=_("read it again: {show}", show=Cure.INBOX_SHOW(case.no)),
            )
        if not case.asker.person:
            raise CaseRefused(_("the person of {case} asked to be forgotten", case=case.no))
        if self.now_ms >= case.possible_until_ms:
            raise CaseRefused(
                _("no answer reaches the person of {case}: they last wrote more than seven days ago", case=case.no),
                hint=_("Zalo takes one only when they have written again"),
            )
        if self.now_ms >= case.free_until_ms and not is_charged:
            raise CaseRefused(
                _("an answer in {case} costs money: they last wrote more than two days ago", case=case.no),
                hint=_("{option} sends it all the same", option=Cure.OPTION(charged=True)),
            )

    def _addressed(self, case: Case, n: int, text: str, quote: str, *, is_charged: bool) -> Answer:
        until_ms = case.possible_until_ms if is_charged else case.free_until_ms
        oa, person, conversation = case.asker
        return Answer(
            _origin(case), n, 0, oa, person, Rank.OFFICER, RULE, "", text, (), self.now_ms, until_ms, quote=quote,
            conversation=conversation,
        )  # fmt: skip

    def _tell(self, event: AuditEvent, case: Case, officer: str) -> None:
        tell(self._settings.state_dir, event, self._on_notice, facts={"case": case.no, "officer": officer})

    def _database(self, no: str) -> Database:
        db = find_store(self._settings.state_dir)
        if db is None:
            raise _unknown(no)
        return db


def _found(cases: Cases, typed: str) -> Case:
    no = read_number(typed)
    if not no:
        raise UsageError(
            _('"{typed}" is no number of a case, or a sign of it is wrong', typed=typed[:40]),
            hint=_("{inbox} lists them", inbox=Cure.INBOX()),
        )
    if (case := cases.find(no)) is None:
        raise _unknown(no)
    return case


def _unknown(no: str) -> UsageError:
    return UsageError(_('there is no case "{case}"', case=no[:40]), hint=_("{inbox} lists them", inbox=Cure.INBOX()))


def _require_open(case: Case) -> None:
    if case.state is CaseState.CLOSED:
        raise CaseRefused(_("{case} was closed at {time}", case=case.no, time=words(instant(case.closed_ms / 1000))))


def _held(case: Case) -> CaseRefused:
    since = words(instant(case.spoke_ms / 1000))
    return CaseRefused(
        _("{officer} holds {case} since {time}", officer=case.officer, case=case.no, time=since),
        hint=_("{take} takes it over", take=Cure.INBOX_TAKE(case.no, instead_of=case.officer)),
    )


def _now(case: Case, **changes: Any) -> Case:
    return case._replace(version=case.version + 1, **changes)


def _origin(case: Case) -> str:
    return f"case:{case.no}"


def _last_message(entries: Sequence[Entry]) -> str:
    """Return the id of the last message of the person that has one: that one is quoted."""
    return next((entry.msg_id for entry in reversed(entries) if entry.who is Who.CITIZEN and entry.msg_id), "")


def _name(officer: str) -> str:
    name = " ".join(officer.split())
    if not name or len(name) > MOST_NAME or not name.isprintable():
        raise UsageError(_("whose name is it? 1 to {most} characters", most=MOST_NAME))
    return name


def _text(text: str) -> str:
    """Return an answer as it is sent: without signs that nobody sees, which a word processor leaves behind."""
    said = unicodedata.normalize("NFC", invisible.remove(text.encode("utf-8", "replace").decode())).replace("\r\n", "\n")
    said = "".join(sign if sign == "\n" or unicodedata.category(sign)[0] not in "CZ" else " " for sign in said).strip()
    if not said:
        raise InputInvalid(_("the answer is empty"), hint=_("write what its person is to read"))
    if len(said) > MOST_CHARACTERS:
        raise InputInvalid(
            _("the answer has {count} characters, and Zalo takes {most}", count=count(len(said)), most=count(MOST_CHARACTERS)),
            hint=_("shorten it, or send it in two"),
        )
    return said
